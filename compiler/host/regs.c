// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers: reg of every node as CPU physical addresses, and dma-ranges of buses.
 *
 * DT 2.3.6 reg, 2.3.8 ranges, 2.3.9 dma-ranges. A bus without ranges is not memory mapped (I2C,
 * SPI, the CPUs); an empty one is identity. PCI addresses are no registers: what stands below a
 * PCI host is found by enumeration.
 */
#include "host.h"

#include <string.h>

bool node_is_pci(const struct node *n)
{
	const char *type = node_string(n, "device_type", 0);

	return type && (strcmp(type, "pci") == 0 || strcmp(type, "pciex") == 0);
}

bool node_on_pci(const struct node *n)
{
	for (n = n->parent; n; n = n->parent)
		if (node_is_pci(n))
			return true;
	return false;
}

/* One step up: an address on bus becomes one on bus's parent. */
static bool translate_step(struct host *h, const struct node *bus, u128 *addr)
{
	u32 ca = bus->address_cells, pa = bus->parent->address_cells, sa = bus->size_cells;
	const struct prop *p = node_prop(bus, "ranges");
	struct cells s;
	u32 n, width;

	if (!p)
		return false;
	if (!p->len)
		return true;
	if (ca > 4 || pa > 4 || sa > 4)
		return false;
	width = ca + pa + sa;
	s = (struct cells){p->data, p->len / 4};
	n = width ? s.n / width : 0;
	for (u32 i = 0; i < n && host_spend(h); i++) {
		u128 child = cells_number(s, i * width, ca);
		u128 size = cells_number(s, i * width + ca + pa, sa);

		if (*addr >= child && *addr - child < size) {
			*addr = cells_number(s, i * width + ca, pa) + (*addr - child);
			return true;
		}
	}
	return false;
}

bool bus_translate(struct host *h, const struct node *bus, u128 addr, u64 *out)
{
	for (; bus->parent; bus = bus->parent)
		if (!translate_step(h, bus, &addr))
			return false;
	*out = (u64)addr;
	return addr <= UINT64_MAX;
}

/* Whether children of the bus can have CPU addresses at all. */
static bool bus_is_mapped(const struct node *bus)
{
	for (; bus->parent; bus = bus->parent)
		if (!node_has(bus, "ranges") || node_is_pci(bus))
			return false;
	return !node_is_pci(bus);
}

/* Parts of a tree that describe no device: DT chapter 3, and what tools leave behind. */
static bool is_device(const struct node *n)
{
	static const char *const others[] = {
		"aliases",	 "chosen",	     "cpus",	   "reserved-memory", "__symbols__",
		"__overrides__", "__local_fixups__", "__fixups__", "options",	      "memory",
	};
	const char *type;

	if (!n->parent)
		return false;
	while (n->parent->parent)
		n = n->parent;
	type = node_string(n, "device_type", 0);
	if (type && strcmp(type, "memory") == 0)
		return false;
	for (u32 i = 0; i < ARRAY_SIZE(others); i++)
		if (node_named(n, others[i]))
			return false;
	return true;
}

static bool cells_sensible(struct host *h, const struct node *bus)
{
	if (bus->address_cells <= 4 && bus->size_cells <= 4)
		return true;
	host_malformed(h, bus, bus->address_cells > 4 ? "#address-cells" : "#size-cells",
		       "is %u, which no bus has",
		       bus->address_cells > 4 ? bus->address_cells : bus->size_cells);
	return false;
}

static void read_regs(struct host *h, struct node *n)
{
	u32 ac = n->parent->address_cells, sc = n->parent->size_cells;
	const struct origin *from;
	struct cells s;
	u32 count = node_entries(h, n, "reg", ac + sc, &s);

	from = count ? node_origin(h, n, "reg") : NULL;
	for (u32 i = 0; i < count && host_spend(h); i++) {
		u128 addr = cells_number(s, i * (ac + sc), ac);
		u128 size = cells_number(s, i * (ac + sc) + ac, sc);
		u64 cpu;

		if (!size || !bus_translate(h, n->parent, addr, &cpu))
			continue;
		if (size > UINT64_MAX || cpu + ((u64)size - 1) < cpu) {
			host_malformed(h, n, "reg",
				       "entry %u runs past the end of the address space", i);
			continue;
		}
		*vec_push(h->c->arena, &n->regs) =
			(struct reg){cpu, (u64)size, i, node_string(n, "reg-names", i), from};
	}
}

static void read_dma_ranges(struct host *h, struct node *n)
{
	u32 ca = n->address_cells, pa = n->parent->address_cells, sa = n->size_cells;
	struct cells s;
	u32 count;

	if (!node_has(n, "dma-ranges") || !cells_sensible(h, n) || !cells_sensible(h, n->parent))
		return;
	count = node_entries(h, n, "dma-ranges", ca + pa + sa, &s);
	for (u32 i = 0; i < count && host_spend(h); i++) {
		u32 at = i * (ca + pa + sa);

		*vec_push(h->c->arena, &n->dma_ranges) = (struct dma_range){
			(u64)cells_number(s, at, ca), (u64)cells_number(s, at + ca, pa),
			(u64)cells_number(s, at + ca + pa, sa), node_origin(h, n, "dma-ranges")};
	}
}

void regs_read(struct host *h)
{
	for (size_t i = 1; i < h->m->nodes.n; i++) {
		struct node *n = h->m->nodes.v[i];

		n->mapped = is_device(n) && bus_is_mapped(n->parent);
		if (n->mapped && node_has(n, "reg") && cells_sensible(h, n->parent))
			read_regs(h, n);
		read_dma_ranges(h, n);
	}
}
