/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Binary cell and system descriptors, revision 14.
 *
 * The one copy of this contract: compiler, driver, tool, hypervisor and inmates include it.
 * All structures are packed and little-endian; sizes and offsets are asserted below.
 * Self-standing: needs fixed-width types and offsetof only, so that C11, C++, freestanding programs
 * and kernels can include it.
 */
#ifndef CV_ABI_CELL_CONFIG_H
#define CV_ABI_CELL_CONFIG_H

#ifdef __KERNEL__
#include <linux/stddef.h>
#include <linux/types.h>
#else
#include <stddef.h>
#include <stdint.h>
#endif

#ifdef __cplusplus
#define CV_STATIC_ASSERT(cond, text) static_assert(cond, text)
#else
#define CV_STATIC_ASSERT(cond, text) _Static_assert(cond, text)
#endif
#define CV_ASSERT_SIZE(type, size) \
	CV_STATIC_ASSERT(sizeof(struct type) == (size), "size of struct " #type)
#define CV_ASSERT_OFFSET(type, member, offset)                      \
	CV_STATIC_ASSERT(offsetof(struct type, member) == (offset), \
			 "offset of " #member " in struct " #type)

#define CV_CONFIG_REVISION 14
#define CV_CELL_SIGNATURE  "JHCLL"
#define CV_SYS_SIGNATURE   "JHSYS"
#define CV_CELL_NAME_SIZE  32
#define CV_IOMMU_UNITS	   8
#define CV_MAX_CONFIG_SIZE 0x10000 /* the largest descriptor the hypervisor accepts */

enum cv_arch { CV_ARCH_X86 = 0, CV_ARCH_ARM = 1, CV_ARCH_ARM64 = 2 };

/* cell flags */
#define CV_CELL_PASSIVE_COMM	  0x00000001u
#define CV_CELL_TEST_DEVICE	  0x00000002u
#define CV_CELL_AARCH32		  0x00000004u
#define CV_CELL_CONSOLE_PERMITTED 0x40000000u
#define CV_CELL_CONSOLE_ACTIVE	  0x80000000u

/* system flags */
#define CV_SYS_ROOT_CONSOLE 0x1u /* root may read the hypervisor console */

/* memory region flags */
#define CV_MEM_READ	   0x0001u
#define CV_MEM_WRITE	   0x0002u
#define CV_MEM_EXECUTE	   0x0004u
#define CV_MEM_DMA	   0x0008u
#define CV_MEM_IO	   0x0010u
#define CV_MEM_COMM	   0x0020u
#define CV_MEM_LOADABLE	   0x0040u
#define CV_MEM_ROOTSHARED  0x0080u
#define CV_MEM_NO_HUGE	   0x0100u
#define CV_MEM_UNALIGNED   0x8000u
#define CV_MEM_WIDTH_SHIFT 16
#define CV_MEM_WIDTH_1	   0x10000u
#define CV_MEM_WIDTH_2	   0x20000u
#define CV_MEM_WIDTH_4	   0x40000u
#define CV_MEM_WIDTH_8	   0x80000u
#define CV_MEM_WIDTHS	   0xf0000u
#define CV_MEM_KNOWN	   0xf81ffu

struct cv_memory {
	uint64_t phys_start;
	uint64_t virt_start; /* guest-physical */
	uint64_t size;
	uint64_t flags;
} __attribute__((packed));

enum cv_cache_type { CV_CACHE_L3_CODE = 1, CV_CACHE_L3_DATA = 2, CV_CACHE_L3_BOTH = 3 };
#define CV_CACHE_ROOTSHARED 0x1u

struct cv_cache {
	uint32_t start;
	uint32_t size;
	uint8_t type;
	uint8_t padding;
	uint16_t flags;
} __attribute__((packed));

struct cv_irqchip {
	uint64_t address;
	uint32_t id;
	uint32_t pin_base;
	uint32_t pin_bitmap[4];
} __attribute__((packed));

struct cv_pio {
	uint16_t base;
	uint16_t length;
} __attribute__((packed));

enum cv_pci_type { CV_PCI_DEVICE = 1, CV_PCI_BRIDGE = 2, CV_PCI_SHMEM = 3 };
#define CV_PCI_MSI_64BIT    0x1u
#define CV_PCI_MSI_MASKABLE 0x2u

#define CV_SHMEM_UNDEFINED    0x0000
#define CV_SHMEM_NET	      0x0001
#define CV_SHMEM_CUSTOM	      0x4000
#define CV_SHMEM_CUSTOM_END   0x7fff
#define CV_SHMEM_VIRTIO_FRONT 0x8000
#define CV_SHMEM_VIRTIO_BACK  0xc000

struct cv_pci_device {
	uint8_t type;
	uint8_t iommu;
	uint16_t domain;
	uint16_t bdf;
	uint32_t bar_mask[6];
	uint16_t caps_start;
	uint16_t num_caps;
	uint8_t num_msi_vectors;
	uint8_t msi_flags; /* CV_PCI_MSI_* */
	uint16_t num_msix_vectors;
	uint16_t msix_region_size;
	uint64_t msix_address;
	uint32_t shmem_regions_start;
	uint8_t shmem_dev_id;
	uint8_t shmem_peers;
	uint16_t shmem_protocol;
} __attribute__((packed));

#define CV_PCI_CAP_EXTENDED 0x8000u
#define CV_PCI_CAP_WRITABLE 0x1u

struct cv_pci_capability {
	uint16_t id;
	uint16_t start;
	uint16_t len;
	uint16_t flags;
} __attribute__((packed));

/* MMU-500: id in bits 0..14, mask_out in bits 16..30 */
struct cv_stream_id {
	uint32_t id;
} __attribute__((packed));

enum cv_console_type {
	CV_CONSOLE_NONE = 0,
	CV_CONSOLE_EFIFB = 1,
	CV_CONSOLE_8250 = 2,
	CV_CONSOLE_PL011 = 3,
	CV_CONSOLE_XUARTPS = 4,
	CV_CONSOLE_MVEBU = 5,
	CV_CONSOLE_HSCIF = 6,
	CV_CONSOLE_SCIFA = 7,
	CV_CONSOLE_IMX = 8,
	CV_CONSOLE_IMX_LPUART = 9,
	CV_CONSOLE_SCIF = 10,
};

#define CV_CONSOLE_MMIO		 0x0001u /* else port I/O */
#define CV_CONSOLE_REGDIST_4	 0x0002u /* else 1 byte */
#define CV_CONSOLE_FB_1920x1080	 0x0004u /* else 1024x768 */
#define CV_CONSOLE_INVERTED_GATE 0x1000u
#define CV_CONSOLE_MDR_QUIRK	 0x2000u
#define CV_CONSOLE_EMULATED	 0x4000u /* of a cell: the hypervisor's PL011; gate_nr is its INTID */

struct cv_console {
	uint64_t address;
	uint32_t size;
	uint16_t type;
	uint16_t flags;
	uint32_t divider;
	uint32_t gate_nr;
	uint64_t clock_reg;
} __attribute__((packed));

struct cv_cell_desc {
	char signature[5];
	uint8_t architecture;
	uint16_t revision;
	char name[CV_CELL_NAME_SIZE];
	uint32_t id;
	uint32_t flags;
	uint32_t cpu_set_size; /* bytes, multiple of 8 */
	uint32_t num_memory_regions;
	uint32_t num_cache_regions;
	uint32_t num_irqchips;
	uint32_t num_pio_regions;
	uint32_t num_pci_devices;
	uint32_t num_pci_caps;
	uint32_t num_stream_ids;
	uint32_t vpci_irq_base; /* SPI number: 0 is INTID 32 */
	uint64_t cpu_reset_address;
	uint64_t msg_reply_timeout;
	struct cv_console console;
} __attribute__((packed));

enum cv_iommu_type {
	CV_IOMMU_NONE = 0,
	CV_IOMMU_AMD = 1,
	CV_IOMMU_INTEL = 2,
	CV_IOMMU_SMMUV3 = 3,
	CV_IOMMU_PVU = 4,
	CV_IOMMU_MMU500 = 5,
	CV_IOMMU_FRAMES = 0x100, /* an extension: registers that nobody may have, no IOMMU */
};

struct cv_iommu {
	uint32_t type;
	uint64_t base;
	uint32_t size;
	union {
		struct {
			uint16_t bdf;
			uint8_t base_cap;
			uint8_t msi_cap;
			uint32_t features;
		} __attribute__((packed)) amd;
		struct {
			uint64_t tlb_base;
			uint32_t tlb_size;
		} __attribute__((packed)) pvu;
	} __attribute__((packed));
} __attribute__((packed));

enum cv_apic_mode { CV_APIC_AUTO = 0, CV_APIC_XAPIC = 1, CV_APIC_X2APIC = 2 };

struct cv_platform_x86 {
	uint16_t pm_timer_address;
	uint8_t apic_mode;
	uint8_t padding;
	uint32_t vtd_interrupt_limit;
	uint32_t tsc_khz;
	uint32_t apic_khz;
} __attribute__((packed));

struct cv_platform_arm {
	uint8_t maintenance_irq;
	uint8_t gic_version;
	uint8_t padding[2];
	uint64_t gicd_base;
	uint64_t gicc_base;
	uint64_t gich_base;
	uint64_t gicv_base;
	uint64_t gicr_base;
} __attribute__((packed));

#define CV_PCI_DOMAIN_ANY 0xffff

struct cv_system {
	char signature[5];
	uint8_t architecture;
	uint16_t revision;
	uint32_t flags; /* CV_SYS_* */
	struct cv_memory hypervisor_memory;
	struct cv_console debug_console;
	uint64_t pci_mmconfig_base;
	uint8_t pci_mmconfig_end_bus;
	uint8_t pci_is_virtual;
	uint16_t pci_domain;
	struct cv_iommu iommu_units[CV_IOMMU_UNITS];
	union {
		struct cv_platform_x86 x86;
		struct cv_platform_arm arm;
		uint8_t reserved[44];
	} __attribute__((packed));
	struct cv_cell_desc root_cell; /* signature, architecture, revision are zero here */
} __attribute__((packed));

CV_ASSERT_SIZE(cv_memory, 32);
CV_ASSERT_SIZE(cv_cache, 12);
CV_ASSERT_SIZE(cv_irqchip, 32);
CV_ASSERT_SIZE(cv_pio, 4);
CV_ASSERT_SIZE(cv_pci_device, 56);
CV_ASSERT_SIZE(cv_pci_capability, 8);
CV_ASSERT_SIZE(cv_stream_id, 4);
CV_ASSERT_SIZE(cv_console, 32);
CV_ASSERT_SIZE(cv_cell_desc, 132);
CV_ASSERT_SIZE(cv_iommu, 28);
CV_ASSERT_SIZE(cv_platform_x86, 16);
CV_ASSERT_SIZE(cv_platform_arm, 44);
CV_ASSERT_SIZE(cv_system, 488);
CV_ASSERT_OFFSET(cv_system, root_cell, 356);

/* Bytes of a descriptor with its arrays, by its counts: exact for any counts; only the head is read. */
static inline uint64_t cv_desc_size(const struct cv_cell_desc *d)
{
	return sizeof(*d) + (uint64_t)d->cpu_set_size +
	       (uint64_t)d->num_memory_regions * sizeof(struct cv_memory) +
	       (uint64_t)d->num_cache_regions * sizeof(struct cv_cache) +
	       (uint64_t)d->num_irqchips * sizeof(struct cv_irqchip) +
	       (uint64_t)d->num_pio_regions * sizeof(struct cv_pio) +
	       (uint64_t)d->num_pci_devices * sizeof(struct cv_pci_device) +
	       (uint64_t)d->num_pci_caps * sizeof(struct cv_pci_capability) +
	       (uint64_t)d->num_stream_ids * sizeof(struct cv_stream_id);
}

/* The first array of a descriptor that has been found whole. */
static inline const struct cv_memory *cv_desc_memory(const struct cv_cell_desc *d)
{
	return (const struct cv_memory *)((const uint8_t *)(d + 1) + d->cpu_set_size);
}

#endif /* CV_ABI_CELL_CONFIG_H */
