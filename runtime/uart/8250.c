// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* 8250 family, memory-mapped, registers 1 or 4 bytes apart (NS16550AF data sheet). */
#include "uart.h"

#define THR	 0
#define LCR	 3
#define LSR	 5
#define DLL	 0
#define DLM	 1
#define LCR_DLAB 0x80u
#define LCR_8N1	 0x03u
#define LSR_THRE 0x20u

static void put(struct uart *u, uint32_t reg, uint8_t v)
{
	if (u->shift)
		uart_write32(u, reg << u->shift, v);
	else
		*(volatile uint8_t *)(u->base + reg) = v;
}

static uint8_t get(struct uart *u, uint32_t reg)
{
	return u->shift ? (uint8_t)uart_read32(u, reg << u->shift)
			: *(volatile uint8_t *)(u->base + reg);
}

static void uart8250_init(struct uart *u, const struct cv_console *c)
{
	u->shift = c->flags & CV_CONSOLE_REGDIST_4 ? 2 : 0;
	if (!c->divider)
		return;
	put(u, LCR, LCR_DLAB);
	put(u, DLL, (uint8_t)c->divider);
	put(u, DLM, (uint8_t)(c->divider >> 8));
	put(u, LCR, LCR_8N1);
}

static void uart8250_putc(struct uart *u, char c)
{
	while (!(get(u, LSR) & LSR_THRE))
		;
	put(u, THR, (uint8_t)c);
}

const struct uart_driver uart_8250 = {CV_CONSOLE_8250, uart8250_init, uart8250_putc};
