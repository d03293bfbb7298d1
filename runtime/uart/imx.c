// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* UART of the i.MX families (i.MX 6/7/8M reference manuals, chapter UART): set up by firmware. */
#include "uart.h"

#define UTXD	  0x40
#define USR1	  0x94
#define USR1_TRDY (1u << 13)

static void imx_init(struct uart *u, const struct cv_console *c)
{
	(void)u;
	(void)c;
}

static void imx_putc(struct uart *u, char c)
{
	while (!(uart_read32(u, USR1) & USR1_TRDY))
		;
	uart_write32(u, UTXD, (uint8_t)c);
}

const struct uart_driver uart_imx = {CV_CONSOLE_IMX, imx_init, imx_putc};
