// SPDX-License-Identifier: GPL-2.0-only
/*
 * cellc: the commands.
 */
#include "cmd/cmd.h"

#include <stdio.h>
#include <string.h>

static const struct command commands[] = {
#define COMMAND(name, function, help) {name, function, help},
#include "cmd/commands.def"
#undef COMMAND
	{NULL, NULL, NULL},
};

static int usage(FILE *to, int code)
{
	fputs("usage: cellc COMMAND [OPTION...] [FILE...]\n\n", to);
	for (const struct command *cmd = commands; cmd->name; cmd++)
		fprintf(to, "  %-10s %s\n", cmd->name, cmd->help);
	fputs("\ncellc COMMAND -h tells the options of a command\n", to);
	return code;
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return usage(stderr, EXIT_MISUSE);
	if (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0)
		return usage(stdout, EXIT_CLEAN);
	for (const struct command *cmd = commands; cmd->name; cmd++)
		if (strcmp(cmd->name, argv[1]) == 0)
			return cmd->run(argc - 1, argv + 1);
	fprintf(stderr, "cellc: no command \"%s\"\n\n", argv[1]);
	return usage(stderr, EXIT_MISUSE);
}
