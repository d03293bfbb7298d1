// SPDX-License-Identifier: GPL-2.0-only
/*
 * The page pool, and page tables of 4 KiB granule with 512 entries: stage 1 of the hypervisor and
 * stage 2 of cells alike. Entries hold physical addresses; the top table of a stage 2 may be
 * several pages in a row (Arm ARM DDI 0487, D8.2.6 concatenated tables).
 */
#include "arch.h"

#define PTE_VALID 1ull
#define PTE_TABLE 2ull /* at level 3: page */
#define PTE_ADDR  0x0000fffffffff000ull

static struct {
	u64 start;
	u32 pages, used;
	u64 *bitmap; /* in the pool's first pages */
} pool;

void pool_init(u64 start, u64 end)
{
	u32 own;

	pool.start = start;
	pool.pages = (u32)((end - start) >> PAGE_SHIFT);
	own = (u32)(ALIGN_UP((pool.pages + 7) / 8, PAGE_SIZE) >> PAGE_SHIFT);
	pool.bitmap = phys_to_hv(start);
	memset(pool.bitmap, 0, own * PAGE_SIZE);
	for (u32 i = 0; i < own; i++)
		pool.bitmap[i / 64] |= 1ull << (i % 64);
	pool.used = own;
}

static u64 *bitmap(void)
{
	return phys_to_hv(pool.start);
}

static bool run_is_free(u32 at, u32 n)
{
	for (u32 i = at; i < at + n; i++)
		if (bitmap()[i / 64] >> (i % 64) & 1)
			return false;
	return true;
}

/* A run is aligned to its size rounded up to a power of two, as concatenated tables ask. */
u64 pages_alloc(u32 n)
{
	u32 align = 1;

	while (align < n)
		align *= 2;
	for (u32 skew = (u32)(pool.start >> PAGE_SHIFT), at = (align - skew % align) % align;
	     at + n <= pool.pages; at += align) {
		if (!run_is_free(at, n))
			continue;
		for (u32 i = at; i < at + n; i++)
			bitmap()[i / 64] |= 1ull << (i % 64);
		pool.used += n;
		memset(phys_to_hv(pool.start + at * PAGE_SIZE), 0, n * PAGE_SIZE);
		return pool.start + at * PAGE_SIZE;
	}
	return 0;
}

void pages_free(u64 phys, u32 n)
{
	u32 at = (u32)((phys - pool.start) >> PAGE_SHIFT);

	for (u32 i = at; i < at + n; i++)
		bitmap()[i / 64] &= ~(1ull << (i % 64));
	pool.used -= n;
}

u64 pool_size(void)
{
	return pool.pages;
}

u64 pool_used(void)
{
	return pool.used;
}

static u32 level_shift(u32 level)
{
	return PAGE_SHIFT + 9 * (3 - level);
}

static u32 top_pages(const struct paging *p)
{
	u32 covered = level_shift(p->level) + 9;

	return p->bits > covered ? 1u << (p->bits - covered) : 1;
}

static u64 *entry_at(const struct paging *p, u64 table, u32 level, u64 virt)
{
	u64 index = virt >> level_shift(level);

	if (level != p->level)
		index &= 511;
	return (u64 *)phys_to_hv(table) + index;
}

static bool is_table(u64 pte, u32 level)
{
	return level < 3 && (pte & 3) == (PTE_VALID | PTE_TABLE);
}

/* Replaces an entry. Where CPUs may be walking the table the old one goes first and is forgotten
 * everywhere (DDI 0487, D8.14.1 break-before-make); who faults in between waits for s2_lock and
 * tries again. What vanishes for good is flushed by the caller. */
static void set_entry(const struct paging *p, u64 *pte, u64 v)
{
	u64 old = *pte;

	if (!p->live || !(old & PTE_VALID) || !(v & PTE_VALID) || old == v) {
		__atomic_store_n(pte, v, __ATOMIC_RELEASE);
		return;
	}
	spin_lock(&hv.s2_lock);
	__atomic_store_n(pte, 0, __ATOMIC_RELEASE);
	arch_stage2_flush(p->live);
	__atomic_store_n(pte, v, __ATOMIC_RELEASE);
	spin_unlock(&hv.s2_lock);
}

/* The table below an entry; a block is split so that its pages keep their mapping. */
static u64 descend(const struct paging *p, u64 *pte, u32 level)
{
	u64 old = *pte, table, *e;

	if (is_table(old, level))
		return old & PTE_ADDR;
	table = pages_alloc(1);
	if (!table)
		return 0;
	if (old & PTE_VALID) {
		u64 step = 1ull << level_shift(level + 1);

		e = phys_to_hv(table);
		for (u64 i = 0; i < 512; i++)
			e[i] = (old + i * step) | (level + 1 == 3 ? PTE_TABLE : 0);
	}
	set_entry(p, pte, table | PTE_VALID | PTE_TABLE);
	return table;
}

static void free_below(u64 pte, u32 level)
{
	u64 *e;

	if (!is_table(pte, level))
		return;
	e = phys_to_hv(pte & PTE_ADDR);
	for (u32 i = 0; i < 512; i++)
		free_below(e[i], level + 1);
	pages_free(pte & PTE_ADDR, 1);
}

/* Sets every leaf of a range: attr with PTE_VALID maps, attr 0 unmaps. */
static int set_range(const struct paging *p, u64 virt, u64 phys, u64 size, u64 attr, bool huge)
{
	u64 reach = 1ull << p->bits;

	if (size > reach || virt > reach - size || phys >> 48 || (phys + size - 1) >> 48)
		return size ? -CV_EINVAL : 0;
	while (size) {
		u64 table = p->root, *pte, block;
		u32 level = p->level;

		for (;; level++) {
			pte = entry_at(p, table, level, virt);
			block = 1ull << level_shift(level);
			if (level == 3 || (!attr && !(*pte & PTE_VALID)))
				break;
			if (level > 0 && (huge || !attr) && size >= block &&
			    !((virt | (attr ? phys : 0)) & (block - 1)))
				break;
			table = descend(p, pte, level);
			if (!table)
				return -CV_ENOMEM;
		}
		block -= virt & (block - 1);
		if (block > size)
			block = size;
		if (attr || *pte & PTE_VALID) {
			u64 old = *pte;

			set_entry(p, pte, attr ? phys | attr | (level == 3 ? PTE_TABLE : 0) : 0);
			if (is_table(old, level) && p->live)
				arch_stage2_flush(p->live); /* nobody walks what is freed */
			free_below(old, level);
		}
		virt += block;
		phys += block;
		size -= block;
	}
	return 0;
}

int paging_map(const struct paging *p, u64 virt, u64 phys, u64 size, u64 attr, bool huge)
{
	return set_range(p, virt, phys, size, attr | PTE_VALID, huge);
}

int paging_unmap(const struct paging *p, u64 virt, u64 size)
{
	return set_range(p, virt, 0, size, 0, true);
}

u64 paging_walk(const struct paging *p, u64 virt)
{
	u64 table = p->root, pte;

	if (virt >> p->bits)
		return 0;
	for (u32 level = p->level;; level++) {
		pte = __atomic_load_n(entry_at(p, table, level, virt), __ATOMIC_ACQUIRE);
		if (!is_table(pte, level))
			return pte & PTE_VALID ? pte : 0;
		table = pte & PTE_ADDR;
	}
}

/* The entry that says what the 512 entries of a table at `level` say: *out; false: none does. */
static bool joined(const u64 *e, u32 level, u64 *out)
{
	u64 step = 1ull << level_shift(level), first = e[0];

	if (first & PTE_VALID && (is_table(first, level) || first & PTE_ADDR & (512 * step - 1)))
		return false;
	for (u64 i = 1; i < 512; i++)
		if (e[i] != (first & PTE_VALID ? first + i * step : 0))
			return false;
	*out = first & PTE_VALID ? first & ~PTE_TABLE : 0;
	return true;
}

/* In the table of a level, which has [virt, end). */
static void join(const struct paging *p, u64 table, u32 level, u64 virt, u64 end)
{
	u64 step = 1ull << level_shift(level), next, block;

	for (; virt < end; virt = next) {
		u64 *pte = entry_at(p, table, level, virt), below = *pte & PTE_ADDR;

		next = (virt & ~(step - 1)) + step;
		if (!is_table(*pte, level))
			continue;
		if (level < 2)
			join(p, below, level + 1, virt, MIN(end, next));
		if (!joined(phys_to_hv(below), level + 1, &block) || (level == 0 && block))
			continue; /* level 0 has no blocks */
		set_entry(p, pte, block);
		if (p->live)
			arch_stage2_flush(p->live);
		pages_free(below, 1);
	}
}

void paging_join(const struct paging *p, u64 virt, u64 size)
{
	join(p, p->root, p->level, virt, virt + size);
}

void paging_free(struct paging *p)
{
	u32 n = top_pages(p);
	u64 *e = phys_to_hv(p->root);

	for (u32 i = 0; i < n * 512; i++)
		free_below(e[i], p->level);
	pages_free(p->root, n);
	p->root = 0;
}
