// SPDX-License-Identifier: GPL-2.0-only
/*
 * What root has by rule: all RAM, the registers, windows, interrupts and streams of every enabled
 * device, less what the hypervisor keeps and what cells own for themselves.
 *
 * RAM comes first, then registers in order of address. What is lent to a cell stays in root's
 * descriptor, so that it comes back when the cell is destroyed; sub-page regions of cells are
 * the exception: root's access to the same page would not be trapped.
 */
#include "resolve.h"

static bool is_reserve(const struct extent *e)
{
	return e->from && e->from->kind == FROM_PLAN;
}

/* Whole pages inside. */
static void merge_inner(struct ranges *set, const struct extent *e)
{
	u64 start = align_up(e->addr, PAGE_SIZE), end = align_down(e->addr + e->size, PAGE_SIZE);

	if (e->addr + e->size < e->addr)
		end = align_down(UINT64_MAX, PAGE_SIZE);
	if (start >= e->addr && end > start)
		ranges_merge(set, start, end - start, NULL);
}

/* All pages touched. */
static void outer_pages(u64 addr, u64 size, u64 *start, u64 *len)
{
	*start = align_down(addr, PAGE_SIZE);
	*len = align_up(addr + size, PAGE_SIZE) - *start;
}

static const struct extent *ram_at(const struct model *m, u64 addr)
{
	for (size_t i = 0; i < m->ram.n; i++)
		if (addr - m->ram.v[i].addr < m->ram.v[i].size)
			return &m->ram.v[i];
	for (size_t i = 0; i < m->reserved.n; i++)
		if (align_up(addr, PAGE_SIZE) - align_down(m->reserved.v[i].addr, PAGE_SIZE) <
		    align_up(m->reserved.v[i].size, PAGE_SIZE) + PAGE_SIZE)
			return &m->reserved.v[i];
	return NULL;
}

static struct region *root_region(struct resolver *r, struct cell *root, u64 start, u64 size,
				  const char *name, const struct origin *from)
{
	struct region *g = NEW(r->c->arena, struct region);

	*g = (struct region){.name = name,
			     .phys = {start, from},
			     .virt = {start, from},
			     .size = {size, from},
			     .derived = true,
			     .from = from};
	*vec_push(r->c->arena, &root->regions) = g;
	return g;
}

static void root_ram(struct resolver *r, struct cell *root, struct ranges *ram)
{
	struct model *m = r->model;
	const struct range *g;

	ranges_init(ram, r->c->arena);
	for (size_t i = 0; i < m->ram.n; i++)
		merge_inner(ram, &m->ram.v[i]);
	for (size_t i = 0; i < m->reserved.n; i++) {
		u64 start, len;

		outer_pages(m->reserved.v[i].addr, m->reserved.v[i].size, &start, &len);
		if (m->reserved.v[i].size && !is_reserve(&m->reserved.v[i]) &&
		    !ranges_find(ram, start, len, NULL))
			ranges_merge(ram, start, len, NULL);
	}
	for (size_t i = 0; i < m->reserved.n; i++) {
		u64 start, len;

		outer_pages(m->reserved.v[i].addr, m->reserved.v[i].size, &start, &len);
		if (is_reserve(&m->reserved.v[i]))
			ranges_subtract(ram, start, len);
	}
	ranges_each(g, ram) {
		const struct extent *e = ram_at(m, g->start);
		struct region *region = root_region(r, root, g->start, range_size(g), "ram",
						    e ? e->from : root->from);

		region->role = REGION_RAM;
		region->flags = CV_MEM_READ | CV_MEM_WRITE | CV_MEM_EXECUTE | CV_MEM_DMA;
	}
}

/* --- registers --- */

static bool root_has(struct resolver *r, const struct cell *root, const struct node *n)
{
	const struct owner *o = owner_of(r, n);

	if (o->without || (o->cell && o->exclusive && !o->cell->is_root))
		return false;
	if (o->cell == root)
		return true;
	return n->enabled && (n->role == NODE_PLAIN || n->role == NODE_PCI_HOST ||
			      n->role == NODE_V2M || n->role == NODE_TIMER);
}

/* Registers of one node: the same pieces as a cell's, collected as bytes. */
static void collect_node(struct resolver *r, struct cell *root, struct node *n,
			 struct ranges *bytes)
{
	const struct owner *o = owner_of(r, n);
	const struct cell *holder = o->cell ? o->cell : root;

	if (o->cell && o->cell != root)
		return; /* lent: its pages come with the cell's regions */
	for (size_t i = 0; i < n->regs.n; i++) {
		u64 start = n->regs.v[i].addr, end = start + n->regs.v[i].size;
		u64 first = align_down(start, PAGE_SIZE), last = align_down(end - 1, PAGE_SIZE);

		if (!n->regs.v[i].size)
			continue;
		if (!is_aligned(start, PAGE_SIZE) && !others_there(r, holder, first, PAGE_SIZE))
			start = first;
		if (!is_aligned(end, PAGE_SIZE) && !others_there(r, holder, last, PAGE_SIZE))
			end = last + PAGE_SIZE;
		ranges_merge(bytes, start, end - start, NULL);
	}
}

/* Pages lent to cells, and out of root what cells have in pages they share. */
static void apply_cells(struct resolver *r, struct ranges *bytes)
{
	for (int take = 0; take < 2; take++)
		for (size_t i = 1; i < r->model->cells.n; i++) {
			const struct cell *cell = r->model->cells.v[i];

			for (size_t k = 0; k < cell->regions.n; k++) {
				const struct region *g = cell->regions.v[k];
				bool sub = region_is_subpage(g) && (g->flags & CV_MEM_IO);

				if (take && sub)
					ranges_subtract(bytes, g->phys.v, g->size.v);
				else if (!take && !sub && g->role == REGION_DEVICE &&
					 root_has(r, r->model->cells.v[0], g->node))
					ranges_merge(bytes, g->phys.v, g->size.v, NULL);
			}
		}
}

/* Frames of the interrupt controller and of IOMMUs, whatever else lies over them. */
static void withhold(struct resolver *r, struct ranges *bytes)
{
	for (size_t i = 0; i < r->m->nodes.n; i++) {
		const struct node *n = r->m->nodes.v[i];

		if (n->role != NODE_GIC && n->role != NODE_ITS && n->role != NODE_IOMMU)
			continue;
		for (size_t k = 0; k < n->regs.n; k++)
			ranges_subtract(bytes, n->regs.v[k].addr, n->regs.v[k].size);
	}
	for (size_t i = 0; i < r->model->reserved.n; i++)
		if (is_reserve(&r->model->reserved.v[i]))
			ranges_subtract(bytes, r->model->reserved.v[i].addr,
					r->model->reserved.v[i].size);
}

static void add_bytes(struct resolver *r, struct cell *root, u64 start, u64 end)
{
	const struct range *first = NULL, *g;
	const struct origin *from;
	struct region *region;
	u32 nodes = 0;

	ranges_each_in(g, &r->regs, start, end - start) {
		if (!root_has(r, root, g->owner))
			continue;
		if (!first)
			first = g;
		nodes++;
	}
	from = first ? ((const struct node *)first->owner)->from : root->from;
	if (nodes > 1)
		from = origin_rule(r->c, from, "registers of %u devices", nodes);
	region = root_region(r, root, start, end - start,
			     first ? ((const struct node *)first->owner)->name : NULL, from);
	region->role = REGION_DEVICE;
	region->node = nodes == 1 ? (struct node *)first->owner : NULL;
	region->flags = CV_MEM_READ | CV_MEM_WRITE | CV_MEM_IO;
	if (region_is_subpage(region)) {
		region->phys.v = region->virt.v = align_down(start, 4);
		region->size.v = align_up(end, 4) - region->phys.v;
	}
	if (region_is_subpage(region))
		region->flags |= CV_MEM_WIDTHS;
}

/* A run of bytes as whole pages and what is left at its ends. */
static void add_run(struct resolver *r, struct cell *root, u64 start, u64 end)
{
	u64 first = align_up(start, PAGE_SIZE), last = align_down(end, PAGE_SIZE);

	if (first >= last) { /* no whole page: at most one boundary inside */
		if (start < first && first < end) {
			add_bytes(r, root, start, first);
			add_bytes(r, root, first, end);
		} else {
			add_bytes(r, root, start, end);
		}
		return;
	}
	if (start < first)
		add_bytes(r, root, start, first);
	add_bytes(r, root, first, last);
	if (last < end)
		add_bytes(r, root, last, end);
}

static void collect_windows(struct resolver *r, struct cell *root, struct ranges *windows)
{
	for (size_t i = 0; i < r->m->nodes.n; i++) {
		struct node *n = r->m->nodes.v[i];

		for (size_t k = 0; k < n->windows.n && root_has(r, root, n); k++)
			ranges_add(windows, n->windows.v[k].addr, n->windows.v[k].size, n);
	}
}

static void add_window(struct resolver *r, struct cell *root, const struct range *w)
{
	struct node *n = (struct node *)w->owner;
	struct region *g = root_region(r, root, w->start, range_size(w), n->name, n->from);

	g->node = n;
	g->role = REGION_WINDOW;
	g->flags = CV_MEM_READ | CV_MEM_WRITE | CV_MEM_IO;
}

static void root_registers(struct resolver *r, struct cell *root, const struct ranges *ram)
{
	struct ranges bytes, windows;
	const struct range *g, *w;

	ranges_init(&bytes, r->c->arena);
	ranges_init(&windows, r->c->arena);
	for (size_t i = 0; i < r->m->nodes.n; i++)
		if (r->m->nodes.v[i]->mapped && root_has(r, root, r->m->nodes.v[i]))
			collect_node(r, root, r->m->nodes.v[i], &bytes);
	apply_cells(r, &bytes);
	collect_windows(r, root, &windows);
	withhold(r, &bytes);
	withhold(r, &windows);
	ranges_each(g, ram) {
		ranges_subtract(&bytes, g->start, range_size(g));
		ranges_subtract(&windows, g->start, range_size(g));
	}
	ranges_each(w, &windows)
		ranges_subtract(&bytes, w->start, range_size(w));
	w = ranges_next(&windows, NULL);
	ranges_each(g, &bytes) {
		for (; w && w->start < g->start; w = ranges_next(&windows, w))
			add_window(r, root, w);
		add_run(r, root, g->start, g->last + 1);
	}
	for (; w; w = ranges_next(&windows, w))
		add_window(r, root, w);
}

static void root_devices(struct resolver *r, struct cell *root)
{
	for (size_t i = 0; i < r->m->nodes.n; i++) {
		struct node *n = r->m->nodes.v[i];
		const struct owner *o = owner_of(r, n);

		if (!root_has(r, root, n) || o->cell == root)
			; /* not root's, or claimed by a statement */
		else if (n->mapped && n->regs.n)
			*vec_push(r->c->arena, &root->devices) = (struct device_claim){
				.node = n,
				.from = origin_rule(r->c, n->from, "enabled in the tree")};
		if (root_has(r, root, n)) {
			claim_irqs(r, root, n, true, n->from);
			claim_streams(r, root, n, n->from);
		}
	}
	if (r->m->gic.node) /* mbi-ranges: lines that Linux hands out at run time */
		claim_irqs(r, root, r->m->gic.node, true, r->m->gic.from);
}

static void root_cpus(struct resolver *r, struct cell *root)
{
	if (root->cpus.n || root->cpus_from)
		return;
	for (size_t i = 0; i < r->m->cpus.n; i++)
		*vec_push(r->c->arena, &root->cpus) =
			(struct cpu_claim){r->m->cpus.v[i].index, r->m->cpus.v[i].from};
}

/* All pins of every IOAPIC, where the tree does not tell who uses which. */
static void root_pins(struct resolver *r, struct cell *root)
{
	if (root->irqs.n || root->irqchips_explicit)
		return;
	for (size_t i = 0; i < r->m->ioapics.n; i++)
		for (u32 pin = 0; pin < r->m->ioapics.v[i].pins.v; pin++)
			*vec_push(r->c->arena, &root->irqs) =
				(struct irq_claim){.chip = r->m->ioapics.v[i].addr.v,
						   .intid = pin,
						   .from = r->m->ioapics.v[i].addr.from};
}

void resolve_root(struct resolver *r, struct cell *root)
{
	/* RAM stands first, before what statements add */
	size_t said = root->regions.n;
	struct region **first = root->regions.v;
	struct ranges ram;

	root->regions.n = root->regions.cap = 0;
	root->regions.v = NULL;
	root_ram(r, root, &ram);
	root_registers(r, root, &ram);
	for (size_t i = 0; i < said; i++)
		*vec_push(r->c->arena, &root->regions) = first[i];
	root_devices(r, root);
	root_cpus(r, root);
	root_pins(r, root);
}
