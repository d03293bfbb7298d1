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

static void uart8250_init(struct uart *u, const struct cv_console *c)
{
	if (!c->divider)
		return;
	uart_write(u, LCR, LCR_DLAB);
	uart_write(u, DLL, c->divider & 0xff);
	uart_write(u, DLM, c->divider >> 8 & 0xff);
	uart_write(u, LCR, LCR_8N1);
}

const struct uart_driver uart_8250 = {
	.type = CV_CONSOLE_8250,
	.numbered = 1,
	.status = LSR,
	.mask = LSR_THRE,
	.ready = LSR_THRE,
	.data = THR,
	.init = uart8250_init,
};
