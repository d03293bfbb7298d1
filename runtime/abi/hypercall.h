/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Hypercalls: what a cell asks of the hypervisor.
 *
 * ARM: hvc #CV_HVC_IMMEDIATE, code and result in r0/x0, arguments in r1, r2/x1, x2.
 * x86: vmcall (Intel) or vmmcall (AMD), code and result in EAX, arguments in RDI, RSI (EDI, ESI).
 * Results below zero are the negative of an error number below. Usable from assembly.
 */
#ifndef CV_ABI_HYPERCALL_H
#define CV_ABI_HYPERCALL_H

#define CV_HVC_IMMEDIATE 0x4a48

/* codes; "root" may issue all of them, other cells those marked */
#define CV_HC_DISABLE		0 /* on every CPU of root */
#define CV_HC_CELL_CREATE	1 /* guest-physical address of the descriptor */
#define CV_HC_CELL_START	2 /* cell id */
#define CV_HC_CELL_SET_LOADABLE 3 /* cell id */
#define CV_HC_CELL_DESTROY	4 /* cell id */
#define CV_HC_INFO		5 /* CV_INFO_*; any cell */
#define CV_HC_CELL_STATE	6 /* cell id; result: CV_CELL_STATE_* of comm_region.h */
#define CV_HC_CPU_INFO		7 /* logical CPU, CV_CPU_*; any cell, on its own CPUs */
#define CV_HC_CONSOLE_PUTC	8 /* character; cells that are permitted to */

/* flags in the code of CV_HC_CELL_START, SET_LOADABLE and DESTROY (an extension) */
#define CV_HC_NO_WAIT  0x10000 /* result -CV_EAGAIN while the cell owes a reply: call again */
#define CV_HC_WITHDRAW 0x20000 /* takes the question back that such a result left; 0 */

/* flag in the code of CV_HC_CELL_CREATE (an extension) */
#define CV_HC_DRY_RUN 0x40000 /* what would refuse the cell, were its CPUs off; nothing is made */

/* ours: cell id, guest-physical address of a struct cv_console_io (cell_console.h) */
#define CV_HC_CONSOLE_READ  0x4001
#define CV_HC_CONSOLE_WRITE 0x4002

/* errors */
#define CV_EPERM  1
#define CV_ENOENT 2
#define CV_EIO	  5
#define CV_E2BIG  7
#define CV_EAGAIN 11 /* only where CV_HC_NO_WAIT asks for it */
#define CV_ENOMEM 12
#define CV_EBUSY  16
#define CV_EEXIST 17
#define CV_EINVAL 22
#define CV_ENOSYS 38 /* no such code */

#define CV_ROOT_CELL_ID 0

/* arguments of CV_HC_INFO */
#define CV_INFO_POOL_SIZE  0 /* pages */
#define CV_INFO_POOL_USED  1
#define CV_INFO_REMAP_SIZE 2 /* pages */
#define CV_INFO_REMAP_USED 3
#define CV_INFO_CELLS	   4

/* second argument of CV_HC_CPU_INFO: the state, or a counter */
#define CV_CPU_STATE	  0
#define CV_CPU_COUNTER(n) (1000 + (n))

/* counters of every architecture */
#define CV_COUNT_EXITS	    0
#define CV_COUNT_MMIO	    1
#define CV_COUNT_MANAGEMENT 2
#define CV_COUNT_HYPERCALL  3
/* ARM */
#define CV_COUNT_ARM_MAINTENANCE 4
#define CV_COUNT_ARM_VIRQ	 5
#define CV_COUNT_ARM_VSGI	 6
#define CV_COUNT_ARM_PSCI	 7
#define CV_COUNT_ARM_SMCCC	 8
#define CV_COUNT_ARM_CP15	 9 /* ARMv7 */
/* x86 */
#define CV_COUNT_X86_PIO	4
#define CV_COUNT_X86_XAPIC	5
#define CV_COUNT_X86_CR		6
#define CV_COUNT_X86_CPUID	7
#define CV_COUNT_X86_XSETBV	8
#define CV_COUNT_X86_EXCEPTION	9
#define CV_COUNT_X86_MSR	10
#define CV_COUNT_X86_X2APIC_ICR 11
/* every architecture, an extension: accesses of root that were answered with an abort */
#define CV_COUNT_REFUSED 12

/*
 * x86 detection: with CPUID leaf 1 ECX bit 31 set, leaf CV_CPUID_SIGNATURE gives the highest
 * leaf in EAX and these letters in EBX, ECX, EDX; leaf CV_CPUID_FEATURES gives features, none so
 * far.
 */
#define CV_CPUID_HYPERVISOR_BIT 31
#define CV_CPUID_SIGNATURE	0x40000000
#define CV_CPUID_FEATURES	0x40000001
#define CV_CPUID_EBX		0x6c69614a /* "Jail" */
#define CV_CPUID_ECX		0x73756f68 /* "hous" */
#define CV_CPUID_EDX		0x00000065 /* "e" */

#endif /* CV_ABI_HYPERCALL_H */
