// SPDX-License-Identifier: GPL-2.0-only
/*
 * The system header: platform of the model to bytes, in the layout of the revision.
 */
#include "lower.h"

static struct cv_memory hypervisor_record(const struct region *r)
{
	return (struct cv_memory){
		.phys_start = r->phys.v,
		.virt_start = r->virt.v,
		.size = r->size.v,
		.flags = r->flags,
	};
}

static void lower_hypervisor(struct lowering *l)
{
	const struct region *r = &l->m->platform.hypervisor;
	struct cv_memory rec = hypervisor_record(r);
	u32 at = offsetof(struct cv_system, hypervisor_memory);

	lower_record(l, at, &record_memory, -1, &rec, r->from);
	l->img->notes.v[l->img->notes.n - 1].record = "hypervisor memory";
	lower_field_note(l, at, &record_memory, "phys_start", r->phys.from);
	lower_field_note(l, at, &record_memory, "virt_start", r->virt.from);
	lower_field_note(l, at, &record_memory, "size", r->size.from);
	lower_record(l, offsetof(struct cv_system, debug_console), &record_console, -1,
		     &l->m->platform.console.rec, l->m->platform.console.from);
	l->img->notes.v[l->img->notes.n - 1].record = "debug console";
}

static void lower_units(struct lowering *l)
{
	u32 at = system_units_offset(l->img->revision, l->x86);

	for (int i = 0; i < CV_IOMMU_UNITS; i++, at += sizeof(struct cv_iommu)) {
		const struct cv_iommu *unit = &l->m->platform.iommus[i];
		u8 *bytes = (u8 *)l->img->bytes.data + at;

		if (unit->type == CV_IOMMU_AMD)
			record_put(&record_iommu_amd, unit, bytes);
		else if (unit->type == CV_IOMMU_PVU)
			record_put(&record_iommu_pvu, unit, bytes);
		lower_record(l, at, &record_iommu, i, unit, l->m->platform.iommu_from[i]);
	}
}

static void lower_x86(struct lowering *l, u32 at)
{
	const struct cv_platform_x86 *p = &l->m->platform.x86;
	struct cv12_platform_x86 old = {
		.pm_timer_address = p->pm_timer_address,
		.vtd_interrupt_limit = p->vtd_interrupt_limit,
		.apic_mode = p->apic_mode,
		.tsc_khz = p->tsc_khz,
		.apic_khz = p->apic_khz,
	};
	const void *host = l->img->revision == 12 ? (const void *)&old : p;

	lower_record(l, at, system_arch_record(l->img->revision, true), -1, host,
		     l->m->platform.arch_from);
}

static void lower_arm(struct lowering *l, u32 at)
{
	const struct cv_platform_arm *p = &l->m->platform.arm;
	struct cv12_platform_arm old = {
		.maintenance_irq = p->maintenance_irq,
		.gic_version = p->gic_version,
		.gicd_base = p->gicd_base,
		.gicc_base = p->gicc_base,
		.gich_base = p->gich_base,
		.gicv_base = p->gicv_base,
		.gicr_base = p->gicr_base,
	};
	const void *host = l->img->revision == 12 ? (const void *)&old : p;

	lower_record(l, at, system_arch_record(l->img->revision, false), -1, host,
		     l->m->platform.arch_from);
}

void lower_system(struct lowering *l)
{
	const struct platform *p = &l->m->platform;
	u32 at = lower_room(l, system_root_offset(l->img->revision));
	struct cv_system head = {
		.flags = (u32)lower_fits(l, &p->flags, 4, "the flags"),
		.pci_mmconfig_base = p->mmconfig_base.v,
		.pci_mmconfig_end_bus = p->mmconfig_end_bus,
		.pci_is_virtual = p->pci_virtual,
		.pci_domain = p->pci_domain,
	};

	lower_record(l, at, &record_system, -1, &head, p->from);
	l->img->notes.v[l->img->notes.n - 1].size = system_root_offset(l->img->revision);
	lower_field_note(l, at, &record_system, "flags", p->flags.from);
	lower_field_note(l, at, &record_system, "pci_mmconfig_base", p->mmconfig_base.from);
	lower_hypervisor(l);
	if (l->x86)
		lower_x86(l, system_arch_offset(l->img->revision));
	else
		lower_arm(l, system_arch_offset(l->img->revision));
	lower_units(l);
}
