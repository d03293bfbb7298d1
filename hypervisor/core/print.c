// SPDX-License-Identifier: GPL-2.0-only
/* The console: the debug UART, and the ring that root reads if it may. */
#include "arch.h"
#include "format.h"
#include "uart.h"

static struct spinlock print_lock;
static struct uart uart;

/* Pages of their own: they may be mapped to root. */
struct cv_console_ring console_ring __attribute__((aligned(4096)));

static void put_char(void *to, char c)
{
	u32 head = console_ring.head;

	(void)to;
	console_ring.text[head % CV_CONSOLE_SIZE] = c;
	__atomic_store_n(&console_ring.head, head + 1, __ATOMIC_RELEASE);
	if (c == '\n')
		uart_putc(&uart, '\r');
	uart_putc(&uart, c);
}

void print_char(char c)
{
	spin_lock(&print_lock);
	put_char(NULL, c);
	spin_unlock(&print_lock);
}

void printk(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	spin_lock(&print_lock);
	for (const char *who = "cellvisor: "; *who; who++)
		put_char(NULL, *who);
	format(put_char, NULL, fmt, ap);
	put_char(NULL, '\n');
	spin_unlock(&print_lock);
	va_end(ap);
}

int console_init(void)
{
	const struct cv_console *c = &hv.system->debug_console;
	u64 base = HV_CONSOLE + (c->address & ~PAGE_MASK);
	struct access a = {.size = 4};

	uart_select(&uart, c, base);
	if (!uart.driver)
		return 0;
	if (uart.bytes)
		a.size = 1;
	if (arch_access(&a, (void *)uart_at(&uart, uart.driver->status))) {
		uart_init(&uart, c, base);
		print_char('\n'); /* whatever stands in the line */
		return 0;
	}
	uart.driver = NULL;
	printk("no console at 0x%lx", c->address);
	return -CV_EIO;
}
