// SPDX-License-Identifier: GPL-2.0-only
/*
 * Text made fit for a terminal: nothing a file holds can move the cursor, change colours or
 * reorder what is read, and every byte's display column is known, so that carets stand right.
 */
#include "diag.h"

#include <stdio.h>
#include <string.h>

size_t utf8_decode(const char *s, size_t len, u32 *cp)
{
	static const u32 least[] = {0, 0, 0x80, 0x800, 0x10000};
	u8 first = (u8)s[0];
	size_t n = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;

	if (!n || n > len || first > 0xf4)
		return 0;
	*cp = n == 1 ? first : first & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if (((u8)s[i] & 0xc0) != 0x80)
			return 0;
		*cp = *cp << 6 | ((u8)s[i] & 0x3f);
	}
	if (*cp < least[n] || *cp > 0x10ffff || (*cp >= 0xd800 && *cp < 0xe000))
		return 0;
	return n;
}

struct code_range {
	u32 first, last;
};

static bool in_ranges(u32 cp, const struct code_range *r, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (cp >= r[i].first && cp <= r[i].last)
			return true;
	return false;
}

/* C0, C1, DEL; zero-width and bidirectional controls; line separators; the byte order mark */
static bool is_control(u32 cp)
{
	static const struct code_range controls[] = {
		{0, 0x1f},	  {0x7f, 0x9f},	    {0xad, 0xad},     {0x61c, 0x61c},
		{0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f}, {0xfeff, 0xfeff},
		{0xfff9, 0xfffb}, {0xe0000, 0xe0fff},
	};

	return in_ranges(cp, controls, ARRAY_SIZE(controls));
}

/* Columns of a printable code point: East Asian wide and emoji 2, combining marks 0. */
static u32 width_of(u32 cp)
{
	static const struct code_range wide[] = {
		{0x1100, 0x115f},   {0x2e80, 0x303e},	{0x3041, 0xa4cf},   {0xac00, 0xd7a3},
		{0xf900, 0xfaff},   {0xfe30, 0xfe6f},	{0xff00, 0xff60},   {0xffe0, 0xffe6},
		{0x1f300, 0x1f64f}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
	};
	static const struct code_range combining[] = {
		{0x300, 0x36f},	  {0x483, 0x489},   {0x591, 0x5bd},   {0x610, 0x61a},
		{0x64b, 0x65f},	  {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x20d0, 0x20ff},
		{0xfe00, 0xfe0f}, {0xfe20, 0xfe2f},
	};

	if (in_ranges(cp, combining, ARRAY_SIZE(combining)))
		return 0;
	return in_ranges(cp, wide, ARRAY_SIZE(wide)) ? 2 : 1;
}

/* Appends what stands for the character at s; its source length, and *width in columns. */
static size_t add_visible(struct buf *out, const char *s, size_t len, u32 *width)
{
	size_t before = out->len, n;
	u32 cp;

	n = utf8_decode(s, len, &cp);
	if (!n)
		buf_printf(out, "\\x%02x", (u8)*s);
	else if (is_control(cp))
		buf_printf(out, cp < 0x80 ? "\\x%02x" : "\\u%04x", cp);
	else
		buf_add(out, s, n);
	*width = n && !is_control(cp) ? width_of(cp) : (u32)(out->len - before);
	return n ? n : 1;
}

void visible_line(struct arena *a, struct visible *v, const char *s, size_t len)
{
	u32 column = 0;

	buf_init(&v->text, a);
	v->len = len;
	v->column = arena_alloc(a, (len + 1) * sizeof(*v->column));
	v->offset = arena_alloc(a, (len + 1) * sizeof(*v->offset));
	for (size_t i = 0; i < len;) {
		size_t n = 1;
		u32 width, offset = (u32)v->text.len;

		if (s[i] == '\t') {
			width = 8 - column % 8;
			buf_add(&v->text, "        ", width);
		} else {
			n = add_visible(&v->text, s + i, len - i, &width);
		}
		for (size_t j = 0; j < n; j++) {
			v->column[i + j] = column;
			v->offset[i + j] = offset;
		}
		column += width;
		i += n;
	}
	v->column[len] = column;
	v->offset[len] = (u32)v->text.len;
}

void visible_text(struct buf *out, const char *s)
{
	size_t len = strlen(s);
	u32 width;

	while (len) {
		size_t n = 1;

		if (*s == '\n' || *s == '\t' || *s == '\r')
			buf_char(out, ' ');
		else
			n = add_visible(out, s, len, &width);
		s += n;
		len -= n;
	}
}
