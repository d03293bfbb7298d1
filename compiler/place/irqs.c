// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts: lines for the virtual PCI host, and the interrupt chip records that say what all
 * claims say.
 */
#include "place.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_SPI 32
#define END_SPI	  1020 /* IHI 0048B, 2.2.1 */
#define PINS	  128
#define INTX	  CV_SHMEM_INTX_PINS

struct lines {
	bool used[END_SPI];
	u32 end; /* INTIDs below it exist */
};

/* What the virtual PCI host has of them, from vpci_irq_base on: INTA to INTD, then those of vectors. */
static u32 begin_of_lines(const struct cell *cell)
{
	return cell_has_intx(cell) ? 0 : INTX;
}

static u32 end_of_lines(const struct cell *cell)
{
	return INTX + cell_vector_lines(cell, NULL);
}

/* Every SPI that the tree names, enabled or not, and every one that a cell claims. */
static void find_lines(const struct model *m, struct lines *l)
{
	u32 highest = FIRST_SPI - 1;

	memset(l, 0, sizeof(*l));
	for (size_t i = 0; i < m->machine->nodes.n; i++) {
		const struct node *n = m->machine->nodes.v[i];

		for (size_t k = 0; k < n->irqs.n; k++)
			if (n->irqs.v[k].type == IRQ_SPI && n->irqs.v[k].intid < END_SPI) {
				l->used[n->irqs.v[k].intid] = true;
				highest = MAX(highest, n->irqs.v[k].intid);
			}
	}
	for (size_t i = 0; i < m->cells.n; i++) {
		const struct cell *cell = m->cells.v[i];

		for (size_t k = 0; k < cell->irqs.n; k++)
			if (cell->irqs.v[k].intid < END_SPI)
				l->used[cell->irqs.v[k].intid] = true;
		for (u64 k = begin_of_lines(cell), n = end_of_lines(cell);
		     cell->vpci_irq_base.from && k < n; k++)
			if (cell->vpci_irq_base.v + k < END_SPI - FIRST_SPI)
				l->used[FIRST_SPI + cell->vpci_irq_base.v + k] = true;
	}
	l->end = m->machine->gic.lines ? FIRST_SPI + m->machine->gic.lines
				       : (u32)align_up(highest + 1, 32);
	l->end = MIN(l->end, (u32)END_SPI);
}

/* The highest gap from `low` on: devices that no tree tells have low numbers more often than high
 * ones. */
static bool find_gap(const struct lines *l, u32 low, u32 size, u32 *first)
{
	u32 run = 0;

	for (u32 i = l->end; i-- > low;) {
		run = l->used[i] ? 0 : run + 1;
		if (run == size) {
			*first = i;
			return true;
		}
	}
	return false;
}

/* The first link whose interrupts are lines: on ARM messages end as lines too. */
static struct link *link_with_lines(const struct model *m, const struct cell *cell)
{
	for (size_t i = 0; i < cell->pcis.n; i++)
		if (cell->pcis.v[i]->link &&
		    (m->arch != CV_ARCH_X86 || !cell->pcis.v[i]->rec.num_msix_vectors))
			return cell->pcis.v[i]->link;
	return NULL;
}

static void claim_lines(struct placer *p, struct cell *cell, struct link *link)
{
	if (cell->irqchips_explicit || cell->explicit_only)
		return;
	for (u32 i = begin_of_lines(cell), n = end_of_lines(cell); i < n; i++)
		*vec_push(p->c->arena, &cell->irqs) = (struct irq_claim){
			.chip = p->m->machine->gic.gicd,
			.intid = (u32)(FIRST_SPI + cell->vpci_irq_base.v + i),
			.link = link,
			.from = cell->vpci_irq_base.from,
		};
}

static void no_gap(struct placer *p, struct cell *cell, const struct origin *from,
		   const char *what, const struct lines *l)
{
	struct diag *d = diag_report(p->c, D_E1204, from, "cell \"%s\" finds no %s", cell->name, what);

	cell->incomplete = true;
	diag_subject(p->c, d, "cell", cell->name);
	if (p->m->machine->gic.lines)
		diag_help(p->c, d, "SPI 0 to %u are looked at, as the plan says",
			  l->end - FIRST_SPI - 1);
	else
		diag_help(p->c, d,
			  "SPI 0 to %u are looked at, the tree names none above: if the GIC has "
			  "more, "
			  "say platform { gic %u lines N; }",
			  l->end - FIRST_SPI - 1, p->m->machine->gic.version);
}

/* Behind the lines of the virtual PCI host, which are several in a row. */
static void place_console_irq(struct placer *p, struct cell *cell, struct lines *l)
{
	struct console *con = &cell->console;
	const struct origin *why = origin_placed(p->c, "the highest SPI that nothing uses");
	u32 intid;

	if (!find_gap(l, FIRST_SPI, 1, &intid)) {
		no_gap(p, cell, con->from, "free SPI for the UART of its console", l);
		return;
	}
	l->used[intid] = true;
	con->rec.gate_nr = intid;
	con->irq_open = false;
	if (!cell->irqchips_explicit)
		*vec_push(p->c->arena, &cell->irqs) = (struct irq_claim){
			.chip = p->m->machine->gic.gicd, .intid = intid, .from = why};
	decided(p, arena_printf(p->c->arena, "interrupt of the console of cell \"%s\"", cell->name),
		arena_printf(p->c->arena, "SPI %u", intid - FIRST_SPI), why->why, con->from);
}

static void place_console_irqs(struct placer *p, struct lines *l, bool gic)
{
	for (size_t i = 0; i < p->m->cells.n; i++) {
		struct cell *cell = p->m->cells.v[i];

		if (cell->console.irq_open && gic)
			place_console_irq(p, cell, l);
		cell->incomplete |= cell->console.irq_open;
	}
}

/* Lines of the virtual PCI host; false: there are not enough. */
static bool place_host_lines(struct placer *p, struct cell *cell, const struct link *link,
			     struct lines *l)
{
	struct arena *a = p->c->arena;
	u32 begin = begin_of_lines(cell), count = end_of_lines(cell) - begin, first;
	const char *many = count == INTX ? "four" : arena_printf(a, "%u", count);

	if (!find_gap(l, FIRST_SPI + begin, count, &first)) {
		no_gap(p, cell, link->from,
		       arena_printf(a, "%s consecutive free SPIs for the virtual PCI host", many), l);
		return false;
	}
	memset(&l->used[first], true, count);
	cell->vpci_irq_base = (struct fact){
		first - FIRST_SPI - begin,
		origin_placed(p->c, "the highest %s SPIs that nothing uses", many)};
	decided(p,
		arena_printf(a, "%s of %s \"%s\"",
			     begin			   ? "lines of vectors"
			     : cell_vector_lines(cell, NULL) ? "lines of INTx and vectors"
							   : "INTx lines",
			     cell->is_root ? "root" : "cell", cell->name),
		arena_printf(a, "SPI %u to %u", first - FIRST_SPI, first - FIRST_SPI + count - 1),
		cell->vpci_irq_base.from->why, link->from);
	return true;
}

void place_spis(struct placer *p)
{
	struct model *m = p->m;
	struct lines l;
	bool gic = m->machine && m->machine->gic.version;

	if (gic)
		find_lines(m, &l);
	for (size_t i = 0; i < m->cells.n; i++) {
		struct cell *cell = m->cells.v[i];
		struct link *link = link_with_lines(m, cell);

		if (!link)
			continue;
		if (!gic) { /* the checks tell that there is none */
			cell->incomplete |= !cell->vpci_irq_base.from;
			continue;
		}
		if (!cell->vpci_irq_base.from && !place_host_lines(p, cell, link, &l))
			continue;
		if (cell->vpci_irq_base.v + end_of_lines(cell) <= END_SPI - FIRST_SPI)
			claim_lines(p, cell, link);
	}
	place_console_irqs(p, &l, gic);
}

/* --- records --- */

static int by_pin(const void *a, const void *b)
{
	const struct irq_claim *x = *(const struct irq_claim *const *)a;
	const struct irq_claim *y = *(const struct irq_claim *const *)b;

	if (x->chip != y->chip)
		return x->chip < y->chip ? -1 : 1;
	return x->intid < y->intid ? -1 : x->intid > y->intid;
}

static u32 chip_id(const struct model *m, u64 address)
{
	for (size_t i = 0; m->machine && i < m->machine->ioapics.n; i++)
		if (m->machine->ioapics.v[i].addr.v == address)
			return (u32)m->machine->ioapics.v[i].id.v;
	return 0;
}

static void make_chips(struct placer *p, struct cell *cell)
{
	const struct irq_claim **sorted = arena_alloc(p->c->arena, cell->irqs.n * sizeof(*sorted));
	u32 first = p->m->arch == CV_ARCH_X86 ? 0 : FIRST_SPI;

	for (size_t i = 0; i < cell->irqs.n; i++)
		sorted[i] = &cell->irqs.v[i];
	qsort(sorted, cell->irqs.n, sizeof(*sorted), by_pin);
	for (size_t i = 0; i < cell->irqs.n; i++) {
		const struct irq_claim *k = sorted[i];
		struct irqchip *chip =
			cell->irqchips.n ? &cell->irqchips.v[cell->irqchips.n - 1] : NULL;
		u32 base = k->intid < first ? 0 : first + (k->intid - first) / PINS * PINS;

		if (!chip || chip->address != k->chip || chip->pin_base != base) {
			chip = vec_push(p->c->arena, &cell->irqchips);
			*chip = (struct irqchip){.address = k->chip,
						 .id = chip_id(p->m, k->chip),
						 .pin_base = base,
						 .from = k->from};
		}
		chip->bitmap[(k->intid - base) / 32] |= 1u << (k->intid - base) % 32;
	}
}

void place_irqchips(struct placer *p)
{
	for (size_t i = 0; i < p->m->cells.n; i++)
		if (!p->m->cells.v[i]->irqchips_explicit && p->m->cells.v[i]->irqs.n)
			make_chips(p, p->m->cells.v[i]);
}
