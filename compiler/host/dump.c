// SPDX-License-Identifier: GPL-2.0-only
/*
 * The machine as text, for --dump-after=host and the tests: a fact a line, "key value ...", facts
 * of a node indented below it. Numbers are hex where they are addresses.
 */
#include "../model.h"

#include <inttypes.h>

static const char *const role_names[] = {
	[NODE_PLAIN] = "device",      [NODE_CPU] = "cpu",     [NODE_MEMORY] = "memory",
	[NODE_RESERVED] = "reserved", [NODE_GIC] = "gic",     [NODE_ITS] = "its",
	[NODE_V2M] = "v2m",	      [NODE_IOMMU] = "iommu", [NODE_PCI_HOST] = "pci-host",
	[NODE_TIMER] = "timer",	      [NODE_PSCI] = "psci",
};

static const char *const kind_names[] = {
	[PROVIDES_CLOCK] = "clock",
	[PROVIDES_RESET] = "reset",
	[PROVIDES_POWER] = "power",
	[PROVIDES_PINCTRL] = "pinctrl",
	[PROVIDES_REGULATOR] = "regulator",
	[PROVIDES_GPIO] = "gpio",
	[PROVIDES_DMA] = "dma",
	[PROVIDES_PHY] = "phy",
	[PROVIDES_MAILBOX] = "mailbox",
	[PROVIDES_OTHER] = "other",
};

static void dump_head(const struct machine *m, struct buf *out)
{
	static const char *const arches[] = {"x86", "arm", "arm64"};

	buf_printf(out, "arch %s\n", arches[m->arch]);
	if (m->model)
		buf_printf(out, "model %s\n", m->model);
	for (size_t i = 0; i < m->compatible.n; i++)
		buf_printf(out, "compatible %s\n", m->compatible.v[i]);
	if (m->psci)
		buf_printf(out, "psci %s %s\n", m->psci_method ? m->psci_method : "-",
			   m->psci->path);
	if (m->timer)
		buf_printf(out, "timer %u %u %u %u %s\n", m->timer_irqs[0], m->timer_irqs[1],
			   m->timer_irqs[2], m->timer_irqs[3], m->timer->path);
	if (m->stdout_node)
		buf_printf(out, "stdout %s\n", m->stdout_node->path);
}

static void dump_cpus(const struct machine *m, struct buf *out)
{
	const struct cpu *cpu;

	vec_each(cpu, &m->cpus)
		buf_printf(out,
			   "cpu %u mpidr 0x%" PRIx64 " cluster %u core %u cache %s method %s %s\n",
			   cpu->index, cpu->mpidr, cpu->cluster, cpu->core,
			   cpu->cache ? cpu->cache->path : "-",
			   cpu->enable_method ? cpu->enable_method : "-",
			   cpu->node ? cpu->node->path : "-");
	if (m->disabled_cpus)
		buf_printf(out, "disabled-cpus %u\n", m->disabled_cpus);
}

static void dump_memory(const struct machine *m, struct buf *out)
{
	const struct extent *e;

	vec_each(e, &m->ram)
		buf_printf(out, "ram 0x%" PRIx64 " 0x%" PRIx64 " %s\n", e->addr, e->size,
			   e->name ? e->name : "-");
	if (m->ram_from_firmware)
		buf_str(out, "ram-from-firmware\n");
	vec_each(e, &m->reserved)
		buf_printf(out, "reserved 0x%" PRIx64 " 0x%" PRIx64 "%s %s\n", e->addr, e->size,
			   e->no_map ? " no-map" : "", e->name ? e->name : "-");
}

static void dump_frame(struct buf *out, const char *name, u64 addr, u64 size)
{
	if (size)
		buf_printf(out, "  %s 0x%" PRIx64 " 0x%" PRIx64 "\n", name, addr, size);
}

static void dump_gic(const struct gic *gic, struct buf *out)
{
	const struct extent *e;

	if (!gic->version)
		return;
	buf_printf(out, "gic %u maintenance %u%s %s\n", gic->version, gic->maintenance,
		   gic->alias_64k ? " alias-64k" : "", gic->node ? gic->node->path : "-");
	dump_frame(out, "gicd", gic->gicd, gic->gicd_size);
	vec_each(e, &gic->gicr)
		dump_frame(out, "gicr", e->addr, e->size);
	if (gic->gicr_stride)
		buf_printf(out, "  stride 0x%" PRIx64 "\n", gic->gicr_stride);
	dump_frame(out, "gicc", gic->gicc, gic->gicc_size);
	dump_frame(out, "gich", gic->gich, gic->gich_size);
	dump_frame(out, "gicv", gic->gicv, gic->gicv_size);
}

static void dump_irqs(const struct node *n, struct buf *out)
{
	static const char *const types[] = {"spi", "ppi", "other"};
	const struct irq *irq;

	vec_each(irq, &n->irqs) {
		buf_printf(out, "  irq %s %u flags %u", types[irq->type], irq->intid, irq->flags);
		if (irq->index != ~0u)
			buf_printf(out, " index %u", irq->index);
		if (irq->via)
			buf_printf(out, " via %s", irq->via->path);
		buf_char(out, '\n');
	}
	if (n->irq_missing)
		buf_printf(out, "  irq-missing %s\n", n->irq_missing);
}

static void dump_pci(const struct node *n, struct buf *out)
{
	const struct window *w;

	if (n->role != NODE_PCI_HOST)
		return;
	buf_printf(out, "  pci%s buses %u..%u domain %d\n", n->ecam ? " ecam" : "", n->bus_start,
		   n->bus_end, n->pci_domain);
	vec_each(w, &n->windows)
		buf_printf(out, "  window %u 0x%" PRIx64 " at 0x%" PRIx64 " 0x%" PRIx64 "%s\n",
			   w->space, w->pci, w->addr, w->size,
			   w->prefetchable ? " prefetchable" : "");
}

void machine_dump_node(struct cellc *c, const struct machine *m, const struct node *n,
		       struct buf *out)
{
	const struct reg *r;
	const struct stream *s;
	const struct dma_range *d;
	const struct provider *p;

	buf_printf(out, "node %s %s%s%s%s%s%s ref %s\n", n->path, role_names[n->role],
		   n->enabled ? "" : " disabled", n->mapped ? " mapped" : "",
		   n->dma_master ? " master" : "", n->dma_coherent ? " coherent" : "",
		   n->iommu_like ? " iommu-like" : "", node_ref_text(c, m, n));
	vec_each(r, &n->regs)
		buf_printf(out, "  reg %u 0x%" PRIx64 " 0x%" PRIx64 "%s%s\n", r->index, r->addr,
			   r->size, r->name ? " " : "", r->name ? r->name : "");
	dump_irqs(n, out);
	vec_each(s, &n->streams)
		buf_printf(out, "  stream 0x%x mask 0x%x %s\n", s->id, s->mask, s->iommu->path);
	dump_pci(n, out);
	vec_each(d, &n->dma_ranges)
		buf_printf(out, "  dma-range 0x%" PRIx64 " at 0x%" PRIx64 " 0x%" PRIx64 "\n",
			   d->bus, d->addr, d->size);
	vec_each(p, &n->providers)
		buf_printf(out, "  uses %s %s %s\n", kind_names[p->kind], p->prop, p->node->path);
}

void machine_dump(struct cellc *c, const struct machine *m, struct buf *out)
{
	const struct iommu_unit *u;

	dump_head(m, out);
	dump_cpus(m, out);
	dump_memory(m, out);
	dump_gic(&m->gic, out);
	vec_each(u, &m->iommus)
		buf_printf(out, "iommu %u 0x%" PRIx64 " 0x%x %s\n", (u32)u->rec.type,
			   (u64)u->rec.base, (u32)u->rec.size, u->node ? u->node->path : "-");
	for (size_t i = 0; i < m->nodes.n; i++)
		machine_dump_node(c, m, m->nodes.v[i], out);
}
