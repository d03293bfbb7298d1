/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The communication region: one page between the hypervisor and a cell.
 *
 * The hypervisor sends by clearing reply, writing message, and waiting for a reply that is not
 * CV_REPLY_NONE; the cell answers by clearing message, then writing reply. A passive cell, and one
 * whose state is shut down, failed or revision mismatch, is not asked. A cell in state locked makes
 * create and destroy of other cells, and disable, fail.
 */
#ifndef CV_ABI_COMM_REGION_H
#define CV_ABI_COMM_REGION_H

#include "cell_config.h"

#define CV_COMM_SIGNATURE "JHCOMM"
#define CV_COMM_REVISION  2
#define CV_COMM_SIZE	  0x1000
#define CV_COMM_GUEST_ARM 0x80000000u /* where inmates look for it */
#define CV_COMM_GUEST_X86 0x00100000u
#define CV_INMATE_CMDLINE 0x1000u /* of the command line, above the inmate's base */

enum cv_cell_state {
	CV_CELL_STATE_RUNNING = 0,
	CV_CELL_STATE_LOCKED = 1, /* running */
	CV_CELL_STATE_SHUT_DOWN = 2,
	CV_CELL_STATE_FAILED = 3,
	CV_CELL_STATE_REVISION = 4, /* the cell does not know this revision */
};

enum cv_message {
	CV_MESSAGE_NONE = 0,
	CV_MESSAGE_SHUTDOWN = 1,     /* a request: the cell may deny it */
	CV_MESSAGE_RECONFIGURED = 2, /* other cells were created or destroyed */
};

enum cv_reply {
	CV_REPLY_NONE = 0,
	CV_REPLY_UNKNOWN = 1,
	CV_REPLY_DENIED = 2,
	CV_REPLY_APPROVED = 3,
	CV_REPLY_RECEIVED = 4,
};

#define CV_COMM_PUTC_PERMITTED 0x1u
#define CV_COMM_PUTC_ACTIVE    0x2u /* the output to use */

struct cv_comm_arm {
	uint8_t gic_version;
	uint8_t padding[7];
	uint64_t gicd_base;
	uint64_t gicc_base;
	uint64_t gicr_base;
	uint32_t vpci_irq_base; /* SPI number: 0 is INTID 32 */
	uint32_t padding2;
	uint64_t gicr_more[CV_IOMMU_UNITS]; /* further regions of redistributors, then zeros */
} __attribute__((packed));

struct cv_comm_x86 {
	uint16_t pm_timer_address;
	uint16_t num_cpus;
	uint32_t tsc_khz;
	uint32_t apic_khz;
} __attribute__((packed));

struct cv_comm_region {
	char signature[6];
	uint16_t revision;
	uint32_t cell_state;	  /* enum cv_cell_state */
	uint32_t message_to_cell; /* enum cv_message */
	uint32_t reply_from_cell; /* enum cv_reply */
	uint32_t flags;		  /* CV_COMM_* */
	struct cv_console console;
	uint64_t pci_mmconfig_base;
	union {
		struct cv_comm_arm arm;
		struct cv_comm_x86 x86;
	} __attribute__((packed));
} __attribute__((packed));

CV_ASSERT_SIZE(cv_comm_arm, 104);
CV_ASSERT_SIZE(cv_comm_x86, 12);
CV_ASSERT_SIZE(cv_comm_region, 168);
CV_ASSERT_OFFSET(cv_comm_region, console, 24);
CV_ASSERT_OFFSET(cv_comm_region, arm, 64);
CV_ASSERT_OFFSET(cv_comm_region, x86, 64);

#endif /* CV_ABI_COMM_REGION_H */
