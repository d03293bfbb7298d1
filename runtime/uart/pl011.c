// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Arm PrimeCell UART PL011 (DDI 0183): set up by the firmware; divider sets the baud rate anew. */
#include "uart.h"

#define UARTDR	  0x00
#define UARTFR	  0x18
#define UARTIBRD  0x24
#define UARTFBRD  0x28
#define UARTLCR_H 0x2c
#define UARTCR	  0x30
#define FR_TXFF	  (1u << 5)
#define LCR_FEN	  (1u << 4)
#define LCR_8BIT  (3u << 5)
#define CR_ENABLE 0x301u /* UARTEN, TXE, RXE */

static void pl011_init(struct uart *u, const struct cv_console *c)
{
	if (c->divider) {
		uart_write(u, UARTCR, 0);
		uart_write(u, UARTIBRD, c->divider);
		uart_write(u, UARTFBRD, 0);
		uart_write(u, UARTLCR_H, LCR_8BIT | LCR_FEN);
	}
	uart_write(u, UARTCR, uart_read(u, UARTCR) | CR_ENABLE);
}

const struct uart_driver uart_pl011 = {
	.type = CV_CONSOLE_PL011,
	.status = UARTFR,
	.mask = FR_TXFF,
	.data = UARTDR,
	.init = pl011_init,
};
