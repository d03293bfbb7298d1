// SPDX-License-Identifier: GPL-2.0-only
/*
 * The JSON writer: commas, indentation, escapes.
 */
#include "json.h"

#include <stdlib.h>
#include <string.h>

void json_init(struct json *j, struct buf *out, int indent)
{
	*j = (struct json){.out = out, .indent = indent};
}

static void json_newline(struct json *j)
{
	if (!j->indent)
		return;
	buf_char(j->out, '\n');
	for (int i = 0; i < j->depth * j->indent; i++)
		buf_char(j->out, ' ');
}

/* What stands before a value: comma, line break, key. */
static void json_value(struct json *j, const char *key)
{
	bool in_object = j->depth && j->close[j->depth - 1] == '}';

	if (in_object != (key != NULL) || (!j->depth && j->filled[0]))
		abort();
	if (j->filled[j->depth])
		buf_char(j->out, ',');
	j->filled[j->depth] = true;
	if (j->depth)
		json_newline(j);
	if (key) {
		json_quote(j->out, key, strlen(key));
		buf_str(j->out, j->indent ? ": " : ":");
	}
}

static void json_open(struct json *j, const char *key, char open, char close)
{
	if (j->depth == JSON_DEPTH)
		abort();
	json_value(j, key);
	buf_char(j->out, open);
	j->close[j->depth++] = close;
	j->filled[j->depth] = false;
}

void json_object(struct json *j, const char *key)
{
	json_open(j, key, '{', '}');
}

void json_array(struct json *j, const char *key)
{
	json_open(j, key, '[', ']');
}

void json_end(struct json *j)
{
	bool filled = j->filled[j->depth];

	if (!j->depth)
		abort();
	j->depth--;
	if (filled)
		json_newline(j);
	buf_char(j->out, j->close[j->depth]);
	if (!j->depth && j->indent)
		buf_char(j->out, '\n');
}

void json_bytes(struct json *j, const char *key, const char *s, size_t len)
{
	json_value(j, key);
	json_quote(j->out, s, len);
}

void json_string(struct json *j, const char *key, const char *s)
{
	if (s)
		json_bytes(j, key, s, strlen(s));
	else
		json_null(j, key);
}

void json_u64(struct json *j, const char *key, u64 v)
{
	json_value(j, key);
	buf_printf(j->out, "%llu", (unsigned long long)v);
}

void json_bool(struct json *j, const char *key, bool v)
{
	json_value(j, key);
	buf_str(j->out, v ? "true" : "false");
}

void json_null(struct json *j, const char *key)
{
	json_value(j, key);
	buf_str(j->out, "null");
}

void json_printf(struct json *j, const char *key, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	json_string(j, key, arena_vprintf(j->out->arena, fmt, ap));
	va_end(ap);
}

/* Length of the well-formed UTF-8 sequence at s (Unicode standard, table 3-7), 0 if there is none.
 */
static size_t utf8_length(const u8 *s, size_t len)
{
	u8 low = 0x80, high = 0xbf;
	size_t n;

	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	n = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (s[0] == 0xe0)
		low = 0xa0; /* overlong */
	else if (s[0] == 0xed)
		high = 0x9f; /* surrogates */
	else if (s[0] == 0xf0)
		low = 0x90; /* overlong */
	else if (s[0] == 0xf4)
		high = 0x8f; /* above U+10FFFF */
	if (len < n || s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

static void quote_ascii(struct buf *out, u8 ch)
{
	static const char named[] = "\"\"\\\\\bb\ff\nn\rr\tt";
	const char *p = ch ? strchr(named, ch) : NULL;

	/* every other character of the table is the one that stands behind the backslash */
	if (p && (p - named) % 2 == 0) {
		buf_char(out, '\\');
		buf_char(out, p[1]);
	} else if (ch < 0x20 || ch == 0x7f || ch == '<') {
		buf_printf(out, "\\u%04x", ch);
	} else {
		buf_char(out, (char)ch);
	}
}

void json_quote(struct buf *out, const char *s, size_t len)
{
	const u8 *p = (const u8 *)s;

	buf_char(out, '"');
	for (size_t i = 0, n; i < len; i += MAX(n, (size_t)1)) {
		n = utf8_length(p + i, len - i);
		if (n == 1)
			quote_ascii(out, p[i]);
		else if (n)
			buf_add(out, s + i, n);
		else
			buf_str(out, "\\ufffd");
	}
	buf_char(out, '"');
}
