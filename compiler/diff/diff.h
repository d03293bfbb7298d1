/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What changed in meaning between two models.
 *
 * Each model becomes a list of items: the records of its cells and of the system header, each with
 * what identifies it. Order, padding and indices are layout, not meaning, and are left out.
 */
#ifndef CELLC_DIFF_H
#define CELLC_DIFF_H

#include "../binary/fields.h"
#include "../model.h"

#define ITEM_BYTES sizeof(struct cv_cell_desc)

/* One thing that is there or not. */
struct diff_item {
	const struct cell *cell;     /* NULL: of the system header */
	const char *what, *name;     /* "memory region", "at guest 0x0" */
	u64 key, second;	     /* what identifies it among those of its kind; next best */
	const struct record *record; /* its numbers, or NULL: it has none beside the key */
	u64 host[(ITEM_BYTES + 7) / 8];
	const struct origin *from;
};
struct diff_items {
	VEC(struct diff_item) v;
};

enum diff_kind { DIFF_ADDED, DIFF_REMOVED, DIFF_CHANGED };

struct change {
	enum diff_kind kind;
	const char *cell; /* NULL: of the system */
	const char *what, *name;
	const char *field; /* DIFF_CHANGED */
	const char *before, *after;
};
struct changes {
	VEC(struct change) v;
};

/* items.c: the items of one cell, or with cell NULL of the system header. */
void diff_collect(struct cellc *c, const struct model *m, const struct cell *cell,
		  struct diff_items *items);
/* diff.c: appends what differs, in the order of a, then of b. */
void diff_models(struct cellc *c, const struct model *a, const struct model *b,
		 struct changes *changes);
/* print.c */
void diff_text(const struct changes *changes, struct buf *out);
void diff_json(const struct changes *changes, struct buf *out);

#endif
