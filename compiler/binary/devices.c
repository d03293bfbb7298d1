// SPDX-License-Identifier: GPL-2.0-only
/*
 * PCI devices, their capabilities, and stream ids of a cell into the model.
 */
#include "binary.h"

void read_pcis(struct reader *r, size_t at, u32 n)
{
	for (u32 i = 0; i < n; i++, at += sizeof(struct cv_pci_device)) {
		struct pci_device *dev = NEW(r->c->arena, struct pci_device);

		record_get(&record_pci, r->data + at, &dev->rec);
		dev->caps_explicit = true;
		dev->from = reader_at(r, arena_printf(r->c->arena, "PCI device %u", i), NULL, at);
		*vec_push(r->c->arena, &r->cell->pcis) = dev;
	}
}

void read_caps(struct reader *r, size_t at, u32 n)
{
	for (u32 i = 0; i < n; i++, at += sizeof(struct cv_pci_capability)) {
		struct cv_pci_capability rec;

		record_get(&record_cap, r->data + at, &rec);
		*vec_push(r->c->arena, &r->cell->caps) = (struct pci_cap){
			.id = rec.id,
			.start = rec.start,
			.len = rec.len,
			.flags = rec.flags,
			.from = reader_at(r, arena_printf(r->c->arena, "PCI capability %u", i),
					  NULL, at),
		};
	}
}

void read_streams(struct reader *r, size_t at, u32 n)
{
	for (u32 i = 0; i < n; i++, at += sizeof(struct cv_stream_id)) {
		struct cv_stream_id rec;

		record_get(&record_stream, r->data + at, &rec);
		*vec_push(r->c->arena, &r->cell->streams) = (struct stream_claim){
			.value = rec.id,
			.from = reader_at(r, arena_printf(r->c->arena, "stream id %u", i), NULL,
					  at),
		};
	}
}

static void read_link(struct reader *r, struct pci_device *dev)
{
	static const enum region_role roles[] = {REGION_STATE, REGION_COMMON};
	size_t first = dev->rec.shmem_regions_start;

	for (size_t i = 0; i < 2u + dev->rec.shmem_peers; i++) {
		struct region *reg;

		if (first + i >= r->cell->regions.n)
			break;
		reg = r->cell->regions.v[first + i];
		reg->role = i < 2 ? roles[i] : REGION_OUTPUT;
		reg->peer = i < 2 ? 0 : (u32)i - 2;
		if (i == 0)
			dev->first_region = reg;
	}
}

void read_links(struct reader *r)
{
	for (size_t i = 0; i < r->cell->pcis.n; i++)
		if (r->cell->pcis.v[i]->rec.type == CV_PCI_SHMEM)
			read_link(r, r->cell->pcis.v[i]);
}
