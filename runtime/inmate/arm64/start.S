/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Start at EL1, MMU off (abi.md 5): bss, stack, vectors, MMU, then C. Also where the other CPUs
 * come in, with their start record in x0, and the exception vectors. INMATE_FP: the program is
 * compiled with floating point, and interrupts keep its registers.
 */
	.section .start, "ax"
	.globl	_start
_start:
	adrp	x0, __bss_start
	add	x0, x0, :lo12:__bss_start
	adrp	x1, __bss_end
	add	x1, x1, :lo12:__bss_end
1:	cmp	x0, x1
	b.hs	2f
	stp	xzr, xzr, [x0], #16
	b	1b
2:	adrp	x0, stacks
	add	x0, x0, :lo12:stacks
	add	sp, x0, #0x2, lsl #12
	msr	tpidr_el1, xzr
	bl	cpu_setup
	bl	mmu_init
	bl	mmu_on
	bl	inmate_main
	b	inmate_stop

	.globl	secondary_start
secondary_start:			// x0: struct start {stack, index, function}
	ldr	x1, [x0]
	mov	sp, x1
	ldr	x1, [x0, #8]
	msr	tpidr_el1, x1
	ldr	x19, [x0, #16]
	bl	cpu_setup
	bl	mmu_on
	blr	x19
3:	wfi
	b	3b

cpu_setup:
	adrp	x1, vectors
	add	x1, x1, :lo12:vectors
	msr	vbar_el1, x1
	mov	x1, #(3 << 20)		// FP and SIMD do not trap (CPACR_EL1.FPEN)
	msr	cpacr_el1, x1
	isb
	ret

	.globl	mmu_on
mmu_on:
	ldr	x1, =0xff04		// MAIR: 0 device nGnRE, 1 write-back
	msr	mair_el1, x1
	mrs	x2, id_aa64mmfr0_el1
	and	x2, x2, #7
	ldr	x1, =0x803519		// TCR: T0SZ 25, inner shareable, write-back, no TTBR1
	orr	x1, x1, x2, lsl #32
	msr	tcr_el1, x1
	adrp	x1, mmu_tables
	add	x1, x1, :lo12:mmu_tables
	msr	ttbr0_el1, x1
	dsb	sy
	isb
	tlbi	vmalle1
	ic	iallu
	dsb	sy
	isb
	mrs	x1, sctlr_el1
	mov	x2, #0x1005		// I, C, M
	orr	x1, x1, x2
	msr	sctlr_el1, x1
	isb
	ret

// void caches_off(const void *start, u64 size): flushes that, then MMU and data caches off. Nothing is
// written between the two, hence no C and no stack.
	.globl	caches_off
caches_off:
	mov	x7, x30
	bl	cache_flush
	mrs	x0, sctlr_el1
	bic	x0, x0, #1 << 2		// C
	bic	x0, x0, #1		// M
	msr	sctlr_el1, x0
	isb
	ret	x7

// void cache_flush(const void *start, u64 size): uses x0 to x3 alone
	.globl	cache_flush
cache_flush:
	mrs	x2, ctr_el0
	ubfx	x2, x2, #16, #4		// DminLine: log2 of words
	mov	x3, #4
	lsl	x3, x3, x2
	add	x1, x0, x1
	sub	x2, x3, #1
	bic	x0, x0, x2
1:	cmp	x0, x1
	b.hs	2f
	dc	civac, x0
	add	x0, x0, x3
	b	1b
2:	dsb	sy
	ret
	.ltorg

	.text
.macro vector target
	.balign	0x80
	b	\target
.endm
	.balign	0x800
vectors:
	.rept	4
	vector	fault
	.endr
	vector	fault
	vector	irq
	vector	irq
	vector	fault
	.rept	8
	vector	fault
	.endr

irq:	sub	sp, sp, #192
	stp	x0, x1, [sp]
	stp	x2, x3, [sp, #16]
	stp	x4, x5, [sp, #32]
	stp	x6, x7, [sp, #48]
	stp	x8, x9, [sp, #64]
	stp	x10, x11, [sp, #80]
	stp	x12, x13, [sp, #96]
	stp	x14, x15, [sp, #112]
	stp	x16, x17, [sp, #128]
	stp	x18, x30, [sp, #144]
	mrs	x0, elr_el1
	mrs	x1, spsr_el1
	stp	x0, x1, [sp, #160]
#ifdef INMATE_FP
	bl	save_fp
#endif
	bl	gic_dispatch
#ifdef INMATE_FP
	bl	restore_fp
#endif
	ldp	x0, x1, [sp, #160]
	msr	elr_el1, x0
	msr	spsr_el1, x1
	ldp	x2, x3, [sp, #16]
	ldp	x4, x5, [sp, #32]
	ldp	x6, x7, [sp, #48]
	ldp	x8, x9, [sp, #64]
	ldp	x10, x11, [sp, #80]
	ldp	x12, x13, [sp, #96]
	ldp	x14, x15, [sp, #112]
	ldp	x16, x17, [sp, #128]
	ldp	x18, x30, [sp, #144]
	ldp	x0, x1, [sp], #192
	eret

#ifdef INMATE_FP
save_fp:
	sub	sp, sp, #528
	stp	q0, q1, [sp, #16]
	stp	q2, q3, [sp, #48]
	stp	q4, q5, [sp, #80]
	stp	q6, q7, [sp, #112]
	stp	q8, q9, [sp, #144]
	stp	q10, q11, [sp, #176]
	stp	q12, q13, [sp, #208]
	stp	q14, q15, [sp, #240]
	stp	q16, q17, [sp, #272]
	stp	q18, q19, [sp, #304]
	stp	q20, q21, [sp, #336]
	stp	q22, q23, [sp, #368]
	stp	q24, q25, [sp, #400]
	stp	q26, q27, [sp, #432]
	stp	q28, q29, [sp, #464]
	stp	q30, q31, [sp, #496]
	mrs	x0, fpcr
	mrs	x1, fpsr
	stp	x0, x1, [sp]
	ret
restore_fp:
	ldp	x0, x1, [sp]
	msr	fpcr, x0
	msr	fpsr, x1
	ldp	q0, q1, [sp, #16]
	ldp	q2, q3, [sp, #48]
	ldp	q4, q5, [sp, #80]
	ldp	q6, q7, [sp, #112]
	ldp	q8, q9, [sp, #144]
	ldp	q10, q11, [sp, #176]
	ldp	q12, q13, [sp, #208]
	ldp	q14, q15, [sp, #240]
	ldp	q16, q17, [sp, #272]
	ldp	q18, q19, [sp, #304]
	ldp	q20, q21, [sp, #336]
	ldp	q22, q23, [sp, #368]
	ldp	q24, q25, [sp, #400]
	ldp	q26, q27, [sp, #432]
	ldp	q28, q29, [sp, #464]
	ldp	q30, q31, [sp, #496]
	add	sp, sp, #528
	ret
#endif

fault:	mrs	x0, esr_el1
	mrs	x1, elr_el1
	mrs	x2, far_el1
	b	inmate_fault

	.globl	hypercall
hypercall:
	hvc	#0x4a48
	ret
	.globl	psci
psci:	hvc	#0
	ret
	.globl	smc
smc:	smc	#0
	ret
