// SPDX-License-Identifier: GPL-2.0-only
/*
 * Answers what comes on the cell's own UART, a line at a time, by the UART's receive interrupt.
 * irq= its INTID. Counts the interrupts, and those that nobody asked for. "busy" as a line keeps it
 * in the handler for ever, the interrupt active.
 */
#include "inmate.h"

#define BIT(n) (1u << (n))

/* Xilinx UARTPS, UG1085 (Zynq UltraScale+) chapter 21, register reference UG1087 */
#define PS_CR	  0x00
#define PS_IER	  0x08
#define PS_ISR	  0x14
#define PS_RXWM	  0x20
#define PS_SR	  0x2c
#define PS_FIFO	  0x30
#define PS_ENABLE (BIT(2) | BIT(4)) /* receiver, transmitter */
#define PS_RTRIG  BIT(0)
#define PS_REMPTY BIT(1)

/* 8250 */
#define RBR    0
#define IER    1
#define IIR    2
#define MCR    4
#define LSR    5
#define IER_RX BIT(0)
#define OUT2   BIT(3)
#define LSR_DR BIT(0)

static u64 base;
static u32 type, intid;
static volatile u32 interrupts, others;
static char line[64];
static volatile u32 length, lines;

static bool has_byte(void)
{
	return type == CV_CONSOLE_XUARTPS ? !(mmio_read32(base + PS_SR) & PS_REMPTY)
				      : mmio_read8(base + LSR) & LSR_DR;
}

static char take_byte(void)
{
	return (char)(type == CV_CONSOLE_XUARTPS ? mmio_read32(base + PS_FIFO)
						 : mmio_read8(base + RBR));
}

static void receive(void)
{
	while (has_byte()) {
		char c = take_byte();

		if (c == '\n') {
			line[length] = 0;
			lines++;
			length = 0;
		} else if (length < sizeof(line) - 1) {
			line[length++] = c;
		}
	}
}

static bool is(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

static void on_irq(u32 n)
{
	if (n != intid) {
		others++;
		return;
	}
	interrupts++;
	if (type == CV_CONSOLE_XUARTPS)
		mmio_write32(base + PS_ISR, PS_RTRIG);
	receive();
	while (lines && is(line, "busy"))
		cpu_relax();
}

static void receiver_on(void)
{
	if (type == CV_CONSOLE_XUARTPS) {
		mmio_write32(base + PS_CR, PS_ENABLE);
		mmio_write32(base + PS_RXWM, 1);
		mmio_write32(base + PS_ISR, ~0u);
		mmio_write32(base + PS_IER, PS_RTRIG);
		return;
	}
	mmio_write8(base + IER, 0);
	mmio_read8(base + IIR);
	mmio_write8(base + MCR, OUT2);
	mmio_write8(base + IER, IER_RX);
}

void inmate_main(void)
{
	u32 done = 0;

	type = comm_region()->console.type;
	base = comm_region()->console.address;
	intid = (u32)cmdline_int("irq", 0);
	gic_init(on_irq);
	gic_enable(intid);
	receiver_on();
	printk("uart-echo: here, %u interrupts\n", interrupts);
	for (;;) {
		__asm__ volatile("msr daifset, #2" ::: "memory"); /* none between look and sleep */
		if (lines == done)
			cpu_idle();
		__asm__ volatile("msr daifclr, #2" ::: "memory");
		if (lines == done)
			continue;
		done = lines;
		printk("uart-echo: got \"%s\", %u interrupts, %u others\n", line, interrupts, others);
	}
}
