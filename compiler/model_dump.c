// SPDX-License-Identifier: GPL-2.0-only
/*
 * A model as text, one record a line, each number with its origin behind '#': what
 * --dump-after=resolve and --dump-after=place print, and what the golden files of tests/model hold.
 */
#include "model.h"

struct dump {
	struct cellc *c;
	const struct model *m;
	struct buf *out;
};

static const char *const role_names[] = {"ram",	  "mmio",   "device", "window", "comm",
					 "state", "common", "output", "empty"};

static const char *hex(struct dump *d, u64 v)
{
	return fmt_addr(d->c->arena, v);
}

static void origin(struct dump *d, const struct origin *from)
{
	buf_printf(d->out, "  # %s\n", origin_text(d->c, from));
}

static void fact(struct dump *d, const char *name, const struct fact *f)
{
	if (!f->from)
		return;
	buf_printf(d->out, "  %s %s", name, hex(d, f->v));
	origin(d, f->from);
}

static const char *rights(struct dump *d, u64 flags)
{
	static const char *const names[] = {"r",    "w",	"x",	  "dma",    "io",
					    "comm", "loadable", "shared", "no-huge"};
	struct buf b;

	buf_init(&b, d->c->arena);
	for (u32 i = 0; i < ARRAY_SIZE(names); i++)
		if (flags >> i & 1)
			buf_printf(&b, "%s%s", b.len && i > 2 ? " " : "", names[i]);
	if (flags & CV_MEM_UNALIGNED)
		buf_str(&b, " unaligned");
	if (flags & CV_MEM_WIDTHS)
		buf_str(&b, " width");
	for (u32 i = 0; i < 4; i++)
		if (flags >> (CV_MEM_WIDTH_SHIFT + i) & 1)
			buf_printf(&b, " %u", 1u << i);
	if (flags & ~(u64)CV_MEM_KNOWN)
		buf_printf(&b, " flags %s", hex(d, flags & ~(u64)CV_MEM_KNOWN));
	return b.len ? b.data : "none";
}

static void region(struct dump *d, const struct region *g)
{
	buf_printf(d->out, "  %s %s", role_names[g->role], g->name ? g->name : "-");
	if (g->phys_open)
		buf_str(d->out, " open");
	else
		buf_printf(d->out, " %s", fmt_range(d->c->arena, g->phys.v, g->size.v));
	if (g->phys_open || g->virt_open)
		buf_printf(d->out, " size %s", fmt_size(d->c->arena, g->size.v));
	if (g->virt_open)
		buf_str(d->out, " guest open");
	else if (g->virt.v != g->phys.v)
		buf_printf(d->out, " guest %s", hex(d, g->virt.v));
	buf_printf(d->out, " %s", rights(d, g->flags));
	if (g->role == REGION_OUTPUT)
		buf_printf(d->out, " of peer %u", g->peer);
	origin(d, g->phys.from ? g->phys.from : g->from);
}

static void console(struct dump *d, const struct console *con)
{
	const struct cv_console *rec = &con->rec;

	if (!con->from)
		return;
	buf_printf(d->out, "  console type %u at %s size %s flags %s", rec->type,
		   hex(d, rec->address), hex(d, rec->size), hex(d, rec->flags));
	if (rec->divider || rec->gate_nr || rec->clock_reg)
		buf_printf(d->out, " divider %u gate %u clock %s", rec->divider, rec->gate_nr,
			   hex(d, rec->clock_reg));
	origin(d, con->from);
}

static void pci(struct dump *d, const struct pci_device *dev)
{
	const struct cv_pci_device *rec = &dev->rec;

	buf_printf(d->out, "  pci type %u", rec->type);
	if (dev->bdf_open)
		buf_str(d->out, " open");
	else
		buf_printf(d->out, " %04x:%02x:%02x.%x", rec->domain, rec->bdf >> 8,
			   rec->bdf >> 3 & 31, rec->bdf & 7);
	for (u32 i = 0; i < 6; i++)
		if (rec->bar_mask[i])
			buf_printf(d->out, " bar%u %s", i, hex(d, rec->bar_mask[i]));
	buf_printf(d->out, " msi %u/%u msix %u", rec->num_msi_vectors, rec->msi_flags,
		   rec->num_msix_vectors);
	if (rec->msix_address || rec->msix_region_size)
		buf_printf(d->out, " table %s size %s", hex(d, rec->msix_address),
			   hex(d, rec->msix_region_size));
	if (dev->link)
		buf_printf(d->out, " link %s", dev->link->name);
	if (rec->type == CV_PCI_SHMEM)
		buf_printf(d->out, " id %u of %u protocol %s", rec->shmem_dev_id, rec->shmem_peers,
			   hex(d, rec->shmem_protocol));
	if (dev->caps_explicit)
		buf_printf(d->out, " caps %u+%u", rec->caps_start, rec->num_caps);
	origin(d, dev->from);
	for (size_t i = 0; i < dev->caps.n; i++) {
		const struct pci_cap *cap = &dev->caps.v[i];

		buf_printf(d->out, "    capability %s at %s len %s flags %s", hex(d, cap->id),
			   hex(d, cap->start), hex(d, cap->len), hex(d, cap->flags));
		origin(d, cap->from);
	}
}

/* Claims as ranges of numbers with the same origin. */
static void irqs(struct dump *d, const struct cell *cell)
{
	for (size_t i = 0; i < cell->irqs.n; i++) {
		const struct irq_claim *k = &cell->irqs.v[i];

		buf_printf(d->out, "  irq %u chip %s%s", k->intid, hex(d, k->chip),
			   k->link ? " intx" : "");
		origin(d, k->from);
	}
	for (size_t i = 0; i < cell->irqchips.n; i++) {
		const struct irqchip *chip = &cell->irqchips.v[i];

		buf_printf(d->out, "  irqchip %s id %s base %u bitmap %08x %08x %08x %08x\n",
			   hex(d, chip->address), hex(d, chip->id), chip->pin_base, chip->bitmap[0],
			   chip->bitmap[1], chip->bitmap[2], chip->bitmap[3]);
	}
}

static void small_records(struct dump *d, const struct cell *cell)
{
	for (size_t i = 0; i < cell->caches.n; i++) {
		buf_printf(d->out, "  cache %u+%u type %u flags %u", cell->caches.v[i].start,
			   cell->caches.v[i].size, cell->caches.v[i].type, cell->caches.v[i].flags);
		origin(d, cell->caches.v[i].from);
	}
	for (size_t i = 0; i < cell->ports.n; i++) {
		buf_printf(d->out, "  ports %s",
			   fmt_range(d->c->arena, cell->ports.v[i].base, cell->ports.v[i].length));
		origin(d, cell->ports.v[i].from);
	}
	for (size_t i = 0; i < cell->streams.n; i++) {
		buf_printf(d->out, "  stream %s", hex(d, cell->streams.v[i].value));
		origin(d, cell->streams.v[i].from);
	}
	for (size_t i = 0; i < cell->caps.n; i++) {
		buf_printf(d->out, "  capability %s at %s len %s flags %s",
			   hex(d, cell->caps.v[i].id), hex(d, cell->caps.v[i].start),
			   hex(d, cell->caps.v[i].len), hex(d, cell->caps.v[i].flags));
		origin(d, cell->caps.v[i].from);
	}
	for (size_t i = 0; i < cell->patches.n; i++) {
		buf_printf(d->out, "  bytes %s, %zu", hex(d, cell->patches.v[i].offset),
			   cell->patches.v[i].len);
		origin(d, cell->patches.v[i].from);
	}
	if (cell->trailing_from) {
		buf_printf(d->out, "  trailing %zu", cell->trailing_len);
		origin(d, cell->trailing_from);
	}
}

static void boot(struct dump *d, const struct boot *b)
{
	static const char *const kinds[] = {"none", "inmate", "linux"};
	const char *const texts[] = {b->kernel, b->initrd, b->cmdline, b->dtb, b->image};
	static const char *const names[] = {"kernel", "initrd", "cmdline", "dtb", "image"};

	if (!b->from)
		return;
	buf_printf(d->out, "  boot %s", kinds[b->kind]);
	for (u32 i = 0; i < ARRAY_SIZE(texts); i++)
		if (texts[i])
			buf_printf(d->out, " %s \"%s\"", names[i], texts[i]);
	if (b->load.from)
		buf_printf(d->out, " at %s", hex(d, b->load.v));
	origin(d, b->from);
}

static void cell_dump(struct dump *d, const struct cell *cell)
{
	buf_printf(d->out, "%s \"%s\" file %s%s", cell->is_root ? "root" : "cell", cell->name,
		   cell->file, cell->explicit_only ? " explicit" : "");
	origin(d, cell->from);
	fact(d, "id", &cell->id);
	fact(d, "flags", &cell->flags);
	fact(d, "cpu-set", &cell->cpu_set_size);
	fact(d, "vpci-irq", &cell->vpci_irq_base);
	fact(d, "reset", &cell->reset);
	fact(d, "timeout", &cell->timeout);
	console(d, &cell->console);
	boot(d, &cell->boot);
	if (cell->cpus_from) {
		buf_printf(d->out, "  cpus %u", cell->cpus_wanted);
		origin(d, cell->cpus_from);
	}
	for (size_t i = 0; i < cell->cpus.n; i++) {
		buf_printf(d->out, "  cpu %u", cell->cpus.v[i].index);
		origin(d, cell->cpus.v[i].from);
	}
	for (size_t i = 0; i < cell->regions.n; i++)
		region(d, cell->regions.v[i]);
	irqs(d, cell);
	for (size_t i = 0; i < cell->pcis.n; i++)
		pci(d, cell->pcis.v[i]);
	small_records(d, cell);
	for (size_t i = 0; i < cell->devices.n; i++) {
		buf_printf(d->out, "  device %s%s", cell->devices.v[i].node->path,
			   cell->devices.v[i].exclusive ? " exclusive" : "");
		origin(d, cell->devices.v[i].from);
	}
}

static void arch_part(struct dump *d)
{
	const struct platform *p = &d->m->platform;

	if (d->m->arch == CV_ARCH_X86)
		buf_printf(d->out, "  x86 pm-timer %s apic %u vtd-limit %u tsc %u apic-khz %u",
			   hex(d, p->x86.pm_timer_address), p->x86.apic_mode,
			   p->x86.vtd_interrupt_limit, p->x86.tsc_khz, p->x86.apic_khz);
	else
		buf_printf(d->out,
			   "  gic %u maintenance %u gicd %s gicc %s gich %s gicv %s gicr %s",
			   p->arm.gic_version, p->arm.maintenance_irq, hex(d, p->arm.gicd_base),
			   hex(d, p->arm.gicc_base), hex(d, p->arm.gich_base),
			   hex(d, p->arm.gicv_base), hex(d, p->arm.gicr_base));
	origin(d, p->arch_from);
}

static void platform(struct dump *d)
{
	const struct platform *p = &d->m->platform;

	buf_str(d->out, "platform\n");
	fact(d, "flags", &p->flags);
	if (p->hypervisor.from)
		region(d, &p->hypervisor);
	console(d, &p->console);
	buf_printf(d->out, "  pci %s%s end-bus %u domain %s", p->pci_virtual ? "virtual " : "",
		   p->mmconfig_open ? "open" : hex(d, p->mmconfig_base.v), p->mmconfig_end_bus,
		   hex(d, p->pci_domain));
	if (p->pci_window.from)
		buf_printf(d->out, " window %s",
			   fmt_range(d->c->arena, p->pci_window.addr, p->pci_window.size));
	origin(d, p->mmconfig_base.from);
	for (u32 i = 0; i < CV_IOMMU_UNITS; i++) {
		if (!p->iommu_from[i])
			continue;
		buf_printf(d->out, "  iommu %u type %u at %s size %s bdf %x", i, p->iommus[i].type,
			   hex(d, p->iommus[i].base), hex(d, p->iommus[i].size),
			   p->iommus[i].amd.bdf);
		origin(d, p->iommu_from[i]);
	}
	arch_part(d);
}

static void links(struct dump *d)
{
	for (size_t i = 0; i < d->m->links.n; i++) {
		const struct link *l = d->m->links.v[i];

		buf_printf(d->out,
			   "link \"%s\" kind %u state %s common %s output %s protocol %s "
			   "vectors %u",
			   l->name, l->kind, fmt_size(d->c->arena, l->state_size),
			   fmt_size(d->c->arena, l->common_size),
			   fmt_size(d->c->arena, l->output_size), hex(d, l->protocol), l->vectors);
		origin(d, l->from);
		fact(d, "at", &l->phys);
		fact(d, "slot", &l->slot);
		for (size_t k = 0; k < l->peers.n; k++) {
			buf_printf(d->out, "  peer %u \"%s\"", (u32)l->peers.v[k].id.v,
				   l->peers.v[k].cell->name);
			origin(d, l->peers.v[k].id.from);
		}
	}
}

static void lists(struct dump *d)
{
	const struct model *m = d->m;

	for (size_t i = 0; i < m->ram.n; i++) {
		buf_printf(d->out, "ram %s",
			   fmt_range(d->c->arena, m->ram.v[i].addr, m->ram.v[i].size));
		origin(d, m->ram.v[i].from);
	}
	for (size_t i = 0; i < m->reserved.n; i++) {
		buf_printf(d->out, "reserved %s",
			   fmt_range(d->c->arena, m->reserved.v[i].addr, m->reserved.v[i].size));
		origin(d, m->reserved.v[i].from);
	}
	for (size_t i = 0; i < m->pools.n; i++) {
		const struct pool *p = m->pools.v[i];

		buf_printf(d->out, "pool \"%s\" %s size %s", p->name,
			   p->addr_open ? "open" : hex(d, p->addr.v),
			   fmt_size(d->c->arena, p->size.v));
		origin(d, p->from);
	}
	for (size_t i = 0; i < m->allows.n; i++) {
		buf_printf(d->out, "allow %s \"%s\"", diag_code_text(m->allows.v[i].code),
			   m->allows.v[i].reason);
		origin(d, m->allows.v[i].from);
	}
	for (size_t i = 0; i < m->placements.n; i++) {
		buf_printf(d->out, "placed %s: %s: %s", m->placements.v[i].what,
			   m->placements.v[i].result, m->placements.v[i].why);
		origin(d, m->placements.v[i].from);
	}
}

void model_dump(struct cellc *c, const struct model *m, struct buf *out)
{
	struct dump d = {c, m, out};

	buf_printf(out, "model %s revision %u\n", arch_name(m->arch), m->revision);
	if (m->has_system)
		platform(&d);
	for (size_t i = 0; i < m->cells.n; i++)
		cell_dump(&d, m->cells.v[i]);
	links(&d);
	lists(&d);
}
