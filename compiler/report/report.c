// SPDX-License-Identifier: GPL-2.0-only
/*
 * Gathers who owns what: each item claims its range, later claims replace earlier ones, so that
 * the order of the functions called by memory_claims is the order of precedence.
 */
#include "report.h"
#include "lib/ranges.h"

#include <stdlib.h>
#include <string.h>

struct gather {
	struct cellc *c;
	struct report *r;
	struct ranges map; /* owner: struct segment, with the start of the whole claim */
};

static struct owner *add_owner(struct gather *g, enum owner_kind kind, const char *name,
			       const char *label)
{
	struct owner *o = NEW(g->c->arena, struct owner);

	*o = (struct owner){kind, name, label, (u32)g->r->owners.n};
	*vec_push(g->c->arena, &g->r->owners) = o;
	return o;
}

const struct owner *report_owner(const struct report *r, const char *label)
{
	for (size_t i = 0; i < r->owners.n; i++)
		if (strcmp(r->owners.v[i]->label, label) == 0)
			return r->owners.v[i];
	return NULL;
}

static const char *cell_label(struct cellc *c, const struct cell *cell)
{
	return arena_printf(c->arena, "%s \"%s\"", cell->is_root ? "root" : "cell", cell->name);
}

static const struct owner *fixed_owner(struct gather *g, enum owner_kind kind, const char *label)
{
	const struct owner *o = report_owner(g->r, label);

	return o ? o : add_owner(g, kind, label, label);
}

static void claim(struct gather *g, u64 start, u64 size, struct segment s)
{
	struct segment *copy = NEW(g->c->arena, struct segment);

	*copy = s;
	copy->start = start;
	ranges_merge(&g->map, start, size, copy);
}

static const char *region_text(struct cellc *c, const struct region *r)
{
	static const char *const roles[] = {
		[REGION_RAM] = "RAM",	     [REGION_MMIO] = "registers",
		[REGION_DEVICE] = "device",  [REGION_WINDOW] = "PCI window",
		[REGION_COMM] = "communication region", [REGION_STATE] = "state table",
		[REGION_COMMON] = "common section", [REGION_OUTPUT] = "output section",
		[REGION_EMPTY] = "empty",
	};

	if (r->node)
		return r->role == REGION_WINDOW
			       ? arena_printf(c->arena, "PCI window of %s", r->node->path)
			       : r->node->path;
	if (r->link && r->role != REGION_OUTPUT)
		return roles[r->role];
	if (r->role == REGION_OUTPUT && r->link)
		return arena_printf(c->arena, "output section of peer %u", r->peer);
	if (r->role == REGION_RAM && r->name)
		return arena_printf(c->arena, "RAM \"%s\"", r->name);
	return r->name ? r->name : roles[r->role];
}

static void claim_region(struct gather *g, const struct region *r, const struct owner *owner)
{
	if (r->role == REGION_COMM || (r->flags & CV_MEM_COMM) || !r->size.v)
		return;
	claim(g, r->phys.v, r->size.v,
	      (struct segment){.owner = owner, .what = region_text(g->c, r), .guest = r->virt.v,
			       .mapped = !r->link, .flags = r->flags,
			       .from = r->phys.from ? r->phys.from : r->from});
}

static void claim_root(struct gather *g)
{
	const struct cell *root = model_root(g->r->model);

	if (!root)
		return;
	for (size_t i = 0; i < root->regions.n; i++)
		if (!root->regions.v[i]->link)
			claim_region(g, root->regions.v[i],
				     report_owner(g->r, cell_label(g->c, root)));
}

static void claim_reserved(struct gather *g)
{
	const struct model *m = g->r->model;

	for (size_t i = 0; i < m->reserved.n; i++) {
		const struct extent *e = &m->reserved.v[i];

		if (!e->node)
			claim(g, e->addr, e->size,
			      (struct segment){.owner = fixed_owner(g, OWNER_FIRMWARE, "firmware"),
					       .what = e->name ? e->name : "reserved",
					       .from = e->from});
	}
}

static void withhold(struct gather *g, u64 addr, u64 size, const char *what,
		     const struct origin *from)
{
	if (size)
		claim(g, addr, size,
		      (struct segment){.owner = fixed_owner(g, OWNER_WITHHELD, "withheld"),
				       .what = what, .from = from});
}

static void claim_withheld(struct gather *g)
{
	const struct machine *m = g->r->model->machine;

	if (!m)
		return;
	withhold(g, m->gic.gicd, m->gic.gicd_size, "GIC distributor", m->gic.from);
	withhold(g, m->gic.gicc, m->gic.gicc_size, "GIC CPU interface", m->gic.from);
	withhold(g, m->gic.gich, m->gic.gich_size, "GIC virtual interface control", m->gic.from);
	withhold(g, m->gic.gicv, m->gic.gicv_size, "GIC virtual CPU interface", m->gic.from);
	for (size_t i = 0; i < m->gic.gicr.n; i++)
		withhold(g, m->gic.gicr.v[i].addr, m->gic.gicr.v[i].size, "GIC redistributors",
			 m->gic.gicr.v[i].from);
	for (size_t i = 0; i < m->nodes.n; i++) {
		const struct node *n = m->nodes.v[i];

		if (node_is_withheld(n))
			for (size_t k = 0; k < n->regs.n; k++)
				withhold(g, n->regs.v[k].addr, n->regs.v[k].size, n->path,
					 n->regs.v[k].from);
	}
}

static void claim_pci_host(struct gather *g)
{
	const struct platform *p = &g->r->model->platform;
	const struct owner *owner;

	if (!p->pci_virtual || !p->mmconfig_base.v)
		return;
	owner = fixed_owner(g, OWNER_PCI, "virtual PCI host");
	claim(g, p->mmconfig_base.v, (p->mmconfig_end_bus + 1ull) * MIB,
	      (struct segment){.owner = owner, .what = "configuration space",
			       .from = p->mmconfig_base.from});
	if (p->pci_window.size)
		claim(g, p->pci_window.addr, p->pci_window.size,
		      (struct segment){.owner = owner, .what = "BAR window",
				       .from = p->pci_window.from});
}

static void claim_pools(struct gather *g)
{
	const struct model *m = g->r->model;

	for (size_t i = 0; i < m->pools.n; i++)
		claim(g, m->pools.v[i]->addr.v, m->pools.v[i]->size.v,
		      (struct segment){.owner = fixed_owner(g, OWNER_POOL, "pool, unused"),
				       .what = arena_printf(g->c->arena, "pool %s",
							    m->pools.v[i]->name),
				       .from = m->pools.v[i]->addr.from});
}

static void claim_cells(struct gather *g, bool links)
{
	const struct model *m = g->r->model;

	for (size_t i = 0; i < m->cells.n; i++) {
		const struct cell *cell = m->cells.v[i];
		const struct owner *owner = report_owner(g->r, cell_label(g->c, cell));

		for (size_t k = 0; k < cell->regions.n; k++) {
			const struct region *r = cell->regions.v[k];

			if (links && r->link)
				claim_region(g, r,
					     report_owner(g->r, arena_printf(g->c->arena, "link \"%s\"",
									     r->link->name)));
			else if (!links && !r->link && !cell->is_root)
				claim_region(g, r, owner);
		}
	}
}

static void memory_claims(struct gather *g)
{
	const struct region *hyp = &g->r->model->platform.hypervisor;

	claim_root(g);
	claim_reserved(g);
	claim_pools(g);
	claim_withheld(g);
	claim_pci_host(g);
	claim_cells(g, false);
	claim_cells(g, true);
	if (hyp->size.v)
		claim(g, hyp->phys.v, hyp->size.v,
		      (struct segment){.owner = fixed_owner(g, OWNER_HYPERVISOR, "hypervisor"),
				       .what = "code, data and page pool",
				       .from = hyp->phys.from});
}

static void segments(struct gather *g)
{
	struct range *range;

	ranges_each(range, &g->map) {
		const struct segment *whole = range->owner;
		struct segment *s = vec_push(g->c->arena, &g->r->segments);

		*s = *whole;
		s->start = range->start;
		s->last = range->last;
		s->guest += range->start - whole->start;
	}
}

static int by_line(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	if (x->chip != y->chip)
		return x->chip < y->chip ? -1 : 1;
	if (x->pin != y->pin)
		return x->pin < y->pin ? -1 : 1;
	/* a cell's claim stands before root's, which only lends it */
	return (x->owner->kind == OWNER_ROOT) - (y->owner->kind == OWNER_ROOT);
}

static void lines(struct gather *g)
{
	const struct model *m = g->r->model;
	struct report *r = g->r;
	size_t kept = 0;

	for (size_t i = 0; i < m->cells.n; i++) {
		const struct cell *cell = m->cells.v[i];

		for (size_t k = 0; k < cell->irqs.n; k++) {
			const struct irq_claim *q = &cell->irqs.v[k];
			const char *what = q->link ? "virtual PCI host, INTx" : q->node ? q->node->path : "";

			*vec_push(g->c->arena, &r->lines) =
				(struct line){q->chip, q->intid,
					      report_owner(r, cell_label(g->c, cell)), what, q->from};
		}
	}
	if (!r->lines.n)
		return;
	qsort(r->lines.v, r->lines.n, sizeof(*r->lines.v), by_line);
	for (size_t i = 0; i < r->lines.n; i++)
		if (!i || r->lines.v[i].chip != r->lines.v[kept - 1].chip ||
		    r->lines.v[i].pin != r->lines.v[kept - 1].pin)
			r->lines.v[kept++] = r->lines.v[i];
	r->lines.n = kept;
}

static struct core *core_of(struct report *r, u32 index)
{
	for (size_t i = 0; i < r->cores.n; i++)
		if (r->cores.v[i].index == index)
			return &r->cores.v[i];
	return NULL;
}

static int by_index(const void *a, const void *b)
{
	const struct core *x = a, *y = b;

	return x->index < y->index ? -1 : x->index > y->index;
}

static void cores(struct gather *g)
{
	const struct model *m = g->r->model;
	struct report *r = g->r;

	for (size_t i = 0; m->machine && i < m->machine->cpus.n; i++) {
		const struct cpu *cpu = &m->machine->cpus.v[i];

		*vec_push(g->c->arena, &r->cores) = (struct core){
			.index = cpu->index, .cluster = cpu->cluster,
			.what = cpu->compatible ? cpu->compatible : "", .from = cpu->from};
	}
	for (size_t i = 0; i < m->cells.n; i++) {
		const struct cell *cell = m->cells.v[i];

		for (size_t k = 0; k < cell->cpus.n; k++) {
			struct core *core = core_of(r, cell->cpus.v[k].index);

			if (!core) {
				core = vec_push(g->c->arena, &r->cores);
				*core = (struct core){.index = cell->cpus.v[k].index, .what = ""};
			}
			core->owner = report_owner(r, cell_label(g->c, cell));
			core->from = cell->cpus.v[k].from;
		}
	}
	if (r->cores.n)
		qsort(r->cores.v, r->cores.n, sizeof(*r->cores.v), by_index);
}

struct report *report_make(struct cellc *c, struct model *m)
{
	struct gather g = {.c = c, .r = NEW(c->arena, struct report)};

	g.r->model = m;
	ranges_init(&g.map, c->arena);
	for (size_t i = 0; i < m->cells.n; i++)
		add_owner(&g, m->cells.v[i]->is_root ? OWNER_ROOT : OWNER_CELL, m->cells.v[i]->name,
			  cell_label(c, m->cells.v[i]));
	for (size_t i = 0; i < m->links.n; i++)
		add_owner(&g, OWNER_LINK, m->links.v[i]->name,
			  arena_printf(c->arena, "link \"%s\"", m->links.v[i]->name));
	memory_claims(&g);
	segments(&g);
	lines(&g);
	cores(&g);
	return g.r;
}

const char *link_kind_text(enum link_kind kind)
{
	static const char *const names[] = {
		[LINK_SHARED] = "shared memory",
		[LINK_NET] = "virtual Ethernet",
		[LINK_VIRTIO_NET] = "virtio network",
		[LINK_VIRTIO_BLOCK] = "virtio block device",
		[LINK_VIRTIO_CONSOLE] = "virtio console",
	};

	return names[kind];
}

const char *flags_text(struct cellc *c, u64 flags)
{
	static const struct {
		u64 bit;
		const char *word;
	} words[] = {
		{CV_MEM_DMA, " dma"},	       {CV_MEM_IO, " io"},
		{CV_MEM_LOADABLE, " loadable"}, {CV_MEM_ROOTSHARED, " shared"},
		{CV_MEM_NO_HUGE, " no-huge"},  {CV_MEM_UNALIGNED, " unaligned"},
		{CV_MEM_WIDTH_1, " 1"},	       {CV_MEM_WIDTH_2, " 2"},
		{CV_MEM_WIDTH_4, " 4"},	       {CV_MEM_WIDTH_8, " 8"},
	};
	struct buf b;

	buf_init(&b, c->arena);
	buf_char(&b, flags & CV_MEM_READ ? 'r' : '-');
	buf_char(&b, flags & CV_MEM_WRITE ? 'w' : '-');
	buf_char(&b, flags & CV_MEM_EXECUTE ? 'x' : '-');
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (words[i].bit == CV_MEM_WIDTH_1 && flags & CV_MEM_WIDTHS)
			buf_str(&b, " width");
		if (flags & words[i].bit)
			buf_str(&b, words[i].word);
	}
	return b.data;
}

const char *line_text(struct cellc *c, const struct model *m, const struct line *l)
{
	if (m->arch == CV_ARCH_X86)
		return arena_printf(c->arena, "pin %u", l->pin);
	return arena_printf(c->arena, "SPI %u", l->pin - 32);
}

const char *from_text(struct cellc *c, const struct origin *o)
{
	if (o && o->kind == FROM_TREE)
		return o->prop ? arena_printf(c->arena, "%s: %s", o->path, o->prop) : o->path;
	if (o && o->kind == FROM_RULE && o->parent)
		return arena_printf(c->arena, "%s (%s)", o->why, from_text(c, o->parent));
	return origin_text(c, o);
}
