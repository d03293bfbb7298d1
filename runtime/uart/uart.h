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
	uint8_t numbered; /* registers are bytes, each a word of its own if the console says so */
	uint8_t status, data; /* registers */
	uint16_t mask, ready; /* the masked status says this while there is room for a byte */
	void (*init)(struct uart *u, const struct cv_console *c); /* NULL: the firmware did it */
};

struct uart {
	const struct uart_driver *driver; /* NULL: no output */
	uint64_t base; /* where the registers are mapped */
	uint8_t shift; /* what is between registers */
	uint8_t bytes; /* a register is one */
	uint8_t stuck; /* there was no room for long */
};

/* Chooses the driver for the console's type; base is where its registers can be reached. Touches none. */
void uart_select(struct uart *u, const struct cv_console *c, uint64_t base);
/* The same, and sets the UART up. */
void uart_init(struct uart *u, const struct cv_console *c, uint64_t base);
/*
 * Waits for room and writes one byte; nothing without a driver. The wait has an end: the byte is lost
 * then, as are those that follow, without another wait, until there is room again.
 */
void uart_putc(struct uart *u, char c);

#define UART(name) extern const struct uart_driver uart_##name;
#include "uart.def"
#undef UART

static inline uint64_t uart_at(const struct uart *u, uint32_t reg)
{
	return u->base + (reg << u->shift);
}

static inline uint32_t uart_read(const struct uart *u, uint32_t reg)
{
	uint64_t at = uart_at(u, reg);

	return u->bytes ? *(volatile uint8_t *)at : *(volatile uint32_t *)at;
}

static inline void uart_write(const struct uart *u, uint32_t reg, uint32_t v)
{
	uint64_t at = uart_at(u, reg);

	if (u->bytes)
		*(volatile uint8_t *)at = (uint8_t)v;
	else
		*(volatile uint32_t *)at = v;
}

#endif
