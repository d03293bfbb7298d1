// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The cell's PCI host: configuration space as memory, 1 MiB a bus; bus 0 is looked at. */
#include "pci.h"

#define WINDOW 0x100000 /* behind the configuration space of one bus, if the host is a virtual one */

static u64 config_at(u32 bdf, u32 offset)
{
	return comm_region()->pci_mmconfig_base + ((u64)bdf << 12) + offset;
}

u32 pci_read(u32 bdf, u32 offset)
{
	return mmio_read32(config_at(bdf, offset));
}

void pci_write(u32 bdf, u32 offset, u32 value)
{
	mmio_write32(config_at(bdf, offset), value);
}

u32 pci_find(u32 id, u32 bdf)
{
	if (!comm_region()->pci_mmconfig_base)
		return PCI_NONE;
	for (; bdf < 256; bdf++)
		if (pci_read(bdf, PCI_ID) == id)
			return bdf;
	return PCI_NONE;
}

u32 pci_capability(u32 bdf, u32 id)
{
	u32 at = pci_read(bdf, PCI_CAPABILITIES) & 0xfc;

	/* as many as there is room for: a list that bites its tail ends too */
	for (u32 n = 0; at && n < 48; n++, at = pci_read(bdf, at) >> 8 & 0xfc)
		if ((pci_read(bdf, at) & 0xff) == id)
			return at;
	return 0;
}

static u64 window(void)
{
	return cmdline_int("pci-window", comm_region()->pci_mmconfig_base + WINDOW);
}

static u64 window_used;

u64 pci_map_bar(u32 bdf, u32 bar)
{
	u64 size, start;

	pci_write(bdf, bar, ~0u);
	size = -(pci_read(bdf, bar) & ~15u) & 0xffffffffu;
	if (!size)
		return 0;
	start = (window() + window_used + size - 1) & ~(size - 1);
	window_used = start + size - window();
	pci_write(bdf, bar, (u32)start);
	return start;
}
