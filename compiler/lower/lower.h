/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared by lower.c and lower/: one descriptor under construction.
 */
#ifndef CELLC_LOWER_H
#define CELLC_LOWER_H

#include "../binary/fields.h"
#include "../image.h"

struct lowering {
	struct cellc *c;
	const struct model *m;
	const struct cell *cell;
	struct image *img;
	bool x86;
	u32 base; /* offset of the cell's header: behind the system header, or 0 */
};

/* size zeroed bytes more; returns their offset. */
u32 lower_room(struct lowering *l, u32 size);
/* A record at an offset, with a note about it. index: of the record in its array, or -1. */
void lower_record(struct lowering *l, u32 offset, const struct record *r, int index,
		  const void *host, const struct origin *from);
/* A note about one field of the record last noted. */
void lower_field_note(struct lowering *l, u32 offset, const struct record *r, const char *field,
		      const struct origin *from);
/* The value of a fact for a field of `width` bytes; what does not fit is a finding. */
u64 lower_fits(struct lowering *l, const struct fact *f, u32 width, const char *what);

/* lower/system.c: the system header, root's header not included. */
void lower_system(struct lowering *l);
/* lower/arrays.c: CPU set and arrays; fills in the counts of the header. */
void lower_arrays(struct lowering *l, struct cv_cell_desc *head);

#endif
