// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks: what has to lie inside what. Regions in the host's RAM and devices, cells' RAM in what
 * Linux leaves alone, the hypervisor in its memory, loadable RAM in root's, the reset address in
 * executable memory.
 */
#include "check.h"

/*
 * What the driver wants of the hypervisor's memory (place_image() in runtime/driver/enable.c): image and
 * descriptor, an area for each CPU that Linux may number, the first pages of the pool.
 * tests/system/test_build.py holds the figures against the image.
 */
#define HYPERVISOR_IMAGE (128 * KIB)
#define HYPERVISOR_CPU	 (20 * KIB)
#define HYPERVISOR_POOL	 (256 * KIB)

#define X86_RESET 0xffff0ull /* f000:fff0 after INIT */

/* The first byte of a range that no range of the set holds; false if all are held. */
static bool first_gap(const struct ranges *set, u64 start, u64 last, u64 *gap)
{
	const struct range *r;

	ranges_each_in(r, set, start, last - start + 1) {
		if (r->start > start)
			break;
		if (r->last >= last)
			return false;
		start = MAX(start, r->last + 1);
	}
	*gap = start;
	return true;
}

static void add_extent(struct ranges *set, u64 addr, u64 size, const void *owner)
{
	if (size)
		ranges_add(set, addr, size, owner);
}

static void add_extents(struct ranges *set, const struct extent *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		add_extent(set, v[i].addr, v[i].size, &v[i]);
}

/* Registers can only be mapped by the page, so their whole pages count. */
static void add_pages(struct ranges *set, u64 addr, u64 size, const void *owner)
{
	u64 start = align_down(addr, PAGE_SIZE);

	if (size && size - 1 <= UINT64_MAX - PAGE_SIZE - addr)
		ranges_add(set, start, align_up(addr + size, PAGE_SIZE) - start, owner);
}

static void add_devices(struct ranges *set, const struct machine *m)
{
	for (size_t i = 0; i < m->nodes.n; i++) {
		const struct node *n = m->nodes.v[i];

		for (size_t r = 0; r < n->regs.n; r++)
			add_pages(set, n->regs.v[r].addr, n->regs.v[r].size, n);
		for (size_t w = 0; w < n->windows.n; w++)
			add_pages(set, n->windows.v[w].addr, n->windows.v[w].size, n);
	}
}

static void note_ram(struct check *k, struct diag *d, u64 addr)
{
	const struct extent *e, *near = NULL;

	vec_each(e, &k->m->ram)
		if (!near || (e->addr <= addr && e->addr >= near->addr))
			near = e;
	if (near)
		check_note(k, d, NULL, near->from, "the host has RAM at %s",
			   fmt_range(k->a, near->addr, near->size));
}

static void check_use_inside(struct check *k, const struct use *u, const struct ranges *ram,
			     const struct ranges *all)
{
	bool io = u->r->flags & CV_MEM_IO;
	struct diag *d;
	u64 gap;

	if (!first_gap(all, u->start, u->last, &gap) ||
	    (io && !first_gap(ram, u->start, u->last, &gap)))
		return;
	d = check_report(k, io ? D_W0312 : D_E0311, u->cell, check_at(&u->r->phys, u->r->from),
			 "%s lies outside the host's %s from %s on", check_use(k, u),
			 io ? "devices" : "RAM", fmt_addr(k->a, gap));
	if (!io)
		note_ram(k, d, u->start);
}

/*
 * Without a tree only the RAM is known, and root's list is the board's own statement of what there
 * is; so only cells are held to it.
 */
void check_inside_host(struct check *k)
{
	bool tree = k->m->machine->nodes.n > 0;
	struct ranges ram, all;

	ranges_init(&ram, k->a);
	ranges_init(&all, k->a);
	if (!k->m->ram.n)
		return;
	add_extents(&ram, k->m->ram.v, k->m->ram.n);
	add_extents(&all, k->m->ram.v, k->m->ram.n);
	for (size_t i = 0; i < k->m->reserved.n; i++) { /* may end within a page */
		const struct extent *e = &k->m->reserved.v[i];

		add_pages(&ram, e->addr, e->size, e);
		add_pages(&all, e->addr, e->size, e);
	}
	add_devices(&all, k->m->machine);
	for (size_t i = 0; i < k->host.n; i++) {
		const struct use *u = &k->host.v[i];

		if (tree || (!u->cell->is_root && !(u->r->flags & CV_MEM_IO)))
			check_use_inside(k, u, &ram, &all);
	}
}

/* --- what Linux was told --- */

static void add_told(struct check *k, struct ranges *told)
{
	const struct machine *m = k->m->machine;
	const struct region *hyp = &k->m->platform.hypervisor;
	const struct extent *e;

	for (size_t i = 0; i < k->m->pools.n; i++) {
		const struct pool *p = k->m->pools.v[i];

		if (!p->addr_open)
			add_extent(told, p->addr.v, p->size.v, p);
	}
	vec_each(e, &m->reserved)
		if (e->no_map)
			add_extent(told, e->addr, e->size, e);
	/* a plan's host overlay names the hypervisor's memory; a binary brings no overlay */
	if (!k->m->from_binary && !hyp->phys_open)
		add_extent(told, hyp->phys.v, hyp->size.v, hyp);
}

static void check_told(struct check *k, const struct ranges *ram, const struct ranges *told,
		       const struct cell *cell, const struct region *r, const char *what)
{
	struct diag *d;
	u64 gap, last = r->phys.v + r->size.v - 1;

	if (!ranges_find(ram, r->phys.v, r->size.v, NULL) ||
	    !first_gap(told, r->phys.v, last, &gap))
		return;
	d = check_report(k, D_W0320, cell, check_at(&r->phys, r->from),
			 "%s (%s): Linux was not told to leave %s alone", what,
			 fmt_range(k->a, r->phys.v, r->size.v), fmt_addr(k->a, gap));
	note_ram(k, d, r->phys.v);
	diag_help(k->c, d,
		  "place it in a pool, or state a no-map reserved-memory node in the host's "
		  "tree");
}

void check_reserved_from_linux(struct check *k)
{
	const struct region *hyp = &k->m->platform.hypervisor;
	struct ranges ram, told;

	ranges_init(&ram, k->a);
	ranges_init(&told, k->a);
	add_extents(&ram, k->m->ram.v, k->m->ram.n);
	add_told(k, &told);
	if (k->root && !hyp->phys_open && hyp->size.v)
		check_told(k, &ram, &told, k->root, hyp, "hypervisor memory");
	for (size_t i = 0; i < k->host.n; i++) {
		const struct use *u = &k->host.v[i];

		if (u->cell->is_root || u->r->flags & CV_MEM_IO)
			continue;
		check_told(k, &ram, &told, u->cell, u->r,
			   arena_printf(k->a, "%s of %s", check_region(k, u->cell, u->r, u->index),
					check_cell(k, u->cell)));
	}
}

void check_hypervisor_room(struct check *k)
{
	const struct region *hyp = &k->m->platform.hypervisor;
	size_t cpus = k->m->machine ? k->m->machine->cpus.n : k->root->cpus.n;
	u64 least = HYPERVISOR_IMAGE + HYPERVISOR_POOL + cpus * HYPERVISOR_CPU;
	struct diag *d;

	if (hyp->size.v >= least)
		return;
	d = check_report(k, D_W0331, k->root, check_at(&hyp->size, hyp->from),
			 "%s of hypervisor memory is too little for %zu CPUs",
			 fmt_size(k->a, hyp->size.v), cpus);
	diag_help(k->c, d, "state %s or more; where the plan says nothing, cellc takes what suits",
		  fmt_size(k->a, align_up(least, MIB)));
}

/* --- loading and starting --- */

void check_loadable(struct check *k)
{
	struct ranges roots;
	u64 gap;

	if (k->root && !cell_has_all(k->root, PART_REGIONS))
		return;
	ranges_init(&roots, k->a);
	for (size_t i = 0; i < k->host.n; i++) {
		const struct use *u = &k->host.v[i];

		if (u->cell->is_root && u->r->flags & CV_MEM_WRITE)
			ranges_add(&roots, u->start, use_size(u), u);
	}
	for (size_t i = 0; i < k->host.n; i++) {
		const struct use *u = &k->host.v[i];

		if (u->cell->is_root || !(u->r->flags & CV_MEM_LOADABLE) ||
		    !first_gap(&roots, u->start, u->last, &gap))
			continue;
		check_report(k, D_E0318, u->cell, check_at(&u->r->phys, u->r->from),
			     "%s is loadable, but %s has no writable region at %s", check_use(k, u),
			     check_cell(k, k->root), fmt_addr(k->a, gap));
	}
}

static const struct region *region_at(const struct cell *cell, u64 guest)
{
	for (size_t i = 0; i < cell->regions.n; i++) {
		const struct region *r = cell->regions.v[i];

		if (contains(r->virt.v, r->size.v, guest, 1))
			return r;
	}
	return NULL;
}

static bool all_settled(const struct cell *cell)
{
	for (size_t i = 0; i < cell->regions.n; i++)
		if (cell->regions.v[i]->phys_open || cell->regions.v[i]->virt_open)
			return false;
	return !cell->incomplete && cell_has_all(cell, PART_REGIONS);
}

void check_reset_address(struct check *k)
{
	for (size_t i = 0; i < k->m->cells.n; i++) {
		const struct cell *cell = k->m->cells.v[i];
		u64 at = cell->reset.v || is_arm(k) ? cell->reset.v : X86_RESET;
		const struct region *r = region_at(cell, at);
		struct diag *d;

		if (cell->is_root || !all_settled(cell) || (r && r->flags & CV_MEM_EXECUTE))
			continue;
		d = check_report(k, D_E0319, cell, check_at(&cell->reset, cell->from),
				 "%s starts at guest address %s, where it has no %s",
				 check_cell(k, cell), fmt_addr(k->a, at),
				 r ? "executable memory" : "memory");
		if (r)
			check_note(k, d, NULL, r->from, "this region is there, without x");
	}
}
