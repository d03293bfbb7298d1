/* SPDX-License-Identifier: GPL-2.0-only */
/* What the drivers of shared-memory devices have in common. */
#ifndef CV_DRIVER_LINK_H
#define CV_DRIVER_LINK_H

#include <linux/device.h>
#include <linux/pci.h>

#include "../abi/shmem.h"

/*
 * Reads the capability that tells where the memory is and how its sections are sized, and sets its
 * control byte (CV_SHMEM_CAP_ONESHOT or 0). 0 or an error that has been told.
 */
static inline int cv_link_describe(struct pci_dev *pci, struct cv_shmem_cap *cap, u8 control)
{
	int at = pci_find_capability(pci, PCI_CAP_ID_VNDR);

	if (!at)
		return dev_err_probe(&pci->dev, -ENODEV, "no capability that describes the memory\n");
	for (int i = 0; i < (int)sizeof(*cap); i += 4)
		if (pci_read_config_dword(pci, at + i, (u32 *)((u8 *)cap + i)))
			return -EIO;
	if (cap->length < CV_SHMEM_CAP_LEN)
		return dev_err_probe(&pci->dev, -ENODEV, "capability of %u bytes\n", cap->length);
	return pci_write_config_byte(pci, at + offsetof(struct cv_shmem_cap, privileged_control),
				     control) ? -EIO : 0;
}

#endif
