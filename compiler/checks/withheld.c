// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that no cell may have: the hypervisor's own, GIC and IOMMU registers, the PCI
 * configuration space. From the system header, and from the tree where there is one.
 *
 * Out: check->withheld, and the same as range sets by host and by guest address. An extent that
 * the tree states is not added again from the header.
 */
#include "check.h"

#define FRAME_GICD2 0x1000ull
#define FRAME_GICD3 0x10000ull
#define FRAME_GICC  0x2000ull
#define FRAME_GICR  0x20000ull

static bool by_guest_address(enum withheld_kind kind)
{
	return kind == HELD_GIC || kind == HELD_GICR || kind == HELD_ECAM_VIRTUAL ||
	       kind == HELD_WINDOW;
}

static bool by_host_address(enum withheld_kind kind)
{
	return kind != HELD_ECAM_VIRTUAL && kind != HELD_WINDOW;
}

static bool known(const struct check *k, enum withheld_kind kind, u64 addr)
{
	const struct range *r;

	ranges_each_in(r, &k->held_host, addr, 1)
		if (((const struct withheld *)r->owner)->kind == kind)
			return true;
	return false;
}

/* guest: a cell sees something of its own at this address */
static void hold(struct check *k, enum withheld_kind kind, u64 addr, u64 size, bool guest,
		 const struct origin *from, const char *name)
{
	struct withheld *w;

	if (!addr || !size || size - 1 > UINT64_MAX - addr)
		return;
	if (by_host_address(kind) && known(k, kind, addr))
		return;
	w = NEW(k->a, struct withheld);
	*w = (struct withheld){kind, addr, size, name, from};
	*vec_push(k->a, &k->withheld) = w;
	if (by_host_address(kind))
		ranges_add(&k->held_host, addr, size, w);
	if (guest && by_guest_address(kind))
		ranges_add(&k->held_guest, addr, size, w);
}

static const struct origin *gic_from(const struct check *k)
{
	const struct platform *p = &k->m->platform;

	if (k->m->machine && k->m->machine->gic.from)
		return k->m->machine->gic.from;
	return p->arch_from ? p->arch_from : p->from;
}

static u64 or_default(u64 size, u64 standard)
{
	return size ? size : standard;
}

/* Redistributor frames of a region, one for each CPU as long as there is room. */
static void hold_redistributors(struct check *k, u64 addr, u64 size, u64 stride, u32 *cpu, u32 cpus,
				const struct origin *from)
{
	u64 at = 0;

	for (; *cpu < cpus && stride <= size - at; at += stride, ++*cpu)
		hold(k, HELD_GICR, addr + at, stride, true, from,
		     arena_printf(k->a, "redistributor frame %u", *cpu));
	if (at < size)
		hold(k, HELD_GICR, addr + at, size - at, true, from, "redistributor region");
}

static void hold_machine_gic(struct check *k, const struct gic *g)
{
	u32 cpu = 0, cpus = (u32)k->m->machine->cpus.n + k->m->machine->disabled_cpus;
	const struct origin *from = gic_from(k);
	bool v2 = g->version == 2;
	const struct extent *e;

	hold(k, HELD_GIC, g->gicd, or_default(g->gicd_size, v2 ? FRAME_GICD2 : FRAME_GICD3), true,
	     from, "GIC distributor");
	hold(k, HELD_GIC, g->gicc, or_default(g->gicc_size, FRAME_GICC), v2, from,
	     "GIC CPU interface");
	hold(k, HELD_GIC, g->gich, or_default(g->gich_size, FRAME_GICC), false, from,
	     "GIC virtual interface control");
	hold(k, HELD_GIC, g->gicv, or_default(g->gicv_size, FRAME_GICC), false, from,
	     "GIC virtual CPU interface");
	vec_each(e, &g->gicr)
		hold_redistributors(k, e->addr, e->size, or_default(g->gicr_stride, FRAME_GICR),
				    &cpu, cpus, e->from ? e->from : from);
}

static u32 root_cpus(const struct check *k)
{
	u32 cpus = 1;

	for (size_t i = 0; i < k->root->cpus.n; i++)
		cpus = MAX(cpus, k->root->cpus.v[i].index + 1);
	return cpus;
}

/* What the system header says: all there is for a binary. */
static void hold_platform_gic(struct check *k)
{
	const struct cv_platform_arm *p = &k->m->platform.arm;
	const struct origin *from = gic_from(k);
	u32 cpu = 0, cpus = root_cpus(k);
	bool v2 = p->gic_version == 2;

	hold(k, HELD_GIC, p->gicd_base, v2 ? FRAME_GICD2 : FRAME_GICD3, true, from,
	     "GIC distributor");
	hold(k, HELD_GIC, p->gicc_base, FRAME_GICC, v2, from, "GIC CPU interface");
	hold(k, HELD_GIC, p->gich_base, FRAME_GICC, false, from, "GIC virtual interface control");
	hold(k, HELD_GIC, p->gicv_base, FRAME_GICC, false, from, "GIC virtual CPU interface");
	if (!v2 && p->gicr_base && !known(k, HELD_GICR, p->gicr_base))
		hold_redistributors(k, p->gicr_base, cpus * FRAME_GICR, FRAME_GICR, &cpu, cpus,
				    from);
}

static void hold_iommus(struct check *k)
{
	const struct platform *p = &k->m->platform;

	for (u32 i = 0; i < CV_IOMMU_UNITS; i++) {
		bool frames = p->iommus[i].type == CV_IOMMU_FRAMES;

		if (p->iommus[i].type == CV_IOMMU_NONE)
			continue;
		hold(k, frames ? HELD_GICR : HELD_IOMMU, p->iommus[i].base, p->iommus[i].size, frames,
		     p->iommu_from[i] ? p->iommu_from[i] : p->from,
		     frames ? "redistributor region" : arena_printf(k->a, "IOMMU unit %u", i));
	}
}

static void hold_nodes(struct check *k)
{
	const struct machine *m = k->m->machine;

	for (size_t i = 0; i < m->nodes.n; i++) {
		const struct node *n = m->nodes.v[i];
		bool iommu = n->role == NODE_IOMMU;

		if (!node_is_withheld(n))
			continue;
		for (size_t r = 0; r < n->regs.n; r++)
			hold(k, iommu ? HELD_IOMMU : HELD_GIC, n->regs.v[r].addr, n->regs.v[r].size,
			     false, n->regs.v[r].from,
			     arena_printf(k->a, "%s %s", iommu ? "IOMMU" : "ITS", n->name));
	}
}

/*
 * A configuration space in the system header is filtered by the hypervisor if it is real, and
 * emulated at these guest addresses if it is virtual. (A host bridge that root keeps as a plain
 * device stands in no header.)
 */
static void hold_pci(struct check *k)
{
	const struct platform *p = &k->m->platform;
	u64 size = (u64)(p->mmconfig_end_bus + 1) << 20;

	if (p->mmconfig_base.v && !p->mmconfig_open)
		hold(k, p->pci_virtual ? HELD_ECAM_VIRTUAL : HELD_ECAM, p->mmconfig_base.v, size,
		     true, p->mmconfig_base.from, "PCI configuration space");
	if (p->pci_window.size)
		hold(k, HELD_WINDOW, p->pci_window.addr, p->pci_window.size, true,
		     p->pci_window.from ? p->pci_window.from : p->mmconfig_base.from,
		     "BAR window of virtual PCI devices");
}

void check_collect_withheld(struct check *k)
{
	const struct region *hyp = &k->m->platform.hypervisor;

	ranges_init(&k->held_host, k->a);
	ranges_init(&k->held_guest, k->a);
	if (k->root && !hyp->phys_open)
		hold(k, HELD_HYPERVISOR, hyp->phys.v, hyp->size.v, false,
		     check_at(&hyp->phys, hyp->from), "hypervisor memory");
	if (k->m->machine) {
		if (is_arm(k))
			hold_machine_gic(k, &k->m->machine->gic);
		hold_nodes(k);
	}
	if (k->root && is_arm(k))
		hold_platform_gic(k);
	if (k->root) {
		hold_iommus(k);
		hold_pci(k);
	}
}
