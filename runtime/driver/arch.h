/* SPDX-License-Identifier: GPL-2.0-only */
/* How the driver reaches the hypervisor on arm64. */
#ifndef DRIVER_ARCH_H
#define DRIVER_ARCH_H

#include <asm/cacheflush.h>
#include <asm/cputype.h>
#include <asm/virt.h>
#include <linux/irqdomain.h>
#include <linux/of.h>

#include "../abi/hypercall.h"
#include "../abi/image_header.h"

#define CV_ARCH_HERE  CV_ARCH_ARM64
#define CV_IMAGE_FILE "cellvisor-arm64.bin"

/* The counters of a cell: name in sysfs behind vmexits_, number. */
#define CV_COUNTERS                                      \
	CV_COUNTER(total, CV_COUNT_EXITS)                \
	CV_COUNTER(mmio, CV_COUNT_MMIO)                  \
	CV_COUNTER(management, CV_COUNT_MANAGEMENT)      \
	CV_COUNTER(hypercall, CV_COUNT_HYPERCALL)        \
	CV_COUNTER(maintenance, CV_COUNT_ARM_MAINTENANCE) \
	CV_COUNTER(virt_irq, CV_COUNT_ARM_VIRQ)          \
	CV_COUNTER(virt_sgi, CV_COUNT_ARM_VSGI)          \
	CV_COUNTER(psci, CV_COUNT_ARM_PSCI)              \
	CV_COUNTER(smccc, CV_COUNT_ARM_SMCCC)            \
	CV_COUNTER(refused, CV_COUNT_REFUSED)

static inline long cv_hypercall(unsigned long code, unsigned long a1, unsigned long a2)
{
	register unsigned long x0 asm("x0") = code;
	register unsigned long x1 asm("x1") = a1;
	register unsigned long x2 asm("x2") = a2;

	asm volatile("hvc #0x4a48" : "+r"(x0), "+r"(x1), "+r"(x2) : : "memory");
	return (long)x0;
}

/*
 * A hypervisor of this interface answers, where the kernel's hyp stub and KVM give an error: this kernel
 * was started below it, by a kernel that panicked (kdump).
 */
static inline bool cv_arch_is_guest(void)
{
	long cells = cv_hypercall(CV_HC_INFO, CV_INFO_CELLS, 0);

	return cells > 0 && cells != HVC_STUB_ERR;
}

/*
 * Linux has set up an ITS (IHI 0069 5), whether a device uses its messages yet or not. Below the
 * hypervisor none would come: it knows no LPIs, and leaves the ITS to nobody.
 */
static inline bool cv_uses_its(void)
{
	struct device_node *its;
	bool used = false;

	for_each_compatible_node(its, NULL, "arm,gic-v3-its")
		used |= irq_find_host(its) != NULL;
	return used;
}

/*
 * NULL, or what of this machine, or of the way its kernel was started, is in the way. A firmware that is
 * called by hvc runs at EL2 itself, and then hvc is not for us; without EL2 it is undefined. The rest
 * shows when the stub is asked.
 */
static inline const char *cv_arch_obstacle(void)
{
	struct device_node *psci = of_find_compatible_node(NULL, NULL, "arm,psci-1.0");
	const char *method = NULL;
	bool hvc;

	psci = psci ?: of_find_compatible_node(NULL, NULL, "arm,psci-0.2");
	hvc = psci && !of_property_read_string(psci, "method", &method) && !strcmp(method, "hvc");
	of_node_put(psci);
	if (is_kernel_in_hyp_mode())
		return "the kernel runs at EL2 itself: start it with id_aa64mmfr1.vh=0";
	if (hvc || !(read_cpuid(ID_AA64PFR0_EL1) & 0xf00)) /* EL2 (DDI 0487 D17.2) */
		return "the kernel was not started at EL2";
	if (cv_uses_its())
		return "Linux uses the ITS of the interrupt controller: apply the host overlay that cellc emits, or start it with irqchip.gicv3_nolpi=1";
	return cv_arch_is_guest() ? "a hypervisor runs already, this kernel below it" : NULL;
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
	if (x0) { /* KVM is there */
		local_irq_restore(flags);
		return -ENODEV;
	}
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

/* What was flushed is going to be executed: by any CPU, at any address. */
static inline void cv_flush_code(void)
{
	asm volatile("ic ialluis" : : : "memory");
	dsb(ish);
	isb();
}

#endif
