// SPDX-License-Identifier: GPL-2.0-only
/*
 * The console: formats %s %c %d %u %x with l, ll and widths, and writes to the debug UART and to the
 * ring that root reads if it may.
 */
#include "arch.h"
#include "uart.h"

#include <stdarg.h>

static struct spinlock print_lock;
static struct uart uart;

/* Pages of their own: they may be mapped to root. */
struct cv_console_ring console_ring __attribute__((aligned(4096)));

static void put_char(char c)
{
	u32 head = console_ring.head;

	console_ring.text[head % CV_CONSOLE_SIZE] = c;
	__atomic_store_n(&console_ring.head, head + 1, __ATOMIC_RELEASE);
	if (c == '\n')
		uart_putc(&uart, '\r');
	uart_putc(&uart, c);
}

static void put_number(u64 v, u32 base, u32 width, char pad)
{
	char digits[24];
	u32 n = 0;

	do {
		digits[n++] = "0123456789abcdef"[v % base];
		v /= base;
	} while (v);
	for (u32 i = n; i < width; i++)
		put_char(pad);
	while (n)
		put_char(digits[--n]);
}

static const char *put_spec(const char *f, va_list *ap)
{
	char pad = *f == '0' ? '0' : ' ';
	u32 width = 0, longs = 0;
	u64 v;

	for (; *f >= '0' && *f <= '9'; f++)
		width = width * 10 + (u32)(*f - '0');
	for (; *f == 'l'; f++)
		longs++;
	switch (*f) {
	case 's':
		for (const char *s = va_arg(*ap, const char *); *s; s++)
			put_char(*s);
		return f;
	case 'c':
		put_char((char)va_arg(*ap, int));
		return f;
	case 'd':
	case 'u':
	case 'x':
		v = longs ? va_arg(*ap, u64) : va_arg(*ap, u32);
		if (*f == 'd' && (longs ? (s64)v < 0 : (s32)v < 0)) {
			put_char('-');
			v = longs ? -v : (u32)-(s32)v;
		}
		put_number(v, *f == 'x' ? 16 : 10, width, pad);
		return f;
	}
	put_char(*f);
	return f;
}

void printk(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	spin_lock(&print_lock);
	for (; *fmt; fmt++) {
		if (*fmt == '%')
			fmt = put_spec(fmt + 1, &ap);
		else
			put_char(*fmt);
	}
	spin_unlock(&print_lock);
	va_end(ap);
}

void console_init(void)
{
	uart_init(&uart, &hv.system->debug_console, HV_DEVICES);
}
