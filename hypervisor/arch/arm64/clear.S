/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * FP, SIMD, SVE and SME registers to zero, so that nothing of one cell is seen in the next. Called
 * with the traps of CPTR_EL2 off. Writing V registers zeroes the rest of the Z registers (DDI 0487
 * B1.2.1).
 */
	.arch	armv8-a+fp+simd
	.text
	.balign	4
	.globl	clear_fp
clear_fp:
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	movi	v\n\().2d, #0
	.endr
	.irp	n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	movi	v\n\().2d, #0
	.endr
	msr	fpcr, xzr
	msr	fpsr, xzr
	ret

	.arch	armv8-a+sve
	.globl	clear_sve
clear_sve:
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	pfalse	p\n\().b
	.endr
	wrffr	p0.b
	ret
