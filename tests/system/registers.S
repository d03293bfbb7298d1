// SPDX-License-Identifier: GPL-2.0-only
/*
 * An inmate that looks for what the guest before it left in the CPU's registers: says "registers:
 * clean" or "registers: NOT CLEAN" with the number of the first group that was not zero, then fills
 * them all and says "registers: filled". Linked for guest address 0; MMU off. Never asked: passive.
 *
 * Groups: 1 general, 2 vector, 3 floating-point control, 4 memory, 5 exceptions, 6 threads, 7 timers.
 */
	.globl _start
_start:
	.irp	n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
	orr	x0, x0, x\n
	.endr
	mov	x1, sp
	orr	x0, x0, x1
	mov	x20, #1
	cbnz	x0, dirty

	mov	x20, #2
	mrs	x0, cpacr_el1
	cbnz	x0, dirty
	mov	x1, #(3 << 20)
	msr	cpacr_el1, x1
	isb
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	mov	x1, v\n\().d[0]
	orr	x0, x0, x1
	mov	x1, v\n\().d[1]
	orr	x0, x0, x1
	.endr
	cbnz	x0, dirty

.macro	collect group, regs:vararg
	mov	x20, #\group
	.irp	reg, \regs
	mrs	x1, \reg
	orr	x0, x0, x1
	.endr
	cbnz	x0, dirty
.endm
	collect	3, fpcr, fpsr
	collect	4, ttbr0_el1, ttbr1_el1, tcr_el1, mair_el1, amair_el1, contextidr_el1, par_el1, csselr_el1
	collect	5, vbar_el1, esr_el1, far_el1, afsr0_el1, afsr1_el1, elr_el1, spsr_el1
	collect	6, tpidr_el0, tpidr_el1, tpidrro_el0, sp_el0
	collect	7, cntkctl_el1, cntv_ctl_el0, cntp_ctl_el0, cntv_cval_el0, cntp_cval_el0
	adr	x19, clean
	b	say

dirty:	adr	x19, not_clean
	add	w20, w20, #'0'
say:	bl	print
	b	fill

print:	mov	x21, x30
1:	ldrb	w1, [x19], #1
	cbz	w1, 2f
	cmp	w1, #'#'
	csel	w1, w20, w1, eq
	mov	x0, #8			/* console putc */
	hvc	#0x4a48
	b	1b
2:	ret	x21

fill:	adr	x19, filled
	bl	print
	ldr	x0, =0x5ec4e75ec4e75ec4
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	dup	v\n\().2d, x0
	.endr
	.irp	reg, fpsr, ttbr0_el1, ttbr1_el1, mair_el1, contextidr_el1, par_el1, vbar_el1, esr_el1, far_el1, elr_el1, tpidr_el0, tpidr_el1, tpidrro_el0, sp_el0, cntv_cval_el0, cntp_cval_el0
	msr	\reg, x0
	.endr
	mov	x1, #0xc00000		/* rounding mode */
	msr	fpcr, x1
	mov	x1, #3
	msr	cntkctl_el1, x1
	mov	x1, #2			/* masked, off */
	msr	cntv_ctl_el0, x1
	msr	cntp_ctl_el0, x1
	mov	sp, x0
	.irp	n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
	mov	x\n, x0
	.endr
2:	wfi
	b	2b
	.ltorg
clean:	.asciz	"registers: clean\n"
not_clean: .asciz "registers: NOT CLEAN, group #\n"
filled:	.asciz	"registers: filled\n"
