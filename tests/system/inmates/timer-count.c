// SPDX-License-Identifier: GPL-2.0-only
/*
 * count= timer interrupts, each for a compare value of its own, period= ticks apart, whether the
 * last one came in time or not: an interrupt that gets lost stops the chain, one too many is
 * counted. every= interrupts a line.
 */
#include "inmate.h"

#define CTL_ISTATUS 4u

static u64 count, period, every, next;
static volatile u64 interrupts, spurious, early, foreign;

static bool has_fired(void)
{
	u64 ctl;

	__asm__ volatile("mrs %0, cntv_ctl_el0" : "=r"(ctl)::"memory");
	return ctl & CTL_ISTATUS;
}

static void on_irq(u32 intid)
{
	if (intid != TIMER_INTID) {
		foreign++;
		return;
	}
	if (!has_fired()) {
		spurious++;
		return;
	}
	if ((s64)(timer_ticks() - next) < 0)
		early++;
	if (++interrupts == count) {
		timer_stop();
		return;
	}
	next += period;
	timer_at(next);
}

static void report(const char *what, u64 start)
{
	printk("timer-count: %s %lu interrupts, %lu periods, %lu spurious, %lu early, %lu foreign, %lu us\n",
	       what, interrupts, (next - start) / period, spurious, early, foreign,
	       timer_ns(timer_ticks() - start) / 1000);
}

void inmate_main(void)
{
	u64 start, told = 0;

	count = cmdline_int("count", 1000000);
	period = cmdline_int("period", 100);
	every = cmdline_int("every", count);
	gic_init(on_irq);
	gic_enable(TIMER_INTID);
	start = timer_ticks();
	next = start + period;
	timer_at(next);
	while (interrupts < count) {
		cpu_idle();
		if (interrupts - told >= every) {
			told += every;
			report("so far", start);
		}
	}
	delay_us(100000); /* for one too many */
	report("done:", start);
}
