// SPDX-License-Identifier: GPL-2.0-only
/*
 * The report as a picture: four panels below each other (CPUs, memory, interrupts, links).
 *
 * Memory is drawn as bands in order of address; a band is a run of segments of one owner and one
 * kind, close together. Heights grow with the logarithm of the size, so that a UART and 2 GiB both can be seen.
 * Each shape carries a title, which browsers show under the pointer.
 */
#include "report/report.h"

#define WIDTH	  960
#define BANDS_MAX 400 /* more cannot be told apart; the text has them all */
#define LINE_COLS 32
#define ALONE	  (16 * MIB) /* a segment of this size is a band of its own, a hole of it ends one */

struct canvas {
	struct cellc *c;
	const struct report *r;
	struct buf *out;
	u32 y; /* first free row */
};

/* Okabe and Ito's palette for all kinds of colour vision, then lighter turns of it. */
static const char *const cell_colours[] = {"#e69f00", "#009e73", "#cc79a7", "#d55e00",
					   "#f0e442", "#56b4e9", "#b35900", "#66c2a5",
					   "#8da0cb", "#e78ac3", "#a6d854", "#e5c494"};

static const char *colour_of(const struct report *r, const struct owner *o)
{
	u32 nth = 0;

	if (!o)
		return "#ffffff";
	switch (o->kind) {
	case OWNER_ROOT:
		return "#0072b2";
	case OWNER_HYPERVISOR:
		return "#333333";
	case OWNER_FIRMWARE:
		return "#999999";
	case OWNER_WITHHELD:
		return "#7a5c5c";
	case OWNER_POOL:
		return "#dddddd";
	case OWNER_PCI:
		return "#bbaacc";
	case OWNER_CELL:
	case OWNER_LINK:
		break;
	}
	for (size_t i = 0; i < r->owners.n && r->owners.v[i] != o; i++)
		nth += r->owners.v[i]->kind == OWNER_CELL || r->owners.v[i]->kind == OWNER_LINK;
	return cell_colours[nth % ARRAY_SIZE(cell_colours)];
}

void html_text(struct buf *out, const char *s)
{
	for (; *s; s++) {
		switch (*s) {
		case '<':
			buf_str(out, "&lt;");
			break;
		case '>':
			buf_str(out, "&gt;");
			break;
		case '&':
			buf_str(out, "&amp;");
			break;
		case '"':
			buf_str(out, "&quot;");
			break;
		default:
			if ((u8)*s < 0x20 && *s != '\n' && *s != '\t')
				buf_str(out, "&#xfffd;");
			else
				buf_char(out, *s);
		}
	}
}

static void text_at(struct canvas *v, u32 x, u32 y, const char *class, const char *s)
{
	buf_printf(v->out, "<text x=\"%u\" y=\"%u\" class=\"%s\">", x, y, class);
	html_text(v->out, s);
	buf_str(v->out, "</text>\n");
}

/* A box with a title; the caller draws its label. */
static void box(struct canvas *v, u32 x, u32 y, u32 w, u32 h, const struct owner *o,
		const char *title)
{
	buf_printf(v->out,
		   "<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\" fill=\"%s\" stroke=\"#555\" "
		   "stroke-width=\"0.5\"><title>",
		   x, y, w, h, colour_of(v->r, o));
	html_text(v->out, title);
	buf_str(v->out, "</title></rect>\n");
}

static void panel_title(struct canvas *v, const char *title)
{
	text_at(v, 0, v->y + 18, "h", title);
	v->y += 32;
}

static void panel_cores(struct canvas *v)
{
	const u32 w = 110, h = 44, per_row = WIDTH / (w + 10);

	panel_title(v, "CPUs");
	for (size_t i = 0; i < v->r->cores.n; i++) {
		const struct core *k = &v->r->cores.v[i];
		const char *owner = k->owner ? k->owner->label : "nobody";
		u32 x = (u32)(i % per_row) * (w + 10), y = v->y + (u32)(i / per_row) * (h + 24);

		box(v, x, y, w, 14, k->owner,
		    arena_printf(v->c->arena, "CPU %u, cluster %u: %s; %s", k->index, k->cluster,
				 owner, from_text(v->c, k->from)));
		text_at(v, x, y + 30, "t", arena_printf(v->c->arena, "CPU %u", k->index));
		text_at(v, x, y + 44, "s", owner);
	}
	v->y += (u32)((v->r->cores.n + per_row - 1) / per_row) * (h + 24) + 8;
}

struct band {
	u64 start, last, bytes;
	const struct owner *owner;
	bool io;
	u32 count;
	const struct segment *first;
};

/* Registers join their neighbours; memory joins only its own continuation. */
static bool joins(const struct band *b, const struct segment *s)
{
	if (!b->io)
		return s->what == b->first->what && s->start == b->last + 1;
	return s->last - s->start < ALONE && b->bytes < ALONE && s->start - b->last < ALONE;
}

static size_t band_at(const struct report *r, size_t i, struct band *b)
{
	const struct segment *s = &r->segments.v[i];

	*b = (struct band){s->start, s->last, 0, s->owner, s->flags & CV_MEM_IO, 0, s};
	for (; i < r->segments.n; i++) {
		s = &r->segments.v[i];
		if (s->owner != b->owner || !(s->flags & CV_MEM_IO) != !b->io ||
		    (b->count && !joins(b, s)))
			break;
		b->last = s->last;
		b->bytes += s->last - s->start + 1;
		b->count++;
	}
	return i;
}

static u32 band_height(const struct band *b)
{
	u32 h = 14;

	for (u64 size = b->bytes >> 12; size > 1; size >>= 1)
		h += 2;
	return h;
}

static void draw_band(struct canvas *v, const struct band *b)
{
	const char *range = fmt_range(v->c->arena, b->start, b->last - b->start + 1);
	const char *what = b->count > 1 && b->io
				   ? arena_printf(v->c->arena, "%u register frames", b->count)
				   : b->first->what;
	u32 h = band_height(b);

	box(v, 290, v->y, 130, h, b->owner,
	    arena_printf(v->c->arena, "%s: %s, %s; %s", b->owner->label, what, range,
			 from_text(v->c, b->first->from)));
	text_at(v, 0, v->y + 11, "a", range);
	text_at(v, 430, v->y + 11, "t",
		arena_printf(v->c->arena, "%s  %s: %s", fmt_size(v->c->arena, b->bytes),
			     b->owner->label, what));
	v->y += h + 2;
}

static void panel_memory(struct canvas *v)
{
	u64 expected = 0;
	u32 drawn = 0;
	struct band b;
	size_t i = 0;

	panel_title(v, "Physical memory");
	while (i < v->r->segments.n && drawn < BANDS_MAX) {
		i = band_at(v->r, i, &b);
		if (b.start != expected) {
			buf_printf(v->out,
				   "<line x1=\"290\" x2=\"420\" y1=\"%u\" y2=\"%u\" stroke=\"#888\" "
				   "stroke-dasharray=\"2 4\"/>\n",
				   v->y + 3, v->y + 3);
			v->y += 8;
		}
		draw_band(v, &b);
		expected = b.last + 1;
		drawn++;
	}
	if (i < v->r->segments.n) {
		text_at(v, 290, v->y + 12, "t",
			arena_printf(v->c->arena, "and %zu segments more, in the table",
				     v->r->segments.n - i));
		v->y += 18;
	}
	v->y += 14;
}

static void panel_lines(struct canvas *v)
{
	const u32 cell = 22;
	bool x86 = v->r->model->arch == CV_ARCH_X86;
	u32 base = x86 ? 0 : 32, row = 0, next_row = 0;
	u64 chip = 0;

	panel_title(v, x86 ? "Interrupts (IOAPIC pins)" : "Interrupts (SPIs)");
	for (size_t i = 0; i < v->r->lines.n; i++) {
		const struct line *l = &v->r->lines.v[i];
		u32 n = l->pin - base;

		if (i && l->chip != chip)
			row = next_row;
		chip = l->chip;
		box(v, 48 + (n % LINE_COLS) * (cell + 4), v->y + (row + n / LINE_COLS) * (cell + 4), cell,
		    cell, l->owner,
		    arena_printf(v->c->arena, "%s: %s, %s", line_text(v->c, v->r->model, l),
				 l->owner->label, *l->what ? l->what : from_text(v->c, l->from)));
		if (!i || row + n / LINE_COLS >= next_row) {
			text_at(v, 0, v->y + (row + n / LINE_COLS) * (cell + 4) + 15, "s",
				arena_printf(v->c->arena, "%u", n / LINE_COLS * LINE_COLS));
			next_row = row + n / LINE_COLS + 1;
		}
	}
	v->y += next_row * (cell + 4) + 14;
}

static void draw_link(struct canvas *v, const struct link *l)
{
	const struct owner *owner =
		report_owner(v->r, arena_printf(v->c->arena, "link \"%s\"", l->name));
	u32 x = 0;

	box(v, 0, v->y, 14, 14, owner, l->name);
	text_at(v, 22, v->y + 12, "t",
		arena_printf(v->c->arena, "%s: %s at %s, %s common, %s output each", l->name,
			     link_kind_text(l->kind), fmt_addr(v->c->arena, l->phys.v),
			     fmt_size(v->c->arena, l->common_size),
			     fmt_size(v->c->arena, l->output_size)));
	v->y += 24;
	buf_printf(v->out, "<line x1=\"40\" x2=\"%u\" y1=\"%u\" y2=\"%u\" stroke=\"%s\" stroke-width=\"4\"/>\n",
		   (u32)(l->peers.n ? 40 + (l->peers.n - 1) * 180 : 40), v->y + 12, v->y + 12,
		   colour_of(v->r, owner));
	for (size_t i = 0; i < l->peers.n; i++, x += 180) {
		const struct cell *cell = l->peers.v[i].cell;
		const char *label = arena_printf(v->c->arena, "%s \"%s\"",
						 cell->is_root ? "root" : "cell", cell->name);

		box(v, x + 16, v->y, 60, 24, report_owner(v->r, label), label);
		text_at(v, x + 16, v->y + 40, "s", label);
		text_at(v, x + 82, v->y + 10, "s",
			arena_printf(v->c->arena, "peer %llu",
				     (unsigned long long)l->peers.v[i].id.v));
	}
	v->y += 56;
}

static void panel_links(struct canvas *v)
{
	if (!v->r->model->links.n)
		return;
	panel_title(v, "Links");
	for (size_t i = 0; i < v->r->model->links.n; i++)
		draw_link(v, v->r->model->links.v[i]);
}

static void legend(struct canvas *v)
{
	u32 x = 0;

	for (size_t i = 0; i < v->r->owners.n; i++) {
		const struct owner *o = v->r->owners.v[i];

		if (x > WIDTH - 200) {
			x = 0;
			v->y += 22;
		}
		box(v, x, v->y, 14, 14, o, o->label);
		text_at(v, x + 20, v->y + 12, "t", o->label);
		x += 200;
	}
	v->y += 34;
}

void report_svg(struct cellc *c, const struct report *r, struct buf *out, bool standalone)
{
	struct buf body;
	struct canvas v = {c, r, &body, 8};

	buf_init(&body, c->arena);
	legend(&v);
	panel_cores(&v);
	panel_memory(&v);
	if (r->lines.n)
		panel_lines(&v);
	panel_links(&v);
	buf_printf(out,
		   "<svg %sviewBox=\"-8 0 %u %u\" role=\"img\" "
		   "aria-label=\"map of CPUs, memory, interrupts and links\">\n",
		   standalone ? "xmlns=\"http://www.w3.org/2000/svg\" " : "", WIDTH + 16, v.y + 8);
	buf_str(out, "<style>text{font:12px sans-serif}.h{font-size:16px;font-weight:bold}"
		     ".a{font-family:monospace;font-size:11px}.s{font-size:10px}</style>\n");
	if (standalone)
		buf_printf(out, "<rect x=\"-8\" y=\"0\" width=\"%u\" height=\"%u\" fill=\"#fff\"/>\n",
			   WIDTH + 16, v.y + 8);
	buf_add(out, body.data, body.len);
	buf_str(out, "</svg>\n");
}
