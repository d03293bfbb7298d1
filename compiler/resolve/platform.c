// SPDX-License-Identifier: GPL-2.0-only
/*
 * The system header: hypervisor memory and console, PCI configuration space, IOMMU units, the
 * architecture's part. From statements, else from the tree.
 */
#include "resolve.h"

/* What the hypervisor gets unasked: its image and cells take the first part, a CPU's record, stack and
 * tables the second. */
#define HYPERVISOR_BASE (2 * MIB)
#define HYPERVISOR_CPU	(32 * KIB)
#define HYPERVISOR_LEAST (4 * MIB)

/* --- hypervisor { } --- */

static void hyp_memory(struct resolver *r, struct cell *cell, const struct stmt *s)
{
	struct region *g = region_of(r, s, true);

	(void)cell;
	if (!g)
		return;
	if (!stmt_has(s, KW_guest)) {
		g->virt = (struct fact){0, s->at};
		g->virt_open = false;
	}
	g->role = g->role == REGION_EMPTY ? REGION_EMPTY : REGION_RAM;
	r->model->platform.hypervisor = *g;
}

static void hyp_console(struct resolver *r, struct cell *cell, const struct stmt *s)
{
	const struct cell *root = model_root(r->model);

	(void)cell;
	if (s->nargs && s->args[0].kw == KW_virtual) {
		diag_report(r->c, D_E0223, s->at,
			    "the hypervisor has no virtual console of its own");
		return;
	}
	console_of(r, s, root && root->explicit_only, &r->model->platform.console);
}

static void hyp_root_console(struct resolver *r, struct cell *cell, const struct stmt *s)
{
	(void)cell;
	r->model->platform.flags.v |= CV_SYS_ROOT_CONSOLE;
	r->model->platform.flags.from = s->at;
}

static void hyp_flags(struct resolver *r, struct cell *cell, const struct stmt *s)
{
	(void)cell;
	r->model->platform.flags.v |= value_fit(r, &s->args[0], 32, "flags");
	r->model->platform.flags.from = s->at;
}

static void hyp_bytes(struct resolver *r, struct cell *cell, const struct stmt *s)
{
	struct patch p = {.offset = (u32)value_fit(r, &s->args[0], 32, "bytes"), .from = s->at};

	(void)cell;
	if (!stmt_has(s, KW_hex)) {
		diag_report(r->c, D_E0224, s->at, "bytes without hex digits");
		return;
	}
	p.data = hex_bytes(r, &stmt_clause(s, KW_hex)->args[0], &p.len);
	if (p.data)
		*vec_push(r->c->arena, &r->model->platform.patches) = p;
}

static const struct handler hypervisor_table[] = {
	{KW_memory, true, hyp_memory},
	{KW_console, true, hyp_console},
	{KW_root_console, false, hyp_root_console},
	{KW_flags, false, hyp_flags},
	{KW_bytes, false, hyp_bytes},
	{KW_NONE, false, NULL},
};

/* The host's console (DT 3.6). Root works as well where the hypervisor can't drive it. */
static void stdout_console(struct resolver *r, struct node *n, const struct cell *root)
{
	const struct origin *from = origin_tree(r->c, r->m->file, "/chosen", "stdout-path");
	struct diag *d;

	if (console_known(r->m, n)) {
		console_of_node(r, n, from, &r->model->platform.console);
		return;
	}
	d = diag_report(r->c, D_W0235, root->from,
			"the hypervisor has no console: it can't drive %s, the host's", n->path);
	diag_note(r->c, d, from, "the host's console");
	diag_help(r->c, d, "name another: hypervisor { console &UART; }");
}

static u64 hypervisor_size(const struct machine *m)
{
	u64 size = HYPERVISOR_BASE + (m ? m->cpus.n : 0) * HYPERVISOR_CPU;

	return MAX(align_up(size, MIB), HYPERVISOR_LEAST);
}

/* Defaults of what no statement said; an explicit root has none. */
static void default_hypervisor(struct resolver *r, const struct cell *root)
{
	struct platform *p = &r->model->platform;
	struct node *stdout_node = r->m ? (struct node *)r->m->stdout_node : NULL;

	if (!p->hypervisor.from && !root->explicit_only) {
		u64 size = hypervisor_size(r->m);
		const struct origin *why =
			origin_rule(r->c, root->from, "%uM where the plan says nothing",
				    (u32)(size / MIB));

		p->hypervisor = (struct region){.size = {size, why},
						.virt = {0, why},
						.phys_open = true,
						.from = why};
	}
	p->hypervisor.name = "hypervisor";
	if (p->console.from || root->explicit_only || !r->m)
		return;
	if (r->uart_facts.n && !stdout_node)
		console_of(r, r->uart_facts.v[0], false, &p->console);
	else if (stdout_node)
		stdout_console(r, stdout_node, root);
}

/* --- platform { } --- */

static void plat_pci(struct resolver *r, struct cell *cell, const struct stmt *s)
{
	struct platform *p = &r->model->platform;

	(void)cell;
	p->mmconfig_base = (struct fact){0, s->at};
	stmt_number(r->c, s, KW_at, &p->mmconfig_base);
	p->mmconfig_end_bus = (u8)clause_value(r, s, KW_end_bus, 8, 0);
	p->pci_virtual = stmt_has(s, KW_virtual);
	p->mmconfig_open = p->pci_virtual && !stmt_has(s, KW_at);
	p->pci_domain = (u16)clause_value(r, s, KW_domain, 16, CV_PCI_DOMAIN_ANY);
	p->pci_window.addr = clause_value(r, s, KW_window, 64, 0);
	if (stmt_has(s, KW_window)) {
		p->pci_window.size = MIB;
		p->pci_window.from = s->at;
	}
}

static void plat_iommu(struct resolver *r, struct cell *cell, const struct stmt *s)
{
	static const char *const words[] = {"none", "amd",    "intel", "smmuv3",
					    "pvu",  "mmu500", NULL};
	const struct clause *tlb = stmt_clause(s, KW_tlb);
	struct platform *p = &r->model->platform;
	struct cv_iommu rec = {0};
	u64 slot = 0;

	(void)cell;
	if (s->args[0].kind == ITEM_NUMBER) {
		rec.type = (u32)value_fit(r, &s->args[0], 32, "iommu");
	} else {
		int type = choose_word(r, &s->args[0], words, "kind of IOMMU");

		if (type < 0)
			return;
		rec.type = (u32)type;
	}
	while (slot < CV_IOMMU_UNITS && p->iommu_from[slot])
		slot++;
	slot = clause_value(r, s, KW_slot, 32, slot);
	if (slot >= CV_IOMMU_UNITS || p->iommu_from[slot]) {
		diag_report(r->c, D_E0222, s->at,
			    slot < CV_IOMMU_UNITS ? "IOMMU unit %llu is given twice"
						  : "IOMMU unit %llu: the header has units 0 to 7",
			    (unsigned long long)slot);
		return;
	}
	rec.base = clause_value(r, s, KW_at, 64, 0);
	rec.size = (u32)clause_value(r, s, KW_size, 32, 0);
	if (tlb) {
		rec.pvu.tlb_base = tlb->args[0].num;
		rec.pvu.tlb_size = (u32)value_fit(r, &tlb->args[1], 32, "tlb");
	} else {
		rec.amd.bdf = (u16)clause_value(r, s, KW_bdf, 16, 0);
		rec.amd.base_cap = (u8)clause_value(r, s, KW_base_cap, 8, 0);
		rec.amd.msi_cap = (u8)clause_value(r, s, KW_msi_cap, 8, 0);
		rec.amd.features = (u32)clause_value(r, s, KW_features, 32, 0);
	}
	p->iommus[slot] = rec;
	p->iommu_from[slot] = s->at;
}

/* The x86 numbers share bytes with the ARM part. */
static bool x86_only(struct resolver *r, const struct stmt *s)
{
	if (r->model->arch == CV_ARCH_X86)
		return true;
	diag_report(r->c, D_E0223, s->at, "%s is of x86 machines, this one is %s",
		    keyword_text(s->kw), arch_name(r->model->arch));
	return false;
}

static void plat_x86(struct resolver *r, struct cell *cell, const struct stmt *s)
{
	static const char *const modes[] = {"auto", "xapic", "x2apic", NULL};
	struct cv_platform_x86 *x = &r->model->platform.x86;
	int mode;

	(void)cell;
	if (!x86_only(r, s))
		return;
	r->model->platform.arch_from = s->at;
	switch (s->kw) {
	case KW_pm_timer:
		x->pm_timer_address = (u16)value_fit(r, &s->args[0], 16, "pm-timer");
		break;
	case KW_apic:
		mode = choose_word(r, &s->args[0], modes, "APIC mode");
		x->apic_mode = mode < 0 ? 0 : (u8)mode;
		break;
	case KW_vtd_limit:
		x->vtd_interrupt_limit = (u32)value_fit(r, &s->args[0], 32, "vtd-limit");
		break;
	case KW_tsc_khz:
		x->tsc_khz = (u32)value_fit(r, &s->args[0], 32, "tsc-khz");
		break;
	default:
		x->apic_khz = (u32)value_fit(r, &s->args[0], 32, "apic-khz");
		break;
	}
}

static const struct handler platform_table[] = {
	{KW_pci, true, plat_pci},	{KW_iommu, false, plat_iommu},
	{KW_pm_timer, true, plat_x86},	{KW_apic, true, plat_x86},
	{KW_vtd_limit, true, plat_x86}, {KW_tsc_khz, true, plat_x86},
	{KW_apic_khz, true, plat_x86},	{KW_NONE, false, NULL},
};

/*
 * GICv2 on 64K pages: the CPU interface is two pages of 4K, which are adjacent only where the last
 * alias of the first meets the first alias of the second (SBSA, appendix F).
 */
static void gic_part(struct resolver *r)
{
	const struct gic *gic = &r->m->gic;
	struct cv_platform_arm *arm = &r->model->platform.arm;
	u64 alias = gic->version == 2 && gic->alias_64k ? 0xf000 : 0;

	if (!gic->version)
		return;
	arm->gic_version = gic->version;
	arm->maintenance_irq = (u8)gic->maintenance;
	arm->gicd_base = gic->gicd;
	arm->gich_base = gic->gich;
	arm->gicc_base = gic->gicc ? gic->gicc | alias : 0;
	arm->gicv_base = gic->gicv ? gic->gicv | alias : 0;
	arm->gicr_base = gic->gicr.n ? gic->gicr.v[0].addr : 0;
	r->model->platform.arch_from = gic->from;
}

static void derive_iommus(struct resolver *r)
{
	struct platform *p = &r->model->platform;

	for (size_t i = 0; i < CV_IOMMU_UNITS; i++)
		if (p->iommu_from[i])
			return;
	for (size_t i = 0; i < MIN(r->m->iommus.n, (size_t)CV_IOMMU_UNITS); i++) {
		p->iommus[i] = r->m->iommus.v[i].rec;
		p->iommu_from[i] = r->m->iommus.v[i].from;
	}
}

/* Of several regions of redistributors the header has room for the first: the others are withheld as
 * what a unit of this type says. */
static void derive_frames(struct resolver *r)
{
	struct platform *p = &r->model->platform;
	const struct gic *gic = &r->m->gic;
	u32 slot = 0;

	for (u32 i = 0; i < CV_IOMMU_UNITS; i++)
		if (p->iommus[i].type == CV_IOMMU_FRAMES)
			return;
	for (size_t i = 1; i < gic->gicr.n; i++) {
		while (slot < CV_IOMMU_UNITS && p->iommu_from[slot])
			slot++;
		if (slot == CV_IOMMU_UNITS)
			return;
		p->iommus[slot].type = CV_IOMMU_FRAMES;
		p->iommus[slot].base = gic->gicr.v[i].addr;
		p->iommus[slot].size = (u32)MIN(gic->gicr.v[i].size, 0xffff0000u);
		p->iommu_from[slot] = gic->gicr.v[i].from ? gic->gicr.v[i].from : gic->from;
	}
}

static bool says(const struct block *b, enum keyword kw)
{
	for (size_t i = 0; i < b->stmts.n; i++)
		if (b->stmts.v[i]->kw == kw)
			return true;
	return false;
}

void resolve_platform(struct resolver *r)
{
	struct block hyp = collect_block(r, KW_hypervisor), plat = collect_block(r, KW_platform);
	const struct cell *root = model_root(r->model);

	r->model->platform.from = root ? root->from : NULL;
	run_block(r, &hyp, hypervisor_table);
	run_block(r, &plat, platform_table);
	if (r->m && r->model->arch != CV_ARCH_X86 &&
	    (!root || !root->explicit_only || says(&plat, KW_gic)))
		gic_part(r);
	if (!root)
		return;
	default_hypervisor(r, root);
	if (r->m && !root->explicit_only) {
		derive_iommus(r);
		derive_frames(r);
	}
}
