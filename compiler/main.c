// SPDX-License-Identifier: GPL-2.0-only
/*
 * cellc: which command. What the compiler does is the table of passes in passes.c.
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
	fputs("\ncellc COMMAND -h tells the options of a command; cellc --version the version\n",
	      to);
	return code;
}

static int no_command(const char *word)
{
	const char *names[ARRAY_SIZE(commands)], *near;

	for (size_t i = 0; i < ARRAY_SIZE(commands) - 1; i++)
		names[i] = commands[i].name;
	near = nearest_word(word, names, ARRAY_SIZE(commands) - 1);
	if (near)
		fprintf(stderr, "cellc: no command \"%s\"; did you mean \"%s\"?\n", word, near);
	else
		fprintf(stderr, "cellc: no command \"%s\" (\"cellc -h\" lists them)\n", word);
	return EXIT_MISUSE;
}

/* What was printed must have arrived: a full disk is no success. */
static int finish(int code)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	fputs("cellc: can't write to standard output\n", stderr);
	return code == EXIT_CLEAN ? EXIT_FINDINGS : code;
}

int main(int argc, char **argv)
{
	arena_setup();
	if (argc < 2)
		return usage(stderr, EXIT_MISUSE);
	if (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0)
		return finish(usage(stdout, EXIT_CLEAN));
	if (strcmp(argv[1], "--version") == 0) {
		puts("cellc " CELLC_VERSION);
		return finish(EXIT_CLEAN);
	}
	for (const struct command *cmd = commands; cmd->name; cmd++)
		if (strcmp(cmd->name, argv[1]) == 0)
			return finish(cmd->run(argc - 1, argv + 1));
	return no_command(argv[1]);
}
