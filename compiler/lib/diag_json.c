// SPDX-License-Identifier: GPL-2.0-only
/*
 * Findings as one JSON object: { "version": 1, "findings": [...], "errors": n, "warnings": n,
 * "allowed": n }. Nothing is cut off; findings that an "allow" covers are there with its reason.
 */
#include "diag.h"
#include "json.h"

static void add_span(struct cellc *c, struct json *j, struct span span)
{
	struct position start, end;

	if (!source_position(c, span.start, &start))
		return;
	json_string(j, "file", start.source->name);
	json_u64(j, "line", start.line);
	json_u64(j, "column", start.column);
	if (!source_position(c, span.end, &end))
		return;
	json_u64(j, "end_line", end.line);
	json_u64(j, "end_column", end.column);
}

static void add_location(struct cellc *c, struct json *j, const struct origin *at)
{
	at = diag_place(at);
	if (!at) {
		json_null(j, "location");
		return;
	}
	json_object(j, "location");
	if (at->kind == FROM_PLAN) {
		json_string(j, "kind", "source");
		add_span(c, j, at->span);
	} else {
		json_string(j, "kind", at->kind == FROM_TREE ? "tree" : "binary");
		json_string(j, "file", at->file);
		json_string(j, at->kind == FROM_TREE ? "path" : "record", at->path);
		json_string(j, at->kind == FROM_TREE ? "property" : "field", at->prop);
	}
	if (at->kind == FROM_BINARY)
		json_u64(j, "offset", at->offset);
	json_end(j);
}

static void add_fix(struct cellc *c, struct json *j, const struct diag *d)
{
	if (!d->fix)
		return;
	json_object(j, "fix");
	add_span(c, j, d->fix_span);
	json_string(j, "replacement", d->fix);
	json_end(j);
}

static void add_finding(struct cellc *c, struct json *j, const struct diag *d)
{
	json_object(j, NULL);
	json_string(j, "code", diag_code_text(d->code));
	json_string(j, "name", diag_code_name(d->code));
	json_string(j, "severity", diag_severity_text(d));
	json_string(j, "message", d->text);
	add_location(c, j, d->at);
	json_array(j, "notes");
	for (size_t i = 0; i < d->notes.n; i++) {
		json_object(j, NULL);
		json_string(j, "message", d->notes.v[i].text);
		add_location(c, j, d->notes.v[i].at);
		json_end(j);
	}
	json_end(j);
	if (d->help)
		json_string(j, "help", d->help);
	add_fix(c, j, d);
	if (d->allowed)
		json_string(j, "allowed", d->allowed);
	json_end(j);
}

void diag_print_json(struct cellc *c, struct buf *out, const struct diag_list *list)
{
	struct json j;

	json_init(&j, out, 2);
	json_object(&j, NULL);
	json_u64(&j, "version", 1);
	json_array(&j, "findings");
	for (size_t i = 0; i < list->n; i++)
		add_finding(c, &j, list->v[i]);
	json_end(&j);
	json_u64(&j, "errors", list->errors);
	json_u64(&j, "warnings", list->warnings);
	json_u64(&j, "allowed", list->allowed);
	json_end(&j);
}
