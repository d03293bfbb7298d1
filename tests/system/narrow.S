// SPDX-License-Identifier: GPL-2.0-only
/*
 * A 32-bit inmate for a cell of two CPUs: says in which state it starts, asks PSCI, starts its other
 * CPU, rings it by an SGI, takes ten timer interrupts. With a command line it ends by a read of
 * memory that it does not have. Linked for guest address 0, MMU off.
 */
	.syntax	unified
	.arch	armv7-a
	.arch_extension virt

	.equ	COMM, 0x80000000	@ gic_version at 64, gicd at 72, gicc at 80, gicr at 88
	.equ	TIMER, 27
	.equ	SGI, 3

	.globl	_start
_start:
	mrs	r4, cpsr
	bl	cpu_init
	mov	sp, #0x8000
	adr	r0, text_state
	mov	r1, r4
	bl	line
	movw	r0, #0			@ PSCI_VERSION
	movt	r0, #0x8400
	hvc	#0
	mov	r1, r0
	adr	r0, text_psci
	bl	line
	mrc	p15, 0, r1, c0, c0, 5	@ MPIDR: the other CPU is the neighbour
	ubfx	r1, r1, #0, #24
	eor	r8, r1, #1
	mov	r1, r8
	ldr	r2, =other
	movw	r3, #0xbeef
	movt	r3, #0xdead
	movw	r0, #3			@ CPU_ON
	movt	r0, #0x8400
	hvc	#0
	mov	r1, r0
	adr	r0, text_on
	bl	line
	ldr	r5, =up
1:	yield
	ldr	r1, [r5]
	cmp	r1, #0
	beq	1b
	adr	r0, text_up
	bl	line
	bl	ring
	ldr	r5, =rung
2:	yield
	ldr	r1, [r5]
	cmp	r1, #0
	beq	2b
	adr	r0, text_rung
	bl	line
	bl	timer
	cpsie	i
	ldr	r5, =ticks
3:	wfi
	ldr	r1, [r5]
	cmp	r1, #10
	blo	3b
	adr	r0, text_ticks
	bl	line
	mov	r0, #0x1000
	ldrb	r1, [r0]
	cmp	r1, #0
	beq	4f
	mov	r0, #0x60000000
	ldr	r1, [r0]
	adr	r0, text_read
	bl	line
4:	wfi
	b	4b

other:
	mov	r4, r0			@ context
	bl	cpu_init
	mov	sp, #0x7000
	ldr	r5, =up
	str	r4, [r5]
	cpsie	i
5:	wfi
	b	5b

text_state:	.asciz	"narrow: starts with cpsr "
text_psci:	.asciz	"narrow: PSCI "
text_on:	.asciz	"narrow: CPU_ON "
text_up:	.asciz	"narrow: other CPU, context "
text_rung:	.asciz	"narrow: other CPU, interrupt "
text_ticks:	.asciz	"narrow: timer interrupts "
text_read:	.asciz	"narrow: read "
	.balign	4
	.ltorg

@ vectors, then this CPU's interface of the GIC with SGI and timer enabled
cpu_init:
	ldr	r0, =vectors
	mcr	p15, 0, r0, c12, c0, 0	@ VBAR
	mov	r7, #COMM
	ldr	r2, =((1 << TIMER) | (1 << SGI))
	ldrb	r1, [r7, #64]
	cmp	r1, #3
	beq	6f
	ldr	r0, [r7, #72]
	str	r2, [r0, #0x100]	@ GICD_ISENABLER0
	ldr	r0, [r7, #80]
	mov	r1, #0xf0
	str	r1, [r0, #4]		@ GICC_PMR
	mov	r1, #1
	str	r1, [r0]		@ GICC_CTLR
	bx	lr
6:	ldr	r0, [r7, #88]
	mrc	p15, 0, r3, c0, c0, 5
	ubfx	r3, r3, #0, #24
7:	ldr	r1, [r0, #12]		@ GICR_TYPER, upper half: affinity
	cmp	r1, r3
	addne	r0, r0, #0x20000
	bne	7b
	add	r0, r0, #0x10000
	str	r2, [r0, #0x100]	@ GICR_ISENABLER0
	mov	r1, #0xf0
	mcr	p15, 0, r1, c4, c6, 0	@ ICC_PMR
	mov	r1, #1
	mcr	p15, 0, r1, c12, c12, 7	@ ICC_IGRPEN1
	isb
	bx	lr

@ SGI to the CPU of affinity r8 (level 0 below 8 and no other levels, on the machines of the tests)
ring:
	mov	r7, #COMM
	mov	r1, #1
	lsl	r1, r1, r8
	ldrb	r0, [r7, #64]
	cmp	r0, #3
	beq	8f
	ldr	r0, [r7, #72]
	lsl	r1, r1, #16
	orr	r1, r1, #SGI
	str	r1, [r0, #0xf00]	@ GICD_SGIR
	bx	lr
8:	orr	r1, r1, #(SGI << 24)
	mov	r2, #0
	mcrr	p15, 0, r1, r2, c12	@ ICC_SGI1R
	isb
	bx	lr

timer:
	mrc	p15, 0, r0, c14, c0, 0	@ CNTFRQ
	lsr	r0, r0, #7
	mcr	p15, 0, r0, c14, c3, 0	@ CNTV_TVAL
	mov	r0, #1
	mcr	p15, 0, r0, c14, c3, 1	@ CNTV_CTL
	isb
	bx	lr

	.balign	32
vectors:
	b	fault
	b	fault
	b	fault
	b	fault
	b	fault
	b	fault
	b	irq
	b	fault

@ r12 is nobody's but mine; the stack pointer is that of IRQ mode
irq:
	ldr	sp, =irq_stack
	mrc	p15, 0, r12, c0, c0, 5
	tst	r12, #1
	addne	sp, sp, #64
	push	{r0 - r3, r7}
	mov	r7, #COMM
	ldrb	r0, [r7, #64]
	cmp	r0, #3
	mrceq	p15, 0, r1, c12, c12, 0	@ ICC_IAR1
	ldrne	r0, [r7, #80]
	ldrne	r1, [r0, #0xc]		@ GICC_IAR
	ubfx	r2, r1, #0, #10
	cmp	r2, #TIMER
	beq	9f
	cmp	r2, #SGI
	bne	10f
	ldr	r3, =rung
	str	r2, [r3]
	b	10f
9:	ldr	r3, =ticks
	ldr	r2, [r3]
	add	r2, r2, #1
	str	r2, [r3]
	mrc	p15, 0, r2, c14, c0, 0
	lsr	r2, r2, #7
	mcr	p15, 0, r2, c14, c3, 0
	isb
10:	ldrb	r0, [r7, #64]
	cmp	r0, #3
	mcreq	p15, 0, r1, c12, c12, 1	@ ICC_EOIR1
	ldrne	r0, [r7, #80]
	strne	r1, [r0, #0x10]		@ GICC_EOIR
	isb
	pop	{r0 - r3, r7}
	subs	pc, lr, #4

fault:
	ldr	r0, =text_fault
	mov	r1, lr
	mov	sp, #0x9000
	bl	line
	b	.
text_fault:	.asciz	"narrow: fault, lr "
	.balign	4

@ text r0, then r1 in hex
line:
	push	{r4 - r6, lr}
	mov	r4, r0
	mov	r5, r1
11:	ldrb	r1, [r4], #1
	cmp	r1, #0
	beq	12f
	bl	putc
	b	11b
12:	mov	r6, #28
13:	lsr	r1, r5, r6
	and	r1, r1, #15
	cmp	r1, #10
	addlo	r1, r1, #'0'
	addhs	r1, r1, #('a' - 10)
	bl	putc
	subs	r6, r6, #4
	bpl	13b
	mov	r1, #'\n'
	bl	putc
	pop	{r4 - r6, pc}
putc:
	mov	r0, #8			@ console putc
	hvc	#0x4a48
	bx	lr

	.ltorg
	.balign	8
up:	.word	0
rung:	.word	0
ticks:	.word	0
	.space	64
irq_stack:
	.space	64
