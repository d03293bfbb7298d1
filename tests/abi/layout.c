// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sizes and offsets of the binary contract, as docs/abi.md gives them: the numbers here are copied
 * from the published layout by hand, none from the headers. Compiled by test_abi.py as C, C++,
 * freestanding and as a kernel would; there is nothing to run.
 */
#include "cell_console.h"
#include "comm_region.h"
#include "config_old.h"
#include "driver.h"
#include "hypercall.h"
#include "image_header.h"
#include "net.h"
#include "shmem.h"

#ifdef __cplusplus
#define CHECK(cond) static_assert(cond, #cond)
#else
#define CHECK(cond) _Static_assert(cond, #cond)
#endif
/* member at offset, with size */
#define AT(type, member, off, size)                           \
	CHECK(offsetof(struct type, member) == (off)); \
	CHECK(sizeof(((struct type *)0)->member) == (size))
#define SIZE(type, size) CHECK(sizeof(struct type) == (size))

/* cell descriptor */
SIZE(cv_cell_desc, 132);
AT(cv_cell_desc, signature, 0, 5);
AT(cv_cell_desc, architecture, 5, 1);
AT(cv_cell_desc, revision, 6, 2);
AT(cv_cell_desc, name, 8, 32);
AT(cv_cell_desc, id, 40, 4);
AT(cv_cell_desc, flags, 44, 4);
AT(cv_cell_desc, cpu_set_size, 48, 4);
AT(cv_cell_desc, num_memory_regions, 52, 4);
AT(cv_cell_desc, num_cache_regions, 56, 4);
AT(cv_cell_desc, num_irqchips, 60, 4);
AT(cv_cell_desc, num_pio_regions, 64, 4);
AT(cv_cell_desc, num_pci_devices, 68, 4);
AT(cv_cell_desc, num_pci_caps, 72, 4);
AT(cv_cell_desc, num_stream_ids, 76, 4);
AT(cv_cell_desc, vpci_irq_base, 80, 4);
AT(cv_cell_desc, cpu_reset_address, 84, 8);
AT(cv_cell_desc, msg_reply_timeout, 92, 8);
AT(cv_cell_desc, console, 100, 32);
CHECK(CV_CONFIG_REVISION == 14);
CHECK(sizeof(CV_CELL_SIGNATURE) == 6 && sizeof(CV_SYS_SIGNATURE) == 6);
CHECK(CV_ARCH_X86 == 0 && CV_ARCH_ARM == 1 && CV_ARCH_ARM64 == 2);
CHECK(CV_CELL_PASSIVE_COMM == 0x1 && CV_CELL_TEST_DEVICE == 0x2 && CV_CELL_AARCH32 == 0x4);
CHECK(CV_CELL_CONSOLE_PERMITTED == 0x40000000 && CV_CELL_CONSOLE_ACTIVE == 0x80000000);

/* memory region */
SIZE(cv_memory, 32);
AT(cv_memory, phys_start, 0, 8);
AT(cv_memory, virt_start, 8, 8);
AT(cv_memory, size, 16, 8);
AT(cv_memory, flags, 24, 8);
CHECK(CV_MEM_READ == 1 && CV_MEM_WRITE == 2 && CV_MEM_EXECUTE == 4 && CV_MEM_DMA == 8);
CHECK(CV_MEM_IO == 0x10 && CV_MEM_COMM == 0x20 && CV_MEM_LOADABLE == 0x40);
CHECK(CV_MEM_ROOTSHARED == 0x80 && CV_MEM_NO_HUGE == 0x100 && CV_MEM_UNALIGNED == 0x8000);
CHECK(CV_MEM_WIDTH_1 == 1 << 16 && CV_MEM_WIDTH_2 == 1 << 17 && CV_MEM_WIDTH_4 == 1 << 18);
CHECK(CV_MEM_WIDTH_8 == 1 << 19);

/* cache region */
SIZE(cv_cache, 12);
AT(cv_cache, start, 0, 4);
AT(cv_cache, size, 4, 4);
AT(cv_cache, type, 8, 1);
AT(cv_cache, padding, 9, 1);
AT(cv_cache, flags, 10, 2);
CHECK(CV_CACHE_L3_CODE == 1 && CV_CACHE_L3_DATA == 2 && CV_CACHE_L3_BOTH == 3);
CHECK(CV_CACHE_ROOTSHARED == 1);

/* irqchip */
SIZE(cv_irqchip, 32);
AT(cv_irqchip, address, 0, 8);
AT(cv_irqchip, id, 8, 4);
AT(cv_irqchip, pin_base, 12, 4);
AT(cv_irqchip, pin_bitmap, 16, 16);

/* pio region */
SIZE(cv_pio, 4);
AT(cv_pio, base, 0, 2);
AT(cv_pio, length, 2, 2);

/* pci device */
SIZE(cv_pci_device, 56);
AT(cv_pci_device, type, 0, 1);
AT(cv_pci_device, iommu, 1, 1);
AT(cv_pci_device, domain, 2, 2);
AT(cv_pci_device, bdf, 4, 2);
AT(cv_pci_device, bar_mask, 6, 24);
AT(cv_pci_device, caps_start, 30, 2);
AT(cv_pci_device, num_caps, 32, 2);
AT(cv_pci_device, num_msi_vectors, 34, 1);
AT(cv_pci_device, msi_flags, 35, 1);
AT(cv_pci_device, num_msix_vectors, 36, 2);
AT(cv_pci_device, msix_region_size, 38, 2);
AT(cv_pci_device, msix_address, 40, 8);
AT(cv_pci_device, shmem_regions_start, 48, 4);
AT(cv_pci_device, shmem_dev_id, 52, 1);
AT(cv_pci_device, shmem_peers, 53, 1);
AT(cv_pci_device, shmem_protocol, 54, 2);
CHECK(CV_PCI_DEVICE == 1 && CV_PCI_BRIDGE == 2 && CV_PCI_SHMEM == 3);
CHECK(CV_PCI_MSI_64BIT == 1 && CV_PCI_MSI_MASKABLE == 2);
CHECK(CV_SHMEM_UNDEFINED == 0 && CV_SHMEM_NET == 1);
CHECK(CV_SHMEM_CUSTOM == 0x4000 && CV_SHMEM_CUSTOM_END == 0x7fff);
CHECK(CV_SHMEM_VIRTIO_FRONT == 0x8000 && CV_SHMEM_VIRTIO_BACK == 0xc000);

/* pci capability, stream id */
SIZE(cv_pci_capability, 8);
AT(cv_pci_capability, id, 0, 2);
AT(cv_pci_capability, start, 2, 2);
AT(cv_pci_capability, len, 4, 2);
AT(cv_pci_capability, flags, 6, 2);
CHECK(CV_PCI_CAP_EXTENDED == 0x8000 && CV_PCI_CAP_WRITABLE == 1);
SIZE(cv_stream_id, 4);
AT(cv_stream_id, id, 0, 4);

/* console */
SIZE(cv_console, 32);
AT(cv_console, address, 0, 8);
AT(cv_console, size, 8, 4);
AT(cv_console, type, 12, 2);
AT(cv_console, flags, 14, 2);
AT(cv_console, divider, 16, 4);
AT(cv_console, gate_nr, 20, 4);
AT(cv_console, clock_reg, 24, 8);
CHECK(CV_CONSOLE_NONE == 0 && CV_CONSOLE_EFIFB == 1 && CV_CONSOLE_8250 == 2);
CHECK(CV_CONSOLE_PL011 == 3 && CV_CONSOLE_XUARTPS == 4 && CV_CONSOLE_MVEBU == 5);
CHECK(CV_CONSOLE_HSCIF == 6 && CV_CONSOLE_SCIFA == 7 && CV_CONSOLE_IMX == 8);
CHECK(CV_CONSOLE_IMX_LPUART == 9 && CV_CONSOLE_SCIF == 10);
CHECK(CV_CONSOLE_MMIO == 1 && CV_CONSOLE_REGDIST_4 == 2 && CV_CONSOLE_FB_1920x1080 == 4);
CHECK(CV_CONSOLE_INVERTED_GATE == 1 << 12 && CV_CONSOLE_MDR_QUIRK == 1 << 13);
CHECK(CV_CONSOLE_EMULATED == 1 << 14);

/* system descriptor */
SIZE(cv_system, 488);
AT(cv_system, signature, 0, 5);
AT(cv_system, architecture, 5, 1);
AT(cv_system, revision, 6, 2);
AT(cv_system, flags, 8, 4);
AT(cv_system, hypervisor_memory, 12, 32);
AT(cv_system, debug_console, 44, 32);
AT(cv_system, pci_mmconfig_base, 76, 8);
AT(cv_system, pci_mmconfig_end_bus, 84, 1);
AT(cv_system, pci_is_virtual, 85, 1);
AT(cv_system, pci_domain, 86, 2);
AT(cv_system, iommu_units, 88, 224);
AT(cv_system, x86.pm_timer_address, 312, 2);
AT(cv_system, x86.apic_mode, 314, 1);
AT(cv_system, x86.padding, 315, 1);
AT(cv_system, x86.vtd_interrupt_limit, 316, 4);
AT(cv_system, x86.tsc_khz, 320, 4);
AT(cv_system, x86.apic_khz, 324, 4);
AT(cv_system, arm.maintenance_irq, 312, 1);
AT(cv_system, arm.gic_version, 313, 1);
AT(cv_system, arm.padding, 314, 2);
AT(cv_system, arm.gicd_base, 316, 8);
AT(cv_system, arm.gicc_base, 324, 8);
AT(cv_system, arm.gich_base, 332, 8);
AT(cv_system, arm.gicv_base, 340, 8);
AT(cv_system, arm.gicr_base, 348, 8);
AT(cv_system, root_cell, 356, 132);
CHECK(CV_SYS_ROOT_CONSOLE == 1 && CV_PCI_DOMAIN_ANY == 0xffff && CV_IOMMU_UNITS == 8);
CHECK(CV_APIC_AUTO == 0 && CV_APIC_XAPIC == 1 && CV_APIC_X2APIC == 2);

/* iommu unit */
SIZE(cv_iommu, 28);
AT(cv_iommu, type, 0, 4);
AT(cv_iommu, base, 4, 8);
AT(cv_iommu, size, 12, 4);
AT(cv_iommu, amd.bdf, 16, 2);
AT(cv_iommu, amd.base_cap, 18, 1);
AT(cv_iommu, amd.msi_cap, 19, 1);
AT(cv_iommu, amd.features, 20, 4);
AT(cv_iommu, pvu.tlb_base, 16, 8);
AT(cv_iommu, pvu.tlb_size, 24, 4);
CHECK(CV_IOMMU_NONE == 0 && CV_IOMMU_AMD == 1 && CV_IOMMU_INTEL == 2 && CV_IOMMU_SMMUV3 == 3);
CHECK(CV_IOMMU_PVU == 4 && CV_IOMMU_MMU500 == 5);

/* revision 13 and 12 */
SIZE(cv13_head, 8);
AT(cv13_head, signature, 0, 6);
AT(cv13_head, revision, 6, 2);
CHECK(sizeof(CV13_CELL_SIGNATURE) == 7 && sizeof(CV13_SYS_SIGNATURE) == 7);
SIZE(cv12_system, 486);
AT(cv12_system, head, 0, 8);
AT(cv12_system, flags, 8, 4);
AT(cv12_system, hypervisor_memory, 12, 32);
AT(cv12_system, debug_console, 44, 32);
AT(cv12_system, pci_mmconfig_base, 76, 8);
AT(cv12_system, pci_mmconfig_end_bus, 84, 1);
AT(cv12_system, pci_is_virtual, 85, 1);
AT(cv12_system, pci_domain, 86, 2);
AT(cv12_system, x86.pm_timer_address, 88, 2);
AT(cv12_system, x86.vtd_interrupt_limit, 90, 4);
AT(cv12_system, x86.apic_mode, 94, 1);
AT(cv12_system, x86.padding, 95, 3);
AT(cv12_system, x86.tsc_khz, 98, 4);
AT(cv12_system, x86.apic_khz, 102, 4);
AT(cv12_system, x86.iommu_units, 106, 224);
AT(cv12_system, arm.maintenance_irq, 88, 1);
AT(cv12_system, arm.gic_version, 89, 1);
AT(cv12_system, arm.gicd_base, 90, 8);
AT(cv12_system, arm.gicc_base, 98, 8);
AT(cv12_system, arm.gich_base, 106, 8);
AT(cv12_system, arm.gicv_base, 114, 8);
AT(cv12_system, arm.gicr_base, 122, 8);
AT(cv12_system, arm.iommu_units, 130, 224);
AT(cv12_system, root_cell, 354, 132);
CHECK(CV12_SHMEM_MSIX_BAR1 == 0xfffffe00);

/* hypercalls */
CHECK(CV_HVC_IMMEDIATE == 0x4a48);
CHECK(CV_HC_DISABLE == 0 && CV_HC_CELL_CREATE == 1 && CV_HC_CELL_START == 2);
CHECK(CV_HC_CELL_SET_LOADABLE == 3 && CV_HC_CELL_DESTROY == 4 && CV_HC_INFO == 5);
CHECK(CV_HC_CELL_STATE == 6 && CV_HC_CPU_INFO == 7 && CV_HC_CONSOLE_PUTC == 8);
CHECK(CV_INFO_POOL_SIZE == 0 && CV_INFO_POOL_USED == 1 && CV_INFO_REMAP_SIZE == 2);
CHECK(CV_INFO_REMAP_USED == 3 && CV_INFO_CELLS == 4);
CHECK(CV_CPU_STATE == 0 && CV_CPU_COUNTER(0) == 1000 && CV_CPU_COUNTER(7) == 1007);
CHECK(CV_COUNT_EXITS == 0 && CV_COUNT_MMIO == 1 && CV_COUNT_MANAGEMENT == 2);
CHECK(CV_COUNT_HYPERCALL == 3 && CV_COUNT_ARM_MAINTENANCE == 4 && CV_COUNT_ARM_VIRQ == 5);
CHECK(CV_COUNT_ARM_VSGI == 6 && CV_COUNT_ARM_PSCI == 7 && CV_COUNT_ARM_SMCCC == 8);
CHECK(CV_COUNT_ARM_CP15 == 9);
CHECK(CV_COUNT_X86_PIO == 4 && CV_COUNT_X86_XAPIC == 5 && CV_COUNT_X86_CR == 6);
CHECK(CV_COUNT_X86_CPUID == 7 && CV_COUNT_X86_XSETBV == 8 && CV_COUNT_X86_EXCEPTION == 9);
CHECK(CV_COUNT_X86_MSR == 10 && CV_COUNT_X86_X2APIC_ICR == 11);
CHECK(CV_EPERM == 1 && CV_ENOENT == 2 && CV_E2BIG == 7 && CV_ENOMEM == 12 && CV_EBUSY == 16);
CHECK(CV_EEXIST == 17 && CV_EINVAL == 22 && CV_ENOSYS == 38);
CHECK(CV_CPUID_SIGNATURE == 0x40000000 && CV_CPUID_FEATURES == 0x40000001);
CHECK(CV_CPUID_EBX == ('J' | 'a' << 8 | 'i' << 16 | 'l' << 24));
CHECK(CV_CPUID_ECX == ('h' | 'o' << 8 | 'u' << 16 | 's' << 24));
CHECK(CV_CPUID_EDX == 'e' && CV_CPUID_HYPERVISOR_BIT == 31);

/* communication region */
AT(cv_comm_region, signature, 0, 6);
AT(cv_comm_region, revision, 6, 2);
AT(cv_comm_region, cell_state, 8, 4);
AT(cv_comm_region, message_to_cell, 12, 4);
AT(cv_comm_region, reply_from_cell, 16, 4);
AT(cv_comm_region, flags, 20, 4);
AT(cv_comm_region, console, 24, 32);
AT(cv_comm_region, pci_mmconfig_base, 56, 8);
AT(cv_comm_region, arm.gic_version, 64, 1);
AT(cv_comm_region, arm.padding, 65, 7);
AT(cv_comm_region, arm.gicd_base, 72, 8);
AT(cv_comm_region, arm.gicc_base, 80, 8);
AT(cv_comm_region, arm.gicr_base, 88, 8);
AT(cv_comm_region, arm.vpci_irq_base, 96, 4);
AT(cv_comm_region, arm.padding2, 100, 4);
AT(cv_comm_region, arm.gicr_more, 104, 64);
AT(cv_comm_region, x86.pm_timer_address, 64, 2);
AT(cv_comm_region, x86.num_cpus, 66, 2);
AT(cv_comm_region, x86.tsc_khz, 68, 4);
AT(cv_comm_region, x86.apic_khz, 72, 4);
CHECK(CV_COMM_REVISION == 2 && CV_COMM_SIZE == 4096 && sizeof(CV_COMM_SIGNATURE) == 7);
CHECK(CV_CELL_STATE_RUNNING == 0 && CV_CELL_STATE_LOCKED == 1 && CV_CELL_STATE_SHUT_DOWN == 2);
CHECK(CV_CELL_STATE_FAILED == 3 && CV_CELL_STATE_REVISION == 4);
CHECK(CV_MESSAGE_SHUTDOWN == 1 && CV_MESSAGE_RECONFIGURED == 2);
CHECK(CV_REPLY_UNKNOWN == 1 && CV_REPLY_DENIED == 2 && CV_REPLY_APPROVED == 3);
CHECK(CV_REPLY_RECEIVED == 4 && CV_COMM_PUTC_PERMITTED == 1 && CV_COMM_PUTC_ACTIVE == 2);
CHECK(CV_COMM_GUEST_ARM == 0x80000000 && CV_COMM_GUEST_X86 == 0x100000);
CHECK(CV_INMATE_CMDLINE == 0x1000);

/* shared-memory device */
CHECK(CV_SHMEM_VENDOR_ID == 0x110a && CV_SHMEM_DEVICE_ID == 0x4106);
CHECK(CV_SHMEM_BASE_CLASS == 0xff && CV_SHMEM_CAP_ID == 9 && CV_SHMEM_CAP_ONESHOT == 1);
SIZE(cv_shmem_cap, 0x20);
AT(cv_shmem_cap, id, 0, 1);
AT(cv_shmem_cap, next, 1, 1);
AT(cv_shmem_cap, length, 2, 1);
AT(cv_shmem_cap, privileged_control, 3, 1);
AT(cv_shmem_cap, state_table_size, 4, 4);
AT(cv_shmem_cap, rw_section_size, 8, 8);
AT(cv_shmem_cap, output_section_size, 16, 8);
AT(cv_shmem_cap, base_address, 24, 8);
SIZE(cv_shmem_registers, 20);
AT(cv_shmem_registers, id, 0, 4);
AT(cv_shmem_registers, max_peers, 4, 4);
AT(cv_shmem_registers, int_control, 8, 4);
AT(cv_shmem_registers, doorbell, 12, 4);
AT(cv_shmem_registers, state, 16, 4);
CHECK(CV_SHMEM_INT_ENABLE == 1 && CV_SHMEM_DOORBELL(3, 2) == 0x30002);
CHECK(CV_SHMEM_BAR_MASK == 0xfffff000 && CV_SHMEM_BAR_MASK_64K == 0xffff0000);
CHECK(CV_SHMEM_INTX_PIN(0) == 1 && CV_SHMEM_INTX_PIN(6) == 3 && CV_SHMEM_INTX_SPI(80, 3) == 82);
CHECK(CV_NET_STATE_SIZE + 2 * CV_NET_OUTPUT_SIZE == 0xff000 && CV_NET_VECTORS == 2);
CHECK(CV_NET_RESET == 0 && CV_NET_INIT == 1 && CV_NET_READY == 2 && CV_NET_RUN == 3);

/* virtual Ethernet: the rings of Virtio 1.1, 2.6.5, 2.6.6, 2.6.8 */
SIZE(cv_net_desc, 16);
AT(cv_net_desc, addr, 0, 8);
AT(cv_net_desc, len, 8, 4);
AT(cv_net_desc, flags, 12, 2);
AT(cv_net_desc, next, 14, 2);
SIZE(cv_net_avail, 4);
AT(cv_net_avail, flags, 0, 2);
AT(cv_net_avail, idx, 2, 2);
CHECK(offsetof(struct cv_net_avail, ring) == 4);
SIZE(cv_net_used_elem, 8);
AT(cv_net_used_elem, id, 0, 4);
AT(cv_net_used_elem, len, 4, 4);
SIZE(cv_net_used, 4);
AT(cv_net_used, flags, 0, 2);
AT(cv_net_used, idx, 2, 2);
CHECK(offsetof(struct cv_net_used, ring) == 4);
CHECK(CV_NET_ALIGN == 64 && CV_NET_QUEUE_MIN == 64 && CV_NET_QUEUE_MAX == 4096);
CHECK(CV_NET_VECTOR_STATE == 0 && CV_NET_VECTOR_DATA == 1);

/* driver */
SIZE(cv_cell_id, 40);
AT(cv_cell_id, id, 0, 4);
AT(cv_cell_id, padding, 4, 4);
AT(cv_cell_id, name, 8, 32);
SIZE(cv_cell_create, 16);
AT(cv_cell_create, config_address, 0, 8);
AT(cv_cell_create, config_size, 8, 4);
AT(cv_cell_create, padding, 12, 4);
SIZE(cv_load_image, 32);
AT(cv_load_image, source_address, 0, 8);
AT(cv_load_image, size, 8, 8);
AT(cv_load_image, target_address, 16, 8);
AT(cv_load_image, padding, 24, 8);
SIZE(cv_cell_load, 48);
AT(cv_cell_load, cell, 0, 40);
AT(cv_cell_load, num_images, 40, 4);
AT(cv_cell_load, padding, 44, 4);
CHECK(offsetof(struct cv_cell_load, images) == 48);
CHECK(CV_IOC_ENABLE == (0x40000000u | sizeof(void *) << 16));
CHECK(CV_IOC_DISABLE == 1);
CHECK(CV_IOC_CELL_CREATE == (0x40000002u | 16 << 16));
CHECK(CV_IOC_CELL_LOAD == (0x40000003u | 48 << 16));
CHECK(CV_IOC_CELL_START == (0x40000004u | 40 << 16));
CHECK(CV_IOC_CELL_DESTROY == (0x40000005u | 40 << 16));
CHECK(CV_IOC_CONSOLE == (0x40000006u | 40 << 16));

/* root's end of a cell's console */
SIZE(cv_console_io, 16);
AT(cv_console_io, position, 0, 4);
AT(cv_console_io, size, 4, 4);
AT(cv_console_io, head, 8, 4);
AT(cv_console_io, room, 12, 4);
CHECK(offsetof(struct cv_console_io, data) == 16);
CHECK(CV_CONSOLE_IO_MAX == 4080);
CHECK(CV_HC_CONSOLE_READ == 0x4001 && CV_HC_CONSOLE_WRITE == 0x4002);

/* image header and console ring: between one build's driver and image */
SIZE(cv_image_header, 64);
AT(cv_image_header, signature, 0, 8);
AT(cv_image_header, version, 8, 4);
AT(cv_image_header, percpu_size, 12, 4);
AT(cv_image_header, core_size, 16, 8);
AT(cv_image_header, phys_start, 24, 8);
AT(cv_image_header, memory_size, 32, 8);
AT(cv_image_header, config_offset, 40, 8);
AT(cv_image_header, config_size, 48, 4);
AT(cv_image_header, max_cpus, 52, 4);
AT(cv_image_header, online_cpus, 56, 4);
AT(cv_image_header, console_offset, 60, 4);
SIZE(cv_console_ring, 0x5000);
AT(cv_console_ring, text, 0, 0x4000);
AT(cv_console_ring, head, 0x4000, 4);
AT(cv_console_ring, padding, 0x4004, 0xffc);
