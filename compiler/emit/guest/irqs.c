// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts of the guest's devices.
 *
 * A line that reaches the GIC directly, or through a controller that only passes it on, becomes an
 * interrupt of the guest's GIC if the cell was granted it. One of a cascaded controller (a GPIO
 * bank for instance) is kept where the cell has that controller. The rest goes.
 */
#include "guest.h"

#include <libfdt.h>
#include <string.h>

#define GIC_SPI	     0u
#define GIC_PPI	     1u
#define GIC_CELLS    3u
#define FIRST_PPI    16u
#define FIRST_SPI    32u
#define TRIGGER_HIGH 4u
#define TRIGGER_MASK 0xfu
#define MAX_PARENTS  32

struct line { /* one interrupt of a node in the host's tree */
	struct node *controller;
	const u8 *spec;
	u32 n_spec;
};

bool guest_is_interrupt_prop(const char *name)
{
	return strcmp(name, "interrupts") == 0 || strcmp(name, "interrupts-extended") == 0 ||
	       strcmp(name, "interrupt-parent") == 0 || strcmp(name, "interrupt-names") == 0;
}

bool guest_owns_irq(const struct guest *g, u32 intid)
{
	const struct irq_claim *claim;

	vec_each(claim, &g->cell->irqs)
		if (claim->intid == intid)
			return true;
	return false;
}

/* Devicetree Specification 2.4.1: the nearest interrupt-parent, or controller, above the node. */
static struct node *interrupt_parent(struct guest *g, struct node *n)
{
	for (int i = 0; n && i < MAX_PARENTS; i++) {
		u32 phandle = guest_host_u32(g, n, "interrupt-parent", 0);

		n = phandle ? machine_node_by_phandle(g->mach, phandle) : n->parent;
		if (n && fdt_getprop(g->fdt, n->offset, "#interrupt-cells", NULL))
			return n;
	}
	return NULL;
}

/* The next interrupt of a node, like guest_next_ref; no controller: an entry left empty. */
static bool next_line(struct guest *g, const struct dt_prop *p, struct node *parent, u32 *off,
		      struct line *line)
{
	struct guest_ref ref;

	if (!parent) {
		if (!guest_next_ref(g, p, "#interrupt-cells", off, &ref))
			return false;
		*line = (struct line){ref.provider, ref.spec, ref.n_spec};
		return true;
	}
	line->controller = parent;
	line->n_spec = guest_host_u32(g, parent, "#interrupt-cells", 0);
	line->spec = (const u8 *)p->data + *off;
	if (!line->n_spec || *off >= p->len || line->n_spec > (p->len - *off) / 4)
		return false;
	*off += 4 * line->n_spec;
	return true;
}

static const struct irq *resolved(const struct node *n, u32 index)
{
	const struct irq *irq;

	vec_each(irq, &n->irqs)
		if (irq->index == index)
			return irq;
	return NULL;
}

/* One of the GIC's numbers of cells, as the guest has it. */
static u32 gic_cells(struct guest *g, const char *prop)
{
	return (u32)dt_read(dt_get(g->gic, prop)->data, 1);
}

/*
 * What the line is at the GIC. One that a cascaded controller multiplexes is not it; of several
 * equal ones of a node the machine records only the first, so the specifier is asked first.
 */
static bool at_gic(struct guest *g, const struct dt_node *n, u32 index, const struct line *line,
		   struct irq *irq)
{
	const struct irq *known = resolved(n->host, index);

	if (line->controller == g->mach->gic.node && line->n_spec >= GIC_CELLS) {
		u32 type = (u32)dt_read(line->spec, 1), number = (u32)dt_read(line->spec + 4, 1);

		*irq = (struct irq){.type = type == GIC_SPI   ? IRQ_SPI
					    : type == GIC_PPI ? IRQ_PPI
							      : IRQ_OTHER,
				    .intid = number + (type == GIC_SPI ? FIRST_SPI : FIRST_PPI),
				    .flags = (u32)dt_read(line->spec + 8, 1)};
		return true;
	}
	if (!known || known->via)
		return false;
	*irq = *known;
	return true;
}

static bool granted(const struct guest *g, const struct irq *irq)
{
	return irq->type == IRQ_PPI || (irq->type == IRQ_SPI && guest_owns_irq(g, irq->intid));
}

static void add_gic_line(struct guest *g, struct dt_cells *cells, const struct irq *irq)
{
	dt_cell(cells, irq->type == IRQ_SPI ? GIC_SPI : GIC_PPI);
	dt_cell(cells, irq->intid - (irq->type == IRQ_SPI ? FIRST_SPI : FIRST_PPI));
	dt_cell(cells, irq->flags & TRIGGER_MASK ? irq->flags : irq->flags | TRIGGER_HIGH);
	for (u32 i = GIC_CELLS; i < gic_cells(g, "#interrupt-cells"); i++)
		dt_cell(cells, 0);
}

/* Writes one interrupt into both forms; false if the guest can't have it. */
static bool add_line(struct guest *g, struct dt_node *n, u32 index, const struct line *line,
		     struct dt_cells *plain, struct dt_cells *extended)
{
	struct dt_node *controller = guest_kept(g, line->controller);
	struct irq irq;

	if (controller && controller->owned) {
		dt_cell(extended, guest_phandle(g, controller));
		for (u32 i = 0; i < line->n_spec; i++)
			dt_cell(extended, (u32)dt_read(line->spec + 4 * i, 1));
		return true;
	}
	if (!at_gic(g, n, index, line, &irq) || !granted(g, &irq))
		return false;
	add_gic_line(g, plain, &irq);
	dt_cell(extended, guest_phandle(g, g->gic));
	add_gic_line(g, extended, &irq);
	return true;
}

/* Whether something between the node and the root would be taken for its interrupt parent. */
static bool has_other_parent(const struct dt_node *n)
{
	while ((n = n->parent) && n->parent)
		if (dt_get(n, "#interrupt-cells"))
			return true;
	return false;
}

static const char *interrupt_name(struct guest *g, const struct dt_node *n, u32 index)
{
	return fdt_stringlist_get(g->fdt, n->host->offset, "interrupt-names", (int)index, NULL);
}

static void note_lost(struct guest *g, struct dt_node *n, u32 index)
{
	const char *name = interrupt_name(g, n, index);

	*vec_push(g->a, &guest_losses(g, n)->irqs) =
		name ? arena_printf(g->a, "\"%s\"", name) : arena_printf(g->a, "%u", index);
}

void guest_interrupts(struct guest *g, struct dt_node *n)
{
	struct dt_cells plain = {.arena = g->a}, extended = {.arena = g->a};
	struct dt_prop p = {.name = "interrupts-extended"};
	struct node *parent = NULL;
	bool cascaded = false;
	struct line line;
	struct buf names;
	u32 off = 0;
	int len;

	buf_init(&names, g->a);
	p.data = fdt_getprop(g->fdt, n->host->offset, p.name, &len);
	if (!p.data) {
		p.data = fdt_getprop(g->fdt, n->host->offset, "interrupts", &len);
		parent = p.data ? interrupt_parent(g, n->host) : NULL;
		if (!parent)
			return;
	}
	p.len = (u32)len;
	for (u32 i = 0; next_line(g, &p, parent, &off, &line); i++) {
		const char *name = interrupt_name(g, n, i);
		size_t before = plain.v.n;

		if (!line.controller)
			continue;
		if (!add_line(g, n, i, &line, &plain, &extended)) {
			note_lost(g, n, i);
			continue;
		}
		cascaded |= plain.v.n == before;
		if (name)
			buf_add(&names, name, strlen(name) + 1);
	}
	if (!extended.v.n)
		return;
	if (cascaded || has_other_parent(n))
		dt_set_cells(g->a, n, "interrupts-extended", &extended);
	else
		dt_set_cells(g->a, n, "interrupts", &plain);
	if (names.len)
		dt_set(g->a, n, "interrupt-names", names.data, names.len);
}

static void copy_cells(struct dt_cells *out, const struct dt_prop *p, u32 from, u32 to)
{
	for (; from < to; from++)
		dt_cell(out, (u32)dt_read((const u8 *)p->data + 4 * from, 1));
}

/* One entry of an interrupt-map at cells[*at], moved beyond it. */
static bool map_entry(struct guest *g, const struct dt_prop *p, u32 child_cells, u32 *at,
		      struct dt_cells *out)
{
	u32 total = p->len / 4, spec, cells, units, begin = *at;
	struct dt_node *kept;
	struct node *parent;

	if (child_cells >= total - *at)
		return false;
	*at += child_cells;
	parent = machine_node_by_phandle(g->mach, (u32)dt_read((const u8 *)p->data + 4 * *at, 1));
	if (!parent)
		return false;
	units = guest_host_u32(g, parent, "#address-cells", 0);
	spec = *at + 1 + units;
	cells = units + guest_host_u32(g, parent, "#interrupt-cells", 0);
	if (units >= total - *at || cells < units || cells >= total - *at)
		return false;
	*at += 1 + cells;
	copy_cells(out, p, begin, spec);
	kept = guest_kept(g, parent);
	if (kept == g->gic && gic_cells(g, "#address-cells") < units)
		return false;
	if (kept == g->gic)
		dt_number(out, 0, gic_cells(g, "#address-cells") - units);
	copy_cells(out, p, spec, *at);
	if (kept != g->gic)
		return kept && kept->owned;
	return *at - spec >= 3 && dt_read((const u8 *)p->data + 4 * spec, 1) == GIC_SPI &&
	       guest_owns_irq(g, (u32)dt_read((const u8 *)p->data + 4 * spec + 4, 1) + FIRST_SPI);
}

bool guest_interrupt_map(struct guest *g, struct dt_node *n, const struct dt_prop *p,
			 struct dt_cells *out)
{
	u32 child_cells = guest_host_u32(g, n->host, "#address-cells", 0) +
			  guest_host_u32(g, n->host, "#interrupt-cells", 0);
	u32 at = 0;

	if (!g->gic || child_cells > p->len / 4)
		return false;
	while (at < p->len / 4)
		if (!map_entry(g, p, child_cells, &at, out))
			return false;
	return true;
}
