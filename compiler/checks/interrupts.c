// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks: interrupts. The view's lines are sorted by chip, INTID and cell.
 */
#include "check.h"

#include <stdlib.h>

#define FIRST_SPI  32u
#define LAST_INTID 1019u /* above are special INTIDs, IHI 0069 section 2.2 */

static const struct line *next_taker(const struct check *k, size_t i)
{
	for (size_t n = i + 1; n < k->lines.n; n++) {
		const struct line *a = &k->lines.v[i], *b = &k->lines.v[n];

		if (a->chip != b->chip || a->intid != b->intid)
			return NULL;
		if (!b->cell->is_root)
			return b;
	}
	return NULL;
}

void check_irq_owners(struct check *k)
{
	for (size_t i = 0; i < k->lines.n; i++) {
		const struct line *a = &k->lines.v[i], *b = next_taker(k, i);
		struct diag *d;

		/* of a device that both have, that is said */
		if (a->cell->is_root || !b || (a->node && a->node == b->node))
			continue;
		d = check_report(k, D_E0401, b->cell, b->from, "%s belongs to %s and to %s",
				 check_irq(k, b->intid), check_cell(k, a->cell),
				 check_cell(k, b->cell));
		check_note(k, d, a->cell, a->from, "%s has it here", check_cell(k, a->cell));
	}
}

/* Pins of the IOAPIC at this address, 0 if not known. */
static u64 ioapic_pins(const struct check *k, u64 chip)
{
	const struct ioapic *io;

	if (k->m->machine)
		vec_each(io, &k->m->machine->ioapics)
			if (io->addr.v == chip)
				return io->pins.v;
	return 0;
}

static void check_arm_range(struct check *k, const struct line *l)
{
	const struct machine *m = k->m->machine;
	u32 lines = m ? m->gic.lines : 0;
	struct diag *d;

	if (l->intid < FIRST_SPI)
		check_report(k, D_E0402, l->cell, l->from,
			     "%s of %s is private to a CPU: every cell has its own",
			     check_irq(k, l->intid), check_cell(k, l->cell));
	else if (l->intid > LAST_INTID)
		check_report(k, D_E0403, l->cell, l->from, "%s of %s is beyond INTID %u",
			     check_irq(k, l->intid), check_cell(k, l->cell), LAST_INTID);
	else if (lines && !l->cell->is_root && l->intid >= FIRST_SPI + lines) {
		d = check_report(k, D_E0403, l->cell, l->from, "%s of %s: the GIC has %u SPIs",
				 check_irq(k, l->intid), check_cell(k, l->cell), lines);
		if (m->gic.from)
			check_note(k, d, NULL, m->gic.from, "the GIC is this one");
	}
}

void check_irq_range(struct check *k)
{
	for (size_t i = 0; i < k->lines.n; i++) {
		const struct line *l = &k->lines.v[i];
		u64 pins = is_arm(k) ? 0 : ioapic_pins(k, l->chip);

		if (is_arm(k))
			check_arm_range(k, l);
		else if (pins && l->intid >= pins)
			check_report(k, D_E0403, l->cell, l->from,
				     "%s of %s: the IOAPIC at %s has %llu pins",
				     check_irq(k, l->intid), check_cell(k, l->cell),
				     fmt_addr(k->a, l->chip), (unsigned long long)pins);
	}
}

/* --- records --- */

/* Address of an interrupt chip that the system has. */
static bool chip_exists(const struct check *k, u64 address)
{
	const struct ioapic *io;
	const struct irqchip *chip;

	if (is_arm(k))
		return !k->m->platform.arm.gicd_base || k->m->platform.arm.gicd_base == address;
	if (k->m->machine)
		vec_each(io, &k->m->machine->ioapics)
			if (io->addr.v == address)
				return true;
	vec_each(chip, &k->root->irqchips)
		if (chip->address == address)
			return true;
	return false;
}

static bool chips_overlap(const struct irqchip *a, const struct irqchip *b)
{
	return a->address == b->address && overlaps(a->pin_base, 128, b->pin_base, 128);
}

static void check_cell_chips(struct check *k, const struct cell *cell)
{
	struct diag *d;

	for (size_t i = 0; i < cell->irqchips.n; i++) {
		const struct irqchip *a = &cell->irqchips.v[i];

		/* an all-zero record has a finding of its own */
		if (k->root && a->address && !chip_exists(k, a->address))
			check_report(k, D_E0411, cell, a->from,
				     "interrupt chip %zu of %s: there is none at %s", i,
				     check_cell(k, cell), fmt_addr(k->a, a->address));
		for (size_t n = 0; n < i; n++) {
			const struct irqchip *b = &cell->irqchips.v[n];

			if (!a->address || !chips_overlap(a, b))
				continue;
			d = check_report(k, D_E0409, cell, a->from,
					 "interrupt chips %zu (from pin %u) and %zu (from pin %u) "
					 "of %s overlap: each holds 128 pins",
					 n, b->pin_base, i, a->pin_base, check_cell(k, cell));
			check_note(k, d, NULL, b->from, "the first is here");
			break;
		}
	}
}

void check_irqchips(struct check *k)
{
	for (size_t i = 0; i < k->m->cells.n; i++)
		check_cell_chips(k, k->m->cells.v[i]);
}

/* --- wires of the tree --- */

struct wire {
	u32 intid, order;
	const struct node *node;
	const struct irq *irq;
};
struct wires {
	VEC(struct wire) v;
};

static int by_wire(const void *pa, const void *pb)
{
	const struct wire *a = pa, *b = pb;

	if (a->intid != b->intid)
		return a->intid < b->intid ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

/* Who drives which SPI; devices that are off and nobody's are silent. */
static void collect_wires(struct check *k, struct wires *w)
{
	const struct machine *m = k->m->machine;

	for (size_t i = 0; i < m->nodes.n; i++) {
		const struct node *n = m->nodes.v[i];

		if (!n->enabled && !check_holder(k, n))
			continue;
		for (size_t q = 0; q < n->irqs.n; q++)
			if (n->irqs.v[q].type == IRQ_SPI)
				*vec_push(k->a, &w->v) = (struct wire){
					n->irqs.v[q].intid, (u32)w->v.n, n, &n->irqs.v[q]};
	}
	if (w->v.n)
		qsort(w->v.v, w->v.n, sizeof(*w->v.v), by_wire);
}

static size_t wire_first(const struct wires *w, u32 intid)
{
	size_t lo = 0, hi = w->v.n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (w->v.v[mid].intid < intid)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static const struct wire *wire_of(const struct wires *w, u32 intid)
{
	size_t i = wire_first(w, intid);

	return i < w->v.n && w->v.v[i].intid == intid ? &w->v.v[i] : NULL;
}

/* --- lines of the virtual PCI host --- */

static const struct line *taker_of(const struct check *k, u32 intid, const struct cell *but)
{
	for (size_t i = 0; i < k->lines.n; i++)
		if (k->lines.v[i].intid == intid && k->lines.v[i].cell != but &&
		    !k->lines.v[i].cell->is_root)
			return &k->lines.v[i];
	return NULL;
}

static void report_stolen(struct check *k, const struct endpoint *e, u32 intid, const char *by,
			  const struct origin *at)
{
	struct diag *d =
		check_report(k, D_E0408, e->cell, check_at(&e->cell->vpci_irq_base, e->dev->from),
			     "%s %s of the virtual PCI device %s of %s is used by %s",
			     uses_intx(e) ? "INTx line" : "vector line", check_irq(k, intid),
			     check_bdf(k, e->dev->rec.domain, e->dev->rec.bdf),
			     check_cell(k, e->cell), by);

	check_note(k, d, NULL, at, "%s uses it here", by);
}

/* Whether nothing but the device raises the line. */
static bool is_alone(struct check *k, const struct wires *w, const struct endpoint *e, u32 intid)
{
	const struct line *taker = e->cell->is_root ? taker_of(k, intid, e->cell) : NULL;
	const struct wire *wire = wire_of(w, intid);

	if (taker)
		report_stolen(k, e, intid, check_cell(k, taker->cell), taker->from);
	else if (wire)
		report_stolen(k, e, intid, wire->node->name, wire->irq->from);
	return !taker && !wire;
}

/* Device in slot n: pin INTA + n mod 4, at vpci_irq_base on (abi.md section 6). */
static void check_endpoint_intx(struct check *k, const struct wires *w, const struct endpoint *e)
{
	u32 slot = e->dev->rec.bdf >> 3 & 31;
	u32 intid = FIRST_SPI + (u32)e->cell->vpci_irq_base.v + slot % 4;

	if (check_has_line(k, e->cell, intid))
		is_alone(k, w, e, intid);
	else
		check_report(k, D_E0407, e->cell, check_at(&e->cell->vpci_irq_base, e->dev->from),
			     "%s lacks %s, the INTx line of its virtual PCI device %s",
			     check_cell(k, e->cell), check_irq(k, intid),
			     check_bdf(k, e->dev->rec.domain, e->dev->rec.bdf));
}

/* The lines that links' vectors are given. Whoever writes each record chooses lines by himself. */
static void check_endpoint_vectors(struct check *k, const struct wires *w, const struct endpoint *e)
{
	u64 first = FIRST_SPI + e->cell->vpci_irq_base.v + CV_SHMEM_INTX_PINS +
		    cell_vector_lines(e->cell, e->dev);
	u64 end = MIN(first + e->dev->rec.num_msix_vectors, LAST_INTID + 1ull);

	if (!cell_vector_lines(e->cell, NULL) || !e->dev->link || e->cell->irqchips_explicit ||
	    e->cell->explicit_only)
		return;
	while (first < end && is_alone(k, w, e, (u32)first))
		first++;
}

static void check_endpoint(struct check *k, const struct wires *w, const struct endpoint *e)
{
	/* place found no line to give, and has said so */
	if (!e->cell->vpci_irq_base.from && e->cell->incomplete)
		return;
	if (uses_intx(e))
		check_endpoint_intx(k, w, e);
	else if (is_arm(k))
		check_endpoint_vectors(k, w, e);
}

void check_intx(struct check *k)
{
	struct wires w = {0};

	if (k->m->machine)
		collect_wires(k, &w);
	for (size_t i = 0; i < k->ends.n; i++)
		check_endpoint(k, &w, k->ends.v[i]);
}

/* --- devices and their lines --- */

static const struct cell *owner_of(const struct check *k, const struct node *n)
{
	const struct holding *h = check_holder(k, n);

	return h ? h->cell : k->root;
}

/*
 * It arrives at a controller of somebody else, which alone can hand it on. The emitter of a Linux
 * cell's tree tells this with more detail.
 */
static void report_cascaded(struct check *k, const struct holding *h, const struct irq *q)
{
	const struct cell *other = owner_of(k, q->via);
	struct diag *d;

	if (h->cell->boot.kind == BOOT_LINUX || other == h->cell)
		return;
	d = check_report(k, D_W0405, h->cell, h->from,
			 "%s has %s, but not its interrupt, which arrives at %s",
			 check_cell(k, h->cell), h->node->name, q->via->name);
	if (other)
		check_note(k, d, other, q->from, "that controller is of %s", check_cell(k, other));
}

static void check_granted(struct check *k, const struct holding *h)
{
	const struct irq *q;
	struct diag *d;

	vec_each(q, &h->node->irqs) {
		if (q->type != IRQ_SPI || check_has_line(k, h->cell, q->intid))
			continue;
		if (q->via) {
			report_cascaded(k, h, q);
			continue;
		}
		d = check_report(k, D_W0405, h->cell, h->from, "%s has %s, but not its %s",
				 check_cell(k, h->cell), h->node->name, check_irq(k, q->intid));
		check_note(k, d, NULL, q->from, "the device raises it");
	}
}

static const struct wire *wire_of_another(const struct check *k, const struct wires *w,
					  const struct wire *a)
{
	for (size_t i = wire_first(w, a->intid); i < w->v.n && w->v.v[i].intid == a->intid; i++)
		if (owner_of(k, w->v.v[i].node) != owner_of(k, a->node))
			return &w->v.v[i];
	return NULL;
}

static void check_alone(struct check *k, const struct wires *w, const struct holding *h)
{
	for (size_t i = 0; i < h->node->irqs.n; i++) {
		const struct irq *q = &h->node->irqs.v[i];
		const struct wire own = {q->intid, 0, h->node, q};
		const struct wire *o = q->type == IRQ_SPI ? wire_of_another(k, w, &own) : NULL;
		const struct cell *owner = o ? owner_of(k, o->node) : NULL;
		struct diag *d;

		/* two cells: that interrupt has two owners, which is said elsewhere; the line of a
		 * cascaded controller is the controller's */
		if (!owner || !owner->is_root || q->via)
			continue;
		d = check_report(k, D_W0406, h->cell, h->from,
				 "%s of %s in %s is shared with %s, which stays with %s",
				 check_irq(k, q->intid), h->node->name, check_cell(k, h->cell),
				 o->node->name, check_cell(k, owner));
		check_note(k, d, owner, o->irq->from, "%s uses it here", o->node->name);
		return;
	}
}

/* A line of the PCI host that the cell has for its device: which device is on which line, no tree tells. */
static bool has_pci_device(const struct cell *cell)
{
	for (size_t i = 0; i < cell->pcis.n; i++)
		if (cell->pcis.v[i]->rec.type == CV_PCI_DEVICE)
			return true;
	return false;
}

static void check_foreign(struct check *k, const struct wires *w, const struct line *l)
{
	const struct wire *wire = wire_of(w, l->intid);
	const struct cell *owner;
	struct diag *d;

	if (!wire || l->node || l->link || l->cell->is_root)
		return;
	for (; wire < w->v.v + w->v.n && wire->intid == l->intid; wire++)
		if (owner_of(k, wire->node) == l->cell ||
		    (wire->node->role == NODE_PCI_HOST && has_pci_device(l->cell)))
			return;
	wire = wire_of(w, l->intid);
	owner = owner_of(k, wire->node);
	d = check_report(k, D_W0410, l->cell, l->from, "%s has %s, which %s raises%s%s",
			 check_cell(k, l->cell), check_irq(k, l->intid), wire->node->name,
			 owner ? ", a device of " : "", owner ? check_cell(k, owner) : "");
	check_note(k, d, NULL, wire->irq->from, "%s uses it here", wire->node->name);
}

void check_device_irqs(struct check *k)
{
	struct wires w = {0};

	collect_wires(k, &w);
	for (size_t i = 0; i < k->holdings.n; i++) {
		check_granted(k, &k->holdings.v[i]);
		check_alone(k, &w, &k->holdings.v[i]);
	}
	for (size_t i = 0; i < k->lines.n; i++)
		check_foreign(k, &w, &k->lines.v[i]);
}

/* --- the GIC --- */

static void check_maintenance(struct check *k, const struct origin *at)
{
	u8 irq = k->m->platform.arm.maintenance_irq;

	if (irq < 16 || irq > 31)
		check_report(
			k, D_E0412, k->root, at,
			"the GIC's maintenance interrupt is INTID %u, which is no PPI (16 to 31)",
			irq);
}

static void need_frame(struct check *k, const struct origin *at, u64 base, const char *name)
{
	if (!base)
		check_report(k, D_E0413, k->root, at, "the GICv%u has no %s address",
			     k->m->platform.arm.gic_version, name);
}

static bool at_alias(u64 base)
{
	return (base & 0xffff) == 0xf000;
}

/*
 * GICs that decode 64K for each 4K page repeat the first page in all of it; the two pages of the
 * interface are neighbours only from 0xf000 on.
 */
static void check_alias(struct check *k, const struct origin *at, u64 base, const char *name)
{
	const struct cv_platform_arm *p = &k->m->platform.arm;
	const struct machine *m = k->m->machine;
	/* without a tree one interface gives the other away */
	bool alias = (m && m->gic.alias_64k) || at_alias(p->gicc_base) || at_alias(p->gicv_base);
	struct diag *d;

	if (!alias || !base || at_alias(base))
		return;
	d = check_report(
		k, D_E0404, k->root, at,
		"%s at %s: this GIC repeats each page for 64K, and the second page follows "
		"the first only at %s",
		name, fmt_addr(k->a, base), fmt_addr(k->a, (base & ~0xffffull) + 0xf000));
	if (m && m->gic.from && m->gic.from != at)
		check_note(k, d, NULL, m->gic.from, "the GIC is this one");
}

void check_gic(struct check *k)
{
	const struct cv_platform_arm *p = &k->m->platform.arm;
	const struct platform *pl = &k->m->platform;
	const struct origin *at = pl->arch_from ? pl->arch_from : pl->from;

	if (p->gic_version != 2 && p->gic_version != 3) {
		check_report(k, D_E0413, k->root, at, "GIC version %u is neither 2 nor 3",
			     p->gic_version);
		return;
	}
	check_maintenance(k, at);
	need_frame(k, at, p->gicd_base, "distributor");
	if (p->gic_version == 3) {
		need_frame(k, at, p->gicr_base, "redistributor");
		return;
	}
	need_frame(k, at, p->gicc_base, "CPU interface");
	need_frame(k, at, p->gich_base, "virtual interface control");
	need_frame(k, at, p->gicv_base, "virtual CPU interface");
	check_alias(k, at, p->gicv_base, "virtual CPU interface (GICV)");
	check_alias(k, at, p->gicc_base, "CPU interface (GICC)");
}
