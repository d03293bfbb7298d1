// SPDX-License-Identifier: GPL-2.0-only
/*
 * The report as text for a terminal: who owns what, and why.
 */
#include "report.h"
#include "lib/diag.h"

#include <string.h>

#define GAP_SHOWN (16 * MIB) /* smaller holes between devices are no news */

static const char *plural(u64 n)
{
	return n == 1 ? "" : "s";
}

static void heading(struct buf *out, const char *text)
{
	buf_printf(out, "\n%s\n", text);
}

void report_counts(const struct report *r, struct buf *out)
{
	const struct model *m = r->model;
	size_t owners = 0;

	for (size_t i = 0; i < m->cells.n; i++)
		owners += !m->cells.v[i]->is_root;
	buf_printf(out, "%s, %zu cell%s%s, %zu CPU%s, %zu link%s", arch_name(m->arch), owners,
		   plural(owners), model_root(m) ? " beside root" : "", r->cores.n,
		   plural(r->cores.n), m->links.n, plural(m->links.n));
}

static void text_summary(const struct report *r, struct buf *out)
{
	const struct model *m = r->model;

	buf_printf(out, "%s: ", m->plan_name ? m->plan_name : "plan");
	report_counts(r, out);
	buf_str(out, "\n");
	if (m->machine && m->machine->model)
		buf_printf(out, "host: %s (%s)\n", m->machine->model,
			   m->machine->file ? m->machine->file : "stated in the plan");
}

static void text_cores(struct cellc *c, const struct report *r, struct buf *out)
{
	heading(out, "CPUs");
	for (size_t i = 0; i < r->cores.n; i++) {
		const struct core *k = &r->cores.v[i];

		buf_printf(out, "  %3u  %-22s %-18s %s\n", k->index,
			   k->owner ? k->owner->label : "nobody", k->what, from_text(c, k->from));
	}
}

static void text_gap(const struct segment *s, const struct segment *prev,
		     struct buf *out)
{
	if (prev && s->start - prev->last > GAP_SHOWN)
		buf_printf(out, "  %29s %8s\n", "", "...");
}

static bool same_band(const struct segment *a, const struct segment *b)
{
	return a->owner == b->owner && a->last + 1 == b->start && a->what == b->what &&
	       a->flags == b->flags;
}

static void text_segment(struct cellc *c, const struct segment *s, struct buf *out)
{
	u64 size = s->last - s->start + 1;

	buf_printf(out, "  %-27s %8s  %-20s %s", fmt_range(c->arena, s->start, size),
		   fmt_size(c->arena, size), s->owner->label, s->what);
	if (s->mapped)
		buf_printf(out, ", %s", flags_text(c, s->flags));
	if (s->mapped && s->guest != s->start)
		buf_printf(out, ", guest %s", fmt_addr(c->arena, s->guest));
	buf_char(out, '\n');
	if (!s->from || s->from->kind != FROM_TREE || strcmp(s->from->path, s->what) != 0)
		buf_printf(out, "  %37s %s\n", "", from_text(c, s->from));
}

static void text_memory(struct cellc *c, const struct report *r, struct buf *out)
{
	heading(out, "Physical memory");
	for (size_t i = 0; i < r->segments.n;) {
		struct segment band = r->segments.v[i];
		size_t next = i + 1;

		while (next < r->segments.n && same_band(&band, &r->segments.v[next]))
			band.last = r->segments.v[next++].last;
		text_gap(&band, i ? &r->segments.v[i - 1] : NULL, out);
		text_segment(c, &band, out);
		i = next;
	}
}

static void text_lines(struct cellc *c, const struct report *r, struct buf *out)
{
	heading(out, "Interrupts");
	for (size_t i = 0; i < r->lines.n; i++) {
		const struct line *l = &r->lines.v[i];

		buf_printf(out, "  %-9s %-20s %s\n", line_text(c, r->model, l), l->owner->label,
			   *l->what ? l->what : from_text(c, l->from));
	}
}

static void text_link(struct cellc *c, const struct link *l, struct buf *out)
{
	buf_printf(out, "  %-12s %s, protocol 0x%x, at %s (%s), slot 00:%02llx.0, %s\n", l->name,
		   link_kind_text(l->kind), l->protocol, fmt_addr(c->arena, l->phys.v),
		   from_text(c, l->phys.from), (unsigned long long)l->slot.v,
		   l->vectors ? arena_printf(c->arena, "%u MSI-X vectors", l->vectors) : "INTx");
	buf_printf(out, "  %-12s state table %s, common %s, output %s each\n", "",
		   fmt_size(c->arena, l->state_size), fmt_size(c->arena, l->common_size),
		   fmt_size(c->arena, l->output_size));
	for (size_t i = 0; i < l->peers.n; i++)
		buf_printf(out, "  %-12s peer %llu: %s \"%s\"\n", "",
			   (unsigned long long)l->peers.v[i].id.v,
			   l->peers.v[i].cell->is_root ? "root" : "cell", l->peers.v[i].cell->name);
}

static void text_decisions(struct cellc *c, const struct report *r, struct buf *out)
{
	const struct model *m = r->model;

	if (m->placements.n)
		heading(out, "What the compiler chose");
	for (size_t i = 0; i < m->placements.n; i++) {
		const struct placement *p = &m->placements.v[i];

		buf_printf(out, "  %s: %s\n      %s; asked for at %s\n", p->what, p->result, p->why,
			   from_text(c, p->from));
	}
}

static void text_allowed(struct cellc *c, const struct report *r, struct buf *out)
{
	bool any = false;

	(void)r;
	for (size_t i = 0; i < c->diags.n; i++) {
		const struct diag *d = c->diags.v[i];

		if (d->off)
			continue;
		if (!any)
			heading(out, "Findings");
		any = true;
		buf_printf(out, "  %s %s: %s\n", diag_code_text(d->code), origin_text(c, d->at),
			   d->text);
		if (d->allowed)
			buf_printf(out, "        allowed: %s\n", d->allowed);
	}
}

void report_text(struct cellc *c, const struct report *r, struct buf *out)
{
	text_summary(r, out);
	text_cores(c, r, out);
	text_memory(c, r, out);
	if (r->lines.n)
		text_lines(c, r, out);
	if (r->model->links.n)
		heading(out, "Links");
	for (size_t i = 0; i < r->model->links.n; i++)
		text_link(c, r->model->links.v[i], out);
	text_decisions(c, r, out);
	text_allowed(c, r, out);
}
