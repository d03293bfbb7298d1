// SPDX-License-Identifier: GPL-2.0-only
/*
 * The report as one HTML page that needs nothing else: the map, then tables of every number with
 * where it came from.
 */
#include "report/report.h"
#include "lib/diag.h"

static const char style[] =
	":root{color-scheme:light dark}"
	"body{font:15px/1.45 system-ui,sans-serif;margin:0 auto;max-width:76rem;padding:1rem}"
	"h1{font-size:1.5rem;margin:.2rem 0}h2{font-size:1.15rem;margin:1.6rem 0 .4rem}"
	"svg{width:100%;min-width:44rem;height:auto;max-width:64rem;display:block}"
	"svg text{fill:currentColor}"
	".wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.86rem}"
	"th,td{text-align:left;padding:.2rem .6rem .2rem 0;border-bottom:1px solid #8884;"
	"vertical-align:top}code,.n{font-family:ui-monospace,monospace;font-size:.82rem}"
	".n{white-space:nowrap}.f{color:#777;min-width:14rem;overflow-wrap:anywhere}"
	"td+td{min-width:5rem}";

static void cell_text(struct buf *out, const char *class, const char *s)
{
	buf_printf(out, "<td class=\"%s\">", class);
	html_text(out, s);
	buf_str(out, "</td>");
}

/* columns: headings separated by '|' */
static void table_open(struct buf *out, const char *title, const char *columns)
{
	buf_printf(out, "<h2>%s</h2>\n<div class=\"wide\"><table><thead><tr><th>", title);
	for (; *columns; columns++)
		*columns == '|' ? buf_str(out, "</th><th>") : buf_char(out, *columns);
	buf_str(out, "</th></tr></thead><tbody>\n");
}

static void table_close(struct buf *out)
{
	buf_str(out, "</tbody></table></div>\n");
}

static void html_cores(struct cellc *c, const struct report *r, struct buf *out)
{
	table_open(out, "CPUs", "CPU|cluster|owner|core|from");
	for (size_t i = 0; i < r->cores.n; i++) {
		const struct core *k = &r->cores.v[i];

		buf_printf(out, "<tr><td>%u</td><td>%u</td>", k->index, k->cluster);
		cell_text(out, "", k->owner ? k->owner->label : "nobody");
		cell_text(out, "", k->what);
		cell_text(out, "f", from_text(c, k->from));
		buf_str(out, "</tr>\n");
	}
	table_close(out);
}

static void html_memory(struct cellc *c, const struct report *r, struct buf *out)
{
	table_open(out, "Physical memory", "host addresses|size|owner|what|access|guest|from");
	for (size_t i = 0; i < r->segments.n; i++) {
		const struct segment *s = &r->segments.v[i];
		u64 size = s->last - s->start + 1;

		buf_str(out, "<tr>");
		cell_text(out, "n", fmt_range(c->arena, s->start, size));
		cell_text(out, "n", fmt_size(c->arena, size));
		cell_text(out, "", s->owner->label);
		cell_text(out, "", s->what);
		cell_text(out, "n", s->mapped ? flags_text(c, s->flags) : "");
		cell_text(out, "n",
			  !s->mapped		? ""
			  : s->guest == s->start ? "same"
						 : fmt_addr(c->arena, s->guest));
		cell_text(out, "f", from_text(c, s->from));
		buf_str(out, "</tr>\n");
	}
	table_close(out);
}

static void html_lines(struct cellc *c, const struct report *r, struct buf *out)
{
	table_open(out, "Interrupts", "line|INTID or pin|owner|device|from");
	for (size_t i = 0; i < r->lines.n; i++) {
		const struct line *l = &r->lines.v[i];

		buf_str(out, "<tr>");
		cell_text(out, "n", line_text(c, r->model, l));
		buf_printf(out, "<td>%u</td>", l->pin);
		cell_text(out, "", l->owner->label);
		cell_text(out, "", l->what);
		cell_text(out, "f", from_text(c, l->from));
		buf_str(out, "</tr>\n");
	}
	table_close(out);
}

static void html_decisions(struct cellc *c, const struct report *r, struct buf *out)
{
	table_open(out, "What the compiler chose", "what|result|why|asked for at");
	for (size_t i = 0; i < r->model->placements.n; i++) {
		const struct placement *p = &r->model->placements.v[i];

		buf_str(out, "<tr>");
		cell_text(out, "", p->what);
		cell_text(out, "n", p->result);
		cell_text(out, "", p->why);
		cell_text(out, "f", from_text(c, p->from));
		buf_str(out, "</tr>\n");
	}
	table_close(out);
}

static void html_findings(struct cellc *c, struct buf *out)
{
	table_open(out, "Findings", "code|finding|allowed because|place");
	for (size_t i = 0; i < c->diags.n; i++) {
		const struct diag *d = c->diags.v[i];

		if (d->off)
			continue;
		buf_str(out, "<tr>");
		cell_text(out, "n", diag_code_text(d->code));
		cell_text(out, "", d->text);
		cell_text(out, "", d->allowed ? d->allowed : "");
		cell_text(out, "f", origin_text(c, d->at));
		buf_str(out, "</tr>\n");
	}
	table_close(out);
}

static void html_head(const struct report *r, struct buf *out)
{
	const struct model *m = r->model;

	buf_str(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
		     "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>");
	html_text(out, m->plan_name ? m->plan_name : "plan");
	buf_printf(out, ": who owns what</title>\n<style>%s</style></head>\n<body>\n<h1>", style);
	html_text(out, m->plan_name ? m->plan_name : "plan");
	buf_str(out, ": who owns what</h1>\n<p>");
	if (m->machine && m->machine->model) {
		html_text(out, m->machine->model);
		buf_str(out, ", ");
	}
	report_counts(r, out);
	buf_str(out, "</p>\n");
}

void report_html(struct cellc *c, const struct report *r, struct buf *out)
{
	html_head(r, out);
	buf_str(out, "<div class=\"wide\">");
	report_svg(c, r, out, false);
	buf_str(out, "</div>\n");
	html_cores(c, r, out);
	html_memory(c, r, out);
	if (r->lines.n)
		html_lines(c, r, out);
	if (r->model->placements.n)
		html_decisions(c, r, out);
	if (c->diags.n)
		html_findings(c, out);
	buf_str(out, "</body></html>\n");
}
