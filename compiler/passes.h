/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The passes, in order, over one compilation.
 */
#ifndef CELLC_PASSES_H
#define CELLC_PASSES_H

#include "ast.h"
#include "image.h"

/* What flows from pass to pass. */
struct run {
	struct cellc *c;
	const char *plan; /* the plan's file name; NULL: binaries were read into model */
	struct ast *ast;
	bool incomplete; /* something of the plan or its board could not be read */
	struct machine *machine;
	struct model *model;
	struct outputs outs;
	u32 errors; /* made by this run alone */
	bool dumped;	/* --dump-after was served: nothing else is wanted */
};

/* How far to go. */
enum run_goal { RUN_CHECK, RUN_EMIT };

/*
 * Runs the passes from the first (or, with r->model given, from the checks) to the goal. Passes
 * up to the checks run whatever was found, so that all findings of a plan are reported; lower and
 * emit run only when there is no error. The checks leave a plan out of which something could not be
 * read: what is missing there would only be found missing. Returns whether the goal was reached without one.
 */
bool passes_run(struct run *r, enum run_goal goal);

/* The i-th pass's name, for --dump-after; NULL behind the last. */
const char *pass_name(size_t i);

/* dump.c: one stage as text. */
void dump_ast(struct run *r, struct buf *out);
void dump_machine(struct run *r, struct buf *out);
void dump_model(struct run *r, struct buf *out);
void dump_images(struct run *r, struct buf *out);
void dump_outputs(struct run *r, struct buf *out);

#endif
