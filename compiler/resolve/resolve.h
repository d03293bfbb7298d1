/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The inside of the resolve pass: what its files share.
 *
 * In: checked statements and a machine. Out: a model whose open places are marked for place.c.
 * Holds throughout: a statement that is poisoned, or whose names can't be resolved, adds nothing
 * to the model; a number that does not fit its field is reported and becomes 0.
 */
#ifndef CELLC_RESOLVE_H
#define CELLC_RESOLVE_H

#include "../ast.h"
#include "../lib/ranges.h"
#include "../model.h"

/* Statements of one subject: a cell's body, or all platform blocks of board and plan. */
struct block {
	struct cell *cell;	 /* of a cell or root block */
	const struct stmt *stmt; /* the cell's statement */
	VEC(struct stmt *) stmts;
};

/* Who has a node. cell == NULL: nobody has claimed it. */
struct owner {
	struct cell *cell;
	bool exclusive, without;
	const struct origin *from;
};

struct resolver {
	struct cellc *c;
	struct ast *ast;
	struct machine *m; /* NULL: the plan knows no machine */
	struct model *model;
	bool tree_failed;		     /* the plan names a tree that could not be read */
	VEC(struct block) blocks;	     /* of cells, in the order of model->cells */
	struct owner *owners;		     /* one for each of m->nodes */
	struct ranges regs;		     /* registers of all nodes; owner: struct node */
	VEC(const struct stmt *) uart_facts; /* console statements at file level */
};

/* What to do with a statement inside a block. Tables end with KW_NONE. */
struct handler {
	enum keyword kw;
	bool once; /* may be said once; what the plan says overrides the board */
	void (*run)(struct resolver *r, struct cell *cell, const struct stmt *s);
};
/* Runs a block's statements through a table; statements without an entry are left alone. */
void run_block(struct resolver *r, const struct block *b, const struct handler *table);
/* All bodies of the file's statements of this keyword, the board's first. */
struct block collect_block(struct resolver *r, enum keyword kw);

/* --- values.c --- */

/* The number, or 0 after reporting that it does not fit a field of so many bits. */
u64 value_fit(struct resolver *r, const struct item *it, unsigned bits, const char *field);
/* The clause's number held to its field; otherwise if the clause is absent. */
u64 clause_value(struct resolver *r, const struct stmt *s, enum keyword kw, unsigned bits,
		 u64 otherwise);
/* The first positional number as a fact, held to its field. */
struct fact arg_fact(struct resolver *r, const struct stmt *s, unsigned bits);
const struct origin *item_origin(struct resolver *r, const struct item *it);
/* The index of the item's text in words (ends with NULL), or -1 after reporting. */
int choose_word(struct resolver *r, const struct item *it, const char *const *words,
		const char *what);
/* The node an item names, or NULL after reporting (silently if the tree could not be read). */
struct node *ref_node(struct resolver *r, const struct item *it);
/* Reports that two parts of a statement contradict each other. */
struct diag *contradiction(struct resolver *r, const struct stmt *s, const struct clause *cl,
			   const char *fmt, ...) PRINTF_LIKE(4, 5);
/* Bytes of hex digits (blanks and '_' allowed); NULL after reporting. */
const u8 *hex_bytes(struct resolver *r, const struct item *it, size_t *len);
struct owner *owner_of(struct resolver *r, const struct node *n);
struct pool *find_pool(struct resolver *r, const struct item *it);

/* --- one subject each --- */
void resolve_machine(struct resolver *r);
void resolve_platform(struct resolver *r);
void resolve_pools(struct resolver *r);
void resolve_cells(struct resolver *r);
void resolve_claims(struct resolver *r);
void resolve_root(struct resolver *r, struct cell *root);
void resolve_links(struct resolver *r);
void resolve_pci_host(struct resolver *r);
void resolve_allows(struct resolver *r);

/* memory.c: the region a memory or mmio statement describes; NULL after reporting. */
struct region *region_of(struct resolver *r, const struct stmt *s, bool bare);
/* The flags of a width clause, which may be NULL. */
u64 widths_of(struct resolver *r, const struct clause *cl);
void cell_memory(struct resolver *r, struct cell *cell, const struct stmt *s);
/* device.c */
void cell_device(struct resolver *r, struct cell *cell, const struct stmt *s);
struct region *add_registers(struct resolver *r, struct cell *cell, u64 start, u64 size, u64 widths,
			     struct node *n, const struct origin *from);
/* Whether something in [start, start+size) belongs to another than the given cell. */
bool others_there(struct resolver *r, const struct cell *cell, u64 start, u64 size);
/* The cell (root too) that has a node; NULL: nobody. */
const struct cell *holder_of(struct resolver *r, const struct node *n);
void claim_irqs(struct resolver *r, struct cell *cell, const struct node *n, bool cascaded,
		const struct origin *from);
void claim_streams(struct resolver *r, struct cell *cell, const struct node *n,
		   const struct origin *from);
/* console.c: what a console statement describes; false if it is "virtual" or wrong. */
bool console_of(struct resolver *r, const struct stmt *s, bool explicit_only, struct console *out);
/* Whether the table of UARTs has this one. */
bool console_known(const struct machine *m, const struct node *n);
bool console_of_node(struct resolver *r, struct node *n, const struct origin *from,
		     struct console *out);
void cell_console(struct resolver *r, struct cell *cell, const struct stmt *s);
/* Whether a console statement means the hypervisor's own. */
bool console_is_virtual(const struct stmt *s);
/* Settles what that is: a UART, or hypercalls. After the rest of the block. */
void cell_virtual_uart(struct resolver *r, struct cell *cell, const struct stmt *s);
/* irq.c */
void cell_irq(struct resolver *r, struct cell *cell, const struct stmt *s);
void cell_irqchip(struct resolver *r, struct cell *cell, const struct stmt *s);
/* pci.c */
void cell_pci(struct resolver *r, struct cell *cell, const struct stmt *s);
void cell_capability(struct resolver *r, struct cell *cell, const struct stmt *s);

#endif
