/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One access to a device's register on behalf of a guest, which the bus may answer with an error: a
 * guest must not be able to break the hypervisor by what it asks of its own device. What the guest's
 * exit left in EL2's registers is as before then, as if there had been no second exception.
 *
 * struct bus_result bus_access(void *at, u64 value, u32 how): how is the logarithm of the size, and 4
 * for a write. Result: value (x0), failed (x1).
 */
	.text
	.balign	4
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

failed:
	msr	elr_el2, x4
	msr	spsr_el2, x5
	msr	esr_el2, x6
	msr	far_el2, x7
	isb
	mov	x0, #0
	mov	x1, #1
	ret

/* An exception of the hypervisor's own. In an access as above it is a data abort (EC 0x25), and the
 * access has failed; elsewhere it is the end. x2 and x8 hold nothing there. */
	.globl	own_sync
own_sync:
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
