// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks: devices of the tree, what they depend on, how they reach memory; consoles.
 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

void check_device_owners(struct check *k)
{
	for (size_t i = 0; i < k->holdings.n; i++) {
		const struct holding *b = &k->holdings.v[i], *a = check_holder(k, b->node);
		struct diag *d;

		if (a == b || a->cell == b->cell)
			continue;
		d = check_report(k, D_E0701, b->cell, b->from, "%s belongs to %s and to %s",
				 b->node->name, check_cell(k, a->cell), check_cell(k, b->cell));
		check_note(k, d, a->cell, a->from, "%s has it here", check_cell(k, a->cell));
	}
}

/* --- providers --- */

static const char *const kinds[] = {
	[PROVIDES_CLOCK] = "clock",	    [PROVIDES_RESET] = "reset",
	[PROVIDES_POWER] = "power domain",  [PROVIDES_PINCTRL] = "pin control",
	[PROVIDES_REGULATOR] = "regulator", [PROVIDES_GPIO] = "GPIO",
	[PROVIDES_DMA] = "DMA channel",	    [PROVIDES_PHY] = "PHY",
	[PROVIDES_MAILBOX] = "mailbox",	    [PROVIDES_OTHER] = "service",
};

/* Nothing to switch: a fact in the tree, not a device. */
static bool is_passive(const struct node *n)
{
	static const char *const fixed[] = {"fixed-clock", "fixed-factor-clock"};

	for (size_t i = 0; n->compatible && i < ARRAY_SIZE(fixed); i++)
		if (strcmp(n->compatible, fixed[i]) == 0)
			return true;
	return false;
}

static bool is_inside(const struct node *n, const struct node *outer)
{
	for (; n; n = n->parent)
		if (n == outer)
			return true;
	return false;
}

/* The cell that drives a provider: who has the node or one around it. */
static const struct holding *driver_of(const struct check *k, const struct node *n)
{
	for (; n; n = n->parent) {
		const struct holding *h = check_holder(k, n);

		if (h)
			return h;
	}
	return NULL;
}

static const struct holding *foreign_provider(const struct check *k, const struct holding *h,
					      const struct provider *p)
{
	const struct holding *o = driver_of(k, p->node);

	return o && o->cell != h->cell ? o : NULL;
}

static void report_foreign_provider(struct check *k, const struct holding *h,
				    const struct provider *p, const struct holding *o)
{
	struct diag *d = check_report(k, D_W0718, h->cell, h->from,
				      "%s of %s needs the %s of %s, which belongs to %s",
				      h->node->name, check_cell(k, h->cell), kinds[p->kind],
				      p->node->name, check_cell(k, o->cell));

	check_note(k, d, NULL, p->from, "needed here");
	check_note(k, d, o->cell, o->from, "%s has it here", check_cell(k, o->cell));
}

static bool stays_with_root(const struct check *k, const struct holding *h,
			    const struct provider *p)
{
	return p->node && !is_passive(p->node) && !is_inside(p->node, h->node) &&
	       !driver_of(k, p->node);
}

/* One finding a device, with each thing that root keeps. */
static void check_root_providers(struct check *k, const struct holding *h)
{
	const struct provider *p;
	struct diag *d = NULL;
	u32 seen = 0;

	vec_each(p, &h->node->providers) {
		if (!stays_with_root(k, h, p) || seen >> p->kind & 1)
			continue;
		seen |= 1u << p->kind;
		if (!d)
			d = check_report(k, D_W0717, h->cell, h->from,
					 "%s of %s depends on what root controls", h->node->name,
					 check_cell(k, h->cell));
		check_note(k, d, NULL, p->from, "%s of %s", kinds[p->kind], p->node->name);
	}
}

void check_providers(struct check *k)
{
	for (size_t i = 0; i < k->holdings.n; i++) {
		const struct holding *h = &k->holdings.v[i], *o;
		const struct provider *p;

		if (!k->root && !h->explicit_claim)
			continue;
		vec_each(p, &h->node->providers) {
			o = p->node ? foreign_provider(k, h, p) : NULL;
			if (o) {
				report_foreign_provider(k, h, p, o);
				break;
			}
		}
		check_root_providers(k, h);
	}
}

/* --- DMA --- */

static bool has_iommu(const struct check *k)
{
	for (u32 i = 0; i < CV_IOMMU_UNITS; i++)
		if (k->m->platform.iommus[i].type != CV_IOMMU_NONE &&
		    k->m->platform.iommus[i].type != CV_IOMMU_FRAMES)
			return true;
	return false;
}

/* Behind a unit that the hypervisor drives: an enabled one of the tree, or one that is stated. */
static bool is_guarded(const struct check *k, const struct node *n)
{
	const struct iommu_unit *unit;

	if (!k->m->machine->iommus.n)
		return n->streams.n && has_iommu(k);
	for (size_t i = 0; i < n->streams.n; i++)
		vec_each(unit, &k->m->machine->iommus)
			if (unit->node == n->streams.v[i].iommu)
				return true;
	return false;
}

void check_device_dma(struct check *k)
{
	for (size_t i = 0; i < k->holdings.n; i++) {
		const struct holding *h = &k->holdings.v[i];
		struct diag *d;

		if (!h->node->dma_master || is_guarded(k, h->node))
			continue;
		d = check_report(k, D_W0703, h->cell, h->from,
				 "%s of %s masters memory and is behind no IOMMU", h->node->name,
				 check_cell(k, h->cell));
		check_note(k, d, NULL, h->node->from,
			   h->node->streams.n ? "its IOMMU is not one that the hypervisor drives"
					      : "the tree names no stream of it");
	}
}

/* Any PCI device may be a master, and no tree tells of one. Once for a cell. */
void check_pci_dma(struct check *k)
{
	for (size_t i = 0; i < k->m->cells.n && !has_iommu(k); i++) {
		const struct cell *cell = k->m->cells.v[i];
		const struct pci_device *d = NULL;

		for (size_t n = cell->pcis.n; n-- > 0;)
			if (cell->pcis.v[n]->rec.type == CV_PCI_DEVICE)
				d = cell->pcis.v[n];
		if (d && !cell->is_root)
			check_report(k, D_W0703, cell, d->from,
				     "PCI device %s of %s may master all memory: there is no IOMMU",
				     check_bdf(k, d->rec.domain, d->rec.bdf), check_cell(k, cell));
	}
}

/* Without translation a device sees host addresses, its driver guest addresses. */
void check_dma_identity(struct check *k)
{
	if (!k->root || has_iommu(k))
		return;
	for (size_t i = 0; i < k->host.n; i++) {
		const struct use *u = &k->host.v[i];
		struct diag *d;

		if (!(u->r->flags & CV_MEM_DMA) || u->r->virt_open ||
		    u->r->phys.v == u->r->virt.v || u->group != u->cell)
			continue;
		d = check_report(k, D_W0707, u->cell, check_at(&u->r->virt, u->r->from),
				 "%s is for DMA at guest address %s, and there is no IOMMU to "
				 "translate",
				 check_use(k, u), fmt_addr(k->a, u->r->virt.v));
		check_fix_number(k, d, &u->r->virt, u->r->phys.v);
	}
}

/* --- streams --- */

struct claimed {
	const struct stream_claim *s;
	const struct cell *cell;
	u32 cell_index;
};

static u32 claim_mask(const struct stream_claim *s)
{
	return s->value >> 16 & 0x7fff;
}

/* Equal but for bits that either side does not compare. */
static bool streams_meet(const struct claimed *a, const struct claimed *b)
{
	u32 ignored = claim_mask(a->s) | claim_mask(b->s);

	if (a->s->iommu && b->s->iommu && a->s->iommu != b->s->iommu)
		return false;
	return ((a->s->value ^ b->s->value) & 0x7fff & ~ignored) == 0;
}

static int by_stream(const void *pa, const void *pb)
{
	const struct claimed *a = pa, *b = pb;
	u32 x = a->s->value & 0x7fff, y = b->s->value & 0x7fff;

	if (x != y)
		return x < y ? -1 : 1;
	return a->cell_index < b->cell_index ? -1 : a->cell_index > b->cell_index;
}

static void report_stream(struct check *k, const struct claimed *b, const struct claimed *a)
{
	struct diag *d =
		check_report(k, D_E0706, b->cell, b->s->from, "stream 0x%x belongs to %s and to %s",
			     b->s->value & 0x7fff, check_cell(k, a->cell), check_cell(k, b->cell));

	check_note(k, d, a->cell, a->s->from, "%s has 0x%x here", check_cell(k, a->cell),
		   a->s->value & 0x7fff);
}

/* Claims with a mask may meet any other; they are few (a table of 128 at most in an MMU-500). */
static const struct claimed *met_before(const struct claimed *v, size_t i)
{
	for (size_t n = i; n-- > 0;) {
		bool near = (v[n].s->value & 0x7fff) == (v[i].s->value & 0x7fff);

		if (!near && !claim_mask(v[i].s) && !claim_mask(v[n].s))
			continue;
		if (v[n].cell != v[i].cell && streams_meet(&v[n], &v[i]))
			return &v[n];
	}
	return NULL;
}

void check_stream_owners(struct check *k)
{
	VEC(struct claimed) all = {0};
	const struct stream_claim *s;

	for (u32 i = 0; i < k->m->cells.n; i++) {
		const struct cell *cell = k->m->cells.v[i];

		if (cell->is_root)
			continue;
		vec_each(s, &cell->streams)
			*vec_push(k->a, &all) = (struct claimed){s, cell, i};
	}
	if (all.n)
		qsort(all.v, all.n, sizeof(*all.v), by_stream);
	for (size_t i = 0; i < all.n; i++) {
		const struct claimed *a = met_before(all.v, i);

		if (a)
			report_stream(k, &all.v[i], a);
	}
}

static bool claims_stream(const struct cell *cell, const struct stream *t)
{
	const struct stream_claim *s;

	vec_each(s, &cell->streams)
		if (((s->value ^ t->id) & 0x7fff & ~(claim_mask(s) | t->mask)) == 0)
			return true;
	return false;
}

static void check_streams_granted(struct check *k, const struct holding *h)
{
	const struct stream *t;

	vec_each(t, &h->node->streams) {
		struct diag *d;

		if (claims_stream(h->cell, t))
			continue;
		d = check_report(k, D_W0705, h->cell, h->from,
				 "%s has %s, but not its stream 0x%x: its DMA will fault",
				 check_cell(k, h->cell), h->node->name, t->id);
		check_note(k, d, NULL, t->from, "the device uses it");
		return;
	}
}

static const struct stream *same_stream(const struct node *n, const struct node *o)
{
	for (size_t i = 0; i < n->streams.n; i++)
		for (size_t j = 0; j < o->streams.n; j++)
			if (n->streams.v[i].iommu == o->streams.v[j].iommu &&
			    n->streams.v[i].id == o->streams.v[j].id)
				return &o->streams.v[j];
	return NULL;
}

/* Devices with one stream id can't be told apart by the IOMMU. */
static void check_group(struct check *k, const struct holding *h)
{
	const struct machine *m = k->m->machine;

	for (size_t i = 0; i < m->nodes.n; i++) {
		const struct node *o = m->nodes.v[i];
		const struct holding *other = o->streams.n ? check_holder(k, o) : NULL;
		const struct stream *t;
		struct diag *d;

		if (o == h->node || !o->streams.n || (other ? other->cell == h->cell : !o->enabled))
			continue;
		t = same_stream(h->node, o);
		if (!t)
			continue;
		d = check_report(
			k, D_W0704, h->cell, h->from,
			"%s of %s and %s of %s share stream 0x%x: the IOMMU can't tell them "
			"apart",
			h->node->name, check_cell(k, h->cell), o->name,
			other ? check_cell(k, other->cell) : "root", t->id);
		check_note(k, d, other ? other->cell : NULL, t->from, "used here as well");
		return;
	}
}

void check_device_streams(struct check *k)
{
	for (size_t i = 0; i < k->holdings.n; i++) {
		const struct holding *h = &k->holdings.v[i];

		if (!h->node->streams.n)
			continue;
		/* a unit that the hypervisor does not drive has no streams to give */
		if (has_iommu(k))
			check_streams_granted(k, h);
		check_group(k, h);
	}
}

/* --- consoles --- */

static bool reaches_memory(const struct cell *cell, u64 guest)
{
	for (size_t i = 0; i < cell->regions.n; i++) {
		const struct region *r = cell->regions.v[i];

		if (!r->virt_open && contains(r->virt.v, r->size.v, guest, 1))
			return true;
	}
	return false;
}

static bool reaches_port(const struct cell *cell, u64 port)
{
	for (size_t i = 0; i < cell->ports.n; i++)
		if (contains(cell->ports.v[i].base, cell->ports.v[i].length, port, 1))
			return true;
	return false;
}

static void check_console(struct check *k, const struct cell *cell)
{
	const struct cv_console *con = &cell->console.rec, *hyp = &k->m->platform.console.rec;
	bool mmio = con->flags & CV_CONSOLE_MMIO;
	struct diag *d;

	if (cell_has_all(cell, mmio ? PART_REGIONS : PART_PORTS) &&
	    !(mmio ? reaches_memory(cell, con->address) : reaches_port(cell, con->address)))
		check_report(k, D_W0708, cell, cell->console.from,
			     "the console of %s is at %s %s, which the cell does not have",
			     check_cell(k, cell), mmio ? "address" : "port",
			     fmt_addr(k->a, con->address));
	if (!k->root || hyp->type == CV_CONSOLE_NONE || hyp->address != con->address ||
	    (hyp->flags & CV_CONSOLE_MMIO) != (con->flags & CV_CONSOLE_MMIO))
		return;
	d = check_report(k, D_W0709, cell, cell->console.from,
			 "the console of %s is the hypervisor's as well: output will mix",
			 check_cell(k, cell));
	check_note(k, d, NULL, k->m->platform.console.from, "the hypervisor's console is set here");
}

/* --- UARTs that the hypervisor makes up: what it refuses --- */

static struct diag *uart_finding(struct check *k, const struct cell *cell, const char *why)
{
	return check_report(k, D_E0710, cell, cell->console.from, "the virtual UART of %s %s",
			    check_cell(k, cell), why);
}

#define GICR_SIZE 0x20000ull /* of one CPU, IHI 0069, 12.10 */

static bool frames_have(const struct check *k, u64 addr)
{
	const struct gic *gic = k->m->machine ? &k->m->machine->gic : NULL;
	u64 frames = k->m->platform.arm.gicr_base;
	const struct extent *gicr;

	if (!gic || !gic->version)
		return false;
	if (frames && overlaps(frames, k->m->machine->cpus.n * GICR_SIZE, addr, PAGE_SIZE))
		return true;
	vec_each(gicr, &gic->gicr)
		if (overlaps(gicr->addr, gicr->size, addr, PAGE_SIZE))
			return true;
	return overlaps(gic->gicd, gic->gicd_size, addr, PAGE_SIZE) ||
	       overlaps(gic->gicc, gic->gicc_size, addr, PAGE_SIZE);
}

static bool pci_host_has(const struct check *k, u64 addr)
{
	const struct platform *p = &k->m->platform;

	return p->pci_virtual &&
	       (overlaps(p->mmconfig_base.v, (p->mmconfig_end_bus + 1ull) * MIB, addr, PAGE_SIZE) ||
		overlaps(p->pci_window.addr, p->pci_window.size, addr, PAGE_SIZE));
}

static void check_uart_place(struct check *k, const struct cell *cell)
{
	u64 addr = cell->console.rec.address;
	const char *at = fmt_addr(k->a, addr);

	for (size_t i = 0; i < cell->regions.n; i++) {
		const struct region *r = cell->regions.v[i];
		struct diag *d;

		if (r->virt_open || !overlaps(r->virt.v, r->size.v, addr, PAGE_SIZE))
			continue;
		d = uart_finding(k, cell,
				 arena_printf(k->a, "is at %s, where the cell has a region", at));
		check_note(k, d, NULL, r->from, "the region is this one");
		return;
	}
	if (frames_have(k, addr))
		uart_finding(k, cell, arena_printf(k->a, "is at %s, in a frame of the GIC", at));
	else if (pci_host_has(k, addr))
		uart_finding(k, cell,
			     arena_printf(k->a, "is at %s, where the virtual PCI host is", at));
}

static bool has_line(const struct cell *cell, u32 intid)
{
	for (size_t i = 0; i < cell->irqchips.n; i++) {
		const struct irqchip *c = &cell->irqchips.v[i];
		u32 pin = intid - c->pin_base;

		if (pin < 128 && c->bitmap[pin / 32] >> pin % 32 & 1)
			return true;
	}
	return false;
}

static void check_virtual_uart(struct check *k, const struct cell *cell)
{
	const struct cv_console *rec = &cell->console.rec;

	if (cell->console.addr_open || cell->console.irq_open)
		return; /* that there is no room was reported */
	if (rec->type != CV_CONSOLE_PL011 || rec->size != PAGE_SIZE || rec->address % PAGE_SIZE ||
	    !(rec->flags & CV_CONSOLE_MMIO))
		uart_finding(k, cell, "is no PL011 on a page of its own");
	else
		check_uart_place(k, cell);
	if (cell_has_all(cell, PART_IRQCHIPS) && !has_line(cell, rec->gate_nr))
		uart_finding(k, cell,
			     arena_printf(k->a, "interrupts by INTID %u, which the cell does not have",
					  rec->gate_nr));
}

void check_consoles(struct check *k)
{
	for (size_t i = 0; i < k->m->cells.n; i++) {
		const struct cell *cell = k->m->cells.v[i];

		if (cell->is_root || cell->console.rec.type == CV_CONSOLE_NONE)
			continue;
		if (cell->console.rec.flags & CV_CONSOLE_EMULATED)
			check_virtual_uart(k, cell);
		else
			check_console(k, cell);
	}
}
