// SPDX-License-Identifier: GPL-2.0-only
/*
 * The virtual PCI host: its configuration space and window, slots of its devices.
 *
 * Nothing answers at these addresses but the hypervisor, so they must be free of everything in
 * every cell: RAM, registers of any device of the tree (disabled ones too), windows, the GIC.
 */
#include "place.h"

#define LOWEST	 (16 * MIB) /* boot ROMs and vectors that no tree tells */
#define PER_SLOT (64 * KIB)
#define SLOTS	 32

static void subtract_machine(const struct machine *m, struct ranges *holes)
{
	for (size_t i = 0; i < m->nodes.n; i++) {
		const struct node *n = m->nodes.v[i];

		for (size_t k = 0; k < n->regs.n; k++)
			ranges_subtract(holes, n->regs.v[k].addr, n->regs.v[k].size);
		for (size_t k = 0; k < n->windows.n; k++)
			ranges_subtract(holes, n->windows.v[k].addr, n->windows.v[k].size);
	}
}

void place_find_holes(struct placer *p, struct ranges *holes)
{
	const struct model *m = p->m;
	const struct range *g;

	ranges_init(holes, p->c->arena);
	ranges_merge(holes, LOWEST, 4 * GIB - LOWEST, NULL);
	for (size_t i = 0; i < m->ram.n; i++)
		ranges_subtract(holes, m->ram.v[i].addr, m->ram.v[i].size);
	for (size_t i = 0; i < m->reserved.n; i++)
		ranges_subtract(holes, m->reserved.v[i].addr, m->reserved.v[i].size);
	if (m->machine)
		subtract_machine(m->machine, holes);
	ranges_each(g, &p->used)
		ranges_subtract(holes, g->start, range_size(g));
	for (size_t i = 0; i < m->cells.n; i++)
		ranges_each(g, &p->guest[i])
			ranges_subtract(holes, g->start, range_size(g));
}

static u64 ecam_align(u64 size)
{
	u64 align = MIB;

	while (align < size)
		align *= 2;
	return align;
}

static u64 window_size(const struct model *m)
{
	return align_up(MAX(MIB, MIN(m->links.n, (size_t)SLOTS) * PER_SLOT), MIB);
}

/* At the top of the largest hole: far from RAM that firmware may add, and from small blocks. */
bool place_in_hole(const struct ranges *holes, u64 size, u64 align, u64 *addr)
{
	const struct range *hole = ranges_largest(holes);
	struct range_fit f = {.size = size, .align = align, .last = UINT64_MAX, .from_top = true};

	if (!hole)
		return false;
	f.low = hole->start;
	f.last = hole->last;
	if (ranges_fit(holes, &f, addr))
		return true;
	f.low = 0;
	f.last = UINT64_MAX;
	return ranges_fit(holes, &f, addr);
}

static void set_window(struct placer *p, u64 addr, const struct origin *from)
{
	struct extent *w = &p->m->platform.pci_window;

	if (w->from)
		return;
	*w = (struct extent){
		.addr = addr, .size = window_size(p->m), .name = "window", .from = from};
}

void place_pci_host(struct placer *p)
{
	struct platform *pf = &p->m->platform;
	u64 ecam = (pf->mmconfig_end_bus + 1ull) * MIB, window, addr;
	struct ranges holes;
	const struct origin *why;
	struct diag *d;

	if (!pf->mmconfig_open) {
		if (pf->pci_virtual && pf->mmconfig_base.from)
			set_window(p, pf->mmconfig_base.v + ecam,
				   origin_rule(p->c, pf->mmconfig_base.from,
					       "behind the configuration space"));
		return;
	}
	place_find_holes(p, &holes);
	window = pf->pci_window.from ? 0 : window_size(p->m);
	if (!place_in_hole(&holes, ecam + window, ecam_align(ecam), &addr)) {
		d = diag_report(
			p->c, D_E1205, pf->mmconfig_base.from ? pf->mmconfig_base.from : pf->from,
			"no room for the virtual PCI host: it needs %s below 4G that no RAM, "
			"device or window takes",
			fmt_size(p->c->arena, ecam + window));
		explain_no_room(p, d, &holes, "the addresses below 4G");
		return;
	}
	why = origin_placed(p->c, "the top of the largest hole below 4G");
	pf->mmconfig_base = (struct fact){addr, why};
	pf->mmconfig_open = false;
	set_window(p, addr + ecam, why);
	decided(p, "virtual PCI host", fmt_range(p->c->arena, addr, ecam), why->why, pf->from);
	decided(p, "window of the virtual PCI host",
		fmt_range(p->c->arena, pf->pci_window.addr, pf->pci_window.size),
		"behind the configuration space", pf->from);
}

/* --- slots --- */

static u32 slots_of(const struct cell *cell)
{
	u32 used = 0;

	for (size_t i = 0; i < cell->pcis.n; i++)
		if (!cell->pcis.v[i]->bdf_open && cell->pcis.v[i]->rec.bdf < SLOTS << 3)
			used |= 1u << (cell->pcis.v[i]->rec.bdf >> 3);
	return used;
}

/* On a virtual bus from 0 up; on a real one from the middle, where few machines have devices. */
static bool free_slot(const struct model *m, u32 used, u32 *slot)
{
	for (u32 i = 0; i < SLOTS; i++) {
		*slot = m->platform.pci_virtual ? i : (i + SLOTS / 2) % SLOTS;
		if (!(used >> *slot & 1))
			return true;
	}
	return false;
}

static void set_slot(struct link *l)
{
	for (size_t i = 0; i < l->peers.n; i++) {
		l->peers.v[i].device->rec.bdf = (u16)(l->slot.v << 3);
		l->peers.v[i].device->bdf_open = false;
	}
	l->slot_open = false;
}

/* The hypervisor joins what has one PCI address: a slot is one link's, also among other cells. */
static u32 slots_of_links(const struct model *m)
{
	u32 used = 0;

	for (size_t i = 0; i < m->links.n; i++)
		if (!m->links.v[i]->slot_open)
			used |= 1u << (m->links.v[i]->slot.v & (SLOTS - 1));
	return used;
}

static void place_slot(struct placer *p, struct link *l)
{
	u32 used = slots_of_links(p->m), slot;

	for (size_t i = 0; i < l->peers.n; i++)
		used |= slots_of(l->peers.v[i].cell);
	if (!free_slot(p->m, used, &slot)) {
		diag_report(p->c, D_E1203, l->from,
			    "link \"%s\" finds no slot: its peers and the other links have all 32", l->name);
		return;
	}
	l->slot = (struct fact){slot, origin_placed(p->c, "the first slot that no peer and no other link has")};
	set_slot(l);
	decided(p, arena_printf(p->c->arena, "slot of link \"%s\"", l->name),
		arena_printf(p->c->arena, "00:%02x.0", slot), l->slot.from->why, l->from);
}

void place_slots(struct placer *p)
{
	for (size_t i = 0; i < p->m->links.n; i++)
		if (!p->m->links.v[i]->slot_open)
			set_slot(p->m->links.v[i]);
	for (size_t i = 0; i < p->m->links.n; i++)
		if (p->m->links.v[i]->slot_open)
			place_slot(p, p->m->links.v[i]);
}
