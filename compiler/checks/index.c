// SPDX-License-Identifier: GPL-2.0-only
/*
 * The sorted view of a model that all checks share.
 *
 * In: the model's cells. Out: struct check's arrays. What place left open, what is empty and what
 * wraps around is left out: those have findings of their own.
 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#define REGS_SLACK 0x10000ull

#define BY(a, b)                                   \
	do {                                       \
		if ((a) != (b))                    \
			return (a) < (b) ? -1 : 1; \
	} while (0)

static int by_host(const void *pa, const void *pb)
{
	const struct use *a = pa, *b = pb;

	BY(a->start, b->start);
	BY(b->last, a->last);
	BY(a->cell_index, b->cell_index);
	BY(a->index, b->index);
	return 0;
}

static int by_guest(const void *pa, const void *pb)
{
	const struct use *a = pa, *b = pb;

	BY(a->cell_index, b->cell_index);
	return by_host(pa, pb);
}

static int by_intid(const void *pa, const void *pb)
{
	const struct line *a = pa, *b = pb;

	BY(a->chip, b->chip);
	BY(a->intid, b->intid);
	BY(a->cell_index, b->cell_index);
	/* claims know more than bits of a record: first */
	BY(!a->node && !a->link, !b->node && !b->link);
	return 0;
}

/* --- shared-memory devices --- */

static struct shmem_group *group_of(struct check *k, u16 bdf)
{
	struct shmem_group *g;

	for (size_t i = 0; i < k->groups.n; i++)
		if (k->groups.v[i]->bdf == bdf)
			return k->groups.v[i];
	g = NEW(k->a, struct shmem_group);
	g->bdf = bdf;
	*vec_push(k->a, &k->groups) = g;
	return g;
}

/* In a plan the first region is known by pointer, in a binary by number. */
static size_t first_region(const struct cell *cell, const struct pci_device *d)
{
	if (!d->first_region)
		return d->rec.shmem_regions_start;
	for (size_t i = 0; i < cell->regions.n; i++)
		if (cell->regions.v[i] == d->first_region)
			return i;
	return SIZE_MAX;
}

static void add_endpoint(struct check *k, u32 cell_index, u32 index)
{
	struct cell *cell = k->m->cells.v[cell_index];
	struct pci_device *d = cell->pcis.v[index];
	struct endpoint *e = NEW(k->a, struct endpoint);

	*e = (struct endpoint){
		.cell = cell,
		.dev = d,
		.cell_index = cell_index,
		.index = index,
		.first = first_region(cell, d),
		.group = group_of(k, d->rec.bdf),
	};
	e->complete =
		e->first <= cell->regions.n && endpoint_regions(e) <= cell->regions.n - e->first;
	*vec_push(k->a, &k->ends) = e;
	*vec_push(k->a, &e->group->ends) = e;
}

static void collect_endpoints(struct check *k)
{
	for (u32 i = 0; i < k->m->cells.n; i++) {
		const struct cell *cell = k->m->cells.v[i];

		for (u32 p = 0; p < cell->pcis.n; p++)
			if (is_shmem(cell->pcis.v[p]) && !cell->pcis.v[p]->bdf_open)
				add_endpoint(k, i, p);
	}
}

/* --- memory --- */

static void mark_shared(struct check *k, u32 cell_index, const void **groups)
{
	for (size_t i = 0; i < k->ends.n; i++) {
		const struct endpoint *e = k->ends.v[i];

		if (e->cell_index != cell_index || !e->complete)
			continue;
		for (size_t r = 0; r < endpoint_regions(e); r++)
			groups[e->first + r] = e->group;
	}
}

static bool usable(u64 start, u64 size)
{
	return size && start + (size - 1) >= start;
}

static void collect_regions(struct check *k, u32 cell_index)
{
	struct cell *cell = k->m->cells.v[cell_index];
	const void **groups = arena_alloc(k->a, (cell->regions.n + 1) * sizeof(*groups));

	for (size_t i = 0; i < cell->regions.n; i++)
		groups[i] = cell;
	mark_shared(k, cell_index, groups);
	for (u32 i = 0; i < cell->regions.n; i++) {
		struct region *r = cell->regions.v[i];
		struct use u = {0, 0, cell, r, cell_index, i, groups[i]};

		u.start = r->phys.v;
		u.last = r->phys.v + r->size.v - 1;
		if (!r->phys_open && !(r->flags & CV_MEM_COMM) && usable(u.start, r->size.v))
			*vec_push(k->a, &k->host) = u;
		u.start = r->virt.v;
		u.last = r->virt.v + r->size.v - 1;
		if (!r->virt_open && !(r->phys_open && !r->virt.from) && usable(u.start, r->size.v))
			*vec_push(k->a, &k->guest) = u;
	}
}

/* --- interrupts --- */

static void add_line(struct check *k, u32 cell_index, u64 chip, u32 intid,
		     const struct irq_claim *claim, const struct origin *from)
{
	struct line *l = vec_push(k->a, &k->lines);

	/* there is one GIC; on x86 pins are counted for each IOAPIC */
	*l = (struct line){
		.chip = is_arm(k) ? 0 : chip,
		.intid = intid,
		.cell = k->m->cells.v[cell_index],
		.cell_index = cell_index,
		.node = claim ? claim->node : NULL,
		.link = claim ? claim->link : NULL,
		.from = from,
	};
}

static void collect_lines(struct check *k, u32 cell_index)
{
	const struct cell *cell = k->m->cells.v[cell_index];
	const struct irq_claim *claim;
	const struct irqchip *chip;

	vec_each(claim, &cell->irqs)
		add_line(k, cell_index, claim->chip, claim->intid, claim, claim->from);
	vec_each(chip, &cell->irqchips)
		for (u32 bit = 0; bit < 128; bit++)
			if (chip->bitmap[bit / 32] >> (bit % 32) & 1)
				add_line(k, cell_index, chip->address, chip->pin_base + bit, NULL,
					 chip->from);
}

/* Sorts, and keeps one line of each chip, INTID and cell: the one that knows its device. */
static void sort_lines(struct check *k)
{
	size_t kept = 0;

	if (!k->lines.n)
		return;
	qsort(k->lines.v, k->lines.n, sizeof(*k->lines.v), by_intid);
	for (size_t i = 1; i < k->lines.n; i++) {
		const struct line *a = &k->lines.v[kept], *b = &k->lines.v[i];

		if (a->chip == b->chip && a->intid == b->intid && a->cell == b->cell)
			continue;
		k->lines.v[++kept] = *b;
	}
	k->lines.n = kept + 1;
}

bool check_has_line(const struct check *k, const struct cell *cell, u32 intid)
{
	size_t lo = 0, hi = k->lines.n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (k->lines.v[mid].intid < intid)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < k->lines.n && k->lines.v[lo].intid == intid; lo++)
		if (k->lines.v[lo].cell == cell)
			return true;
	return false;
}

/* --- devices of the tree --- */

struct holding *check_holder(const struct check *k, const struct node *n)
{
	for (size_t i = 0; i < k->holdings.n; i++)
		if (k->holdings.v[i].node == n)
			return &k->holdings.v[i];
	return NULL;
}

/* A region for these registers: their pages and little more, no window over many devices. */
static bool is_made_for(const struct range *r, const struct reg *reg)
{
	return align_down(r->start, PAGE_SIZE) == align_down(reg->addr, PAGE_SIZE) &&
	       contains(r->start, range_size(r), reg->addr, reg->size) &&
	       range_size(r) <= align_up(reg->size, PAGE_SIZE) + REGS_SLACK;
}

/*
 * A binary, or a cell that lists every record, has no device statements: who maps a device's first
 * registers has it.
 */
static void infer_holding(struct check *k, const struct ranges *map, struct node *n)
{
	const struct reg *reg = n->regs.n ? &n->regs.v[0] : NULL;
	const struct range *r;

	if (!reg || !reg->size || n->role != NODE_PLAIN || check_holder(k, n))
		return;
	ranges_each_in(r, map, reg->addr, reg->size) {
		const struct use *u = r->owner;

		if (!is_made_for(r, reg))
			continue;
		*vec_push(k->a, &k->holdings) = (struct holding){n, u->cell, u->r->from, false};
		return;
	}
}

static void infer_holdings(struct check *k)
{
	struct ranges map;

	ranges_init(&map, k->a);
	for (size_t i = 0; i < k->host.n; i++) {
		const struct use *u = &k->host.v[i];

		if (!u->cell->is_root && (u->r->flags & CV_MEM_IO))
			ranges_add(&map, u->start, use_size(u), u);
	}
	for (size_t i = 0; i < k->m->machine->nodes.n; i++)
		infer_holding(k, &map, k->m->machine->nodes.v[i]);
}

static void collect_holdings(struct check *k)
{
	const struct device_claim *claim;

	for (u32 i = 0; i < k->m->cells.n; i++) {
		struct cell *cell = k->m->cells.v[i];

		if (cell->is_root)
			continue;
		vec_each(claim, &cell->devices)
			if (claim->node)
				*vec_push(k->a, &k->holdings) =
					(struct holding){claim->node, cell, claim->from, true};
	}
	if (k->m->machine)
		infer_holdings(k);
}

void check_index(struct check *k)
{
	collect_endpoints(k);
	for (u32 i = 0; i < k->m->cells.n; i++) {
		collect_regions(k, i);
		collect_lines(k, i);
	}
	if (k->host.n)
		qsort(k->host.v, k->host.n, sizeof(*k->host.v), by_host);
	if (k->guest.n)
		qsort(k->guest.v, k->guest.n, sizeof(*k->guest.v), by_guest);
	sort_lines(k);
	collect_holdings(k);
	check_collect_withheld(k);
}
