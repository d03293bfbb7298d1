// SPDX-License-Identifier: GPL-2.0-only
/*
 * Blob to nodes: every node of a flattened tree with its name, path, properties and status.
 *
 * In: a blob that blob_check accepted. Out: machine->nodes in document order, [0] the root, each
 * linked to its parent, first child and next sibling. Names and paths live in the arena, property
 * data in the blob.
 */
#include "host.h"

#include <libfdt.h>
#include <string.h>

/* DT 2.3.4: no status is "okay"; "ok" is what older firmware writes. */
static bool status_okay(const struct node *n)
{
	const char *s = node_string(n, "status", 0);

	return !node_has(n, "status") || (s && (strcmp(s, "okay") == 0 || strcmp(s, "ok") == 0));
}

static void read_props(struct host *h, const void *fdt, struct node *n)
{
	struct arena *a = h->c->arena;
	VEC(struct prop) props = {0};
	int off;

	fdt_for_each_property_offset(off, fdt, n->offset)
	{
		const char *name;
		int len;
		const u8 *data = fdt_getprop_by_offset(fdt, off, &name, &len);

		if (data && len >= 0)
			*vec_push(a, &props) = (struct prop){name, data, (u32)len};
	}
	n->props = props.v;
	n->n_props = (u32)props.n;
	if (n->n_props > HOST_MANY_PROPS)
		props_sort(h, n);
}

static const char *node_path(struct host *h, const struct node *n)
{
	if (!n->parent)
		return "/";
	if (!n->parent->parent)
		return arena_printf(h->c->arena, "/%s", n->name);
	return arena_printf(h->c->arena, "%s/%s", n->parent->path, n->name);
}

static struct node *read_node(struct host *h, const void *fdt, int offset, struct node *parent)
{
	struct node *n = NEW(h->c->arena, struct node);

	n->offset = offset;
	n->parent = parent;
	n->name = intern_str(h->c->arena, fdt_get_name(fdt, offset, NULL));
	n->path = node_path(h, n);
	read_props(h, fdt, n);
	n->phandle = node_cell(n, "phandle", 0, node_cell(n, "linux,phandle", 0, 0));
	n->compatible = node_string(n, "compatible", 0);
	n->address_cells = node_cell(n, "#address-cells", 0, 2); /* DT 2.3.5: not inherited */
	n->size_cells = node_cell(n, "#size-cells", 0, 1);
	n->enabled = status_okay(n) && (!parent || parent->enabled);
	n->pci_domain = -1;
	n->from = node_origin(h, n, NULL);
	return n;
}

bool nodes_read(struct host *h, const void *fdt)
{
	struct node *stack[HOST_MAX_DEPTH + 1], *last[HOST_MAX_DEPTH + 1] = {NULL};
	int depth = 0;

	for (int off = 0; off >= 0 && depth >= 0; off = fdt_next_node(fdt, off, &depth)) {
		struct node *n;

		if (depth > HOST_MAX_DEPTH)
			return false;
		n = read_node(h, fdt, off, depth ? stack[depth - 1] : NULL);
		stack[depth] = n;
		if (depth && last[depth])
			last[depth]->next = n;
		else if (depth)
			n->parent->child = n;
		last[depth] = n;
		if (depth < HOST_MAX_DEPTH)
			last[depth + 1] = NULL;
		*vec_push(h->c->arena, &h->m->nodes) = n;
	}
	return h->m->nodes.n > 0;
}
