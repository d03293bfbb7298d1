// SPDX-License-Identifier: GPL-2.0-only
/*
 * allow statements: recorded deviations. checks.c applies them.
 */
#include "resolve.h"

#include <string.h>

static bool subject_of(struct resolver *r, const struct clause *on, struct allow *a)
{
	const char *name = on->n > 1 ? on->args[1].text : NULL;
	const struct cell *root = model_root(r->model);

	a->subject_kind = "cell";
	if (on->args[0].kw == KW_root && root) {
		a->subject = root->name;
		return true;
	}
	a->subject = name;
	if (on->args[0].kw == KW_cell && name && model_cell(r->model, name))
		return true;
	if (on->args[0].kw == KW_link && name) {
		a->subject_kind = "link";
		for (size_t i = 0; i < r->model->links.n; i++)
			if (strcmp(r->model->links.v[i]->name, name) == 0)
				return true;
	}
	diag_report(r->c, D_E0221, origin_plan(r->c, on->span), "there is no %s%s%s%s",
		    on->args[0].text, name ? " \"" : "", name ? name : "", name ? "\"" : "");
	return false;
}

/* "all" takes what checks find for granted: only where the plan derives nothing itself. */
static bool all_explicit(struct resolver *r, const struct stmt *s)
{
	for (size_t i = 0; i < r->model->cells.n; i++) {
		const struct cell *cell = r->model->cells.v[i];

		if (cell->explicit_only)
			continue;
		diag_report(r->c, D_E0223, s->at,
			    "allow all is for plans of explicit cells, cell \"%s\" is not",
			    cell->name);
		return false;
	}
	return true;
}

static void add_allow(struct resolver *r, const struct stmt *s)
{
	const struct clause *on = stmt_clause(s, KW_on);
	struct allow a = {.code = diag_lookup(s->args[0].text), .from = s->at};
	struct diag *d;

	if (strcmp(s->args[0].text, "all") == 0) {
		if (!all_explicit(r, s))
			return;
	} else if (a.code == D_COUNT) {
		d = diag_report(r->c, D_E0221, item_origin(r, &s->args[0]),
				"there is no finding \"%s\"", s->args[0].text);
		diag_help(r->c, d, "cellc explain lists all codes and names");
		return;
	}
	a.reason = s->args[1].text;
	if (!on || subject_of(r, on, &a))
		*vec_push(r->c->arena, &r->model->allows) = a;
}

void resolve_allows(struct resolver *r)
{
	for (size_t i = 0; i < r->ast->stmts.n; i++)
		if (r->ast->stmts.v[i]->kw == KW_allow && !r->ast->stmts.v[i]->poisoned)
			add_allow(r, r->ast->stmts.v[i]);
}
