// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Chooses the console driver. */
#include "uart.h"

void uart_init(struct uart *u, const struct cv_console *c, uint64_t base)
{
	static const struct uart_driver *const drivers[] = {
#define UART(name) &uart_##name,
#include "uart.def"
#undef UART
	};

	u->driver = 0;
	u->base = base;
	for (unsigned i = 0; i < sizeof(drivers) / sizeof(*drivers); i++)
		if (drivers[i]->type == c->type)
			u->driver = drivers[i];
	if (u->driver)
		u->driver->init(u, c);
}

void uart_putc(struct uart *u, char c)
{
	if (u->driver)
		u->driver->putc(u, c);
}
