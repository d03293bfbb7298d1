// SPDX-License-Identifier: GPL-2.0-only
/* The table of commands, and help. */
#include "tool.h"

#include <string.h>

#define CELL "{ID | [--name] NAME}"

const struct command commands[] = {
	{ "enable", "SYSTEM.cell", "hand the machine to the hypervisor", NULL, cmd_enable },
	{ "disable", "", "take the machine back", NULL, cmd_disable },
	{ "console", "[OPTION...] [" CELL "]", "print what the hypervisor said, or talk to a cell",
	  "Of a cell, on a terminal and without options: both directions, until Ctrl-].\n"
	  "  -f, --follow           go on until interrupted\n"
	  "  -n, --new              of a cell: only what it prints from now on\n"
	  "  -s, --send LINE        of a cell: send it a line first\n"
	  "  -u, --until TEXT       of a cell: until it prints this\n"
	  "  -t, --timeout SECONDS  of a cell: at most so long; then exit code 1 with -u\n",
	  cmd_console },
	{ "hardware", "[SYSTEM.cell]", "check that this machine and its Linux are ready",
	  "With a system descriptor, its memory is checked too. Exit code 1 if something is missing.\n",
	  cmd_hardware },
	{ "cell create", "CELL.cell", "make a cell of what the descriptor lists", NULL, cmd_create },
	{ "cell load", CELL " {IMAGE | -s STRING} [-a ADDRESS] ...",
	  "put images into a cell's memory, stopping it",
	  "  -s, --string STRING    a text with its final NUL instead of a file\n"
	  "  -a, --address ADDRESS  where the image before goes in the guest; 0 if not said\n",
	  cmd_load },
	{ "cell start", CELL, "start a cell from its reset address", NULL, cmd_start },
	{ "cell shutdown", CELL, "stop a cell, which keeps what it has", NULL, cmd_shutdown },
	{ "cell destroy", CELL, "stop a cell and give Linux back what it has", NULL, cmd_destroy },
	{ "cell linux", "CELL.cell KERNEL [-i INITRD] [-c CMDLINE] [-d DTB] [-l]",
	  "boot Linux in a cell, made of the descriptor if it is not there",
	  "  -i, --initrd INITRD    initial RAM disk\n"
	  "  -c, --cmdline CMDLINE  of the kernel, in place of the tree's\n"
	  "  -d, --dtb DTB          device tree; CELL.dtb beside CELL.cell if not said\n"
	  "  -l, --load             do not start it: cell start does\n"
	  "Compressed kernels are unpacked by the machine's own programs (gzip, zstd, ...).\n",
	  cmd_linux },
	{ "cell list", "", "the cells, their state and CPUs", NULL, cmd_list },
	{ "cell stats", "[-n COUNT] " CELL, "a cell's exits, once a second",
	  "  -n, --count COUNT  end after so many rounds\n", cmd_stats },
	{ "up", "BUILD_DIR", "enable, and start all cells that a build emitted",
	  "Images are those that the plan names, else CELL.bin beside CELL.cell; a cell without one\n"
	  "is made but not started.\n", cmd_up },
	{ "down", "", "destroy all cells, disable", NULL, cmd_down },
	{ 0 },
};

static int usage(FILE *to)
{
	fputs("usage: cellctl COMMAND [ARGUMENT...]\n\n", to);
	for (const struct command *c = commands; c->name; c++)
		fprintf(to, "  %-14s %s\n", c->name, c->help);
	fputs("\n'cellctl COMMAND -h' tells more. Exit codes: 0 done, 1 refused, 2 misuse.\n", to);
	return to == stdout ? DONE : MISUSE;
}

static int help(const struct command *c)
{
	printf("usage: cellctl %s%s%s\n\n%c%s.\n%s", c->name, *c->args ? " " : "", c->args,
	       *c->help - 'a' + 'A', c->help + 1, c->text ? c->text : "");
	return DONE;
}

/* How many words of the command line name the command; 0 if they do not. */
static int matches(const struct command *c, int argc, char **argv)
{
	const char *second = strchr(c->name, ' ');
	size_t n = second ? (size_t)(second - c->name) : strlen(c->name);

	if (argc < 1 || strlen(argv[0]) != n || memcmp(argv[0], c->name, n))
		return 0;
	if (!second)
		return 1;
	return argc > 1 && !strcmp(argv[1], second + 1) ? 2 : 0;
}

static bool is_help(const char *arg)
{
	return !strcmp(arg, "-h") || !strcmp(arg, "--help");
}

/* -h may follow the command anywhere, but where it is another option's value. */
static bool wants_help(int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		if (is_help(argv[i]))
			return i == 0 || argv[i - 1][0] != '-';
	return false;
}

static int cell_usage(FILE *to)
{
	for (const struct command *c = commands; c->name; c++)
		if (!strncmp(c->name, "cell ", 5))
			fprintf(to, "%s cellctl %s %s\n", "usage:", c->name, c->args);
	return to == stdout ? DONE : MISUSE;
}

int main(int argc, char **argv)
{
	argc--;
	argv++;
	if (!argc)
		return usage(stderr);
	if (is_help(argv[0]) || !strcmp(argv[0], "help"))
		return usage(stdout);
	for (const struct command *c = commands; c->name; c++) {
		int n = matches(c, argc, argv);

		if (!n)
			continue;
		if (wants_help(argc - n, argv + n))
			return help(c);
		return c->run(argc - n, argv + n);
	}
	if (!strcmp(argv[0], "cell"))
		return cell_usage(argc > 1 && is_help(argv[1]) ? stdout : stderr);
	return misuse("no command '%s' ('cellctl -h' lists them)", argv[0]);
}
