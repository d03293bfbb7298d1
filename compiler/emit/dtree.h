/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A device tree under construction, and its flattening (Devicetree Specification v0.4, chapter 5).
 *
 * In: nodes and properties in the order in which they shall stand. Out: a blob. Values are in the
 * byte order of the blob (big-endian cells); the functions that take numbers convert.
 */
#ifndef CELLC_EMIT_DTREE_H
#define CELLC_EMIT_DTREE_H

#include "../machine.h"

struct dt_prop {
	const char *name;
	const void *data;
	u32 len;
};

struct dt_node {
	const char *name; /* with unit address; "" for the root */
	struct dt_node *parent;
	VEC(struct dt_prop) props;
	VEC(struct dt_node *) children;
	u32 phandle; /* 0: none */
	/* for nodes copied from a host tree, else unused */
	struct node *host;
	bool owned; /* a device with its properties; else only a bus on the way to one */
	u32 address_cells, size_cells, host_address_cells, host_size_cells; /* for its children */
};

/* Cells of a property under construction, host byte order. */
struct dt_cells {
	struct arena *arena;
	VEC(u32) v;
};

/* A node below parent (NULL: a root). */
struct dt_node *dt_node_new(struct arena *a, struct dt_node *parent, const char *name);
/* Appends a property, or gives an existing one a new value. data must outlive the tree. */
void dt_set(struct arena *a, struct dt_node *n, const char *name, const void *data, size_t len);
void dt_set_empty(struct arena *a, struct dt_node *n, const char *name);
void dt_set_string(struct arena *a, struct dt_node *n, const char *name, const char *s);
void dt_set_u32(struct arena *a, struct dt_node *n, const char *name, u32 v);
void dt_set_cells(struct arena *a, struct dt_node *n, const char *name,
		  const struct dt_cells *cells);
const struct dt_prop *dt_get(const struct dt_node *n, const char *name);
void dt_delete(struct dt_node *n, const char *name);
/* Whether a string list property holds s. */
bool dt_has_string(const struct dt_node *n, const char *name, const char *s);

void dt_cell(struct dt_cells *cells, u32 v);
/* v in n cells, most significant first; n may be 0 or exceed 2. */
void dt_number(struct dt_cells *cells, u64 v, u32 n);
/* The number in n cells of a blob (big-endian), the lower 64 bits of it. */
u64 dt_read(const void *cells, u32 n);

/* "/soc/serial@ff010000" */
const char *dt_path(struct arena *a, const struct dt_node *n);
/* Appends the blob to out; phandles become properties. Never fails: names and depth are ours. */
void dt_flatten(struct buf *out, const struct dt_node *root, u32 boot_cpu);

#endif
