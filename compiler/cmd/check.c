// SPDX-License-Identifier: GPL-2.0-only
/*
 * cellc check: lints plans and binary descriptors, and writes nothing but findings.
 */
#include "inputs.h"

static void check_run(struct run *r, void *arg)
{
	(void)arg;
	passes_run(r, RUN_CHECK);
}

int cmd_check(int argc, char **argv)
{
	struct cmdline cl;
	struct cellc c;

	cellc_init(&c);
	if (options_parse(&c, &cl, argc, argv, "[OPTION...] FILE...", OPTS_FINDINGS | OPTS_INPUT,
			  NULL, 1, SIZE_MAX)) {
		inputs_each(&c, &cl, check_run, NULL);
		cl.exit = findings_finish(&c, true);
	}
	cellc_free(&c);
	return cl.exit;
}
