// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks: what only x86 has. Ports, cache ways, the platform part.
 */
#include "check.h"

#include <stdlib.h>

struct port_use {
	u32 start, end;
	const struct cell *cell;
	const struct pio *p;
	u32 order;
};
struct port_uses {
	VEC(struct port_use) v;
};

static int by_port(const void *pa, const void *pb)
{
	const struct port_use *a = pa, *b = pb;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

/* Ports of the platform. everybody: root neither, the hypervisor answers or nobody does. */
static const struct platform_ports {
	u16 base, length;
	bool everybody;
	const char *name, *why;
} platform_ports[] = {
	{0xcf8, 8, true, "PCI configuration access",
	 "reaches every device (and the reset register)"},
	{0x20, 2, false, "the first interrupt controller", "acknowledges interrupts of the host"},
	{0xa0, 2, false, "the second interrupt controller", "acknowledges interrupts of the host"},
	{0x40, 4, false, "the interval timer", "is the host's clock"},
	{0x61, 1, false, "system control port B", "gates the host's timer"},
	{0x64, 1, false, "the keyboard controller", "can reset the machine"},
	{0x70, 2, false, "the real-time clock", "masks the host's NMI"},
	{0x92, 1, false, "system control port A", "can reset the machine"},
};

static const char *ports_text(struct check *k, u32 start, u32 end)
{
	return arena_printf(k->a, "0x%x .. 0x%x", start, end);
}

static void check_platform_ports(struct check *k, const struct port_use *u)
{
	for (size_t i = 0; i < ARRAY_SIZE(platform_ports); i++) {
		const struct platform_ports *p = &platform_ports[i];

		if (!overlaps(u->start, u->end - u->start, p->base, p->length) ||
		    (u->cell->is_root && !p->everybody))
			continue;
		check_report(k, D_E0902, u->cell, u->p->from, "ports %s of %s: %s (%s) %s",
			     ports_text(k, u->start, u->end), check_cell(k, u->cell), p->name,
			     ports_text(k, p->base, p->base + p->length), p->why);
	}
}

static void report_ports(struct check *k, const struct port_use *u, const struct port_use *o)
{
	struct diag *d = check_report(k, D_E0901, u->cell, u->p->from,
				      "ports %s of %s overlap ports %s of %s",
				      ports_text(k, u->start, u->end), check_cell(k, u->cell),
				      ports_text(k, o->start, o->end), check_cell(k, o->cell));

	check_note(k, d, o->cell, o->p->from, "%s has them here", check_cell(k, o->cell));
}

/* Per cell the furthest so far would do; with 65536 ports at most the last of another cell does. */
static void check_port_owners(struct check *k, const struct port_uses *all)
{
	const struct port_use *far = NULL, *other = NULL;

	for (size_t i = 0; i < all->v.n; i++) {
		const struct port_use *u = &all->v.v[i], *o;

		if (u->cell->is_root)
			continue;
		o = far && far->cell != u->cell ? far : other;
		if (o && o->end > u->start)
			report_ports(k, u, o);
		if (!far || u->end > far->end) {
			other = far && far->cell != u->cell ? far : other;
			far = u;
		} else if (far->cell != u->cell && (!other || u->end > other->end))
			other = u;
	}
}

static void collect_ports(struct check *k, struct port_uses *all)
{
	const struct pio *p;

	for (size_t i = 0; i < k->m->cells.n; i++) {
		const struct cell *cell = k->m->cells.v[i];

		vec_each(p, &cell->ports) {
			u32 end = (u32)p->base + p->length;

			if (end > 0x10000)
				check_report(k, D_E0903, cell, p->from,
					     "ports %s of %s run past 0xffff",
					     ports_text(k, p->base, end), check_cell(k, cell));
			if (p->length)
				*vec_push(k->a, &all->v) =
					(struct port_use){p->base, end, cell, p, (u32)all->v.n};
		}
	}
	if (all->v.n)
		qsort(all->v.v, all->v.n, sizeof(*all->v.v), by_port);
}

void check_x86_ports(struct check *k)
{
	struct port_uses all = {0};

	collect_ports(k, &all);
	for (size_t i = 0; i < all.v.n; i++)
		check_platform_ports(k, &all.v.v[i]);
	check_port_owners(k, &all);
}

/* --- cache ways --- */

#define WAYS 32u /* bits of IA32_L3_MASK_n, SDM volume 3, cache allocation */

static u64 way_mask(const struct cache_region *r)
{
	return r->start < WAYS && r->size && r->size <= WAYS - r->start
		       ? (((u64)1 << r->size) - 1) << r->start
		       : 0;
}

static void check_way_shape(struct check *k, const struct cell *cell, const struct cache_region *r)
{
	if (r->type < CV_CACHE_L3_CODE || r->type > CV_CACHE_L3_BOTH)
		check_report(k, D_E0908, cell, r->from, "cache ways of %s have the unknown type %u",
			     check_cell(k, cell), r->type);
	if (!r->size)
		check_report(k, D_E0906, cell, r->from,
			     "%s gets no cache way: each mask needs at least one",
			     check_cell(k, cell));
	else if (!way_mask(r))
		check_report(k, D_E0908, cell, r->from,
			     "cache ways %u .. %llu of %s: a mask has %u bits", r->start,
			     (unsigned long long)r->start + r->size, check_cell(k, cell), WAYS);
}

static bool is_contiguous(u64 mask)
{
	while (mask && !(mask & 1))
		mask >>= 1;
	return (mask & (mask + 1)) == 0;
}

/* The ways of a cell for code or data: one mask register each. */
static u64 cell_mask(const struct cell *cell, u8 type, const struct cache_region **last)
{
	const struct cache_region *r;
	u64 mask = 0;

	vec_each(r, &cell->caches)
		if (r->type & type) {
			mask |= way_mask(r);
			*last = r;
		}
	return mask;
}

static void check_way_masks(struct check *k, const struct cell *cell)
{
	const struct cache_region *code_at = NULL, *data_at = NULL;
	u64 code = cell_mask(cell, CV_CACHE_L3_CODE, &code_at);
	u64 data = cell_mask(cell, CV_CACHE_L3_DATA, &data_at);

	if (!is_contiguous(code))
		check_report(k, D_E0905, cell, code_at->from,
			     "the cache ways of %s (mask %s) are not contiguous",
			     check_cell(k, cell), fmt_addr(k->a, code));
	if (!is_contiguous(data) && data != code)
		check_report(k, D_E0905, cell, data_at->from,
			     "the cache ways of %s for data (mask %s) are not contiguous",
			     check_cell(k, cell), fmt_addr(k->a, data));
}

static const struct cache_region *taken_by(const struct cell *o, const struct cache_region *r)
{
	const struct cache_region *q;

	vec_each(q, &o->caches)
		if (q->type & r->type && way_mask(q) & way_mask(r))
			return q;
	return NULL;
}

static void check_way_owner(struct check *k, size_t index, const struct cache_region *r)
{
	const struct cell *cell = k->m->cells.v[index];

	for (size_t i = 0; i < index; i++) {
		const struct cell *o = k->m->cells.v[i];
		const struct cache_region *q = o->is_root ? NULL : taken_by(o, r);
		struct diag *d;

		if (!q)
			continue;
		d = check_report(k, D_E0907, cell, r->from,
				 "cache ways %u .. %u of %s overlap ways %u .. %u of %s", r->start,
				 r->start + r->size, check_cell(k, cell), q->start,
				 q->start + q->size, check_cell(k, o));
		check_note(k, d, o, q->from, "%s has them here", check_cell(k, o));
		return;
	}
}

void check_x86_cache(struct check *k)
{
	for (size_t i = 0; i < k->m->cells.n; i++) {
		const struct cell *cell = k->m->cells.v[i];
		const struct cache_region *r;

		vec_each(r, &cell->caches) {
			check_way_shape(k, cell, r);
			if (!cell->is_root)
				check_way_owner(k, i, r);
		}
		check_way_masks(k, cell);
	}
}

/* --- the platform part --- */

static bool has_vtd(const struct platform *p)
{
	for (u32 i = 0; i < CV_IOMMU_UNITS; i++)
		if (p->iommus[i].type == CV_IOMMU_INTEL)
			return true;
	return false;
}

void check_x86_platform(struct check *k)
{
	const struct platform *p = &k->m->platform;
	const struct origin *at = p->arch_from ? p->arch_from : p->from;

	if (!k->root)
		return;
	if (has_vtd(p) && !p->x86.vtd_interrupt_limit)
		check_report(k, D_E0910, k->root, at,
			     "there is a VT-d unit, but no limit of interrupt remapping entries");
	if (!p->x86.pm_timer_address && !p->x86.tsc_khz)
		check_report(
			k, D_W0911, k->root, at,
			"neither the port of the ACPI PM timer nor the TSC frequency is stated");
}

/* --- elsewhere --- */

void check_foreign_records(struct check *k)
{
	for (size_t i = 0; i < k->m->cells.n; i++) {
		const struct cell *cell = k->m->cells.v[i];
		const char *arch = arch_name(k->m->arch);

		if (cell->ports.n)
			check_report(k, D_E0909, cell, cell->ports.v[0].from,
				     "%s has ports: %s has none", check_cell(k, cell), arch);
		if (cell->caches.n)
			check_report(k, D_E0909, cell, cell->caches.v[0].from,
				     "%s has cache ways: %s can't assign them", check_cell(k, cell),
				     arch);
		if (cell->flags.v & CV_CELL_TEST_DEVICE)
			check_report(k, D_E0909, cell, check_at(&cell->flags, cell->from),
				     "%s has the test device: %s has none", check_cell(k, cell),
				     arch);
	}
}
