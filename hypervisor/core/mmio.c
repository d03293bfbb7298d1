// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accesses that stage 2 doesn't let through: sub-page regions, checked for range, direction, width
 * and alignment and performed here. A cell's table is sorted once and constant; root's holds its
 * device pages too, because a cell may have part of one, and what cells own at the moment is
 * checked under hv.lock, which is held until the access is done.
 */
#include "arch.h"

/* Device pages of root are trapped when a cell has a part: any width, as if they were mapped. */
static bool belongs_in_table(const struct cell *cell, const struct cv_memory *r)
{
	if (!r->size || r->flags & CV_MEM_COMM)
		return false;
	return region_is_subpage(r) || (cell == &hv.root && r->flags & CV_MEM_IO);
}

static void insert(struct cell *cell, struct mmio_entry e)
{
	u32 at = cell->num_mmio++;

	for (; at && cell->mmio[at - 1].start > e.start; at--)
		cell->mmio[at] = cell->mmio[at - 1];
	cell->mmio[at] = e;
}

void mmio_init(struct cell *cell)
{
	const struct cv_memory *r = cell_memory(cell->desc);

	cell->num_mmio = 0;
	for (u32 i = 0; i < cell->desc->num_memory_regions; i++) {
		u32 flags = (u32)r[i].flags;

		if (!belongs_in_table(cell, &r[i]))
			continue;
		if (!region_is_subpage(&r[i]))
			flags |= CV_MEM_WIDTHS | CV_MEM_UNALIGNED;
		insert(cell, (struct mmio_entry){.start = r[i].virt_start,
						 .end = r[i].virt_start + r[i].size,
						 .phys = r[i].phys_start,
						 .flags = flags});
	}
}

void mmio_add(struct cell *cell, u64 start, u64 size, mmio_handler handler)
{
	insert(cell, (struct mmio_entry){.start = start, .end = start + size, .handler = handler});
}

void mmio_owners_changed(void)
{
	struct range at;

	for (u32 i = 0; i < hv.root.num_mmio; i++) {
		struct mmio_entry *e = &hv.root.mmio[i];

		e->shared = owner_find(e->phys, e->end - e->start, NULL, &at);
	}
}

/* The last entry that starts at or below the address and reaches beyond it. */
static const struct mmio_entry *find(const struct cell *cell, u64 addr)
{
	u32 low = 0, high = cell->num_mmio;

	while (low < high) {
		u32 mid = low + (high - low) / 2;

		if (cell->mmio[mid].start <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low && addr < cell->mmio[low - 1].end ? &cell->mmio[low - 1] : NULL;
}

static bool allowed(const struct mmio_entry *e, const struct access *a)
{
	u32 width = (u32)__builtin_ctz(a->size);

	if (a->size > e->end - a->addr || !(e->flags >> (CV_MEM_WIDTH_SHIFT + width) & 1))
		return false;
	if (a->addr & (a->size - 1) && !(e->flags & CV_MEM_UNALIGNED))
		return false;
	return e->flags & (a->write ? CV_MEM_WRITE : CV_MEM_READ);
}

static void perform_aligned(struct access *a, void *at)
{
	if (a->write) {
		switch (a->size) {
		case 1: *(volatile u8 *)at = (u8)a->value; break;
		case 2: *(volatile u16 *)at = (u16)a->value; break;
		case 4: *(volatile u32 *)at = (u32)a->value; break;
		case 8: *(volatile u64 *)at = a->value; break;
		}
		return;
	}
	switch (a->size) {
	case 1: a->value = *(volatile u8 *)at; break;
	case 2: a->value = *(volatile u16 *)at; break;
	case 4: a->value = *(volatile u32 *)at; break;
	case 8: a->value = *(volatile u64 *)at; break;
	}
}

/* Device memory takes aligned accesses only: an unaligned one becomes bytes. */
static void perform(struct access *a, u64 phys)
{
	struct access byte = {.size = 1, .write = a->write};

	if (!(phys & (a->size - 1))) {
		perform_aligned(a, window_map(phys, true));
		return;
	}
	if (!a->write)
		a->value = 0;
	for (u32 i = 0; i < a->size; i++) {
		byte.value = a->value >> (i * 8) & 0xff;
		perform_aligned(&byte, window_map(phys + i, true));
		if (!a->write)
			a->value |= byte.value << (i * 8);
	}
}

static bool access_entry(const struct mmio_entry *e, struct access *a)
{
	u64 phys = e->phys + (a->addr - e->start);
	struct range at;

	if (frame_find(phys, a->size, &at) || (e->shared && owner_find(phys, a->size, NULL, &at)))
		return false;
	perform(a, phys);
	return true;
}

bool mmio_access(struct access *a)
{
	struct cell *cell = this_cpu()->cell;
	const struct mmio_entry *e = find(cell, a->addr);
	bool done;

	if (e && e->handler)
		return e->handler(cell, a->addr - e->start, a);
	if (!e || !allowed(e, a))
		return false;
	if (cell != &hv.root)
		return access_entry(e, a);
	spin_lock(&hv.lock);
	done = access_entry(e, a);
	spin_unlock(&hv.lock);
	return done;
}

bool mmio_is_mapped(u64 guest)
{
	bool mapped;

	spin_lock(&hv.s2_lock);
	mapped = paging_walk(&this_cpu()->cell->s2, guest);
	spin_unlock(&hv.s2_lock);
	return mapped;
}
