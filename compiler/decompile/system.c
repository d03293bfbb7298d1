// SPDX-License-Identifier: GPL-2.0-only
/*
 * The system header as hypervisor and platform blocks.
 */
#include "decompile.h"

static const char *addr(struct printer *p, u64 v)
{
	return fmt_addr(p->c->arena, v);
}

static void print_hypervisor(struct printer *p)
{
	const struct platform *plat = &p->m->platform;
	const struct region *r = &plat->hypervisor;
	u64 flags = plat->flags.v;

	buf_str(p->out, "hypervisor {\n");
	if (r->phys.v || r->virt.v || r->size.v || r->flags)
		decompile_memory(p, r, false);
	decompile_console(p, &plat->console);
	if (flags & CV_SYS_ROOT_CONSOLE)
		buf_str(p->out, "    root-console;\n");
	if (flags & ~(u64)CV_SYS_ROOT_CONSOLE)
		buf_printf(p->out, "    flags %s;\n", addr(p, flags & ~(u64)CV_SYS_ROOT_CONSOLE));
	for (size_t i = 0; i < plat->patches.n; i++)
		decompile_bytes(p, &plat->patches.v[i]);
	buf_str(p->out, "}\n\n");
}

static void print_pci(struct printer *p)
{
	const struct platform *plat = &p->m->platform;

	if (!plat->mmconfig_base.v && !plat->mmconfig_end_bus && !plat->pci_virtual &&
	    !plat->pci_domain)
		return;
	buf_printf(p->out, "    pci at %s end-bus %u domain 0x%x%s;",
		   addr(p, plat->mmconfig_base.v), plat->mmconfig_end_bus, plat->pci_domain,
		   plat->pci_virtual ? " virtual" : "");
	decompile_comment(p, plat->mmconfig_base.v, 1);
}

static void print_unit(struct printer *p, u32 slot, const struct cv_iommu *u)
{
	static const char *const types[] = {"none", "amd", "intel", "smmuv3", "pvu", "mmu500"};

	buf_str(p->out, "    iommu ");
	if (u->type < ARRAY_SIZE(types))
		buf_str(p->out, types[u->type]);
	else
		buf_printf(p->out, "%u", u->type);
	buf_printf(p->out, " at %s size %s", addr(p, u->base), fmt_size(p->c->arena, u->size));
	if (u->type == CV_IOMMU_AMD)
		buf_printf(p->out, " bdf %02x:%02x.%x base-cap 0x%x msi-cap 0x%x features 0x%x",
			   u->amd.bdf >> 8, u->amd.bdf >> 3 & 0x1f, u->amd.bdf & 7, u->amd.base_cap,
			   u->amd.msi_cap, u->amd.features);
	if (u->type == CV_IOMMU_PVU)
		buf_printf(p->out, " tlb %s %s", addr(p, u->pvu.tlb_base),
			   fmt_size(p->c->arena, u->pvu.tlb_size));
	buf_printf(p->out, " slot %u;", slot);
	decompile_comment(p, u->base, u->size);
}

static void print_x86(struct printer *p)
{
	static const char *const modes[] = {"auto", "xapic", "x2apic"};
	const struct cv_platform_x86 *x = &p->m->platform.x86;

	buf_printf(p->out, "    pm-timer 0x%x;\n", x->pm_timer_address);
	if (x->apic_mode < ARRAY_SIZE(modes))
		buf_printf(p->out, "    apic %s;\n", modes[x->apic_mode]);
	buf_printf(p->out, "    vtd-limit %u;\n    tsc-khz %u;\n    apic-khz %u;\n",
		   x->vtd_interrupt_limit, x->tsc_khz, x->apic_khz);
}

static void print_frame(struct printer *p, const char *word, u64 v)
{
	if (v)
		buf_printf(p->out, " %s %s", word, addr(p, v));
}

static void print_gic(struct printer *p)
{
	const struct cv_platform_arm *arm = &p->m->platform.arm;

	if (!arm->gic_version) /* the rest, if any, is said by bytes */
		return;
	buf_printf(p->out, "    gic %u", arm->gic_version);
	print_frame(p, "gicd", arm->gicd_base);
	print_frame(p, "gicc", arm->gicc_base);
	print_frame(p, "gich", arm->gich_base);
	print_frame(p, "gicv", arm->gicv_base);
	print_frame(p, "gicr", arm->gicr_base);
	if (arm->maintenance_irq)
		buf_printf(p->out, " maintenance %u", arm->maintenance_irq);
	buf_str(p->out, ";\n");
}

void decompile_system(struct printer *p)
{
	print_hypervisor(p);
	buf_str(p->out, "platform {\n");
	print_pci(p);
	for (u32 i = 0; i < CV_IOMMU_UNITS; i++)
		if (p->m->platform.iommu_from[i])
			print_unit(p, i, &p->m->platform.iommus[i]);
	if (p->m->arch == CV_ARCH_X86)
		print_x86(p);
	else
		print_gic(p);
	buf_str(p->out, "}\n\n");
}
