// SPDX-License-Identifier: GPL-2.0-only
/*
 * The passes in order. In: a plan's name, or a model read from binaries. Out: findings, and for
 * RUN_EMIT the files to write. Holds: every pass runs on whatever the one before could make, so
 * that one run reports everything; nothing is emitted from a model with an error.
 */
#include "passes.h"

#include <stdio.h>
#include <string.h>

#include "emit/emit.h"

struct pass {
	const char *name;
	bool needs_clean; /* not run when something was found to be wrong */
	bool needs_all;	  /* not run when a part of the plan could not be read */
	void (*run)(struct run *r);
	void (*dump)(struct run *r, struct buf *out);
};

static void pass_load(struct run *r)
{
	u32 before = r->c->errors;

	if (r->plan) /* else the model comes from binaries */
		r->ast = load_plan(r->c, r->plan);
	if (r->ast)
		schema_check(r->c, r->ast);
	r->incomplete = r->c->errors != before;
}

static void pass_host(struct run *r)
{
	u32 before = r->c->errors;

	if (r->ast)
		r->machine = host_of_plan(r->c, r->ast);
	/* without its tree a plan can't be judged: all it refers to would be found missing */
	if (!r->machine && r->c->errors != before)
		r->ast = NULL;
}

static void pass_board(struct run *r)
{
	u32 before = r->c->errors;

	if (r->ast && r->machine)
		load_board(r->c, r->ast, r->machine);
	r->incomplete = r->incomplete || r->c->errors != before;
}

static void pass_resolve(struct run *r)
{
	if (r->ast)
		r->model = resolve(r->c, r->ast, r->machine);
}

static void pass_place(struct run *r)
{
	if (r->model && !r->model->from_binary)
		place(r->c, r->model);
}

static void pass_check(struct run *r)
{
	if (r->model)
		check(r->c, r->model);
}

static void pass_lower(struct run *r)
{
	for (size_t i = 0; r->model && i < r->model->cells.n; i++)
		*vec_push(r->c->arena, &r->model->images) =
			lower(r->c, r->model, r->model->cells.v[i], r->model->revision);
}

static void pass_emit(struct run *r)
{
	if (!r->model)
		return;
	emit_selected(r->c, r->model, &r->outs);
	allow_apply(r->c, r->model);
}

static const struct pass passes[] = {
	{"load", false, false, pass_load, dump_ast},
	{"host", false, false, pass_host, dump_machine},
	{"board", false, false, pass_board, dump_ast},
	{"resolve", false, false, pass_resolve, dump_model},
	{"place", false, false, pass_place, dump_model},
	{"check", false, true, pass_check, dump_model},
	{"lower", true, false, pass_lower, dump_images},
	{"emit", true, false, pass_emit, dump_outputs},
};

const char *pass_name(size_t i)
{
	return i < ARRAY_SIZE(passes) ? passes[i].name : NULL;
}

static bool is_dumped(const struct run *r, const struct pass *p)
{
	return r->c->opt.dump_after && strcmp(r->c->opt.dump_after, p->name) == 0;
}

static void dump(struct run *r, const struct pass *p)
{
	struct buf out;

	buf_init(&out, r->c->arena);
	p->dump(r, &out);
	fwrite(out.data, 1, out.len, stdout);
	r->dumped = true;
}

bool passes_run(struct run *r, enum run_goal goal)
{
	u32 before = r->c->errors;

	if (r->plan)
		r->c->diags_from = r->c->diags.n;
	for (size_t i = 0; i < ARRAY_SIZE(passes) && !r->dumped; i++) {
		const struct pass *p = &passes[i];

		if (goal == RUN_CHECK && p->needs_clean && !r->c->opt.dump_after)
			break;
		if (p->needs_clean && r->c->errors != before)
			break;
		if (p->needs_all && r->incomplete)
			continue;
		p->run(r);
		if (is_dumped(r, p))
			dump(r, p);
	}
	r->errors = r->c->errors - before;
	return r->errors == 0;
}
