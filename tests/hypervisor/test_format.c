// SPDX-License-Identifier: GPL-2.0-only
/* Texts of the hypervisor and of inmates, against those of the C library. */
#include "format.h"

#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

struct text {
	char bytes[256];
	size_t len;
};

static void put(void *to, char c)
{
	struct text *t = to;

	assert_true(t->len < sizeof(t->bytes) - 1);
	t->bytes[t->len++] = c;
}

static void both(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void both(const char *fmt, ...)
{
	struct text ours = {0};
	char theirs[256];
	va_list ap;

	va_start(ap, fmt);
	format(put, &ours, fmt, ap);
	va_end(ap);
	va_start(ap, fmt);
	vsnprintf(theirs, sizeof(theirs), fmt, ap);
	va_end(ap);
	assert_string_equal(ours.bytes, theirs);
}

static void as_the_c_library(void **state)
{
	(void)state;
	both("nothing but text");
	both("%s, %c and 100%%", "a word", 'c');
	both("%d %d %d %d", 0, -1, INT32_MAX, INT32_MIN);
	both("%ld %ld", INT64_MAX, INT64_MIN);
	both("%u %x %lu %lx", UINT32_MAX, UINT32_MAX, UINT64_MAX, UINT64_MAX);
	both("[%5u] [%05u] [%8x] [%016lx] [%1u]", 42u, 42u, 0xbeefu, 0xfeeduL, 12345u);
	both("%x %s %lu after", 1u, "", 1uL << 40);
}

static void a_cut_off_format_ends_there(void **state)
{
	static const char *const cut[] = {"a%", "a%0", "a%08", "a%l"};

	(void)state;
	for (size_t i = 0; i < sizeof(cut) / sizeof(cut[0]); i++) {
		/* the sanitizer sees a read behind it */
		char exact[8], *fmt = exact + sizeof(exact) - strlen(cut[i]) - 1;
		struct text t = {0};
		va_list none = {0};

		strcpy(fmt, cut[i]);
		format(put, &t, fmt, none);
		assert_string_equal(t.bytes, "a");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_the_c_library),
		cmocka_unit_test(a_cut_off_format_ends_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
