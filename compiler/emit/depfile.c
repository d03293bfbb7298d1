// SPDX-License-Identifier: GPL-2.0-only
/*
 * The dependency file of -MD, for make and ninja: one rule, every output depends on every input,
 * and an empty rule for each input, so that a removed file is no error (gcc's -MP).
 */
#include "emit.h"

#include <string.h>

/* As gcc writes names: blanks and '#' with a backslash, '$' doubled, and a backslash doubled only
 * where blanks follow it. */
static void add_name(struct buf *out, const char *name)
{
	for (const char *p = name; *p; p++) {
		if (*p == ' ' || *p == '\t') {
			for (const char *q = p; q > name && q[-1] == '\\'; q--)
				buf_char(out, '\\');
			buf_char(out, '\\');
		} else if (*p == '#') {
			buf_char(out, '\\');
		} else if (*p == '$') {
			buf_char(out, '$');
		}
		buf_char(out, *p);
	}
}

static bool seen_before(const struct cellc *c, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (strcmp(c->inputs.v[j], c->inputs.v[i]) == 0)
			return true;
	return false;
}

static void add_targets(struct cellc *c, const struct outputs *outs, const char *dir,
			struct buf *out)
{
	if (c->opt.depfile_target) {
		add_name(out, c->opt.depfile_target);
		return;
	}
	for (size_t i = 0; i < outs->v.n; i++) {
		buf_str(out, i ? " \\\n " : "");
		if (strcmp(dir, ".") != 0)
			add_name(out, arena_printf(c->arena, "%s/%s", dir, outs->v.v[i]->name));
		else
			add_name(out, outs->v.v[i]->name);
	}
}

void emit_depfile(struct cellc *c, const struct outputs *outs, const char *dir, struct buf *out)
{
	buf_init(out, c->arena);
	add_targets(c, outs, dir, out);
	buf_char(out, ':');
	for (size_t i = 0; i < c->inputs.n; i++) {
		if (seen_before(c, i))
			continue;
		buf_str(out, " \\\n ");
		add_name(out, c->inputs.v[i]);
	}
	buf_char(out, '\n');
	for (size_t i = 0; i < c->inputs.n; i++) {
		if (seen_before(c, i))
			continue;
		buf_char(out, '\n');
		add_name(out, c->inputs.v[i]);
		buf_str(out, ":\n");
	}
}
