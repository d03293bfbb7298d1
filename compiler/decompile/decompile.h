/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A model read from descriptors as a plan's text.
 */
#ifndef CELLC_DECOMPILE_H
#define CELLC_DECOMPILE_H

#include "../image.h"

struct printer {
	struct cellc *c;
	const struct model *m;
	const struct machine *host; /* for names; NULL: none */
	const char *host_file;	    /* the tree that the plan names, and nodes of it */
	bool unnamed;		    /* names as comments alone: nothing depends on the tree */
	struct buf *out;
	bool faulty; /* the plan has errors that it must allow to be built */
};

/* The whole plan. */
void decompile_print(struct printer *p);

/* print/system part: hypervisor and platform blocks */
void decompile_system(struct printer *p);
/* the statements of a cell's block */
void decompile_cell(struct printer *p, const struct cell *cell);
/* A console statement, unless the record is all zero. */
void decompile_console(struct printer *p, const struct console *con);
void decompile_memory(struct printer *p, const struct region *r, bool named);
void decompile_pci(struct printer *p, const struct cell *cell);
void decompile_bytes(struct printer *p, const struct patch *patch);
/* "// serial@ff010000, ..." for what the host has there, or nothing; ends the line. */
void decompile_comment(struct printer *p, u64 addr, u64 size);
void decompile_irq_comment(struct printer *p, const struct irqchip *chip);
/* A quoted string; what is not plain ASCII is escaped. */
void decompile_string(struct printer *p, const char *s);

/*
 * The plan's text, proven by compiling it in memory: every descriptor comes out byte for byte.
 * NULL after reporting what stands against that. host (NULL: none), read from host_file, gives
 * names: references where the same bytes still come out, comments elsewhere.
 */
const char *decompile(struct cellc *c, struct model *m, const struct machine *host,
		      const char *host_file);

/* Finds the consoles' UARTs in the tree. */
void decompile_name_consoles(struct model *m, const struct machine *host);

#endif
