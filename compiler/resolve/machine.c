// SPDX-License-Identifier: GPL-2.0-only
/*
 * The machine: what the tree says, completed and corrected by the statements of board and plan.
 * Without a tree, statements alone make the machine.
 */
#include "resolve.h"

#include <string.h>
#include <sys/stat.h>

static const struct stmt *first_of(const struct ast *ast, enum keyword kw)
{
	for (size_t i = 0; i < ast->stmts.n; i++)
		if (ast->stmts.v[i]->kw == kw && !ast->stmts.v[i]->poisoned)
			return ast->stmts.v[i];
	return NULL;
}

/* Beside the file that names it, then in the include folders, else as it is written. */
static const char *find_file(struct cellc *c, const struct stmt *s, const char *name)
{
	const struct source *src = source_of(c, s->span.start);
	const char *slash = src ? strrchr(src->path, '/') : NULL, *path;
	struct stat st;

	if (name[0] == '/')
		return name;
	path = slash ? arena_printf(c->arena, "%.*s/%s", (int)(slash - src->path), src->path, name)
		     : name;
	if (stat(path, &st) == 0)
		return path;
	for (size_t i = 0; i < c->opt.include.n; i++) {
		const char *other = arena_printf(c->arena, "%s/%s", c->opt.include.v[i], name);

		if (stat(other, &st) == 0)
			return other;
	}
	return path;
}

struct machine *host_of_plan(struct cellc *c, struct ast *ast)
{
	const struct stmt *host = first_of(ast, KW_host);
	VEC(const char *) overlays = {0};

	if (!host)
		return NULL;
	for (size_t i = 0; i < ast->stmts.n; i++) {
		const struct stmt *s = ast->stmts.v[i];

		if (s->kw == KW_overlay && !s->poisoned)
			*vec_push(c->arena, &overlays) = find_file(c, s, s->args[0].text);
	}
	return host_load(c, find_file(c, host, host->args[0].text), host->at, overlays.v,
			 overlays.n);
}

/* --- statements that complete it --- */

/* Whether the plan itself (not the board) has such a statement: then the board's don't count. */
static bool plan_says(const struct resolver *r, enum keyword kw)
{
	for (size_t i = 0; i < r->ast->stmts.n; i++) {
		const struct stmt *s = r->ast->stmts.v[i];

		if (s->kw == kw && !s->poisoned && !s->from_board)
			return true;
	}
	return false;
}

static bool range_of(struct resolver *r, const struct stmt *s, struct extent *e)
{
	const struct clause *at = stmt_clause(s, KW_at), *size = stmt_clause(s, KW_size);
	struct diag *d;

	e->from = s->at;
	if (s->nargs && s->args[0].kind == ITEM_RANGE) {
		if (at || size) {
			contradiction(r, s, at ? at : size, "the range is given twice");
			return false;
		}
		e->addr = s->args[0].num;
		e->size = s->args[0].end - s->args[0].num;
		return true;
	}
	if (at && size) {
		e->addr = at->args[0].num;
		e->size = size->args[0].num;
		return true;
	}
	d = diag_report(r->c, D_E0224, s->at, "%s has no %s", keyword_text(s->kw),
			at ? "size" : "address");
	diag_help(r->c, d, "write: %s at ADDRESS size SIZE", keyword_text(s->kw));
	return false;
}

static void apply_ram(struct resolver *r, const struct stmt *s, bool *replaced)
{
	struct extent e = {.name = "ram"};

	if (!range_of(r, s, &e))
		return;
	if (!*replaced) {
		r->m->ram.n = 0;
		r->m->ram_from_firmware = false;
		*replaced = true;
	}
	*vec_push(r->c->arena, &r->m->ram) = e;
}

static void apply_reserve(struct resolver *r, const struct stmt *s)
{
	const struct clause *why = stmt_clause(s, KW_why);
	struct extent e = {.name = why ? why->args[0].text : "reserve", .no_map = true};

	if (range_of(r, s, &e))
		*vec_push(r->c->arena, &r->m->reserved) = e;
}

static void apply_label(struct resolver *r, const struct stmt *s)
{
	const char *label = s->args[0].text;
	struct node *n = ref_node(r, &s->args[1]);
	struct diag *d;

	if (!n)
		return;
	for (size_t i = 0; i < r->m->nodes.n; i++) {
		struct node *other = r->m->nodes.v[i];

		for (size_t k = 0; k < other->labels.n; k++) {
			if (strcmp(other->labels.v[k], label) != 0)
				continue;
			if (other == n)
				return;
			d = diag_report(r->c, D_E0220, s->at, "label \"%s\" is taken", label);
			diag_note(r->c, d, other->from, "it names %s", other->path);
			return;
		}
	}
	*vec_push(r->c->arena, &n->labels) = label;
}

static void apply_dma(struct resolver *r, const struct stmt *s)
{
	for (size_t i = 0; i < s->nargs; i++) {
		struct node *n = ref_node(r, &s->args[i]);

		if (n)
			n->dma_master = s->kw == KW_dma;
	}
}

static void apply_statements(struct resolver *r)
{
	bool plan_ram = plan_says(r, KW_ram), replaced = false;

	/* labels first: any statement may use them, wherever it stands */
	for (size_t i = 0; i < r->ast->stmts.n; i++)
		if (r->ast->stmts.v[i]->kw == KW_label && !r->ast->stmts.v[i]->poisoned)
			apply_label(r, r->ast->stmts.v[i]);
	for (size_t i = 0; i < r->ast->stmts.n; i++) {
		const struct stmt *s = r->ast->stmts.v[i];

		if (s->poisoned)
			continue;
		if (s->kw == KW_ram && (!s->from_board || !plan_ram))
			apply_ram(r, s, &replaced);
		else if (s->kw == KW_reserve)
			apply_reserve(r, s);
		else if (s->kw == KW_dma || s->kw == KW_no_dma)
			apply_dma(r, s);
	}
}

/* --- platform statements that state hardware --- */

static void machine_gic(struct resolver *r, struct cell *cell, const struct stmt *s)
{
	struct gic *gic = &r->m->gic;

	(void)cell;
	gic->version = (u8)value_fit(r, &s->args[0], 8, "gic");
	gic->gicd = clause_value(r, s, KW_gicd, 64, gic->gicd);
	gic->gicc = clause_value(r, s, KW_gicc, 64, gic->gicc);
	gic->gich = clause_value(r, s, KW_gich, 64, gic->gich);
	gic->gicv = clause_value(r, s, KW_gicv, 64, gic->gicv);
	gic->maintenance = (u32)clause_value(r, s, KW_maintenance, 8, gic->maintenance);
	gic->lines = (u32)clause_value(r, s, KW_lines, 10, gic->lines);
	if (stmt_has(s, KW_gicr)) {
		if (!gic->gicr.n)
			*vec_push(r->c->arena, &gic->gicr) = (struct extent){.name = "GICR"};
		gic->gicr.v[0].addr = clause_value(r, s, KW_gicr, 64, 0);
		gic->gicr.v[0].from = s->at;
	}
	/* frames that are stated are what the hypervisor shall use */
	if (stmt_has(s, KW_gicc) || stmt_has(s, KW_gicv))
		gic->alias_64k = false;
	gic->from = s->at;
}

static void machine_cpus(struct resolver *r, struct cell *cell, const struct stmt *s)
{
	u64 n = s->args[0].num;

	(void)cell;
	if (r->m->fdt) {
		diag_report(r->c, D_E0223, s->at, "the tree %s states the CPUs: it has %zu",
			    r->m->file, r->m->cpus.n);
		return;
	}
	if (!n || n > 1024) {
		diag_report(r->c, D_E0222, s->at, "a machine has 1 to 1024 CPUs, not %llu",
			    (unsigned long long)n);
		return;
	}
	for (u32 i = 0; i < n; i++)
		*vec_push(r->c->arena, &r->m->cpus) =
			(struct cpu){.index = i, .mpidr = i, .core = i, .from = s->at};
}

static void machine_ioapic(struct resolver *r, struct cell *cell, const struct stmt *s)
{
	struct ioapic *chip = vec_push(r->c->arena, &r->m->ioapics);
	const struct ioapic *before = r->m->ioapics.n > 1 ? chip - 1 : NULL;

	(void)cell;
	chip->id = arg_fact(r, s, 32);
	chip->addr = (struct fact){clause_value(r, s, KW_at, 64, 0xfec00000), s->at};
	chip->pins = (struct fact){clause_value(r, s, KW_pins, 8, 24), s->at};
	chip->gsi_base = (struct fact){before ? before->gsi_base.v + before->pins.v : 0, s->at};
	if (chip->pins.v > 128 || !chip->pins.v) {
		diag_report(r->c, D_E0222, s->at, "an IOAPIC has 1 to 128 pins here, not %llu",
			    (unsigned long long)chip->pins.v);
		chip->pins.v = 24;
	}
}

static const struct handler hardware[] = {
	{KW_gic, true, machine_gic},
	{KW_cpus, true, machine_cpus},
	{KW_ioapic, false, machine_ioapic},
	{KW_NONE, false, NULL},
};

/* --- which machine --- */

static const char *const arch_words[] = {"x86", "arm", "arm64", NULL}; /* enum cv_arch */

static void find_architecture(struct resolver *r)
{
	const struct stmt *s = first_of(r->ast, KW_architecture), *cell = first_of(r->ast, KW_cell);
	struct diag *d;
	int arch = s ? choose_word(r, &s->args[0], arch_words, "architecture") : -1;

	r->model->arch = arch >= 0 ? (enum cv_arch)arch : CV_ARCH_ARM64;
	if (r->m) {
		r->model->arch = r->m->arch;
		if (arch >= 0 && (enum cv_arch)arch != r->m->arch)
			diag_report(r->c, D_E0223, s->at, "the tree %s is of an %s machine",
				    r->m->file, arch_name(r->m->arch));
		return;
	}
	/* a statement that was not understood may have named it */
	if (s || r->tree_failed || r->c->errors || !(cell || first_of(r->ast, KW_root)))
		return;
	d = diag_report(r->c, D_E0230, r->ast->stmts.n ? r->ast->stmts.v[0]->at : NULL,
			"the plan names neither a host tree nor an architecture");
	diag_help(r->c, d, "add a statement: host \"NAME.dtb\"; or architecture arm64;");
}

/* Whether statements describe a machine. */
static bool states_hardware(struct resolver *r, const struct block *platform)
{
	if (first_of(r->ast, KW_ram))
		return true;
	for (size_t i = 0; i < platform->stmts.n; i++)
		for (const struct handler *h = hardware; h->kw != KW_NONE; h++)
			if (h->kw == platform->stmts.v[i]->kw)
				return true;
	return false;
}

static void index_registers(struct resolver *r)
{
	r->owners = arena_alloc(r->c->arena, (r->m->nodes.n + 1) * sizeof(*r->owners));
	for (size_t i = 0; i < r->m->nodes.n; i++) {
		const struct node *n = r->m->nodes.v[i];

		if (n->role == NODE_MEMORY || n->role == NODE_RESERVED || n->role == NODE_CPU)
			continue;
		for (size_t k = 0; n->mapped && k < n->regs.n; k++)
			ranges_add(&r->regs, n->regs.v[k].addr, n->regs.v[k].size, n);
	}
}

void resolve_machine(struct resolver *r)
{
	struct block platform = collect_block(r, KW_platform);
	struct extent *e;

	ranges_init(&r->regs, r->c->arena);
	r->tree_failed = !r->m && first_of(r->ast, KW_host);
	find_architecture(r);
	if (!r->m && !r->tree_failed && states_hardware(r, &platform)) {
		r->m = NEW(r->c->arena, struct machine);
		r->m->arch = r->model->arch;
	}
	r->model->machine = r->m;
	if (!r->m)
		return;
	apply_statements(r);
	run_block(r, &platform, hardware);
	index_registers(r);
	vec_each(e, &r->m->ram)
		*vec_push(r->c->arena, &r->model->ram) = *e;
	vec_each(e, &r->m->reserved)
		*vec_push(r->c->arena, &r->model->reserved) = *e;
}
