/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The cell's PCI host. A device is named by its bdf: 8 * slot + function on bus 0. */
#ifndef INMATE_PCI_H
#define INMATE_PCI_H

#include "inmate.h"

#define PCI_NONE 0xffffffffu

#define PCI_ID		 0x00 /* device id << 16 | vendor id */
#define PCI_COMMAND	 0x04
#define PCI_CLASS	 0x08
#define PCI_BAR0	 0x10
#define PCI_BAR1	 0x14
#define PCI_CAPABILITIES 0x34
#define PCI_INTERRUPT	 0x3c

#define PCI_CAP_MSIX	0x11
#define PCI_MSIX_ENABLE 0x80000000u

#define PCI_COMMAND_MEMORY 0x2u
#define PCI_COMMAND_MASTER 0x4u

/* Configuration space, 32 bits at a multiple of 4; all ones where no device is. */
u32 pci_read(u32 bdf, u32 offset);
void pci_write(u32 bdf, u32 offset, u32 value);
/* The first device with this id from bdf on, or PCI_NONE. */
u32 pci_find(u32 id, u32 bdf);
/* Offset of a capability, 0 if the device has none of that id. */
u32 pci_capability(u32 bdf, u32 id);
/* Gives a 32-bit memory BAR its address, the next free one from pci-window= of the command line on, by
 * default behind the configuration space, if that is of one bus; 0 if the device does not have it. The device decodes it once it may
 * (PCI_COMMAND_MEMORY). */
u64 pci_map_bar(u32 bdf, u32 bar);

#endif
