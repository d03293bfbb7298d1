// SPDX-License-Identifier: GPL-2.0-only
/*
 * The virtual PCI host of a cell: configuration space as memory (ECAM), 1 MiB a bus. What a device
 * shows is kept as the guest reads it; a write changes the bits that it can change. All accesses
 * are answered: where no device is, reads give all ones (PCI Express Base
 * Specification 7.2.2, 2.3.2).
 */
#include "arch.h"
#include "pci.h"

#define ECAM_BUS_SHIFT 20
#define ECAM_FN_SHIFT  12

/* Devices are in the order of their bdf. */
static struct shmem_device *device_at(const struct cell *cell, u32 bdf)
{
	u32 low = 0, high = cell->num_shmem;

	while (low < high) {
		u32 mid = (low + high) / 2;

		if (cell->shmem[mid].pci.bdf == bdf)
			return &cell->shmem[mid];
		if (cell->shmem[mid].pci.bdf < bdf)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

static bool config_access(void *cell, u64 offset, struct access *a)
{
	struct shmem_device *dev = device_at(cell, (u32)(offset >> ECAM_FN_SHIFT));
	u32 word = (u32)(offset & 0xfff) / 4, shift = (u32)(offset & 3) * 8;
	u32 mask = a->size >= 4 ? ~0u : (1u << a->size * 8) - 1;

	if (!dev || a->size > 4 || offset & (a->size - 1))
		a->value = a->size == 8 ? ~0ull : mask;
	else if (word >= PCI_WORDS)
		a->value = 0;
	else if (a->write)
		shmem_config_write(dev, word, (u32)a->value << shift, mask << shift);
	else
		a->value = dev->pci.config[word] >> shift & mask;
	return true;
}

void pci_init(struct cell *cell)
{
	const struct cv_system *s = hv.system;
	u64 size = (s->pci_mmconfig_end_bus + 1ull) << ECAM_BUS_SHIFT;

	if (s->pci_mmconfig_base && s->pci_is_virtual)
		mmio_add(cell, s->pci_mmconfig_base, size, config_access, cell);
}
