// SPDX-License-Identifier: GPL-2.0-only
/*
 * cellc import: from a device tree to a board file and a starter plan that compiles as it stands,
 * or one finding that says what the tree lacks.
 */
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../import/import.h"

struct import {
	const char *ram; /* --ram, as given */
	bool force;
	struct starter s;
};

/* A number with an optional K, M, G or T behind it; false if it is none or does not fit. */
static bool read_number(const char **p, u64 *v)
{
	static const char units[] = "KMGT";
	const char *unit;
	char *end;

	if (**p < '0' || **p > '9')
		return false;
	errno = 0;
	*v = strtoull(*p, &end, 0);
	if (errno)
		return false;
	unit = *end ? strchr(units, *end) : NULL;
	if (unit) {
		unsigned shift = 10 * (unsigned)(unit - units + 1);

		if (*v << shift >> shift != *v)
			return false;
		*v <<= shift;
		end++;
	}
	*p = end;
	return true;
}

/* ADDRESS,SIZE[,ADDRESS,SIZE...] */
static bool read_ram(struct cellc *c, struct import *im)
{
	const char *p = im->ram;

	while (p) {
		struct extent e = {.name = "--ram"};
		bool good = read_number(&p, &e.addr) && *p++ == ',' && read_number(&p, &e.size) &&
			    e.size && e.addr + (e.size - 1) >= e.addr &&
			    is_aligned(e.addr | e.size, PAGE_SIZE);

		if (!good || (*p && *p != ',')) {
			fprintf(stderr,
				"cellc import: --ram takes ADDRESS,SIZE of whole pages, such as "
				"0x4000_0000,1G without '_'; not \"%s\"\n",
				im->ram);
			return false;
		}
		*vec_push(c->arena, &im->s.ram) = e;
		p = *p ? p + 1 : NULL;
	}
	return true;
}

/* Whether the file may be written: it is not there, or it may be replaced. */
static bool may_write(struct cellc *c, const struct import *im, const char *name)
{
	const char *path = arena_printf(c->arena, "%s/%s", c->opt.outdir, name);
	struct diag *d;

	if (im->force || access(path, F_OK) != 0)
		return true;
	d = diag_report(c, D_E1310, NULL, "\"%s\" exists", path);
	diag_help(c, d, "--force replaces it");
	return false;
}

/* The text in the language's canonical layout. */
static void lay_out(struct cellc *c, const char *name, struct buf *text, struct buf *out)
{
	const char *err;
	const struct source *src = source_add(c, name, text->data, text->len, &err);
	const char *laid = src ? fmt_text(c, src) : NULL;

	buf_str(out, laid ? laid : text->data);
}

static void write_files(struct cellc *c, struct import *im)
{
	const char *board = arena_printf(c->arena, "%s.board", im->s.name);
	const char *plan = arena_printf(c->arena, "%s.plan", im->s.name);
	struct outputs outs = {0};
	bool good = may_write(c, im, board);
	struct buf text[2];

	if (!may_write(c, im, plan) || !good)
		return;
	buf_init(&text[0], c->arena);
	buf_init(&text[1], c->arena);
	import_board(c, &im->s, &text[0]);
	import_plan(c, &im->s, NULL, &text[1]);
	lay_out(c, board, &text[0], &output_add(c, &outs, board)->data);
	lay_out(c, plan, &text[1], &output_add(c, &outs, plan)->data);
	if (outputs_write(c, &outs, c->opt.outdir, NULL) && !c->opt.quiet)
		printf("%s/%s\n%s/%s\n", c->opt.outdir, board, c->opt.outdir, plan);
}

static void print_plan(struct cellc *c, const struct import *im)
{
	struct buf board, plan, out;

	buf_init(&board, c->arena);
	buf_init(&plan, c->arena);
	buf_init(&out, c->arena);
	import_board(c, &im->s, &board);
	import_plan(c, &im->s, board.data, &plan);
	lay_out(c, "-", &plan, &out);
	fwrite(out.data, 1, out.len, stdout);
}

static int import(struct cellc *c, struct import *im, const char *tree)
{
	struct machine *m = host_load(c, tree, NULL, NULL, 0);
	bool to_stdout = strcmp(c->opt.outdir, "-") == 0;

	if (m && !c->errors && import_possible(c, m, im->s.ram.n > 0)) {
		im->s.m = m;
		im->s.name = import_name(c, m);
		im->s.host = to_stdout ? tree : import_relative(c, c->opt.outdir, tree);
		im->s.console = import_console(m);
		im->s.uart = import_free_uart(m, im->s.console);
		if (to_stdout)
			print_plan(c, im);
		else
			write_files(c, im);
	}
	return findings_finish(c, false);
}

int cmd_import(int argc, char **argv)
{
	struct import im = {0};
	const struct option own[] = {
		{"--ram", NULL, "ADDRESS,SIZE",
		 "RAM that the tree does not state; more ranges behind further commas", NULL,
		 &im.ram},
		{"--force", "-f", NULL, "replace files that exist", &im.force, NULL},
		{0},
	};
	struct cmdline cl;
	struct cellc c;

	cellc_init(&c);
	c.opt.outdir = ".";
	if (options_parse(&c, &cl, argc, argv, "[OPTION...] HOST.dtb", OPTS_FINDINGS | OPTS_OUTPUT,
			  own, 1, 1))
		cl.exit = read_ram(&c, &im) ? import(&c, &im, cl.files.v[0]) : EXIT_MISUSE;
	cellc_free(&c);
	return cl.exit;
}
