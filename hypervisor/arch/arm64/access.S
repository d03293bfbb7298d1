/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * EL2's own exceptions: vectors 4 to 7 of the hypervisor's table, code in the room behind them, and the
 * one access that may cause such an exception.
 *
 * struct bus_result bus_access(void *at, u64 value, u32 how): one access to a device's register on
 * behalf of a guest, which the bus may answer with an error: a guest must not be able to break the
 * hypervisor by what it asks of its own device. how is the logarithm of the size, and 4 for a write.
 * Result: value (x0), failed (x1). What the guest's exit left in EL2's registers is as before then, as
 * if there had been no second exception.
 */
#include "../../include/layout.h"

	.section .vectors.own, "ax"
	.balign	0x80
/* Synchronous. In an access as below it is a data abort (EC 0x25), and the access has failed; elsewhere
 * it is the end. x2 and x8 hold nothing there. */
	mrs	x8, elr_el2
	adr	x2, guarded
	sub	x8, x8, x2
	cmp	x8, #(guarded_end - guarded)
	b.hs	hv_broken
	mrs	x8, esr_el2
	lsr	x8, x8, #26
	cmp	x8, #0x25
	b.ne	hv_broken
	adr	x8, failed
	msr	elr_el2, x8
	eret
failed:
	msr	elr_el2, x4
	msr	spsr_el2, x5
	msr	esr_el2, x6
	msr	far_el2, x7
	isb
	mov	x0, #0
	mov	x1, #1
	ret

	.balign	0x80			// IRQ
	b	hv_broken
	.globl	bus_access
bus_access:
	mov	x3, x1
	mov	x1, #0
	mrs	x4, elr_el2
	mrs	x5, spsr_el2
	mrs	x6, esr_el2
	mrs	x7, far_el2
	adr	x8, guarded
	add	x8, x8, x2, lsl #3
	br	x8
guarded:
	ldrb	w0, [x0]
	ret
	ldrh	w0, [x0]
	ret
	ldr	w0, [x0]
	ret
	ldr	x0, [x0]
	ret
	strb	w3, [x0]
	ret
	strh	w3, [x0]
	ret
	str	w3, [x0]
	ret
	str	x3, [x0]
	ret
guarded_end:

	.balign	0x80			// FIQ
	.globl	hv_broken
hv_broken:
	ldr	x3, =HV_STACK_TOP	// the stack may be what is broken
	mov	sp, x3
	mrs	x0, esr_el2
	mrs	x1, elr_el2
	mrs	x2, far_el2
	bl	trap_own
1:	wfi
	b	1b
	.ltorg

	.balign	0x80			// system error, where forget_errors waits for it: over with that
	eret
