// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The command line: words separated by blanks, "name" or "name=value". */
#include "inmate.h"

extern char __cmdline[];

const char *cmdline(void)
{
	__cmdline[0xfff] = 0;
	return __cmdline;
}

static bool is_end(char c)
{
	return !c || c == ' ';
}

/* What follows the name, at '=' or at the end of the word; NULL if it is not there. */
static const char *find(const char *name)
{
	const char *s = cmdline(), *n;

	while (*s) {
		while (*s == ' ')
			s++;
		for (n = name; *n && *n == *s; n++)
			s++;
		if (!*n && (is_end(*s) || *s == '='))
			return s;
		while (!is_end(*s))
			s++;
	}
	return NULL;
}

const char *cmdline_str(const char *name, char *buf, size_t size, const char *def)
{
	const char *s = find(name);
	size_t n = 0;

	if (!s || *s != '=')
		return def;
	for (s++; !is_end(*s) && n + 1 < size; s++)
		buf[n++] = *s;
	buf[n] = 0;
	return buf;
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : 99;
}

u64 cmdline_int(const char *name, u64 def)
{
	char buf[24];
	const char *s = cmdline_str(name, buf, sizeof(buf), NULL);
	int base = 10;
	u64 v = 0;

	if (!s || !*s)
		return def;
	if (s[0] == '0' && (s[1] | 32) == 'x') {
		base = 16;
		s += 2;
	}
	for (; *s; s++) {
		if (digit(*s) >= base)
			return def;
		v = v * (u64)base + (u64)digit(*s);
	}
	return v;
}

bool cmdline_bool(const char *name)
{
	const char *s = find(name);

	return s && (is_end(*s) || s[1] == '1' || s[1] == 'y' || s[1] == 't');
}

bool cmdline_is(const char *name, const char *value)
{
	const char *s = find(name);

	if (!s || *s++ != '=')
		return false;
	while (*value && *s == *value)
		s++, value++;
	return !*value && is_end(*s);
}
