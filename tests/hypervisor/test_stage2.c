// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stage 2 of each size of physical addresses: tables built by core, walked here as the Arm ARM says
 * that the hardware does, by nothing but VTCR_EL2 and the top table's address (DDI 0487 D8.2, 4 KiB
 * granule).
 */
#include "fake_arch.h"
#include "../../hypervisor/arch/arm64/geometry.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdlib.h>
#include <cmocka.h>

#define ATTR	(0xfull << 2 | 3ull << 6 | 3ull << 8 | 1ull << 10) /* write-back, read-write, AF */
#define OUT	0x0000fffffffff000ull
#define NOTHING (~0ull)

static const struct {
	u64 range;
	u32 bits;
} sizes[] = {{0, 32}, {1, 36}, {2, 40}, {3, 42}, {4, 44}, {5, 48}, {6, 48}, {7, 48}};

static int boot(void **state)
{
	(void)state;
	fake_boot();
	return 0;
}

/* What the hardware makes of the registers; NOTHING: a translation fault. */
static u64 translate(u64 vtcr, u64 vttbr, u64 ipa)
{
	u32 bits = 64 - (u32)(vtcr & 63), sl0 = vtcr >> 6 & 3, level, shift;
	u64 table = vttbr, entry;

	assert_true(sl0 == 1 || sl0 == 2); /* level 1, level 0 */
	level = sl0 == 1 ? 1 : 0;
	if (ipa >> bits)
		return NOTHING;
	for (;; level++) {
		shift = 39 - 9 * level;
		/* the start level's index has all bits that are left: tables in a row */
		entry = ((u64 *)phys_to_hv(
			table))[level == (sl0 == 1 ? 1u : 0u) ? ipa >> shift : ipa >> shift & 511];
		if (!(entry & 1))
			return NOTHING;
		if (level == 3)
			return entry & 2 ? (entry & OUT) | (ipa & 0xfff) : NOTHING;
		if (!(entry & 2))
			return level ? (entry & OUT) | (ipa & ((1ull << shift) - 1)) : NOTHING;
		table = entry & OUT;
	}
}

/* Constraints on the fields: T0SZ against SL0 and the physical size, alignment of the top table. */
static void is_allowed(u64 vtcr, u64 vttbr, u32 pa_bits)
{
	u32 bits = 64 - (u32)(vtcr & 63), level = (vtcr >> 6 & 3) == 1 ? 1 : 0;
	u32 covered = 48 - 9 * level, tables = bits > covered ? 1u << (bits - covered) : 1;
	static const u8 ps[] = {32, 36, 40, 42, 44, 48};

	assert_true(bits <= pa_bits && bits > covered - 9 && tables <= 16);
	assert_true(level == 1 || pa_bits >= 44);
	assert_int_equal(vttbr % (tables * PAGE_SIZE), 0);
	assert_true((vtcr >> 16 & 7) < ARRAY_SIZE(ps));
	assert_int_equal(ps[vtcr >> 16 & 7], pa_bits);
	assert_int_equal(vtcr >> 14 & 3, 0); /* TG0: 4 KiB */
	assert_true(vtcr >> 31 & 1);
}

static void one_size(u64 range, u32 bits)
{
	struct paging p = stage2_shape(stage2_bits(range));
	const u64 end = 1ull << bits, used = pool_used();
	u64 vtcr;

	assert_int_equal(stage2_bits(range), bits);
	p.root = pages_alloc(stage2_top_tables(&p));
	assert_true(p.root);
	vtcr = stage2_vtcr(&p, range);
	is_allowed(vtcr, p.root, bits);
	/* the last page, the last GiB but that page, a page at the bottom, a GiB between */
	assert_int_equal(paging_map(&p, end - PAGE_SIZE, 0x5000, PAGE_SIZE, ATTR, true), 0);
	assert_int_equal(paging_map(&p, end - (1ull << 30), 0x40000000, (1ull << 30) - PAGE_SIZE,
				    ATTR, true),
			 0);
	assert_int_equal(paging_map(&p, 0, 0x7000, PAGE_SIZE, ATTR, true), 0);
	assert_int_equal(paging_map(&p, end / 4, end / 4, 1ull << 30, ATTR, true), 0);
	assert_true(translate(vtcr, p.root, end - 1) == 0x5fff);
	assert_true(translate(vtcr, p.root, end - PAGE_SIZE - 1) == 0x7fffefff);
	assert_true(translate(vtcr, p.root, end - (1ull << 30)) == 0x40000000);
	assert_true(translate(vtcr, p.root, end - (1ull << 30) - 1) == NOTHING);
	assert_true(translate(vtcr, p.root, 0xabc) == 0x7abc);
	assert_true(translate(vtcr, p.root, PAGE_SIZE) == NOTHING);
	assert_true(translate(vtcr, p.root, end / 4 + 0x12345678) == end / 4 + 0x12345678);
	assert_true(translate(vtcr, p.root, end / 4 - 1) == NOTHING);
	assert_true(translate(vtcr, p.root, end) == NOTHING);
	/* no byte more */
	assert_int_equal(paging_map(&p, end, 0, PAGE_SIZE, ATTR, true), -CV_EINVAL);
	assert_int_equal(paging_map(&p, end - PAGE_SIZE, 0, 2 * PAGE_SIZE, ATTR, true), -CV_EINVAL);
	assert_int_equal(paging_unmap(&p, 0, end), 0);
	assert_int_equal(pool_used(), used + stage2_top_tables(&p));
	paging_free(&p);
	assert_int_equal(pool_used(), used);
}

static void every_size(void **state)
{
	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(sizes); i++)
		one_size(sizes[i].range, sizes[i].bits);
}

/* A region that the CPU cannot address is not mapped in part. */
static void regions_beyond(void **state)
{
	struct {
		struct cv_cell_desc desc;
		u64 cpus;
		struct cv_memory region;
	} __attribute__((packed)) d = {.desc = {.cpu_set_size = 8, .num_memory_regions = 1}};

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(sizes); i++) {
		u64 end = 1ull << sizes[i].bits;

		d.region = (struct cv_memory){.virt_start = end - 0x2000, .size = 0x2000};
		assert_true(regions_fit(&d.desc, sizes[i].bits));
		d.region.virt_start += 0x1000;
		assert_false(regions_fit(&d.desc, sizes[i].bits));
		d.region.virt_start = 0;
		d.region.phys_start = end - 0x1000;
		assert_false(regions_fit(&d.desc, sizes[i].bits));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(every_size, boot),
		cmocka_unit_test_setup(regions_beyond, boot),
	};

	return cmocka_run_group_tests_name("stage2", tests, NULL, NULL);
}
