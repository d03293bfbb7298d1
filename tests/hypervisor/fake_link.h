/* SPDX-License-Identifier: GPL-2.0-only */
/* Cells with a place in a link, and accesses of their CPUs. */
#ifndef FAKE_LINK_H
#define FAKE_LINK_H

#include "fake_arch.h"
#include "pci.h"

#define LINK_PEERS 12
#define WINDOW	   (FAKE_ECAM + 0x100000) /* where nobody has anything: for BARs */

/* Cell n has CPU n, RAM, a communication region, one link, and the SPIs 8n to 8n + 3 for INTx. */
struct linked_cell {
	struct cv_cell_desc d;
	u64 cpus;
	struct cv_memory mem[4 + LINK_PEERS];
	struct cv_irqchip irq[1];
	struct cv_pci_device pci[1];
} __attribute__((packed));

/* The place `id` in a link of `peers`, at `at`: a table, a common section of 2 pages, outputs. */
static inline void fake_linked(struct linked_cell *g, u32 n, u32 bdf, u64 at, u32 id, u32 peers)
{
	const u64 rw = CV_MEM_READ | CV_MEM_WRITE;

	memset(g, 0, sizeof(*g));
	memcpy(g->d.signature, CV_CELL_SIGNATURE, 5);
	g->d.architecture = CV_ARCH_ARM64;
	g->d.revision = CV_CONFIG_REVISION;
	g->d.name[0] = (char)('a' + n);
	g->d.cpu_set_size = 8;
	g->d.num_memory_regions = ARRAY_SIZE(g->mem);
	g->d.num_irqchips = g->d.num_pci_devices = 1;
	g->d.vpci_irq_base = 8 * n;
	g->cpus = 1ull << n;
	g->irq[0] = (struct cv_irqchip){.pin_base = 32};
	g->irq[0].pin_bitmap[n / 4] = 0xfu << n % 4 * 8;
	g->mem[0] = (struct cv_memory){FAKE_CELL_RAM + n * 0x100000, 0, 0x100000,
				       rw | CV_MEM_EXECUTE | CV_MEM_LOADABLE};
	g->mem[1] = (struct cv_memory){0, 0x80000000, 0x1000, rw | CV_MEM_COMM};
	for (u32 i = 0; i < 2 + peers; i++) {
		u64 size = i == 1 ? 0x2000 : 0x1000;

		g->mem[2 + i] = (struct cv_memory){at, at, size, CV_MEM_ROOTSHARED | CV_MEM_READ};
		if (i == 1 || i == 2 + id)
			g->mem[2 + i].flags |= CV_MEM_WRITE;
		at += size;
	}
	g->pci[0] = (struct cv_pci_device){.type = CV_PCI_SHMEM,
					   .bdf = (u16)bdf,
					   .bar_mask[0] = 0xfffff000,
					   .shmem_regions_start = 2,
					   .shmem_dev_id = (u8)id,
					   .shmem_peers = (u8)peers,
					   .shmem_protocol = 0x4001};
}

/* A place in root's link, of which root is peer 0. */
static inline void fake_peer_of_root(struct linked_cell *g, u32 n, u32 id)
{
	fake_linked(g, n, FAKE_LINK_BDF, FAKE_ROOT_LINK, id, 3);
}

/* Accesses of CPU n; one that is refused is none of these tests: it gives 0xbad. */
static inline u64 fake_read(u32 cpu, u64 addr, u32 size)
{
	struct access a = {.addr = addr, .size = size};
	u32 before = fake_current;
	bool done;

	fake_current = cpu;
	done = mmio_access(&a);
	fake_current = before;
	return done ? a.value : 0xbad;
}

static inline bool fake_write(u32 cpu, u64 addr, u32 size, u64 value)
{
	struct access a = {.addr = addr, .size = size, .write = true, .value = value};
	u32 before = fake_current;
	bool done;

	fake_current = cpu;
	done = mmio_access(&a);
	fake_current = before;
	return done;
}

static inline u64 config_of(u32 bdf, u32 word)
{
	return FAKE_ECAM + ((u64)bdf << 12) + word * 4;
}

/* BAR0 of the CPU's device at this address, interrupts enabled. */
static inline void fake_open(u32 cpu, u32 bdf, u64 bar)
{
	fake_write(cpu, config_of(bdf, PCI_BAR0), 4, bar);
	fake_write(cpu, config_of(bdf, PCI_COMMAND), 4, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	fake_write(cpu, bar + 4 * SHMEM_INT, 4, 1);
}

/* What the state table at `at` says of a peer. */
static inline u32 state_in_table(u64 at, u32 id)
{
	u32 state;

	memcpy(&state, fake_link + (at - FAKE_LINK) + id * 4, 4);
	return state;
}

#endif
