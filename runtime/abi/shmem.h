/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The shared-memory device between cells (ivshmem 2.0), as a guest sees it on its virtual PCI bus.
 *
 * The memory lies at cap.base_address: state table (read-only), common R/W section, then one output
 * section per peer, writable for the peer of that id alone. BAR0 holds the registers, BAR1 the
 * MSI-X table where the device has MSI-X; without MSI-X it has an INTx line. The class code's lower
 * sixteen bits are the protocol (CV_SHMEM_* of cell_config.h).
 */
#ifndef CV_ABI_SHMEM_H
#define CV_ABI_SHMEM_H

#include "cell_config.h"

#define CV_SHMEM_VENDOR_ID  0x110a
#define CV_SHMEM_DEVICE_ID  0x4106
#define CV_SHMEM_BASE_CLASS 0xff

#define CV_SHMEM_BAR_REGISTERS 0
#define CV_SHMEM_BAR_MSIX      1

/* BAR masks of the descriptor */
#define CV_SHMEM_BAR_MASK     0xfffff000u /* BAR0; BAR1 too with MSI-X */
#define CV_SHMEM_BAR_MASK_64K 0xffff0000u /* both, where the guest maps 64 KiB pages */

/* Vendor-specific capability */
#define CV_SHMEM_CAP_ID	     0x09
#define CV_SHMEM_CAP_LEN     0x20
#define CV_SHMEM_CAP_ONESHOT 0x1u /* privileged_control: interrupts disable themselves */

struct cv_shmem_cap {
	uint8_t id;
	uint8_t next;
	uint8_t length;
	uint8_t privileged_control;
	uint32_t state_table_size;
	uint64_t rw_section_size;
	uint64_t output_section_size; /* of one peer */
	uint64_t base_address;
} __attribute__((packed));

/*
 * Registers in BAR0, aligned 32-bit accesses; all other offsets read zero and ignore writes. A
 * write that changes state updates the state table and interrupts every other peer that enabled
 * its interrupt. What was written before a doorbell is visible to the receiver before it fires.
 */
struct cv_shmem_registers {
	uint32_t id; /* own peer id */
	uint32_t max_peers;
	uint32_t int_control; /* CV_SHMEM_INT_ENABLE */
	uint32_t doorbell;    /* CV_SHMEM_DOORBELL() */
	uint32_t state;
} __attribute__((packed));

#define CV_SHMEM_INT_ENABLE 0x1u /* cleared on delivery in one-shot mode */
#define CV_SHMEM_DOORBELL(target, vector) \
	(((uint32_t)(target) << 16) | ((uint32_t)(vector)&0xffffu))

/* A device without MSI-X takes these vectors, 0 up, as its one line. */
#define CV_SHMEM_INTX_VECTORS 16

/* Interrupt pin (INTA = 1) of the device in a slot, and the SPI of a pin. */
#define CV_SHMEM_INTX_PIN(slot)		 (1 + (slot) % 4)
#define CV_SHMEM_INTX_SPI(irq_base, pin) ((irq_base) + (pin)-1)
#define CV_SHMEM_INTX_PINS		 4

/* Virtual Ethernet: two peers, two vectors, no common section */
#define CV_NET_PEERS	   2
#define CV_NET_VECTORS	   2
#define CV_NET_STATE_SIZE  0x1000u
#define CV_NET_OUTPUT_SIZE 0x7f000u

enum cv_net_state {
	CV_NET_RESET = 0,
	CV_NET_INIT = 1,
	CV_NET_READY = 2,
	CV_NET_RUN = 3,
};

CV_ASSERT_SIZE(cv_shmem_cap, 0x20);
CV_ASSERT_SIZE(cv_shmem_registers, 20);

#endif /* CV_ABI_SHMEM_H */
