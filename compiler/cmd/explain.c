// SPDX-License-Identifier: GPL-2.0-only
/*
 * cellc explain: the catalogue of findings, from compiler/explain/CODE.md, which the build embeds.
 */
#include "options.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct explanation {
	const char *code, *text;
} explanations[] = {
#include "explain.inc"
	{NULL, NULL},
};

static void list_all(void)
{
	for (u32 i = 0; i < D_COUNT; i++) {
		enum diag_code code = (enum diag_code)i;

		printf("%s  %-28s %s\n", diag_code_text(code), diag_code_name(code),
		       diag_code_title(code));
	}
}

/* Markdown as a terminal shows it best: headings bold, samples set in, no fences. */
static void print_text(enum diag_code code, const char *text, bool bold)
{
	const char *on = bold ? "\033[1m" : "", *off = bold ? "\033[m" : "";
	bool sample = false;

	while (*text) {
		int len = (int)strcspn(text, "\n");

		if (strncmp(text, "```", 3) == 0)
			sample = !sample;
		else if (!sample && strncmp(text, "## ", 3) == 0)
			printf("%s%.*s%s\n", on, len - 3, text + 3, off);
		else if (!sample && strncmp(text, "# ", 2) == 0)
			printf("%s%s %s: %.*s%s\n", on, diag_code_text(code), diag_code_name(code),
			       len - 2, text + 2, off);
		else if (len)
			printf("%s%.*s\n", sample ? "        " : "    ", len, text);
		else
			putchar('\n');
		text += len + (text[len] == '\n');
	}
}

static void explain(enum diag_code code)
{
	for (const struct explanation *e = explanations; e->code; e++)
		if (strcmp(e->code, diag_code_text(code)) == 0)
			print_text(code, e->text, isatty(STDOUT_FILENO));
}

static int explain_name(struct cellc *c, const char *name)
{
	const char *names[D_COUNT], *near;
	enum diag_code code = diag_lookup(name);

	if (code != D_COUNT) {
		explain(code);
		return EXIT_CLEAN;
	}
	for (u32 i = 0; i < D_COUNT; i++)
		names[i] = diag_code_name((enum diag_code)i);
	near = nearest_word(name, names, D_COUNT);
	fprintf(stderr, "cellc explain: no finding is called \"%s\"%s\n", name,
		near ? arena_printf(c->arena, "; did you mean \"%s\"?", near)
		     : " (\"cellc explain\" lists all)");
	return EXIT_MISUSE;
}

int cmd_explain(int argc, char **argv)
{
	struct cmdline cl;
	struct cellc c;

	cellc_init(&c);
	if (options_parse(&c, &cl, argc, argv, "[CODE|NAME]...", 0, NULL, 0, SIZE_MAX)) {
		cl.exit = EXIT_CLEAN;
		if (!cl.files.n)
			list_all();
		for (size_t i = 0; i < cl.files.n; i++) {
			if (i)
				putchar('\n');
			if (explain_name(&c, cl.files.v[i]) != EXIT_CLEAN)
				cl.exit = EXIT_MISUSE;
		}
	}
	cellc_free(&c);
	return cl.exit;
}
