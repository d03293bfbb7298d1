// SPDX-License-Identifier: GPL-2.0-only
/*
 * IOMMUs and who is behind them: bindings/iommu/iommu.txt, bindings/pci/pci-iommu.txt.
 */
#include "host.h"

static void add_unit(struct host *h, struct node *n, enum cv_iommu_type type)
{
	struct iommu_unit *u = vec_push(h->c->arena, &h->m->iommus);

	u->node = n;
	u->rec.type = type;
	u->rec.base = n->regs.v[0].addr;
	u->rec.size = (u32)MIN(n->regs.v[0].size, (u64)UINT32_MAX);
	u->from = n->regs.v[0].from;
}

/* The kinds that the hypervisor drives. */
static void read_unit(struct host *h, struct node *n)
{
	if (!n->enabled || !n->regs.n || !node_has(n, "#iommu-cells"))
		return;
	if (node_is_compatible(h->m, n, "arm,smmu-v3"))
		add_unit(h, n, CV_IOMMU_SMMUV3);
	else if (node_is_compatible(h->m, n, "arm,mmu-500") ||
		 node_is_compatible(h->m, n, "arm,smmu-v2"))
		add_unit(h, n, CV_IOMMU_MMU500);
}

/* iommus = <&smmu id [mask]>; with #iommu-cells 0 the whole device has one stream, 0. */
static void read_iommus(struct host *h, struct node *n)
{
	struct cells s = node_cells(h, n, "iommus");

	for (u32 at = 0; at < s.n && host_spend(h);) {
		struct node *iommu = machine_node_by_phandle(h->m, cell_at(s, at++));
		u32 width = iommu ? node_cell(iommu, "#iommu-cells", 0, 0) : 0;

		if (!iommu)
			return;
		if (width > s.n - at) {
			host_malformed(h, n, "iommus", "breaks off within the specifier for %s",
				       iommu->path);
			return;
		}
		*vec_push(h->c->arena, &n->streams) = (struct stream){
			iommu, width ? cell_at(s, at) : 0, width > 1 ? cell_at(s, at + 1) : 0,
			node_origin(h, n, "iommus")};
		at += width;
	}
}

/* A run of stream ids as aligned powers of two: id and the bits that don't matter. */
static void add_span(struct host *h, struct node *n, struct node *iommu, u64 id, u64 count)
{
	while (count) {
		u64 block = id ? id & -id : 1ull << 32;

		while (block > count)
			block >>= 1;
		*vec_push(h->c->arena, &n->streams) = (struct stream){
			iommu, (u32)id, (u32)(block - 1), node_origin(h, n, "iommu-map")};
		id += block;
		count -= block;
	}
}

/* iommu-map = <rid &iommu id count>, ... */
static void read_iommu_map(struct host *h, struct node *n)
{
	struct cells s;
	u32 entries = node_entries(h, n, "iommu-map", 4, &s);

	for (u32 i = 0; i < entries && host_spend(h); i++) {
		struct node *iommu = machine_node_by_phandle(h->m, cell_at(s, 4 * i + 1));
		u64 id = cell_at(s, 4 * i + 2), count = cell_at(s, 4 * i + 3);

		if (iommu)
			add_span(h, n, iommu, id, MIN(count, (1ull << 32) - id));
	}
}

void iommus_read(struct host *h)
{
	for (size_t i = 1; i < h->m->nodes.n; i++) {
		struct node *n = h->m->nodes.v[i];

		if (n->role == NODE_IOMMU)
			read_unit(h, n);
		read_iommus(h, n);
		read_iommu_map(h, n);
	}
}
