// SPDX-License-Identifier: GPL-2.0-only
/*
 * Device trees under construction.
 */
#include "dtree.h"

#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

struct dt_node *dt_node_new(struct arena *a, struct dt_node *parent, const char *name)
{
	struct dt_node *n = NEW(a, struct dt_node);

	n->name = name;
	n->parent = parent;
	if (parent)
		*vec_push(a, &parent->children) = n;
	return n;
}

static struct dt_prop *find(const struct dt_node *n, const char *name)
{
	struct dt_prop *p;

	vec_each(p, &n->props)
		if (strcmp(p->name, name) == 0)
			return p;
	return NULL;
}

void dt_set(struct arena *a, struct dt_node *n, const char *name, const void *data, size_t len)
{
	struct dt_prop *p = find(n, name);

	if (!p)
		p = vec_push(a, &n->props);
	*p = (struct dt_prop){name, data, (u32)len};
}

void dt_set_empty(struct arena *a, struct dt_node *n, const char *name)
{
	dt_set(a, n, name, "", 0);
}

void dt_set_string(struct arena *a, struct dt_node *n, const char *name, const char *s)
{
	dt_set(a, n, name, s, strlen(s) + 1);
}

void dt_set_u32(struct arena *a, struct dt_node *n, const char *name, u32 v)
{
	struct dt_cells cells = {.arena = a};

	dt_cell(&cells, v);
	dt_set_cells(a, n, name, &cells);
}

void dt_set_cells(struct arena *a, struct dt_node *n, const char *name,
		  const struct dt_cells *cells)
{
	fdt32_t *data = arena_alloc(a, cells->v.n * sizeof(*data));

	for (size_t i = 0; i < cells->v.n; i++)
		data[i] = cpu_to_fdt32(cells->v.v[i]);
	dt_set(a, n, name, data, cells->v.n * sizeof(*data));
}

const struct dt_prop *dt_get(const struct dt_node *n, const char *name)
{
	return find(n, name);
}

void dt_delete(struct dt_node *n, const char *name)
{
	struct dt_prop *p = find(n, name);

	if (!p)
		return;
	memmove(p, p + 1, (size_t)(n->props.v + n->props.n - p - 1) * sizeof(*p));
	n->props.n--;
}

bool dt_has_string(const struct dt_node *n, const char *name, const char *s)
{
	const struct dt_prop *p = find(n, name);

	return p && fdt_stringlist_contains(p->data, (int)p->len, s);
}

void dt_cell(struct dt_cells *cells, u32 v)
{
	*vec_push(cells->arena, &cells->v) = v;
}

void dt_number(struct dt_cells *cells, u64 v, u32 n)
{
	for (u32 i = n; i-- > 0;)
		dt_cell(cells, i >= 2 ? 0 : (u32)(v >> (32 * i)));
}

u64 dt_read(const void *cells, u32 n)
{
	u64 v = 0;

	for (u32 i = 0; i < n; i++)
		v = v << 32 | fdt32_ld((const fdt32_t *)cells + i);
	return v;
}

const char *dt_path(struct arena *a, const struct dt_node *n)
{
	if (!n->parent)
		return "/";
	return arena_printf(a, "%s/%s", n->parent->parent ? dt_path(a, n->parent) : "", n->name);
}

static int write_node(void *fdt, const struct dt_node *n)
{
	const struct dt_prop *p;
	struct dt_node **child;
	int err = fdt_begin_node(fdt, n->name);

	vec_each(p, &n->props)
		if (!err)
			err = fdt_property(fdt, p->name, p->data, (int)p->len);
	if (!err && n->phandle)
		err = fdt_property_u32(fdt, "phandle", n->phandle);
	vec_each(child, &n->children)
		if (!err)
			err = write_node(fdt, *child);
	return err ? err : fdt_end_node(fdt);
}

static int write_tree(void *fdt, size_t size, const struct dt_node *root)
{
	int err = fdt_create(fdt, (int)size);

	if (!err)
		err = fdt_finish_reservemap(fdt);
	if (!err)
		err = write_node(fdt, root);
	return err ? err : fdt_finish(fdt);
}

void dt_flatten(struct buf *out, const struct dt_node *root, u32 boot_cpu)
{
	size_t size = 4096;
	void *fdt;
	int err;

	do {
		size *= 2;
		fdt = arena_alloc(out->arena, size);
		err = write_tree(fdt, size, root);
	} while (err == -FDT_ERR_NOSPACE);
	if (err)
		abort();
	fdt_set_boot_cpuid_phys(fdt, boot_cpu);
	buf_add(out, fdt, fdt_totalsize(fdt));
}
