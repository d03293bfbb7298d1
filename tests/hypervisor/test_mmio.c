// SPDX-License-Identifier: GPL-2.0-only
/* Trapped accesses: range, direction, width, alignment, and whose they are at the moment. */
#include "fake_arch.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdlib.h>
#include <cmocka.h>

static int boot(void **state)
{
	(void)state;
	fake_boot();
	memset(fake_dev, 0x5a, sizeof(fake_dev));
	return 0;
}

static bool rd(u64 addr, u32 size, u64 *value)
{
	struct access a = {.addr = addr, .size = size};
	bool done = mmio_access(&a);

	*value = a.value;
	return done;
}

static bool wr(u64 addr, u32 size, u64 value)
{
	struct access a = {.addr = addr, .size = size, .write = true, .value = value};

	return mmio_access(&a);
}

static void roots_subpage(void **state)
{
	u64 v;

	(void)state;
	assert_true(rd(FAKE_SUBPAGE, 4, &v));
	assert_int_equal(v, 0x5a5a5a5a);
	assert_true(wr(FAKE_SUBPAGE + 12, 4, 0x11223344));
	assert_int_equal(fake_dev[FAKE_SUBPAGE + 12 - FAKE_DEVICES], 0x44);
	assert_false(rd(FAKE_SUBPAGE - 4, 4, &v));
	assert_false(rd(FAKE_SUBPAGE + 16, 4, &v));
	assert_false(rd(FAKE_SUBPAGE, 1, &v));
	assert_false(rd(FAKE_SUBPAGE, 2, &v));
	assert_false(rd(FAKE_SUBPAGE, 8, &v));
	assert_false(rd(FAKE_SUBPAGE + 2, 4, &v));
	assert_false(rd(FAKE_SUBPAGE + 14, 4, &v));
	assert_false(rd(FAKE_DISABLED, 4, &v));
	assert_false(rd(~0ull - 3, 4, &v));
	assert_false(rd(FAKE_GICD, 4, &v)); /* in a region of root's, but a frame */
}

/* A device that answers with an error: the guest is told, and no value is made up. */
static void bus_errors(void **state)
{
	struct access a = {.addr = FAKE_SUBPAGE + 4, .size = 4, .value = 7};
	struct good_cell g;
	u64 v;

	(void)state;
	fake_bus_error = &fake_dev[FAKE_SUBPAGE + 4 - FAKE_DEVICES];
	assert_false(mmio_access(&a));
	assert_int_equal(a.value, 7);
	assert_false(wr(FAKE_SUBPAGE + 4, 4, 1));
	assert_true(rd(FAKE_SUBPAGE + 8, 4, &v));
	fake_good(&g);
	assert_int_equal(fake_create(&g, sizeof(g)), 0);
	fake_bus_error = &fake_dev[0x1203];
	assert_false(rd(FAKE_DEVICES + 0x1201, 4, &v)); /* one byte of an unaligned access */
	assert_true(rd(FAKE_DEVICES + 0x1205, 4, &v));
	fake_bus_error = NULL;
}

static void shared_page(void **state)
{
	struct good_cell g;
	u64 v;

	(void)state;
	fake_good(&g);
	g.mem[2].flags &= ~(u64)CV_MEM_WRITE;
	assert_int_equal(fake_create(&g, sizeof(g)), 0);
	/* root keeps what is left of the page, at any width */
	assert_true(rd(FAKE_DEVICES + 0x10ff, 1, &v));
	assert_true(wr(FAKE_DEVICES + 0x1200, 8, 1));
	assert_true(rd(FAKE_DEVICES + 0x1201, 4, &v));
	assert_int_equal(v, 0); /* little-endian 1, from its second byte on */
	assert_false(rd(FAKE_DEVICES + 0x1100, 4, &v));
	assert_false(wr(FAKE_DEVICES + 0x11fc, 4, 1));
	assert_false(rd(FAKE_DEVICES + 0x10fe, 4, &v)); /* straddles */
	assert_false(rd(FAKE_DEVICES + 0x3ffe, 4, &v)); /* beyond what is root's */
	fake_current = 3;
	assert_true(rd(FAKE_DEVICES + 0x1100, 4, &v));
	assert_false(wr(FAKE_DEVICES + 0x1100, 4, 1)); /* read-only */
	assert_false(rd(FAKE_DEVICES + 0x1100, 8, &v));
	assert_false(rd(FAKE_DEVICES + 0x10fc, 4, &v));
	assert_false(rd(FAKE_DEVICES + 0x1200, 4, &v));
	fake_current = 0;
	assert_int_equal(hypercall(CV_HC_CELL_DESTROY, 1, 0), 0);
	assert_true(rd(FAKE_DEVICES + 0x1100, 4, &v));
}

/* The table against a plain look at every region. */
static void many_regions(void **state)
{
	enum { N = 200 };
	static struct {
		struct cv_cell_desc d;
		u64 cpus;
		struct cv_memory mem[N];
	} __attribute__((packed)) g;
	struct good_cell good;
	u64 v;

	(void)state;
	fake_good(&good);
	g.d = good.d;
	g.cpus = 8;
	g.d.num_memory_regions = N;
	g.d.num_irqchips = 0;
	for (u32 i = 0; i < N; i++) { /* every second 16 bytes of the first pages, out of order */
		u64 at = FAKE_DEVICES + (i * 77 % N) * 32;

		g.mem[i] = (struct cv_memory){at, at, 16, CV_MEM_READ | CV_MEM_IO | CV_MEM_WIDTH_4};
	}
	assert_int_equal(fake_create(&g, sizeof(g)), 0);
	for (u64 off = 0; off < N * 32 + 64; off += 4) {
		bool own = off < N * 32 && off % 32 < 16;

		fake_current = 3;
		assert_int_equal(rd(FAKE_DEVICES + off, 4, &v), own);
		fake_current = 0;
		assert_int_equal(rd(FAKE_DEVICES + off, 4, &v), !own);
	}
}

static void paging_reach(void **state)
{
	struct paging *p = &hv.root.s2;
	u32 used = pool_used();

	(void)state;
	assert_int_equal(paging_map(p, 1ull << 40, 0, PAGE_SIZE, 0, true), -CV_EINVAL);
	assert_int_equal(paging_map(p, 0, 1ull << 48, PAGE_SIZE, 0, true), -CV_EINVAL);
	assert_int_equal(paging_unmap(p, (1ull << 40) - PAGE_SIZE, 2 * PAGE_SIZE), -CV_EINVAL);
	assert_int_equal(paging_unmap(p, 0, 0), 0);
	assert_int_equal(paging_walk(p, 1ull << 63), 0);
	assert_int_equal(pool_used(), used);
}

/* Random pages out of a block and back: nothing is left of it. */
static void split_and_join(void **state)
{
	u64 before = fake_root_map(), attr = arch_stage2_attr(CV_MEM_READ | CV_MEM_WRITE | CV_MEM_EXECUTE);
	u32 used = pool_used(), seed = 7;

	(void)state;
	for (u32 round = 0; round < 200; round++) {
		u64 at, size;

		seed = seed * 1664525 + 1013904223;
		at = FAKE_RAM + (u64)(seed >> 8 & 0x3fff) * PAGE_SIZE;
		size = ((seed >> 22) + 1) * PAGE_SIZE;
		assert_int_equal(paging_unmap(&hv.root.s2, at, size), 0);
		assert_false(fake_root_has(at));
		assert_false(fake_root_has(at + size - 1));
		assert_true(fake_root_has(at + size));
		assert_int_equal(paging_map(&hv.root.s2, at, at, size, attr, true), 0);
		assert_int_equal(pool_used(), used);
		assert_true(fake_root_map() == before);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(roots_subpage, boot),
		cmocka_unit_test_setup(bus_errors, boot),
		cmocka_unit_test_setup(shared_page, boot),
		cmocka_unit_test_setup(many_regions, boot),
		cmocka_unit_test_setup(paging_reach, boot),
		cmocka_unit_test_setup(split_and_join, boot),
	};

	return cmocka_run_group_tests_name("trapped accesses", tests, NULL, NULL);
}
