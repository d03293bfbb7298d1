// SPDX-License-Identifier: GPL-2.0-only
/*
 * PCI hosts: windows, buses, ECAM. bindings/pci/pci.txt, host-generic-pci.yaml; IEEE 1275 PCI Bus
 * Binding 2.1, section 2.2.1.1: the first of three address cells is npt000ss bbbbbbbb ...
 */
#include "host.h"

#include <string.h>

static void read_windows(struct host *h, struct node *n)
{
	u32 pa = n->parent->address_cells, sa = n->size_cells, width = 3 + pa + sa;
	struct cells s;
	u32 count;

	if (!node_has(n, "ranges") || n->address_cells != 3 || pa > 4 || sa > 4)
		return;
	count = node_entries(h, n, "ranges", width, &s);
	for (u32 i = 0; i < count && host_spend(h); i++) {
		u32 hi = cell_at(s, i * width);
		u128 size = cells_number(s, i * width + 3 + pa, sa);
		u64 addr;

		if (!size || size > UINT64_MAX ||
		    !bus_translate(h, n->parent, cells_number(s, i * width + 3, pa), &addr) ||
		    addr + ((u64)size - 1) < addr)
			continue;
		*vec_push(h->c->arena, &n->windows) =
			(struct window){hi >> 24 & 3, (u64)cells_number(s, i * width + 1, 2),
					addr,	      (u64)size,
					hi >> 30 & 1, node_origin(h, n, "ranges")};
	}
}

static bool is_ecam(const struct node *n)
{
	const char *s = NULL;

	while ((s = node_compatible(n, s)))
		if (strstr(s, "ecam"))
			return true;
	return false;
}

void pci_read(struct host *h)
{
	for (size_t i = 1; i < h->m->nodes.n; i++) {
		struct node *n = h->m->nodes.v[i];

		if (n->role != NODE_PCI_HOST)
			continue;
		read_windows(h, n);
		n->ecam = is_ecam(n);
		n->bus_start = (u8)MIN(node_cell(n, "bus-range", 0, 0), 255u);
		n->bus_end = (u8)MIN(node_cell(n, "bus-range", 1, 255), 255u);
		if (node_cell(n, "linux,pci-domain", 0, ~0u) <= 0xffff)
			n->pci_domain = (int)node_cell(n, "linux,pci-domain", 0, 0);
	}
}
