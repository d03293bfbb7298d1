// SPDX-License-Identifier: GPL-2.0-only
/*
 * Findings as SARIF 2.1.0 (OASIS Static Analysis Results Interchange Format), for code hosts and
 * editors: the catalogue as rules, one result a finding, places in trees and binaries as logical
 * locations, "allow" as an in-source suppression, fixes as replacements.
 */
#include "diag.h"
#include "json.h"

#include <string.h>

/* RFC 3986: what may stand in a path; a ':' in a relative path would look like a scheme. */
static const char *uri_of(struct cellc *c, const char *file)
{
	static const char safe[] = "-._~/!$&'()*+,;=@";
	struct buf b;

	buf_init(&b, c->arena);
	if (file[0] == '/')
		buf_str(&b, "file://");
	for (; *file; file++) {
		bool plain = (*file >= 'a' && *file <= 'z') || (*file >= 'A' && *file <= 'Z') ||
			     (*file >= '0' && *file <= '9') || strchr(safe, *file);

		buf_printf(&b, plain ? "%c" : "%%%02X", (u8)*file);
	}
	return b.data;
}

static void add_artifact(struct cellc *c, struct json *j, const char *file)
{
	json_object(j, "artifactLocation");
	json_string(j, "uri", uri_of(c, file));
	json_end(j);
}

/* Columns count code points, from 1. */
static u32 code_points(const struct position *pos)
{
	u32 n = 1, cp;
	size_t i = 0;

	while (i < pos->column - 1u && i < pos->line_len) {
		size_t len = utf8_decode(pos->line_text + i, pos->line_len - i, &cp);

		i += len ? len : 1;
		n++;
	}
	return n;
}

static void add_region(struct cellc *c, struct json *j, const char *key, struct span span)
{
	struct position start, end;

	if (!source_position(c, span.start, &start) || !source_position(c, span.end, &end))
		return;
	json_object(j, key);
	json_u64(j, "startLine", start.line);
	json_u64(j, "startColumn", code_points(&start));
	json_u64(j, "endLine", end.line);
	json_u64(j, "endColumn", code_points(&end));
	json_end(j);
}

static const char *file_of(struct cellc *c, const struct origin *at)
{
	const struct source *src = at->kind == FROM_PLAN ? source_of(c, at->span.start) : NULL;

	return src ? src->name : at->file;
}

static void add_physical(struct cellc *c, struct json *j, const struct origin *at)
{
	if (!file_of(c, at))
		return;
	json_object(j, "physicalLocation");
	add_artifact(c, j, file_of(c, at));
	if (at->kind == FROM_PLAN) {
		add_region(c, j, "region", at->span);
	} else if (at->kind == FROM_BINARY) {
		json_object(j, "region");
		json_u64(j, "byteOffset", at->offset);
		json_u64(j, "byteLength", 0);
		json_end(j);
	}
	json_end(j);
}

static void add_logical(struct json *j, const struct origin *at)
{
	if (at->kind == FROM_PLAN || !at->path)
		return;
	json_array(j, "logicalLocations");
	json_object(j, NULL);
	if (at->prop)
		json_printf(j, "fullyQualifiedName", "%s: %s", at->path, at->prop);
	else
		json_string(j, "fullyQualifiedName", at->path);
	json_string(j, "kind", at->kind == FROM_TREE ? "object" : "member");
	json_end(j);
	json_end(j);
}

/* One location object; message may be NULL. */
static void add_location(struct cellc *c, struct json *j, const struct origin *at,
			 const char *message)
{
	at = diag_place(at);
	json_object(j, NULL);
	if (at) {
		add_physical(c, j, at);
		add_logical(j, at);
	}
	if (message) {
		json_object(j, "message");
		json_string(j, "text", message);
		json_end(j);
	}
	json_end(j);
}

static void add_notes(struct cellc *c, struct json *j, const struct diag *d)
{
	if (!d->notes.n)
		return;
	json_array(j, "relatedLocations");
	for (size_t i = 0; i < d->notes.n; i++)
		add_location(c, j, d->notes.v[i].at, d->notes.v[i].text);
	json_end(j);
}

static void add_fix(struct cellc *c, struct json *j, const struct diag *d)
{
	const struct source *src = source_of(c, d->fix_span.start);

	if (!d->fix || !src)
		return;
	json_array(j, "fixes");
	json_object(j, NULL);
	json_object(j, "description");
	json_string(j, "text", d->help ? d->help : "change this");
	json_end(j);
	json_array(j, "artifactChanges");
	json_object(j, NULL);
	add_artifact(c, j, src->name);
	json_array(j, "replacements");
	json_object(j, NULL);
	add_region(c, j, "deletedRegion", d->fix_span);
	json_object(j, "insertedContent");
	json_string(j, "text", d->fix);
	for (int open = 0; open < 7; open++) /* insertedContent out to fixes */
		json_end(j);
}

static void add_suppression(struct json *j, const struct diag *d)
{
	if (!d->allowed)
		return;
	json_array(j, "suppressions");
	json_object(j, NULL);
	json_string(j, "kind", "inSource");
	json_string(j, "justification", d->allowed);
	json_end(j);
	json_end(j);
}

static void add_result(struct cellc *c, struct json *j, const struct diag *d)
{
	json_object(j, NULL);
	json_string(j, "ruleId", diag_code_text(d->code));
	json_u64(j, "ruleIndex", d->code);
	json_string(j, "level", diag_severity_text(d));
	json_object(j, "message");
	if (d->help)
		json_printf(j, "text", "%s (%s)", d->text, d->help);
	else
		json_string(j, "text", d->text);
	json_end(j);
	json_array(j, "locations");
	if (diag_place(d->at))
		add_location(c, j, d->at, NULL);
	json_end(j);
	add_notes(c, j, d);
	add_fix(c, j, d);
	add_suppression(j, d);
	json_end(j);
}

static void add_rules(struct json *j)
{
	json_array(j, "rules");
	for (u32 i = 0; i < D_COUNT; i++) {
		enum diag_code code = (enum diag_code)i;

		json_object(j, NULL);
		json_string(j, "id", diag_code_text(code));
		json_string(j, "name", diag_code_name(code));
		json_object(j, "shortDescription");
		json_string(j, "text", diag_code_title(code));
		json_end(j);
		json_object(j, "defaultConfiguration");
		json_string(j, "level", diag_code_text(code)[0] == 'E' ? "error" : "warning");
		json_end(j);
		json_end(j);
	}
	json_end(j);
}

void diag_print_sarif(struct cellc *c, struct buf *out, const struct diag_list *list)
{
	struct json j;

	json_init(&j, out, 2);
	json_object(&j, NULL);
	json_string(&j, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
	json_string(&j, "version", "2.1.0");
	json_array(&j, "runs");
	json_object(&j, NULL);
	json_object(&j, "tool");
	json_object(&j, "driver");
	json_string(&j, "name", "cellc");
	json_string(&j, "version", CELLC_VERSION);
	add_rules(&j);
	json_end(&j);
	json_end(&j);
	json_string(&j, "columnKind", "unicodeCodePoints");
	json_array(&j, "results");
	for (size_t i = 0; i < list->n; i++)
		add_result(c, &j, list->v[i]);
	for (int open = 0; open < 4; open++) /* results, run, runs, log */
		json_end(&j);
}
