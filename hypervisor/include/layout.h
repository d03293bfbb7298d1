/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypervisor's virtual address space (EL2 on arm64: 39 bits, 2 GiB of it), for C, assembler
 * and the linker. The image's first page is mapped at its physical address as well.
 *
 *	HV_DEVICES	redistributors; console, interrupt controller where one instruction of the image
 *			makes their addresses (adr reaches 1 MiB); shared
 *	HV_IMAGE	image, then all other hypervisor memory but the private per-CPU pages; shared
 *	HV_PRIVATE	this CPU's stack and one page through which it looks into guest memory
 */
#ifndef HV_LAYOUT_H
#define HV_LAYOUT_H

#define HV_DEVICES 0x7f40000000
#define HV_CONSOLE (HV_IMAGE - 0x40000)
#define HV_GICC	   (HV_IMAGE - 0x30000)
#define HV_GICH	   (HV_IMAGE - 0x20000)
#define HV_GICD	   (HV_IMAGE - 0x10000)
#define HV_IMAGE   0x7f44000000
#define HV_PRIVATE 0x7f80000000
#define HV_END	   0x7fc0000000

#define HV_STACK_SIZE  0x4000
#define HV_PERCPU_SIZE 0x5000 /* the public page, then the stack */
#define HV_STACK_TOP   (HV_PRIVATE + HV_STACK_SIZE)
#define HV_WINDOW      (HV_PRIVATE + 0x10000)

#define HV_REGS_SIZE 256 /* struct regs on the stack, rounded to 16 */

#endif
