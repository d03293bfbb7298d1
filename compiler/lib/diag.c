// SPDX-License-Identifier: GPL-2.0-only
/*
 * Findings: recorded while passes run, printed once at the end, in the order of the sources.
 */
#include "diag.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *code, *title;
} catalogue[] = {
#define DIAG(code, name, title) {#code, title},
#include "../diag.def"
#undef DIAG
};

/* the names of diag.def with '-' for '_', in its order; made by the Makefile */
static const char *const names[] = {
#include "diag_names.inc"
};
static_assert(ARRAY_SIZE(names) == D_COUNT, "a line of diag.def begins DIAG(code, name,");

const char *diag_code_text(enum diag_code code)
{
	return catalogue[code].code;
}

const char *diag_code_name(enum diag_code code)
{
	return names[code];
}

const char *diag_code_title(enum diag_code code)
{
	return catalogue[code].title;
}


enum diag_code diag_lookup(const char *text)
{
	for (u32 i = 0; i < D_COUNT; i++)
		if (strcmp(catalogue[i].code, text) == 0 || strcmp(names[i], text) == 0)
			return (enum diag_code)i;
	return D_COUNT;
}

static enum severity severity_of(const struct cellc *c, enum diag_code code)
{
	if (catalogue[code].code[0] == 'E' || c->severity_error[code] || c->warnings_are_errors)
		return SEV_ERROR;
	return SEV_WARNING;
}

struct diag *diag_report(struct cellc *c, enum diag_code code, const struct origin *at,
			 const char *fmt, ...)
{
	struct diag *d = NEW(c->arena, struct diag);
	va_list ap;

	va_start(ap, fmt);
	*d = (struct diag){
		.code = code,
		.severity = severity_of(c, code),
		.at = at,
		.text = arena_vprintf(c->arena, fmt, ap),
		.sequence = (u32)c->diags.n,
	};
	va_end(ap);
	d->off = catalogue[code].code[0] == 'W' && c->severity_off[code];
	if (d->severity == SEV_ERROR && !d->off)
		c->errors++;
	*vec_push(c->arena, &c->diags) = d;
	return d;
}

void diag_note(struct cellc *c, struct diag *d, const struct origin *at, const char *fmt, ...)
{
	struct diag_note *n = vec_push(c->arena, &d->notes);
	va_list ap;

	va_start(ap, fmt);
	n->at = at;
	n->text = arena_vprintf(c->arena, fmt, ap);
	va_end(ap);
}

void diag_help(struct cellc *c, struct diag *d, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	d->help = arena_vprintf(c->arena, fmt, ap);
	va_end(ap);
}

void diag_fix(struct cellc *c, struct diag *d, struct span span, const char *replacement)
{
	d->fix_span = span;
	d->fix = intern_str(c->arena, replacement);
}

void diag_subject(struct cellc *c, struct diag *d, const char *kind, const char *name)
{
	struct diag_subject *s = vec_push(c->arena, &d->subjects);

	s->kind = kind;
	s->name = name;
}
