// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What caches are worth: the time to add up a buffer with MMU and caches on, off and on again. What
 * was written in one way has to be read in the other.
 */
#include "inmate.h"

#define WORDS 0x4000

static u64 buffer[WORDS];

static void fill(u64 seed)
{
	for (u64 i = 0; i < WORDS; i++)
		buffer[i] = seed + i;
}

/* Ticks to add it all up, twice: the first time warms the caches. */
static u64 add(u64 seed)
{
	u64 sum = 0, start = 0;

	for (u32 turn = 0; turn < 2; turn++) {
		start = timer_ticks();
		sum = 0;
		for (u64 i = 0; i < WORDS; i++)
			sum += *(volatile u64 *)&buffer[i];
	}
	start = timer_ticks() - start;
	printk("mmu: %s, sum %s\n", mmu_is_on() ? "on" : "off",
	       sum == seed * WORDS + (u64)WORDS * (WORDS - 1) / 2 ? "right" : "wrong");
	return start;
}

void inmate_main(void)
{
	u64 on, off, again;

	fill(1);
	on = add(1);
	mmu_off();
	add(1);
	fill(2);
	off = add(2);
	mmu_on();
	again = add(2);
	fill(3);
	add(3);
	printk("mmu: %u bytes in %lu ticks, %lu without caches, then %lu\n", (u32)sizeof(buffer),
	       on, off, again);
}
