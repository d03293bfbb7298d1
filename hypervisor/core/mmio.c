// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accesses that stage 2 doesn't let through: sub-page regions, checked for range, direction, width
 * and alignment and performed here, and ranges of devices that are not real, served by their
 * handlers. One table by address for each cell. Root's holds its device pages too, because a cell
 * may have part of one, and what cells own at the moment is checked under hv.lock, which is held
 * until the access is done.
 */
#include "arch.h"

/* Device pages of root are trapped when a cell has a part: any width, as if they were mapped. */
static bool belongs_in_table(const struct cell *cell, const struct cv_memory *r)
{
	if (!r->size || r->flags & CV_MEM_COMM)
		return false;
	return region_is_subpage(r) || (cell == &hv.root && r->flags & CV_MEM_IO);
}

static cold void change(struct cell *cell)
{
	spin_lock(&cell->mmio_lock);
	__atomic_store_n(&cell->mmio_seq, cell->mmio_seq + 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
}

static void changed(struct cell *cell)
{
	__atomic_store_n(&cell->mmio_seq, cell->mmio_seq + 1, __ATOMIC_RELEASE);
	spin_unlock(&cell->mmio_lock);
}

static cold void insert(struct cell *cell, struct mmio_entry e)
{
	u32 at = cell->num_mmio;

	if (at == cell->max_mmio)
		return;
	cell->num_mmio++;
	for (; at && cell->mmio[at - 1].start > e.start; at--)
		cell->mmio[at] = cell->mmio[at - 1];
	cell->mmio[at] = e;
}

void mmio_add(struct cell *cell, u64 start, u64 size, mmio_handler handler, void *device)
{
	change(cell);
	insert(cell, (struct mmio_entry){
			     .start = start, .end = start + size, .handler = handler, .device = device});
	changed(cell);
}

cold void mmio_remove(struct cell *cell, mmio_handler handler, const void *device)
{
	u32 kept = 0;

	change(cell);
	for (u32 i = 0; i < cell->num_mmio; i++)
		if (cell->mmio[i].handler != handler || cell->mmio[i].device != device)
			cell->mmio[kept++] = cell->mmio[i];
	cell->num_mmio = kept;
	changed(cell);
}

/* Beside the regions: the PCI host's space, two BARs a device, the console. */
u32 mmio_room(const struct cv_cell_desc *d)
{
	return d->num_memory_regions + 2 + 2 * d->num_pci_devices;
}

cold void mmio_init(struct cell *cell)
{
	struct range at;

	cell->num_mmio = 0;
	cell->max_mmio = mmio_room(cell->desc);
	for_each_region(r, cell->desc) {
		u32 flags = (u32)r->flags;

		if (!belongs_in_table(cell, r))
			continue;
		if (!region_is_subpage(r))
			flags |= CV_MEM_WIDTHS | CV_MEM_UNALIGNED;
		insert(cell, (struct mmio_entry){
				     .start = r->virt_start,
				     .end = r->virt_start + r->size,
				     .phys = r->phys_start,
				     .framed = frame_find(r->phys_start, r->size, &at),
				     .flags = flags});
	}
}

cold void mmio_owners_changed(void)
{
	struct range at;

	change(&hv.root);
	for (u32 i = 0; i < hv.root.num_mmio; i++) {
		struct mmio_entry *e = &hv.root.mmio[i];

		e->shared = !e->handler && owner_find(e->phys, e->end - e->start, NULL, &at);
	}
	changed(&hv.root);
}

static bool covers(const struct mmio_entry *e, u64 addr)
{
	return e->start <= addr && addr < e->end;
}

/* The last entry that starts at or below the address, if it reaches beyond it. */
static bool search(const struct cell *cell, u64 addr, struct mmio_entry *out)
{
	u32 low = 0, high = cell->num_mmio;

	while (low < high) {
		u32 mid = low + (high - low) / 2;

		if (cell->mmio[mid].start <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	if (!low || !covers(&cell->mmio[low - 1], addr))
		return false;
	*out = cell->mmio[low - 1];
	return true;
}

/* What is read while the table changes may be of two entries, but is read again then. Returns the
 * state of the table in which it was found, MMIO_NEVER if it was not. */
static noinline u32 find(const struct cell *cell, u64 addr, struct mmio_entry *out)
{
	u32 seq;
	bool found;

	do {
		while ((seq = __atomic_load_n(&cell->mmio_seq, __ATOMIC_ACQUIRE)) & 1)
			arch_relax();
		found = search(cell, addr, out);
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	} while (__atomic_load_n(&cell->mmio_seq, __ATOMIC_RELAXED) != seq);
	return found ? seq : MMIO_NEVER;
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

/* Device memory takes aligned accesses only: an unaligned one becomes bytes. */
static cold bool perform_bytes(struct access *a, u64 phys)
{
	struct access byte = {.size = 1, .write = a->write};
	u64 value = 0;

	for (u32 i = 0; i < a->size; i++) {
		byte.value = a->value >> (i * 8) & 0xff;
		if (!arch_access(&byte, window_map(phys + i, WINDOW_DEVICE)))
			return false;
		value |= byte.value << (i * 8);
	}
	a->value = value;
	return true;
}

static bool perform(struct access *a, u64 phys)
{
	if (phys & (a->size - 1))
		return perform_bytes(a, phys);
	return arch_access(a, window_map(phys, WINDOW_DEVICE));
}

static bool access_region(const struct mmio_entry *e, struct access *a)
{
	u64 phys = e->phys + (a->addr - e->start);
	struct range at;

	if (!allowed(e, a))
		return false;
	if ((e->framed && frame_find(phys, a->size, &at)) ||
	    (e->shared && owner_find(phys, a->size, NULL, &at)))
		return false;
	return perform(a, phys);
}

/* What cells have may have changed: looked up again, and performed, under the lock. */
static cold bool access_of_root(struct access *a)
{
	struct mmio_entry e;
	bool done;

	spin_lock(&hv.lock);
	done = find(&hv.root, a->addr, &e) != MMIO_NEVER && !e.handler && access_region(&e, a);
	spin_unlock(&hv.lock);
	return done;
}

static always_inline bool access_entry(const struct mmio_entry *e, struct access *a)
{
	if (e->handler)
		return e->handler(e->device, a->addr - e->start, a);
	return this_cpu()->cell == &hv.root ? access_of_root(a) : access_region(e, a);
}

static noinline bool access_elsewhere(struct access *a)
{
	struct percpu *me = this_cpu();

	me->mmio_seq = find(me->cell, a->addr, &me->mmio_last);
	return me->mmio_seq != MMIO_NEVER && access_entry(&me->mmio_last, a);
}

bool mmio_access(struct access *a)
{
	struct percpu *me = this_cpu();

	if (unlikely(me->mmio_seq != __atomic_load_n(&me->cell->mmio_seq, __ATOMIC_ACQUIRE) ||
		     !covers(&me->mmio_last, a->addr)))
		return access_elsewhere(a);
	return access_entry(&me->mmio_last, a);
}

bool mmio_is_mapped(u64 guest)
{
	bool mapped;

	spin_lock(&hv.s2_lock);
	mapped = paging_walk(&this_cpu()->cell->s2, guest);
	spin_unlock(&hv.s2_lock);
	return mapped;
}
