// SPDX-License-Identifier: GPL-2.0-only
/* PCI functions of the machine: who reads and writes what of them, and how they change hands. */
#include "fake_function.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdlib.h>
#include <cmocka.h>

#define CELL_CPU 3u

static int boot(void **state)
{
	(void)state;
	fake_boot_functions();
	return 0;
}

static int boot_with_cell(void **state)
{
	struct function_cell g;

	boot(state);
	fake_function_cell(&g);
	assert_int_equal(fake_create(&g, sizeof(g)), 0);
	return hypercall(CV_HC_CELL_START, hv.root.next->id, 0) ? -1 : 0;
}

static u32 rd(u32 cpu, u32 bdf, u32 reg)
{
	return (u32)fake_read(cpu, place_of(bdf, reg), 4);
}

static void wr(u32 cpu, u32 bdf, u32 reg, u32 value)
{
	assert_true(fake_write(cpu, place_of(bdf, reg), 4, value));
}

static void destroy(void)
{
	hv.root.next->comm->cell_state = CV_CELL_STATE_SHUT_DOWN;
	assert_int_equal(hypercall(CV_HC_CELL_DESTROY, hv.root.next->id, 0), 0);
}

static void root_has_all(void **state)
{
	(void)state;
	assert_int_equal(rd(0, FUNCTION, 0), 0x10d38086);
	assert_int_equal(rd(0, UNLISTED, 0), 0x10d38086);
	assert_int_equal(rd(0, EMPTY, 0), 0xffffffff);
	assert_int_equal(fake_read(0, place_of(FUNCTION, 2), 2), 0x10d3);
	assert_int_equal(fake_read(0, place_of(FUNCTION, 3), 1), 0x10);
	assert_int_equal(fake_read(0, place_of(FUNCTION, 0), 8), ~0ull);
	wr(0, FUNCTION, CAP_MSI + 4, 0x8020040); /* messages are its own affair */
	assert_int_equal(fake_reg(FUNCTION, CAP_MSI + 4), 0x8020040);
	wr(0, UNLISTED, 0x10, 0x20000000);
	assert_int_equal(fake_reg(UNLISTED, 0x10), 0x20000000);
	wr(0, FUNCTION, 0x10, 0x20000000); /* others could be there */
	assert_int_equal(fake_reg(FUNCTION, 0x10), 0x1000000c);
	wr(0, FUNCTION, 0x30, ~0u);
	assert_int_equal(fake_reg(FUNCTION, 0x30), 0);
}

static void bridges_stay(void **state)
{
	(void)state;
	for (u32 reg = 0x10; reg < 0x40; reg += 4) {
		u32 before = fake_reg(BRIDGE, reg);

		wr(0, BRIDGE, reg, 0x12345678);
		assert_int_equal(fake_reg(BRIDGE, reg), before);
	}
	wr(0, BRIDGE, 4, 0x6);
	assert_int_equal(fake_reg(BRIDGE, 4), 0x6);
}

static bool may_be_written(u32 reg)
{
	return (reg >= 4 && reg < 8) || reg == 12 || reg == 13 || reg == 0x3c ||
	       (reg >= CAP_PM && reg < CAP_PM + 8) || (reg >= CAP_VENDOR && reg < CAP_VENDOR + 6) ||
	       (reg >= CAP_AER && reg < CAP_AER + 0x40);
}

/* All bytes of it, by all widths: what changes is what the table and the record allow. */
static void cell_writes(void **state)
{
	static u8 before[0x1000];
	u8 *own = fake_config + (FUNCTION << 12);

	(void)state;
	memcpy(before, own, sizeof(before));
	for (u32 at = 0; at < 0x1000 * 3; at++) {
		u32 size = 1u << at % 3, reg = at / 3 & ~(size - 1);

		fake_write(CELL_CPU, place_of(FUNCTION, reg), size, 0x5aa5f00fu);
		for (u32 i = 0; i < size; i++)
			assert_int_equal(own[reg + i], may_be_written(reg + i)
							       ? 0x5aa5f00fu >> (i * 8) & 0xff
							       : before[reg + i]);
		memcpy(own + reg, before + reg, size); /* heads of lists, which are memory here */
		assert_memory_equal(own, before, sizeof(before));
	}
}

static void sizing(void **state)
{
	static const u32 ones[] = {0xfffe000c, 0xffffffff, 0xfff00000, 0xffffffe1, 0, 0};

	(void)state;
	for (u32 i = 0; i < 6; i++) {
		u32 at = 0x10 + 4 * i, home = fake_reg(FUNCTION, at);

		assert_int_equal(rd(CELL_CPU, FUNCTION, at), home);
		wr(CELL_CPU, FUNCTION, at, ~0u);
		assert_int_equal(rd(CELL_CPU, FUNCTION, at), ones[i]);
		wr(CELL_CPU, FUNCTION, at, 0);
		fake_write(CELL_CPU, place_of(FUNCTION, at + 3), 1, 0x25);
		assert_int_equal(rd(CELL_CPU, FUNCTION, at) >> 24, ones[i] ? 0x25 : 0);
		assert_int_equal(fake_read(CELL_CPU, place_of(FUNCTION, at + 2), 2),
				 ones[i] ? 0x2500 : 0);
		assert_int_equal(fake_reg(FUNCTION, at), home);
	}
}

/* A reset is seen, and its owner can undo it. */
static void own_place(void **state)
{
	(void)state;
	fake_set(FUNCTION, 0x18, 0);
	assert_int_equal(rd(CELL_CPU, FUNCTION, 0x18), 0);
	wr(CELL_CPU, FUNCTION, 0x18, 0x20000000);
	assert_int_equal(rd(CELL_CPU, FUNCTION, 0x18), 0x20000000);
	assert_int_equal(fake_reg(FUNCTION, 0x18), 0);
	wr(CELL_CPU, FUNCTION, 0x18, 0x10100000);
	assert_int_equal(fake_reg(FUNCTION, 0x18), 0x10100000);
}

/* A reset clears BARs and command; decoding needs the command, before which BARs are home. */
static void home_after_reset(void **state)
{
	(void)state;
	for (u32 reg = 4; reg < 0x28; reg += reg == 4 ? 12 : 4)
		fake_set(FUNCTION, reg, 0);
	fake_write(CELL_CPU, place_of(FUNCTION, 4), 1, 7);
	assert_int_equal(fake_reg(FUNCTION, 0x10), 0x1000000c);
	assert_int_equal(fake_reg(FUNCTION, 0x14), 1);
	assert_int_equal(fake_reg(FUNCTION, 0x18), 0x10100000);
	assert_int_equal(fake_reg(FUNCTION, 0x1c), 0xe001);
	assert_int_equal(fake_reg(FUNCTION, 4), 7);
}

static void nobody_elses(void **state)
{
	static u8 before[FAKE_CONFIG_SIZE];

	(void)state;
	memcpy(before, fake_config, sizeof(before));
	for (u32 bdf = 0; bdf < 256; bdf++) {
		u32 cpu = bdf == FUNCTION ? 0 : CELL_CPU;

		for (u32 reg = 0; reg < 0x200; reg += 4) {
			assert_int_equal(rd(cpu, bdf, reg), bdf == FAKE_LINK_BDF && !cpu ? 0 : ~0u);
			wr(cpu, bdf, reg, 0);
		}
		assert_int_equal(fake_read(cpu, place_of(bdf, 6), 2), 0xffff);
		assert_int_equal(fake_read(cpu, place_of(bdf, 5), 1), 0xff);
	}
	assert_memory_equal(fake_config, before, sizeof(before));
	assert_int_equal(rd(0, UNLISTED, 0), 0x10d38086);
}

static void assert_silent(void)
{
	assert_int_equal(fake_reg(FUNCTION, 4) & 0xffff, 0x403); /* it still decodes */
	assert_int_equal(fake_reg(FUNCTION, CAP_MSI) >> 16, 0x80);
	assert_int_equal(fake_reg(FUNCTION, CAP_MSIX) >> 16, 0x3);
}

static void silent_when_it_changes_hands(void **state)
{
	(void)state;
	assert_silent();
	wr(CELL_CPU, FUNCTION, 4, 0x7);
	wr(CELL_CPU, FUNCTION, 0x18, ~0u);
	wr(CELL_CPU, FUNCTION, CAP_PM + 4, 0x103); /* D3, and a wish to be woken */
	destroy();
	assert_silent();
	assert_int_equal(fake_reg(FUNCTION, CAP_PM + 4), 0x100);
	assert_int_equal(rd(0, FUNCTION, 0x18), 0x10100000);
	wr(0, FUNCTION, 4, 0x7);
	assert_int_equal(rd(0, FUNCTION, 4), 0x7);
	assert_int_equal(fake_reg(UNLISTED, 4), 0x00100007); /* others never were disturbed */
}

static void silent_when_its_cell_fails(void **state)
{
	(void)state;
	wr(CELL_CPU, FUNCTION, 4, 0x7);
	fake_current = CELL_CPU;
	cell_fail("test", 0, 0);
	fake_current = 0;
	assert_int_equal(fake_reg(FUNCTION, 4) & 0xffff, 0x403);
	wr(CELL_CPU, FUNCTION, 4, 0x7); /* by a CPU that is not stopped yet */
	assert_int_equal(fake_reg(FUNCTION, 4) & 0xffff, 0x403);
	assert_int_equal(rd(0, FUNCTION, 0), ~0u); /* it is the cell's still */
}

static void silent_when_it_starts(void **state)
{
	(void)state;
	wr(CELL_CPU, FUNCTION, 4, 0x7);
	wr(CELL_CPU, FUNCTION, 0x18, ~0u);
	hv.root.next->comm->cell_state = CV_CELL_STATE_SHUT_DOWN;
	assert_int_equal(hypercall(CV_HC_CELL_START, hv.root.next->id, 0), 0);
	assert_int_equal(fake_reg(FUNCTION, 4) & 0xffff, 0x403);
	assert_int_equal(rd(CELL_CPU, FUNCTION, 0x18), 0x10100000);
}

/* --- what a cell may not have --- */

static void bridge(struct function_cell *g)
{
	g->pci[0].type = CV_PCI_BRIDGE;
	g->pci[0].bdf = BRIDGE;
}

static void unlisted(struct function_cell *g)
{
	g->pci[0].bdf = UNLISTED;
}

static void foreign_domain(struct function_cell *g)
{
	g->pci[0].domain = 1;
}

static void refused(void **state)
{
	static void (*const changes[])(struct function_cell *) = {bridge, unlisted, foreign_domain};
	struct function_cell g;
	u64 map = fake_root_map();

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(changes); i++) {
		fake_function_cell(&g);
		changes[i](&g);
		assert_int_equal(fake_create(&g, sizeof(g)), -CV_EINVAL);
		assert_true(fake_root_map() == map);
		assert_int_equal(fake_reg(FUNCTION, 4), 0x00100007);
	}
}

static void of_another_cell(void **state)
{
	struct function_cell g;

	(void)state;
	fake_function_cell(&g);
	memcpy(g.d.name, "other", 6);
	g.cpus = 1 << 2;
	g.mem[0].phys_start += 0x200000;
	g.mem[2].size = g.mem[3].size = 0;
	g.irq[0].pin_bitmap[1] = 1 << 9;
	assert_int_equal(fake_create(&g, sizeof(g)), -CV_EBUSY);
	g.d.num_pci_devices = g.d.num_pci_caps = 0; /* nothing else was wrong */
	assert_int_equal(fake_create(&g, sizeof(g)), 0);
}

/* Configuration space itself: root's accesses trap, and no cell may have it as memory. */
static void its_own_memory(void **state)
{
	struct function_cell g;

	(void)state;
	assert_false(fake_root_has(FAKE_ECAM));
	fake_function_cell(&g);
	g.mem[3].phys_start = g.mem[3].virt_start = FAKE_ECAM + 0x3000;
	assert_int_equal(fake_create(&g, sizeof(g)), -CV_EINVAL);
}

/* A list that never ends, and one that leads into the header. */
static void broken_lists(void **state)
{
	(void)state;
	fake_set(FUNCTION, CAP_MSIX, 0x00034011);
	fake_set(FUNCTION, CAP_SRIOV, 0x10010010);
	wr(CELL_CPU, FUNCTION, CAP_PM + 4, 3);
	wr(CELL_CPU, FUNCTION, CAP_MSI + 4, 3);
	assert_int_equal(fake_reg(FUNCTION, CAP_PM + 4), 3);
	assert_int_equal(fake_reg(FUNCTION, CAP_MSI + 4), 0);
	destroy();
	assert_silent();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(root_has_all, boot),
		cmocka_unit_test_setup(bridges_stay, boot),
		cmocka_unit_test_setup(cell_writes, boot_with_cell),
		cmocka_unit_test_setup(sizing, boot_with_cell),
		cmocka_unit_test_setup(own_place, boot_with_cell),
		cmocka_unit_test_setup(home_after_reset, boot_with_cell),
		cmocka_unit_test_setup(nobody_elses, boot_with_cell),
		cmocka_unit_test_setup(silent_when_it_changes_hands, boot_with_cell),
		cmocka_unit_test_setup(silent_when_its_cell_fails, boot_with_cell),
		cmocka_unit_test_setup(silent_when_it_starts, boot_with_cell),
		cmocka_unit_test_setup(refused, boot),
		cmocka_unit_test_setup(of_another_cell, boot_with_cell),
		cmocka_unit_test_setup(its_own_memory, boot),
		cmocka_unit_test_setup(broken_lists, boot_with_cell),
	};

	return cmocka_run_group_tests_name("PCI functions", tests, NULL, NULL);
}
