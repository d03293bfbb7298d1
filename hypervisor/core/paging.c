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

u32 pool_size(void)
{
	return pool.pages;
}

u32 pool_used(void)
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

/* The table below an entry; a block is split so that its pages keep their mapping. */
static u64 descend(u64 *pte, u32 level)
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
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	*pte = table | PTE_VALID | PTE_TABLE;
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
			table = descend(pte, level);
			if (!table)
				return -CV_ENOMEM;
		}
		block -= virt & (block - 1);
		if (block > size)
			block = size;
		if (attr || *pte & PTE_VALID) {
			u64 old = *pte;

			*pte = attr ? phys | attr | (level == 3 ? PTE_TABLE : 0) : 0;
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

void paging_free(struct paging *p)
{
	u32 n = top_pages(p);
	u64 *e = phys_to_hv(p->root);

	for (u32 i = 0; i < n * 512; i++)
		free_below(e[i], p->level);
	pages_free(p->root, n);
	p->root = 0;
}
