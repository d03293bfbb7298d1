// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* printk: %s %c %d %u %x with l and widths, a line at a time, one CPU at a time (no lock without
 * caches: then there is one CPU). */
#include "inmate.h"
#include "uart.h"

static struct uart uart;
static bool ready;
static u8 lock;

static void put_char(char c)
{
	if (comm_region()->flags & CV_COMM_PUTC_ACTIVE) {
		hypercall(CV_HC_CONSOLE_PUTC, (u8)c, 0);
		return;
	}
	if (c == '\n')
		uart_putc(&uart, '\r');
	uart_putc(&uart, c);
}

static void put_number(u64 v, u32 base, u32 width, char pad)
{
	char digits[24];
	u32 n = 0;

	do
		digits[n++] = "0123456789abcdef"[v % base];
	while (v /= base);
	for (u32 i = n; i < width; i++)
		put_char(pad);
	while (n)
		put_char(digits[--n]);
}

static void put_signed(s64 v, u32 width, char pad)
{
	if (v < 0)
		put_char('-');
	put_number(v < 0 ? -(u64)v : (u64)v, 10, width, pad);
}

static void put_string(const char *s)
{
	while (*s)
		put_char(*s++);
}

static const char *put_spec(const char *f, va_list *ap)
{
	char pad = *f == '0' ? '0' : ' ';
	bool wide = false;
	u32 width = 0;

	for (; *f >= '0' && *f <= '9'; f++)
		width = width * 10 + (u32)(*f - '0');
	for (; *f == 'l'; f++)
		wide = true;
	if (*f == 's')
		put_string(va_arg(*ap, const char *));
	else if (*f == 'c')
		put_char((char)va_arg(*ap, int));
	else if (*f == 'd')
		put_signed(wide ? va_arg(*ap, s64) : va_arg(*ap, int), width, pad);
	else if (*f == 'u' || *f == 'x')
		put_number(wide ? va_arg(*ap, u64) : va_arg(*ap, u32), *f == 'x' ? 16 : 10, width, pad);
	else
		put_char(*f);
	return f;
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
	for (; *fmt; fmt++) {
		if (*fmt == '%')
			fmt = put_spec(fmt + 1, &ap);
		else
			put_char(*fmt);
	}
	va_end(ap);
	if (locked)
		__atomic_clear(&lock, __ATOMIC_RELEASE);
}
