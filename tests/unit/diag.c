// SPDX-License-Identifier: GPL-2.0-only
/*
 * Findings in print: what plans can't easily bring about.
 */
#include "../../compiler/cellc.h"
#include "../../compiler/lib/diag.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char text[] = "host \"a\";\ncell \"rt\" {\n\tcpus 1;\n}\n";

static struct source *start(struct cellc *c)
{
	const char *err;

	cellc_init(c);
	return source_add(c, "a.plan", text, sizeof(text) - 1, &err);
}

/* The place of the first occurrence of these words. */
static struct span span_of(const struct source *s, const char *words)
{
	u32 at = s->base + (u32)(strstr(s->text, words) - s->text);

	return (struct span){at, at + (u32)strlen(words)};
}

static const struct origin *at(struct cellc *c, const struct source *s, const char *words)
{
	return origin_plan(c, span_of(s, words));
}

static const char *print(struct cellc *c, enum diag_format format, bool color)
{
	struct buf out;

	buf_init(&out, c->arena);
	diag_print(c, &out, format, color);
	return out.data;
}

static void tells_places_of_every_kind(void **state)
{
	struct cellc c;
	struct source *s = start(&c);
	struct diag *d;

	(void)state;
	d = diag_report(&c, D_E1001, origin_binary(&c, "x.cell", "memory region 7", NULL, 0x154),
			"too short");
	diag_note(&c, d, at(&c, s, "cpus 1"), "asked for here");
	diag_note(&c, d, NULL, "nowhere in particular");
	diag_help(&c, d, "make it longer");
	diag_report(&c, D_E1101, origin_tree(&c, "h.dtb", "/soc/uart", "reg"), "odd");
	diag_report(&c, D_E0102, origin_rule(&c, at(&c, s, "cell"), "a rule"), "of a rule");
	diag_report(&c, D_E0101, NULL, "can't read b.plan");
	assert_string_equal(print(&c, DIAG_TEXT, false),
			    "cellc: error[E0101]: can't read b.plan\n"
			    "a.plan:2:1: error[E0102]: of a rule\n"
			    "    2 | cell \"rt\" {\n"
			    "      | ^^^^\n"
			    "h.dtb: /soc/uart: reg: error[E1101]: odd\n"
			    "x.cell: memory region 7 at offset 0x154: error[E1001]: too short\n"
			    "a.plan:3:2: note: asked for here\n"
			    "    3 |         cpus 1;\n"
			    "      |         ^^^^^^\n"
			    "      = note: nowhere in particular\n"
			    "      = help: make it longer\n"
			    "4 errors\n");
	assert_string_equal(print(&c, DIAG_GCC, false),
			    "cellc: error: can't read b.plan [E0101]\n"
			    "a.plan:2:1: error: of a rule [E0102]\n"
			    "h.dtb: /soc/uart: reg: error: odd [E1101]\n"
			    "x.cell: memory region 7 at offset 0x154: error: too short [E1001]\n"
			    "a.plan:3:2: note: asked for here\n"
			    "cellc: note: nowhere in particular\n");
	cellc_free(&c);
}

static void orders_and_says_once(void **state)
{
	struct cellc c;
	struct source *s = start(&c);

	(void)state;
	diag_report(&c, D_E0102, at(&c, s, "cpus"), "third");
	diag_report(&c, D_E0102, at(&c, s, "cell"), "first");
	diag_report(&c, D_E0101, at(&c, s, "cell"), "second");
	diag_report(&c, D_E0102, at(&c, s, "cell"), "first");
	diag_report(&c, D_E0102, at(&c, s, "cpus"), "third");
	assert_string_equal(print(&c, DIAG_GCC, false), "a.plan:2:1: error: first [E0102]\n"
							"a.plan:2:1: error: second [E0101]\n"
							"a.plan:3:2: error: third [E0102]\n");
	cellc_free(&c);
}

static void cuts_off_at_the_limit(void **state)
{
	struct cellc c;
	const char *out;

	(void)state;
	start(&c);
	c.opt.max_findings = 2;
	for (int i = 0; i < 7; i++)
		diag_report(&c, D_E0101, NULL, "no %d", i);
	out = print(&c, DIAG_TEXT, false);
	assert_non_null(strstr(out, "no 1\n... and 5 more findings (--max-findings=0 prints all)\n"
				    "7 errors\n"));
	assert_null(strstr(out, "no 2"));
	c.opt.max_findings = 0;
	assert_non_null(strstr(print(&c, DIAG_TEXT, false), "no 6\n7 errors\n"));
	cellc_free(&c);
}

static void allowed_findings_are_counted_only(void **state)
{
	struct cellc c;
	struct diag *d;

	(void)state;
	start(&c);
	d = diag_report(&c, D_E0101, NULL, "allowed one");
	d->allowed = "because";
	diag_report(&c, D_E0102, NULL, "the other");
	assert_string_equal(print(&c, DIAG_TEXT, false),
			    "cellc: error[E0102]: the other\n1 error, 1 allowed\n");
	assert_non_null(strstr(print(&c, DIAG_JSON, false), "\"allowed\": \"because\""));
	assert_non_null(strstr(print(&c, DIAG_SARIF, false), "\"justification\": \"because\""));
	cellc_free(&c);
}

static const char *fixed(const char *words, const char *replacement, bool before)
{
	struct cellc c;
	struct source *s = start(&c);
	struct diag *d = diag_report(&c, D_E0102, at(&c, s, words), "x");
	struct span span = span_of(s, words);
	const char *edit;
	char *copy;

	if (before)
		span.end = span.start;
	diag_fix(&c, d, span, replacement);
	edit = strstr(print(&c, DIAG_TEXT, false), "= fix:\n");
	copy = strdup(edit ? edit + strlen("= fix:\n") : "no fix");
	cellc_free(&c);
	return copy;
}

static void expect_fix(const char *words, const char *replacement, bool before, const char *wanted)
{
	const char *edit = fixed(words, replacement, before);

	assert_string_equal(edit, wanted);
	free((void *)edit);
}

static void shows_fixes_as_edits(void **state)
{
	(void)state;
	expect_fix("cpus 1", "cpus 2", false,
		   "    3 -         cpus 1;\n    3 +         cpus 2;\n1 error\n");
	expect_fix("cpus", "memory 1M; ", true,
		   "    3 -         cpus 1;\n    3 +         memory 1M; cpus 1;\n1 error\n");
	expect_fix("cell", "root;\n", true, "    2 + root;\n1 error\n");
	expect_fix(" {\n\tcpus 1;\n}", ";", false,
		   "    2 - cell \"rt\" {\n    3 -         cpus 1;\n    4 - }\n"
		   "    2 + cell \"rt\";\n1 error\n");
}

static void colours_are_asked_for(void **state)
{
	struct cellc c;
	struct source *s = start(&c);

	(void)state;
	diag_report(&c, D_E0102, at(&c, s, "cell"), "x");
	assert_null(strchr(print(&c, DIAG_TEXT, false), '\033'));
	assert_non_null(strstr(print(&c, DIAG_TEXT, true), "\033[1;31merror[E0102]\033[m"));
	assert_null(strchr(print(&c, DIAG_GCC, true), '\033'));
	cellc_free(&c);
}

static void warnings_obey_options(void **state)
{
	enum diag_code w = diag_lookup("W1107");
	struct cellc c;

	(void)state;
	assert_int_not_equal(w, D_COUNT);
	assert_int_equal(diag_lookup(diag_code_name(w)), w);
	start(&c);
	diag_report(&c, w, NULL, "careful");
	assert_string_equal(print(&c, DIAG_GCC, false), "cellc: warning: careful [W1107]\n");
	assert_int_equal(c.errors, 0);
	cellc_free(&c);
	start(&c);
	c.severity_error[w] = true;
	diag_report(&c, w, NULL, "careful");
	assert_string_equal(print(&c, DIAG_GCC, false), "cellc: error: careful [W1107]\n");
	assert_int_equal(c.errors, 1);
	cellc_free(&c);
	start(&c);
	c.severity_off[w] = c.warnings_are_errors = true;
	diag_report(&c, w, NULL, "careful");
	assert_string_equal(print(&c, DIAG_GCC, false), "");
	assert_int_equal(c.errors, 0);
	cellc_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_places_of_every_kind),
		cmocka_unit_test(orders_and_says_once),
		cmocka_unit_test(cuts_off_at_the_limit),
		cmocka_unit_test(allowed_findings_are_counted_only),
		cmocka_unit_test(shows_fixes_as_edits),
		cmocka_unit_test(colours_are_asked_for),
		cmocka_unit_test(warnings_obey_options),
	};

	return cmocka_run_group_tests_name("diag", tests, NULL, NULL);
}
