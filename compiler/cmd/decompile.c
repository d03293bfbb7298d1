// SPDX-License-Identifier: GPL-2.0-only
/*
 * cellc decompile: descriptors in, on standard output a plan that compiles to the same bytes.
 */
#include "options.h"

#include <stdio.h>
#include <string.h>

#include "../decompile/decompile.h"
#include "../lib/diag.h"

static bool load_all(struct cellc *c, struct model *m, const struct cmdline *cl)
{
	bool good = true;

	for (size_t i = 0; i < cl->files.n; i++) {
		const char *err;
		const struct source *src = source_add(c, cl->files.v[i], NULL, 0, &err);

		if (!src)
			diag_report(c, D_E0101, NULL, "can't read \"%s\": %s", cl->files.v[i], err);
		good &= src && binary_load(c, m, src->name, (const u8 *)src->text, src->len);
	}
	return good;
}

/*
 * Whether the descriptors can be of one system, and are there to their end; what is only wrong in
 * them is no obstacle.
 */
static bool whole(const struct cellc *c)
{
	for (size_t i = 0; i < c->diags.n; i++)
		if (c->diags.v[i]->code == D_E1004 || c->diags.v[i]->code == D_E1007)
			return false;
	return true;
}

static int run(struct cellc *c, const struct cmdline *cl, const char *host)
{
	struct model *m = NEW(c->arena, struct model);
	const struct machine *machine = NULL;
	const char *text = NULL;
	int code;

	if (load_all(c, m, cl) && whole(c)) {
		if (host)
			machine = host_load(c, host, NULL, NULL, 0);
		if (!host || machine)
			text = decompile(c, m, machine, host);
	}
	code = findings_finish(c, false);
	if (!text)
		return code ? code : EXIT_FINDINGS;
	fputs(text, stdout);
	return EXIT_CLEAN;
}

int cmd_decompile(int argc, char **argv)
{
	const char *host = NULL;
	const struct option own[] = {
		{.name = "--host",
		 .arg = "TREE",
		 .help = "name CPUs, consoles, addresses and interrupts by this tree",
		 .text = &host},
		{0},
	};
	struct cmdline cl;
	struct cellc c;

	cellc_init(&c);
	if (options_parse(&c, &cl, argc, argv, "[OPTION...] FILE.cell...", OPTS_FINDINGS, own, 1,
			  SIZE_MAX))
		cl.exit = run(&c, &cl, host);
	cellc_free(&c);
	return cl.exit;
}
