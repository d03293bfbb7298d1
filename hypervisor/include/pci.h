/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Virtual PCI functions of cells, and the shared-memory devices that they are (abi.md 6).
 */
#ifndef HV_PCI_H
#define HV_PCI_H

#include "hv.h"
#include "../../runtime/abi/shmem.h"

/* Configuration space, in words of 32 bits; beyond these all is zero. */
#define PCI_WORDS   32
#define PCI_ID	    0
#define PCI_COMMAND 1
#define PCI_CLASS   2
#define PCI_HEADER  3
#define PCI_BAR0    4
#define PCI_BAR1    5
#define PCI_SUB_ID  11
#define PCI_CAPS    13
#define PCI_INT	    15
#define PCI_VENDOR  16 /* the vendor capability, 8 words */
#define PCI_MSIX    24 /* the MSI-X capability, 3 words */

#define PCI_COMMAND_MEMORY 0x2u
#define PCI_COMMAND_MASTER 0x4u
#define PCI_COMMAND_NO_INT 0x400u
#define PCI_VENDOR_ONESHOT (CV_SHMEM_CAP_ONESHOT << 24)
#define PCI_MSIX_ENABLE	   0x80000000u
#define PCI_MSIX_MASK_ALL  0x40000000u

struct pci_function {
	u16 bdf;
	u32 config[PCI_WORDS];	 /* as the guest reads it */
	u32 writable[PCI_WORDS]; /* the bits that it can change */
};

/* What a message of a vector says, and bit 0 of control: not now. As in the BAR. */
struct msix_vector {
	u32 address, address_high, data, control;
};

/* By offset in BAR0, divided by four. */
enum { SHMEM_ID, SHMEM_PEERS, SHMEM_INT, SHMEM_DOORBELL, SHMEM_STATE, SHMEM_REGISTERS };

struct shmem_link;

/* What changes does so under the link's lock. */
struct shmem_device {
	struct pci_function pci;
	struct cell *cell;
	const struct cv_pci_device *info; /* in the cell's descriptor */
	struct shmem_link *link;
	bool on;			/* the cell runs */
	u32 registers[SHMEM_REGISTERS]; /* as the guest reads them; its doorbell is zero */
	u32 num_vectors;
	struct msix_vector *vectors;
	u64 pending[4]; /* bit n: vector n waits for its mask to go */
};

/* Takes n vectors' table and the pending bits behind it. */
static inline u32 msix_pba(u32 vectors)
{
	return vectors * (u32)sizeof(struct msix_vector);
}
#define MSIX_VECTORS_MAX 256

/* The cell's virtual configuration space becomes trapped; its devices are there. */
void pci_init(struct cell *cell);

/* A guest has changed a word of configuration space. link->lock held. */
void shmem_config_written(struct shmem_device *dev, u32 word);
/* Changes the bits `mask` of a word to those of `value`, as far as the guest can. */
void shmem_config_write(struct shmem_device *dev, u32 word, u32 value, u32 mask);

#endif
