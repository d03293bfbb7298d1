// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The shared-memory device of a link. See shmem.h. */
#include "shmem.h"

#define GICD_SETSPI 0x40 /* IHI 0069 12.9.39 */

static u64 reg(const struct shmem *s, u64 offset)
{
	return s->registers + offset;
}

u32 shmem_find(u32 bdf)
{
	return pci_find((u32)CV_SHMEM_DEVICE_ID << 16 | CV_SHMEM_VENDOR_ID, bdf);
}

static u64 read_wide(u32 bdf, u32 offset)
{
	return pci_read(bdf, offset) | (u64)pci_read(bdf, offset + 4) << 32;
}

static int map_memory(struct shmem *s, u32 cap)
{
	u64 base = read_wide(s->bdf, cap + offsetof(struct cv_shmem_cap, base_address));
	u64 states = pci_read(s->bdf, cap + offsetof(struct cv_shmem_cap, state_table_size));

	s->common_size = read_wide(s->bdf, cap + offsetof(struct cv_shmem_cap, rw_section_size));
	s->output_size =
		read_wide(s->bdf, cap + offsetof(struct cv_shmem_cap, output_section_size));
	s->states = (const volatile u32 *)base;
	s->common = (u8 *)(base + states);
	s->outputs = s->common + s->common_size;
	return mmu_map(base, states + s->common_size + s->peers * s->output_size, true);
}

static u32 line_of(u32 bdf)
{
	u32 pin = CV_SHMEM_INTX_PIN(bdf >> 3);

	return 32 + CV_SHMEM_INTX_SPI(comm_region()->arm.vpci_irq_base, pin);
}

/* How many vectors there are now; all of them on the GIC's register for messages. */
static u32 open_msix(const struct shmem *s)
{
	u32 cap = pci_capability(s->bdf, PCI_CAP_MSIX), n;
	u64 table = cap ? pci_map_bar(s->bdf, PCI_BAR1) : 0;

	if (!table)
		return 1;
	n = (pci_read(s->bdf, cap) >> 16 & 0x7ff) + 1;
	pci_write(s->bdf, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	for (u32 i = 0; i < n; i++) {
		mmio_write64(table + i * 16, comm_region()->arm.gicd_base + GICD_SETSPI);
		mmio_write32(table + i * 16 + 8, s->intid);
		mmio_write32(table + i * 16 + 12, 0);
	}
	pci_write(s->bdf, cap, PCI_MSIX_ENABLE);
	return n;
}

int shmem_open(struct shmem *s, u32 bdf)
{
	u32 cap = bdf == PCI_NONE ? 0 : pci_capability(bdf, CV_SHMEM_CAP_ID);

	if (!cap)
		return -1;
	s->bdf = bdf;
	s->protocol = pci_read(bdf, PCI_CLASS) >> 8 & 0xffff;
	s->registers = pci_map_bar(bdf, PCI_BAR0);
	s->intid = line_of(bdf);
	s->vectors = open_msix(s);
	pci_write(bdf, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	s->id = mmio_read32(reg(s, offsetof(struct cv_shmem_registers, id)));
	s->peers = mmio_read32(reg(s, offsetof(struct cv_shmem_registers, max_peers)));
	shmem_interrupts(s, false);
	return map_memory(s, cap);
}

void shmem_interrupts(const struct shmem *s, bool on)
{
	mmio_write32(reg(s, offsetof(struct cv_shmem_registers, int_control)),
		     on ? CV_SHMEM_INT_ENABLE : 0);
}

void shmem_one_shot(const struct shmem *s, bool on)
{
	u32 cap = pci_capability(s->bdf, CV_SHMEM_CAP_ID);
	u32 bit = CV_SHMEM_CAP_ONESHOT << 24, head = pci_read(s->bdf, cap);

	pci_write(s->bdf, cap, on ? head | bit : head & ~bit);
}

void shmem_set_state(const struct shmem *s, u32 state)
{
	__asm__ volatile("dsb sy" ::: "memory");
	mmio_write32(reg(s, offsetof(struct cv_shmem_registers, state)), state);
}

void shmem_ring(const struct shmem *s, u32 peer, u32 vector)
{
	__asm__ volatile("dsb sy" ::: "memory");
	mmio_write32(reg(s, offsetof(struct cv_shmem_registers, doorbell)),
		     CV_SHMEM_DOORBELL(peer, vector));
}
