// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts of every node, followed to the lines of the GIC that they arrive on.
 *
 * DT 2.4: interrupt parents are inherited; interrupts-extended; nexus nodes with interrupt-map.
 * Where it is silent, as Linux's drivers/of/irq.c. A cascaded controller (a GPIO bank, an
 * interrupt multiplexer) stands for all lines that it drives itself, for which of them its input
 * ends on is not in the tree. What can't be traced leaves a reason in node->irq_missing.
 */
#include "host.h"

#include <string.h>

#define MAX_HOPS 16

/* One interrupt on its way to the GIC. */
struct trace {
	struct host *h;
	struct node *node; /* whose interrupt it is */
	u32 index;
	const struct origin *from;
	struct node *via; /* first cascaded controller on the way */
	u32 hops;
	const struct node *path[MAX_HOPS]; /* nexus nodes and controllers passed */
};

static void follow(struct trace *t, struct node *parent, struct cells unit, struct cells spec,
		   u32 unit_cells);

static void missing(struct trace *t, const char *why, const struct node *where)
{
	if (!t->node->irq_missing)
		t->node->irq_missing =
			where ? arena_printf(t->h->c->arena, "%s %s", where->path, why) : why;
}

void irq_add(struct host *h, struct node *n, struct irq irq)
{
	const struct irq *have;

	vec_each(have, &n->irqs)
		if (have->intid == irq.intid && have->type == irq.type)
			return;
	*vec_push(h->c->arena, &n->irqs) = irq;
}

/*
 * A GIC specifier: type, number, flags (bindings arm,gic.yaml and arm,gic-v3.yaml). Types 2 and 3
 * are the extended ranges of GICv3.1. A PPI number beyond 15 is used by some trees; as in Linux's
 * drivers the INTID counts then, which is that of an SPI.
 */
static void gic_line(struct trace *t, struct cells spec)
{
	static const struct {
		enum irq_type type;
		u32 first, count;
	} kinds[] = {
		{IRQ_SPI, 32, 988},
		{IRQ_PPI, 16, 1004},
		{IRQ_SPI, 4096, 1024},
		{IRQ_PPI, 1056, 64},
	};
	u32 kind = spec.n ? cell_at(spec, 0) : ~0u;
	struct irq irq = {.index = t->index, .via = t->via, .from = t->from};

	if (spec.n < 3 || kind >= ARRAY_SIZE(kinds) || cell_at(spec, 1) >= kinds[kind].count)
		return missing(t, "gets an interrupt specifier that is none of a GIC",
			       t->h->m->gic.node);
	irq.type = kinds[kind].type;
	irq.intid = kinds[kind].first + cell_at(spec, 1);
	irq.flags = cell_at(spec, 2) & 0xf;
	if (kind == 1 && irq.intid >= 32)
		irq.type = IRQ_SPI;
	irq_add(t->h, t->node, irq);
}

/* DT 2.4.1: interrupt-parent or else the parent, up to a node with #interrupt-cells. */
static struct node *parent_of(const struct host *h, struct node *n)
{
	for (u32 hops = 0; n && hops < 2 * HOST_MAX_DEPTH; hops++) {
		const struct prop *p = node_prop(n, "interrupt-parent");

		n = p ? machine_node_by_phandle(h->m, node_cell(n, "interrupt-parent", 0, 0))
		      : n->parent;
		if (n && node_has(n, "#interrupt-cells"))
			return n;
	}
	return NULL;
}

static struct cells raw_cells(const struct node *n, const char *prop)
{
	const struct prop *p = node_prop(n, prop);

	return p ? (struct cells){p->data, p->len / 4} : (struct cells){NULL, 0};
}

/* --- nexus nodes, DT 2.4.3 --- */

/*
 * Controllers whose drivers read interrupt-map themselves: no parent unit address stands in it,
 * whatever #address-cells says (the list of Linux's of/irq.c).
 */
static bool map_without_unit(const struct machine *m, const struct node *nexus)
{
	static const char *const such[] = {
		"fsl,ls1021a-extirq", "fsl,ls1043a-extirq", "fsl,ls1088a-extirq",
		"renesas,rza1-irqc",  "realtek,rtl-intc",
	};

	for (u32 i = 0; i < ARRAY_SIZE(such); i++)
		if (node_is_compatible(m, nexus, such[i]))
			return true;
	return false;
}

/* #address-cells that holds for a nexus: its own, or that of the next node up that has it. */
static u32 nexus_unit_cells(const struct node *n)
{
	for (; n; n = n->parent)
		if (node_has(n, "#address-cells"))
			return n->address_cells;
	return 2;
}

struct map_entry {
	struct cells child; /* unit address and specifier */
	struct node *parent;
	struct cells unit, spec;
};

/* Reads the entry at *at and steps over it; false at the end or where the map breaks off. */
static bool map_next(struct host *h, const struct node *nexus, u32 width, u32 *at,
		     struct map_entry *e)
{
	struct cells map = raw_cells(nexus, "interrupt-map");
	u32 units, specs;

	if (!host_spend(h) || map.n <= width || *at >= map.n - width)
		return false;
	e->child = cells_part(map, *at, width);
	e->parent = machine_node_by_phandle(h->m, cell_at(map, *at + width));
	*at += width + 1;
	if (!e->parent)
		return false;
	units = map_without_unit(h->m, nexus) ? 0 : node_cell(e->parent, "#address-cells", 0, 0);
	specs = node_cell(e->parent, "#interrupt-cells", 0, 0);
	if (units > map.n - *at || specs > map.n - *at - units)
		return false;
	e->unit = cells_part(map, *at, units);
	e->spec = cells_part(map, *at + units, specs);
	*at += units + specs;
	return true;
}

/* The i-th cell of the key to look up: unit address filled up with zeros, then specifier. */
static u32 key_cell(struct cells unit, struct cells spec, u32 unit_cells, u32 i)
{
	if (i < unit_cells)
		return i < unit.n ? cell_at(unit, i) : 0;
	return i - unit_cells < spec.n ? cell_at(spec, i - unit_cells) : 0;
}

static bool map_matches(const struct map_entry *e, struct cells mask, struct cells unit,
			struct cells spec, u32 unit_cells)
{
	for (u32 i = 0; i < e->child.n; i++) {
		u32 m = !mask.p ? ~0u : i < mask.n ? cell_at(mask, i) : 0;

		if ((cell_at(e->child, i) ^ key_cell(unit, spec, unit_cells, i)) & m)
			return false;
	}
	return true;
}

static void through_map(struct trace *t, struct node *nexus, struct cells unit, struct cells spec,
			u32 unit_cells)
{
	struct cells mask = raw_cells(nexus, "interrupt-map-mask");
	u32 width, at = 0;
	struct map_entry e;

	if (unit_cells == ~0u)
		unit_cells = nexus_unit_cells(nexus);
	width = unit_cells + node_cell(nexus, "#interrupt-cells", 0, 0);
	if (unit_cells > 16 || width > 32)
		return missing(t, "has an interrupt map of absurd width", nexus);
	while (map_next(t->h, nexus, width, &at, &e))
		if (map_matches(&e, mask, unit, spec, unit_cells))
			return follow(t, e.parent, e.unit, e.spec,
				      node_cell(e.parent, "#address-cells", 0, 0));
	missing(t, "has no entry for it in interrupt-map", nexus);
}

/* --- cascaded controllers --- */

/*
 * Controllers that stand before the GIC and pass its specifiers on: they have three cells as it
 * has and no interrupt of their own, but for those named here, which have one for themselves.
 */
static bool hands_through(const struct host *h, struct node *n)
{
	struct node *parent = parent_of(h, n);
	const char *s = NULL;

	if (!parent || node_cell(n, "#interrupt-cells", 0, 0) != 3 ||
	    node_cell(parent, "#interrupt-cells", 0, 0) < 3)
		return false;
	if (!node_has(n, "interrupts") && !node_has(n, "interrupts-extended"))
		return true;
	while ((s = node_compatible(n, s))) {
		size_t len = strlen(s);

		if ((len > 4 && strcmp(s + len - 4, "-gpc") == 0) ||
		    (len > 7 && strcmp(s + len - 7, "-r-intc") == 0))
			return true;
	}
	return false;
}

/* bindings/interrupt-controller/qcom,pdc.yaml: ranges of pin, SPI, count. */
static void through_pdc(struct trace *t, struct node *n, struct cells spec)
{
	struct cells s;
	u32 count = node_entries(t->h, n, "qcom,pdc-ranges", 3, &s);

	for (u32 i = 0; spec.n && i < count; i++) {
		u32 pin = cell_at(s, 3 * i), spi = cell_at(s, 3 * i + 1);
		u32 offset = cell_at(spec, 0) - pin;

		if (cell_at(spec, 0) >= pin && offset < cell_at(s, 3 * i + 2) && spi < 988 &&
		    offset < 988 - spi) {
			irq_add(t->h, t->node,
				(struct irq){IRQ_SPI, 32 + spi + offset,
					     spec.n > 1 ? cell_at(spec, 1) & 0xf : 0, t->index,
					     t->via, t->from});
			return;
		}
	}
	missing(t, "maps that pin to no line", n);
}

typedef void specifier_fn(struct trace *t, struct node *parent, struct cells spec);

/* Calls fn for each specifier of interrupts-extended (DT 2.4.1.3). */
static void each_extended(struct trace *t, struct node *n, specifier_fn *fn)
{
	struct cells s = raw_cells(n, "interrupts-extended");
	u32 index = 0;

	for (u32 at = 0; at < s.n && host_spend(t->h); index++) {
		u32 phandle = cell_at(s, at++), width;
		struct node *parent = machine_node_by_phandle(t->h->m, phandle);

		if (phandle == 0 || phandle == ~0u)
			continue;
		if (!parent || !node_has(parent, "#interrupt-cells"))
			return missing(t, "names a controller that is none", n);
		width = node_cell(parent, "#interrupt-cells", 0, 0);
		if (width > s.n - at) {
			host_malformed(t->h, n, "interrupts-extended",
				       "breaks off within the specifier for %s", parent->path);
			return missing(t, "has a specifier cut short", n);
		}
		if (n == t->node)
			t->index = index;
		fn(t, parent, cells_part(s, at, width));
		at += width;
	}
}

/* Calls fn for each interrupt specifier of the node. */
static void each_specifier(struct trace *t, struct node *n, specifier_fn *fn)
{
	struct node *parent;
	struct cells s;
	u32 width, count;

	if (node_has(n, "interrupts-extended"))
		return each_extended(t, n, fn);
	if (!node_has(n, "interrupts"))
		return;
	parent = parent_of(t->h, n);
	if (!parent)
		return missing(t, "has no interrupt parent", n);
	width = node_cell(parent, "#interrupt-cells", 0, 0);
	count = node_entries(t->h, n, "interrupts", width, &s);
	if (!width)
		return missing(t, "takes no interrupt cells", parent);
	for (u32 i = 0; i < count && host_spend(t->h); i++) {
		if (n == t->node)
			t->index = i;
		fn(t, parent, cells_part(s, i * width, width));
	}
}

static bool on_path(const struct trace *t, const struct node *n, u32 hops)
{
	for (u32 i = 0; i < hops; i++)
		if (t->path[i] == n)
			return true;
	return false;
}

/* An interrupt that a controller on the way raises itself. */
static void own_line(struct trace *t, struct node *parent, struct cells spec)
{
	if (on_path(t, parent, t->hops))
		return missing(t, "is in a loop of interrupt controllers", parent);
	follow(t, parent, (struct cells){NULL, 0}, spec, ~0u);
}

/* The lines a controller drives: its own interrupts, else those of the device it is part of. */
static void own_lines(struct trace *t, struct node *n)
{
	struct node *driver = n;

	while (driver && !node_has(driver, "interrupts") &&
	       !node_has(driver, "interrupts-extended"))
		driver = driver->parent;
	if (!driver)
		return missing(t, "states no line to the GIC", n);
	each_specifier(t, driver, own_line);
}

static void through_controller(struct trace *t, struct node *n, struct cells spec)
{
	struct node *via = t->via;

	if (t->hops && on_path(t, n, t->hops - 1))
		return missing(t, "is in a loop of interrupt controllers", n);
	if (node_is_compatible(t->h->m, n, "ti,irq-crossbar"))
		return missing(t, "routes at run time", n);
	t->path[t->hops++] = n;
	if (node_is_compatible(t->h->m, n, "qcom,pdc")) {
		through_pdc(t, n, spec);
	} else if (hands_through(t->h, n)) {
		follow(t, parent_of(t->h, n), (struct cells){NULL, 0}, spec, ~0u);
	} else {
		if (!t->via)
			t->via = n;
		own_lines(t, n);
	}
	t->via = via;
	t->hops--;
}

/* unit_cells: of the unit address, ~0: as the nexus says. */
static void follow(struct trace *t, struct node *parent, struct cells unit, struct cells spec,
		   u32 unit_cells)
{
	bool passed = on_path(t, parent, t->hops), has_map = node_has(parent, "interrupt-map");

	if (!host_spend(t->h))
		return;
	if (parent == t->h->m->gic.node && !has_map)
		return gic_line(t, spec);
	if (t->hops + 1 >= MAX_HOPS || (passed && !node_has(parent, "interrupt-controller")))
		return missing(t, "is in a loop of interrupt controllers", parent);
	if (has_map && !passed) {
		t->path[t->hops++] = parent;
		through_map(t, parent, unit, spec, unit_cells);
		t->hops--;
		return;
	}
	if (!parent->enabled)
		return missing(t, "is a disabled interrupt controller", parent);
	through_controller(t, parent, spec);
}

static void from_node(struct trace *t, struct node *parent, struct cells spec)
{
	follow(t, parent, raw_cells(t->node, "reg"), spec, ~0u);
}

/* INTx of a PCI host or bridge: every entry of its map (bindings/pci, IEEE 1275 PCI 2.1). */
static void read_intx(struct trace *t)
{
	u32 width = nexus_unit_cells(t->node) + node_cell(t->node, "#interrupt-cells", 0, 0);
	struct map_entry e;

	if (nexus_unit_cells(t->node) > 16 || width > 32)
		return;
	t->index = ~0u;
	t->from = node_origin(t->h, t->node, "interrupt-map");
	t->path[t->hops++] = t->node;
	for (u32 at = 0; map_next(t->h, t->node, width, &at, &e);)
		if (e.parent != t->node) /* else the host demultiplexes INTx itself */
			follow(t, e.parent, e.unit, e.spec, ~0u);
}

void irqs_read(struct host *h)
{
	for (size_t i = 0; i < h->m->nodes.n && !h->exhausted; i++) {
		struct node *n = h->m->nodes.v[i];
		bool extended = node_has(n, "interrupts-extended");
		struct trace t = {.h = h, .node = n};

		if (extended || node_has(n, "interrupts")) {
			t.from = node_origin(h, n, extended ? "interrupts-extended" : "interrupts");
			each_specifier(&t, n, from_node);
		}
		if (node_is_pci(n) && node_has(n, "interrupt-map"))
			read_intx(&t);
	}
}
