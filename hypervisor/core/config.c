// SPDX-License-Identifier: GPL-2.0-only
/*
 * Descriptors: where their arrays are, and whether they hold together. Trusts nothing: counts are
 * bounded before they are multiplied.
 */
#include "arch.h"

#define COUNT_MAX 0x10000u /* any array: more cannot fit into CV_MAX_CONFIG_SIZE */

const void *cell_cpu_set(const struct cv_cell_desc *d)
{
	return d + 1;
}

const struct cv_memory *cell_memory(const struct cv_cell_desc *d)
{
	return (const void *)((const u8 *)cell_cpu_set(d) + d->cpu_set_size);
}

const struct cv_irqchip *cell_irqchips(const struct cv_cell_desc *d)
{
	const struct cv_cache *caches = (const void *)(cell_memory(d) + d->num_memory_regions);

	return (const void *)(caches + d->num_cache_regions);
}

u64 desc_size(const struct cv_cell_desc *d)
{
	return sizeof(*d) + (u64)d->cpu_set_size +
	       (u64)d->num_memory_regions * sizeof(struct cv_memory) +
	       (u64)d->num_cache_regions * sizeof(struct cv_cache) +
	       (u64)d->num_irqchips * sizeof(struct cv_irqchip) +
	       (u64)d->num_pio_regions * sizeof(struct cv_pio) +
	       (u64)d->num_pci_devices * sizeof(struct cv_pci_device) +
	       (u64)d->num_pci_caps * sizeof(struct cv_pci_capability) +
	       (u64)d->num_stream_ids * sizeof(struct cv_stream_id);
}

static bool region_is_sane(const struct cv_memory *r)
{
	return r->phys_start + r->size >= r->phys_start && r->virt_start + r->size >= r->virt_start &&
	       !(r->flags & ~(u64)CV_MEM_KNOWN);
}

int desc_validate(const struct cv_cell_desc *d, u64 size)
{
	const struct cv_memory *r;

	if (size < sizeof(*d) || size > CV_MAX_CONFIG_SIZE)
		return size > CV_MAX_CONFIG_SIZE ? -CV_E2BIG : -CV_EINVAL;
	if (d->cpu_set_size > size || d->num_memory_regions > COUNT_MAX ||
	    d->num_cache_regions > COUNT_MAX || d->num_irqchips > COUNT_MAX ||
	    d->num_pio_regions > COUNT_MAX || d->num_pci_devices > COUNT_MAX ||
	    d->num_pci_caps > COUNT_MAX || d->num_stream_ids > COUNT_MAX)
		return -CV_EINVAL;
	if (desc_size(d) > size || d->cpu_set_size % 8 || !d->cpu_set_size)
		return -CV_EINVAL;
	if (d->name[CV_CELL_NAME_SIZE - 1] || !d->name[0])
		return -CV_EINVAL;
	r = cell_memory(d);
	for (u32 i = 0; i < d->num_memory_regions; i++)
		if (!region_is_sane(&r[i]))
			return -CV_EINVAL;
	return 0;
}
