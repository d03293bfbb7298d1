// SPDX-License-Identifier: GPL-2.0-only
/*
 * Host memory: the hypervisor, pools, regions of cells, links.
 */
#include "place.h"

#include <stdlib.h>

#define BELOW_4G   0xffffffffull
#define POOL_ALIGN (2 * MIB) /* Linux maps and reserves in sections of 2M */

/* --- what is there before anything is placed --- */

static void add_ram(struct placer *p)
{
	struct model *m = p->m;

	for (size_t i = 0; i < m->ram.n; i++) {
		u64 start = align_up(m->ram.v[i].addr, PAGE_SIZE);
		u64 end = align_down(m->ram.v[i].addr + m->ram.v[i].size, PAGE_SIZE);

		if (end > start)
			ranges_merge(&p->ram.free, start, end - start, NULL);
	}
	for (size_t i = 0; i < m->reserved.n; i++) {
		const struct extent *e = &m->reserved.v[i];
		u64 start = align_down(e->addr, PAGE_SIZE);

		if (e->size)
			take(p, start, align_up(e->addr + e->size, PAGE_SIZE) - start,
			     holder_new(p,
					arena_printf(p->c->arena, "reserved memory %s",
						     e->name ? e->name : ""),
					e->from));
	}
}

void take(struct placer *p, u64 addr, u64 size, const struct holder *h)
{
	ranges_subtract(&p->ram.free, addr, size);
	for (size_t i = 0; i < p->pools.n; i++)
		ranges_subtract(&p->pools.v[i].free, addr, size);
	ranges_add(&p->used, addr, size, h);
}

static void enter_pool(struct placer *p, const struct pool *pool, u64 addr, u64 size)
{
	struct area *a = vec_push(p->c->arena, &p->pools);
	const struct range *g;

	*a = (struct area){.pool = pool};
	a->name = *pool->name ? arena_printf(p->c->arena, "pool \"%s\"", pool->name) : "the pool";
	ranges_init(&a->free, p->c->arena);
	ranges_merge(&a->free, align_up(addr, PAGE_SIZE), align_down(size, PAGE_SIZE), NULL);
	/* what is pinned inside, or reserved */
	ranges_each_in(g, &p->used, addr, size)
		ranges_subtract(&a->free, g->start, range_size(g));
	ranges_subtract(&p->ram.free, addr, size);
}

/* Guest addresses that every cell of an ARM machine sees occupied. */
static void enter_gic(struct placer *p)
{
	const struct gic *gic = p->m->machine ? &p->m->machine->gic : NULL;
	const struct holder *h;

	if (!gic || !gic->version)
		return;
	h = holder_new(p, "the interrupt controller", gic->from);
	for (size_t i = 0; i < p->m->cells.n; i++) {
		ranges_add(&p->guest[i], gic->gicd, gic->gicd_size, h);
		ranges_add(&p->guest[i], gic->gicc, gic->gicc_size, h);
		for (size_t k = 0; k < gic->gicr.n; k++)
			ranges_add(&p->guest[i], gic->gicr.v[k].addr, gic->gicr.v[k].size, h);
	}
}

static void enter_region(struct placer *p, u32 index, struct region *g)
{
	struct cell *cell = p->m->cells.v[index];
	struct holder *h;

	if (!g->size.v || (g->derived && g->role == REGION_RAM) || g->link)
		return;
	h = NEW(p->c->arena, struct holder);
	*h = (struct holder){.cell = cell, .region = g, .from = g->from};
	if (!g->virt_open)
		ranges_add(&p->guest[index], g->virt.v, g->size.v, h);
	if (!g->phys_open && !cell->is_root && g->role == REGION_RAM)
		take(p, g->phys.v, g->size.v, h);
}

/* Peers' guest addresses of a link whose place is known. */
static void enter_link(struct placer *p, struct link *l, const struct holder *h)
{
	for (size_t i = 0; i < l->peers.n; i++) {
		const struct peer *peer = &l->peers.v[i];

		ranges_add(&p->guest[cell_index(p->m, peer->cell)],
			   peer->guest.from ? peer->guest.v : l->phys.v, link_size(l), h);
	}
}

static void set_sections(struct placer *p, struct link *l)
{
	for (size_t i = 0; i < l->peers.n; i++) {
		const struct peer *peer = &l->peers.v[i];
		u64 guest = peer->guest.from ? peer->guest.v : l->phys.v;
		const struct origin *phys = l->phys.from;
		const struct origin *virt = peer->guest.from ? peer->guest.from : phys;

		for (size_t k = 0; k < peer->cell->regions.n; k++) {
			struct region *g = peer->cell->regions.v[k];

			if (g->link != l || !g->phys_open)
				continue;
			g->phys = (struct fact){l->phys.v + g->phys.v, phys};
			g->virt = (struct fact){guest + g->virt.v, virt};
			g->phys_open = g->virt_open = false;
		}
	}
	(void)p;
}

static const char *link_text(struct placer *p, const struct link *l)
{
	return arena_printf(p->c->arena, "link \"%s\"", l->name);
}

void place_pinned(struct placer *p)
{
	struct region *hyp = &p->m->platform.hypervisor;

	add_ram(p);
	enter_gic(p);
	for (u32 i = 0; i < p->m->cells.n; i++)
		for (size_t k = 0; k < p->m->cells.v[i]->regions.n; k++)
			enter_region(p, i, p->m->cells.v[i]->regions.v[k]);
	if (p->m->has_system && hyp->from && !hyp->phys_open)
		take(p, hyp->phys.v, hyp->size.v, holder_new(p, "the hypervisor", hyp->from));
	for (size_t i = 0; i < p->m->links.n; i++) {
		struct link *l = p->m->links.v[i];
		const struct holder *h;

		if (l->phys_open)
			continue;
		h = holder_new(p, link_text(p, l), l->from);
		take(p, l->phys.v, link_size(l), h);
		enter_link(p, l, h);
		set_sections(p, l);
	}
	for (size_t i = 0; i < p->m->pools.n; i++)
		if (!p->m->pools.v[i]->addr_open)
			enter_pool(p, p->m->pools.v[i], p->m->pools.v[i]->addr.v,
				   p->m->pools.v[i]->size.v);
}

/* --- when there is no room --- */

/* What begins at (or ends before) an address: a holder, or a pool as a whole. */
static void note_neighbour(struct placer *p, struct diag *d, const struct range *g, u64 edge,
			   bool above)
{
	const char *where = above ? "above" : "below";
	const struct holder *h = g ? g->owner : NULL;

	if (h && (above ? g->start == edge : g->last == edge - 1)) {
		diag_note(p->c, d, h->from, "%s it: %s at %s", where, holder_text(p, h),
			  fmt_range(p->c->arena, g->start, range_size(g)));
		return;
	}
	for (size_t i = 0; i < p->pools.n; i++) {
		const struct pool *pool = p->pools.v[i].pool;

		if (edge == (above ? pool->addr.v : pool->addr.v + pool->size.v))
			diag_note(p->c, d, pool->from, "%s it: %s at %s", where, p->pools.v[i].name,
				  fmt_range(p->c->arena, pool->addr.v, pool->size.v));
	}
}

void explain_no_room(struct placer *p, struct diag *d, const struct ranges *free, const char *area)
{
	const struct range *hole = ranges_largest(free);

	if (!hole) {
		diag_help(p->c, d, "nothing of %s is free", area);
		return;
	}
	diag_help(p->c, d, "the largest hole of %s is %s at %s", area,
		  fmt_size(p->c->arena, range_size(hole)),
		  fmt_range(p->c->arena, hole->start, range_size(hole)));
	note_neighbour(p, d, ranges_before(&p->used, hole->start), hole->start, false);
	if (hole->last != UINT64_MAX)
		note_neighbour(p, d, ranges_find(&p->used, hole->last + 1, 1, NULL), hole->last + 1,
			       true);
}

/* One finding for all that needs RAM, where none is known. */
static bool ram_known(struct placer *p)
{
	struct diag *d;

	if (p->m->ram.n)
		return true;
	if (p->no_ram_told)
		return false;
	p->no_ram_told = true;
	if (p->m->machine && p->m->machine->nodes.n)
		d = diag_report(p->c, D_E1207, p->m->machine->nodes.v[0]->from,
				"the tree leaves the RAM to the firmware");
	else
		d = diag_report(p->c, D_E1207, p->m->platform.from,
				"the plan does not tell where RAM is");
	diag_help(p->c, d, "add a statement: ram at ADDRESS size SIZE;");
	return false;
}

/* --- the hypervisor and open pools: at the top of RAM --- */

static bool top_of_ram(struct placer *p, u64 size, u64 align, u64 *addr)
{
	struct range_fit f = {.size = size, .align = align, .last = BELOW_4G, .from_top = true};

	if (ranges_fit(&p->ram.free, &f, addr))
		return true;
	f.last = UINT64_MAX;
	return ranges_fit(&p->ram.free, &f, addr);
}

static const char *top_why(u64 addr)
{
	return addr <= BELOW_4G ? "the top of the free RAM below 4G"
				: "the top of the free RAM: below 4G there is no room";
}

void place_hypervisor(struct placer *p)
{
	struct region *g = &p->m->platform.hypervisor;
	u64 align = MAX(g->align, 2 * MIB), addr;
	struct diag *d;

	if (!p->m->has_system || !g->from || !g->phys_open || !ram_known(p))
		return;
	if (!top_of_ram(p, align_up(g->size.v, PAGE_SIZE), align, &addr)) {
		d = diag_report(p->c, D_E1201, g->from,
				"no room for the hypervisor: it needs %s, aligned to %s",
				fmt_size(p->c->arena, g->size.v), fmt_size(p->c->arena, align));
		explain_no_room(p, d, &p->ram.free, p->ram.name);
		return;
	}
	g->phys = (struct fact){addr, origin_placed(p->c, "%s", top_why(addr))};
	g->phys_open = false;
	take(p, addr, align_up(g->size.v, PAGE_SIZE), holder_new(p, "the hypervisor", g->from));
	decided(p, "hypervisor memory", fmt_range(p->c->arena, addr, g->size.v), top_why(addr),
		g->from);
}

static void place_pool(struct placer *p, struct pool *pool, u64 align)
{
	const char *name =
		*pool->name ? arena_printf(p->c->arena, "pool \"%s\"", pool->name) : "the pool";
	struct diag *d;
	u64 addr;

	if (!ram_known(p))
		return;
	if (!top_of_ram(p, align_up(pool->size.v, PAGE_SIZE), align, &addr)) {
		d = diag_report(p->c, D_E1201, pool->from,
				"no room for %s: it needs %s, aligned to %s", name,
				fmt_size(p->c->arena, pool->size.v), fmt_size(p->c->arena, align));
		explain_no_room(p, d, &p->ram.free, p->ram.name);
		return;
	}
	pool->addr = (struct fact){addr, origin_placed(p->c, "%s", top_why(addr))};
	pool->addr_open = false;
	enter_pool(p, pool, addr, pool->size.v);
	decided(p, name, fmt_range(p->c->arena, addr, pool->size.v), top_why(addr), pool->from);
}

/* --- requests --- */

static void add_request(struct placer *p, struct request q)
{
	/* a size that can't be rounded up fits nowhere either */
	q.size = q.size > UINT64_MAX - PAGE_SIZE ? align_down(UINT64_MAX, PAGE_SIZE)
						 : align_up(q.size, PAGE_SIZE);
	q.align = MAX(q.align ? q.align : natural_align(q.size), PAGE_SIZE);
	q.order = (u32)p->requests.n;
	*vec_push(p->c->arena, &p->requests) = q;
}

static int by_need(const void *a, const void *b)
{
	const struct request *x = a, *y = b;

	if (x->align != y->align)
		return x->align > y->align ? -1 : 1;
	if (x->size != y->size)
		return x->size > y->size ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static void collect_requests(struct placer *p)
{
	for (u32 i = 0; i < p->m->cells.n; i++) {
		struct cell *cell = p->m->cells.v[i];

		for (size_t k = 0; k < cell->regions.n; k++) {
			struct region *g = cell->regions.v[k];

			if (g->phys_open && !g->link)
				add_request(p, (struct request){.size = g->size.v,
								.align = g->align,
								.pool = g->pool,
								.region = g,
								.cell = i});
		}
	}
	for (size_t i = 0; i < p->m->links.n; i++)
		if (p->m->links.v[i]->phys_open)
			add_request(p, (struct request){.size = link_size(p->m->links.v[i]),
							.pool = p->m->links.v[i]->pool,
							.link = p->m->links.v[i]});
	if (p->requests.n)
		qsort(p->requests.v, p->requests.n, sizeof(*p->requests.v), by_need);
}

/*
 * A plan without pools gets one as large as its requests: laid out one after the other they leave
 * no gaps, alignments falling, as long as each size is a multiple of its alignment.
 */
static void imply_pool(struct placer *p)
{
	struct pool *pool;
	u64 size = 0, align = POOL_ALIGN;

	if (p->m->pools.n || !p->requests.n || !ram_known(p))
		return;
	for (size_t i = 0; i < p->requests.n; i++) {
		const struct request *q = &p->requests.v[i];

		if (q->size > (1ull << 62) || size > (1ull << 62))
			return; /* each of them is told that there is no room */
		size = align_up(size, q->align) + q->size;
		align = MAX(align, q->align);
	}
	pool = NEW(p->c->arena, struct pool);
	pool->name = "";
	pool->from = origin_rule(p->c, NULL, "memory is to be placed and the plan has no pool");
	pool->size = (struct fact){align_up(size, POOL_ALIGN),
				   origin_placed(p->c, "as much as is to be placed")};
	pool->addr_open = true;
	*vec_push(p->c->arena, &p->m->pools) = pool;
	place_pool(p, pool, align);
}

void place_pools(struct placer *p)
{
	collect_requests(p);
	for (size_t i = 0; i < p->m->pools.n; i++)
		if (p->m->pools.v[i]->addr_open)
			place_pool(p, p->m->pools.v[i], POOL_ALIGN);
	imply_pool(p);
}

const char *request_text(struct placer *p, const struct request *q)
{
	if (q->link)
		return link_text(p, q->link);
	if (q->region->name)
		return arena_printf(p->c->arena, "region %s of cell \"%s\"", q->region->name,
				    p->m->cells.v[q->cell]->name);
	return arena_printf(p->c->arena, "a region of cell \"%s\"", p->m->cells.v[q->cell]->name);
}

static const struct range *guest_conflict(struct placer *p, const struct request *q, u64 addr)
{
	const struct range *g = NULL;

	if (!q->link)
		return q->region->virt_open ? ranges_find(&p->guest[q->cell], addr, q->size, NULL)
					    : NULL;
	for (size_t i = 0; i < q->link->peers.n && !g; i++)
		if (!q->link->peers.v[i].guest.from)
			g = ranges_find(&p->guest[cell_index(p->m, q->link->peers.v[i].cell)], addr,
					q->size, NULL);
	return g;
}

/* The lowest address that is free on the host and, where guests see it there, in them too. */
static bool fit(struct placer *p, const struct area *a, const struct request *q, u64 *addr)
{
	struct range_fit f = {.size = q->size, .align = q->align, .last = UINT64_MAX};

	while (ranges_fit(&a->free, &f, addr)) {
		const struct range *g = guest_conflict(p, q, *addr);

		if (!g)
			return true;
		if (g->last == UINT64_MAX)
			return false;
		f.low = g->last + 1;
	}
	return false;
}

static struct area *find_area(struct placer *p, const struct request *q, u64 *addr)
{
	for (size_t i = 0; i < p->pools.n; i++) {
		struct area *a = &p->pools.v[i];

		if (q->pool && a->pool != q->pool)
			continue;
		if (fit(p, a, q, addr))
			return a;
	}
	return NULL;
}

static void settle(struct placer *p, const struct request *q, struct area *a, u64 addr)
{
	const struct origin *why = origin_placed(p->c, "the lowest free %s of %s",
						 fmt_size(p->c->arena, q->align), a->name);
	struct holder *h = NEW(p->c->arena, struct holder);

	ranges_subtract(&a->free, addr, q->size);
	*h = (struct holder){.from = q->link ? q->link->from : q->region->from};
	ranges_add(&p->used, addr, q->size, h);
	if (q->link) {
		h->text = request_text(p, q);
		q->link->phys = (struct fact){addr, why};
		q->link->phys_open = false;
		set_sections(p, q->link);
		enter_link(p, q->link, h);
	} else {
		h->cell = p->m->cells.v[q->cell];
		h->region = q->region;
		q->region->phys = (struct fact){addr, why};
		q->region->phys_open = false;
		if (q->region->virt_open) {
			q->region->virt = (struct fact){addr, why};
			q->region->virt_open = false;
			ranges_add(&p->guest[q->cell], addr, q->size, h);
		}
	}
	decided(p, request_text(p, q), fmt_range(p->c->arena, addr, q->size), why->why, h->from);
}

static void no_room(struct placer *p, const struct request *q)
{
	const struct origin *from = q->link ? q->link->from : q->region->from;
	const struct area *a = NULL;
	struct diag *d;

	if (q->region)
		p->m->cells.v[q->cell]->incomplete = true;
	/* that there is no RAM, or no room for an open pool, was reported */
	if (p->no_ram_told)
		return;
	for (size_t i = 0; i < p->m->pools.n; i++)
		if (p->m->pools.v[i]->addr_open && (!q->pool || q->pool == p->m->pools.v[i]))
			return;
	for (size_t i = 0; i < p->pools.n; i++)
		if (!a || p->pools.v[i].pool == q->pool)
			a = &p->pools.v[i];
	d = diag_report(p->c, D_E1201, from, "no room for %s: it needs %s, aligned to %s",
			request_text(p, q), fmt_size(p->c->arena, q->size),
			fmt_size(p->c->arena, q->align));
	diag_subject(p->c, d, q->link ? "link" : "cell",
		     q->link ? q->link->name : p->m->cells.v[q->cell]->name);
	explain_no_room(p, d, a ? &a->free : &p->ram.free, a ? a->name : p->ram.name);
}

void place_requests(struct placer *p)
{
	for (size_t i = 0; i < p->requests.n; i++) {
		const struct request *q = &p->requests.v[i];
		struct area *a;
		u64 addr;

		if (!q->size)
			continue;
		a = find_area(p, q, &addr);
		if (a)
			settle(p, q, a, addr);
		else
			no_room(p, q);
	}
}
