// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* UART of the i.MX families (i.MX 6/7/8M reference manuals, chapter UART): set up by firmware. */
#include "uart.h"

#define UTXD	  0x40
#define USR1	  0x94
#define USR1_TRDY (1u << 13)

const struct uart_driver uart_imx = {
	.type = CV_CONSOLE_IMX,
	.status = USR1,
	.mask = USR1_TRDY,
	.ready = USR1_TRDY,
	.data = UTXD,
};
