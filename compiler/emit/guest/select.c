// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which nodes of the host's tree come into the guest's, and where they stand.
 *
 * A node that the cell claims comes with everything below it that is not somebody else's. Buses
 * above it that the cell does not own come as plain buses that only translate addresses.
 */
#include "guest.h"

#include <libfdt.h>
#include <string.h>

#define MAX_CELLS 4u /* a tree that says more is malformed */

const void *guest_host_get(struct guest *g, const struct node *n, const char *prop, u32 *len)
{
	const struct prop *p = node_prop(n, prop);

	(void)g;
	*len = p ? p->len : 0;
	return p ? p->data : NULL;
}

static bool host_has(struct guest *g, const struct node *n, const char *prop)
{
	u32 len;

	return guest_host_get(g, n, prop, &len) != NULL;
}

static bool host_empty(struct guest *g, const struct node *n, const char *prop)
{
	u32 len;

	return guest_host_get(g, n, prop, &len) && !len;
}

static bool claims(const struct cell *cell, const struct node *n)
{
	const struct device_claim *claim;

	vec_each(claim, &cell->devices)
		if (claim->node == n)
			return true;
	return false;
}

static bool claimed_elsewhere(const struct guest *g, const struct node *n)
{
	struct cell **cell;

	vec_each(cell, &g->m->cells)
		if (*cell != g->cell && !(*cell)->is_root && claims(*cell, n))
			return true;
	return false;
}

static bool cell_has(const struct guest *g, const struct reg *reg)
{
	struct region **r;

	vec_each(r, &g->cell->regions)
		if (contains((*r)->phys.v, (*r)->size.v, reg->addr, reg->size))
			return true;
	return false;
}

static bool own_status_okay(struct guest *g, const struct node *n)
{
	u32 len;
	const char *status = guest_host_get(g, n, "status", &len);

	return !status || strcmp(status, "okay") == 0 || strcmp(status, "ok") == 0;
}

/* Whether all endpoints below a port have their other ends among the nodes below top. */
static bool graph_is_closed(struct guest *g, const struct node *n, const struct node *top)
{
	size_t len = strlen(top->path);
	int child;
	u32 phandle = guest_host_u32(g, n, "remote-endpoint", 0);
	const struct node *to = phandle ? machine_node_by_phandle(g->mach, phandle) : NULL;

	if (phandle && (!to || strncmp(to->path, top->path, len) != 0))
		return false;
	fdt_for_each_subnode(
		child, g->fdt,
		n->offset) if (!graph_is_closed(g, guest_host_node(g, child), top)) return false;
	return true;
}

static bool is_port(const struct node *n)
{
	return strcmp(n->name, "ports") == 0 || strcmp(n->name, "port") == 0 ||
	       strncmp(n->name, "port@", 5) == 0;
}

/* Whether a node below an owned one comes along. */
static bool comes_along(struct guest *g, const struct node *n)
{
	const struct reg *reg;

	if (n->role != NODE_PLAIN && n->role != NODE_PCI_HOST && n->role != NODE_TIMER)
		return false;
	if (!own_status_okay(g, n) || claimed_elsewhere(g, n))
		return false;
	if (is_port(n) && !graph_is_closed(g, n, n->parent))
		return false;
	if (n->mapped)
		vec_each(reg, &n->regs)
			if (!cell_has(g, reg))
				return false;
	return true;
}

static size_t host_index(const struct guest *g, int offset)
{
	size_t lo = 0, hi = g->mach->nodes.n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (g->mach->nodes.v[mid]->offset < offset)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

struct node *guest_host_node(struct guest *g, int offset)
{
	return g->mach->nodes.v[host_index(g, offset)];
}

struct dt_node *guest_kept(struct guest *g, const struct node *host)
{
	return host && g->kept ? g->kept[host->index] : NULL;
}

void guest_keep(struct guest *g, const struct node *host, struct dt_node *n)
{
	g->kept[host->index] = n;
}

u32 guest_host_u32(struct guest *g, const struct node *host, const char *prop, u32 fallback)
{
	u32 len;
	const void *data = guest_host_get(g, host, prop, &len);

	return data && len >= 4 ? (u32)dt_read(data, 1) : fallback;
}

/* Address and size cells for the children of a copy. */
static void choose_cells(struct guest *g, struct dt_node *n)
{
	n->host_address_cells = MIN(guest_host_u32(g, n->host, "#address-cells", 2), MAX_CELLS);
	n->host_size_cells = MIN(guest_host_u32(g, n->host, "#size-cells", 1), MAX_CELLS);
	n->address_cells = n->host_address_cells;
	n->size_cells = n->host_size_cells;
	/* an empty ranges says that child and parent have one address space, hence one form */
	if (n->parent &&
	    (host_empty(g, n->host, "ranges") || host_empty(g, n->host, "dma-ranges"))) {
		n->address_cells = n->parent->address_cells;
		n->size_cells = n->parent->size_cells;
	}
}

static struct dt_node *copy_node(struct guest *g, struct dt_node *parent, struct node *host)
{
	struct dt_node *n = dt_node_new(g->a, parent, host->name);

	n->host = host;
	n->phandle = host->phandle;
	choose_cells(g, n);
	guest_keep(g, host, n);
	*vec_push(g->a, &g->copies) = n;
	return n;
}

/* Whether addresses below the node are CPU addresses after translation. */
static bool is_memory_bus(struct guest *g, const struct node *n)
{
	return host_has(g, n, "ranges") && n->role != NODE_PCI_HOST &&
	       guest_host_u32(g, n, "#address-cells", 2) <= 2;
}

/* The copy of a bus and of all above it; NULL if a bus on the way is not memory mapped. */
static struct dt_node *bus_copy(struct guest *g, struct node *host)
{
	struct dt_node *n = guest_kept(g, host), *parent;

	if (!host->parent)
		return g->root;
	if (n)
		return n;
	if (!is_memory_bus(g, host))
		return NULL;
	parent = bus_copy(g, host->parent);
	return parent ? copy_node(g, parent, host) : NULL;
}

static void take(struct guest *g, struct node *host)
{
	struct dt_node *parent = guest_kept(g, host->parent);

	if (!parent || !parent->owned) {
		/* what has no address needs no bus to be found on */
		bool placed = host_has(g, host, "reg") || host_has(g, host, "ranges");

		parent = placed ? bus_copy(g, host->parent) : g->root;
	}
	if (parent)
		copy_node(g, parent, host)->owned = true;
}

void guest_select(struct guest *g)
{
	struct node **host;

	vec_each(host, &g->mach->nodes) {
		struct dt_node *above = guest_kept(g, (*host)->parent);

		if (!(*host)->parent || guest_kept(g, *host))
			continue;
		if (claims(g->cell, *host) || (above && above->owned && comes_along(g, *host)))
			take(g, *host);
	}
}

struct dt_node *guest_copy_at_root(struct guest *g, struct node *host)
{
	struct dt_node *n = guest_kept(g, host);

	return n ? n : copy_node(g, g->root, host);
}

struct dt_node *guest_copy_facts(struct guest *g, struct node *host)
{
	static const char *const facts[] = {"regulator-fixed", "usb-nop-xceiv"};

	for (size_t i = 0; i < ARRAY_SIZE(facts); i++)
		if (node_is_compatible(g->mach, host, facts[i]))
			return guest_copy_at_root(g, host);
	return NULL;
}
