// SPDX-License-Identifier: GPL-2.0-only
/*
 * The system header into the platform of the model.
 */
#include "binary.h"

static const struct origin *at(struct reader *r, const char *record, size_t offset)
{
	return reader_at(r, record, NULL, offset);
}

static void read_hypervisor(struct reader *r)
{
	const char *name = "hypervisor memory";
	struct region *reg = &r->m->platform.hypervisor;
	size_t off = offsetof(struct cv_system, hypervisor_memory);
	struct cv_memory rec;

	record_get(&record_memory, r->data + off, &rec);
	*reg = (struct region){
		.role = REGION_RAM,
		.phys = {rec.phys_start, reader_at(r, name, "phys_start", off)},
		.virt = {rec.virt_start, reader_at(r, name, "virt_start", off + 8)},
		.size = {rec.size, reader_at(r, name, "size", off + 16)},
		.flags = rec.flags,
		.from = at(r, name, off),
	};
}

static void read_units(struct reader *r, bool x86)
{
	size_t off = system_units_offset(r->revision, x86);
	struct platform *p = &r->m->platform;

	for (u32 i = 0; i < CV_IOMMU_UNITS; i++, off += sizeof(struct cv_iommu)) {
		record_get(&record_iommu, r->data + off, &p->iommus[i]);
		if (p->iommus[i].type == CV_IOMMU_AMD)
			record_get(&record_iommu_amd, r->data + off, &p->iommus[i]);
		if (p->iommus[i].type == CV_IOMMU_PVU)
			record_get(&record_iommu_pvu, r->data + off, &p->iommus[i]);
		if (p->iommus[i].type || p->iommus[i].base || p->iommus[i].size)
			p->iommu_from[i] =
				at(r, arena_printf(r->c->arena, "IOMMU unit %u", i), off);
	}
}

static void read_x86(struct reader *r, const u8 *data)
{
	struct cv_platform_x86 *p = &r->m->platform.x86;
	struct cv12_platform_x86 old;

	if (r->revision != 12) {
		record_get(&record_x86, data, p);
		p->padding = 0; /* bytes without a meaning are kept as such */
		return;
	}
	record_get(&record_x86_12, data, &old);
	*p = (struct cv_platform_x86){
		.pm_timer_address = old.pm_timer_address,
		.apic_mode = old.apic_mode,
		.vtd_interrupt_limit = old.vtd_interrupt_limit,
		.tsc_khz = old.tsc_khz,
		.apic_khz = old.apic_khz,
	};
}

static void read_arm(struct reader *r, const u8 *data)
{
	struct cv_platform_arm *p = &r->m->platform.arm;
	struct cv12_platform_arm old;

	if (r->revision != 12) {
		record_get(&record_arm, data, p);
		p->padding[0] = p->padding[1] = 0;
		return;
	}
	record_get(&record_arm_12, data, &old);
	*p = (struct cv_platform_arm){
		.maintenance_irq = old.maintenance_irq,
		.gic_version = old.gic_version,
		.gicd_base = old.gicd_base,
		.gicc_base = old.gicc_base,
		.gich_base = old.gich_base,
		.gicv_base = old.gicv_base,
		.gicr_base = old.gicr_base,
	};
}

static void read_pci_host(struct reader *r)
{
	struct platform *p = &r->m->platform;
	struct cv_system head;

	record_get(&record_system, r->data, &head);
	p->flags = (struct fact){head.flags, reader_at(r, "system header", "flags",
						       offsetof(struct cv_system, flags))};
	p->mmconfig_base.v = head.pci_mmconfig_base;
	p->mmconfig_base.from = reader_at(r, "system header", "pci_mmconfig_base",
					  offsetof(struct cv_system, pci_mmconfig_base));
	p->mmconfig_end_bus = head.pci_mmconfig_end_bus;
	p->pci_virtual = head.pci_is_virtual;
	p->pci_domain = head.pci_domain;
}

void read_system(struct reader *r)
{
	struct platform *p = &r->m->platform;
	size_t console = offsetof(struct cv_system, debug_console);
	size_t arch = system_arch_offset(r->revision);
	bool x86 = r->m->arch == CV_ARCH_X86;

	p->from = at(r, "system header", 0);
	p->arch_from = at(r, "platform", arch);
	read_pci_host(r);
	read_hypervisor(r);
	record_get(&record_console, r->data + console, &p->console.rec);
	if (p->console.rec.type != CV_CONSOLE_NONE)
		p->console.from = at(r, "debug console", console);
	read_units(r, x86);
	if (x86)
		read_x86(r, r->data + arch);
	else
		read_arm(r, r->data + arch);
}
