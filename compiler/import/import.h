/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Import: a board file and a starter plan out of a device tree.
 *
 * In: a machine, and RAM ranges where the user states them. Out: texts in the plan language that
 * compile as they stand, or one finding that says what the tree lacks.
 */
#ifndef CELLC_IMPORT_H
#define CELLC_IMPORT_H

#include "../machine.h"

struct starter {
	const struct machine *m;
	const char *name;		   /* base name of both files, the root cell's name */
	const char *host;		   /* how the plan names the tree */
	VEC(struct extent) ram;		   /* --ram; empty: what the tree states */
	const struct node *console, *uart; /* of root; for the first cell; or NULL */
};

/*
 * lacks.c: whether cells can run on this machine. Otherwise exactly one finding (E1150 to E1154),
 * the most fundamental one. ram_given: the user states the RAM.
 */
bool import_possible(struct cellc *c, const struct machine *m, bool ram_given);

/* uart.c: the UART that root prints on, if the compiler can drive it as a console, or NULL. */
const struct node *import_console(const struct machine *m);
/* A UART that root can do without: not its console, with nothing attached; or NULL. */
const struct node *import_free_uart(const struct machine *m, const struct node *console);

/* text.c: a file name made of the tree's first compatible string, at most 31 bytes. */
const char *import_name(struct cellc *c, const struct machine *m);
/* The board's statements. */
void import_board(struct cellc *c, const struct starter *s, struct buf *out);
/* The plan's statements; board: text that stands in place of the include, or NULL. */
void import_plan(struct cellc *c, const struct starter *s, const char *board, struct buf *out);

/* path.c: how a file in folder `dir` (which need not exist) names `file`; both as given. */
const char *import_relative(struct cellc *c, const char *dir, const char *file);

#endif
