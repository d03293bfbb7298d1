// SPDX-License-Identifier: GPL-2.0-only
/*
 * Findings in order: sources as they were read, then trees, then binaries; equal places in the
 * order of finding; what was found twice is said once. The formats are in files of their own.
 */
#include "diag.h"

#include <stdlib.h>
#include <string.h>

const struct origin *diag_place(const struct origin *at)
{
	while (at && (at->kind == FROM_RULE || at->kind == FROM_PLACEMENT))
		at = at->parent;
	return at;
}

const char *diag_place_text(struct cellc *c, const struct origin *at)
{
	at = diag_place(at);
	return at ? origin_text(c, at) : "cellc";
}

const char *diag_severity_text(const struct diag *d)
{
	return d->severity == SEV_ERROR ? "error" : "warning";
}

static int compare_u64(u64 a, u64 b)
{
	return (a > b) - (a < b);
}

static int compare_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

/* Findings without a place come first: they tell why others may be missing. */
static int rank(const struct origin *at)
{
	if (!at)
		return 0;
	return at->kind == FROM_PLAN ? 1 : at->kind == FROM_TREE ? 2 : 3;
}

static int compare_places(const struct origin *a, const struct origin *b)
{
	int order;

	a = diag_place(a);
	b = diag_place(b);
	if (rank(a) != rank(b))
		return rank(a) - rank(b);
	if (!a)
		return 0;
	if (a->kind == FROM_PLAN) {
		order = compare_u64(a->span.start, b->span.start);
		return order ? order : compare_u64(a->span.end, b->span.end);
	}
	order = compare_text(a->file, b->file);
	return order ? order : compare_u64(a->offset, b->offset);
}

static int by_place(const void *pa, const void *pb)
{
	const struct diag *a = *(struct diag *const *)pa, *b = *(struct diag *const *)pb;
	int order = compare_places(a->at, b->at);

	return order ? order : compare_u64(a->sequence, b->sequence);
}

/* Whether both say the same of the same place. */
static int compare_sayings(const struct diag *a, const struct diag *b)
{
	const struct origin *pa = diag_place(a->at), *pb = diag_place(b->at);
	int order = compare_places(pa, pb);

	if (!order && pa && pa->kind != FROM_PLAN) {
		order = compare_text(pa->path, pb->path);
		order = order ? order : compare_text(pa->prop, pb->prop);
	}
	order = order ? order : compare_u64(a->code, b->code);
	return order ? order : strcmp(a->text, b->text);
}

static int by_saying(const void *pa, const void *pb)
{
	const struct diag *a = *(struct diag *const *)pa, *b = *(struct diag *const *)pb;
	int order = compare_sayings(a, b);

	return order ? order : compare_u64(a->sequence, b->sequence);
}

static size_t drop_duplicates(struct diag **v, size_t n)
{
	size_t kept = 0;

	if (n)
		qsort(v, n, sizeof(*v), by_saying);
	for (size_t i = 0; i < n; i++)
		if (!kept || compare_sayings(v[kept - 1], v[i]) != 0)
			v[kept++] = v[i];
	return kept;
}

static struct diag_list collect(struct cellc *c)
{
	struct diag **v = arena_alloc(c->arena, (c->diags.n + 1) * sizeof(struct diag *));
	struct diag_list list = {.v = (const struct diag **)v};
	size_t n = 0;

	for (size_t i = 0; i < c->diags.n; i++)
		if (!c->diags.v[i]->off)
			v[n++] = c->diags.v[i];
	list.n = drop_duplicates(v, n);
	if (list.n)
		qsort(v, list.n, sizeof(*v), by_place);
	for (size_t i = 0; i < list.n; i++) {
		list.allowed += v[i]->allowed != NULL;
		list.errors += !v[i]->allowed && v[i]->severity == SEV_ERROR;
		list.warnings += !v[i]->allowed && v[i]->severity == SEV_WARNING;
	}
	list.shown = list.errors + list.warnings;
	if (c->opt.max_findings)
		list.shown = MIN(list.shown, c->opt.max_findings);
	return list;
}

void diag_print_gcc(struct cellc *c, struct buf *out, const struct diag_list *list)
{
	size_t left = list->shown;

	for (size_t i = 0; i < list->n && left; i++) {
		const struct diag *d = list->v[i];

		if (d->allowed)
			continue;
		left--;
		visible_text(out, diag_place_text(c, d->at));
		buf_printf(out, ": %s: ", diag_severity_text(d));
		visible_text(out, d->text);
		buf_printf(out, " [%s]\n", diag_code_text(d->code));
		for (size_t n = 0; n < d->notes.n; n++) {
			visible_text(out, diag_place_text(c, d->notes.v[n].at));
			buf_str(out, ": note: ");
			visible_text(out, d->notes.v[n].text);
			buf_char(out, '\n');
		}
	}
}

u32 diag_print(struct cellc *c, struct buf *out, enum diag_format format, bool color)
{
	struct diag_list list = collect(c);

	switch (format) {
	case DIAG_TEXT:
		diag_print_text(c, out, &list, color);
		break;
	case DIAG_JSON:
		diag_print_json(c, out, &list);
		break;
	case DIAG_SARIF:
		diag_print_sarif(c, out, &list);
		break;
	case DIAG_GCC:
		diag_print_gcc(c, out, &list);
		break;
	}
	return list.errors;
}
