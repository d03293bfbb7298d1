// SPDX-License-Identifier: GPL-2.0-only
/*
 * Works with an Ethernet controller of the Intel 82574 kind at bdf= (its data sheet, section 10:
 * registers), tries what its cell has no right to, and says what it sees. irq= its INTx line; bar=
 * where its registers are for the cell; neighbour= a function of somebody else's.
 */
#include "pci.h"

#define ICR  0x00c0 /* causes; ones clear */
#define ICS  0x00c8 /* raises causes */
#define IMS  0x00d0 /* which of them interrupt */
#define IMC  0x00d8
#define RAL0 0x5400 /* low part of its Ethernet address */

#define CAUSE 0x10u

#define CAP_POWER 1
#define CAP_MSI	  5

#define COMMAND_NO_INT 0x400u
#define MOVED	       0x20000000u
#define NOBODY	       0xffffffffu

static u64 bar;
static u32 intid;
static volatile u32 interrupts, others;

static void on_irq(u32 n)
{
	u32 why = n == intid ? mmio_read32(bar + ICR) : 0;

	if (!(why & CAUSE)) {
		others++;
		return;
	}
	mmio_write32(bar + ICR, why);
	interrupts++;
}

static void count_functions(void)
{
	u32 seen = 0;

	for (u32 bdf = 0; bdf < 256; bdf++)
		seen += pci_read(bdf, PCI_ID) != NOBODY;
	printk("pci-device: sees %u functions\n", seen);
}

/* Whatever it writes there, the registers are where they were. */
static void move_bar(u32 bdf)
{
	u32 first = pci_read(bdf, PCI_BAR0), size;

	pci_write(bdf, PCI_BAR0, ~0u);
	size = -(pci_read(bdf, PCI_BAR0) & ~15u);
	pci_write(bdf, PCI_BAR0, MOVED);
	printk("pci-device: BAR 0x%x of 0x%x, as written 0x%x, address 0x%x\n", first, size,
	       pci_read(bdf, PCI_BAR0), mmio_read32(bar + RAL0));
	pci_write(bdf, PCI_BAR0, first);
}

/* Registers of the header that are no business of a cell's, and what no capability covers. */
static void write_all(u32 bdf)
{
	static const u32 words[] = {0, 8, 0x28, 0x2c, 0x30, 0x34, 0x38, 0x80, 0xf8, 0x1f8};
	u32 changed = 0;

	for (u32 i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		u32 before = pci_read(bdf, words[i]);

		pci_write(bdf, words[i], ~before);
		changed += pci_read(bdf, words[i]) != before;
	}
	printk("pci-device: %u words changed\n", changed);
}

/* Messages are not for cells: they could be any interrupt. */
static void enable_messages(u32 bdf)
{
	u32 msi = pci_capability(bdf, CAP_MSI), msix = pci_capability(bdf, PCI_CAP_MSIX);

	if (msi) {
		pci_write(bdf, msi + 4, 0x08020040);
		pci_write(bdf, msi, 0x10000);
	}
	if (msix)
		pci_write(bdf, msix, PCI_MSIX_ENABLE);
	printk("pci-device: MSI %s, MSI-X %s\n", msi && pci_read(bdf, msi) & 0x10000 ? "on" : "off",
	       msix && pci_read(bdf, msix) & PCI_MSIX_ENABLE ? "on" : "off");
}

/* D0 or D3hot (PCI Bus Power Management Interface Specification 1.2, 3.2.4). */
static u32 set_power_state(u32 bdf, u32 state)
{
	u32 at = pci_capability(bdf, CAP_POWER) + 4;

	pci_write(bdf, at, (pci_read(bdf, at) & ~3u) | state);
	delay_us(10000);
	return pci_read(bdf, at) & 3;
}

static void disturb(u32 bdf)
{
	for (u32 reg = 0; reg < 64; reg += 4)
		pci_write(bdf, reg, 0);
	printk("pci-device: neighbour 0x%x\n", pci_read(bdf, PCI_ID));
}

static void raise(void)
{
	mmio_write32(bar + ICS, CAUSE);
}

static void take_interrupts(u32 bdf)
{
	mmio_write32(bar + IMC, ~0u);
	mmio_read32(bar + ICR);
	mmio_write32(bar + IMS, CAUSE);
	raise();
	delay_us(1000);
	printk("pci-device: %u interrupts while disabled\n", interrupts);
	pci_write(bdf, PCI_COMMAND, PCI_COMMAND_MEMORY);
	for (u32 n = 1; n <= 8; n++) {
		while (interrupts < n)
			cpu_relax();
		if (n < 8)
			raise();
	}
	printk("pci-device: %u interrupts, %u others\n", interrupts, others);
}

void inmate_main(void)
{
	u32 bdf = (u32)cmdline_int("bdf", 8), was;

	bar = cmdline_int("bar", 0);
	intid = (u32)cmdline_int("irq", 0);
	gic_init(on_irq);
	gic_enable(intid);
	printk("pci-device: id 0x%x, command 0x%x\n", pci_read(bdf, PCI_ID),
	       pci_read(bdf, PCI_COMMAND) & 0xffff);
	count_functions();
	pci_write(bdf, PCI_COMMAND, PCI_COMMAND_MEMORY | COMMAND_NO_INT);
	move_bar(bdf);
	write_all(bdf);
	enable_messages(bdf);
	was = set_power_state(bdf, 3);
	printk("pci-device: slept in D%u, is in D%u\n", was, set_power_state(bdf, 0));
	disturb((u32)cmdline_int("neighbour", 0x18));
	take_interrupts(bdf);
	pci_write(bdf, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	set_power_state(bdf, 3);
	printk("pci-device: done, command 0x%x\n", pci_read(bdf, PCI_COMMAND) & 0xffff);
}
