// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Cadence UART of the Zynq families (Zynq UltraScale+ TRM UG1085, ch. 21; UG1087 register set). */
#include "uart.h"

#define CR	  0x00
#define SR	  0x2c
#define FIFO	  0x30
#define CR_TX_EN  0x10u
#define CR_TX_DIS 0x20u
#define SR_TXFULL (1u << 4)

static void xuartps_init(struct uart *u, const struct cv_console *c)
{
	(void)c;
	uart_write(u, CR, (uart_read(u, CR) & ~CR_TX_DIS) | CR_TX_EN);
}

const struct uart_driver uart_xuartps = {
	.type = CV_CONSOLE_XUARTPS,
	.status = SR,
	.mask = SR_TXFULL,
	.data = FIFO,
	.init = xuartps_init,
};
