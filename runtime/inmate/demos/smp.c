// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* All CPUs of the cell: each starts, has its own timer, takes an SGI from the first one, and answers. */
#include "inmate.h"

static volatile u32 up, ticked, rung;
static u64 mpidrs[INMATE_CPUS];

static void on_irq(u32 intid)
{
	if (intid == TIMER_INTID) {
		timer_stop();
		__atomic_fetch_add(&ticked, 1, __ATOMIC_SEQ_CST);
	} else if (intid == 3) {
		__atomic_fetch_add(&rung, 1, __ATOMIC_SEQ_CST);
	}
}

static void other(void)
{
	mpidrs[smp_index()] = smp_mpidr();
	gic_init(on_irq);
	gic_enable(3);
	gic_enable(TIMER_INTID);
	timer_at(timer_ticks());
	printk("smp: CPU %u is up, MPIDR 0x%lx\n", smp_index(), smp_mpidr());
	__atomic_fetch_add(&up, 1, __ATOMIC_SEQ_CST);
	for (;;)
		cpu_idle();
}

static bool wait_for(volatile u32 *what, u32 n)
{
	for (u32 i = 0; i < 2000 && *what < n; i++)
		delay_us(1000);
	return *what == n;
}

void inmate_main(void)
{
	u32 n;

	gic_init(on_irq);
	n = smp_start_all(other);
	printk("smp: started %u more\n", n);
	if (!wait_for(&up, n))
		printk("smp: only %u came\n", up);
	for (u32 i = 1; i <= n; i++)
		gic_send_sgi(mpidrs[i], 3);
	printk("smp: %s\n", !wait_for(&rung, n)   ? "an SGI was lost" :
			    !wait_for(&ticked, n) ? "a timer was lost" :
						    "all answered, done");
	while (!comm_poll())
		cpu_relax();
}
