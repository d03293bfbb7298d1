/* SPDX-License-Identifier: GPL-2.0-only */
/* How the driver reaches the hypervisor on arm64. */
#ifndef DRIVER_ARCH_H
#define DRIVER_ARCH_H

#include "../abi/hypercall.h"
#include "../abi/image_header.h"

static inline long cv_hypercall(unsigned long code, unsigned long a1, unsigned long a2)
{
	register unsigned long x0 asm("x0") = code;
	register unsigned long x1 asm("x1") = a1;
	register unsigned long x2 asm("x2") = a2;

	asm volatile("hvc #0x4a48" : "+r"(x0), "+r"(x1), "+r"(x2) : : "memory");
	return (long)x0;
}

/* The kernel's hyp stub may use all registers that a function call may (asm/virt.h). */
#define CV_CLOBBERS "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", \
		    "x14", "x15", "x16", "x17", "memory", "cc"

static inline long cv_enter(u64 phys, unsigned int cpu)
{
	register unsigned long x0 asm("x0") = 0; /* HVC_SET_VECTORS */
	register unsigned long x1 asm("x1") = phys + CV_IMAGE_VECTORS;
	register unsigned long x2 asm("x2") = 0;
	unsigned long flags;

	local_irq_save(flags);
	asm volatile("hvc #0" : "+r"(x0), "+r"(x1), "+r"(x2) : : CV_CLOBBERS);
	x0 = CV_HVC_ENTER;
	x1 = cpu;
	asm volatile("hvc #0x4a48" : "+r"(x0), "+r"(x1), "+r"(x2) : : CV_CLOBBERS);
	local_irq_restore(flags);
	return (long)x0;
}

static inline void cv_flush(void *p, u64 size)
{
	u64 line = 4ull << (read_sysreg(ctr_el0) >> 16 & 15);

	for (u64 a = (u64)p & ~(line - 1); a < (u64)p + size; a += line)
		asm volatile("dc civac, %0" : : "r"(a) : "memory");
	dsb(sy);
}

#endif
