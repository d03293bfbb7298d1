// SPDX-License-Identifier: GPL-2.0-only
/*
 * count= timer interrupts, each for a compare value of its own, period= ticks apart, whether the
 * last one came in time or not: an interrupt that gets lost stops the chain, one too many is
 * counted. held: the next compare value is set before the end of the interrupt, so that the line
 * may stay asserted over it; else after the end. every= interrupts a line.
 */
#include "inmate.h"

#define CTL_ENABLE  1u
#define CTL_ISTATUS 4u /* known only while enabled: DDI 0487, CNTV_CTL_EL0 */

static u64 count, period, every, next;
static bool held;
static volatile u64 interrupts, spurious, early, foreign;

static bool has_fired(void)
{
	const u64 both = CTL_ENABLE | CTL_ISTATUS;
	u64 ctl;

	__asm__ volatile("mrs %0, cntv_ctl_el0" : "=r"(ctl)::"memory");
	return (ctl & both) == both;
}

static void set_next(void)
{
	next += period;
	timer_at(next);
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
	if (++interrupts < count && held)
		set_next();
	else
		timer_stop();
}

static void report(const char *what, u64 start)
{
	printk("timer-count: %s %lu interrupts, %lu periods, %lu spurious, %lu early, %lu foreign, %lu us\n",
	       what, interrupts, (next - start) / period, spurious, early, foreign,
	       timer_ns(timer_ticks() - start) / 1000);
}

/* Until another interrupt has come. */
static void await_irq(u64 before)
{
	while (interrupts == before) {
		__asm__ volatile("msr daifset, #2" ::: "memory");
		if (interrupts == before)
			cpu_idle(); /* wakes for a masked interrupt as well */
		__asm__ volatile("msr daifclr, #2; isb" ::: "memory");
	}
}

void inmate_main(void)
{
	u64 start, seen, told = 0;

	count = cmdline_int("count", 1000000);
	period = cmdline_int("period", 100);
	every = cmdline_int("every", count + 1);
	held = cmdline_bool("held");
	gic_init(on_irq);
	gic_enable(TIMER_INTID);
	start = next = timer_ticks();
	for (seen = 0; seen < count; seen = interrupts) {
		if (!held || !seen)
			set_next();
		await_irq(seen);
		if (interrupts - told >= every) {
			told += every;
			report("so far", start);
		}
	}
	delay_us(100000); /* for one too many */
	report("done:", start);
}
