// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who owns what: whether a new cell may have what it asks for, and which part of a range is a
 * cell's at the moment. Root's descriptor says what root may have; what it has is that, less what
 * cells took. Changes nothing.
 */
#include "arch.h"
#include "pci.h"

bool desc_has_cpu(const struct cv_cell_desc *d, u32 i)
{
	const u8 *set = desc_array(d, DESC_CPU_SET);

	return i / 8 < d->cpu_set_size && set[i / 8] >> (i % 8) & 1;
}

struct percpu *cell_cpu(const struct cell *cell, u32 from)
{
	for (; from < image_header.max_cpus; from++)
		if (percpu(from)->cell == cell)
			return percpu(from);
	return NULL;
}

bool irqs_of(struct irqset *set, const struct cv_cell_desc *d)
{
	const struct cv_irqchip *chip = desc_array(d, DESC_IRQCHIPS);
	bool sane = true;

	memset(set, 0, sizeof(*set));
	for (u32 i = 0; i < d->num_irqchips; i++) {
		for (u32 pin = 0; pin < 128; pin++) {
			u64 intid = (u64)chip[i].pin_base + pin;

			if (!(chip[i].pin_bitmap[pin / 32] >> (pin % 32) & 1))
				continue;
			if (intid >= 32 && intid < 1020)
				set->spi[(intid - 32) / 32] |= 1u << (intid % 32);
			else
				sane = false;
		}
	}
	return sane;
}

bool region_is_taken(const struct cv_memory *r)
{
	return r->size && !(r->flags & (CV_MEM_COMM | CV_MEM_ROOTSHARED));
}

/* The part of [r, r + n) in [start, start + size) becomes *at if it starts before what is there. */
static void earlier(u64 r, u64 n, u64 start, u64 size, struct range *at)
{
	u64 from = MAX(r, start);

	if (overlaps(r, n, start, size) && (!at->size || at->start > from))
		*at = (struct range){from, MIN(r + n, start + size) - from};
}

bool owner_find(u64 start, u64 size, const struct cell *but, struct range *at)
{
	*at = (struct range){0};
	for (const struct cell *c = hv.root.next; c; c = c->next) {
		if (c == but)
			continue;
		for_each_region(r, c->desc)
			if (region_is_taken(r) && !(c->loadable && r->flags & CV_MEM_LOADABLE))
				earlier(r->phys_start, r->size, start, size, at);
	}
	return at->size;
}

bool frame_find(u64 start, u64 size, struct range *at)
{
	*at = (struct range){0};
	for (u32 i = 0; i < hv.num_frames; i++)
		earlier(hv.frames[i].start, hv.frames[i].size, start, size, at);
	return at->size;
}

void frames_init(void)
{
	const struct cv_system *s = hv.system;
	u32 n = 0;

	hv.frames[n++] = (struct range){s->hypervisor_memory.phys_start, s->hypervisor_memory.size};
	for (u32 i = 0; i < CV_IOMMU_UNITS; i++)
		if (s->iommu_units[i].type && s->iommu_units[i].size)
			hv.frames[n++] = (struct range){s->iommu_units[i].base, s->iommu_units[i].size};
	n += pci_frames(hv.frames + n);
	hv.num_frames = n + arch_frames(hv.frames + n, HV_MAX_FRAMES - n);
}

/* All of the range is in regions of root's descriptor with none of these flags, whoever has it now. */
static bool root_lists(u64 start, u64 size, u64 without)
{
	u64 end = start + size, at = start;
	bool moved = true;

	while (at < end && moved) {
		moved = false;
		for_each_region(r, hv.root.desc) {
			if (!(r->flags & without) && at - r->phys_start < r->size) {
				at = r->phys_start + r->size;
				moved = true;
			}
		}
	}
	return at >= end;
}

/* Of root's memory cells take what root's descriptor lists, but no part of its links. */
static int check_against(const struct cv_cell_desc *d, u32 region, const struct cell *other)
{
	const struct cv_memory *r = &cell_memory(d)[region], *o = cell_memory(other->desc);

	for (u32 k = 0; k < other->desc->num_memory_regions; k++) {
		if (o[k].flags & CV_MEM_COMM ||
		    (other == &hv.root && !region_is_link(other->desc, k)))
			continue;
		if (overlaps(r->phys_start, r->size, o[k].phys_start, o[k].size) &&
		    !regions_may_meet(d, region, other->desc, k))
			return -CV_EBUSY;
	}
	return 0;
}

static int check_region(const struct cv_cell_desc *d, u32 i)
{
	const struct cv_memory *r = &cell_memory(d)[i];
	bool table = region_is_state_table(d, i);
	struct range at;
	int err = 0;

	if (!r->size || r->flags & CV_MEM_COMM)
		return 0;
	if (frame_find(r->phys_start, r->size, &at))
		return -CV_EINVAL;
	/* devices that the host has disabled are nobody's and may be had; memory must be root's, and
	 * what the hypervisor writes itself has to be memory */
	if ((table || r->flags & CV_MEM_ROOTSHARED || !(r->flags & CV_MEM_IO)) &&
	    !root_lists(r->phys_start, r->size, table ? CV_MEM_IO : 0))
		return -CV_EINVAL;
	for (const struct cell *c = &hv.root; c && !err; c = c->next)
		err = check_against(d, i, c);
	return err;
}

/* CPUs of root's, but not all; `wait`: that it has taken down. */
static int check_cpus(const struct cv_cell_desc *d, bool wait)
{
	bool any = false, left = false;

	for (u32 i = 0; i < image_header.max_cpus; i++) {
		const struct percpu *p = percpu(i);

		if (!desc_has_cpu(d, i)) {
			left |= p->cell == &hv.root;
			continue;
		}
		any = true;
		if (p->cell != &hv.root ||
		    (wait && __atomic_load_n(&p->power, __ATOMIC_ACQUIRE) != CPU_OFF))
			return -CV_EBUSY;
	}
	return !any ? -CV_EINVAL : left ? 0 : -CV_EBUSY;
}

/* Lines of no other cell; those that are not root's are nobody's (disabled or virtual devices). */
static int check_irqs(const struct cv_cell_desc *d)
{
	struct irqset set;

	irqs_of(&set, d);
	for (const struct cell *c = hv.root.next; c; c = c->next)
		for (u32 i = 0; i < ARRAY_SIZE(set.spi); i++)
			if (set.spi[i] & c->irqs.spi[i])
				return -CV_EBUSY;
	return 0;
}

/* The tables of a cell reach this far. */
bool regions_fit(const struct cv_cell_desc *d, u32 bits)
{
	for_each_region(r, d)
		if (r->virt_start + r->size > 1ull << bits || r->phys_start + r->size > 1ull << bits)
			return false;
	return true;
}

static int check_head(const struct cv_cell_desc *d)
{
	if (memcmp(d->signature, CV_CELL_SIGNATURE, 5) ||
	    d->architecture != hv.system->architecture || d->revision != CV_CONFIG_REVISION ||
	    !regions_fit(d, arch_phys_bits()))
		return -CV_EINVAL;
	for (const struct cell *c = &hv.root; c; c = c->next) {
		u32 n = 0;

		while (c->desc->name[n] && c->desc->name[n] == d->name[n])
			n++;
		if (c->desc->name[n] == d->name[n])
			return -CV_EEXIST;
	}
	return 0;
}

int owner_check(const struct cv_cell_desc *d, bool cpus_wait)
{
	int err = check_head(d);

	err = err ?: shmem_check(d);
	err = err ?: check_cpus(d, cpus_wait);
	err = err ?: check_irqs(d);
	err = err ?: claims_check(d);
	for (u32 i = 0; i < d->num_memory_regions && !err; i++)
		err = check_region(d, i);
	return err;
}
