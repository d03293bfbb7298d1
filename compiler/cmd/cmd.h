/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Commands of cellc: one file each, one line in commands.def.
 */
#ifndef CELLC_CMD_H
#define CELLC_CMD_H

#include "../image.h"
#include "../ast.h"

/* what the command returns to its caller */
enum { EXIT_CLEAN = 0, EXIT_FINDINGS = 1, EXIT_MISUSE = 2 };

struct command {
	const char *name;
	int (*run)(int argc, char **argv); /* argv[0] is the command's name */
	const char *help;
};

#define COMMAND(name, function, help) int function(int argc, char **argv);
#include "commands.def"
#undef COMMAND

#endif
