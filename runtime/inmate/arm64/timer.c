// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The generic timer's virtual counter and timer (Arm ARM DDI 0487, D11.2). */
#include "inmate.h"

u64 timer_ticks(void)
{
	u64 v;

	__asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(v)::"memory");
	return v;
}

u64 timer_hz(void)
{
	u64 v;

	__asm__("mrs %0, cntfrq_el0" : "=r"(v));
	return v;
}

u64 timer_ns(u64 ticks)
{
	u64 hz = timer_hz();

	return ticks / hz * 1000000000 + ticks % hz * 1000000000 / hz;
}

void timer_at(u64 ticks)
{
	__asm__ volatile("msr cntv_cval_el0, %0; msr cntv_ctl_el0, %1; isb" ::"r"(ticks), "r"(1ull)
			 : "memory");
}

void timer_stop(void)
{
	__asm__ volatile("msr cntv_ctl_el0, xzr; isb" ::: "memory");
}

void delay_us(u64 us)
{
	u64 end = timer_ticks() + timer_hz() * us / 1000000;

	while ((s64)(timer_ticks() - end) < 0)
		cpu_relax();
}
