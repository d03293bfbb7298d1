// SPDX-License-Identifier: GPL-2.0-only
/*
 * The PCI host of a cell: configuration space, whichever way its accesses come. What a device that is
 * made up shows is kept as the guest reads it; a write changes the bits that it can change. At other
 * places are functions of the machine, if its host is a real one. All accesses are answered: where no
 * device is, reads give all ones (PCI Express Base Specification 2.3.2).
 */
#include "arch.h"
#include "pci.h"

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

bool pci_access(void *cell, u64 place, struct access *a)
{
	struct shmem_device *dev = device_at(cell, (u32)(place >> PCI_FN_SHIFT));
	u32 word = (u32)(place & PCI_REG_MASK) / 4, shift = (u32)(place & 3) * 8;
	u32 mask = a->size >= 4 ? ~0u : (1u << a->size * 8) - 1;

	if (a->size > 4 || place & (a->size - 1))
		a->value = a->size == 8 ? ~0ull : mask;
	else if (!dev)
		function_access(cell, (u32)place, mask, a);
	else if (word >= PCI_WORDS)
		a->value = 0;
	else if (a->write)
		shmem_config_write(dev, word, (u32)a->value << shift, mask << shift);
	else
		a->value = dev->pci.config[word] >> shift & mask;
	return true;
}
