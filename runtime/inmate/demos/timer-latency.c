// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Timer interrupts at a fixed rate; how late the handler runs. hz=, every=, count= (0: for ever) */
#include "inmate.h"

static volatile u64 interrupts;
static u64 period, next, least = ~0ull, most, sum, batch, every;

static void report(void)
{
	printk("timer-latency: %lu interrupts, ticks min %lu avg %lu max %lu (%lu ns max)\n",
	       interrupts, least, sum / batch, most, timer_ns(most));
	sum = batch = 0;
}

static void on_timer(u32 intid)
{
	u64 late;

	if (intid != TIMER_INTID)
		return;
	late = timer_ticks() - next;
	least = late < least ? late : least;
	most = late > most ? late : most;
	sum += late;
	batch++;
	interrupts++;
	if (batch == every)
		report();
	do /* a tick that was missed altogether shows as latency, not as a count */
		next += period;
	while ((s64)(next - timer_ticks()) <= 0);
	timer_at(next);
}

void inmate_main(void)
{
	u64 count = cmdline_int("count", 0), hz = cmdline_int("hz", 1000);

	every = cmdline_int("every", 1000);
	every = every ? every : 1000;
	period = timer_hz() / (hz ? hz : 1000);
	printk("timer-latency: %lu ticks a second, period %lu\n", timer_hz(), period);
	gic_init(on_timer);
	gic_enable(TIMER_INTID);
	next = timer_ticks() + period;
	timer_at(next);
	while (!count || interrupts < count) {
		cpu_idle();
		if (comm_poll())
			break;
	}
	timer_stop();
	printk("timer-latency: done\n");
}
