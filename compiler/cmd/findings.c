// SPDX-License-Identifier: GPL-2.0-only
/*
 * How a command ends: its findings printed, its exit code told.
 */
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum diag_format format_of(const struct cellc *c)
{
	static const char *const names[] = {"text", "json", "sarif", "gcc"};

	for (size_t i = 0; c->opt.format && i < ARRAY_SIZE(names); i++)
		if (strcmp(names[i], c->opt.format) == 0)
			return (enum diag_format)i;
	return DIAG_TEXT;
}

/* no-color.org: any non-empty NO_COLOR means none */
static bool wants_color(const struct cellc *c, FILE *to)
{
	const char *when = c->opt.color ? c->opt.color : "auto", *none = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if (strcmp(when, "auto") != 0)
		return strcmp(when, "always") == 0;
	return isatty(fileno(to)) && !(none && *none) && !(term && strcmp(term, "dumb") == 0);
}

int findings_finish(struct cellc *c, bool to_stdout)
{
	FILE *to = to_stdout ? stdout : stderr;
	struct buf out;
	u32 errors;

	buf_init(&out, c->arena);
	errors = diag_print(c, &out, format_of(c), wants_color(c, to));
	fwrite(out.data, 1, out.len, to);
	return errors ? EXIT_FINDINGS : EXIT_CLEAN;
}
