// SPDX-License-Identifier: GPL-2.0-only
/* The smallest inmate: prints a line through the hypervisor, then sleeps. Linked for guest address 0. */
	.globl _start
_start:
	adr	x19, text
1:	ldrb	w1, [x19], #1
	cbz	w1, 2f
	mov	x0, #8			/* console putc */
	hvc	#0x4a48
	b	1b
2:	wfi
	b	2b
text:	.asciz	"hello from the cell\n"
