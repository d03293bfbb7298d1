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
static bool streams_meet(u32 a, u32 b)
{
	u32 care = has_mmu500() ? ~(a >> 16 | b >> 16) & 0x7fff : ~0u;

	return !((a ^ b) & care);
}

static bool streams_clash(const struct cv_cell_desc *a, const struct cv_cell_desc *b)
{
	const struct cv_stream_id *x = cell_streams(a), *y = cell_streams(b);

	for (u32 i = 0; i < a->num_stream_ids; i++)
		for (u32 k = 0; k < b->num_stream_ids; k++)
			if (streams_meet(x[i].id, y[k].id))
				return true;
	return false;
}

static bool ways_clash(const struct cv_cell_desc *a, const struct cv_cell_desc *b)
{
	const struct cv_cache *x = cell_caches(a), *y = cell_caches(b);

	for (u32 i = 0; i < a->num_cache_regions; i++)
		for (u32 k = 0; k < b->num_cache_regions; k++)
			if (x[i].type & y[k].type &&
			    overlaps(x[i].start, x[i].size, y[k].start, y[k].size))
				return true;
	return false;
}

static bool ports_clash(const struct cv_cell_desc *a, const struct cv_cell_desc *b)
{
	const struct cv_pio *x = cell_ports(a), *y = cell_ports(b);

	for (u32 i = 0; i < a->num_pio_regions; i++)
		for (u32 k = 0; k < b->num_pio_regions; k++)
			if (overlaps(x[i].base, x[i].length, y[k].base, y[k].length))
				return true;
	return false;
}

/* --- PCI --- */

/* A function of the machine that the cell has; shared-memory devices are made, not had. */
static bool has_function(const struct cv_cell_desc *d, const struct cv_pci_device *f)
{
	const struct cv_pci_device *p = cell_pci_devices(d);

	for (u32 i = 0; i < d->num_pci_devices; i++)
		if (p[i].type == f->type && p[i].domain == f->domain && p[i].bdf == f->bdf)
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
	const struct cv_pci_device *y = cell_pci_devices(b);

	for (u32 k = 0; k < b->num_pci_devices; k++)
		if (y[k].type == CV_PCI_SHMEM && state_table(a, x) == state_table(b, &y[k]) &&
		    x->bdf != y[k].bdf)
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
	const struct cv_pci_device *p = cell_pci_devices(d);
	int err = 0;

	for (const struct cell *c = hv.root.next; c; c = c->next)
		if (streams_clash(d, c->desc) || ways_clash(d, c->desc) || ports_clash(d, c->desc))
			return -CV_EBUSY;
	for (u32 i = 0; i < d->num_pci_devices && !err; i++)
		err = check_function(d, &p[i]);
	return err;
}

/* --- links --- */

/* The link that the region is a part of and, in *part, which: 0 state table, 1 common, 2 on outputs. */
static const struct cv_pci_device *link_of(const struct cv_cell_desc *d, u32 region, u32 *part)
{
	const struct cv_pci_device *p = cell_pci_devices(d);

	for (u32 i = 0; i < d->num_pci_devices; i++) {
		*part = region - p[i].shmem_regions_start;
		if (p[i].type == CV_PCI_SHMEM && region >= p[i].shmem_regions_start &&
		    *part < 2u + p[i].shmem_peers)
			return &p[i];
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
