// SPDX-License-Identifier: GPL-2.0-only
/* Floating point in the program and in its interrupt handler at once: neither may disturb the
 * other. */
#include "inmate.h"

#define ROUNDS 100

static volatile u64 interrupts;
static volatile double kept, step = 2.0; /* volatile: to be worked out each time */

static double series(u64 terms, double by)
{
	double sum = 0;

	for (u64 i = 0; i < terms; i++)
		sum += (i & 1 ? -1.0 : 1.0) / ((double)i * by + 1.0);
	return sum;
}

static void on_timer(u32 intid)
{
	(void)intid;
	kept = series(20, 0.5 + (double)interrupts++);
	timer_at(timer_ticks() + timer_hz() / 2000);
}

void inmate_main(void)
{
	const double alone = series(5000, step);
	u64 wrong = 0, rounds = 0;

	gic_init(on_timer);
	gic_enable(TIMER_INTID);
	timer_at(timer_ticks());
	for (; interrupts < ROUNDS; rounds++)
		wrong += series(5000, step) != alone;
	timer_stop();
	printk("fp: %s rounds, %lu interrupts or more, %lu wrong\n", rounds ? "some" : "no",
	       (u64)ROUNDS, wrong);
}
