// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cells: their names, then every statement of their blocks.
 */
#include "resolve.h"

#include <string.h>

static void set_flag(struct cell *cell, u64 flag, const struct stmt *s)
{
	cell->flags.v |= flag;
	cell->flags.from = s->at;
}

static void cell_flags(struct resolver *r, struct cell *cell, const struct stmt *s)
{
	set_flag(cell, value_fit(r, &s->args[0], 32, "flags"), s);
}

static void cell_mode(struct resolver *r, struct cell *cell, const struct stmt *s)
{
	static const struct {
		enum keyword kw;
		u32 flag;
	} modes[] = {
		{KW_passive, CV_CELL_PASSIVE_COMM},
		{KW_test_device, CV_CELL_TEST_DEVICE},
		{KW_aarch32, CV_CELL_AARCH32},
	};

	(void)r;
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
		if (modes[i].kw == s->kw)
			set_flag(cell, modes[i].flag, s);
}

static void cell_virtual_console(struct resolver *r, struct cell *cell, const struct stmt *s)
{
	static const char *const words[] = {"permitted", "active", NULL};
	int w = choose_word(r, &s->args[0], words, "state of a virtual console");

	if (w == 0)
		set_flag(cell, CV_CELL_CONSOLE_PERMITTED, s);
	if (w == 1)
		set_flag(cell, CV_CELL_CONSOLE_ACTIVE, s);
}

static void cell_number(struct resolver *r, struct cell *cell, const struct stmt *s)
{
	switch (s->kw) {
	case KW_id:
		cell->id = arg_fact(r, s, 32);
		break;
	case KW_cpu_set:
		cell->cpu_set_size = arg_fact(r, s, 16);
		break;
	case KW_vpci_irq:
		cell->vpci_irq_base = arg_fact(r, s, 32);
		break;
	case KW_reset:
		cell->reset = arg_fact(r, s, 64);
		break;
	default:
		cell->timeout = arg_fact(r, s, 64);
		break;
	}
}

static void cell_cpus(struct resolver *r, struct cell *cell, const struct stmt *s)
{
	if (s->args[0].num > 1024) {
		diag_report(r->c, D_E0222, s->at, "a cell has at most 1024 CPUs, not %llu",
			    (unsigned long long)s->args[0].num);
		return;
	}
	cell->cpus_wanted = (u32)s->args[0].num;
	cell->cpus_from = s->at;
}

static void claim_cpu(struct resolver *r, struct cell *cell, u32 index, const struct item *it)
{
	const struct origin *at = item_origin(r, it);
	struct diag *d;

	for (size_t i = 0; i < cell->cpus.n; i++) {
		if (cell->cpus.v[i].index != index)
			continue;
		d = diag_report(r->c, D_E0223, at, "CPU %u is listed twice", index);
		diag_note(r->c, d, cell->cpus.v[i].from, "first here");
		return;
	}
	*vec_push(r->c->arena, &cell->cpus) = (struct cpu_claim){index, at};
}

static void unknown_cpu(struct resolver *r, const struct item *it, const char *text)
{
	struct diag *d = diag_report(r->c, D_E0231, item_origin(r, it), "%s", text);

	diag_help(r->c, d, "the machine has CPUs 0 to %zu", r->m->cpus.n - 1);
}

static void cell_cpu(struct resolver *r, struct cell *cell, const struct stmt *s)
{
	for (size_t i = 0; i < s->nargs; i++) {
		const struct item *it = &s->args[i];
		u64 index = it->num;

		if (it->kind == ITEM_REF) {
			const struct node *n = ref_node(r, it);

			for (index = 0; n && index < r->m->cpus.n; index++)
				if (r->m->cpus.v[index].node == n)
					break;
			if (n && index == r->m->cpus.n)
				unknown_cpu(r, it,
					    arena_printf(r->c->arena,
							 n->role == NODE_CPU ? "%s is disabled"
									     : "%s is no CPU",
							 n->path));
			if (!n || index == r->m->cpus.n)
				continue;
			index = r->m->cpus.v[index].index;
		} else if (r->m && r->m->cpus.n && index >= r->m->cpus.n) {
			unknown_cpu(r, it,
				    arena_printf(r->c->arena, "there is no CPU %llu",
						 (unsigned long long)index));
			continue;
		} else if (index >= CV_MAX_CONFIG_SIZE * 8) {
			value_fit(r, it, 19, "cpu");
			continue;
		}
		claim_cpu(r, cell, (u32)index, it);
	}
}

static void cell_ports(struct resolver *r, struct cell *cell, const struct stmt *s)
{
	const struct clause *at = stmt_clause(s, KW_at), *size = stmt_clause(s, KW_size);
	bool range = s->nargs && s->args[0].kind == ITEM_RANGE;
	u64 first = 0, n = 0;

	if (range == (at || size) || (at != NULL) != (size != NULL)) {
		diag_help(r->c,
			  diag_report(r->c, range ? D_E0223 : D_E0224, s->at,
				      range ? "the range is given twice" : "ports has no range"),
			  "write: ports FIRST .. END, or: ports at FIRST size N");
		return;
	}
	first = range ? s->args[0].num : at->args[0].num;
	n = range ? s->args[0].end - first : size->args[0].num;
	if (first > 0xffff || n > 0xffff || first + n > 0x10000) {
		diag_report(r->c, D_E0222, s->at, "there are ports 0 to 0xffff, not %s",
			    fmt_range(r->c->arena, first, n));
		return;
	}
	*vec_push(r->c->arena, &cell->ports) = (struct pio){(u16)first, (u16)n, s->at};
}

static void cell_stream(struct resolver *r, struct cell *cell, const struct stmt *s)
{
	bool masked = stmt_has(s, KW_mask);
	u32 id = (u32)value_fit(r, &s->args[0], masked ? 15 : 32, "stream");
	u32 mask = (u32)clause_value(r, s, KW_mask, 15, 0);

	*vec_push(r->c->arena, &cell->streams) =
		(struct stream_claim){.value = id | mask << 16, .from = s->at};
}

static void cell_cache(struct resolver *r, struct cell *cell, const struct stmt *s)
{
	struct cache_region *g = vec_push(r->c->arena, &cell->caches);
	u32 type = (stmt_has(s, KW_code) ? CV_CACHE_L3_CODE : 0) |
		   (stmt_has(s, KW_data) ? CV_CACHE_L3_DATA : 0);
	struct item size = s->args[0];

	size.num = size.end - size.num;
	g->from = s->at;
	g->start = (u32)value_fit(r, &s->args[0], 32, "first cache way");
	g->size = (u32)value_fit(r, &size, 32, "number of cache ways");
	g->type = (u8)clause_value(r, s, KW_type, 8, type ? type : CV_CACHE_L3_BOTH);
	g->padding = (u8)clause_value(r, s, KW_padding, 8, 0);
	g->flags = (u16)clause_value(r, s, KW_flags, 16, 0);
	if (stmt_has(s, KW_shared))
		g->flags |= CV_CACHE_ROOTSHARED;
}

static void cell_bytes(struct resolver *r, struct cell *cell, const struct stmt *s)
{
	struct patch p = {.offset = (u32)value_fit(r, &s->args[0], 32, "bytes"), .from = s->at};

	if (!stmt_has(s, KW_hex)) {
		diag_report(r->c, D_E0224, s->at, "bytes without hex digits");
		return;
	}
	p.data = hex_bytes(r, &stmt_clause(s, KW_hex)->args[0], &p.len);
	if (p.data)
		*vec_push(r->c->arena, &cell->patches) = p;
}

static void cell_trailing(struct resolver *r, struct cell *cell, const struct stmt *s)
{
	cell->trailing = hex_bytes(r, &s->args[0], &cell->trailing_len);
	cell->trailing_from = s->at;
}

static void boot_item(struct boot *b, const struct stmt *s)
{
	const char *text = s->args[0].text;

	switch (s->kw) {
	case KW_kernel:
		b->kernel = text;
		break;
	case KW_initrd:
		b->initrd = text;
		break;
	case KW_cmdline:
		b->cmdline = text;
		break;
	case KW_dtb:
		b->dtb = text;
		break;
	default:
		b->image = text;
		break;
	}
}

static void cell_boot(struct resolver *r, struct cell *cell, const struct stmt *s)
{
	static const char *const kinds[] = {"inmate", "linux", NULL};
	int kind = choose_word(r, &s->args[0], kinds, "kind of boot");

	if (kind < 0)
		return;
	cell->boot = (struct boot){.kind = kind ? BOOT_LINUX : BOOT_INMATE, .from = s->at};
	for (size_t i = 0; i < s->body.n; i++) {
		const struct stmt *inner = s->body.v[i];
		bool of_inmate = inner->kw == KW_image;

		if (inner->poisoned)
			continue;
		if (inner->kw != KW_cmdline && of_inmate != !kind) {
			diag_report(r->c, D_E0223, inner->at, "boot %s takes no %s", kinds[kind],
				    keyword_text(inner->kw));
			continue;
		}
		boot_item(&cell->boot, inner);
		if (of_inmate)
			stmt_number(r->c, inner, KW_at, &cell->boot.load);
	}
}

static bool has_comm(const struct cell *cell)
{
	for (size_t i = 0; i < cell->regions.n; i++)
		if (cell->regions.v[i]->role == REGION_COMM)
			return true;
	return false;
}

/* The communication region: a statement, or by rule in every cell that is not explicit. */
static void add_comm(struct resolver *r, struct cell *cell, const struct stmt *s)
{
	static const char *const words[] = {"none", NULL};
	struct region *g;

	if (s && s->nargs) {
		choose_word(r, &s->args[0], words, "communication region");
		return;
	}
	if (!s && (cell->explicit_only || cell->is_root || has_comm(cell)))
		return;
	g = NEW(r->c->arena, struct region);
	g->from =
		s ? s->at : origin_rule(r->c, cell->from, "every cell has a communication region");
	g->name = "communication";
	g->phys.from = origin_rule(r->c, g->from, "the hypervisor owns the page");
	g->size = (struct fact){PAGE_SIZE, origin_rule(r->c, g->from, "one page")};
	g->flags = CV_MEM_READ | CV_MEM_WRITE | CV_MEM_COMM;
	g->role = REGION_COMM;
	g->virt_open = !s || !stmt_number(r->c, s, KW_guest, &g->virt);
	*vec_push(r->c->arena, &cell->regions) = g;
}

static void cell_ignore(struct resolver *r, struct cell *cell, const struct stmt *s)
{
	(void)r, (void)cell, (void)s; /* add_comm and resolve_claims have seen it */
}

/* In looks at the reply; the driver sleeps after each thousand of them. */
#define DEFAULT_TIMEOUT 10000000

static const struct handler cell_table[] = {
	{KW_memory, false, cell_memory},
	{KW_mmio, false, cell_memory},
	{KW_device, false, cell_device},
	{KW_console, false, cell_console},
	{KW_flags, false, cell_flags},
	{KW_passive, false, cell_mode},
	{KW_test_device, false, cell_mode},
	{KW_aarch32, false, cell_mode},
	{KW_virtual_console, false, cell_virtual_console},
	{KW_id, true, cell_number},
	{KW_cpu_set, true, cell_number},
	{KW_vpci_irq, true, cell_number},
	{KW_reset, true, cell_number},
	{KW_timeout, true, cell_number},
	{KW_cpus, true, cell_cpus},
	{KW_cpu, false, cell_cpu},
	{KW_pci, false, cell_pci},
	{KW_capability, false, cell_capability},
	{KW_irq, false, cell_irq},
	{KW_irqchip, false, cell_irqchip},
	{KW_ports, false, cell_ports},
	{KW_stream, false, cell_stream},
	{KW_cache, false, cell_cache},
	{KW_bytes, false, cell_bytes},
	{KW_trailing, true, cell_trailing},
	{KW_boot, true, cell_boot},
	{KW_communication, true, cell_ignore},
	{KW_NONE, false, NULL},
};

/* Whether root asks the cell before it ends, and how long it waits, where nobody said so. */
static void answers(struct resolver *r, struct cell *cell)
{
	if (cell->explicit_only || cell->is_root)
		return;
	if (cell->boot.kind == BOOT_LINUX && !(cell->flags.v & CV_CELL_PASSIVE_COMM)) {
		cell->flags.v |= CV_CELL_PASSIVE_COMM;
		cell->flags.from = origin_rule(r->c, cell->boot.from, "no kernel answers messages");
	}
	if (!cell->timeout.from && !(cell->flags.v & CV_CELL_PASSIVE_COMM))
		cell->timeout = (struct fact){
			DEFAULT_TIMEOUT,
			origin_rule(r->c, cell->from, "silence is consent after some seconds")};
}

static void resolve_cell(struct resolver *r, const struct block *b)
{
	struct cell *cell = b->cell;
	const struct stmt *comm = NULL;

	run_block(r, b, cell_table);
	for (size_t i = 0; i < b->stmts.n; i++) {
		const struct stmt *s = b->stmts.v[i];

		if (s->kw == KW_communication)
			comm = s;
		if (s->kw == KW_console && cell->console_virtual && console_is_virtual(s))
			cell_virtual_uart(r, cell, s);
	}
	answers(r, cell);
	add_comm(r, cell, comm);
	if (cell->irqchips_explicit && cell->irqs.n) {
		for (size_t i = 0; i < b->stmts.n; i++)
			if (b->stmts.v[i]->kw == KW_irq)
				contradiction(r, b->stmts.v[i], NULL,
					      "irqchip lists the interrupts already");
	}
}

/* --- names --- */

static const char *file_of(struct resolver *r, const char *name)
{
	char *file = arena_strndup(r->c->arena, name, strlen(name));

	for (char *p = file; *p; p++) {
		bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
			     (*p >= '0' && *p <= '9') || *p == '.' || *p == '_' || *p == '-';

		if (!plain)
			*p = '_';
	}
	return *file && *file != '.' ? file : arena_printf(r->c->arena, "_%s", file);
}

/* Cells of equal names are for the checks, which know binaries as well. */
static void check_file(struct resolver *r, const struct cell *cell)
{
	for (size_t i = 0; i < r->model->cells.n; i++) {
		const struct cell *other = r->model->cells.v[i];
		struct diag *d;

		if (strcmp(other->name, cell->name) == 0 || strcmp(other->file, cell->file) != 0)
			continue;
		d = diag_report(r->c, D_E0232, cell->from,
				"cells \"%s\" and \"%s\" would both be written to %s.cell",
				other->name, cell->name, cell->file);
		diag_note(r->c, d, other->from, "the other cell");
		return;
	}
}

static struct cell *new_cell(struct resolver *r, const struct stmt *s, const char *name, bool root)
{
	struct cell *cell = NEW(r->c->arena, struct cell);

	cell->name = name;
	cell->is_root = root;
	cell->from = s->at;
	cell->explicit_only = stmt_has(s, KW_explicit);
	cell->file = file_of(r, name);
	check_file(r, cell);
	*vec_push(r->c->arena, &r->model->cells) = cell;
	return cell;
}

static const char *board_name(const struct resolver *r)
{
	for (size_t i = 0; i < r->ast->stmts.n; i++)
		if (r->ast->stmts.v[i]->kw == KW_board && !r->ast->stmts.v[i]->poisoned)
			return r->ast->stmts.v[i]->args[0].text;
	return "root";
}

static void new_root(struct resolver *r)
{
	const struct stmt *root = NULL;
	struct block b;

	for (size_t i = 0; i < r->ast->stmts.n && !root; i++)
		if (r->ast->stmts.v[i]->kw == KW_root && !r->ast->stmts.v[i]->poisoned &&
		    !r->ast->stmts.v[i]->from_board)
			root = r->ast->stmts.v[i];
	if (!root)
		return;
	b = collect_block(r, KW_root);
	if (stmt_has(root, KW_explicit)) { /* then the board adds nothing */
		b.stmts.n = 0;
		for (size_t i = 0; i < root->body.n; i++)
			if (!root->body.v[i]->poisoned)
				*vec_push(r->c->arena, &b.stmts) = root->body.v[i];
	}
	b.stmt = root;
	b.cell = new_cell(r, root, root->nargs ? root->args[0].text : board_name(r), true);
	r->model->has_system = true;
	*vec_push(r->c->arena, &r->blocks) = b;
}

static void new_cells(struct resolver *r)
{
	new_root(r);
	for (size_t i = 0; i < r->ast->stmts.n; i++) {
		const struct stmt *s = r->ast->stmts.v[i];
		struct block b = {0};

		if (s->kw == KW_console && !s->poisoned)
			*vec_push(r->c->arena, &r->uart_facts) = s;
		if (s->kw != KW_cell || s->poisoned)
			continue;
		for (size_t k = 0; k < s->body.n; k++)
			if (!s->body.v[k]->poisoned)
				*vec_push(r->c->arena, &b.stmts) = s->body.v[k];
		b.stmt = s;
		b.cell = new_cell(r, s, s->args[0].text, false);
		*vec_push(r->c->arena, &r->blocks) = b;
	}
}

void resolve_cells(struct resolver *r)
{
	new_cells(r);
	resolve_claims(r);
	for (size_t i = 0; i < r->blocks.n; i++)
		resolve_cell(r, &r->blocks.v[i]);
	if (r->model->has_system && !model_root(r->model)->explicit_only && r->m)
		resolve_root(r, model_root(r->model));
}
