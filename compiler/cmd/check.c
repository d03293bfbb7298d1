// SPDX-License-Identifier: GPL-2.0-only
/*
 * cellc check: lints plans and binary descriptors, and writes nothing but findings. Each plan is a
 * model of its own; all descriptors together are one.
 */
#include "options.h"

#include <stdio.h>
#include <string.h>

#include "../passes.h"

struct binaries {
	struct model *model;
	bool any;
};

/* Whether the file was a descriptor and was added to the model of descriptors. */
static bool add_binary(struct cellc *c, struct binaries *b, const char *file)
{
	const char *err;
	const struct source *src = source_add(c, file, NULL, 0, &err);

	if (!src || !binary_is_descriptor((const u8 *)src->text, src->len))
		return false;
	if (!b->model) {
		b->model = NEW(c->arena, struct model);
		b->model->from_binary = true;
	}
	b->any |= binary_load(c, b->model, src->name, (const u8 *)src->text, src->len);
	return true;
}

/* Findings of one model are kept from the next: "allow" is about its own plan. */
static void check_plan(struct cellc *c, const char *file)
{
	struct run r = {.c = c, .plan = file};

	passes_run(&r, RUN_CHECK);
}

static void check_files(struct cellc *c, const struct cmdline *cl)
{
	struct binaries b = {0};

	for (size_t i = 0; i < cl->files.n; i++)
		if (!add_binary(c, &b, cl->files.v[i]))
			check_plan(c, cl->files.v[i]);
	if (b.any) {
		struct run r = {.c = c, .model = b.model};

		passes_run(&r, RUN_CHECK);
	}
}

int cmd_check(int argc, char **argv)
{
	struct cmdline cl;
	struct cellc c;

	cellc_init(&c);
	if (options_parse(&c, &cl, argc, argv, "[OPTION...] FILE...", OPTS_FINDINGS | OPTS_INPUT,
			  NULL, 1, SIZE_MAX)) {
		check_files(&c, &cl);
		cl.exit = findings_finish(&c, true);
	}
	cellc_free(&c);
	return cl.exit;
}
