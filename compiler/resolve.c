// SPDX-License-Identifier: GPL-2.0-only
/*
 * Resolve: statements and machine to a model.
 *
 * In: a tree of checked statements, the machine of the host's tree (or NULL). Out: a model in
 * which every record stands, with open places marked. Holds: every number has the origin that
 * the report shows; whatever is wrong is reported and left out, so that later passes can run.
 */
#include "resolve/resolve.h"
#include "lib/diag.h"

#include <string.h>

static const char *base_name(struct cellc *c, const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	const char *dot = strrchr(base, '.');

	return dot && dot > base ? arena_strndup(c->arena, base, (size_t)(dot - base)) : base;
}

/* The command line's revision, unless it is the default and the plan names another. */
static void find_revision(struct resolver *r)
{
	const struct stmt *s = NULL;
	u64 v;

	r->model->revision = r->c->opt.abi;
	for (size_t i = 0; i < r->ast->stmts.n; i++)
		if (r->ast->stmts.v[i]->kw == KW_abi && !r->ast->stmts.v[i]->poisoned)
			s = r->ast->stmts.v[i];
	if (!s)
		return;
	v = s->args[0].num;
	if (v < 12 || v > CV_CONFIG_REVISION)
		diag_report(r->c, D_E0222, s->at, "config revision %llu: there are 12, 13 and 14",
			    (unsigned long long)v);
	else if (r->c->opt.abi == CV_CONFIG_REVISION)
		r->model->revision = (u16)v;
}

/* A cell that something was found in lacks what was left out: no check shall miss it. */
static void mark_incomplete(struct resolver *r)
{
	for (size_t b = 0; b < r->blocks.n; b++) {
		const struct span in = r->blocks.v[b].stmt->span;

		for (size_t i = 0; i < r->c->diags.n; i++) {
			const struct diag *d = r->c->diags.v[i];

			if (d->severity == SEV_ERROR && d->at && d->at->kind == FROM_PLAN &&
			    d->at->span.start >= in.start && d->at->span.start < in.end)
				r->blocks.v[b].cell->incomplete = true;
		}
	}
}

struct model *resolve(struct cellc *c, struct ast *ast, struct machine *m)
{
	struct resolver r = {.c = c, .ast = ast, .m = m, .model = NEW(c->arena, struct model)};

	if (ast->files.n)
		r.model->plan_name = base_name(c, ast->files.v[0]);
	find_revision(&r);
	resolve_machine(&r);
	resolve_pools(&r);
	resolve_cells(&r);
	resolve_platform(&r);
	resolve_links(&r);
	resolve_pci_host(&r);
	resolve_allows(&r);
	mark_incomplete(&r);
	return r.model;
}
