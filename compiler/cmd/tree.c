// SPDX-License-Identifier: GPL-2.0-only
/*
 * cellc tree HOST.dtb [OVERLAY...]: what the host pass understands of a device tree, as text.
 */
#include "cmd.h"

#include <stdio.h>
#include <string.h>

static int print_tree(struct cellc *c, int n, char **paths)
{
	struct buf out, findings;
	struct machine *m;
	u32 errors;

	m = host_load(c, paths[0], NULL, (const char *const *)paths + 1, (size_t)n - 1);
	buf_init(&out, c->arena);
	buf_init(&findings, c->arena);
	if (m)
		machine_dump(c, m, &out);
	errors = diag_print(c, &findings, DIAG_TEXT, false);
	fwrite(findings.data, 1, findings.len, stderr);
	fwrite(out.data, 1, out.len, stdout);
	return errors ? EXIT_FINDINGS : EXIT_CLEAN;
}

int cmd_tree(int argc, char **argv)
{
	struct cellc c;
	int code;

	if (argc < 2 || argv[1][0] == '-') {
		bool help =
			argc == 2 && (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0);

		fputs("usage: cellc tree HOST.dtb|HOST.dts [OVERLAY...]\n", help ? stdout : stderr);
		return help ? EXIT_CLEAN : EXIT_MISUSE;
	}
	cellc_init(&c);
	code = print_tree(&c, argc - 1, argv + 1);
	cellc_free(&c);
	return code;
}
