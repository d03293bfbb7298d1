// SPDX-License-Identifier: GPL-2.0-only
/*
 * RAM, and what of it firmware keeps: DT 3.4 memory, 3.5 reserved-memory, 5.3 reservation block.
 */
#include "host.h"

#include <libfdt.h>

static void add_extent(struct host *h, struct node *n, const char *prop, bool reserved)
{
	u32 ac = n->parent->address_cells, sc = n->parent->size_cells;
	struct cells s;
	u32 count = ac <= 4 && sc <= 4 ? node_entries(h, n, prop, ac + sc, &s) : 0;

	for (u32 i = 0; i < count && host_spend(h); i++) {
		u128 addr = cells_number(s, i * (ac + sc), ac);
		u128 size = cells_number(s, i * (ac + sc) + ac, sc);
		struct extent e = {(u64)addr, (u64)size,
				   n->name,   node_has(n, "no-map"),
				   n,	      node_origin(h, n, prop)};

		if (!size)
			continue;
		if (addr > UINT64_MAX || size > UINT64_MAX || e.addr + (e.size - 1) < e.addr) {
			host_malformed(h, n, prop,
				       "entry %u runs past the end of the address space", i);
			continue;
		}
		if (reserved)
			*vec_push(h->c->arena, &h->m->reserved) = e;
		else
			*vec_push(h->c->arena, &h->m->ram) = e;
	}
}

/* linux,usable-memory takes precedence over reg, as in Linux's early_init_dt_scan_memory. */
static void read_node(struct host *h, struct node *n)
{
	if (n->role == NODE_MEMORY && n->enabled)
		add_extent(h, n, node_has(n, "linux,usable-memory") ? "linux,usable-memory" : "reg",
			   false);
	else if (n->role == NODE_RESERVED && n->enabled)
		add_extent(h, n, "reg", true);
}

static void read_memreserve(struct host *h)
{
	int n = fdt_num_mem_rsv(h->m->fdt);

	for (int i = 0; i < n; i++) {
		uint64_t addr, size;

		if (fdt_get_mem_rsv(h->m->fdt, i, &addr, &size) == 0 && size &&
		    addr + (size - 1) >= addr)
			*vec_push(h->c->arena, &h->m->reserved) = (struct extent){
				addr,  size, "memreserve",
				false, NULL, origin_tree(h->c, h->m->file, "/memreserve/", NULL)};
	}
}

void memory_read(struct host *h)
{
	for (size_t i = 1; i < h->m->nodes.n; i++)
		read_node(h, h->m->nodes.v[i]);
	read_memreserve(h);
	h->m->ram_from_firmware = h->m->ram.n == 0;
}
