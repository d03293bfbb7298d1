// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Identity map of 512 GiB (Arm ARM DDI 0487, D8.3.1): a level 1 table of 1 GiB blocks of device
 * memory, split into 2 MiB blocks where something is cacheable.
 */
#include "inmate.h"

#define TABLES	 6
#define ENTRY	 0x401ull /* valid block, access flag */
#define CACHED	 (1ull << 2 | 3ull << 8)
#define NO_EXEC	 (3ull << 53)
#define BLOCK_1G 0x40000000ull
#define BLOCK_2M 0x200000ull

extern char __image_start[], __bss_end[];

u64 mmu_tables[1 + TABLES][512] __attribute__((aligned(4096)));
static u32 used;

void caches_off(const void *start, u64 size);

static u64 *split(u64 address)
{
	u64 *e = &mmu_tables[0][address / BLOCK_1G & 511], *table;

	if (*e & 2)
		return (u64 *)(*e & ~0xfffull);
	if (used == TABLES)
		return NULL;
	table = mmu_tables[++used];
	for (u64 i = 0; i < 512; i++)
		table[i] = *e + i * BLOCK_2M;
	/* break before make, D8.14.1: all CPUs may walk this table */
	*(volatile u64 *)e = 0;
	__asm__ volatile("dsb ish; tlbi vmalle1is; dsb ish; isb" ::: "memory");
	*(volatile u64 *)e = (u64)table | 3;
	return table;
}

int mmu_map(u64 start, u64 size, bool cached)
{
	for (u64 a = start & ~(BLOCK_2M - 1); a < start + size; a += BLOCK_2M) {
		u64 *table = split(a);
		volatile u64 *e = table ? &table[a / BLOCK_2M & 511] : NULL;

		if (!e)
			return -1;
		*e = 0;
		__asm__ volatile("dsb ish; tlbi vmalle1is; dsb ish" ::: "memory");
		*e = a | ENTRY | (cached ? CACHED : NO_EXEC);
	}
	__asm__ volatile("dsb ish; isb" ::: "memory");
	return 0;
}

/* Before the MMU is on. */
void mmu_init(void)
{
	for (u64 i = 0; i < 512; i++)
		mmu_tables[0][i] = i * BLOCK_1G | ENTRY | NO_EXEC;
	mmu_map((u64)__image_start, (u64)(__bss_end - __image_start), true);
	mmu_map(CV_COMM_GUEST_ARM, CV_COMM_SIZE, true);
}

void mmu_off(void)
{
	cache_flush((const void *)comm_region(), CV_COMM_SIZE);
	caches_off(__image_start, (u64)(__bss_end - __image_start));
}

bool mmu_is_on(void)
{
	u64 v;

	__asm__ volatile("mrs %0, sctlr_el1" : "=r"(v));
	return v & 1;
}
