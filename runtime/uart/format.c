// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What hypervisor and inmates make of a format: numbers are 32 bits wide, with l 64. */
#include "format.h"

#include <stdbool.h>
#include <stdint.h>

struct out {
	void (*put)(void *to, char c);
	void *to;
};

static void put(const struct out *o, char c)
{
	o->put(o->to, c);
}

static void put_number(const struct out *o, uint64_t v, uint32_t base, uint32_t width, char pad)
{
	char digits[24];
	uint32_t n = 0;

	do
		digits[n++] = "0123456789abcdef"[v % base];
	while (v /= base);
	for (uint32_t i = n; i < width; i++)
		put(o, pad);
	while (n)
		put(o, digits[--n]);
}

static void put_signed(const struct out *o, int64_t v, uint32_t width, char pad)
{
	if (v < 0)
		put(o, '-');
	put_number(o, v < 0 ? -(uint64_t)v : (uint64_t)v, 10, width, pad);
}

static void put_string(const struct out *o, const char *s)
{
	while (*s)
		put(o, *s++);
}

/* f: behind the '%'. Returns the last character of the conversion. */
static const char *put_spec(const struct out *o, const char *f, va_list *ap)
{
	char pad = *f == '0' ? '0' : ' ';
	uint32_t width = 0;
	bool wide = false;

	for (; *f >= '0' && *f <= '9'; f++)
		width = width * 10 + (uint32_t)(*f - '0');
	for (; *f == 'l'; f++)
		wide = true;
	if (*f == 's')
		put_string(o, va_arg(*ap, const char *));
	else if (*f == 'c')
		put(o, (char)va_arg(*ap, int));
	else if (*f == 'd')
		put_signed(o, wide ? va_arg(*ap, int64_t) : va_arg(*ap, int32_t), width, pad);
	else if (*f == 'u' || *f == 'x')
		put_number(o, wide ? va_arg(*ap, uint64_t) : va_arg(*ap, uint32_t),
			   *f == 'x' ? 16 : 10, width, pad);
	else if (*f)
		put(o, *f);
	return *f ? f : f - 1; /* a lone '%' ends the text */
}

void format(void (*to_put)(void *to, char c), void *to, const char *fmt, va_list args)
{
	const struct out o = {to_put, to};
	va_list ap;

	va_copy(ap, args);
	for (; *fmt; fmt++) {
		if (*fmt == '%')
			fmt = put_spec(&o, fmt + 1, &ap);
		else
			put(&o, *fmt);
	}
	va_end(ap);
}
