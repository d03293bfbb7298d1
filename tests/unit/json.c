// SPDX-License-Identifier: GPL-2.0-only
/*
 * The JSON writer: structure, escapes, and bytes that are no text.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "lib/json.h"

static int setup(void **state)
{
	*state = arena_new();
	return 0;
}

static int teardown(void **state)
{
	arena_free(*state);
	return 0;
}

static const char *quoted(void **state, const char *s, size_t len)
{
	struct buf b;

	buf_init(&b, *state);
	json_quote(&b, s, len);
	return b.data;
}

#define assert_quoted(bytes, expected) \
	assert_string_equal(quoted(state, bytes, sizeof(bytes) - 1), expected)

static void test_escapes(void **state)
{
	assert_quoted("", "\"\"");
	assert_quoted("a\"b\\c", "\"a\\\"b\\\\c\"");
	assert_quoted("\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\"");
	assert_quoted("bfnrt", "\"bfnrt\"");
	assert_quoted("\0\x01\x1f\x7f", "\"\\u0000\\u0001\\u001f\\u007f\"");
	assert_quoted("</script>", "\"\\u003c/script>\"");
}

static void test_utf8_is_kept(void **state)
{
	assert_quoted("\xc2\x80 \xdf\xbf", "\"\xc2\x80 \xdf\xbf\"");
	assert_quoted("\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80",
		      "\"\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\"");
	assert_quoted("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", "\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"");
}

static void test_other_bytes_are_replaced(void **state)
{
	assert_quoted("\x80", "\"\\ufffd\"");
	assert_quoted("\xc0\x80", "\"\\ufffd\\ufffd\"");		       /* overlong */
	assert_quoted("\xe0\x9f\x80", "\"\\ufffd\\ufffd\\ufffd\"");	       /* overlong */
	assert_quoted("\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"");	       /* surrogate */
	assert_quoted("\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\""); /* too large */
	assert_quoted("\xe2\x82", "\"\\ufffd\\ufffd\"");		       /* cut off */
	assert_quoted("\xe2\x82x", "\"\\ufffd\\ufffdx\"");
	assert_quoted("a\xff\xfe\x62", "\"a\\ufffd\\ufffdb\"");
}

static void write_sample(struct json *j)
{
	json_object(j, NULL);
	json_u64(j, "max", UINT64_MAX);
	json_array(j, "empty");
	json_end(j);
	json_array(j, "list");
	json_bool(j, NULL, true);
	json_null(j, NULL);
	json_object(j, NULL);
	json_end(j);
	json_printf(j, NULL, "%d", 7);
	json_end(j);
	json_string(j, "nothing", NULL);
	json_end(j);
}

static void test_structure(void **state)
{
	struct json j;
	struct buf b;

	buf_init(&b, *state);
	json_init(&j, &b, 0);
	write_sample(&j);
	assert_string_equal(b.data, "{\"max\":18446744073709551615,\"empty\":[],"
				    "\"list\":[true,null,{},\"7\"],\"nothing\":null}");
	buf_init(&b, *state);
	json_init(&j, &b, 1);
	write_sample(&j);
	assert_string_equal(b.data, "{\n \"max\": 18446744073709551615,\n \"empty\": [],\n"
				    " \"list\": [\n  true,\n  null,\n  {},\n  \"7\"\n ],\n"
				    " \"nothing\": null\n}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_escapes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_utf8_is_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(test_other_bytes_are_replaced, setup, teardown),
		cmocka_unit_test_setup_teardown(test_structure, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
