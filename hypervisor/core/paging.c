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

/* The block that says what the 512 entries of a table say, entries of this level; 0: none does. */
static u64 joined(const u64 *e, u32 level)
{
	u64 step = 1ull << level_shift(level), first = e[0];

	if (!(first & PTE_VALID) || is_table(first, level) || first & PTE_ADDR & (512 * step - 1))
		return 0;
	for (u64 i = 1; i < 512; i++)
		if (e[i] != first + i * step)
			return 0;
	return first & ~PTE_TABLE;
}

/* Leaves of a range, one behind the other: attr with PTE_VALID maps, attr 0 unmaps. */
struct leaves {
	u64 virt, phys, size, attr;
	bool huge;
};

static void set_leaf(const struct paging *p, u64 *pte, u32 level, const struct leaves *s)
{
	u64 old = *pte;

	if (!s->attr && !(old & PTE_VALID))
		return;
	set_entry(p, pte, s->attr ? s->phys | s->attr | (level == 3 ? PTE_TABLE : 0) : 0);
	if (is_table(old, level) && p->live)
		arch_stage2_flush(p->live); /* nobody walks what is freed */
	free_below(old, level);
}

/* As much of the range as a table has. What splitting left behind is joined again: a table that says
 * what a block can goes. */
static int set_in(const struct paging *p, u64 table, u32 level, struct leaves *s)
{
	u64 block = 1ull << level_shift(level), whole;

	do {
		u64 *pte = entry_at(p, table, level, s->virt), below;
		u64 n = MIN(s->size, block - (s->virt & (block - 1)));
		bool fits = n == block && (!s->attr || (level && s->huge && !(s->phys & (block - 1))));

		if (level == 3 || fits || (!s->attr && !(*pte & PTE_VALID))) {
			set_leaf(p, pte, level, s);
			s->virt += n;
			s->phys += n;
			s->size -= n;
			continue;
		}
		below = descend(p, pte, level);
		if (!below || set_in(p, below, level + 1, s))
			return -CV_ENOMEM;
		whole = s->attr && s->huge && level ? joined(phys_to_hv(below), level + 1) : 0;
		if (!whole)
			continue;
		set_entry(p, pte, whole);
		if (p->live)
			arch_stage2_flush(p->live);
		pages_free(below, 1);
	} while (s->size && (level == p->level || s->virt & (512 * block - 1)));
	return 0;
}

static int set_range(const struct paging *p, struct leaves s)
{
	u64 reach = 1ull << p->bits;

	if (!s.size)
		return 0;
	if (s.size > reach || s.virt > reach - s.size || s.phys >> 48 || (s.phys + s.size - 1) >> 48)
		return -CV_EINVAL;
	return set_in(p, p->root, p->level, &s);
}

int paging_map(const struct paging *p, u64 virt, u64 phys, u64 size, u64 attr, bool huge)
{
	return set_range(p, (struct leaves){virt, phys, size, attr | PTE_VALID, huge});
}

int paging_unmap(const struct paging *p, u64 virt, u64 size)
{
	return set_range(p, (struct leaves){virt, 0, size, 0, true});
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

void paging_free(struct paging *p)
{
	u32 n = top_pages(p);
	u64 *e = phys_to_hv(p->root);

	for (u32 i = 0; i < n * 512; i++)
		free_below(e[i], p->level);
	pages_free(p->root, n);
	p->root = 0;
}
