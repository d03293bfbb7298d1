// SPDX-License-Identifier: GPL-2.0-only
/*
 * Console records: from a UART of the tree by the table consoles.def, or from a statement's own
 * numbers.
 */
#include "resolve.h"

static const struct uart {
	const char *compatible;
	u16 type, stride, flags;
	const char *source;
} uarts[] = {
#define UART(compatible, type, stride, flags, source) {compatible, type, stride, flags, source},
#include "consoles.def"
#undef UART
};

/* in the order of enum cv_console_type */
static const char *const type_words[] = {"none",  "efifb", "8250", "pl011",	 "xuartps", "mvebu",
					 "hscif", "scifa", "imx",  "imx-lpuart", "scif",    NULL};

static const struct uart *uart_of(const struct machine *m, const struct node *n)
{
	for (size_t i = 0; i < ARRAY_SIZE(uarts); i++)
		if (node_is_compatible(m, n, uarts[i].compatible))
			return &uarts[i];
	return NULL;
}

/* bindings/serial/8250.yaml: registers are 1 << reg-shift bytes apart. */
static u32 stride_of(const struct node *n, const struct uart *u)
{
	if (u->stride)
		return u->stride;
	return 1u << MIN(node_cell(n, "reg-shift", 0, 0), 2u);
}

/* The clauses of a statement, over what the record holds so far. */
static void apply_clauses(struct resolver *r, const struct stmt *s, struct cv_console *rec)
{
	rec->address = clause_value(r, s, KW_at, 64, rec->address);
	rec->size = (u32)clause_value(r, s, KW_size, 32, rec->size);
	rec->type = (u16)clause_value(r, s, KW_type, 16, rec->type);
	rec->divider = (u32)clause_value(r, s, KW_divider, 32, rec->divider);
	rec->gate_nr = (u32)clause_value(r, s, KW_gate, 32, rec->gate_nr);
	rec->clock_reg = clause_value(r, s, KW_clock, 64, rec->clock_reg);
	if (stmt_has(s, KW_ports))
		rec->flags &= (u16)~CV_CONSOLE_MMIO;
	if (stmt_has(s, KW_stride)) {
		u64 stride = clause_value(r, s, KW_stride, 8, 1);

		rec->flags &= (u16)~CV_CONSOLE_REGDIST_4;
		if (stride == 4)
			rec->flags |= CV_CONSOLE_REGDIST_4;
		else if (stride != 1)
			diag_report(r->c, D_E0222,
				    origin_plan(r->c, stmt_clause(s, KW_stride)->span),
				    "registers are 1 or 4 bytes apart, not %u", (u32)stride);
	}
	if (stmt_has(s, KW_inverted))
		rec->flags |= CV_CONSOLE_INVERTED_GATE;
	if (stmt_has(s, KW_mdr))
		rec->flags |= CV_CONSOLE_MDR_QUIRK;
	if (stmt_has(s, KW_fullhd))
		rec->flags |= CV_CONSOLE_FB_1920x1080;
	rec->flags |= (u16)clause_value(r, s, KW_flags, 16, 0);
}

/* What the board says about this UART. */
static void apply_facts(struct resolver *r, const struct node *n, struct cv_console *rec)
{
	for (size_t i = 0; i < r->uart_facts.n; i++) {
		const struct stmt *s = r->uart_facts.v[i];

		if (s->nargs && s->args[0].kind == ITEM_REF && ref_node(r, &s->args[0]) == n)
			apply_clauses(r, s, rec);
	}
}

bool console_known(const struct machine *m, const struct node *n)
{
	return n->mapped && n->regs.n && uart_of(m, n);
}

bool console_of_node(struct resolver *r, struct node *n, const struct origin *from,
		     struct console *out)
{
	const struct uart *u = uart_of(r->m, n);

	if (!console_known(r->m, n)) {
		struct diag *d =
			diag_report(r->c, D_E0228, from,
				    "%s is no UART that can be driven as a console", n->path);

		if (n->compatible)
			diag_note(r->c, d, n->from, "it is compatible with \"%s\"", n->compatible);
		diag_help(r->c, d, "give its registers: console TYPE at ADDRESS size SIZE;");
		return false;
	}
	*out = (struct console){.node = n};
	out->rec.address = n->regs.v[0].addr;
	out->rec.size = (u32)MIN(n->regs.v[0].size, (u64)UINT32_MAX);
	out->rec.type = u->type;
	out->rec.flags = CV_CONSOLE_MMIO | u->flags;
	if (stride_of(n, u) == 4)
		out->rec.flags |= CV_CONSOLE_REGDIST_4;
	out->from = origin_rule(r->c, from, "registers of %s; %s", n->path, u->source);
	apply_facts(r, n, &out->rec);
	return true;
}

/* Registers of these types are 32 bits wide; an 8250 is said to have bytes unless told. */
static bool wide_registers(u16 type)
{
	return type > CV_CONSOLE_8250;
}

bool console_of(struct resolver *r, const struct stmt *s, bool explicit_only, struct console *out)
{
	const struct item *it = s->nargs ? &s->args[0] : NULL;
	int type = 0;

	if (it && it->kind == ITEM_REF) {
		struct node *n = ref_node(r, it);

		if (!n || !console_of_node(r, n, s->at, out))
			return false;
		apply_clauses(r, s, &out->rec);
		return true;
	}
	if (it)
		type = choose_word(r, it, type_words, "type of console");
	if (type < 0)
		return false;
	if (s->nargs > 1) {
		diag_report(r->c, D_E0223, item_origin(r, &s->args[1]),
			    "only a virtual console can be a UART");
		return false;
	}
	*out = (struct console){.from = s->at};
	out->rec.type = (u16)type;
	if (stmt_has(s, KW_at) && !stmt_has(s, KW_ports) && !(stmt_has(s, KW_flags) && !type))
		out->rec.flags = CV_CONSOLE_MMIO;
	if (!explicit_only && wide_registers((u16)type))
		out->rec.flags |= CV_CONSOLE_REGDIST_4;
	apply_clauses(r, s, &out->rec);
	return true;
}

bool console_is_virtual(const struct stmt *s)
{
	return s->nargs && s->args[0].kind == ITEM_WORD && s->args[0].kw == KW_virtual;
}

/* What its hypervisor makes up for a cell (docs/abi.md, extensions). */
static void virtual_uart(struct resolver *r, struct cell *cell, const struct stmt *s)
{
	struct console *con = &cell->console;

	con->from = s->at;
	con->rec = (struct cv_console){
		.address = clause_value(r, s, KW_at, 64, 0),
		.size = PAGE_SIZE,
		.type = CV_CONSOLE_PL011,
		.flags = CV_CONSOLE_MMIO | CV_CONSOLE_REGDIST_4 | CV_CONSOLE_EMULATED,
	};
	con->addr_open = !stmt_has(s, KW_at);
	con->irq_open = true;
}

void cell_virtual_uart(struct resolver *r, struct cell *cell, const struct stmt *s)
{
	bool asked = s->nargs > 1, arm = r->model->arch != CV_ARCH_X86;

	if (asked && !arm) {
		diag_report(r->c, D_E0223, s->at, "the UART of a virtual console is there on ARM only");
		return;
	}
	if (asked || (arm && cell->boot.kind == BOOT_LINUX)) {
		virtual_uart(r, cell, s);
		return;
	}
	if (stmt_has(s, KW_at))
		diag_report(r->c, D_E0223, origin_plan(r->c, stmt_clause(s, KW_at)->span),
			    "a console by hypercall has no address: write console virtual uart");
	cell->flags.v |= CV_CELL_CONSOLE_PERMITTED | CV_CELL_CONSOLE_ACTIVE;
	cell->flags.from = s->at;
}

void cell_console(struct resolver *r, struct cell *cell, const struct stmt *s)
{
	struct console con;
	struct diag *d;

	if (console_is_virtual(s)) { /* cell_virtual_uart knows how, once the block is read */
		cell->console_virtual = true;
		return;
	}
	if (!console_of(r, s, cell->explicit_only, &con))
		return;
	if (cell->console.from) {
		d = diag_report(r->c, D_E0206, s->at, "the console is said twice");
		diag_note(r->c, d, cell->console.from, "first here");
		return;
	}
	cell->console = con;
}
