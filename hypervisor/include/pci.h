/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PCI configuration space of cells: functions of the machine, virtual ones, and the shared-memory
 * devices that these are (abi.md 6). A place in it is bdf << PCI_FN_SHIFT | register.
 */
#ifndef HV_PCI_H
#define HV_PCI_H

#include "hv.h"
#include "../../runtime/abi/shmem.h"

#define PCI_FN_SHIFT 12
#define PCI_REG_MASK 0xfffu

/* Configuration space of a virtual function, in words of 32 bits; beyond these all is zero. */
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

/* Serves an access of a cell to a place in configuration space. An mmio_handler. */
bool pci_access(void *cell, u64 place, struct access *a);

/* --- how configuration space is reached (ecam.c; an architecture may have other ways) --- */
/* The cell's configuration space becomes trapped, if the machine or the hypervisor has one. */
void pci_init(struct cell *cell);
/* It is the machine's own. */
bool pci_is_real(void);
/* What the hypervisor keeps of it from all others: one range at most, how many. */
u32 pci_frames(struct range *out);
/* An aligned access to a function of the machine, of 1, 2 or 4 bytes; all ones where none answers. */
u32 pci_perform(u32 place, u32 size, bool write, u32 value);

/* --- functions of the machine (function.c) --- */
/* Root has what its descriptor lists. 0 or -CV_ENOMEM. */
int functions_init(void);
/* A cell may have the function, if nobody else has it. */
bool function_may_go(const struct cv_pci_device *p);
/* The functions that the cell's descriptor lists go to the cell or to root, silenced. hv.managing set. */
void functions_move(struct cell *cell, struct cell *to);
/* The cell's functions no longer master the bus or interrupt. Any CPU, no lock held. */
void functions_quiet(struct cell *cell);
/* An aligned access of a cell; mask: the bits of it. */
void function_access(struct cell *cell, u32 place, u32 mask, struct access *a);

/* A guest has changed a word of configuration space. link->lock held. */
void shmem_config_written(struct shmem_device *dev, u32 word);
/* Changes the bits `mask` of a word to those of `value`, as far as the guest can. */
void shmem_config_write(struct shmem_device *dev, u32 word, u32 value, u32 mask);

#endif
