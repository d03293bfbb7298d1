// SPDX-License-Identifier: GPL-2.0-only
/*
 * Node names of the guest's tree: a unit address where, and only where, there is an address, equal
 * to it (Devicetree Specification 2.2.1), and no two children of a name. Host trees slip here, and
 * buses lose their registers on the way. The rest of what dtc would find is put right as well.
 */
#include "guest.h"

#include <libfdt.h>
#include <string.h>

static bool has_address(const struct dt_node *n)
{
	const struct dt_prop *ranges = dt_get(n, "ranges");

	return dt_get(n, "reg") || (ranges && ranges->len);
}

/* The address by which a node is known on its bus. */
static u64 address_of(const struct dt_node *n)
{
	const struct dt_prop *reg = dt_get(n, "reg");
	u32 skip = 0, cells = n->parent->host ? n->parent->address_cells : 2;

	if (!reg) {
		reg = dt_get(n, "ranges");
		skip = n->address_cells;
	}
	if (reg->len < 4 * (skip + cells))
		return 0;
	return dt_read((const u8 *)reg->data + 4 * skip, cells);
}

static bool well_formed(const char *unit)
{
	return *unit && strncmp(unit, "0x", 2) != 0 && !(unit[0] == '0' && unit[1]);
}

static const char *good_name(struct guest *g, const struct dt_node *n)
{
	const char *at = strchr(n->name, '@');
	int base = (int)(at ? (size_t)(at - n->name) : strlen(n->name));
	const char *unit;

	if (!has_address(n))
		return at ? arena_strndup(g->a, n->name, (size_t)base) : n->name;
	/* only a simple-bus prescribes the form: others count by chip select, for instance */
	if (at && !dt_has_string(n->parent, "compatible", "simple-bus") && well_formed(at + 1))
		return n->name;
	unit = arena_printf(g->a, "%llx", (unsigned long long)address_of(n));
	return arena_printf(g->a, "%.*s@%s", base, n->name, unit);
}

static bool taken(const struct dt_node *n, const char *name)
{
	struct dt_node **sibling;

	vec_each(sibling, &n->parent->children)
		if (*sibling != n && strcmp((*sibling)->name, name) == 0)
			return true;
	return false;
}

static void make_unique(struct guest *g, struct dt_node *n)
{
	size_t base = strcspn(n->name, "@");
	const char *name = n->name;

	for (u32 i = 1; taken(n, name); i++)
		name = arena_printf(g->a, "%.*s-%u%s", (int)base, n->name, i, n->name + base);
	n->name = name;
}

static void drop_needless_cells(struct dt_node *n)
{
	struct dt_node **child;

	if (dt_get(n, "ranges") || !dt_get(n, "#address-cells") || !dt_get(n, "#size-cells"))
		return;
	vec_each(child, &n->children)
		if (dt_get(*child, "reg"))
			return;
	if (n->children.n) {
		dt_delete(n, "#address-cells");
		dt_delete(n, "#size-cells");
	}
}

/* An interrupt map counts with this number, and dtc asks for it. */
static void state_unit_cells(struct guest *g, struct dt_node *n)
{
	if (!dt_get(n, "interrupt-controller") || dt_get(n, "#address-cells"))
		return;
	dt_set_u32(g->a, n, "#address-cells", 0);
	dt_delete(n, "#size-cells");
}

/* dtc asks that everything on a simple-bus has an address; a simple-mfd is populated alike. */
static void choose_bus_kind(struct guest *g, struct dt_node *n)
{
	struct dt_node **child;

	if (n->owned || !n->children.n)
		return;
	vec_each(child, &n->children)
		if (!has_address(*child) && (*child)->owned)
			dt_set_string(g->a, n, "compatible", "simple-mfd");
}

static bool unit_taken(const struct dt_node *n, const char *unit)
{
	struct dt_node **sibling;

	vec_each(sibling, &n->parent->children) {
		const char *at = strchr((*sibling)->name, '@');

		if (*sibling != n && at && strcmp(at + 1, unit) == 0)
			return true;
	}
	return false;
}

/* Two buses below the root may begin at one address; any of the addresses it maps names a bus. */
static void tell_apart(struct guest *g, struct dt_node *n)
{
	const struct dt_prop *ranges = dt_get(n, "ranges");
	u32 stride = 4 * (n->address_cells + n->parent->address_cells + n->size_cells);
	const char *at = strchr(n->name, '@');

	if (n->owned || !at || !ranges || n->parent != g->root || !unit_taken(n, at + 1))
		return;
	for (u32 off = stride; off + stride <= ranges->len; off += stride) {
		u64 addr = dt_read((const u8 *)ranges->data + off + 4 * n->address_cells,
				   n->parent->address_cells);
		const char *unit = arena_printf(g->a, "%llx", (unsigned long long)addr);

		if (!unit_taken(n, unit)) {
			n->name = arena_printf(g->a, "%.*s@%s", (int)(at - n->name), n->name, unit);
			return;
		}
	}
}

static void fix_node(struct guest *g, struct dt_node *n)
{
	struct dt_node **child;

	if (n->host && n != g->gic) {
		bool pci = n->parent->host && n->parent->address_cells == 3;

		if (!pci)
			n->name = good_name(g, n);
		drop_needless_cells(n);
		state_unit_cells(g, n);
		choose_bus_kind(g, n);
	}
	vec_each(child, &n->children)
		fix_node(g, *child);
	vec_each(child, &n->children)
		make_unique(g, *child);
}

void guest_names(struct guest *g)
{
	struct dt_node **child;

	vec_each(child, &g->root->children)
		fix_node(g, *child);
	vec_each(child, &g->root->children) {
		tell_apart(g, *child);
		make_unique(g, *child);
	}
}
