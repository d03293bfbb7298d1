// SPDX-License-Identifier: GPL-2.0-only
/*
 * cellc tree HOST.dtb [OVERLAY...]: what the host pass understands of a device tree, as text; with
 * --node only what a reference means.
 */
#include "options.h"

#include <stdio.h>
#include <string.h>

/* A reference as in a plan, "&uart1" or "&{/soc/serial@1000}", with or without these marks. */
static const char *plain_ref(struct cellc *c, const char *ref)
{
	size_t len;

	ref += *ref == '&';
	len = strlen(ref);
	if (len >= 2 && ref[0] == '{' && ref[len - 1] == '}')
		return arena_strndup(c->arena, ref + 1, len - 2);
	return ref;
}

static void print_tree(struct cellc *c, const struct cmdline *cl, const char *ref)
{
	struct machine *m = host_load(c, cl->files.v[0], NULL, cl->files.v + 1, cl->files.n - 1);
	const struct node *n;
	struct buf out;

	if (!m)
		return;
	buf_init(&out, c->arena);
	if (!ref) {
		machine_dump(c, m, &out);
	} else {
		n = machine_ref(c, m, plain_ref(c, ref), false, origin_tree(c, m->file, "/", NULL));
		if (n)
			machine_dump_node(c, m, n, &out);
	}
	fwrite(out.data, 1, out.len, stdout);
}

int cmd_tree(int argc, char **argv)
{
	const char *ref = NULL;
	const struct option own[] = {
		{"--node", "-n", "REF", "print this node alone: label, alias, path or unit name",
		 NULL, &ref},
		{0},
	};
	struct cmdline cl;
	struct cellc c;

	cellc_init(&c);
	if (options_parse(&c, &cl, argc, argv, "[OPTION...] HOST.dtb|HOST.dts [OVERLAY...]",
			  OPTS_FINDINGS, own, 1, SIZE_MAX)) {
		print_tree(&c, &cl, ref);
		cl.exit = findings_finish(&c, false);
	}
	cellc_free(&c);
	return cl.exit;
}
