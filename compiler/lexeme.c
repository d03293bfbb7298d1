// SPDX-License-Identifier: GPL-2.0-only
/*
 * The values of tokens: numbers, strings, references, PCI addresses, constant expressions.
 *
 * In: the bytes of one token. Out: its value, or a stand-in after a finding about it.
 */
#include "parse.h"

#include <string.h>

static int digit_of(char ch)
{
	if (ch >= '0' && ch <= '9')
		return ch - '0';
	if (ch >= 'a' && ch <= 'f')
		return ch - 'a' + 10;
	if (ch >= 'A' && ch <= 'F')
		return ch - 'A' + 10;
	return 16;
}

/* Shift of a suffix: K M G T are powers of 1024; 0 for every other character. */
static u32 suffix_shift(char ch)
{
	static const char suffixes[] = "KMGT";
	const char *at = ch ? strchr(suffixes, ch) : NULL;

	return at ? (u32)(at - suffixes + 1) * 10 : 0;
}

static struct number bad_number(struct parser *p, const char *s, size_t len, struct span at,
				const char *why)
{
	parser_error(p, D_E0105, at, "\"%.*s\" is no number: %s", (int)MIN(len, 40u), s, why);
	return (struct number){0, true};
}

static struct number too_large(struct parser *p, struct span at)
{
	parser_error(p, D_E0110, at, "this number does not fit in 64 bits");
	return (struct number){0, true};
}

struct number lexeme_number(struct parser *p, const char *s, size_t len, struct span at)
{
	u32 base = 10, shift = suffix_shift(s[len - 1]);
	size_t i = 0, end = shift ? len - 1 : len;
	u64 v = 0;

	if (len > 1 && s[0] == '0' && (s[1] | 0x20) == 'x')
		base = 16;
	else if (len > 1 && s[0] == '0' && (s[1] | 0x20) == 'b')
		base = 2;
	if (base != 10)
		i = 2;
	if (i >= end)
		return bad_number(p, s, len, at, "it has no digits");
	for (; i < end; i++) {
		u32 digit = (u32)digit_of(s[i]);

		if (s[i] == '_') {
			if (i + 1 == end || s[i + 1] == '_')
				return bad_number(p, s, len, at, "'_' stands between digits only");
			continue;
		}
		if (digit >= base)
			return bad_number(p, s, len, at,
					  base == 10  ? "a decimal number has digits 0 to 9 and a "
							"suffix K, M, G or T"
					  : base == 2 ? "a binary number has digits 0 and 1"
						      : "a hexadecimal number has digits 0 to f");
		if (__builtin_mul_overflow(v, (u64)base, &v) ||
		    __builtin_add_overflow(v, digit, &v))
			return too_large(p, at);
	}
	if (shift && v >> (64 - shift))
		return too_large(p, at);
	return (struct number){v << shift, false};
}

/* One escape; *i stands behind the backslash and is moved behind the escape. */
static char unescape(struct parser *p, const char *s, size_t len, size_t *i, struct span at)
{
	char ch = s[(*i)++];

	switch (ch) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case '"':
	case '\\':
		return ch;
	case 'x':
		if (*i + 2 <= len && digit_of(s[*i]) < 16 && digit_of(s[*i + 1]) < 16) {
			*i += 2;
			return (char)(digit_of(s[*i - 2]) << 4 | digit_of(s[*i - 1]));
		}
	}
	/* the string begins with a quote, the escape with a backslash that was skipped already */
	at.start += (u32)*i - 1;
	at.end = at.start + 2;
	parser_error(p, D_E0106, at, "no such escape; there are \\\" \\\\ \\n \\t \\xHH");
	return ch;
}

struct text lexeme_string(struct parser *p, const char *s, size_t len, struct span at)
{
	struct buf b;

	for (size_t i = 0; i < len; i++) {
		if (((u8)s[i] < ' ' && s[i] != '\t') || s[i] == 0x7f) {
			parser_error(p, D_E0106, at,
				     "a control character in a string; write \\x%02x", (u8)s[i]);
			break;
		}
	}
	if (!memchr(s, '\\', len))
		return (struct text){intern(p->c->arena, s, len), len, false};
	buf_init(&b, p->c->arena);
	for (size_t i = 0; i < len;) {
		char ch = s[i++];

		buf_char(&b, ch == '\\' ? unescape(p, s, len, &i, at) : ch);
	}
	return (struct text){intern(p->c->arena, b.data, b.len), b.len, false};
}

struct text lexeme_ref(struct parser *p, const char *s, size_t len, struct span at)
{
	bool braced = s[0] == '{';

	if (braced) {
		s++;
		len -= 2;
		while (len && (*s == ' ' || *s == '\t')) {
			s++;
			len--;
		}
		while (len && (s[len - 1] == ' ' || s[len - 1] == '\t'))
			len--;
		if (!len)
			parser_error(p, D_E0113, at, "this reference names no node");
	}
	return (struct text){intern(p->c->arena, s, len), len, braced};
}

static u32 hex_field(const char **s)
{
	u32 v = 0;

	while (digit_of(**s) < 16)
		v = v << 4 | (u32)digit_of(*(*s)++);
	return v;
}

struct pci_address lexeme_pci(struct parser *p, const char *s, size_t len, struct span at)
{
	u32 field[4] = {0}, n = 0;
	struct pci_address pci;

	for (const char *end = s + len; s < end; s++) /* one separator behind each field */
		field[n++] = hex_field(&s);
	pci.has_domain = n == 4;
	if (n == 3) {
		memmove(field + 1, field, 3 * sizeof(*field));
		field[0] = 0;
	}
	if (field[2] > 0x1f || field[3] > 7)
		parser_error(p, D_E0105, at,
			     "no such PCI address: a bus has devices 00 to 1f, "
			     "a device functions 0 to 7");
	pci.num = (u64)field[0] << 16 | field[1] << 8 | (field[2] & 0x1f) << 3 | (field[3] & 7);
	return pci;
}

const char *lexeme_garbage(struct parser *p, const char *s, size_t len)
{
	bool printable = true;

	for (size_t i = 0; i < len; i++)
		printable = printable && s[i] > ' ' && s[i] < 0x7f;
	if (len == 1 && printable)
		return arena_printf(p->c->arena, "the character '%c' has no meaning here", *s);
	if (printable && len <= 40)
		return arena_printf(p->c->arena, "\"%.*s\" has no meaning here", (int)len, s);
	if (len == 1)
		return arena_printf(p->c->arena, "the byte 0x%02x has no meaning here", (u8)*s);
	return arena_printf(p->c->arena, "%zu bytes from 0x%02x on have no meaning here", len,
			    (u8)*s);
}

static struct number failed(struct parser *p, enum diag_code code, struct span at, const char *why)
{
	parser_error(p, code, at, "%s", why);
	return (struct number){0, true};
}

struct number number_op(struct parser *p, struct number a, char op, struct number b, struct span at)
{
	struct number r = {0, a.bad || b.bad};
	bool over = false;

	if (r.bad)
		return r;
	if ((op == '/' || op == '%') && !b.v)
		return failed(p, D_E0111, at, "division by zero");
	switch (op) {
	case '|':
		r.v = a.v | b.v;
		break;
	case '^':
		r.v = a.v ^ b.v;
		break;
	case '&':
		r.v = a.v & b.v;
		break;
	case 'l':
		over = b.v > 63 || (b.v && a.v >> (64 - b.v));
		r.v = over ? 0 : a.v << b.v;
		break;
	case 'r':
		r.v = b.v > 63 ? 0 : a.v >> b.v;
		break;
	case '+':
		over = __builtin_add_overflow(a.v, b.v, &r.v);
		break;
	case '-':
		if (b.v > a.v)
			return failed(p, D_E0110, at, "the difference is below zero");
		r.v = a.v - b.v;
		break;
	case '*':
		over = __builtin_mul_overflow(a.v, b.v, &r.v);
		break;
	case '/':
		r.v = a.v / b.v;
		break;
	case '%':
		r.v = a.v % b.v;
		break;
	}
	return over ? failed(p, D_E0110, at, "the result does not fit in 64 bits") : r;
}
