// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks: who else has this memory.
 *
 * Root's regions may contain those of cells: what a cell takes is lent by root and given back.
 * Every region is compared with the one before it that reaches furthest, so each overlapping
 * region is named once, and the whole is one pass over the sorted view.
 */
#include "check.h"

/* Of the regions so far, the one that reaches furthest, and the furthest of another owner. */
struct sweep {
	const struct use *far, *other;
	u64 far_last, other_last;
};

static const struct use *sweep_other(const struct sweep *s, const struct use *u, u64 *last)
{
	bool own = s->far && s->far->group == u->group;

	*last = own ? s->other_last : s->far_last;
	return own ? s->other : s->far;
}

static void sweep_add(struct sweep *s, const struct use *u, u64 last)
{
	if (s->far && s->far->group == u->group) {
		if (last > s->far_last) {
			s->far = u;
			s->far_last = last;
		}
	} else if (!s->far || last > s->far_last) {
		s->other = s->far;
		s->other_last = s->far_last;
		s->far = u;
		s->far_last = last;
	} else if (!s->other || last > s->other_last) {
		s->other = u;
		s->other_last = last;
	}
}

static void report_owners(struct check *k, const struct use *u, const struct use *other)
{
	struct diag *d;

	/* registers of a device that both have: that is said */
	if (u->r->node && u->r->node == other->r->node)
		return;
	d = check_report(k, D_E0301, u->cell, check_at(&u->r->phys, u->r->from), "%s overlaps %s",
			 check_use(k, u), check_use(k, other));
	check_note(k, d, other->cell, check_at(&other->r->phys, other->r->from), "%s has it here",
		   check_cell(k, other->cell));
}

/* Of a cell whose devices are not all known, what may be memory of a link and so somebody else's as
 * well. */
static bool may_be_shared(const struct use *u)
{
	u64 own = CV_MEM_EXECUTE | CV_MEM_IO | CV_MEM_COMM | CV_MEM_LOADABLE;

	return !cell_has_all(u->cell, PART_PCIS) && !(u->r->flags & own);
}

void check_owner_overlap(struct check *k)
{
	struct sweep s = {0};

	for (size_t i = 0; i < k->host.n; i++) {
		const struct use *u = &k->host.v[i], *other;
		u64 last;

		if ((u->cell->is_root && u->group == u->cell) || may_be_shared(u))
			continue;
		other = sweep_other(&s, u, &last);
		if (other && last >= u->start)
			report_owners(k, u, other);
		sweep_add(&s, u, u->last);
	}
}

static bool same_place(const struct use *a, const struct use *b)
{
	return overlaps(a->r->virt.v, a->r->size.v, b->r->virt.v, b->r->size.v);
}

static void report_twice(struct check *k, enum diag_code code, const struct use *u,
			 const struct use *other, bool guest)
{
	const struct fact *f = guest ? &u->r->virt : &u->r->phys;
	const struct fact *o = guest ? &other->r->virt : &other->r->phys;
	struct diag *d = check_report(
		k, code, u->cell, check_at(f, u->r->from), "%s of %s (%s %s) overlaps %s (%s)",
		check_region(k, u->cell, u->r, u->index), check_cell(k, u->cell),
		guest ? "guest" : "host", fmt_range(k->a, u->start, use_size(u)),
		check_region(k, other->cell, other->r, other->index),
		fmt_range(k->a, other->start, use_size(other)));

	check_note(k, d, NULL, check_at(o, other->r->from), "%s is here",
		   check_region(k, other->cell, other->r, other->index));
}

void check_guest_overlap(struct check *k)
{
	const struct use *far = NULL;

	for (size_t i = 0; i < k->guest.n; i++) {
		const struct use *u = &k->guest.v[i];

		if (far && far->cell == u->cell && far->last >= u->start)
			report_twice(k, D_E0302, u, far, true);
		if (!far || far->cell != u->cell || u->last > far->last)
			far = u;
	}
}

void check_host_alias(struct check *k)
{
	const struct use **far = arena_alloc(k->a, (k->m->cells.n + 1) * sizeof(*far));

	for (size_t i = 0; i < k->host.n; i++) {
		const struct use *u = &k->host.v[i], *o = far[u->cell_index];

		if (o && o->last >= u->start && !same_place(u, o))
			report_twice(k, D_W0303, u, o, false);
		if (!o || u->last > o->last)
			far[u->cell_index] = u;
	}
}

/* --- withheld memory --- */

static enum diag_code withheld_code(enum withheld_kind kind)
{
	static const enum diag_code codes[] = {
		[HELD_HYPERVISOR] = D_E0304, [HELD_GIC] = D_E0305,  [HELD_GICR] = D_E0306,
		[HELD_IOMMU] = D_E0308,	     [HELD_ECAM] = D_E0307, [HELD_ECAM_VIRTUAL] = D_E0307,
		[HELD_WINDOW] = D_E0307,
	};

	return codes[kind];
}

static void report_withheld(struct check *k, enum diag_code code, const struct use *u, bool guest,
			    const struct withheld *w, u32 count)
{
	const struct fact *f = guest ? &u->r->virt : &u->r->phys;
	const char *more = count > 1 ? arena_printf(k->a, " and %u more", count - 1) : "";
	struct diag *d = check_report(
		k, code, u->cell, check_at(f, u->r->from), "%s of %s (%s%s) overlaps %s (%s)%s",
		check_region(k, u->cell, u->r, u->index), check_cell(k, u->cell),
		guest ? "guest " : "", fmt_range(k->a, u->start, use_size(u)), w->name,
		fmt_range(k->a, w->addr, w->size), more);

	if (w->from)
		check_note(k, d, NULL, w->from, "%s is stated here", w->name);
}

/* One finding for each kind of thing that the region reaches into. */
static void check_use_withheld(struct check *k, const struct use *u)
{
	const struct withheld *first[HELD_WINDOW + 1] = {0};
	u32 count[HELD_WINDOW + 1] = {0};
	const struct range *r;

	ranges_each_in(r, &k->held_host, u->start, use_size(u)) {
		const struct withheld *w = r->owner;

		if (!count[w->kind]++)
			first[w->kind] = w;
	}
	for (u32 kind = 0; kind <= HELD_WINDOW; kind++)
		if (count[kind])
			report_withheld(k, withheld_code(kind), u, false, first[kind], count[kind]);
}

static void check_guest_withheld(struct check *k, const struct use *u)
{
	const struct range *r = ranges_find(&k->held_guest, u->start, use_size(u), NULL);
	const struct withheld *w = r ? r->owner : NULL;
	bool gic;

	if (!w)
		return;
	gic = w->kind == HELD_GIC || w->kind == HELD_GICR;
	/* found by its host address already */
	if (gic && !(u->r->flags & CV_MEM_COMM) && u->r->phys.v == u->r->virt.v)
		return;
	report_withheld(k, gic ? D_E0309 : D_E0307, u, true, w, 1);
}

void check_withheld(struct check *k)
{
	for (size_t i = 0; i < k->host.n; i++)
		check_use_withheld(k, &k->host.v[i]);
	for (size_t i = 0; i < k->guest.n; i++)
		check_guest_withheld(k, &k->guest.v[i]);
}

/* --- sub-page regions --- */

static void report_root_subpage(struct check *k, const struct use *u, const struct use *root)
{
	struct diag *d =
		check_report(k, D_E0317, u->cell, check_at(&u->r->phys, u->r->from),
			     "%s stays with root: %s", check_use(k, u), check_use(k, root));

	check_note(k, d, root->cell, check_at(&root->r->phys, root->r->from), "%s has it here",
		   check_cell(k, root->cell));
	diag_help(k->c, d,
		  "a sub-page region is not taken from root when the cell is created: "
		  "leave it out of root");
}

/* Regions that are lent are unmapped from root by the page; sub-page ones are not. */
static void check_kept(struct check *k, const struct ranges *roots, const struct use *u)
{
	const struct range *r;

	ranges_each_in(r, roots, u->start, use_size(u)) {
		const struct use *root = r->owner;

		if (!region_is_subpage(u->r) && !region_is_subpage(root->r))
			continue;
		report_root_subpage(k, u, root);
		return;
	}
}

void check_root_subpages(struct check *k)
{
	struct ranges roots;

	ranges_init(&roots, k->a);
	for (size_t i = 0; i < k->host.n; i++)
		if (k->host.v[i].cell->is_root && k->host.v[i].group == k->root)
			ranges_add(&roots, k->host.v[i].start, use_size(&k->host.v[i]),
				   &k->host.v[i]);
	for (size_t i = 0; i < k->host.n; i++) {
		const struct use *u = &k->host.v[i];

		if (!u->cell->is_root && u->group == u->cell && !(u->r->flags & CV_MEM_ROOTSHARED))
			check_kept(k, &roots, u);
	}
}

static bool share_page(const struct use *u, const struct use *other)
{
	return align_down(other->last, PAGE_SIZE) >= align_down(u->start, PAGE_SIZE);
}

void check_shared_pages(struct check *k)
{
	struct sweep s = {0};

	for (size_t i = 0; i < k->host.n; i++) {
		const struct use *u = &k->host.v[i], *o;
		struct diag *d;
		u64 last;

		if (u->cell->is_root || !region_is_subpage(u->r))
			continue;
		o = sweep_other(&s, u, &last);
		if (o && last < u->start && share_page(u, o)) {
			d = check_report(k, D_W0316, u->cell, check_at(&u->r->phys, u->r->from),
					 "%s lies in one page with %s", check_use(k, u),
					 check_use(k, o));
			check_note(k, d, o->cell, check_at(&o->r->phys, o->r->from),
				   "%s has it here", check_cell(k, o->cell));
		}
		sweep_add(&s, u, u->last);
	}
}
