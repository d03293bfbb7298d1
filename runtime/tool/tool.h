/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cellctl's parts: a command is a function over its own arguments that returns the exit code.
 *
 * Exit codes: 0 done, 1 refused or failed (said on stderr), 2 misuse of the command line.
 */
#ifndef TOOL_H
#define TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "../abi/driver.h"

enum { DONE = 0, FAILED = 1, MISUSE = 2 };

struct command {
	const char *name;  /* may be two words: "cell create" */
	const char *args;  /* for the usage line */
	const char *help;  /* one line */
	const char *text;  /* what -h adds, lines */
	int (*run)(int argc, char **argv); /* without the command's words */
};

struct file {
	void *data;
	size_t size;
};

/* --- lib.c --- */
/* "cellctl: ..." on stderr. */
int fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));	/* FAILED */
int misuse(const char *fmt, ...) __attribute__((format(printf, 1, 2))); /* MISUSE */
/* The whole file, with a NUL behind it; false after saying why. Freed with free(data). */
bool read_file(const char *path, struct file *f);
/* All that comes from a descriptor until its end; errno tells why not. */
bool read_fd(int fd, struct file *f);
/* First line of a small file without its line end; false if there is none. */
bool read_line(const char *folder, const char *name, char *line, size_t size);
/* Decimal, 0x or 0 octal; the whole string. */
bool parse_number(const char *s, uint64_t *value);
/* NULL, or a new string; ends the program when there is no memory. */
char *format(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* One request to the driver. `what` it is about, for the message: a cell, a file. DONE or FAILED. */
int request(unsigned long code, const void *arg, const char *what);

/* The driver's device; -1 after saying why not. */
int open_device(int flags);
/* One request over it: 0, or -1 after saying why not. */
int request_over(int fd, unsigned long code, const void *arg, const char *what);

/*
 * {ID | [--name] NAME} from *argv on, which moves behind it. A text that is a number is an id.
 */
bool parse_cell(char ***argv, struct cv_cell_id *id);
const char *cell_text(const struct cv_cell_id *id);

/* Ids of the cells there are, root's too, ascending; the number of them, -1 after saying why. */
int cell_ids(uint32_t *ids, int max);
/* Folder of a cell in sysfs; false if there is none. */
bool cell_folder(const struct cv_cell_id *id, char *path, size_t size);

/* --- cell.c --- */
int cell_create_file(const char *path);
/* What request() does with it; a large one shows progress on a terminal. */
int cell_load(const struct cv_cell_load *load);

/* --- linux.c, kernel.c, fdt.c --- */
struct linux_files { /* NULL: none */
	const char *config, *kernel, *initrd, *cmdline;
	const char *dtb; /* NULL: CONFIG's own, beside it */
	bool load_only;
};
/* Makes the cell if there is none of its name, loads all into it and starts it unless load_only. DONE or FAILED. */
int linux_boot(const struct linux_files *files);

struct kernel {
	struct file image; /* unpacked */
	uint64_t text_offset; /* from a multiple of 2 MiB */
	uint64_t memory; /* that it uses from its first byte on */
};
bool kernel_read(const char *path, struct kernel *k);

struct fdt_value {
	const char *name;
	const void *data;
	size_t size;
};
/* A copy of a flattened tree in which /chosen has these properties; false: it is damaged. */
bool fdt_set_chosen(const struct file *tree, const struct fdt_value *values, size_t n,
		    struct file *made);

/* --- json.c --- */
/* The value of a member of the object at `at`, or NULL; at is the text behind any white space. */
const char *json_member(const char *at, const char *name);
/* First element of an array, the element behind one; NULL at the end. */
const char *json_first(const char *array);
const char *json_next(const char *element);
/* A string's text, NULL for another value; freed by the caller. */
char *json_text(const char *at);

extern const struct command commands[];

#define COMMAND(function) int function(int argc, char **argv)
COMMAND(cmd_enable);
COMMAND(cmd_disable);
COMMAND(cmd_console);
COMMAND(cmd_hardware);
COMMAND(cmd_create);
COMMAND(cmd_load);
COMMAND(cmd_start);
COMMAND(cmd_shutdown);
COMMAND(cmd_destroy);
COMMAND(cmd_linux);
COMMAND(cmd_list);
COMMAND(cmd_stats);
COMMAND(cmd_up);
COMMAND(cmd_down);

#endif
