// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Doorbells between two bare-metal cells, there and back: "bench: bell TICKS HZ ROUNDS". Command
 * line: ping (rings first, and measures) or pong.
 */
#include "shmem.h"

#define ROUNDS 1000
#define READY  1

static struct shmem s;
static volatile u32 rung;

static void on_pong(u32 intid)
{
	if (intid == s.intid)
		shmem_ring(&s, !s.id, 0);
}

static void on_ping(u32 intid)
{
	if (intid == s.intid)
		rung++;
}

static void wait_for(u32 count)
{
	while (rung != count) {
		__asm__ volatile("msr daifset, #2" ::: "memory");
		if (rung != count)
			cpu_idle();
		__asm__ volatile("msr daifclr, #2; isb" ::: "memory");
	}
}

static void measure(void)
{
	u64 start = 0;
	u32 first = rung;

	for (u32 i = 0; i < ROUNDS + 10; i++) {
		if (i == 10)
			start = timer_ticks();
		shmem_ring(&s, !s.id, 0);
		wait_for(first + i + 1);
	}
	printk("bench: bell %lu %lu %u\n", timer_ticks() - start, timer_hz(), ROUNDS);
}

void inmate_main(void)
{
	bool ping = cmdline_bool("ping");

	gic_init(ping ? on_ping : on_pong);
	if (shmem_open(&s, shmem_find(0))) {
		printk("no link\n");
		return;
	}
	gic_enable(s.intid);
	if (ping)
		while (s.states[!s.id] != READY)
			cpu_relax();
	shmem_interrupts(&s, true);
	if (ping)
		measure();
	else
		shmem_set_state(&s, READY);
	for (;;)
		cpu_idle();
}
