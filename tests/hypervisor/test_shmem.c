// SPDX-License-Identifier: GPL-2.0-only
/* Shared-memory devices on a fake machine: registers, interrupts, states, who may be a peer. */
#include "fake_link.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define BDF  FAKE_LINK_BDF
#define LINE(n) (32 + 8 * (n) + 1) /* INTID of cell n's slot 5: INTB */
#define ROOT_LINE (32 + FAKE_ROOT_SPI + 1)
#define REG(r) (WINDOW + 4 * (r))

static int boot(void **state)
{
	(void)state;
	fake_boot();
	return 0;
}

static s64 create(struct linked_cell *g)
{
	return fake_create(g, sizeof(*g));
}

static struct cell *last_cell(void)
{
	struct cell *c = &hv.root;

	while (c->next)
		c = c->next;
	return c;
}

static struct cell *run(struct linked_cell *g)
{
	assert_int_equal(create(g), 0);
	assert_int_equal(hypercall(CV_HC_CELL_START, last_cell()->id, 0), 0);
	return last_cell();
}

static void end(struct cell *c)
{
	c->comm->cell_state = CV_CELL_STATE_SHUT_DOWN;
	assert_int_equal(hypercall(CV_HC_CELL_DESTROY, c->id, 0), 0);
}

/* Cell n, which is peer n of root's link, and root, with their interrupts on. */
static struct cell *join(u32 n)
{
	struct linked_cell g;
	struct cell *c;

	fake_peer_of_root(&g, n, n);
	c = run(&g);
	fake_open(n, BDF, WINDOW);
	fake_open(0, BDF, WINDOW);
	return c;
}

static void forget(void)
{
	memset(fake_irqs, 0, sizeof(fake_irqs));
}

static u32 all_irqs(void)
{
	u32 n = 0;

	for (u32 i = 0; i < ARRAY_SIZE(fake_irqs); i++)
		n += fake_irqs[i];
	return n;
}

/* --- registers --- */

static void registers(void **state)
{
	(void)state;
	join(2);
	assert_int_equal(fake_read(2, REG(SHMEM_ID), 4), 2);
	assert_int_equal(fake_read(2, REG(SHMEM_PEERS), 4), 3);
	assert_int_equal(fake_read(0, REG(SHMEM_ID), 4), 0);
	for (u32 i = 5; i < 1024; i++) {
		assert_true(fake_write(2, REG(i), 4, ~0u));
		assert_int_equal(fake_read(2, REG(i), 4), 0);
	}
	assert_true(fake_write(2, REG(SHMEM_ID), 4, 7) && fake_write(2, REG(SHMEM_PEERS), 4, 7));
	assert_int_equal(fake_read(2, REG(SHMEM_ID), 4), 2);
	assert_int_equal(fake_read(2, REG(SHMEM_PEERS), 4), 3);
	assert_true(fake_write(2, REG(SHMEM_INT), 4, ~0u));
	assert_int_equal(fake_read(2, REG(SHMEM_INT), 4), 1);
	assert_int_equal(fake_read(2, REG(SHMEM_DOORBELL), 4), 0);
	/* other widths and odd addresses read zero and change nothing */
	assert_true(fake_write(2, REG(SHMEM_STATE), 4, 5));
	for (u32 size = 1; size <= 8; size *= 2) {
		for (u32 off = 0; off < 24; off++) {
			if (size == 4 && off % 4 == 0)
				continue;
			assert_true(fake_write(2, WINDOW + off, size, ~0ull));
			assert_int_equal(fake_read(2, WINDOW + off, size), 0);
		}
	}
	assert_int_equal(fake_read(2, REG(SHMEM_STATE), 4), 5);
	assert_int_equal(fake_read(2, REG(SHMEM_INT), 4), 1);
	assert_int_equal(fake_read(2, WINDOW + 0xffc, 8), 0); /* beyond the BAR's end */
}

/* A mask of BAR1 means nothing without vectors. */
static void second_bar(void **state)
{
	struct linked_cell g;

	(void)state;
	fake_peer_of_root(&g, 1, 1);
	g.pci[0].bar_mask[1] = 0x12345678;
	run(&g);
	fake_open(1, BDF, WINDOW);
	fake_write(1, config_of(BDF, PCI_BAR1), 4, ~0u);
	assert_int_equal(fake_read(1, config_of(BDF, PCI_BAR1), 4), 0);
	assert_int_equal(fake_read(1, 0, 4), 0xbad);
}

/* --- doorbell --- */

static void doorbell(void **state)
{
	(void)state;
	join(1);
	join(2);
	forget();
	fake_write(1, REG(SHMEM_DOORBELL), 4, 2 << 16);
	assert_int_equal(fake_irqs[LINE(2)], 1);
	fake_write(1, REG(SHMEM_DOORBELL), 4, 0);
	assert_int_equal(fake_irqs[ROOT_LINE], 1);
	fake_write(1, REG(SHMEM_DOORBELL), 4, 1 << 16); /* oneself */
	assert_int_equal(fake_irqs[LINE(1)], 1);
	fake_write(0, REG(SHMEM_DOORBELL), 4, 1 << 16 | (CV_SHMEM_INTX_VECTORS - 1));
	assert_int_equal(fake_irqs[LINE(1)], 2);
	assert_int_equal(all_irqs(), 4);
}

static void doorbell_to_nobody(void **state)
{
	(void)state;
	join(1);
	forget();
	for (u32 target = 2; target < 0x10000; target++)
		fake_write(1, REG(SHMEM_DOORBELL), 4, target << 16);
	for (u32 vector = CV_SHMEM_INTX_VECTORS; vector < 0x10000; vector++)
		fake_write(1, REG(SHMEM_DOORBELL), 4, vector);
	assert_int_equal(all_irqs(), 0);
	fake_write(0, REG(SHMEM_INT), 4, 0); /* not wanted */
	fake_write(1, REG(SHMEM_DOORBELL), 4, 0);
	fake_write(0, REG(SHMEM_INT), 4, 1);
	fake_write(0, config_of(BDF, PCI_COMMAND), 4, PCI_COMMAND_MEMORY | PCI_COMMAND_NO_INT);
	fake_write(1, REG(SHMEM_DOORBELL), 4, 0);
	assert_int_equal(all_irqs(), 0);
	fake_write(0, config_of(BDF, PCI_COMMAND), 4, PCI_COMMAND_MEMORY);
	fake_write(1, REG(SHMEM_DOORBELL), 4, 0);
	assert_int_equal(all_irqs(), 1);
}

static void one_shot(void **state)
{
	u64 cap = config_of(BDF, PCI_VENDOR);

	(void)state;
	join(1);
	forget();
	fake_write(1, cap + 3, 1, CV_SHMEM_CAP_ONESHOT);
	for (u32 i = 0; i < 5; i++)
		fake_write(0, REG(SHMEM_DOORBELL), 4, 1 << 16);
	assert_int_equal(fake_irqs[LINE(1)], 1);
	assert_int_equal(fake_read(1, REG(SHMEM_INT), 4), 0);
	fake_write(1, REG(SHMEM_INT), 4, 1);
	fake_write(0, REG(SHMEM_DOORBELL), 4, 1 << 16 | 0xffff); /* no such vector: nothing comes */
	assert_int_equal(fake_read(1, REG(SHMEM_INT), 4), 1);
	fake_write(0, REG(SHMEM_STATE), 4, 1);
	assert_int_equal(fake_irqs[LINE(1)], 2);
	fake_write(1, cap + 3, 1, 0);
	fake_write(1, REG(SHMEM_INT), 4, 1);
	for (u32 i = 0; i < 5; i++)
		fake_write(0, REG(SHMEM_DOORBELL), 4, 1 << 16);
	assert_int_equal(fake_irqs[LINE(1)], 7);
}

/* The descriptor names a line that is not the cell's. */
static void line_of_others(void **state)
{
	struct linked_cell g;

	(void)state;
	fake_peer_of_root(&g, 1, 1);
	g.d.vpci_irq_base = FAKE_ROOT_SPI;
	run(&g);
	fake_open(1, BDF, WINDOW);
	fake_peer_of_root(&g, 2, 2);
	g.d.vpci_irq_base = ~0u; /* INTB: the sum of base and pin wraps in 32 bits */
	run(&g);
	fake_open(2, BDF, WINDOW);
	fake_open(0, BDF, WINDOW);
	forget();
	fake_write(0, REG(SHMEM_DOORBELL), 4, 1 << 16);
	fake_write(0, REG(SHMEM_DOORBELL), 4, 2 << 16);
	assert_int_equal(all_irqs(), 0);
}

/* --- states --- */

static void states(void **state)
{
	(void)state;
	for (u32 id = 0; id < 3; id++)
		assert_int_equal(state_in_table(FAKE_ROOT_LINK, id), 0);
	join(1);
	join(2);
	forget();
	fake_write(1, REG(SHMEM_STATE), 4, 0x80000001);
	assert_int_equal(state_in_table(FAKE_ROOT_LINK, 1), 0x80000001);
	assert_int_equal(fake_read(1, REG(SHMEM_STATE), 4), 0x80000001);
	assert_int_equal(fake_irqs[LINE(2)], 1);
	assert_int_equal(fake_irqs[ROOT_LINE], 1);
	assert_int_equal(all_irqs(), 2); /* not the writer */
	fake_write(1, REG(SHMEM_STATE), 4, 0x80000001); /* no change */
	assert_int_equal(all_irqs(), 2);
	fake_write(2, REG(SHMEM_INT), 4, 0);
	fake_write(1, REG(SHMEM_STATE), 4, 2);
	assert_int_equal(fake_irqs[LINE(2)], 1);
	assert_int_equal(fake_irqs[ROOT_LINE], 2);
	assert_int_equal(state_in_table(FAKE_ROOT_LINK, 0), 0);
	assert_int_equal(state_in_table(FAKE_ROOT_LINK, 2), 0);
}

static void park(void) /* what arch_cpu_kick does on a machine */
{
	percpu(1)->park_wanted = false;
	percpu(1)->power = CPU_OFF;
}

enum ending { DESTROYED, LOADABLE, FAILED, ENDED, LEFT, RESTARTED, ENDINGS };

static void finish(struct cell *c, enum ending how)
{
	c->comm->cell_state = CV_CELL_STATE_SHUT_DOWN; /* root needs no consent */
	fake_current = how == FAILED || how == ENDED || how == LEFT;
	switch (how) {
	case DESTROYED:
		assert_int_equal(hypercall(CV_HC_CELL_DESTROY, c->id, 0), 0);
		break;
	case LOADABLE:
		assert_int_equal(hypercall(CV_HC_CELL_SET_LOADABLE, c->id, 0), 0);
		break;
	case FAILED:
		cell_fail("test", 0, 0);
		break;
	case ENDED:
		cell_end("test");
		break;
	case LEFT:
		cell_cpu_leaving();
		break;
	case RESTARTED:
		assert_int_equal(hypercall(CV_HC_CELL_START, c->id, 0), 0);
		break;
	case ENDINGS:
		break;
	}
	fake_current = 0;
}

/* However a peer ends, it shows as state 0 and the others are told, once. */
static void endings(void **state)
{
	(void)state;
	for (enum ending how = DESTROYED; how < ENDINGS; how++) {
		struct cell *c;

		fake_boot();
		c = join(1);
		fake_write(1, REG(SHMEM_STATE), 4, 3);
		forget();
		finish(c, how);
		assert_int_equal(state_in_table(FAKE_ROOT_LINK, 1), 0);
		assert_int_equal(fake_irqs[ROOT_LINE], 1);
		assert_int_equal(all_irqs(), 1);
		fake_write(0, REG(SHMEM_DOORBELL), 4, 1 << 16);
		assert_int_equal(all_irqs(), 1); /* nobody there */
		if (how == DESTROYED)
			continue;
		/* what it still does while it is being stopped changes nothing */
		fake_write(1, REG(SHMEM_STATE), 4, 3);
		fake_write(1, REG(SHMEM_DOORBELL), 4, 0);
		fake_write(1, config_of(BDF, PCI_COMMAND), 4, how == RESTARTED ? 0 : 2);
		assert_int_equal(fake_read(1, REG(SHMEM_STATE), 4), 0xbad);
		assert_int_equal(state_in_table(FAKE_ROOT_LINK, 1), 0);
		assert_int_equal(all_irqs(), 1);
		park();
		c->comm->cell_state = CV_CELL_STATE_SHUT_DOWN;
		assert_int_equal(hypercall(CV_HC_CELL_START, c->id, 0), 0);
		assert_int_equal(fake_read(1, config_of(BDF, PCI_BAR0), 4), 0);
		fake_open(1, BDF, WINDOW);
		fake_write(1, REG(SHMEM_STATE), 4, 1);
		assert_int_equal(state_in_table(FAKE_ROOT_LINK, 1), 1);
		assert_int_equal(all_irqs(), 2);
	}
}

/* One CPU of two leaves: the cell is still there. */
static void one_of_two_leaves(void **state)
{
	struct linked_cell g;

	(void)state;
	fake_peer_of_root(&g, 1, 1);
	g.cpus |= 1 << 2;
	run(&g);
	percpu(2)->power = CPU_RUNNING; /* as PSCI does it */
	fake_open(1, BDF, WINDOW);
	fake_write(1, REG(SHMEM_STATE), 4, 3);
	fake_current = 2;
	cell_cpu_leaving();
	percpu(2)->power = CPU_OFF;
	assert_int_equal(state_in_table(FAKE_ROOT_LINK, 1), 3);
	percpu(2)->start_wanted = true; /* the first starts it again, and leaves before it comes */
	fake_current = 1;
	cell_cpu_leaving();
	percpu(1)->power = CPU_OFF;
	assert_int_equal(state_in_table(FAKE_ROOT_LINK, 1), 3);
	percpu(2)->start_wanted = percpu(2)->leaving = false;
	percpu(2)->power = CPU_RUNNING;
	fake_current = 2;
	cell_cpu_leaving();
	assert_int_equal(state_in_table(FAKE_ROOT_LINK, 1), 0);
}

/* --- MSI-X --- */

static struct cell *with_vectors(u32 n, u32 vectors)
{
	struct linked_cell g;
	struct cell *c;

	fake_peer_of_root(&g, n, n);
	g.pci[0].num_msix_vectors = (u16)vectors;
	g.pci[0].bar_mask[1] = 0xfffff000;
	c = run(&g);
	fake_open(n, BDF, WINDOW);
	fake_write(n, config_of(BDF, PCI_BAR1), 4, WINDOW + 0x10000);
	return c;
}

#define TABLE	 (WINDOW + 0x10000)
#define MSIX	 config_of(BDF, PCI_MSIX)
#define RING(v)	 fake_write(0, REG(SHMEM_DOORBELL), 4, 1 << 16 | (v))

static void set_vector(u32 vector, u64 address, u32 data)
{
	fake_write(1, TABLE + vector * 16, 8, address);
	fake_write(1, TABLE + vector * 16 + 8, 4, data);
	fake_write(1, TABLE + vector * 16 + 12, 4, 0);
}

static void msix_shape(void **state)
{
	(void)state;
	with_vectors(1, 70);
	assert_int_equal(fake_read(1, config_of(BDF, PCI_INT), 4), 0); /* no line */
	assert_int_equal(fake_read(1, config_of(BDF, PCI_VENDOR) + 1, 1), 0x60);
	assert_int_equal(fake_read(1, MSIX, 4), 69 << 16 | 0x11);
	assert_int_equal(fake_read(1, MSIX + 4, 4), 1);
	assert_int_equal(fake_read(1, MSIX + 8, 4), 70 * 16 + 1);
	for (u32 v = 0; v < 70; v++) {
		assert_int_equal(fake_read(1, TABLE + v * 16, 8), 0);
		assert_int_equal(fake_read(1, TABLE + v * 16 + 8, 8), 1ull << 32); /* masked */
	}
	fake_write(1, TABLE + 32, 8, ~0ull);
	fake_write(1, TABLE + 40, 8, ~0ull);
	assert_int_equal(fake_read(1, TABLE + 32, 8), ~0ull);
	assert_int_equal(fake_read(1, TABLE + 40, 8), 0x1ffffffffull);
	for (u32 off = 70 * 16; off < 0x1000; off += 8) {
		fake_write(1, TABLE + off, 8, ~0ull);
		assert_int_equal(fake_read(1, TABLE + off, 8), 0);
	}
	fake_write(1, TABLE, 2, 0xffff); /* bytes and halves mean nothing */
	fake_write(1, TABLE + 2, 4, ~0u);
	assert_int_equal(fake_read(1, TABLE, 4), 0);
	assert_int_equal(fake_read(1, TABLE, 1), 0);
}

static void msix_messages(void **state)
{
	(void)state;
	with_vectors(1, 4);
	fake_open(0, BDF, WINDOW);
	forget();
	set_vector(0, FAKE_MSI, LINE(1));
	set_vector(1, FAKE_MSI, LINE(1) + 1);
	set_vector(2, FAKE_MSI, ROOT_LINE);  /* root's */
	set_vector(3, FAKE_ROOT_LINK, LINE(1)); /* no register for messages */
	RING(0);
	assert_int_equal(all_irqs(), 0); /* not enabled */
	fake_write(1, MSIX + 2, 2, 0x8000);
	for (u32 v = 0; v < 0x10000; v++)
		RING(v);
	assert_int_equal(fake_irqs[LINE(1)], 1);
	assert_int_equal(fake_irqs[LINE(1) + 1], 1);
	assert_int_equal(all_irqs(), 2);
	set_vector(2, FAKE_MSI, ~0u); /* no interrupts at all */
	RING(2);
	set_vector(2, FAKE_MSI, 7);
	RING(2);
	set_vector(2, 1ull << 40 | FAKE_MSI, LINE(1));
	RING(2);
	assert_int_equal(all_irqs(), 2);
	fake_write(0, REG(SHMEM_STATE), 4, 1); /* state changes: vector 0 */
	assert_int_equal(fake_irqs[LINE(1)], 2);
	fake_write(1, config_of(BDF, PCI_COMMAND), 4, PCI_COMMAND_MEMORY); /* no bus master */
	RING(0);
	assert_int_equal(all_irqs(), 3);
}

static void msix_masks(void **state)
{
	u64 pba = TABLE + 4 * 16;

	(void)state;
	with_vectors(1, 4);
	fake_open(0, BDF, WINDOW);
	fake_write(1, MSIX + 2, 2, 0xc000); /* all masked */
	set_vector(0, FAKE_MSI, LINE(1));
	set_vector(1, FAKE_MSI, LINE(1) + 1);
	forget();
	RING(0);
	RING(0);
	RING(1);
	assert_int_equal(all_irqs(), 0);
	assert_int_equal(fake_read(1, pba, 8), 3);
	fake_write(1, pba, 8, 0); /* read-only */
	assert_int_equal(fake_read(1, pba, 4), 3);
	fake_write(1, TABLE + 12, 4, 1); /* vector 0 stays masked */
	fake_write(1, MSIX + 2, 2, 0x8000);
	assert_int_equal(fake_irqs[LINE(1)], 0);
	assert_int_equal(fake_irqs[LINE(1) + 1], 1);
	assert_int_equal(fake_read(1, pba, 8), 1);
	RING(0);
	fake_write(1, TABLE + 12, 4, 0);
	assert_int_equal(fake_irqs[LINE(1)], 1);
	assert_int_equal(fake_read(1, pba, 8), 0);
	assert_int_equal(all_irqs(), 2);
}

/* --- who may be a peer --- */

static void no_peers(struct linked_cell *g) { g->pci[0].shmem_peers = 0; }
static void id_too_high(struct linked_cell *g) { g->pci[0].shmem_dev_id = 3; }
static void far_regions(struct linked_cell *g) { g->pci[0].shmem_regions_start = 14; }
static void no_table(struct linked_cell *g) { g->mem[2].size = 0; }
static void huge_table(struct linked_cell *g) { g->mem[2].size = 1ull << 32; }
static void device_table(struct linked_cell *g) { g->mem[2].flags |= CV_MEM_IO; }
static void writes_table(struct linked_cell *g) { g->mem[2].flags |= CV_MEM_WRITE; }
static void writes_others(struct linked_cell *g) { g->mem[4].flags |= CV_MEM_WRITE; }
static void loadable(struct linked_cell *g) { g->mem[3].flags |= CV_MEM_LOADABLE; }
static void communication(struct linked_cell *g) { g->mem[2].flags |= CV_MEM_COMM; }
static void hole(struct linked_cell *g) { g->mem[4].virt_start += 0x1000; }
static void out_of_order(struct linked_cell *g)
{
	g->mem[4].virt_start += 0x1000;
	g->mem[5].virt_start -= 0x1000;
}
static void odd_output(struct linked_cell *g) { g->mem[6].size += 0x1000; }
static void odd_bytes(struct linked_cell *g) { g->mem[6].size -= 4; }
static void no_bar(struct linked_cell *g) { g->pci[0].bar_mask[0] = 0; }
static void small_bar(struct linked_cell *g) { g->pci[0].bar_mask[0] = 0xfffff800; }
static void ragged_bar(struct linked_cell *g) { g->pci[0].bar_mask[0] = 0xffffd000; }
static void huge_bar(struct linked_cell *g) { g->pci[0].bar_mask[0] = 0xffe00000; }
static void more_bars(struct linked_cell *g) { g->pci[0].bar_mask[2] = 0xfffff000; }
static void no_table_bar(struct linked_cell *g) { g->pci[0].num_msix_vectors = 1; }
static void many_vectors(struct linked_cell *g)
{
	g->pci[0].bar_mask[1] = 0xfffff000;
	g->pci[0].num_msix_vectors = 255; /* 4080 bytes of table, 32 of pending bits */
}
static void endless_vectors(struct linked_cell *g)
{
	g->pci[0].bar_mask[1] = 0xfff00000;
	g->pci[0].num_msix_vectors = 0xffff;
}
static void other_protocol(struct linked_cell *g) { g->pci[0].shmem_protocol = 0x4002; }
static void other_count(struct linked_cell *g)
{
	g->pci[0].shmem_peers = 2;
}
static void other_size(struct linked_cell *g)
{
	g->mem[3].size = 0x1000;
	for (u32 i = 4; i < 7; i++)
		g->mem[i].virt_start -= 0x1000;
}
static void other_place(struct linked_cell *g) { g->mem[5].phys_start = FAKE_LINK; }
static void other_table(struct linked_cell *g) { g->mem[2].phys_start = FAKE_LINK; }
static void taken_id(struct linked_cell *g)
{
	g->pci[0].shmem_dev_id = 0;
	g->mem[4].flags |= CV_MEM_WRITE;
	g->mem[5].flags &= ~(u64)CV_MEM_WRITE;
}
/* root's link, in another slot: nobody tells them apart in one table */
static void other_slot(struct linked_cell *g) { g->pci[0].bdf = 0x30; }
/* root's link as plain memory */
static void no_link(struct linked_cell *g) { g->d.num_pci_devices = 0; }
static void plain_table(struct linked_cell *g)
{
	g->mem[0] = g->mem[2];
	g->mem[0].flags |= CV_MEM_WRITE;
	g->mem[0].virt_start = 0;
}
static void table_in_device(struct linked_cell *g)
{
	fake_linked(g, 1, 0x30, FAKE_DEVICES, 0, 2);
	g->mem[3].size = 0;
	g->mem[4].virt_start = FAKE_DEVICES + 0x1000;
	g->mem[5].virt_start = FAKE_DEVICES + 0x2000;
}
static void table_of_nobody(struct linked_cell *g) { fake_linked(g, 1, 0x30, 0x90000000, 0, 2); }
static void table_in_hypervisor(struct linked_cell *g) { fake_linked(g, 1, 0x30, FAKE_HV, 0, 2); }

static const struct refusal {
	const char *name;
	void (*spoil)(struct linked_cell *g);
	int err;
} refusals[] = {
#define R(f, e) {#f, f, -CV_##e}
	R(no_peers, EINVAL), R(id_too_high, EINVAL), R(far_regions, EINVAL), R(no_table, EINVAL),
	R(huge_table, EINVAL), R(device_table, EINVAL), R(writes_table, EINVAL),
	R(writes_others, EINVAL), R(loadable, EINVAL), R(communication, EINVAL), R(hole, EINVAL),
	R(out_of_order, EINVAL), R(odd_output, EINVAL), R(odd_bytes, EINVAL), R(no_bar, EINVAL),
	R(small_bar, EINVAL), R(ragged_bar, EINVAL), R(huge_bar, EINVAL), R(more_bars, EINVAL),
	R(no_table_bar, EINVAL), R(many_vectors, EINVAL),
	R(endless_vectors, EINVAL), R(other_protocol, EINVAL), R(other_count, EINVAL),
	R(other_size, EINVAL), R(other_place, EINVAL), R(other_table, EINVAL), R(taken_id, EBUSY),
	R(other_slot, EBUSY), R(no_link, EBUSY), R(plain_table, EBUSY), R(table_in_device, EINVAL),
	R(table_of_nobody, EINVAL), R(table_in_hypervisor, EINVAL),
#undef R
};

/* Refused without a trace, in the table neither. */
static void refused(void **state)
{
	u32 used = pool_used();
	u64 map = fake_root_map();
	struct linked_cell g;
	u8 before[FAKE_LINK_SIZE];

	(void)state;
	fake_open(0, BDF, WINDOW);
	fake_write(0, REG(SHMEM_STATE), 4, 0x77);
	memcpy(before, fake_link, sizeof(before));
	for (u32 i = 0; i < ARRAY_SIZE(refusals); i++) {
		s64 got;

		fake_peer_of_root(&g, 1, 1);
		refusals[i].spoil(&g);
		got = create(&g);
		if (got != refusals[i].err)
			print_error("%s: %ld, not %d\n", refusals[i].name, (long)got, refusals[i].err);
		assert_int_equal(got, refusals[i].err);
		assert_int_equal(pool_used(), used);
		assert_true(fake_root_map() == map);
		assert_memory_equal(before, fake_link, sizeof(before));
	}
	fake_peer_of_root(&g, 1, 1);
	assert_int_equal(create(&g), 0);
}

/* Virtio: one drives what the other one is. */
static void front_and_back(void **state)
{
	static const struct { u16 a, b; s64 err; } pairs[] = {
		{0x8001, 0xc001, 0},	      {0xc002, 0x8002, 0},
		{0x8001, 0x8001, -CV_EINVAL}, {0xc001, 0xc001, -CV_EINVAL},
		{0x8001, 0xc002, -CV_EINVAL}, {0x4001, 0x8001, -CV_EINVAL},
		{0x0001, 0x4001, -CV_EINVAL}, {0, 0, 0},
	};
	struct linked_cell g;

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(pairs); i++) {
		fake_boot();
		fake_linked(&g, 1, 0x30, FAKE_LINK, 0, 2);
		g.pci[0].shmem_protocol = pairs[i].a;
		assert_int_equal(create(&g), 0);
		fake_linked(&g, 2, 0x30, FAKE_LINK, 1, 2);
		g.pci[0].shmem_protocol = pairs[i].b;
		assert_int_equal(create(&g), pairs[i].err);
	}
}

/* Of a link without root, root has nothing while a peer is there. */
static void roots_eyes(void **state)
{
	struct linked_cell a, b;
	struct cell *first;

	(void)state;
	fake_linked(&a, 1, 0x30, FAKE_LINK, 0, 2);
	fake_linked(&b, 2, 0x30, FAKE_LINK, 1, 2);
	for (u32 i = 2; i < 6; i++)
		a.mem[i].flags = b.mem[i].flags &= ~(u64)CV_MEM_ROOTSHARED;
	a.mem[4].flags |= CV_MEM_WRITE;
	a.mem[5].flags &= ~(u64)CV_MEM_WRITE;
	first = run(&a);
	run(&b);
	fake_open(1, 0x30, WINDOW);
	fake_open(2, 0x30, WINDOW);
	for (u64 at = 0; at < 0x5000; at += 0x1000)
		assert_false(fake_root_has(FAKE_LINK + at));
	assert_true(fake_root_has(FAKE_LINK + 0x5000));
	assert_int_equal(fake_read(0, config_of(0x30, 0), 4), 0xffffffff);
	fake_write(1, REG(SHMEM_STATE), 4, 1);
	forget();
	end(first);
	assert_int_equal(fake_irqs[32 + 16 + 2], 1); /* slot 6: INTC of cell 2 */
	assert_false(fake_root_has(FAKE_LINK));
	end(last_cell());
	assert_true(fake_root_has(FAKE_LINK));
}

/* The table of a link that begins anew is zero, that of a peer that comes back as well. */
static void tables_begin_at_zero(void **state)
{
	struct linked_cell g;

	(void)state;
	fake_linked(&g, 1, 0x30, FAKE_LINK, 0, 4);
	for (u32 i = 0; i < 2; i++) {
		memset(fake_link, 0x55, 64);
		assert_int_equal(create(&g), 0);
		for (u32 id = 0; id < 4; id++)
			assert_int_equal(state_in_table(FAKE_LINK, id), 0);
		assert_int_equal(state_in_table(FAKE_LINK, 4), 0x55555555);
		end(last_cell());
	}
}

/* Nearly no memory: refused or fine, and it is all there again. */
static void no_memory(void **state)
{
	u32 n = 0, fine = 0, failed = 0, used;
	struct linked_cell g;
	u64 taken[300];

	(void)state;
	fake_linked(&g, 1, 0x30, FAKE_LINK, 0, 2);
	g.pci[0].num_msix_vectors = 254;
	g.pci[0].bar_mask[1] = 0xfffff000;
	while (n < ARRAY_SIZE(taken) && (taken[n] = pages_alloc(1)))
		n++;
	for (; n; pages_free(taken[--n], 1)) {
		s64 err = (used = pool_used(), create(&g));

		if (!err)
			end(last_cell());
		else
			assert_int_equal(err, -CV_ENOMEM);
		fine += !err;
		failed += !!err;
		assert_int_equal(pool_used(), used);
	}
	assert_true(fine > 10 && failed > 6);
}

/* --- twelve peers --- */

/* Cells without a life around them: there are more than CPUs. */
static struct crowd {
	struct linked_cell g;
	struct cell cell;
	struct mmio_entry mmio[64];
} crowd[LINK_PEERS];

static void come(u32 id)
{
	struct crowd *c = &crowd[id];

	memset(c, 0, sizeof(*c));
	fake_linked(&c->g, id, 0x30, FAKE_LINK, id, LINK_PEERS);
	c->cell.desc = &c->g.d;
	c->cell.mmio = c->mmio;
	c->g.cpus = 1 << 3;
	assert_int_equal(desc_validate(&c->g.d, sizeof(c->g)), 0);
	assert_int_equal(shmem_check(&c->g.d), 0);
	mmio_init(&c->cell);
	pci_init(&c->cell);
	irqs_of(&c->cell.irqs, &c->g.d);
	assert_int_equal(shmem_init(&c->cell), 0);
	shmem_come(&c->cell);
	shmem_start(&c->cell);
}

/* CPU 3 acts for the peer. */
static void be(u32 id)
{
	percpu(3)->cell = &crowd[id].cell;
}

static u32 line_of(u32 id)
{
	return 32 + 8 * id + 2;
}

static void twelve_peers(void **state)
{
	u32 used = pool_used();

	(void)state;
	for (u32 id = 0; id < LINK_PEERS; id++) {
		come(id);
		be(id);
		fake_open(3, 0x30, WINDOW);
		forget();
		fake_write(3, REG(SHMEM_STATE), 4, 100 + id);
		for (u32 other = 0; other < LINK_PEERS; other++)
			assert_int_equal(fake_irqs[line_of(other)], other < id);
	}
	for (u32 id = 0; id < LINK_PEERS; id++)
		assert_int_equal(state_in_table(FAKE_LINK, id), 100 + id);
	forget();
	for (u32 from = 0; from < LINK_PEERS; from++) {
		be(from);
		assert_int_equal(fake_read(3, REG(SHMEM_PEERS), 4), LINK_PEERS);
		for (u32 to = 0; to < LINK_PEERS; to++)
			fake_write(3, REG(SHMEM_DOORBELL), 4, to << 16);
	}
	for (u32 id = 0; id < LINK_PEERS; id++)
		assert_int_equal(fake_irqs[line_of(id)], LINK_PEERS);
	for (u32 id = 0; id < LINK_PEERS; id++) { /* they go one by one */
		forget();
		shmem_stop(&crowd[id].cell);
		shmem_exit(&crowd[id].cell);
		assert_int_equal(state_in_table(FAKE_LINK, id), 0);
		assert_int_equal(all_irqs(), LINK_PEERS - 1 - id);
	}
	assert_int_equal(pool_used(), used);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup(f, boot)
		T(registers), T(second_bar), T(doorbell), T(doorbell_to_nobody), T(one_shot), T(line_of_others),
		T(states), T(endings), T(one_of_two_leaves), T(msix_shape), T(msix_messages),
		T(msix_masks), T(refused), T(front_and_back), T(roots_eyes), T(tables_begin_at_zero),
		T(no_memory), T(twelve_peers),
	};

	return cmocka_run_group_tests_name("shared-memory devices", tests, NULL, NULL);
}
