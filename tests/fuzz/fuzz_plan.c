// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes as a plan: no pass crashes or hangs, and the layout is stable.
 *
 * In: bytes from libFuzzer. What a plan names is not read: a plan with a host statement, whatever
 * it names, gets the machine of plan.dts, and nothing is included.
 */
#include "emit/emit.h"
#include "ast.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef FUZZ_TREE
#define FUZZ_TREE "build/fuzz/plan.dtb"
#endif

static struct source *source_of_bytes(struct cellc *c, const char *text, size_t len)
{
	const char *err = NULL;
	struct source *src = source_add(c, "fuzz.plan", text ? text : "", len, &err);

	if (!src)
		abort();
	return src;
}

/* Laid out once, the text has the same statements; laid out again, it is the same text. */
static void check_layout(const char *text, size_t len, const char *dump)
{
	struct ast ast = {0};
	char *once, *twice;
	struct source *src;
	struct buf out;
	struct cellc c;

	cellc_init(&c);
	buf_init(&out, c.arena);
	once = fmt_text(&c, source_of_bytes(&c, text, len));
	if (once) {
		src = source_of_bytes(&c, once, strlen(once));
		parse_source(&c, src, &ast);
		schema_check(&c, &ast);
		ast_dump(&c, &ast, &out);
		twice = fmt_text(&c, src);
		if (!twice || strcmp(once, twice) != 0 || strcmp(out.data, dump) != 0)
			abort();
	}
	cellc_free(&c);
}

static struct machine *machine_of(struct cellc *c, const struct ast *ast)
{
	static char blob[65536];
	static size_t len;
	FILE *f;

	if (!len) {
		f = fopen(FUZZ_TREE, "rb");
		len = f ? fread(blob, 1, sizeof(blob), f) : 0;
		if (!len)
			abort();
		fclose(f);
	}
	for (size_t i = 0; i < ast->stmts.n; i++)
		if (ast->stmts.v[i]->kw == KW_host)
			return host_from_blob(c, "plan.dtb", blob, len, NULL);
	return NULL;
}

/* The passes behind the front end, as passes.c runs them. */
static void run_passes(struct cellc *c, struct ast *ast)
{
	struct outputs outs = {0};
	u32 unread = c->errors;
	struct model *m = resolve(c, ast, machine_of(c, ast));

	place(c, m);
	if (!unread)
		check(c, m);
	for (size_t i = 0; i < m->cells.n && !c->errors; i++)
		lower(c, m, m->cells.v[i], 14);
	c->opt.emit = "all";
	if (!c->errors)
		emit_selected(c, m, &outs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *text = (const char *)data;
	struct ast ast = {0};
	struct source *src;
	struct buf out;
	struct cellc c;

	cellc_init(&c);
	buf_init(&out, c.arena);
	src = source_of_bytes(&c, text, len);
	parse_source(&c, src, &ast);
	if (len && memcmp(src->text, text, len) != 0)
		abort(); /* the scanner has to give every byte back */
	schema_check(&c, &ast);
	ast_dump(&c, &ast, &out);
	check_layout(text, len, out.data);
	run_passes(&c, &ast);
	diag_print(&c, &out, DIAG_TEXT, false);
	cellc_free(&c);
	return 0;
}
