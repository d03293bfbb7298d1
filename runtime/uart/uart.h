/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Console output for hypervisor and inmates: one source, built for both.
 */
#ifndef RUNTIME_UART_H
#define RUNTIME_UART_H

#include "../abi/cell_config.h"

struct uart;

struct uart_driver {
	uint16_t type; /* CV_CONSOLE_* */
	void (*init)(struct uart *u, const struct cv_console *c);
	void (*putc)(struct uart *u, char c);
};

struct uart {
	const struct uart_driver *driver; /* NULL: no output */
	uint64_t base; /* where the registers are mapped */
	uint32_t shift;
};

/* Chooses the driver for the console's type; base is where its registers can be reached. */
void uart_init(struct uart *u, const struct cv_console *c, uint64_t base);
/* Waits for room and writes one byte; nothing without a driver. */
void uart_putc(struct uart *u, char c);

#define UART(name) extern const struct uart_driver uart_##name;
#include "uart.def"
#undef UART

static inline uint32_t uart_read32(const struct uart *u, uint32_t reg)
{
	return *(volatile uint32_t *)(u->base + reg);
}

static inline void uart_write32(const struct uart *u, uint32_t reg, uint32_t v)
{
	*(volatile uint32_t *)(u->base + reg) = v;
}

#endif
