// SPDX-License-Identifier: GPL-2.0-only
/*
 * The report of every decision: report.txt for a terminal, report.json for programs, report.html
 * with the map for a browser.
 */
#include "emit.h"

#include "report/report.h"

void emit_report(struct cellc *c, struct model *m, struct outputs *outs)
{
	const struct report *r = report_make(c, m);

	report_text(c, r, &output_add(c, outs, "report.txt")->data);
	report_json(c, r, &output_add(c, outs, "report.json")->data);
	report_html(c, r, &output_add(c, outs, "report.html")->data);
}
