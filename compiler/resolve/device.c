// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices of cells: their registers as regions, their interrupts, their streams.
 *
 * A page that holds registers of one owner only is granted whole; where another's registers lie
 * in the same page, exactly the device's bytes are granted as a sub-page region, which the
 * hypervisor checks access by access (abi.md, section 1).
 */
#include "resolve.h"

/* Roles that no cell may claim. */
static const char *const withheld[] = {
	[NODE_CPU] = "a CPU: write cpu",
	[NODE_MEMORY] = "memory: write memory",
	[NODE_RESERVED] = "reserved memory",
	[NODE_GIC] = "the interrupt controller, which the hypervisor keeps",
	[NODE_ITS] = "part of the interrupt controller, which the hypervisor keeps",
	[NODE_V2M] = "part of the interrupt controller, which stays with root",
	[NODE_IOMMU] = "an IOMMU, which the hypervisor keeps",
	[NODE_TIMER] = "the architected timer, which every cell has",
	[NODE_PSCI] = "the firmware interface, which the hypervisor answers",
};

const struct cell *holder_of(struct resolver *r, const struct node *n)
{
	const struct owner *o = owner_of(r, n);
	bool plain = n->role == NODE_PLAIN || n->role == NODE_PCI_HOST || n->role == NODE_V2M ||
		     n->role == NODE_TIMER;

	if (o->cell)
		return o->cell;
	return plain && n->enabled && !o->without ? model_root(r->model) : NULL;
}

bool others_there(struct resolver *r, const struct cell *cell, u64 start, u64 size)
{
	struct range *g;

	ranges_each_in(g, &r->regs, start, size)
		if (holder_of(r, g->owner) != cell)
			return true;
	return false;
}

static struct region *add_piece(struct resolver *r, struct cell *cell, u64 start, u64 end,
				u64 widths, struct node *n, const struct origin *from)
{
	struct region *g = NEW(r->c->arena, struct region);

	*g = (struct region){
		.name = n ? n->name : NULL,
		.phys = {start, from},
		.virt = {start, from},
		.size = {end - start, from},
		.flags = CV_MEM_READ | CV_MEM_WRITE | CV_MEM_IO,
		.role = REGION_DEVICE,
		.node = n,
		.from = from,
	};
	if (region_is_subpage(g)) {
		g->phys.v = g->virt.v = align_down(start, 4);
		g->size.v = align_up(end, 4) - g->phys.v;
		/* rounding may have made whole pages of it */
		if (region_is_subpage(g))
			g->flags |= widths ? widths : CV_MEM_WIDTHS;
	}
	*vec_push(r->c->arena, &cell->regions) = g;
	return g;
}

/* One end of a register range: where the granted page range begins (or ends). */
static bool page_is_shared(struct resolver *r, const struct cell *cell, u64 page)
{
	return others_there(r, cell, page, PAGE_SIZE);
}

struct region *add_registers(struct resolver *r, struct cell *cell, u64 start, u64 size, u64 widths,
			     struct node *n, const struct origin *from)
{
	u64 end = start + size, first = align_down(start, PAGE_SIZE);
	u64 last = align_down(end - 1, PAGE_SIZE);
	bool head = start != first && page_is_shared(r, cell, first);
	bool tail = end != last + PAGE_SIZE && page_is_shared(r, cell, last);

	if (first == last && (head || tail))
		return add_piece(r, cell, start, end, widths, n, from);
	if (head)
		add_piece(r, cell, start, first + PAGE_SIZE, widths, n, from);
	start = head ? first + PAGE_SIZE : first;
	if (start < (tail ? last : last + PAGE_SIZE))
		add_piece(r, cell, start, tail ? last : last + PAGE_SIZE, widths, n, from);
	if (tail)
		add_piece(r, cell, last, end, widths, n, from);
	return cell->regions.v[cell->regions.n - 1];
}

void claim_irqs(struct resolver *r, struct cell *cell, const struct node *n, bool cascaded,
		const struct origin *from)
{
	for (size_t i = 0; i < n->irqs.n; i++) {
		const struct irq *q = &n->irqs.v[i];

		if (q->type != IRQ_SPI)
			continue;
		if (q->via && !cascaded)
			continue;
		*vec_push(r->c->arena, &cell->irqs) = (struct irq_claim){
			.chip = r->m->gic.gicd,
			.intid = q->intid,
			.node = (struct node *)n,
			.from = origin_rule(r->c, q->from ? q->from : from, "interrupt of %s",
					    n->path),
		};
	}
}

/* abi.md, section 1: an MMU-500 stream id carries its mask in the upper half. */
static u32 stream_value(const struct machine *m, const struct stream *s)
{
	for (size_t i = 0; i < m->iommus.n; i++)
		if (m->iommus.v[i].node == s->iommu && m->iommus.v[i].rec.type == CV_IOMMU_MMU500)
			return (s->id & 0x7fff) | (s->mask & 0x7fff) << 16;
	return s->id;
}

static bool has_stream(const struct cell *cell, u32 value)
{
	for (size_t i = 0; i < cell->streams.n; i++)
		if (cell->streams.v[i].value == value)
			return true;
	return false;
}

void claim_streams(struct resolver *r, struct cell *cell, const struct node *n,
		   const struct origin *from)
{
	for (size_t i = 0; i < n->streams.n; i++) {
		const struct stream *s = &n->streams.v[i];
		u32 value = stream_value(r->m, s);
		bool listed = false;

		for (size_t k = 0; k < r->m->iommus.n; k++)
			listed |= r->m->iommus.v[k].node == s->iommu;
		if (!listed || has_stream(cell, value))
			continue;
		*vec_push(r->c->arena, &cell->streams) = (struct stream_claim){
			.value = value,
			.node = (struct node *)n,
			.iommu = s->iommu,
			.from = origin_rule(r->c, s->from ? s->from : from, "stream of %s",
					    n->path),
		};
	}
}

static bool claimable(struct resolver *r, const struct item *it, const struct node *n)
{
	struct diag *d;

	if (n->role < ARRAY_SIZE(withheld) && withheld[n->role]) {
		d = diag_report(r->c, D_E0229, item_origin(r, it), "%s is %s", n->path,
				withheld[n->role]);
		diag_note(r->c, d, n->from, "described here");
		return false;
	}
	if (n->mapped && n->regs.n)
		return true;
	d = diag_report(r->c, D_E0225, item_origin(r, it), "%s has no registers in memory",
			n->path);
	diag_note(r->c, d, n->from, "described here");
	for (n = n->parent; n && !(n->mapped && n->regs.n); n = n->parent)
		;
	if (n)
		diag_help(r->c, d, "it is reached through %s: give that to the cell",
			  node_ref_text(r->c, r->m, n));
	return false;
}

static void own(struct resolver *r, struct cell *cell, struct node *n, const struct stmt *s,
		const struct origin *at)
{
	struct owner *o = owner_of(r, n);
	bool exclusive = stmt_has(s, KW_exclusive);

	*vec_push(r->c->arena, &cell->devices) =
		(struct device_claim){n, exclusive, widths_of(r, stmt_clause(s, KW_width)), at};
	if (!o->cell || o->cell->is_root)
		*o = (struct owner){cell, exclusive, o->without, at};
}

static void claim_statement(struct resolver *r, struct cell *cell, const struct stmt *s)
{
	for (size_t k = 0; k < s->nargs; k++) {
		struct node *n = ref_node(r, &s->args[k]);

		if (!n)
			continue;
		if (s->kw == KW_without)
			owner_of(r, n)->without = true;
		else if (claimable(r, &s->args[k], n))
			own(r, cell, n, s, item_origin(r, &s->args[k]));
	}
}

/* Who owns what must be known before any page is granted: the first of two walks. */
void resolve_claims(struct resolver *r)
{
	for (size_t b = 0; b < r->blocks.n; b++)
		for (size_t i = 0; i < r->blocks.v[b].stmts.n; i++) {
			const struct stmt *s = r->blocks.v[b].stmts.v[i];

			if (s->kw == KW_device || s->kw == KW_without)
				claim_statement(r, r->blocks.v[b].cell, s);
		}
}

static void grant_device(struct resolver *r, struct cell *cell, struct node *n, u64 widths,
			 const struct origin *at)
{
	for (size_t i = 0; i < n->regs.n; i++)
		if (n->regs.v[i].size)
			add_registers(
				r, cell, n->regs.v[i].addr, n->regs.v[i].size, widths, n,
				origin_rule(r->c, n->regs.v[i].from, "registers of %s", n->path));
	for (size_t i = 0; i < n->windows.n; i++)
		if (n->windows.v[i].size)
			add_piece(r, cell, n->windows.v[i].addr,
				  n->windows.v[i].addr + n->windows.v[i].size, 0, n,
				  n->windows.v[i].from)
				->role = REGION_WINDOW;
	claim_irqs(r, cell, n, false, at);
	claim_streams(r, cell, n, at);
}

void cell_device(struct resolver *r, struct cell *cell, const struct stmt *s)
{
	/* root's come with everything else; an explicit cell lists its records itself, there the
	 * statement only says whose the device is */
	if (cell->is_root || cell->explicit_only)
		return;
	for (size_t i = 0; i < cell->devices.n; i++) {
		const struct device_claim *d = &cell->devices.v[i];

		if (d->from->span.start >= s->span.start && d->from->span.end <= s->span.end)
			grant_device(r, cell, d->node, d->width_flags, d->from);
	}
}
