// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the host's Linux has to be told: memory and devices that it must leave alone.
 *
 * ARM: ROOT-host.dtbo and its source, an overlay with a reserved-memory node for the hypervisor,
 * each pool, and whatever else cells and links have of the host's RAM; IOMMUs and ITSs, whose
 * registers nobody has below the hypervisor, are disabled. It needs no labels. The kernel
 * parameters that reserve the memory stand in the source. x86: ROOT-host.txt with these alone.
 */
#include "../image.h"
#include "dtree.h"
#include "emit.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct carveout {
	u64 addr, end;
	const char *name; /* of its node, without address */
};

struct overlay {
	struct cellc *c;
	const struct model *m;
	VEC(struct carveout) v; /* after collect: in address order, apart from each other */
};

/* Characters that a node name may have (Devicetree Specification 2.2.1), lower case. */
static const char *node_base(struct arena *a, const char *kind, const char *name)
{
	char *text = arena_printf(a, "%s%s%s", kind, *kind && *name ? "-" : "", name);

	for (char *p = text; *p; p++)
		*p = isalnum((u8)*p) ? (char)tolower((u8)*p) : '-';
	return text;
}

static bool is_host_ram(const struct model *m, u64 addr, u64 size)
{
	const struct extent *ram;

	vec_each(ram, &m->ram)
		if (overlaps(ram->addr, ram->size, addr, size))
			return true;
	return !m->ram.n;
}

/* Whether the host's tree keeps Linux away from all of it already. */
static bool is_reserved_by_tree(const struct model *m, u64 addr, u64 size)
{
	const struct extent *r;

	if (m->machine)
		vec_each(r, &m->machine->reserved)
			if (r->node && r->no_map && contains(r->addr, r->size, addr, size))
				return true;
	return false;
}

static void add(struct overlay *o, u64 addr, u64 size, const char *kind, const char *name)
{
	if (!size || addr + size < addr || !is_host_ram(o->m, addr, size) ||
	    is_reserved_by_tree(o->m, addr, size))
		return;
	*vec_push(o->c->arena, &o->v) =
		(struct carveout){addr, addr + size, node_base(o->c->arena, kind, name)};
}

static void add_cell(struct overlay *o, const struct cell *cell)
{
	struct region **r;

	vec_each(r, &cell->regions) {
		if ((*r)->link)
			add(o, (*r)->phys.v, (*r)->size.v, "link", (*r)->link->name);
		else if ((*r)->role == REGION_RAM)
			add(o, (*r)->phys.v, (*r)->size.v, "cell", cell->name);
	}
}

static int by_address(const void *a, const void *b)
{
	const struct carveout *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	/* what holds others comes first and gives its name */
	return x->end == y->end ? strcmp(x->name, y->name) : x->end > y->end ? -1 : 1;
}

/* Sorts, and joins what overlaps: pools with the memory in them, links seen by several cells. */
static void join(struct overlay *o)
{
	size_t n = 0;

	if (o->v.n)
		qsort(o->v.v, o->v.n, sizeof(o->v.v[0]), by_address);
	for (size_t i = 0; i < o->v.n; i++) {
		if (n && o->v.v[i].addr < o->v.v[n - 1].end)
			o->v.v[n - 1].end = MAX(o->v.v[n - 1].end, o->v.v[i].end);
		else
			o->v.v[n++] = o->v.v[i];
	}
	o->v.n = n;
}

static void collect(struct overlay *o)
{
	const struct region *hyp = &o->m->platform.hypervisor;
	const struct extent *r;
	struct pool **pool;
	struct cell **cell;

	add(o, hyp->phys.v, hyp->size.v, "hypervisor", "");
	vec_each(pool, &o->m->pools)
		add(o, (*pool)->addr.v, (*pool)->size.v, "pool", (*pool)->name);
	vec_each(r, &o->m->reserved)
		if (!r->node && r->from && r->from->kind == FROM_PLAN)
			add(o, r->addr, r->size, "firmware", "");
	vec_each(cell, &o->m->cells)
		if (!(*cell)->is_root)
			add_cell(o, *cell);
	join(o);
}

/* --- kernel parameters --- */

static void memmap_lines(const struct overlay *o, struct buf *out, const char *indent)
{
	const struct carveout *r;

	vec_each(r, &o->v)
		buf_printf(out, "%smemmap=0x%llx$0x%llx\n", indent,
			   (unsigned long long)(r->end - r->addr), (unsigned long long)r->addr);
}

/* What is left of RAM, piece by piece: ARM's mem= may stand several times. */
static void mem_pieces(const struct overlay *o, struct buf *out)
{
	const struct extent *ram;
	u32 pieces = 0;

	vec_each(ram, &o->m->ram) {
		u64 at = ram->addr, end = ram->addr + ram->size;

		for (size_t i = 0; i <= o->v.n; i++) {
			u64 stop = i < o->v.n ? MIN(MAX(o->v.v[i].addr, at), end) : end;

			if (stop > at)
				buf_printf(out, "%smem=0x%llx@0x%llx", pieces++ ? " " : "",
					   (unsigned long long)(stop - at), (unsigned long long)at);
			if (i < o->v.n)
				at = MIN(MAX(at, o->v.v[i].end), end);
		}
	}
}

/* arm64 knows only a total: RAM below the first carve-out, what is above it is lost. */
static void mem_total(const struct overlay *o, struct buf *out)
{
	const struct extent *ram;
	u64 total = 0;

	vec_each(ram, &o->m->ram)
		if (ram->addr < o->v.v[0].addr)
			total += MIN(ram->size, o->v.v[0].addr - ram->addr);
	buf_printf(out, "mem=0x%llx", (unsigned long long)total);
}

/* --- overlay --- */

/* /reserved-memory counts as the root does (Devicetree Specification 3.5). */
static void set_cells(const struct overlay *o, struct dt_node *n)
{
	const struct machine *mach = o->m->machine;
	const struct node *root = mach && mach->fdt && mach->nodes.n ? mach->nodes.v[0] : NULL;

	n->address_cells = root ? root->address_cells : 2;
	n->size_cells = root ? root->size_cells : 2;
	dt_set_u32(o->c->arena, n, "#address-cells", n->address_cells);
	dt_set_u32(o->c->arena, n, "#size-cells", n->size_cells);
	dt_set_empty(o->c->arena, n, "ranges");
}

static struct dt_node *add_fragment(struct arena *a, struct dt_node *root, const char *target)
{
	const char *name = arena_printf(a, "fragment@%zu", root->children.n);
	struct dt_node *n = dt_node_new(a, root, name);

	dt_set_string(a, n, "target-path", target);
	return n;
}

static void add_reservation(struct arena *a, struct dt_node *parent, const struct carveout *r)
{
	const char *name = arena_printf(a, "%s@%llx", r->name, (unsigned long long)r->addr);
	struct dt_node *n = dt_node_new(a, parent, name);
	struct dt_cells reg = {.arena = a};

	dt_number(&reg, r->addr, parent->address_cells);
	dt_number(&reg, r->end - r->addr, parent->size_cells);
	dt_set_cells(a, n, "reg", &reg);
	dt_set_empty(a, n, "no-map");
}

/* Their drivers would meet an abort below the hypervisor. */
static void disable_withheld(struct arena *a, struct dt_node *root, const struct machine *mach)
{
	struct node **n;

	vec_each(n, &mach->nodes)
		if (node_is_withheld(*n) && (*n)->regs.n)
			dt_set_string(
				a, dt_node_new(a, add_fragment(a, root, (*n)->path), "__overlay__"),
				"status", "disabled");
}

/*
 * One fragment for /reserved-memory; another before it to make that node where the host's tree has
 * none; and those of devices. What stands in a fragment beside its target is not applied: dtc takes
 * it for the parent of what is.
 */
static struct dt_node *overlay_tree(const struct overlay *o)
{
	const struct machine *mach = o->m->machine;
	struct arena *a = o->c->arena;
	struct dt_node *root = dt_node_new(a, NULL, ""), *fragment, *memory;
	const struct carveout *r;

	set_cells(o, root);
	dt_delete(root, "ranges");
	if (!mach || !mach->fdt || !machine_node_by_path(mach, "/reserved-memory")) {
		fragment = add_fragment(a, root, "/");
		dt_node_new(a, dt_node_new(a, fragment, "__overlay__"), "reserved-memory");
	}
	fragment = add_fragment(a, root, "/reserved-memory");
	set_cells(o, fragment);
	memory = dt_node_new(a, fragment, "__overlay__");
	set_cells(o, memory);
	vec_each(r, &o->v)
		add_reservation(a, memory, r);
	if (mach && mach->fdt)
		disable_withheld(a, root, mach);
	return root;
}

static void write_value(struct buf *out, const struct dt_prop *p)
{
	if (strcmp(p->name, "target-path") == 0 || strcmp(p->name, "status") == 0) {
		buf_printf(out, " = \"%s\"", (const char *)p->data);
	} else if (p->len) {
		buf_str(out, " = <");
		for (u32 i = 0; i < p->len; i += 4)
			buf_printf(out, "%s0x%llx", i ? " " : "",
				   (unsigned long long)dt_read((const u8 *)p->data + i, 1));
		buf_char(out, '>');
	}
}

/* The source of the overlay: all values of it are cells, but for these two. */
static void write_source(struct buf *out, const struct dt_node *n, int depth)
{
	const struct dt_prop *p;
	struct dt_node **child;

	buf_printf(out, "%.*s%s {\n", depth, "\t\t\t\t\t\t", n->parent ? n->name : "/");
	vec_each(p, &n->props) {
		buf_printf(out, "%.*s\t%s", depth, "\t\t\t\t\t\t", p->name);
		write_value(out, p);
		buf_str(out, ";\n");
	}
	vec_each(child, &n->children)
		write_source(out, *child, depth + 1);
	buf_printf(out, "%.*s};\n", depth, "\t\t\t\t\t\t");
}

static void write_comment(const struct overlay *o, struct buf *out, const char *base)
{
	buf_printf(out,
		   "/dts-v1/;\n/plugin/;\n\n/*\n"
		   " * What the host's Linux has to leave alone: memory, and devices that nobody "
		   "has below\n"
		   " * the hypervisor. To apply:\n"
		   " *	fdtoverlay -i HOST.dtb -o NEW.dtb %s.dtbo\n",
		   base);
	if (!o->v.n) {
		buf_str(out, " * (There is no such memory.)\n */\n");
		return;
	}
	buf_str(out, " * Where the tree can't be changed, kernel parameters keep Linux off the "
		     "memory:\n *	");
	if (o->m->arch == CV_ARCH_ARM) {
		mem_pieces(o, out);
		buf_str(out, "\n */\n");
	} else {
		mem_total(o, out);
		buf_str(out, "\n * which costs Linux all RAM above that as well.\n */\n");
	}
}

static void emit_overlay(struct overlay *o, struct outputs *outs, const char *base)
{
	struct arena *a = o->c->arena;
	struct dt_node *root = overlay_tree(o);
	struct buf *source = &output_add(o->c, outs, arena_printf(a, "%s.dts", base))->data;

	write_comment(o, source, base);
	write_source(source, root, 0);
	dt_flatten(&output_add(o->c, outs, arena_printf(a, "%s.dtbo", base))->data, root, 0);
}

static void emit_parameters(struct overlay *o, struct outputs *outs, const char *base)
{
	struct buf *out = &output_add(o->c, outs, arena_printf(o->c->arena, "%s.txt", base))->data;

	buf_str(out, "# Kernel parameters that keep Linux away from the memory of hypervisor and "
		     "cells.\n"
		     "# A shell or a boot loader's script may take the $ for its own: quote it.\n");
	memmap_lines(o, out, "");
}

void emit_host_overlay(struct cellc *c, struct model *m, struct outputs *outs)
{
	struct overlay o = {.c = c, .m = m};
	const struct cell *root = model_root(m);
	const char *base;

	if (!root || m->from_binary)
		return;
	collect(&o);
	base = arena_printf(c->arena, "%s-host", root->file);
	if (m->arch == CV_ARCH_X86)
		emit_parameters(&o, outs, base);
	else
		emit_overlay(&o, outs, base);
}
