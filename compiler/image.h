/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is emitted: descriptors as bytes, and files to write.
 */
#ifndef CELLC_IMAGE_H
#define CELLC_IMAGE_H

#include "model.h"

/* Which bytes of a descriptor came from what; in file order. */
struct image_note {
	u32 offset, size;
	const char *record; /* "memory region 7" */
	const char *field;  /* member of the ABI structure, or NULL: the whole record */
	const struct origin *from;
};

struct image {
	const char *file; /* "zcu102.cell" */
	struct cell *cell;
	bool is_system;
	u16 revision;
	u32 base; /* offset of the cell's header: behind the system header, or 0 */
	struct buf bytes;
	VEC(struct image_note) notes;
};

/* lower.c: the descriptor of a cell (with the system header in front if it is the root). */
struct image *lower(struct cellc *c, struct model *m, struct cell *cell, u16 revision);

/* A file to write; all or none appear. */
struct output {
	const char *name; /* below the output folder */
	struct buf data;
};
struct outputs {
	VEC(struct output *) v;
};
struct output *output_add(struct cellc *c, struct outputs *outs, const char *name);
/*
 * Writes every output under dir (made if needed), and depfile (or NULL) under its own path, through
 * temporary files that are renamed at the end: all appear or none. False after reporting E1301.
 */
bool outputs_write(struct cellc *c, const struct outputs *outs, const char *dir,
		   const struct output *depfile);

/* An emitter adds its files to outs. One line each in emitters.def. */
struct emitter {
	const char *name, *help;
	bool by_default;
	void (*run)(struct cellc *c, struct model *m, struct outputs *outs);
};

#endif
