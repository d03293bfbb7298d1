/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The way into EL2 and out of it.
 *
 * boot vectors: physical, MMU off, at image + CV_IMAGE_VECTORS. The driver has made them EL2's by
 * the kernel's own hyp stub. They serve CV_HVC_ENTER (take this CPU over) and, before and after,
 * what the kernel asks of its stub (arch/arm64/include/asm/virt.h): set vectors, soft restart.
 * vectors: virtual, MMU on, while the hypervisor runs: the image itself.
 *
 * EL2 uses its own stack pointer alone, so that the first four vectors of a table serve nothing
 * (DDI 0487 D1.3.1.5); hypervisor.lds puts code there: 0x200 bytes. Of the boot vectors those of EL2's
 * own interrupts serve nothing, which are masked, nor those behind the guest's synchronous one: the
 * stub takes neither interrupts nor AArch32.
 */
#include "../../include/layout.h"
#include "../../../runtime/abi/image_header.h"

	.section .header, "ax"
	.globl	image_header
image_header:
	.ascii	"CELLVISR"
	.long	CV_IMAGE_VERSION
	.long	HV_PERCPU_SIZE
	.quad	__image_end - HV_IMAGE
	.fill	36, 1, 0
	.long	console_offset

.macro vector target
	.balign	0x80
	b	\target
.endm

/* Two registers, or all from x18 to x29, that a C function keeps, at their places in struct regs. */
.macro pair op, a, b
	\op	x\a, x\b, [sp, #8 * \a]
.endm
.macro kept op
	pair	\op, 18, 19
	pair	\op, 20, 21
	pair	\op, 22, 23
	pair	\op, 24, 25
	pair	\op, 26, 27
	pair	\op, 28, 29
.endm
.macro unkept op			// that the compiler leaves alone: hypervisor/rules.mk
	pair	\op, 10, 11
	pair	\op, 12, 13
	pair	\op, 14, 15
.endm

	.section .boot, "ax"
boot_own:				// a fault in what follows
	b	.

/* x1: CPU. Saves the guest's registers as an exit does, turns the MMU on, goes on at virtual
 * addresses. boot_cpu (C, no virtual address used) returns the CPU's page table. */
boot_enter:
	adrp	x16, image_header
	ldr	x17, [x16, #CV_IMAGE_CORE_SIZE]
	add	x16, x16, x17
	add	x17, x1, #1
	mov	x0, #HV_PERCPU_SIZE
	madd	x16, x17, x0, x16	// end of this CPU's area: top of its stack
	mov	sp, x16
	sub	sp, sp, #HV_REGS_SIZE
	kept	stp
	str	x30, [sp, #8 * 30]
	mov	x19, x1
	mov	x0, x1
	bl	boot_cpu
	cbz	x0, 9f
	ldr	x1, =0x0000000000ff4404	// MAIR: 0 nGnRE device 04, 1 44 non-cacheable, 2 ff write-back
	msr	mair_el2, x1
	mrs	x2, id_aa64mmfr0_el1
	and	x2, x2, #7		// PARange; as PS it is at most 5 for us
	mov	x1, #5
	cmp	x2, x1
	csel	x2, x2, x1, lo
	ldr	x1, =0x80803519		// TCR: RES1, T0SZ 25 (39 bits), inner shareable, write-back
	adrp	x3, image_header
	lsr	x3, x3, #39
	cbz	x3, 1f
	sub	x1, x1, #9		// 48 bits, as hv_tables() says
1:
	orr	x1, x1, x2, lsl #16
	msr	tcr_el2, x1
	msr	ttbr0_el2, x0
	dsb	sy
	isb
	tlbi	alle2
	ic	iallu
	dsb	sy
	isb
	ldr	x0, =0x30c5183d		// SCTLR: RES1, I, C, SA, M (no A: pages of packed records)
	bic	x0, x0, #2
	msr	sctlr_el2, x0
	isb
	ldr	x0, =boot_virtual
	br	x0
9:	ldp	x18, x19, [sp, #8 * 18]	// the others boot_cpu has kept
	ldr	x30, [sp, #8 * 30]
	mov	x0, #-12		// -CV_ENOMEM
	eret

leave_phys:
	ldr	x0, =0x30c50830		// SCTLR RES1: MMU and caches off
	msr	sctlr_el2, x0
	isb
	tlbi	alle2
	tlbi	vmalls12e1
	dsb	sy
	isb
	msr	hcr_el2, x1
	msr	vttbr_el2, xzr
	isb
	mrs	x0, tpidr_el2
	mrs	x1, far_el2
	eret
	.ltorg

	.org	boot_own + 0x200	// from the guest
	cmp	x0, #0			// HVC_SET_VECTORS
	b.ne	1f
	msr	vbar_el2, x1
	eret
1:	cmp	x0, #1			// HVC_SOFT_RESTART
	b.ne	2f
	mov	x16, x1			// as the stub: entry in x1, arguments in x2 to x4
	mov	x0, x2
	mov	x1, x3
	mov	x2, x4
	br	x16
2:	movz	x16, #(CV_HVC_ENTER >> 16), lsl #16
	movk	x16, #(CV_HVC_ENTER & 0xffff)
	cmp	x0, x16
	b.eq	boot_enter
	cmp	x0, #2			// HVC_RESET_VECTORS: these are
	csel	x0, xzr, x0, eq
	b.eq	3f
	movz	x0, #0xbad, lsl #16	// HVC_STUB_ERR
	movk	x0, #0xca11
3:	eret

	.text
boot_virtual:
	ldr	x0, =HV_IMAGE		// vectors
	msr	vbar_el2, x0
	ldr	x0, =(HV_STACK_TOP - HV_REGS_SIZE)
	mov	sp, x0
	mov	x1, sp
	mov	w0, w19
	bl	hv_enter		// result in regs->x[0]
	b	guest_return

/* C functions keep x19 to x29, and the compiler leaves x10 to x15 and x18 alone (hypervisor/rules.mk):
 * these are what an exit changes. The frame (struct regs) has room for all. */
.macro	save_quick
	stp	x0, x1, [sp, #-HV_REGS_SIZE]!
	pair	stp, 2, 3
	pair	stp, 4, 5
	pair	stp, 6, 7
	pair	stp, 8, 9
	pair	stp, 16, 17
	str	x30, [sp, #8 * 30]
.endm

.macro	return_quick
	pair	ldp, 2, 3
	pair	ldp, 4, 5
	pair	ldp, 6, 7
	pair	ldp, 8, 9
	pair	ldp, 16, 17
	ldr	x30, [sp, #8 * 30]
	ldp	x0, x1, [sp], #HV_REGS_SIZE
	eret
.endm

/* The rest of the frame, for what looks at all registers or sets them. */
.macro	save_rest
	unkept	stp
	kept	stp
	mov	x0, sp
.endm

.macro	exit_sync			// all of it in place: 32 instructions fit
	.balign	0x80
	save_quick
	mrs	x1, esr_el2
	mov	x0, sp
	bl	trap_sync
	cbz	w0, 1f
	return_quick
1:	save_rest
	bl	trap_rest
	b	guest_return
.endm

.macro	exit_irq
	.balign	0x80
	save_quick
	bl	trap_irq
	cbz	w0, 1f
	return_quick
1:	save_rest
	bl	cpu_wait
	b	guest_return
.endm

.macro	exit_serror
	.balign	0x80
	save_quick
	save_rest
	bl	trap_serror
	b	guest_return
.endm

	.section .vectors, "ax"
	.rept	2			// from AArch64 guests, from AArch32 guests
	exit_sync
	exit_irq
	vector	hv_broken
	exit_serror
	.endr

	.text
guest_return:
	unkept	ldp
	kept	ldp
	return_quick

/* void leave_el2(struct regs *regs, u64 phys_base, u64 hcr): gives the CPU back with the MMU off and the
 * boot vectors in place. Ends in the identity-mapped boot section. */
	.globl	leave_el2
leave_el2:
	mov	sp, x0
	adr	x3, leave_phys
	ldr	x4, =HV_IMAGE
	sub	x3, x3, x4
	add	x0, x3, x1		// physical address of leave_phys
	add	x4, x1, #CV_IMAGE_VECTORS
	msr	vbar_el2, x4
	mov	x1, x2
	ldp	x4, x5, [sp]		// two registers wait where the kernel keeps nothing
	msr	tpidr_el2, x4
	msr	far_el2, x5
	pair	ldp, 2, 3
	pair	ldp, 4, 5
	pair	ldp, 6, 7
	pair	ldp, 8, 9
	unkept	ldp
	pair	ldp, 16, 17
	kept	ldp
	ldr	x30, [sp, #8 * 30]
	br	x0
