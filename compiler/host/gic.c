// SPDX-License-Identifier: GPL-2.0-only
/*
 * The interrupt controller of the CPUs: which node it is, where its frames are.
 *
 * bindings/interrupt-controller/arm,gic.yaml, arm,gic-v3.yaml; GICv2 and GICv3 architecture
 * specifications (IHI 0048, IHI 0069). What a tree lacks stays 0: it is for the checks to say that
 * a GIC without virtualization frames can't run cells.
 */
#include "host.h"

#include <string.h>

u8 node_gic_version(const struct machine *m, const struct node *n)
{
	static const char *const v2[] = {
		"arm,gic-400",
		"arm,cortex-a15-gic",
		"arm,cortex-a9-gic",
		"arm,cortex-a7-gic",
		"arm,cortex-a5-gic",
		"arm,arm11mp-gic",
		"arm,eb11mp-gic",
		"arm,tc11mp-gic",
		"arm,pl390",
		"arm,arm1176jzf-devchip-gic",
		"qcom,msm-8660-qgic",
		"qcom,msm-qgic2",
		"hisilicon,hip04-intc",
	};

	if (!n->compatible)
		return 0;
	if (node_is_compatible(m, n, "arm,gic-v3") ||
	    node_is_compatible(m, n, "qcom,msm8996-gic-v3"))
		return 3;
	for (u32 i = 0; i < ARRAY_SIZE(v2); i++)
		if (node_is_compatible(m, n, v2[i]))
			return 2;
	return 0;
}

/* Whether the GIC is wired to an SPI of another one: then CPUs don't take interrupts from it. */
static bool is_cascaded(const struct node *n)
{
	if (node_has(n, "interrupts-extended"))
		return node_cell(n, "interrupts-extended", 1, 1) == 0;
	return node_has(n, "interrupts") && node_cell(n, "interrupts", 0, 1) == 0;
}

static struct node *find_node(const struct machine *m)
{
	struct node *first = NULL;

	for (size_t i = 0; i < m->nodes.n; i++) {
		struct node *n = m->nodes.v[i];

		if (!n->enabled || !node_gic_version(m, n))
			continue;
		if (!is_cascaded(n))
			return n;
		if (!first)
			first = n;
	}
	return first;
}

static const struct reg *frame(const struct node *n, u32 index)
{
	const struct reg *r;

	vec_each(r, &n->regs)
		if (r->index == index)
			return r;
	return NULL;
}

/* GICC, GICH, GICV, the order of both bindings, from the index-th entry of reg. */
static void read_cpu_frames(struct gic *gic, u32 index)
{
	const struct reg *gicc = frame(gic->node, index), *gich = frame(gic->node, index + 1),
			 *gicv = frame(gic->node, index + 2);

	if (gicc) {
		gic->gicc = gicc->addr;
		gic->gicc_size = gicc->size;
	}
	if (gich) {
		gic->gich = gich->addr;
		gic->gich_size = gich->size;
	}
	if (gicv) {
		gic->gicv = gicv->addr;
		gic->gicv_size = gicv->size;
	}
}

static void read_redistributors(struct host *h, struct gic *gic, u32 regions)
{
	struct node *n = gic->node;
	struct cells stride = node_cells(h, n, "redistributor-stride");
	const struct reg *r;

	vec_each(r, &n->regs)
		if (r->index >= 1 && r->index - 1 < regions)
			*vec_push(h->c->arena, &gic->gicr) =
				(struct extent){r->addr, r->size, "GICR", false, n, r->from};
	gic->gicr_stride = stride.n && stride.n <= 2 ? (u64)cells_number(stride, 0, stride.n) : 0;
	if (!gic->gicr_stride)
		gic->gicr_stride = 0x20000; /* RD_base and SGI_base, IHI 0069 */
}

/*
 * GICv2 on 64K pages: each 4K page of the CPU interface appears 16 times. The tree shows it by a
 * region of 128K, or by an 8K view that starts at the last alias of the first page.
 */
static bool is_64k_alias(const struct gic *gic)
{
	return gic->gicc_size >= 0x20000 || (gic->gicc & 0xffff) == 0xf000;
}

void gic_find(struct host *h)
{
	struct gic *gic = &h->m->gic;
	const struct reg *gicd;
	struct node *n;

	n = find_node(h->m);
	if (!n)
		return;
	n->role = NODE_GIC;
	gic->node = n;
	gic->version = node_gic_version(h->m, n);
	gic->from = node_origin(h, n, "reg");
	gicd = frame(n, 0);
	if (gicd) {
		gic->gicd = gicd->addr;
		gic->gicd_size = gicd->size;
	}
	if (gic->version == 3) {
		u32 regions = MIN(node_cell(n, "#redistributor-regions", 0, 1), 0xffffu);

		read_redistributors(h, gic, regions);
		read_cpu_frames(gic, regions + 1);
		return;
	}
	read_cpu_frames(gic, 1);
	gic->alias_64k = is_64k_alias(gic);
}

/* The n-th interrupt of a node as a PPI, 0 if it has none. */
static u32 ppi_at(const struct node *n, u32 index)
{
	const struct irq *irq;

	vec_each(irq, &n->irqs)
		if (irq->index == index && irq->type == IRQ_PPI)
			return irq->intid;
	return 0;
}

/* bindings/timer/arm,arch_timer.yaml: by name, else in this order. */
static void read_timer(struct host *h, const struct node *timer)
{
	static const char *const names[] = {"sec-phys", "phys", "virt", "hyp-phys"};
	const char *name;

	if (!node_has(timer, "interrupt-names")) {
		for (u32 i = 0; i < ARRAY_SIZE(names); i++)
			h->m->timer_irqs[i] = ppi_at(timer, i);
		return;
	}
	for (u32 at = 0; at < 8 && (name = node_string(timer, "interrupt-names", at)); at++)
		for (u32 i = 0; i < ARRAY_SIZE(names); i++)
			if (strcmp(name, names[i]) == 0)
				h->m->timer_irqs[i] = ppi_at(timer, at);
}

void gic_interrupts(struct host *h)
{
	struct gic *gic = &h->m->gic;

	if (gic->node)
		gic->maintenance = ppi_at(gic->node, 0);
	/* PPI 9 where a core or GIC-400 has virtual interfaces: DDI 0471, 2.3.1; DDI 0438, 8.2.1 */
	if (gic->version == 2 && gic->gich && !gic->maintenance)
		gic->maintenance = 25;
	if (h->m->timer)
		read_timer(h, h->m->timer);
}
