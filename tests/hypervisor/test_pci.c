// SPDX-License-Identifier: GPL-2.0-only
/* The virtual PCI host: what is where, which bits a guest changes, where BARs are decoded. */
#include "fake_link.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdlib.h>
#include <cmocka.h>

#define BDF FAKE_LINK_BDF

static int boot(void **state)
{
	(void)state;
	fake_boot();
	return 0;
}

static u32 rd(u32 word)
{
	return (u32)fake_read(0, config_of(BDF, word), 4);
}

static void wr(u32 word, u32 value)
{
	assert_true(fake_write(0, config_of(BDF, word), 4, value));
}

static void absent(void **state)
{
	(void)state;
	for (u32 bdf = 0; bdf < 256; bdf++) {
		if (bdf == BDF)
			continue;
		assert_int_equal(fake_read(0, config_of(bdf, 0), 4), 0xffffffff);
		assert_int_equal(fake_read(0, config_of(bdf, 0), 2), 0xffff);
		assert_int_equal(fake_read(0, config_of(bdf, 0) + 3, 1), 0xff);
		assert_true(fake_write(0, config_of(bdf, 1), 4, ~0u));
	}
	assert_int_equal(fake_read(0, FAKE_ECAM + 0x100000, 4), 0xbad); /* behind the one bus */
	assert_int_equal(fake_read(0, FAKE_ECAM - 4, 4), 0xbad);
	/* a cell has a host, too, with its own devices alone */
	struct good_cell g;

	fake_good(&g);
	assert_int_equal(fake_create(&g, sizeof(g)), 0);
	assert_int_equal(fake_read(3, config_of(BDF, 0), 4), 0xffffffff);
}

static void header(void **state)
{
	(void)state;
	assert_int_equal(rd(0), 0x4106110a);
	assert_int_equal(rd(1), 0x00100000);
	assert_int_equal(rd(2), 0xff400100);
	assert_int_equal(rd(3), 0);
	for (u32 bar = 5; bar < 10; bar++)
		assert_int_equal(rd(bar), 0);
	assert_int_equal(rd(11), 0x4106110a);
	assert_int_equal(rd(13), 0x40);
	assert_int_equal(rd(15), 0x0200);     /* slot 5: INTB */
	assert_int_equal(rd(16), 0x00200009); /* the last capability */
	assert_int_equal(rd(17), 0x1000);
	assert_int_equal(rd(18), 0x2000);
	assert_int_equal(rd(19), 0);
	assert_int_equal(rd(20), 0x1000);
	assert_int_equal(rd(21), 0);
	assert_int_equal(rd(22), FAKE_ROOT_LINK);
	assert_int_equal(rd(23), 0);
	for (u32 word = 24; word < 1024; word++)
		assert_int_equal(rd(word), 0);
	assert_int_equal(fake_read(0, config_of(BDF, 0) + 2, 2), 0x4106);
	assert_int_equal(fake_read(0, config_of(BDF, 2) + 3, 1), 0xff);
}

/* All bits of all words: those that stay are those that the contract lets a guest write. */
static void writable_bits(void **state)
{
	u32 before[1024];

	(void)state;
	for (u32 word = 0; word < 1024; word++)
		before[word] = rd(word);
	for (u32 word = 0; word < 1024; word++) {
		u32 may = word == PCI_COMMAND  ? 0x406
			  : word == PCI_BAR0   ? 0xfffff000
			  : word == PCI_INT    ? 0xff
			  : word == PCI_VENDOR ? 0x01000000
					       : 0;

		wr(word, ~0u);
		assert_int_equal(rd(word), before[word] | may);
		wr(word, 0);
		assert_int_equal(rd(word), before[word] & ~may);
	}
}

static void widths(void **state)
{
	u64 bar = config_of(BDF, PCI_BAR0);

	(void)state;
	assert_true(fake_write(0, bar + 2, 2, 0x1234));
	assert_true(fake_write(0, bar + 1, 1, 0xff));
	assert_true(fake_write(0, bar, 1, 0xff));
	assert_int_equal(rd(PCI_BAR0), 0x1234f000);
	assert_int_equal(fake_read(0, bar + 2, 2), 0x1234);
	/* what the bus can't say: nothing happens, all ones */
	assert_true(fake_write(0, bar, 8, 0));
	assert_true(fake_write(0, bar + 1, 2, 0));
	assert_true(fake_write(0, bar + 2, 4, 0));
	assert_int_equal(rd(PCI_BAR0), 0x1234f000);
	assert_int_equal(fake_read(0, bar, 8), ~0ull);
	assert_int_equal(fake_read(0, bar + 1, 2), 0xffff);
	assert_int_equal(fake_read(0, bar + 2, 4), 0xffffffff);
}

static void bar_moves(void **state)
{
	(void)state;
	wr(PCI_BAR0, WINDOW);
	assert_int_equal(fake_read(0, WINDOW + 4, 4), 0xbad); /* not enabled */
	wr(PCI_COMMAND, PCI_COMMAND_MEMORY);
	assert_int_equal(fake_read(0, WINDOW + 4, 4), 3);
	assert_int_equal(fake_read(0, WINDOW + 0xffc, 4), 0);
	assert_int_equal(fake_read(0, WINDOW + 0x1000, 4), 0xbad);
	wr(PCI_BAR0, WINDOW + 0x5000);
	assert_int_equal(fake_read(0, WINDOW + 4, 4), 0xbad);
	assert_int_equal(fake_read(0, WINDOW + 0x5004, 4), 3);
	wr(PCI_BAR0, 0xfffff000); /* the last page: no wrap */
	assert_int_equal(fake_read(0, 0xfffff004, 4), 3);
	assert_int_equal(fake_read(0, 0x100000000ull, 4), 0xbad);
	assert_int_equal(fake_read(0, 4, 4), 0xbad);
	wr(PCI_COMMAND, 0);
	assert_int_equal(fake_read(0, 0xfffff004, 4), 0xbad);
}

/* A BAR over what is there already: whichever answers, the other is there again afterwards. */
static void bar_over_others(void **state)
{
	static const u64 places[] = {FAKE_ECAM, FAKE_ECAM + 0x28000, FAKE_DEVICES, FAKE_SUBPAGE, 0};
	u32 entries = hv.root.num_mmio;

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(places); i++) {
		wr(PCI_BAR0, (u32)places[i]);
		wr(PCI_COMMAND, PCI_COMMAND_MEMORY);
		assert_int_equal(hv.root.num_mmio, entries + 1);
		for (u64 at = places[i]; at < places[i] + 0x1000; at += 4)
			fake_read(0, at, 4);
		shmem_start(&hv.root); /* configuration space may be behind the BAR: a reset */
		assert_int_equal(hv.root.num_mmio, entries);
		assert_int_equal(rd(PCI_ID), 0x4106110a);
	}
}

/* INTA to INTD by slot, as the bridge in a guest's tree tells. */
static void pins(void **state)
{
	struct linked_cell g;

	(void)state;
	for (u32 slot = 0; slot < 32; slot++) {
		if (slot == FAKE_LINK_BDF / 8)
			continue;
		fake_linked(&g, 3, slot * 8, FAKE_LINK, 0, 2);
		assert_int_equal(fake_create(&g, sizeof(g)), 0);
		assert_int_equal(hypercall(CV_HC_CELL_START, hv.root.next->id, 0), 0);
		assert_int_equal(fake_read(3, config_of(slot * 8, PCI_INT), 4), (1 + slot % 4)
											<< 8);
		hv.root.next->comm->cell_state = CV_CELL_STATE_SHUT_DOWN;
		assert_int_equal(hypercall(CV_HC_CELL_DESTROY, hv.root.next->id, 0), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(absent, boot),
		cmocka_unit_test_setup(header, boot),
		cmocka_unit_test_setup(writable_bits, boot),
		cmocka_unit_test_setup(widths, boot),
		cmocka_unit_test_setup(bar_moves, boot),
		cmocka_unit_test_setup(bar_over_others, boot),
		cmocka_unit_test_setup(pins, boot),
	};

	return cmocka_run_group_tests_name("virtual PCI host", tests, NULL, NULL);
}
