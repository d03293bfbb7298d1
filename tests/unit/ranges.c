// SPDX-License-Identifier: GPL-2.0-only
/*
 * lib/ranges.c: each call by hand, and a long random run against an array of 256 bytes.
 */
#include "lib/ranges.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static const char a[] = "a", b[] = "b";

static int setup(void **state)
{
	struct arena *arena = arena_new();
	struct ranges *set = NEW(arena, struct ranges);

	ranges_init(set, arena);
	*state = set;
	return 0;
}

static int teardown(void **state)
{
	arena_free(((struct ranges *)*state)->arena);
	return 0;
}

static void assert_range(const struct range *r, u64 start, u64 last, const void *owner)
{
	assert_non_null(r);
	assert_int_equal(r->start, start);
	assert_int_equal(r->last, last);
	assert_ptr_equal(r->owner, owner);
}

static void overlapping_ranges_are_all_found(void **state)
{
	struct ranges *set = *state;
	struct range *r;

	ranges_add(set, 0x1000, 0x9000, a);
	ranges_add(set, 0x2000, 0x10, b);
	ranges_add(set, 0x1000, 0x1000, b);
	ranges_add(set, 0x5000, 0, b);
	assert_int_equal(set->n, 3);
	r = ranges_find(set, 0x2008, 1, NULL);
	assert_range(r, 0x1000, 0x9fff, a);
	r = ranges_find(set, 0x2008, 1, r);
	assert_range(r, 0x2000, 0x200f, b);
	assert_null(ranges_find(set, 0x2008, 1, r));
	assert_null(ranges_find(set, 0xa000, 0x1000, NULL));
	assert_null(ranges_find(set, 0x1000, 0, NULL));
	/* equal starts keep their order */
	r = ranges_next(set, NULL);
	assert_ptr_equal(r->owner, a);
	assert_range(ranges_next(set, r), 0x1000, 0x1fff, b);
}

static void subtract_splits_and_merge_joins(void **state)
{
	struct ranges *set = *state;
	struct range *r;

	ranges_merge(set, 0x1000, 0x4000, a);
	ranges_subtract(set, 0x2000, 0x1000);
	assert_int_equal(set->n, 2);
	assert_range(ranges_next(set, NULL), 0x1000, 0x1fff, a);
	assert_range(ranges_before(set, 0x9000), 0x3000, 0x4fff, a);
	assert_false(ranges_cover(set, 0x1000, 0x4000));
	ranges_merge(set, 0x2000, 0x1000, a);
	assert_int_equal(set->n, 1);
	assert_range(ranges_next(set, NULL), 0x1000, 0x4fff, a);
	assert_true(ranges_cover(set, 0x1000, 0x4000));
	/* another owner stays apart */
	ranges_merge(set, 0x4000, 0x2000, b);
	assert_int_equal(set->n, 2);
	r = ranges_find(set, 0x4000, 1, NULL);
	assert_range(r, 0x4000, 0x5fff, b);
	assert_true(ranges_cover(set, 0x1000, 0x5000));
}

static void the_end_of_the_address_space_is_an_address(void **state)
{
	struct ranges *set = *state;
	u64 at;

	ranges_merge(set, 0, UINT64_MAX, a);
	ranges_merge(set, UINT64_MAX, 1, a);
	assert_int_equal(set->n, 1);
	assert_int_equal(range_size(ranges_next(set, NULL)), UINT64_MAX);
	ranges_subtract(set, 0x1000, 0xffffffffffffe000ull);
	assert_range(ranges_before(set, UINT64_MAX), 0xfffffffffffff000ull, UINT64_MAX, a);
	assert_true(ranges_fit(
		set,
		&(struct range_fit){.size = 0x1000, .align = 0x1000, .low = 1, .last = UINT64_MAX},
		&at));
	assert_int_equal(at, 0xfffffffffffff000ull);
	/* cut off, not wrapped */
	ranges_add(set, 0xfffffffffffffff0ull, 0x100, b);
	assert_null(ranges_find(set, 0x1000, 0x1000, NULL));
}

static void fit_honours_alignment_limits_and_direction(void **state)
{
	struct ranges *set = *state;
	struct range_fit f = {.size = 0x1000, .align = 0x10000, .last = UINT64_MAX};
	u64 at;

	ranges_merge(set, 0x11000, 0xe000, NULL);  /* ends before 0x1f000: no 64K boundary */
	ranges_merge(set, 0x28000, 0x18000, NULL); /* 0x28000 .. 0x40000 holds 0x30000 */
	assert_true(ranges_fit(set, &f, &at));
	assert_int_equal(at, 0x30000);
	f.align = 0x1000;
	assert_true(ranges_fit(set, &f, &at));
	assert_int_equal(at, 0x11000);
	f.from_top = true;
	assert_true(ranges_fit(set, &f, &at));
	assert_int_equal(at, 0x3f000);
	f.last = 0x2ffff;
	assert_true(ranges_fit(set, &f, &at));
	assert_int_equal(at, 0x2f000);
	f.low = 0x2f001;
	assert_false(ranges_fit(set, &f, &at));
	f = (struct range_fit){.size = 0x18001, .last = UINT64_MAX};
	assert_false(ranges_fit(set, &f, &at));
	assert_range(ranges_largest(set), 0x28000, 0x3ffff, NULL);
}

static void nothing_fits_an_empty_set(void **state)
{
	struct ranges *set = *state;
	u64 at;

	assert_false(ranges_fit(set, &(struct range_fit){.size = 1, .last = UINT64_MAX}, &at));
	assert_null(ranges_largest(set));
	assert_null(ranges_next(set, NULL));
	assert_null(ranges_before(set, 5));
	assert_true(ranges_cover(set, 5, 0));
	assert_false(ranges_cover(set, 5, 1));
}

static u32 next_random(u32 *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 17;
	*x ^= *x << 5;
	return *x;
}

static void check_fit(const struct ranges *set, const u8 *bytes, u32 *x)
{
	struct range_fit f = {.size = next_random(x) % 40 + 1,
			      .align = 1u << next_random(x) % 5,
			      .low = next_random(x) % 256,
			      .last = next_random(x) % 256,
			      .from_top = next_random(x) & 1};
	u64 at = 0, want = UINT64_MAX;

	for (u64 s = f.low; s + f.size <= f.last + 1; s++) {
		if (s % f.align || memchr(bytes + s, 0, f.size))
			continue;
		/* a fit lies in one range: no owner boundary inside */
		if (memcmp(bytes + s, bytes + s + 1, f.size - 1))
			continue;
		want = s;
		if (!f.from_top)
			break;
	}
	assert_int_equal(ranges_fit(set, &f, &at), want != UINT64_MAX);
	if (want != UINT64_MAX)
		assert_int_equal(at, want);
}

static void a_random_run_agrees_with_an_array(void **state)
{
	struct ranges *set = *state;
	u8 bytes[257] = {0};
	u32 x = 12345;

	for (int i = 0; i < 20000; i++) {
		u32 start = next_random(&x) % 256, size = next_random(&x) % (256 - start) % 60;
		u32 what = next_random(&x) % 5;

		if (what < 2) {
			ranges_merge(set, start, size, what ? a : b);
			memset(bytes + start, what ? 1 : 2, size);
		} else if (what < 4) {
			ranges_subtract(set, start, size);
			memset(bytes + start, 0, size);
		}
		for (u32 at = 0; at < 256; at += 7) {
			const struct range *r = ranges_find(set, at, 1, NULL);

			assert_ptr_equal(r ? r->owner : NULL, bytes[at] == 1   ? a
							      : bytes[at] == 2 ? b
									       : NULL);
		}
		assert_int_equal(ranges_cover(set, start, size), !memchr(bytes + start, 0, size));
		check_fit(set, bytes, &x);
	}
}

static void many_ranges_stay_in_order(void **state)
{
	struct ranges *set = *state;
	const struct range *r;
	u64 expect = 0;

	for (u64 i = 0; i < 50000; i++)
		ranges_add(set, (i * 40503 % 50000) * 0x2000, 0x1000, a);
	ranges_each(r, set)
	{
		assert_int_equal(r->start, expect);
		expect += 0x2000;
	}
	assert_int_equal(expect, 50000 * 0x2000ull);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(overlapping_ranges_are_all_found),
		T(subtract_splits_and_merge_joins),
		T(the_end_of_the_address_space_is_an_address),
		T(fit_honours_alignment_limits_and_direction),
		T(nothing_fits_an_empty_set),
		T(a_random_run_agrees_with_an_array),
		T(many_ranges_stay_in_order),
#undef T
	};

	return cmocka_run_group_tests_name("ranges", tests, NULL, NULL);
}
