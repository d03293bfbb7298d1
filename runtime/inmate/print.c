// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* printk: a line at a time, one CPU at a time (no lock without caches: then there is one CPU); and
 * text into a buffer. */
#include "format.h"
#include "inmate.h"
#include "uart.h"

static struct uart uart;
static bool ready;
static u8 lock;

static void put_char(void *to, char c)
{
	(void)to;
	if (comm_region()->flags & CV_COMM_PUTC_ACTIVE) {
		hypercall(CV_HC_CONSOLE_PUTC, (u8)c, 0);
		return;
	}
	if (c == '\n')
		uart_putc(&uart, '\r');
	uart_putc(&uart, c);
}

void printk(const char *fmt, ...)
{
	const bool locked = mmu_is_on();
	struct cv_console console;
	va_list ap;

	while (locked && __atomic_test_and_set(&lock, __ATOMIC_ACQUIRE))
		cpu_relax();
	if (!ready) {
		memcpy(&console, (const void *)&comm_region()->console, sizeof(console));
		uart_init(&uart, &console, console.address);
		ready = true;
	}
	va_start(ap, fmt);
	format(put_char, NULL, fmt, ap);
	va_end(ap);
	if (locked)
		__atomic_clear(&lock, __ATOMIC_RELEASE);
}

struct buffer {
	char *at;
	size_t size, len;
};

static void put_in_buffer(void *to, char c)
{
	struct buffer *b = to;

	if (b->len + 1 < b->size)
		b->at[b->len] = c;
	b->len++;
}

size_t print_to(char *buf, size_t size, const char *fmt, ...)
{
	struct buffer b = {buf, size, 0};
	va_list ap;

	va_start(ap, fmt);
	format(put_in_buffer, &b, fmt, ap);
	va_end(ap);
	if (size)
		buf[b.len < size ? b.len : size - 1] = '\0';
	return b.len;
}
