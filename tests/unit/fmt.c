// SPDX-License-Identifier: GPL-2.0-only
/*
 * The canonical layout: what it makes of a text, and that it makes the same of it again.
 */
#include "ast.h"

#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

static const struct {
	const char *text, *laid_out;
} t[] = {
	{"", ""},
	{"\n\n", ""},
	{"abi   14 ;", "abi 14;\n"},
	{"\xEF\xBB\xBF"
	 "abi 14;\r\n",
	 "abi 14;\n"},
	{"abi 14; root;", "abi 14;\nroot;\n"},
	{"abi 14;\n\n\n\nroot;\n\n", "abi 14;\n\nroot;\n"},
	{"cell \"a\"{cpus 1;}", "cell \"a\" { cpus 1; }\n"},
	{"cell \"a\"{\ncpus 1;}", "cell \"a\" {\n    cpus 1;\n}\n"},
	{"cell \"a\" {\n\ncpus 1;\n\n}", "cell \"a\" {\n    cpus 1;\n}\n"},
	{"cell \"a\" { }", "cell \"a\" { }\n"},
	{"cell \"a\" { cpus 1; /* b */ }", "cell \"a\" {\n    cpus 1; /* b */\n}\n"},
	{"cell \"a\" { boot linux { cmdline \"x\"; } }",
	 "cell \"a\" {\n    boot linux { cmdline \"x\"; }\n}\n"},
	{"abi (1+~ 2)>>3|0x10 ;", "abi (1 + ~2) >> 3 | 0x10;\n"},
	{"pool a 1..2M;", "pool a 1 .. 2M;\n"},
	{"cell \"a\" { irq spi 1,2 3; }", "cell \"a\" { irq spi 1, 2 3; }\n"},
	{"// a  \n\n// b\nabi 14; // c\n", "// a\n\n// b\nabi 14; // c\n"},
	{"abi 14;// a\nroot \"long\";//b\n\nhost \"h\"; // c\n",
	 "abi 14;      // a\nroot \"long\"; //b\n\nhost \"h\"; // c\n"},
	{"abi // a\n14;", "abi // a\n        14;\n"},
	{"abi /* a */ 14;", "abi /* a */ 14;\n"},
	{"/* a \n   b */\nabi 14;", "/* a\n   b */\nabi 14;\n"},
	{"cell \"a\" { // b\ncpus 1;\n} // c\n", "cell \"a\" { // b\n    cpus 1;\n} // c\n"},
	{"cell \"a\" {\n  // b\n}\n", "cell \"a\" {\n    // b\n}\n"},
	{"label a &{ /soc/x };", "label a &{ /soc/x };\n"},
	{"dma &aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa "
	 "&bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb, &ccccccccc;",
	 "dma &aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa "
	 "&bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb,\n        &ccccccccc;\n"},
};

static char *lay_out(struct cellc *c, const char *text)
{
	const char *err = NULL;
	struct source *src = source_add(c, "test.plan", text, strlen(text), &err);

	assert_non_null(src);
	return fmt_text(c, src);
}

static void test_layout(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct cellc c;
		char *once, *twice;

		cellc_init(&c);
		once = lay_out(&c, t[i].text);
		if (!once)
			fail_msg("not laid out: %s", t[i].text);
		assert_string_equal(once, t[i].laid_out);
		twice = lay_out(&c, once);
		assert_non_null(twice);
		assert_string_equal(twice, once);
		cellc_free(&c);
	}
}

static void test_errors_are_left_alone(void **state)
{
	static const char *const bad[] = {"abi 14", "abi ;;",	"cell \"a\" {",
					  "/* a",   "abi \"x;", "@"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct cellc c;

		cellc_init(&c);
		assert_null(lay_out(&c, bad[i]));
		assert_true(c.errors > 0);
		cellc_free(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layout),
		cmocka_unit_test(test_errors_are_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
