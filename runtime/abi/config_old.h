/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Binary descriptors of the older revisions 13 and 12, as far as they differ from cell_config.h.
 *
 * Both have signatures of six characters and no architecture byte. Revision 12 also has the IOMMU
 * units behind the architecture's fields instead of before them. Compiler and tools read and write
 * these; the hypervisor takes revision 14 alone.
 */
#ifndef CV_ABI_CONFIG_OLD_H
#define CV_ABI_CONFIG_OLD_H

#include "cell_config.h"

#define CV13_CELL_SIGNATURE "JHCELL"
#define CV13_SYS_SIGNATURE  "JHSYST"

/* the first eight bytes of cell and system, the rest is as in revision 14 */
struct cv13_head {
	char signature[6];
	uint16_t revision;
} __attribute__((packed));

/* BAR1 of a shared-memory device with MSI-X; later revisions map a whole page */
#define CV12_SHMEM_MSIX_BAR1 0xfffffe00u

struct cv12_platform_x86 {
	uint16_t pm_timer_address;
	uint32_t vtd_interrupt_limit;
	uint8_t apic_mode;
	uint8_t padding[3];
	uint32_t tsc_khz;
	uint32_t apic_khz;
	struct cv_iommu iommu_units[CV_IOMMU_UNITS];
} __attribute__((packed));

struct cv12_platform_arm {
	uint8_t maintenance_irq;
	uint8_t gic_version;
	uint64_t gicd_base;
	uint64_t gicc_base;
	uint64_t gich_base;
	uint64_t gicv_base;
	uint64_t gicr_base;
	struct cv_iommu iommu_units[CV_IOMMU_UNITS];
} __attribute__((packed));

struct cv12_system {
	struct cv13_head head;
	uint32_t flags;
	struct cv_memory hypervisor_memory;
	struct cv_console debug_console;
	uint64_t pci_mmconfig_base;
	uint8_t pci_mmconfig_end_bus;
	uint8_t pci_is_virtual;
	uint16_t pci_domain;
	union {
		struct cv12_platform_x86 x86;
		struct cv12_platform_arm arm;
	} __attribute__((packed));
	struct cv_cell_desc root_cell; /* the first eight bytes are zero here */
} __attribute__((packed));

CV_ASSERT_SIZE(cv13_head, 8);
CV_ASSERT_SIZE(cv12_platform_x86, 242);
CV_ASSERT_SIZE(cv12_platform_arm, 266);
CV_ASSERT_SIZE(cv12_system, 486);
CV_ASSERT_OFFSET(cv12_system, x86, 88);
CV_ASSERT_OFFSET(cv12_system, arm, 88);
CV_ASSERT_OFFSET(cv12_system, root_cell, 354);

#endif /* CV_ABI_CONFIG_OLD_H */
