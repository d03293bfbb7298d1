// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Chooses the console driver, and writes. */
#include "uart.h"

#define TURNS 1000000 /* many times what a byte takes at the slowest rate in use, and below a second */

void uart_select(struct uart *u, const struct cv_console *c, uint64_t base)
{
	static const struct uart_driver *const drivers[] = {
#define UART(name) &uart_##name,
#include "uart.def"
#undef UART
	};

	*u = (struct uart){.base = base};
	for (unsigned i = 0; i < sizeof(drivers) / sizeof(*drivers); i++)
		if (drivers[i]->type == c->type)
			u->driver = drivers[i];
	if (!u->driver || !u->driver->numbered)
		return;
	u->bytes = !(c->flags & CV_CONSOLE_REGDIST_4);
	u->shift = u->bytes ? 0 : 2;
}

void uart_init(struct uart *u, const struct cv_console *c, uint64_t base)
{
	uart_select(u, c, base);
	if (u->driver && u->driver->init)
		u->driver->init(u, c);
}

void uart_putc(struct uart *u, char c)
{
	const struct uart_driver *d = u->driver;
	uint32_t left = u->stuck ? 1 : TURNS;

	if (!d)
		return;
	while (left && (uart_read(u, d->status) & d->mask) != d->ready)
		left--;
	u->stuck = !left;
	if (left)
		uart_write(u, d->data, (uint8_t)c);
}
