// SPDX-License-Identifier: GPL-2.0-only
/*
 * cellc build: a plan in, its outputs in a folder, all of them or none. Says nothing on success
 * unless asked.
 */
#include "options.h"

#include <stdio.h>
#include <string.h>

#include "../emit/emit.h"
#include "../passes.h"

static void list_emitters(void)
{
	for (const struct emitter *e = emitters; e->name; e++)
		printf("%-12s %c %s\n", e->name, e->by_default ? '*' : ' ', e->help);
	printf("\n* made when --emit is not given\n");
}

static const char *depfile_name(struct cellc *c, const struct model *m)
{
	if (c->opt.depfile_path)
		return c->opt.depfile_path;
	return arena_printf(c->arena, "%s/%s.d", c->opt.outdir, m->plan_name);
}

static bool write_all(struct run *r)
{
	struct cellc *c = r->c;
	struct output dep = {0};

	if (c->opt.depfile) {
		dep.name = depfile_name(c, r->model);
		emit_depfile(c, &r->outs, c->opt.outdir, &dep.data);
	}
	return outputs_write(c, &r->outs, c->opt.outdir, dep.name ? &dep : NULL);
}

static void list_written(const struct run *r)
{
	for (size_t i = 0; i < r->outs.v.n; i++)
		printf("%s/%s\n", r->c->opt.outdir, r->outs.v.v[i]->name);
}

static int build(struct cellc *c, const char *plan)
{
	struct run r = {.c = c, .plan = plan};
	bool written = passes_run(&r, RUN_EMIT) && !r.dumped && r.model && write_all(&r);
	int code = findings_finish(c, false);

	if (written && c->opt.verbose && !c->opt.quiet)
		list_written(&r);
	return code;
}

int cmd_build(int argc, char **argv)
{
	struct cmdline cl;
	struct cellc c;

	cellc_init(&c);
	c.opt.outdir = ".";
	if (options_parse(&c, &cl, argc, argv, "[OPTION...] PLAN",
			  OPTS_FINDINGS | OPTS_INPUT | OPTS_OUTPUT | OPTS_BUILD, NULL, 0, 1)) {
		if (c.opt.emit && strcmp(c.opt.emit, "list") == 0) {
			list_emitters();
			cl.exit = EXIT_CLEAN;
		} else if (!cl.files.n) {
			fprintf(stderr, "cellc build: no plan given (\"cellc build -h\" helps)\n");
			cl.exit = EXIT_MISUSE;
		} else {
			cl.exit = build(&c, cl.files.v[0]);
		}
	}
	cellc_free(&c);
	return cl.exit;
}
