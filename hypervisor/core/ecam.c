// SPDX-License-Identifier: GPL-2.0-only
/*
 * Configuration space as memory (ECAM), 1 MiB a bus (PCI Express Base Specification 7.2.2): where
 * guests' accesses come from and, on a machine whose PCI host is a real one, where they go to.
 */
#include "arch.h"
#include "pci.h"

#define ECAM_BUS_SHIFT 20

static u64 ecam_size(void)
{
	return (hv.system->pci_mmconfig_end_bus + 1ull) << ECAM_BUS_SHIFT;
}

void pci_init(struct cell *cell)
{
	if (hv.system->pci_mmconfig_base)
		mmio_add(cell, hv.system->pci_mmconfig_base, ecam_size(), pci_access, cell);
}

bool pci_is_real(void)
{
	return hv.system->pci_mmconfig_base && !hv.system->pci_is_virtual;
}

u32 pci_frames(struct range *out)
{
	*out = (struct range){hv.system->pci_mmconfig_base, ecam_size()};
	return pci_is_real();
}

u32 pci_perform(u32 place, u32 size, bool write, u32 value)
{
	struct access a = {.size = size, .write = write, .value = value};

	if (!arch_access(&a, window_map(hv.system->pci_mmconfig_base + place, WINDOW_DEVICE)))
		return ~0u; /* no device: hosts answer with an error or with all ones */
	return (u32)a.value;
}
