// SPDX-License-Identifier: GPL-2.0-only
/*
 * cellc map: who owns what, of plans and of binary descriptors, as text or as a picture. A model
 * with errors is drawn all the same: the map helps to see what is wrong.
 */
#include "inputs.h"

#include <stdio.h>

#include "report/report.h"

struct map_options {
	bool svg, html, json, text;
};

static void map_run(struct run *r, void *arg)
{
	const struct map_options *o = arg;
	struct report *report;
	struct buf out;

	passes_run(r, RUN_CHECK);
	/* of a file that could not be read there is nothing to draw */
	if (!r->model || r->dumped || (r->errors && !r->model->cells.n))
		return;
	report = report_make(r->c, r->model);
	buf_init(&out, r->c->arena);
	if (o->svg)
		report_svg(r->c, report, &out, true);
	else if (o->html)
		report_html(r->c, report, &out);
	else if (o->json)
		report_json(r->c, report, &out);
	else
		report_text(r->c, report, &out);
	fwrite(out.data, 1, out.len, stdout);
}

int cmd_map(int argc, char **argv)
{
	struct map_options o = {0};
	const struct option own[] = {
		{"--text", NULL, NULL, "as text (what you get if none of these is given)", &o.text, NULL},
		{"--svg", NULL, NULL, "as an SVG image", &o.svg, NULL},
		{"--html", NULL, NULL, "as an HTML page that needs no other file", &o.html, NULL},
		{"--json", NULL, NULL, "as JSON", &o.json, NULL},
		{0},
	};
	struct cmdline cl;
	struct cellc c;

	cellc_init(&c);
	if (options_parse(&c, &cl, argc, argv, "[OPTION...] FILE...", OPTS_FINDINGS | OPTS_INPUT,
			  own, 1, SIZE_MAX)) {
		if (o.svg + o.html + o.json + o.text > 1) {
			fprintf(stderr, "cellc map: one of --text, --svg, --html, --json at a time\n");
			cl.exit = EXIT_MISUSE;
		} else {
			inputs_each(&c, &cl, map_run, &o);
			cl.exit = findings_finish(&c, false);
		}
	}
	cellc_free(&c);
	return cl.exit;
}
