// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of fields, and numbers of known width in little-endian bytes.
 */
#include "fields.h"

#include <string.h>

#define FIELD(type, member)                                                                    \
	{                                                                                      \
#member, offsetof(struct type, member), sizeof(((struct type *)0)->member), 1, \
			false                                                                  \
	}
#define WORDS(type, member, n)                                                                    \
	{                                                                                         \
#member, offsetof(struct type, member), sizeof(((struct type *)0)->member) / (n), \
			n, false                                                                  \
	}
#define PADDING(type, member)                                                                  \
	{                                                                                      \
#member, offsetof(struct type, member), 1, sizeof(((struct type *)0)->member), \
			true                                                                   \
	}
#define RECORD(name, text, type)                                                     \
	const struct record name = {text, #type, sizeof(struct type), name##_fields, \
				    ARRAY_SIZE(name##_fields)}

static const struct field record_memory_fields[] = {
	FIELD(cv_memory, phys_start),
	FIELD(cv_memory, virt_start),
	FIELD(cv_memory, size),
	FIELD(cv_memory, flags),
};
RECORD(record_memory, "memory region", cv_memory);

static const struct field record_cache_fields[] = {
	FIELD(cv_cache, start),	    FIELD(cv_cache, size),  FIELD(cv_cache, type),
	PADDING(cv_cache, padding), FIELD(cv_cache, flags),
};
RECORD(record_cache, "cache region", cv_cache);

static const struct field record_irqchip_fields[] = {
	FIELD(cv_irqchip, address),
	FIELD(cv_irqchip, id),
	FIELD(cv_irqchip, pin_base),
	WORDS(cv_irqchip, pin_bitmap, 4),
};
RECORD(record_irqchip, "interrupt chip", cv_irqchip);

static const struct field record_pio_fields[] = {
	FIELD(cv_pio, base),
	FIELD(cv_pio, length),
};
RECORD(record_pio, "port range", cv_pio);

static const struct field record_pci_fields[] = {
	FIELD(cv_pci_device, type),
	FIELD(cv_pci_device, iommu),
	FIELD(cv_pci_device, domain),
	FIELD(cv_pci_device, bdf),
	WORDS(cv_pci_device, bar_mask, 6),
	FIELD(cv_pci_device, caps_start),
	FIELD(cv_pci_device, num_caps),
	FIELD(cv_pci_device, num_msi_vectors),
	FIELD(cv_pci_device, msi_flags),
	FIELD(cv_pci_device, num_msix_vectors),
	FIELD(cv_pci_device, msix_region_size),
	FIELD(cv_pci_device, msix_address),
	FIELD(cv_pci_device, shmem_regions_start),
	FIELD(cv_pci_device, shmem_dev_id),
	FIELD(cv_pci_device, shmem_peers),
	FIELD(cv_pci_device, shmem_protocol),
};
RECORD(record_pci, "PCI device", cv_pci_device);

static const struct field record_cap_fields[] = {
	FIELD(cv_pci_capability, id),
	FIELD(cv_pci_capability, start),
	FIELD(cv_pci_capability, len),
	FIELD(cv_pci_capability, flags),
};
RECORD(record_cap, "PCI capability", cv_pci_capability);

static const struct field record_stream_fields[] = {
	FIELD(cv_stream_id, id),
};
RECORD(record_stream, "stream id", cv_stream_id);

static const struct field record_console_fields[] = {
	FIELD(cv_console, address),   FIELD(cv_console, size),	  FIELD(cv_console, type),
	FIELD(cv_console, flags),     FIELD(cv_console, divider), FIELD(cv_console, gate_nr),
	FIELD(cv_console, clock_reg),
};
RECORD(record_console, "console", cv_console);

/* what stands behind depends on the type: the next two, or nothing */
static const struct field record_iommu_fields[] = {
	FIELD(cv_iommu, type),
	FIELD(cv_iommu, base),
	FIELD(cv_iommu, size),
};
RECORD(record_iommu, "IOMMU unit", cv_iommu);

static const struct field record_iommu_amd_fields[] = {
	FIELD(cv_iommu, amd.bdf),
	FIELD(cv_iommu, amd.base_cap),
	FIELD(cv_iommu, amd.msi_cap),
	FIELD(cv_iommu, amd.features),
};
RECORD(record_iommu_amd, "IOMMU unit", cv_iommu);

static const struct field record_iommu_pvu_fields[] = {
	FIELD(cv_iommu, pvu.tlb_base),
	FIELD(cv_iommu, pvu.tlb_size),
};
RECORD(record_iommu_pvu, "IOMMU unit", cv_iommu);

static const struct field record_x86_fields[] = {
	FIELD(cv_platform_x86, pm_timer_address), FIELD(cv_platform_x86, apic_mode),
	PADDING(cv_platform_x86, padding),	  FIELD(cv_platform_x86, vtd_interrupt_limit),
	FIELD(cv_platform_x86, tsc_khz),	  FIELD(cv_platform_x86, apic_khz),
};
RECORD(record_x86, "platform", cv_platform_x86);

static const struct field record_arm_fields[] = {
	FIELD(cv_platform_arm, maintenance_irq), FIELD(cv_platform_arm, gic_version),
	PADDING(cv_platform_arm, padding),	 FIELD(cv_platform_arm, gicd_base),
	FIELD(cv_platform_arm, gicc_base),	 FIELD(cv_platform_arm, gich_base),
	FIELD(cv_platform_arm, gicv_base),	 FIELD(cv_platform_arm, gicr_base),
};
RECORD(record_arm, "platform", cv_platform_arm);

static const struct field record_x86_12_fields[] = {
	FIELD(cv12_platform_x86, pm_timer_address), FIELD(cv12_platform_x86, vtd_interrupt_limit),
	FIELD(cv12_platform_x86, apic_mode),	    PADDING(cv12_platform_x86, padding),
	FIELD(cv12_platform_x86, tsc_khz),	    FIELD(cv12_platform_x86, apic_khz),
};
RECORD(record_x86_12, "platform", cv12_platform_x86);

static const struct field record_arm_12_fields[] = {
	FIELD(cv12_platform_arm, maintenance_irq), FIELD(cv12_platform_arm, gic_version),
	FIELD(cv12_platform_arm, gicd_base),	   FIELD(cv12_platform_arm, gicc_base),
	FIELD(cv12_platform_arm, gich_base),	   FIELD(cv12_platform_arm, gicv_base),
	FIELD(cv12_platform_arm, gicr_base),
};
RECORD(record_arm_12, "platform", cv12_platform_arm);

/* without signature, architecture, revision and name, which are no numbers or depend on the
 * revision, and without the console, a record of its own */
static const struct field record_cell_fields[] = {
	FIELD(cv_cell_desc, id),
	FIELD(cv_cell_desc, flags),
	FIELD(cv_cell_desc, cpu_set_size),
	FIELD(cv_cell_desc, num_memory_regions),
	FIELD(cv_cell_desc, num_cache_regions),
	FIELD(cv_cell_desc, num_irqchips),
	FIELD(cv_cell_desc, num_pio_regions),
	FIELD(cv_cell_desc, num_pci_devices),
	FIELD(cv_cell_desc, num_pci_caps),
	FIELD(cv_cell_desc, num_stream_ids),
	FIELD(cv_cell_desc, vpci_irq_base),
	FIELD(cv_cell_desc, cpu_reset_address),
	FIELD(cv_cell_desc, msg_reply_timeout),
};
RECORD(record_cell, "cell header", cv_cell_desc);

/* likewise: what has the same offset in all revisions and is no record of its own */
static const struct field record_system_fields[] = {
	FIELD(cv_system, flags),
	FIELD(cv_system, pci_mmconfig_base),
	FIELD(cv_system, pci_mmconfig_end_bus),
	FIELD(cv_system, pci_is_virtual),
	FIELD(cv_system, pci_domain),
};
RECORD(record_system, "system header", cv_system);

#define ARRAY(record, count, member)                                          \
	{                                                                     \
		&record, offsetof(struct cv_cell_desc, count), #count, member \
	}
const struct array_info array_info[ARRAY_COUNT] = {
	[ARRAY_MEMORY] = ARRAY(record_memory, num_memory_regions, "memory"),
	[ARRAY_CACHE] = ARRAY(record_cache, num_cache_regions, "cache"),
	[ARRAY_IRQCHIP] = ARRAY(record_irqchip, num_irqchips, "irqchips"),
	[ARRAY_PIO] = ARRAY(record_pio, num_pio_regions, "pio"),
	[ARRAY_PCI] = ARRAY(record_pci, num_pci_devices, "pci"),
	[ARRAY_CAP] = ARRAY(record_cap, num_pci_caps, "caps"),
	[ARRAY_STREAM] = ARRAY(record_stream, num_stream_ids, "streams"),
};

u64 get_le(const u8 *bytes, u32 width)
{
	u64 value = 0;

	for (u32 i = 0; i < width; i++)
		value |= (u64)bytes[i] << 8 * i;
	return value;
}

void put_le(u8 *bytes, u64 value, u32 width)
{
	for (u32 i = 0; i < width; i++)
		bytes[i] = (u8)(value >> 8 * i);
}

static u64 host_read(const u8 *at, u32 width)
{
	u16 v16;
	u32 v32;
	u64 v64;

	switch (width) {
	case 1:
		return *at;
	case 2:
		memcpy(&v16, at, 2);
		return v16;
	case 4:
		memcpy(&v32, at, 4);
		return v32;
	default:
		memcpy(&v64, at, 8);
		return v64;
	}
}

static void host_write(u8 *at, u64 value, u32 width)
{
	u16 v16 = (u16)value;
	u32 v32 = (u32)value;

	switch (width) {
	case 1:
		*at = (u8)value;
		break;
	case 2:
		memcpy(at, &v16, 2);
		break;
	case 4:
		memcpy(at, &v32, 4);
		break;
	default:
		memcpy(at, &value, 8);
	}
}

u64 field_value(const struct field *f, const void *host, u32 element)
{
	return host_read((const u8 *)host + f->offset + element * f->width, f->width);
}

void record_get(const struct record *r, const u8 *bytes, void *host)
{
	for (const struct field *f = r->fields; f < r->fields + r->n; f++)
		for (u32 i = 0; i < f->count; i++) {
			u32 at = f->offset + i * f->width;

			host_write((u8 *)host + at, get_le(bytes + at, f->width), f->width);
		}
}

void record_put(const struct record *r, const void *host, u8 *bytes)
{
	for (const struct field *f = r->fields; f < r->fields + r->n; f++)
		for (u32 i = 0; i < f->count; i++)
			put_le(bytes + f->offset + i * f->width, field_value(f, host, i), f->width);
}

const struct field *record_field_at(const struct record *r, u32 offset)
{
	for (const struct field *f = r->fields; f < r->fields + r->n; f++)
		if (!f->pad && offset >= f->offset && offset - f->offset < f->width * f->count)
			return f;
	return NULL;
}

u32 system_root_offset(u16 revision)
{
	return revision == 12 ? offsetof(struct cv12_system, root_cell)
			      : offsetof(struct cv_system, root_cell);
}

u32 system_arch_offset(u16 revision)
{
	return revision == 12 ? offsetof(struct cv12_system, arm) : offsetof(struct cv_system, arm);
}

u32 system_units_offset(u16 revision, bool x86)
{
	if (revision != 12)
		return offsetof(struct cv_system, iommu_units);
	return x86 ? offsetof(struct cv12_system, x86.iommu_units)
		   : offsetof(struct cv12_system, arm.iommu_units);
}

const struct record *system_arch_record(u16 revision, bool x86)
{
	if (revision == 12)
		return x86 ? &record_x86_12 : &record_arm_12;
	return x86 ? &record_x86 : &record_arm;
}
