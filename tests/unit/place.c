// SPDX-License-Identifier: GPL-2.0-only
/*
 * place.c on models made by hand: what goes where, and what stays open.
 */
#include "model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct bench {
	struct cellc c;
	struct model m;
	struct machine machine;
};

static const struct origin said = {.kind = FROM_RULE, .why = "the test"};

/* 256M of RAM at 1G, four CPUs in two clusters, a GICv3 of 64 lines. */
static int setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	cellc_init(&b->c);
	b->machine.arch = b->m.arch = CV_ARCH_ARM64;
	b->machine.gic = (struct gic){.version = 3, .gicd = 0x8000000, .lines = 64};
	for (u32 i = 0; i < 4; i++)
		*vec_push(b->c.arena, &b->machine.cpus) =
			(struct cpu){.index = i, .cluster = i / 2, .from = &said};
	*vec_push(b->c.arena, &b->m.ram) = (struct extent){.addr = GIB, .size = 256 * MIB};
	b->m.machine = &b->machine;
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	cellc_free(&b->c);
	free(b);
	return 0;
}

static struct cell *add_cell(struct bench *b, const char *name, u32 cpus)
{
	struct cell *cell = NEW(b->c.arena, struct cell);

	cell->name = cell->file = name;
	cell->from = &said;
	cell->cpus_wanted = cpus;
	cell->cpus_from = cpus ? &said : NULL;
	*vec_push(b->c.arena, &b->m.cells) = cell;
	return cell;
}

static struct region *add_ram(struct bench *b, struct cell *cell, u64 size)
{
	struct region *g = NEW(b->c.arena, struct region);

	*g = (struct region){.name = "ram",
			     .size = {size, &said},
			     .role = REGION_RAM,
			     .phys_open = true,
			     .virt_open = true,
			     .from = &said};
	*vec_push(b->c.arena, &cell->regions) = g;
	return g;
}

static struct region *add_pinned(struct bench *b, struct cell *cell, u64 addr, u64 size)
{
	struct region *g = add_ram(b, cell, size);

	g->phys = g->virt = (struct fact){addr, &said};
	g->phys_open = g->virt_open = false;
	return g;
}

static struct pool *add_pool(struct bench *b, u64 addr, u64 size)
{
	struct pool *p = NEW(b->c.arena, struct pool);

	*p = (struct pool){.name = "", .addr = {addr, &said}, .size = {size, &said}, .from = &said};
	*vec_push(b->c.arena, &b->m.pools) = p;
	return p;
}

static void alignment_goes_before_size_before_order(void **state)
{
	struct bench *b = *state;
	struct cell *cell = add_cell(b, "a", 1);
	struct region *small = add_ram(b, cell, PAGE_SIZE), *big = add_ram(b, cell, 4 * MIB);
	struct region *medium = add_ram(b, cell, 64 * KIB), *first = add_ram(b, cell, 64 * KIB);

	add_pool(b, GIB, 16 * MIB);
	first->align = 4 * MIB;
	place(&b->c, &b->m);
	assert_int_equal(b->c.errors, 0);
	assert_int_equal(first->phys.v, GIB);
	assert_int_equal(big->phys.v, GIB + 2 * MIB);
	assert_int_equal(medium->phys.v, GIB + 64 * KIB);
	assert_int_equal(small->phys.v, GIB + 128 * KIB);
	assert_int_equal(small->virt.v, small->phys.v);
	assert_false(small->phys_open || small->virt_open);
}

static void what_is_pinned_is_not_used(void **state)
{
	struct bench *b = *state;
	struct cell *one = add_cell(b, "one", 1), *two = add_cell(b, "two", 1);
	struct region *g = add_ram(b, two, MIB);

	add_pinned(b, one, GIB, MIB);
	add_pinned(b, one, GIB + 2 * MIB, MIB);
	add_pool(b, GIB, 16 * MIB);
	place(&b->c, &b->m);
	assert_int_equal(g->phys.v, GIB + MIB);
}

/* The guest of the region sees the host address: where it has something else, that is no place. */
static void an_identity_address_is_free_on_both_sides(void **state)
{
	struct bench *b = *state;
	struct cell *cell = add_cell(b, "a", 1);
	struct region *g = add_ram(b, cell, MIB), *elsewhere;

	elsewhere = add_pinned(b, cell, GIB + 128 * MIB, 2 * MIB);
	elsewhere->virt.v = GIB;
	add_pool(b, GIB, 16 * MIB);
	place(&b->c, &b->m);
	assert_int_equal(g->phys.v, GIB + 2 * MIB);
}

static void a_whole_cluster_is_preferred(void **state)
{
	struct bench *b = *state;
	struct cell *one = add_cell(b, "one", 1), *two = add_cell(b, "two", 2);

	place(&b->c, &b->m);
	/* 0 stays with root, so 1 is all of the first cluster that is left */
	assert_int_equal(one->cpus.n, 1);
	assert_int_equal(one->cpus.v[0].index, 1);
	assert_int_equal(two->cpus.n, 2);
	assert_int_equal(two->cpus.v[0].index, 2);
	assert_int_equal(two->cpus.v[1].index, 3);
	assert_int_equal(two->cpu_set_size.v, 8);
}

static void root_keeps_a_cpu(void **state)
{
	struct bench *b = *state;
	struct cell *cell = add_cell(b, "a", 4);

	place(&b->c, &b->m);
	assert_int_equal(b->c.errors, 1);
	assert_int_equal(cell->cpus.n, 0);
	assert_true(cell->incomplete);
}

static void what_has_no_room_stays_open_and_the_rest_is_placed(void **state)
{
	struct bench *b = *state;
	struct cell *cell = add_cell(b, "a", 1);
	struct region *huge = add_ram(b, cell, GIB), *small = add_ram(b, cell, MIB);

	add_pool(b, GIB, 16 * MIB);
	place(&b->c, &b->m);
	assert_int_equal(b->c.errors, 1);
	assert_true(huge->phys_open);
	assert_int_equal(small->phys.v, GIB);
}

static void sizes_near_the_end_of_the_address_space_are_refused(void **state)
{
	struct bench *b = *state;
	struct cell *cell = add_cell(b, "a", 1);
	struct region *g = add_ram(b, cell, UINT64_MAX), *h = add_ram(b, cell, 1ull << 63);

	place(&b->c, &b->m);
	assert_int_equal(b->c.errors, 2);
	assert_true(g->phys_open && h->phys_open);
}

static void the_communication_region_moves_up(void **state)
{
	struct bench *b = *state;
	struct cell *one = add_cell(b, "one", 1), *two = add_cell(b, "two", 1);
	struct region *g[2] = {add_pinned(b, one, 0, PAGE_SIZE), add_pinned(b, two, 0, PAGE_SIZE)};
	struct region *there = add_pinned(b, two, GIB, 3 * MIB / 2);

	there->virt.v = 0x80000000;
	for (u32 i = 0; i < 2; i++) {
		g[i]->role = REGION_COMM;
		g[i]->virt_open = true;
	}
	place(&b->c, &b->m);
	assert_int_equal(g[0]->virt.v, 0x80000000);
	assert_int_equal(g[1]->virt.v, 0x80200000);
}

static void chips_say_what_claims_say(void **state)
{
	static const u32 intids[] = {32, 63, 64, 159, 160, 1019, 160};
	struct bench *b = *state;
	struct cell *cell = add_cell(b, "a", 1);

	for (u32 i = 0; i < ARRAY_SIZE(intids); i++)
		*vec_push(b->c.arena, &cell->irqs) =
			(struct irq_claim){.chip = 0x8000000, .intid = intids[i], .from = &said};
	place(&b->c, &b->m);
	assert_int_equal(cell->irqchips.n, 3);
	assert_int_equal(cell->irqchips.v[0].pin_base, 32);
	assert_int_equal(cell->irqchips.v[0].bitmap[0], 0x80000001);
	assert_int_equal(cell->irqchips.v[0].bitmap[1], 1);
	assert_int_equal(cell->irqchips.v[0].bitmap[3], 0x80000000);
	assert_int_equal(cell->irqchips.v[1].pin_base, 160);
	assert_int_equal(cell->irqchips.v[1].bitmap[0], 1);
	assert_int_equal(cell->irqchips.v[2].pin_base, 928);
	assert_int_equal(cell->irqchips.v[2].bitmap[2], 1u << 27);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(alignment_goes_before_size_before_order),
		T(what_is_pinned_is_not_used),
		T(an_identity_address_is_free_on_both_sides),
		T(a_whole_cluster_is_preferred),
		T(root_keeps_a_cpu),
		T(what_has_no_room_stays_open_and_the_rest_is_placed),
		T(sizes_near_the_end_of_the_address_space_are_refused),
		T(the_communication_region_moves_up),
		T(chips_say_what_claims_say),
#undef T
	};

	return cmocka_run_group_tests_name("place", tests, NULL, NULL);
}
