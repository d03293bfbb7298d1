// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a new cell asks for beside CPUs, memory and interrupts: streams of IOMMUs, cache ways, ports,
 * PCI functions, places in links. None of it may be another cell's; root, who has what nobody else
 * has, does not count. In: a descriptor that desc_validate let pass. Changes nothing.
 */
#include "arch.h"
#include "pci.h"

static bool has_mmu500(void)
{
	for (u32 i = 0; i < CV_IOMMU_UNITS; i++)
		if (hv.system->iommu_units[i].type == CV_IOMMU_MMU500)
			return true;
	return false;
}

/* Of an MMU-500 the bits that either record leaves out match any (IHI 0062, SMR.MASK). */
static bool streams_meet(const void *x, const void *y)
{
	u32 a = ((const struct cv_stream_id *)x)->id, b = ((const struct cv_stream_id *)y)->id;
	u32 care = has_mmu500() ? ~(a >> 16 | b >> 16) & 0x7fff : ~0u;

	return !((a ^ b) & care);
}

static bool ways_meet(const void *x, const void *y)
{
	const struct cv_cache *a = x, *b = y;

	return a->type & b->type && overlaps(a->start, a->size, b->start, b->size);
}

static bool ports_meet(const void *x, const void *y)
{
	const struct cv_pio *a = x, *b = y;

	return overlaps(a->base, a->length, b->base, b->length);
}

/* An entry of this array in one descriptor meets one in the other. */
static bool clash(const struct cv_cell_desc *a, const struct cv_cell_desc *b, enum desc_array which,
		  u32 size, bool (*meet)(const void *, const void *))
{
	const u8 *x = desc_array(a, which), *y = desc_array(b, which);
	const u8 *x_end = x + (u64)desc_count(a, which) * size;
	const u8 *y_end = y + (u64)desc_count(b, which) * size;

	for (; x < x_end; x += size)
		for (const u8 *other = y; other < y_end; other += size)
			if (meet(x, other))
				return true;
	return false;
}

/* --- PCI --- */

/* A function of the machine that the cell has; shared-memory devices are made, not had. */
static bool has_function(const struct cv_cell_desc *d, const struct cv_pci_device *f)
{
	for_each_pci_device(p, d)
		if (p->type == f->type && p->domain == f->domain && p->bdf == f->bdf)
			return true;
	return false;
}

static u64 state_table(const struct cv_cell_desc *d, const struct cv_pci_device *p)
{
	return cell_memory(d)[p->shmem_regions_start].phys_start;
}

/* Devices that have a state table together are one link: shmem_check has seen those of one bdf. */
static bool places_clash(const struct cv_cell_desc *a, const struct cv_pci_device *x,
			 const struct cv_cell_desc *b)
{
	for_each_pci_device(y, b)
		if (y->type == CV_PCI_SHMEM && state_table(a, x) == state_table(b, y) &&
		    x->bdf != y->bdf)
			return true;
	return false;
}

static int check_function(const struct cv_cell_desc *d, const struct cv_pci_device *f)
{
	bool made = f->type == CV_PCI_SHMEM;

	if (!made && (!has_function(hv.root.desc, f) || !function_may_go(f)))
		return -CV_EINVAL;
	for (const struct cell *c = made ? &hv.root : hv.root.next; c; c = c->next)
		if (made ? places_clash(d, f, c->desc) : has_function(c->desc, f))
			return -CV_EBUSY;
	return 0;
}

int claims_check(const struct cv_cell_desc *d)
{
	int err = 0;

	for (const struct cell *c = hv.root.next; c; c = c->next)
		if (clash(d, c->desc, DESC_STREAMS, sizeof(struct cv_stream_id), streams_meet) ||
		    clash(d, c->desc, DESC_CACHES, sizeof(struct cv_cache), ways_meet) ||
		    clash(d, c->desc, DESC_PORTS, sizeof(struct cv_pio), ports_meet))
			return -CV_EBUSY;
	for_each_pci_device(p, d)
		err = err ?: check_function(d, p);
	return err;
}

/* --- links --- */

/* The link that the region is a part of and, in *part, which: 0 state table, 1 common, 2 on outputs. */
static const struct cv_pci_device *link_of(const struct cv_cell_desc *d, u32 region, u32 *part)
{
	for_each_pci_device(p, d) {
		*part = region - p->shmem_regions_start;
		if (p->type == CV_PCI_SHMEM && region >= p->shmem_regions_start &&
		    *part < 2u + p->shmem_peers)
			return p;
	}
	return NULL;
}

bool region_is_link(const struct cv_cell_desc *d, u32 region)
{
	u32 part;

	return link_of(d, region, &part);
}

bool region_is_state_table(const struct cv_cell_desc *d, u32 region)
{
	u32 part;

	return link_of(d, region, &part) && !part;
}

bool regions_may_meet(const struct cv_cell_desc *a, u32 i, const struct cv_cell_desc *b, u32 k)
{
	const struct cv_memory *r = &cell_memory(a)[i], *o = &cell_memory(b)[k];
	u32 part, other_part;
	const struct cv_pci_device *x = link_of(a, i, &part), *y = link_of(b, k, &other_part);

	if (!x && !y)
		return r->flags & o->flags & CV_MEM_ROOTSHARED;
	return x && y && part == other_part && state_table(a, x) == state_table(b, y) &&
	       r->phys_start == o->phys_start && r->size == o->size;
}
