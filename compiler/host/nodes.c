// SPDX-License-Identifier: GPL-2.0-only
/*
 * Blob to nodes: every node of a flattened tree with its name, path, properties and status.
 *
 * In: a blob that blob_check accepted. Out: machine->nodes in document order, [0] the root, each
 * linked to its parent, first child and next sibling. Paths live in the arena, names and property
 * data in the blob.
 */
#include "host.h"

#include <libfdt.h>
#include <string.h>

/* DT 2.3.4: no status is "okay"; "ok" is what older firmware writes. */
static bool status_okay(const struct node *n)
{
	const char *s;

	if (!node_has(n, "status"))
		return true;
	s = node_string(n, "status", 0);
	return s && (strcmp(s, "okay") == 0 || strcmp(s, "ok") == 0);
}

/* Those in front of the first child, as for libfdt. */
static void read_props(struct host *h, struct walk *w, struct node *n)
{
	struct prop *props;

	n->n_props = walk_count_props(*w);
	props = arena_alloc(h->c->arena, n->n_props * sizeof(*props));
	for (u32 i = 0; i < n->n_props; i++) {
		struct tag t = walk_next(w);

		props[i] = (struct prop){t.name, t.data, t.len};
	}
	n->props = props;
	if (n->n_props > HOST_MANY_PROPS)
		props_sort(h, n);
}

static const char *node_path(struct host *h, const struct node *n, u32 name_len)
{
	size_t above;
	char *path;

	if (!n->parent)
		return "/";
	above = n->parent->parent ? strlen(n->parent->path) : 0;
	path = arena_alloc(h->c->arena, above + name_len + 2);
	memcpy(path, n->parent->path, above);
	path[above] = '/';
	memcpy(path + above + 1, n->name, name_len);
	return path;
}

/* The node just begun, and its properties. */
static struct node *read_node(struct host *h, struct walk *w, const struct tag *t,
			      struct node *parent)
{
	struct node *n = NEW(h->c->arena, struct node);
	const struct prop *compatible;

	n->offset = t->offset;
	n->parent = parent;
	n->name = t->name;
	n->path = node_path(h, n, t->len);
	read_props(h, w, n);
	n->phandle = node_cell(n, "phandle", 0, node_cell(n, "linux,phandle", 0, 0));
	compatible = node_prop(n, "compatible");
	n->compatible = node_string(n, "compatible", 0);
	n->compatible_len = n->compatible ? compatible->len : 0;
	n->address_cells = node_cell(n, "#address-cells", 0, 2); /* DT 2.3.5: not inherited */
	n->size_cells = node_cell(n, "#size-cells", 0, 1);
	n->enabled = status_okay(n) && (!parent || parent->enabled);
	n->pci_domain = -1;
	n->from = node_origin(h, n, NULL);
	return n;
}

bool nodes_read(struct host *h, const void *fdt)
{
	struct node *last[HOST_MAX_DEPTH + 2] = {NULL}; /* child of the node at a depth */
	struct node *at = NULL;
	struct walk w = walk_start(fdt);
	u32 depth = 0;
	struct tag t;

	while ((t = walk_next(&w)).kind != FDT_END) {
		if (t.kind == FDT_END_NODE) {
			at = at->parent;
			if (--depth == 0)
				break;
		}
		if (t.kind != FDT_BEGIN_NODE)
			continue;
		if (depth > HOST_MAX_DEPTH)
			return false;
		at = read_node(h, &w, &t, at);
		if (last[depth])
			last[depth]->next = at;
		else if (at->parent)
			at->parent->child = at;
		last[depth++] = at;
		last[depth] = NULL;
		at->index = (u32)h->m->nodes.n;
		*vec_push(h->c->arena, &h->m->nodes) = at;
	}
	return h->m->nodes.n > 0;
}
