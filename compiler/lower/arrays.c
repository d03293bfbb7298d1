// SPDX-License-Identifier: GPL-2.0-only
/*
 * The CPU set and the seven arrays behind a cell's header.
 */
#include "lower.h"

#include <stdlib.h>
#include <string.h>

#define CPU_SET_MAX CV_MAX_CONFIG_SIZE /* nothing larger could ever be loaded */

/* Bytes of the CPU set: as said, else the smallest multiple of 8 that holds the cell's CPUs. */
static u32 cpu_set_size(struct lowering *l)
{
	const struct fact *said = &l->cell->cpu_set_size;
	u32 size = 8;

	if (said->from && said->v <= CPU_SET_MAX)
		return (u32)said->v;
	if (said->from)
		diag_report(l->c, D_E1008, said->from,
			    "a CPU set of %s bytes does not fit the %s of a descriptor",
			    fmt_size(l->c->arena, said->v), fmt_size(l->c->arena, CPU_SET_MAX));
	for (size_t i = 0; i < l->cell->cpus.n; i++)
		if (l->cell->cpus.v[i].index < CPU_SET_MAX * 8)
			size = MAX(size, (l->cell->cpus.v[i].index / 64 + 1) * 8);
	return size;
}

static void lower_cpus(struct lowering *l, struct cv_cell_desc *head)
{
	u32 size = cpu_set_size(l), at = lower_room(l, size);
	u8 *set = (u8 *)l->img->bytes.data + at;

	head->cpu_set_size = size;
	for (size_t i = 0; i < l->cell->cpus.n; i++) {
		const struct cpu_claim *cpu = &l->cell->cpus.v[i];

		if (cpu->index / 8 < size)
			set[cpu->index / 8] |= (u8)(1u << cpu->index % 8);
		else
			diag_report(l->c, D_E1008, cpu->from,
				    "CPU %u does not fit a CPU set of %u bytes", cpu->index, size);
	}
	*vec_push(l->c->arena, &l->img->notes) = (struct image_note){
		.offset = at, .size = size, .record = "CPU set", .from = l->cell->cpus_from};
}

static void lower_regions(struct lowering *l, struct cv_cell_desc *head)
{
	u32 at = lower_room(l, (u32)(l->cell->regions.n * sizeof(struct cv_memory)));

	for (size_t i = 0; i < l->cell->regions.n; i++, at += sizeof(struct cv_memory)) {
		const struct region *r = l->cell->regions.v[i];
		struct cv_memory rec = {.phys_start = r->phys.v,
					.virt_start = r->virt.v,
					.size = r->size.v,
					.flags = r->flags};

		if (r->role == REGION_EMPTY)
			rec = (struct cv_memory){0};
		lower_record(l, at, &record_memory, (int)i, &rec, r->from);
		lower_field_note(l, at, &record_memory, "phys_start", r->phys.from);
		lower_field_note(l, at, &record_memory, "virt_start", r->virt.from);
		lower_field_note(l, at, &record_memory, "size", r->size.from);
	}
	head->num_memory_regions = (u32)l->cell->regions.n;
}

static void lower_caches(struct lowering *l, struct cv_cell_desc *head)
{
	for (size_t i = 0; i < l->cell->caches.n; i++) {
		const struct cache_region *r = &l->cell->caches.v[i];
		struct cv_cache rec = {.start = r->start,
				       .size = r->size,
				       .type = r->type,
				       .padding = r->padding,
				       .flags = r->flags};

		lower_record(l, lower_room(l, sizeof(rec)), &record_cache, (int)i, &rec, r->from);
	}
	head->num_cache_regions = (u32)l->cell->caches.n;
}

static void lower_irqchips(struct lowering *l, struct cv_cell_desc *head)
{
	for (size_t i = 0; i < l->cell->irqchips.n; i++) {
		const struct irqchip *chip = &l->cell->irqchips.v[i];
		struct cv_irqchip rec = {
			.address = chip->address, .id = chip->id, .pin_base = chip->pin_base};

		memcpy(rec.pin_bitmap, chip->bitmap, sizeof(rec.pin_bitmap));
		lower_record(l, lower_room(l, sizeof(rec)), &record_irqchip, (int)i, &rec,
			     chip->from);
	}
	head->num_irqchips = (u32)l->cell->irqchips.n;
}

static void lower_ports(struct lowering *l, struct cv_cell_desc *head)
{
	for (size_t i = 0; i < l->cell->ports.n; i++) {
		const struct pio *p = &l->cell->ports.v[i];
		struct cv_pio rec = {.base = p->base, .length = p->length};

		lower_record(l, lower_room(l, sizeof(rec)), &record_pio, (int)i, &rec, p->from);
	}
	head->num_pio_regions = (u32)l->cell->ports.n;
}

struct placed_region {
	const struct region *region;
	u32 index;
};

static int by_region(const void *a, const void *b)
{
	uintptr_t x = (uintptr_t)((const struct placed_region *)a)->region;
	uintptr_t y = (uintptr_t)((const struct placed_region *)b)->region;

	return (x > y) - (x < y);
}

/* Regions of the cell by identity, so that finding a device's first one is fast. */
static struct placed_region *region_index(struct lowering *l)
{
	size_t n = l->cell->regions.n;
	struct placed_region *all = arena_alloc(l->c->arena, (n + 1) * sizeof(*all));

	for (size_t i = 0; i < n; i++)
		all[i] = (struct placed_region){l->cell->regions.v[i], (u32)i};
	qsort(all, n, sizeof(*all), by_region);
	return all;
}

static struct cv_pci_device pci_record(struct lowering *l, const struct pci_device *dev,
				       const struct placed_region *all, u32 caps)
{
	struct placed_region key = {.region = dev->first_region}, *found;
	struct cv_pci_device rec = dev->rec;

	if (dev->first_region) {
		found = bsearch(&key, all, l->cell->regions.n, sizeof(*all), by_region);
		rec.shmem_regions_start = found ? found->index : 0;
	}
	if (!dev->caps_explicit) {
		rec.caps_start = dev->caps.n ? (u16)caps : 0;
		rec.num_caps = (u16)dev->caps.n;
	}
	if (dev->link && l->img->revision == 12 && rec.num_msix_vectors)
		rec.bar_mask[1] = CV12_SHMEM_MSIX_BAR1;
	return rec;
}

static void lower_pcis(struct lowering *l, struct cv_cell_desc *head)
{
	const struct placed_region *all = l->cell->pcis.n ? region_index(l) : NULL;
	size_t caps = l->cell->caps.n;

	for (size_t i = 0; i < l->cell->pcis.n; i++) {
		const struct pci_device *dev = l->cell->pcis.v[i];
		struct cv_pci_device rec = pci_record(l, dev, all, (u32)caps);

		if (!dev->caps_explicit)
			caps += dev->caps.n;
		lower_record(l, lower_room(l, sizeof(rec)), &record_pci, (int)i, &rec, dev->from);
	}
	if (caps > UINT16_MAX)
		diag_report(l->c, D_E1008, l->cell->from,
			    "%zu PCI capabilities do not fit the 16 bits of their index", caps);
	head->num_pci_devices = (u32)l->cell->pcis.n;
}

static void lower_cap(struct lowering *l, struct cv_cell_desc *head, const struct pci_cap *cap)
{
	struct cv_pci_capability rec = {
		.id = cap->id, .start = cap->start, .len = cap->len, .flags = cap->flags};

	lower_record(l, lower_room(l, sizeof(rec)), &record_cap, (int)head->num_pci_caps++, &rec,
		     cap->from);
}

/* The cell's list, then those that devices have of their own, in the order of the devices. */
static void lower_caps(struct lowering *l, struct cv_cell_desc *head)
{
	const struct pci_cap *cap;

	vec_each(cap, &l->cell->caps)
		lower_cap(l, head, cap);
	for (size_t i = 0; i < l->cell->pcis.n; i++)
		if (!l->cell->pcis.v[i]->caps_explicit)
			vec_each(cap, &l->cell->pcis.v[i]->caps)
				lower_cap(l, head, cap);
}

static void lower_streams(struct lowering *l, struct cv_cell_desc *head)
{
	for (size_t i = 0; i < l->cell->streams.n; i++) {
		const struct stream_claim *s = &l->cell->streams.v[i];
		struct cv_stream_id rec = {.id = s->value};

		lower_record(l, lower_room(l, sizeof(rec)), &record_stream, (int)i, &rec, s->from);
	}
	head->num_stream_ids = (u32)l->cell->streams.n;
}

void lower_arrays(struct lowering *l, struct cv_cell_desc *head)
{
	lower_cpus(l, head);
	lower_regions(l, head);
	lower_caches(l, head);
	lower_irqchips(l, head);
	lower_ports(l, head);
	lower_pcis(l, head);
	lower_caps(l, head);
	lower_streams(l, head);
}
