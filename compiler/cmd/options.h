/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The command line of every command: options shared by many, options of its own, file names.
 */
#ifndef CELLC_CMD_OPTIONS_H
#define CELLC_CMD_OPTIONS_H

#include "cmd.h"

/*
 * An option of one command. name is "-x" or "--long"; alias another way to write it or NULL; arg
 * what its argument is called, NULL if it takes none. Sets *flag, or *text to the argument.
 * Tables end with an entry without name and usually stand in the command's function, pointing to
 * its variables.
 */
struct option {
	const char *name, *alias, *arg, *help;
	bool *flag;
	const char **text;
};

/* Groups of shared options; each command names the groups it takes. -h is in all. */
enum {
	OPTS_FINDINGS = 1, /* --format --max-findings --color -W -E */
	OPTS_INPUT = 2,	   /* -I --dump-after */
	OPTS_OUTPUT = 4,   /* -o -q -v */
	OPTS_BUILD = 8,	   /* --abi --emit -MD -MF */
};

struct cmdline {
	VEC(const char *) files; /* what is no option; "-" is standard input */
	int exit;		 /* when options_parse returned false */
};

/*
 * Reads the command line into c->opt, own and cl. Options and files may stand in any order; "--"
 * ends the options; arguments may be attached ("-odir", "--emit=list"). synopsis is what follows
 * the command's name in its help. min and max bound the number of files. Returns false when the
 * command shall end at once with cl->exit: after -h, and after a misuse, which it has reported on
 * standard error.
 */
bool options_parse(struct cellc *c, struct cmdline *cl, int argc, char **argv, const char *synopsis,
		   unsigned groups, const struct option *own, size_t min, size_t max);

/*
 * Prints the findings as c->opt says, to standard output (check) or standard error. Returns the
 * exit code of a command that has nothing else to say: EXIT_CLEAN or EXIT_FINDINGS.
 */
int findings_finish(struct cellc *c, bool to_stdout);

#endif
