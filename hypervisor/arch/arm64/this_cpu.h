/* SPDX-License-Identifier: GPL-2.0-only */
/* The record of the CPU that runs this; set once, before anything asks (arch/arm64/boot.c). */
#ifndef HV_THIS_CPU_H
#define HV_THIS_CPU_H

static inline struct percpu *this_cpu(void)
{
	struct percpu *p;

	__asm__("mrs %0, tpidr_el2" : "=r"(p));
	return p;
}

#endif
