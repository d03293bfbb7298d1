// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes as a plan: the front end neither crashes nor hangs, and the layout is stable.
 *
 * In: bytes from libFuzzer. A file that includes others reads none: the include folders are empty
 * and the source has no folder of its own.
 */
#include "ast.h"

#include <stdlib.h>
#include <string.h>

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
	diag_print(&c, &out, DIAG_TEXT, false);
	cellc_free(&c);
	return 0;
}
