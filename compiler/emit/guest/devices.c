// SPDX-License-Identifier: GPL-2.0-only
/*
 * The properties of the nodes that came from the host's tree.
 *
 * Addresses below a bus keep their form, unless the bus has to take that of its parent: the root
 * has two cells for addresses and for sizes, whatever the host's has. References, clocks and
 * interrupts are rewritten to what the guest has; the rest is copied.
 */
#include "guest.h"

#include <libfdt.h>
#include <string.h>

/* Moves one number from the host's number of cells to the guest's. */
static void convert(struct dt_cells *cells, const u8 **data, u32 from, u32 to)
{
	if (from == to)
		for (u32 i = 0; i < from; i++)
			dt_cell(cells, (u32)dt_read(*data + 4 * i, 1));
	else
		dt_number(cells, dt_read(*data, from), to);
	*data += 4 * from;
}

static void convert_all(struct guest *g, struct dt_node *n, const struct dt_prop *p,
			const u32 (*form)[2], u32 parts)
{
	struct dt_cells cells = {.arena = g->a};
	const u8 *data = p->data;
	u32 stride = 0;

	for (u32 i = 0; i < parts; i++)
		stride += 4 * form[i][0];
	if (!stride || p->len % stride) {
		dt_set(g->a, n, p->name, p->data, p->len);
		return;
	}
	while (data < (const u8 *)p->data + p->len)
		for (u32 i = 0; i < parts; i++)
			convert(&cells, &data, form[i][0], form[i][1]);
	dt_set_cells(g->a, n, p->name, &cells);
}

static void convert_reg(struct guest *g, struct dt_node *n, const struct dt_prop *p)
{
	const struct dt_node *up = n->parent;
	const u32 form[][2] = {
		{guest_host_u32(g, n->host->parent, "#address-cells", 2), up->address_cells},
		{guest_host_u32(g, n->host->parent, "#size-cells", 1), up->size_cells},
	};

	convert_all(g, n, p, form, 2);
}

static void convert_ranges(struct guest *g, struct dt_node *n, const struct dt_prop *p)
{
	const u32 form[][2] = {
		{n->host_address_cells, n->address_cells},
		{guest_host_u32(g, n->host->parent, "#address-cells", 2), n->parent->address_cells},
		{n->host_size_cells, n->size_cells},
	};

	convert_all(g, n, p, form, 3);
}

/* Set by others, or without meaning in the guest. */
static bool is_left_out(const char *name)
{
	static const char *const names[] = {
		"name",
		"phandle",
		"linux,phandle",
		"status",
		"iommu-map",
		"iommu-map-mask",
		"msi-map",
		"msi-map-mask",
		"interrupt-map-mask",
		"assigned-clocks",
		"assigned-clock-parents",
		"assigned-clock-rates",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return guest_is_interrupt_prop(name);
}

static void copy_interrupt_map(struct guest *g, struct dt_node *n, const struct dt_prop *p)
{
	u32 len;
	const void *mask = guest_host_get(g, n->host, "interrupt-map-mask", &len);
	struct dt_cells map = {.arena = g->a};

	if (!guest_interrupt_map(g, n, p, &map)) {
		*vec_push(g->a, &guest_losses(g, n)->irqs) = "of its interrupt-map";
		return;
	}
	dt_set_cells(g->a, n, p->name, &map);
	if (mask)
		dt_set(g->a, n, "interrupt-map-mask", mask, len);
}

static void copy_property(struct guest *g, struct dt_node *n, const struct dt_prop *p)
{
	if (strcmp(p->name, "msi-map") == 0)
		*vec_push(g->a, &guest_losses(g, n)->dropped) = p->name;
	if (is_left_out(p->name))
		return;
	if (strcmp(p->name, "reg") == 0)
		convert_reg(g, n, p);
	else if (strcmp(p->name, "ranges") == 0 || strcmp(p->name, "dma-ranges") == 0)
		convert_ranges(g, n, p);
	else if (strcmp(p->name, "clocks") == 0)
		guest_clocks(g, n, p);
	else if (strcmp(p->name, "interrupt-map") == 0)
		copy_interrupt_map(g, n, p);
	else if (!guest_reference(g, n, p))
		dt_set(g->a, n, p->name, p->data, p->len);
}

/* Clock settings are applied by the guest where it has every clock of them. */
static void copy_assigned_clocks(struct guest *g, struct dt_node *n)
{
	static const char *const names[] = {"assigned-clocks", "assigned-clock-parents",
					    "assigned-clock-rates"};
	struct dt_prop p[ARRAY_SIZE(names)];
	struct guest_ref ref;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		u32 off = 0;

		p[i].name = names[i];
		p[i].data = guest_host_get(g, n->host, names[i], &p[i].len);
		while (i < 2 && guest_next_ref(g, &p[i], "#clock-cells", &off, &ref)) {
			struct dt_node *to = guest_kept(g, ref.provider);

			if (ref.provider && !(to && to->owned))
				return;
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (p[i].data)
			dt_set(g->a, n, p[i].name, p[i].data, p[i].len);
}

static void device_properties(struct guest *g, struct dt_node *n)
{
	int prop;

	fdt_for_each_property_offset(prop, g->fdt, n->host->offset)
	{
		struct dt_prop p = {0};
		int len;

		p.data = fdt_getprop_by_offset(g->fdt, prop, &p.name, &len);
		p.len = (u32)len;
		copy_property(g, n, &p);
	}
	copy_assigned_clocks(g, n);
	guest_interrupts(g, n);
}

static void bus_properties(struct guest *g, struct dt_node *n)
{
	static const char *const names[] = {"ranges", "dma-ranges", "dma-coherent",
					    "dma-noncoherent"};

	dt_set_string(g->a, n, "compatible", "simple-bus");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct dt_prop p = {.name = names[i]};

		p.data = guest_host_get(g, n->host, p.name, &p.len);
		if (p.data)
			convert_ranges(g, n, &p);
	}
	dt_set_u32(g->a, n, "#address-cells", n->address_cells);
	dt_set_u32(g->a, n, "#size-cells", n->size_cells);
}

void guest_properties(struct guest *g)
{
	/* by number: fixed regulators join at the end while their users are written */
	for (size_t i = 0; i < g->copies.n; i++) {
		struct dt_node *n = g->copies.v[i];

		if (n == g->gic)
			continue;
		if (!n->owned && n->children.n) {
			bus_properties(g, n);
			continue;
		}
		device_properties(g, n);
		if (n->address_cells != n->host_address_cells ||
		    n->size_cells != n->host_size_cells) {
			dt_set_u32(g->a, n, "#address-cells", n->address_cells);
			dt_set_u32(g->a, n, "#size-cells", n->size_cells);
		}
	}
}
