// SPDX-License-Identifier: GPL-2.0-only
/*
 * Findings for people: the place, the line, carets under the whole span, notes at other places,
 * help, and a fix as the edit it is.
 */
#include "diag.h"

#include <string.h>

#define WINDOW 100u /* columns of a source line that are shown */
#define MARGIN 30u  /* of them, before the span where the line is longer */
#define EDIT_LINES 8 /* lines of a fix shown on each side */

struct printer {
	struct cellc *c;
	struct buf *out;
	bool color;
};

static void paint(const struct printer *p, const char *code)
{
	if (p->color)
		buf_printf(p->out, "\033[%sm", code);
}

static const char *severity_color(enum severity s)
{
	return s == SEV_ERROR ? "1;31" : s == SEV_WARNING ? "1;35" : "1;36";
}

/* The first source byte at or behind a display column. */
static size_t byte_at(const struct visible *v, u32 column)
{
	size_t i = 0;

	while (i < v->len && v->column[i] < column)
		i++;
	return i;
}

/* The first source byte to show of a line, so that the columns from start to end are seen. */
static size_t window_for(const struct visible *v, u32 start, u32 end)
{
	return end > WINDOW && start > MARGIN ? byte_at(v, start - MARGIN) : 0;
}

/* The part of a line that begins at source byte `first`, as much of it as is shown. */
static void add_window(struct buf *out, const struct visible *v, size_t first)
{
	size_t last = byte_at(v, v->column[first] + WINDOW);

	buf_str(out, first ? "..." : "");
	buf_add(out, v->text.data + v->offset[first], v->offset[last] - v->offset[first]);
	buf_str(out, last < v->len ? "..." : "");
}

static void add_gutter(const struct printer *p, u32 line)
{
	paint(p, "34");
	if (line)
		buf_printf(p->out, "%5u | ", line);
	else
		buf_str(p->out, "      | ");
	paint(p, "");
}

/* The source line of a span and carets below it. */
static void add_excerpt(const struct printer *p, struct span span, enum severity severity)
{
	struct position pos;
	struct visible v;
	size_t first, last, shown;
	u32 from, start, end;

	if (!source_position(p->c, span.start, &pos))
		return;
	first = MIN(pos.column - 1, pos.line_len);
	last = MIN(first + (span.end - span.start), pos.line_len);
	visible_line(p->c->arena, &v, pos.line_text, pos.line_len);
	start = v.column[first];
	end = MAX(v.column[last], start + 1);
	shown = window_for(&v, start, end);
	from = v.column[shown];
	add_gutter(p, pos.line);
	add_window(p->out, &v, shown);
	buf_char(p->out, '\n');
	add_gutter(p, 0);
	buf_printf(p->out, "%*s", (int)(start - from + (shown ? 3 : 0)), "");
	paint(p, severity_color(severity));
	for (u32 i = start; i < end && i < from + WINDOW; i++)
		buf_char(p->out, '^');
	paint(p, "");
	buf_char(p->out, '\n');
}

static void add_message(const struct printer *p, const struct origin *at, enum severity severity,
			const char *label, const char *text)
{
	const struct origin *place = diag_place(at);

	paint(p, "1");
	visible_text(p->out, diag_place_text(p->c, at));
	buf_str(p->out, ": ");
	paint(p, severity_color(severity));
	buf_str(p->out, label);
	paint(p, "");
	buf_str(p->out, ": ");
	paint(p, "1");
	visible_text(p->out, text);
	paint(p, "");
	buf_char(p->out, '\n');
	if (place && place->kind == FROM_PLAN)
		add_excerpt(p, place->span, severity);
}

/* A note whose place is unknown is a remark below the finding. */
static void add_note(const struct printer *p, const struct diag_note *n)
{
	if (diag_place(n->at)) {
		add_message(p, n->at, SEV_NOTE, "note", n->text);
		return;
	}
	buf_str(p->out, "      = ");
	paint(p, severity_color(SEV_NOTE));
	buf_str(p->out, "note");
	paint(p, "");
	buf_str(p->out, ": ");
	visible_text(p->out, n->text);
	buf_char(p->out, '\n');
}

static size_t count_lines(const char *s, size_t len)
{
	size_t n = 1;

	for (size_t i = 0; i < len; i++)
		n += s[i] == '\n';
	return n;
}

/* focus: byte of the first line where the edit begins. */
static void add_edit_lines(const struct printer *p, const char *s, size_t len, u32 line, char sign,
			   size_t focus)
{
	u32 shown = 0;

	for (const char *end = s + len; s <= end; shown++) {
		const char *nl = memchr(s, '\n', (size_t)(end - s));
		size_t n = (size_t)((nl ? nl : end) - s);
		struct visible v;

		if (shown == EDIT_LINES) {
			buf_printf(p->out, "      %c ...\n", sign);
			return;
		}
		visible_line(p->c->arena, &v, s, n);
		focus = MIN(focus, n);
		paint(p, sign == '-' ? "31" : "32");
		buf_printf(p->out, "%5u %c ", line + shown, sign);
		add_window(p->out, &v, window_for(&v, v.column[focus], v.column[focus] + MARGIN));
		focus = 0;
		paint(p, "");
		buf_char(p->out, '\n');
		s += n + 1;
	}
}

/* The lines an edit touches, before and after; lines it leaves alone at either end are cut off. */
static void add_edit(const struct printer *p, struct span span, const char *fix)
{
	const struct source *src = source_of(p->c, span.start);
	struct position pos;
	struct buf after;
	const char *from, *to, *end, *old;
	size_t len;
	u32 line;

	if (!src || !source_position(p->c, span.start, &pos) || span.end < span.start ||
	    span.end - src->base > src->len)
		return;
	from = pos.line_text;
	end = src->text + (span.end - src->base);
	to = memchr(end, '\n', (size_t)(src->text + src->len - end));
	to = to ? to : src->text + src->len;
	buf_init(&after, p->c->arena);
	buf_add(&after, from, pos.column - 1);
	buf_str(&after, fix);
	buf_add(&after, end, (size_t)(to - end));
	old = from;
	len = (size_t)(to - from);
	line = pos.line;
	if (after.len > len && memcmp(after.data + after.len - len, old, len) == 0 &&
	    after.data[after.len - len - 1] == '\n') { /* lines inserted before */
		add_edit_lines(p, after.data, after.len - len - 1, line, '+', 0);
		return;
	}
	if (after.len > len && memcmp(after.data, old, len) == 0 && after.data[len] == '\n') {
		add_edit_lines(p, after.data + len + 1, after.len - len - 1,
			       line + (u32)count_lines(old, len), '+', 0);
		return;
	}
	add_edit_lines(p, old, len, line, '-', pos.column - 1);
	add_edit_lines(p, after.data, after.len, line, '+', pos.column - 1);
}

static void add_help(const struct printer *p, const struct diag *d)
{
	if (!d->help && !d->fix)
		return;
	buf_str(p->out, "      = ");
	paint(p, "1;32");
	buf_str(p->out, d->help ? "help" : "fix");
	paint(p, "");
	buf_str(p->out, d->help ? ": " : ":");
	visible_text(p->out, d->help ? d->help : "");
	buf_char(p->out, '\n');
	if (d->fix)
		add_edit(p, d->fix_span, d->fix);
}

static const char *plural(u32 n)
{
	return n == 1 ? "" : "s";
}

static void add_summary(const struct printer *p, const struct diag_list *list)
{
	size_t more = list->errors + list->warnings - list->shown;

	if (!list->errors && !list->warnings)
		return;
	if (more)
		buf_printf(p->out, "... and %zu more finding%s (--max-findings=0 prints all)\n",
			   more, plural((u32)more));
	if (list->errors)
		buf_printf(p->out, "%u error%s", list->errors, plural(list->errors));
	if (list->warnings)
		buf_printf(p->out, "%s%u warning%s", list->errors ? ", " : "", list->warnings,
			   plural(list->warnings));
	if (list->allowed)
		buf_printf(p->out, ", %u allowed", list->allowed);
	buf_char(p->out, '\n');
}

void diag_print_text(struct cellc *c, struct buf *out, const struct diag_list *list, bool color)
{
	struct printer p = {c, out, color};
	size_t left = list->shown;

	for (size_t i = 0; i < list->n && left; i++) {
		const struct diag *d = list->v[i];

		if (d->allowed)
			continue;
		left--;
		add_message(&p, d->at, d->severity,
			    arena_printf(c->arena, "%s[%s]", diag_severity_text(d),
					 diag_code_text(d->code)),
			    d->text);
		for (size_t n = 0; n < d->notes.n; n++)
			add_note(&p, &d->notes.v[n]);
		add_help(&p, d);
	}
	add_summary(&p, list);
}
