// SPDX-License-Identifier: GPL-2.0-only
/*
 * The texts of import: a board file and a starter plan, commented for someone who sees the language
 * for the first time.
 *
 * In: a starter. Out: text. Holds: nothing of the tree is copied that the compiler reads from it
 * anyway, and strings of the tree can't break out of a comment or a string.
 */
#include "import.h"

#include <string.h>

#define NAME_MAX_BYTES 31u

const char *import_name(struct cellc *c, const struct machine *m)
{
	const char *from = m->compatible.n ? m->compatible.v[0] : "board";
	const char *comma = strchr(from, ',');
	char *name;

	if (comma && comma[1])
		from = comma + 1;
	name = arena_strndup(c->arena, from, MIN(strlen(from), NAME_MAX_BYTES));
	for (char *p = name; *p; p++)
		if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.",
			    *p) ||
		    (*p == '.' && p == name))
			*p = '_';
	return *name ? name : "board";
}

/* A string of the tree on one line of ASCII. */
static const char *plain(struct cellc *c, const char *s)
{
	char *text = arena_strndup(c->arena, s, MIN(strlen(s), 60u));

	for (char *p = text; *p; p++)
		if (*p < ' ' || *p > '~')
			*p = '?';
	return text;
}

static void quoted(struct buf *out, const char *s)
{
	buf_char(out, '"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			buf_printf(out, "\\%c", *s);
		else if ((unsigned char)*s < ' ')
			buf_printf(out, "\\x%02x", (unsigned char)*s);
		else
			buf_char(out, *s);
	}
	buf_char(out, '"');
}

static const char *title(struct cellc *c, const struct machine *m)
{
	if (m->model && *m->model)
		return plain(c, m->model);
	return m->compatible.n ? plain(c, m->compatible.v[0]) : "unnamed board";
}

/* What was read, so that a reader can compare it with the board before him. */
static void board_facts(struct cellc *c, const struct machine *m, struct buf *out)
{
	u64 ram = 0;
	const struct extent *e;

	vec_each(e, &m->ram)
		ram += e->size;
	buf_printf(out, "// The tree says: %zu CPUs (%s), GICv%u, ", m->cpus.n,
		   m->cpus.v[0].compatible ? plain(c, m->cpus.v[0].compatible) : "of no name",
		   m->gic.version);
	if (ram)
		buf_printf(out, "%s of RAM.\n", fmt_size(c->arena, ram));
	else
		buf_str(out, "RAM filled in by firmware.\n");
}

static void board_ram(struct cellc *c, const struct starter *s, struct buf *out)
{
	const struct extent *e;

	buf_str(out, "\n// RAM that the tree does not state; it replaces what the tree says. "
		     "Compare with\n"
		     "// \"System RAM\" in /proc/iomem of the running board.\n");
	vec_each(e, &s->ram)
		buf_printf(out, "ram at %s size %s;\n", fmt_addr(c->arena, e->addr),
			   fmt_size(c->arena, e->size));
}

void import_board(struct cellc *c, const struct starter *s, struct buf *out)
{
	const struct machine *m = s->m;

	buf_printf(out, "// %s: what its device tree does not tell.\n//\n", title(c, m));
	board_facts(c, m, out);
	buf_str(out, "\nboard ");
	quoted(out, title(c, m));
	buf_str(out, " {\n");
	if (m->compatible.n) {
		buf_str(out, "\tcompatible ");
		quoted(out, m->compatible.v[0]);
		buf_str(out, ";\n");
	}
	buf_str(out, "}\n");
	if (s->ram.n)
		board_ram(c, s, out);
	buf_str(out, "\n// Memory that firmware keeps from Linux and that the tree does not name, "
		     "for example:\n"
		     "// reserve at 0x7ff0_0000 size 1M why \"secure firmware\";\n");
	buf_str(out, "\n// Names for devices, used in plans as &NAME, for example:\n"
		     "// label uart1 &{serial@ff010000};\n");
	buf_str(out, "\n// The hypervisor's own memory is placed by the compiler unless \"at "
		     "ADDRESS\" is said.\n"
		     "hypervisor {\n\tmemory 4M;\n");
	if (s->console)
		buf_printf(out, "\tconsole %s;\n", node_ref_text(c, m, s->console));
	else
		buf_str(out, "\tconsole none;	// the tree names none that the hypervisor can "
			     "drive\n");
	buf_str(out, "}\n");
}

/* On ARM an inmate is linked for guest address 0. */
static void first_cell(struct cellc *c, const struct starter *s, struct buf *out)
{
	buf_str(out, "// A first cell: one CPU, chosen by the compiler, and 1 MiB of RAM that it "
		     "sees at address 0.\n"
		     "// Root loads a bare-metal image there.\n"
		     "cell \"bare\" {\n\tcpus 1;\n\tmemory ram 1M guest 0 rwx loadable;\n");
	if (!s->uart) {
		buf_str(out, "\tconsole virtual;	// no UART is free: what it prints, root "
			     "reads\n}\n");
		return;
	}
	buf_printf(
		out,
		"\tdevice %s;	// registers and interrupts come from the tree\n\tconsole %s;\n",
		node_ref_text(c, s->m, s->uart), node_ref_text(c, s->m, s->uart));
	if (!s->uart->enabled)
		buf_str(out, "\t// The tree has this UART disabled: see that its pins and clock "
			     "are set up. If they\n"
			     "\t// are not, \"console virtual;\" in place of both lines prints "
			     "through root.\n");
	buf_str(out, "}\n");
}

void import_plan(struct cellc *c, const struct starter *s, const char *board, struct buf *out)
{
	buf_printf(out, "// Starter plan for %s, written by \"cellc import\".\n", title(c, s->m));
	buf_str(out, "// It compiles as it stands; \"cellc check\" and \"cellc map\" show what it "
		     "means.\n\n");
	buf_str(out, "host ");
	quoted(out, s->host);
	buf_str(out, ";\n");
	if (board) {
		buf_printf(out, "\n%s", board);
	} else {
		buf_str(out, "include ");
		quoted(out, arena_printf(c->arena, "%s.board", s->name));
		buf_str(out, ";\n");
	}
	buf_str(out, "\n// RAM for cells, which Linux must leave alone: the build makes an overlay "
		     "for the host's\n"
		     "// tree that reserves it. The compiler chooses the place unless \"at "
		     "ADDRESS\" is said.\n"
		     "pool cells size 16M;\n");
	buf_str(out, "\n// The root cell is the Linux that is running: all RAM but the "
		     "hypervisor's, the registers and\n"
		     "// interrupts of all enabled devices, less what cells own.\n");
	buf_printf(out, "root \"%s\";\n\n", s->name);
	first_cell(c, s, out);
	buf_str(out, "\n// Next: a link to root (shared memory with interrupts), a second cell "
		     "with Linux.\n"
		     "// link shared \"mailbox\" { root; cell \"bare\"; output 4K; protocol "
		     "0x4001; }\n");
}
