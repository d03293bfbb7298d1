// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any accesses of three peers (root and two cells, one with MSI-X) to configuration space,
 * registers and vectors, and cells that end and start in between: nothing is written but the peers'
 * own words of the state table, nobody is sent an interrupt that is not its cell's, reads of
 * registers hold.
 *
 * In: bytes from libFuzzer, five an action. The core is compiled for the host, tests/hypervisor/
 * fake_arch.c below it.
 */
#include "../hypervisor/fake_link.h"

#include <stdlib.h>
#include <string.h>

#define BDF FAKE_LINK_BDF

static struct cell *cells[3];

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void boot(void)
{
	struct linked_cell g;

	fake_boot();
	memset(fake_link, 0, sizeof(fake_link));
	cells[0] = &hv.root;
	for (u32 n = 1; n < 3; n++) {
		fake_peer_of_root(&g, n, n);
		if (n == 2) {
			g.pci[0].num_msix_vectors = 3;
			g.pci[0].bar_mask[1] = 0xfffffe00;
		}
		must(!fake_create(&g, sizeof(g)));
		cells[n] = n == 1 ? hv.root.next : cells[1]->next;
		must(!hypercall(CV_HC_CELL_START, cells[n]->id, 0));
	}
}

/* Where most accesses go; the others, anywhere near. */
static u64 place(u8 where, u8 off)
{
	static const u64 places[] = {
		FAKE_ECAM + (BDF << 12),
		FAKE_ECAM + (BDF << 12) + 0x60,
		WINDOW,
		WINDOW + 0x200,
		WINDOW + 0x1000,
		FAKE_ECAM,
		0xfffff000,
		FAKE_ECAM + 0xfff80,
	};

	return places[where % ARRAY_SIZE(places)] + off % 0x80;
}

static u64 value_of(u8 v)
{
	static const u64 values[] = {
		0,
		1,
		2,
		6,
		0x406,
		~0ull,
		WINDOW,
		WINDOW + 0x200,
		WINDOW + 0x1000,
		FAKE_ECAM,
		0x10000,
		0x20000,
		0x20001,
		0x80000000,
		0xc0000000,
		0x1000000,
		FAKE_MSI,
		32 + 16,
		32 + 17,
		32 + 8,
		3 << 16,
		0xffff,
	};

	return v < ARRAY_SIZE(values) ? values[v] : v * 0x01010101ull;
}

static void end_and_start(u32 n, u8 how)
{
	cells[n]->comm->cell_state = CV_CELL_STATE_SHUT_DOWN;
	if (how & 1) {
		fake_current = n;
		cell_fail("fuzz", 0, 0);
		fake_current = 0;
		percpu(n)->power = CPU_OFF;
	} else if (how & 2) {
		must(!hypercall(CV_HC_CELL_SET_LOADABLE, cells[n]->id, 0));
	}
	must(!(how & 3) || !state_in_table(FAKE_ROOT_LINK, n));
	cells[n]->comm->cell_state = CV_CELL_STATE_SHUT_DOWN;
	if (how & 4)
		must(!hypercall(CV_HC_CELL_START, cells[n]->id, 0));
}

static void check(u32 n)
{
	u32 at = FAKE_ROOT_LINK - FAKE_LINK;

	must(hv.root.num_mmio <= hv.root.max_mmio && cells[n]->num_mmio <= cells[n]->max_mmio);
	for (u32 i = 0; i < 3; i++)
		must(state_in_table(FAKE_ROOT_LINK, i) == cells[i]->shmem->registers[SHMEM_STATE]);
	for (u32 i = 12; i < 64; i++)
		must(!fake_link[at + i]);
	must(cells[n]->shmem->registers[SHMEM_ID] == n &&
	     cells[n]->shmem->registers[SHMEM_PEERS] == 3);
	for (u32 intid = 32; intid < 1020; intid++)
		must(!fake_irqs[intid] || (intid >= 40 && intid < 44) ||
		     (intid >= 48 && intid < 52) || intid == 32 + FAKE_ROOT_SPI + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	boot();
	for (; len >= 5; data += 5, len -= 5) {
		u32 n = data[0] % 3, size = 1u << (data[0] >> 2 & 3);
		u64 at = place(data[1], data[2]);

		if (data[0] >> 4 == 15 && n)
			end_and_start(n, data[4]);
		else if (data[0] >> 4 & 1)
			fake_read(n, at, size);
		else
			fake_write(n, at, size, value_of(data[3]));
		check(n);
	}
	for (u32 n = 1; n < 3; n++) {
		cells[n]->comm->cell_state = CV_CELL_STATE_SHUT_DOWN;
		must(!hypercall(CV_HC_CELL_DESTROY, cells[n]->id, 0));
		must(!state_in_table(FAKE_ROOT_LINK, n));
	}
	return 0;
}
