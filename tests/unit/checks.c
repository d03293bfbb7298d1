// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks on models made by hand: what plans can't say, and how time grows with size.
 */
#include "../../compiler/lib/diag.h"
#include "../../compiler/model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

static struct cell *add_cell(struct cellc *c, struct model *m, const char *name)
{
	struct cell *cell = NEW(c->arena, struct cell);

	cell->name = name;
	cell->is_root = !m->cells.n && name[0] == 'r';
	vec_push(c->arena, &cell->cpus)->index = (u32)m->cells.n;
	cell->flags.v = CV_CELL_PASSIVE_COMM;
	cell->from = origin_rule(c, NULL, "%s", name);
	*vec_push(c->arena, &m->cells) = cell;
	return cell;
}

static struct region *add_region(struct cellc *c, struct cell *cell, u64 phys, u64 virt, u64 size,
				 u64 flags)
{
	struct region *r = NEW(c->arena, struct region);

	*r = (struct region){.phys = {phys, cell->from},
			     .virt = {virt, cell->from},
			     .size = {size, cell->from},
			     .flags = flags,
			     .from = cell->from};
	*vec_push(c->arena, &cell->regions) = r;
	return r;
}

#define RWX (CV_MEM_READ | CV_MEM_WRITE | CV_MEM_EXECUTE)
#define RW  (CV_MEM_READ | CV_MEM_WRITE)

static u32 count(const struct cellc *c, enum diag_code code)
{
	u32 n = 0;

	for (size_t i = 0; i < c->diags.n; i++)
		n += c->diags.v[i]->code == code && !c->diags.v[i]->allowed;
	return n;
}

/* A region behind a large one of its own cell still meets a third, older one of another cell. */
static void overlap_behind_own_region(void **state)
{
	struct model m = {.arch = CV_ARCH_ARM64};
	struct cell *a, *b;
	struct cellc c;

	(void)state;
	cellc_init(&c);
	a = add_cell(&c, &m, "a");
	b = add_cell(&c, &m, "b");
	add_region(&c, a, 0x1000, 0, 0x5000, RWX);
	add_region(&c, b, 0x10000, 0, 0x100000, RWX);
	add_region(&c, a, 0x20000, 0x20000, 0x1000, RW);
	add_region(&c, b, 0x30000, 0x3000000, 0x1000, RW);
	check(&c, &m);
	assert_int_equal(count(&c, D_E0301), 1);
	assert_int_equal(count(&c, D_W0303), 1);
	assert_int_equal(c.errors, 1);
	cellc_free(&c);
}

/* The last byte of the address space is a byte as any other. */
static void end_of_address_space(void **state)
{
	struct model m = {.arch = CV_ARCH_X86};
	struct cell *a, *b;
	struct cellc c;

	(void)state;
	cellc_init(&c);
	a = add_cell(&c, &m, "a");
	b = add_cell(&c, &m, "b");
	add_region(&c, a, 0xfffffffffffff000, 0xff000, 0x1000, RWX);
	add_region(&c, b, 0xffffffffffff0000, 0xff000, 0x10000, RWX);
	add_region(&c, b, 0xfffffffffffff000, 0x200000, 0x2000, RW);
	check(&c, &m);
	assert_int_equal(count(&c, D_E0301), 1);
	assert_int_equal(count(&c, D_E0310), 1);
	cellc_free(&c);
}

/* What place could not settle has no address to judge. */
static void open_regions_are_left_alone(void **state)
{
	struct model m = {.arch = CV_ARCH_ARM64};
	struct cell *a, *b;
	struct cellc c;

	(void)state;
	cellc_init(&c);
	a = add_cell(&c, &m, "a");
	b = add_cell(&c, &m, "b");
	add_region(&c, a, 0, 0, 0x1000, RWX)->phys_open = true;
	add_region(&c, b, 0, 0, 0x1000, RWX)->phys_open = true;
	check(&c, &m);
	assert_int_equal(c.diags.n, 0);
	cellc_free(&c);
}

static void allow_takes_errors_back(void **state)
{
	struct model m = {.arch = CV_ARCH_ARM64};
	struct cellc c;
	struct allow *allow;

	(void)state;
	cellc_init(&c);
	add_region(&c, add_cell(&c, &m, "a"), 0x1000, 0x4000, 0x1000, RWX);
	add_region(&c, add_cell(&c, &m, "b"), 0x3000, 0x4000, 0x1000, RWX);
	allow = vec_push(c.arena, &m.allows);
	*allow = (struct allow){.code = D_E0319,
				.subject_kind = "cell",
				.subject = "a",
				.reason = "the debugger starts it"};
	check(&c, &m);
	assert_true(allow->used);
	assert_int_equal(c.diags.n, 2);
	assert_int_equal(count(&c, D_E0319), 1);
	assert_int_equal(c.errors, 1);
	assert_string_equal(c.diags.v[0]->allowed, "the debugger starts it");
	cellc_free(&c);
}

static void model_of(struct cellc *c, struct model *m, u32 regions)
{
	struct cell *root = add_cell(c, m, "root");

	m->has_system = true;
	add_region(c, root, 0x40000000, 0x40000000, 0x800000000, RWX);
	for (u32 i = 0; i < 64; i++) {
		struct cell *cell = add_cell(c, m, arena_printf(c->arena, "c%u", i));

		vec_push(c->arena, &root->cpus)->index = i + 1;
		for (u32 n = 0; n < regions / 64; n++)
			add_region(c, cell, 0x40000000 + 0x2000ull * (n * 64 + i), 0x2000ull * n,
				   0x1000, RWX | CV_MEM_LOADABLE);
	}
	m->platform.hypervisor = *add_region(c, root, 0, 0, 0x400000, RWX);
	root->regions.n--;
}

/* CPU time of all checks, the best of three. */
static double time_of(u32 regions)
{
	double best = 1e9;

	for (int i = 0; i < 3; i++) {
		struct model m = {.arch = CV_ARCH_X86};
		struct cellc c;
		clock_t start;

		cellc_init(&c);
		model_of(&c, &m, regions);
		start = clock();
		check(&c, &m);
		best = MIN(best, (double)(clock() - start));
		assert_int_equal(count(&c, D_E0301) + count(&c, D_E0302) + count(&c, D_E0318), 0);
		cellc_free(&c);
	}
	return best;
}

/* Sixteen times the regions take sixteen times the time and a little; 256 times if quadratic. */
static void time_grows_with_n_log_n(void **state)
{
	(void)state;
	assert_true(time_of(96000) < 64 * (time_of(6000) + 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(overlap_behind_own_region),
		cmocka_unit_test(end_of_address_space),
		cmocka_unit_test(open_regions_are_left_alone),
		cmocka_unit_test(allow_takes_errors_back),
		cmocka_unit_test(time_grows_with_n_log_n),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
