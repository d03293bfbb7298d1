// SPDX-License-Identifier: GPL-2.0-only
/*
 * The front end through its functions: values of tokens, positions, speed on long texts.
 */
#include "ast.h"

#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static struct ast parse(struct cellc *c, const char *text)
{
	const char *err = NULL;
	struct source *src = source_add(c, "test.plan", text, strlen(text), &err);
	struct ast ast = {0};

	assert_non_null(src);
	parse_source(c, src, &ast);
	schema_check(c, &ast);
	/* the scanner wrote into the text and has put everything back */
	assert_string_equal(src->text, text);
	return ast;
}

/* The first item of "timeout EXPR;" in a cell. */
static u64 value(struct cellc *c, const char *expr)
{
	char text[256];
	struct ast ast;

	snprintf(text, sizeof(text), "cell \"c\" { timeout %s; }", expr);
	ast = parse(c, text);
	assert_int_equal(ast.stmts.n, 1);
	assert_int_equal(ast.stmts.v[0]->body.n, 1);
	return ast.stmts.v[0]->body.v[0]->nargs ? ast.stmts.v[0]->body.v[0]->args[0].num : ~0ull;
}

static void test_numbers(void **state)
{
	static const struct {
		const char *expr;
		u64 v;
	} t[] = {
		{"0", 0},
		{"18446744073709551615", UINT64_MAX},
		{"0xffff_ffff_ffff_ffff", UINT64_MAX},
		{"0b1010_0001", 0xa1},
		{"4K", 4096},
		{"1_000", 1000},
		{"0x10M", 16 * MIB},
		{"3G", 3 * GIB},
		{"2T", 2048 * GIB},
		{"1 + 2 * 3", 7},
		{"(1 + 2) * 3", 9},
		{"1 << 4 | 3", 0x13},
		{"0xff & 0x0f ^ 1", 0xe},
		{"~0", UINT64_MAX},
		{"~0xfff & 0xffffffff", 0xfffff000},
		{"7 % 4 - 1", 2},
		{"1 << 63", 1ull << 63},
		{"1 >> 64", 0},
		{"100 / 7", 14},
		{"1 | 2 ^ 3 & 4", 1 | (2 ^ (3 & 4))},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct cellc c;

		cellc_init(&c);
		if (value(&c, t[i].expr) != t[i].v || c.errors)
			fail_msg("%s", t[i].expr);
		cellc_free(&c);
	}
}

static void test_bad_numbers(void **state)
{
	static const struct {
		const char *expr;
		enum diag_code code;
	} t[] = {
		{"18446744073709551616", D_E0110},
		{"0x1_0000_0000_0000_0000", D_E0110},
		{"16777216T", D_E0110},
		{"0x", D_E0105},
		{"12x", D_E0105},
		{"0b12", D_E0105},
		{"1__0", D_E0105},
		{"1_", D_E0105},
		{"1 / 0", D_E0111},
		{"1 % (2 - 2)", D_E0111},
		{"1 << 64", D_E0110},
		{"2 << 63", D_E0110},
		{"1 - 2", D_E0110},
		{"0x8000000000000000 * 2", D_E0110},
		{"~0 + 1", D_E0110},
		{"1 +", D_E0102},
		{"(1", D_E0102},
		{"1 .. 2", D_E0204},
		{"2 .. 1", D_E0114},
		{"@", D_E0104},
		{"\"x", D_E0106},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct cellc c;
		struct buf out;

		cellc_init(&c);
		buf_init(&out, c.arena);
		value(&c, t[i].expr);
		diag_print(&c, &out, DIAG_TEXT, false);
		if (!c.errors || !strstr(out.data, diag_code_text(t[i].code)))
			fail_msg("%s: %s", t[i].expr, out.data);
		cellc_free(&c);
	}
}

static const struct item *item_of(struct cellc *c, const char *stmt)
{
	struct ast ast = parse(c, stmt);

	assert_int_equal(ast.stmts.n, 1);
	assert_true(ast.stmts.v[0]->items.n > 0);
	return &ast.stmts.v[0]->items.v[ast.stmts.v[0]->items.n - 1];
}

static void test_items(void **state)
{
	const struct item *item;
	struct cellc c;

	(void)state;
	cellc_init(&c);
	item = item_of(&c, "host \"a\\\"\\\\\\n\\t\\x00\\xfF\";");
	assert_int_equal(item->len, 7);
	assert_memory_equal(item->text, "a\"\\\n\t\0\xff", 7);
	item = item_of(&c, "label a &uart1;");
	assert_true(item->kind == ITEM_REF && !item->braced);
	assert_string_equal(item->text, "uart1");
	item = item_of(&c, "label a &{ /soc/serial@ff010000 };");
	assert_true(item->kind == ITEM_REF && item->braced);
	assert_string_equal(item->text, "/soc/serial@ff010000");
	item = item_of(&c, "pool 1 .. 4K;");
	assert_true(item->kind == ITEM_RANGE && item->num == 1 && item->end == 4096);
	assert_int_equal(c.errors, 0);
	cellc_free(&c);
}

static void test_pci(void **state)
{
	struct cellc c;
	struct ast ast;
	const struct item *items;

	(void)state;
	cellc_init(&c);
	ast = parse(&c, "cell \"c\" { pci device 00:1f.7; pci device 12ab:fe:03.0; }");
	items = ast.stmts.v[0]->body.v[0]->args;
	assert_true(items[1].kind == ITEM_PCI && !items[1].has_domain);
	assert_int_equal(items[1].num, 0x1f << 3 | 7);
	items = ast.stmts.v[0]->body.v[1]->args;
	assert_true(items[1].has_domain);
	assert_int_equal(items[1].num, 0x12abull << 16 | 0xfe << 8 | 3 << 3);
	assert_int_equal(c.errors, 0);
	parse(&c, "cell \"c\" { pci device 00:20.0; }");
	assert_int_equal(c.errors, 1);
	cellc_free(&c);
}

static void test_positions(void **state)
{
	struct cellc c;
	struct position pos;
	struct source *src;
	const char *err;
	char text[5000];
	u32 line = 1, column = 1;

	(void)state;
	cellc_init(&c);
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = i % 7 == 3 || i % 1023 == 0 ? '\n' : 'x';
	source_add(&c, "a", "1\n2", 3, &err);
	src = source_add(&c, "b", text, sizeof(text), &err);
	assert_false(source_position(&c, 0, &pos));
	for (u32 i = 0; i < sizeof(text); i++) {
		assert_true(source_position(&c, src->base + i, &pos));
		assert_ptr_equal(pos.source, src);
		assert_int_equal(pos.line, line);
		assert_int_equal(pos.column, column);
		if (text[i] != '\n') {
			column++;
			continue;
		}
		line++;
		column = 1;
	}
	assert_true(source_position(&c, src->base + sizeof(text), &pos));
	assert_false(source_position(&c, src->base + sizeof(text) + 1, &pos));
	assert_true(source_position(&c, src->base - 2, &pos));
	assert_string_equal(pos.source->name, "a");
	cellc_free(&c);
}

/* Processor time of the whole front end on n regions, in seconds. */
static double time_of(size_t n)
{
	clock_t start;
	struct cellc c;
	struct buf text;
	struct ast ast;
	double t;

	cellc_init(&c);
	buf_init(&text, c.arena);
	buf_str(&text, "cell \"c\" {\n");
	for (size_t i = 0; i < n; i++)
		buf_printf(&text, "\tmemory ram%zu 4K at 0x%zx guest 0x%zx rwx loadable;\n", i,
			   i * 4096, i * 4096);
	buf_str(&text, "}\n");
	start = clock();
	ast = parse(&c, text.data);
	t = (double)(clock() - start) / CLOCKS_PER_SEC;
	assert_int_equal(c.errors, 0);
	assert_int_equal(ast.stmts.v[0]->body.n, n);
	cellc_free(&c);
	return t;
}

static void test_linear(void **state)
{
	double small = time_of(10000), large = time_of(100000);

	(void)state;
	if (large > 30 * small + 0.2)
		fail_msg("10000 regions: %.3f s, 100000: %.3f s", small, large);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),	  cmocka_unit_test(test_bad_numbers),
		cmocka_unit_test(test_items),	  cmocka_unit_test(test_pci),
		cmocka_unit_test(test_positions), cmocka_unit_test(test_linear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
