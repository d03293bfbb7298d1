// SPDX-License-Identifier: GPL-2.0-only
/*
 * Descriptors: where their arrays are, and whether they hold together. Trusts nothing: counts are
 * bounded before they are multiplied.
 */
#include "arch.h"
#include "pci.h"

#define COUNT_MAX 0x10000u /* any array: more cannot fit into CV_MAX_CONFIG_SIZE */
#define CELL_FLAGS                                                                         \
	(CV_CELL_PASSIVE_COMM | CV_CELL_TEST_DEVICE | CV_CELL_AARCH32 | CV_CELL_CONSOLE_PERMITTED | \
	 CV_CELL_CONSOLE_ACTIVE)

/* The counts stand one behind the other in the descriptor. */
u32 desc_count(const struct cv_cell_desc *d, enum desc_array which)
{
	u32 n;

	memcpy(&n, (const u8 *)&d->cpu_set_size + which * sizeof(n), sizeof(n));
	return n;
}

const void *desc_array(const struct cv_cell_desc *d, enum desc_array which)
{
	static const u8 sizes[DESC_ARRAYS] = {
		1,
		sizeof(struct cv_memory),
		sizeof(struct cv_cache),
		sizeof(struct cv_irqchip),
		sizeof(struct cv_pio),
		sizeof(struct cv_pci_device),
		sizeof(struct cv_pci_capability),
		sizeof(struct cv_stream_id),
	};
	const u8 *at = (const u8 *)(d + 1);

	for (u32 i = 0; i < which; i++)
		at += (u64)desc_count(d, i) * sizes[i];
	return at;
}

bool region_is_subpage(const struct cv_memory *r)
{
	return (r->virt_start | r->size) & ~PAGE_MASK;
}

#define ADDR_MAX (1ull << 48) /* what page table entries can hold, on all architectures */

static bool region_is_sane(const struct cv_memory *r)
{
	if (r->size > ADDR_MAX || r->phys_start > ADDR_MAX - r->size ||
	    r->virt_start > ADDR_MAX - r->size || r->flags & ~(u64)CV_MEM_KNOWN)
		return false;
	if (!r->size)
		return true;
	if (r->flags & CV_MEM_COMM)
		return r->size == PAGE_SIZE && !(r->virt_start & ~PAGE_MASK);
	if (region_is_subpage(r)) /* one page offset, so that alignment means the same to both */
		return !((r->virt_start ^ r->phys_start) & ~PAGE_MASK) &&
		       !(r->flags & CV_MEM_LOADABLE);
	return !(r->phys_start & ~PAGE_MASK);
}

/* A memory BAR of 32 bits: a power of two of at least `size` bytes, and 1 MiB at most. */
static bool bar_is_sane(u32 mask, u32 size)
{
	u32 low = ~mask;

	return !(low & (low + 1)) && low >= size - 1 && low < 1u << 20;
}

static bool bars_are_sane(const struct cv_pci_device *p)
{
	const u32 *m = (const u32 *)((const u8 *)p + offsetof(struct cv_pci_device, bar_mask));
	u32 bars[6], vectors = p->num_msix_vectors;

	memcpy(bars, m, sizeof(bars));
	if (vectors > MSIX_VECTORS_MAX || bars[2] | bars[3] | bars[4] | bars[5])
		return false;
	if (vectors && !bar_is_sane(bars[1], msix_pba(vectors) + (vectors + 63) / 64 * 8))
		return false;
	return bar_is_sane(bars[0], PAGE_SIZE); /* nothing else in the page */
}

static bool part_is_sane(const struct cv_memory *r, bool writable)
{
	return !((r->phys_start | r->virt_start | r->size) & ~PAGE_MASK) &&
	       !(r->flags & (CV_MEM_COMM | CV_MEM_LOADABLE)) &&
	       (writable || !(r->flags & CV_MEM_WRITE));
}

/* State table, common section, an output section for each peer: page-aligned, one behind the other
 * for the guest, which is told only where they start, and no more rights than the device gives. */
static bool shmem_is_sane(const struct cv_cell_desc *d, const struct cv_pci_device *p)
{
	const struct cv_memory *r = cell_memory(d) + p->shmem_regions_start;
	u64 end;

	if (p->shmem_dev_id >= p->shmem_peers ||
	    (u64)p->shmem_regions_start + 2 + p->shmem_peers > d->num_memory_regions)
		return false;
	end = r[0].virt_start;
	for (u32 i = 0; i < 2u + p->shmem_peers; i++) {
		bool writable = i == 1 || i == 2u + p->shmem_dev_id;

		if (!part_is_sane(&r[i], writable) || (i > 2 && r[i].size != r[2].size) ||
		    (r[i].size && r[i].virt_start != end))
			return false;
		end += r[i].size;
	}
	return r[0].size && r[0].size < 1ull << 32 && !(r[0].flags & CV_MEM_IO) && bars_are_sane(p);
}

/*
 * One device at a place; peers find each other by bdf: whatever the domain, a cell has one device of
 * each. No region is a part of two.
 */
static bool may_be_beside(const struct cv_pci_device *a, const struct cv_pci_device *b)
{
	bool links = a->type == CV_PCI_SHMEM && b->type == CV_PCI_SHMEM;

	return !(a->bdf == b->bdf && (links || a->domain == b->domain)) &&
	       !(links && overlaps(a->shmem_regions_start, 2u + a->shmem_peers,
				   b->shmem_regions_start, 2u + b->shmem_peers));
}

static bool pci_is_sane(const struct cv_cell_desc *d, const struct cv_pci_device *p)
{
	if (p->type < CV_PCI_DEVICE || p->type > CV_PCI_SHMEM ||
	    (u32)p->caps_start + p->num_caps > d->num_pci_caps)
		return false;
	for_each_pci_device(other, d)
		if (other < p && !may_be_beside(other, p))
			return false;
	return p->type != CV_PCI_SHMEM || shmem_is_sane(d, p);
}

#define WAYS_MAX 64u /* of any cache; what this machine's has is the architecture's to say */

static bool caches_and_ports_are_sane(const struct cv_cell_desc *d)
{
	const struct cv_cache *c = desc_array(d, DESC_CACHES);
	const struct cv_pio *p = desc_array(d, DESC_PORTS);

	for (u32 i = 0; i < d->num_cache_regions; i++)
		if (c[i].type < CV_CACHE_L3_CODE || c[i].type > CV_CACHE_L3_BOTH || !c[i].size ||
		    c[i].start >= WAYS_MAX || c[i].size > WAYS_MAX - c[i].start)
			return false;
	for (u32 i = 0; i < d->num_pio_regions; i++)
		if (p[i].base + p[i].length > 0x10000)
			return false;
	return true;
}

/* No CPU that this machine has not. */
static bool cpus_are_sane(const struct cv_cell_desc *d)
{
	for (u32 i = image_header.max_cpus; i < d->cpu_set_size * 8; i++)
		if (desc_has_cpu(d, i))
			return false;
	return true;
}

static bool counts_are_sane(const struct cv_cell_desc *d)
{
	for (u32 i = 0; i < DESC_ARRAYS; i++)
		if (desc_count(d, i) > COUNT_MAX)
			return false;
	return true;
}

/* A UART that is made up: a page where the cell has nothing, an interrupt that it has. */
static bool console_is_sane(const struct cv_cell_desc *d, const struct irqset *irqs)
{
	const struct cv_console *c = &d->console;

	if (!(c->flags & CV_CONSOLE_EMULATED))
		return true;
	for_each_region(r, d)
		if (overlaps(c->address, PAGE_SIZE, r->virt_start, r->size))
			return false;
	return c->type == CV_CONSOLE_PL011 && c->size == PAGE_SIZE && !(c->address & ~PAGE_MASK) &&
	       c->address < ADDR_MAX && irqset_has(irqs, c->gate_nr);
}

int desc_validate(const struct cv_cell_desc *d, u64 size)
{
	struct irqset irqs;
	bool sane;

	if (size < sizeof(*d))
		return -CV_EINVAL;
	if (!counts_are_sane(d) || desc_size(d) > CV_MAX_CONFIG_SIZE)
		return -CV_E2BIG;
	if (desc_size(d) > size || d->cpu_set_size % 8 || !d->cpu_set_size)
		return -CV_EINVAL;
	sane = d->name[0] && !d->name[CV_CELL_NAME_SIZE - 1] && !(d->flags & ~CELL_FLAGS) &&
	       cpus_are_sane(d) && caches_and_ports_are_sane(d);
	for_each_region(r, d)
		sane = sane && region_is_sane(r);
	sane = irqs_of(&irqs, d) && sane;
	for_each_pci_device(p, d)
		sane = sane && pci_is_sane(d, p);
	return sane && console_is_sane(d, &irqs) ? 0 : -CV_EINVAL;
}
