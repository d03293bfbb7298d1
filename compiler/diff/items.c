// SPDX-License-Identifier: GPL-2.0-only
/*
 * A model as a list of items that can be compared one by one.
 */
#include "diff.h"

#include <string.h>

struct collector {
	struct cellc *c;
	const struct model *m;
	const struct cell *cell;
	struct diff_items *items;
};

static struct diff_item *add(struct collector *k, const char *what, const char *name, u64 key)
{
	struct diff_item *it = vec_push(k->c->arena, &k->items->v);

	it->cell = k->cell;
	it->what = what;
	it->name = name;
	it->key = it->second = key;
	return it;
}

static struct diff_item *add_record(struct collector *k, const char *what, const char *name,
				    u64 key, const struct record *r, const void *host, size_t size)
{
	struct diff_item *it = add(k, what, name, key);

	it->record = r;
	memcpy(it->host, host, size);
	return it;
}

static struct cv_memory memory_of(const struct region *r)
{
	return (struct cv_memory){.phys_start = r->phys.v,
				  .virt_start = r->virt.v,
				  .size = r->size.v,
				  .flags = r->flags};
}

static void add_regions(struct collector *k)
{
	for (size_t i = 0; i < k->cell->regions.n; i++) {
		const struct region *r = k->cell->regions.v[i];
		struct cv_memory rec = memory_of(r);
		const char *name =
			arena_printf(k->c->arena, "at guest %s", fmt_addr(k->c->arena, r->virt.v));

		if (!rec.phys_start && !rec.virt_start && !rec.size && !rec.flags)
			continue;
		add_record(k, "memory region", name, r->virt.v, &record_memory, &rec, sizeof(rec))
			->second = r->phys.v;
	}
}

/* From the bitmaps: two devices may claim one line. */
static void add_irqs(struct collector *k, const struct irqchip *chip)
{
	bool arm = k->m->arch != CV_ARCH_X86 && chip->pin_base >= 32;

	for (u32 pin = 0; pin < 128; pin++) {
		u64 n = (u64)chip->pin_base + pin - (arm ? 32 : 0);

		if (!(chip->bitmap[pin / 32] >> pin % 32 & 1))
			continue;
		add(k, arm ? "SPI" : "pin",
		    arena_printf(k->c->arena, "%llu", (unsigned long long)n),
		    n ^ chip->address << 16);
	}
}

static void add_caps(struct collector *k, const struct pci_device *dev, const char *name)
{
	size_t first = dev->caps_explicit ? dev->rec.caps_start : 0;
	size_t n = dev->caps_explicit ? dev->rec.num_caps : dev->caps.n;
	const struct pci_cap *all = dev->caps_explicit ? k->cell->caps.v : dev->caps.v;
	size_t there = dev->caps_explicit ? k->cell->caps.n : dev->caps.n;

	for (size_t i = first; i < first + n && i < there; i++) {
		struct cv_pci_capability rec = {.id = all[i].id,
						.start = all[i].start,
						.len = all[i].len,
						.flags = all[i].flags};

		add_record(k, "PCI capability",
			   arena_printf(k->c->arena, "0x%x at 0x%x of %s", rec.id, rec.start, name),
			   (u64)dev->rec.bdf << 32 | (u64)rec.id << 16 | rec.start, &record_cap,
			   &rec, sizeof(rec));
	}
}

static void add_pcis(struct collector *k)
{
	for (size_t i = 0; i < k->cell->pcis.n; i++) {
		const struct pci_device *dev = k->cell->pcis.v[i];
		struct cv_pci_device rec = dev->rec;
		const char *name = arena_printf(k->c->arena, "%04x:%02x:%02x.%x", rec.domain,
						rec.bdf >> 8, rec.bdf >> 3 & 0x1f, rec.bdf & 7);

		/* where things stand in the descriptor */
		rec.caps_start = rec.num_caps = 0;
		rec.shmem_regions_start = 0;
		add_record(k, "PCI device", name, (u64)rec.domain << 16 | rec.bdf, &record_pci,
			   &rec, sizeof(rec))
			->second = rec.bdf;
		add_caps(k, dev, name);
	}
}

static void add_x86(struct collector *k)
{
	for (size_t i = 0; i < k->cell->ports.n; i++) {
		struct cv_pio rec = {.base = k->cell->ports.v[i].base,
				     .length = k->cell->ports.v[i].length};

		add_record(k, "port range", arena_printf(k->c->arena, "at 0x%x", rec.base),
			   rec.base, &record_pio, &rec, sizeof(rec));
	}
	for (size_t i = 0; i < k->cell->caches.n; i++) {
		const struct cache_region *r = &k->cell->caches.v[i];
		struct cv_cache rec = {
			.start = r->start, .size = r->size, .type = r->type, .flags = r->flags};

		add_record(k, "cache region", arena_printf(k->c->arena, "from way %u", rec.start),
			   (u64)rec.start << 8 | rec.type, &record_cache, &rec, sizeof(rec))
			->second = rec.start;
	}
}

static void add_header(struct collector *k)
{
	const struct cell *cell = k->cell;
	struct cv_cell_desc head = {
		.id = (u32)cell->id.v,
		.flags = (u32)cell->flags.v,
		.vpci_irq_base = (u32)cell->vpci_irq_base.v,
		.cpu_reset_address = cell->reset.v,
		.msg_reply_timeout = cell->timeout.v,
	};

	add_record(k, "header", "", 0, &record_cell, &head, sizeof(head));
	add_record(k, "console", "", 0, &record_console, &cell->console.rec,
		   sizeof(cell->console.rec));
}

static void collect_cell(struct collector *k)
{
	const struct cell *cell = k->cell;

	add_header(k);
	for (size_t i = 0; i < cell->cpus.n; i++)
		add(k, "CPU", arena_printf(k->c->arena, "%u", cell->cpus.v[i].index),
		    cell->cpus.v[i].index);
	add_regions(k);
	for (size_t i = 0; i < cell->irqchips.n; i++)
		add_irqs(k, &cell->irqchips.v[i]);
	add_pcis(k);
	for (size_t i = 0; i < cell->streams.n; i++)
		add(k, "stream id", fmt_addr(k->c->arena, cell->streams.v[i].value),
		    cell->streams.v[i].value);
	add_x86(k);
}

static void add_unit(struct collector *k, u32 slot, const struct cv_iommu *unit)
{
	const char *name = arena_printf(k->c->arena, "%u", slot);

	if (!unit->type && !unit->base && !unit->size)
		return;
	add_record(k, "IOMMU unit", name, slot, &record_iommu, unit, sizeof(*unit));
	if (unit->type == CV_IOMMU_AMD)
		add_record(k, "AMD part of IOMMU unit", name, slot, &record_iommu_amd, unit,
			   sizeof(*unit));
	if (unit->type == CV_IOMMU_PVU)
		add_record(k, "PVU part of IOMMU unit", name, slot, &record_iommu_pvu, unit,
			   sizeof(*unit));
}

static void collect_system(struct collector *k)
{
	const struct platform *p = &k->m->platform;
	struct cv_memory hyp = memory_of(&p->hypervisor);
	struct cv_system head = {
		.flags = (u32)p->flags.v,
		.pci_mmconfig_base = p->mmconfig_base.v,
		.pci_mmconfig_end_bus = p->mmconfig_end_bus,
		.pci_is_virtual = p->pci_virtual,
		.pci_domain = p->pci_domain,
	};
	struct diff_item *it = add(k, "system header", "", 0);

	/* the record's fields end before the units, and the item has no room for more */
	_Static_assert(offsetof(struct cv_system, iommu_units) <= ITEM_BYTES,
		       "room for the header");
	it->record = &record_system;
	memcpy(it->host, &head, offsetof(struct cv_system, iommu_units));
	add_record(k, "hypervisor memory", "", 0, &record_memory, &hyp, sizeof(hyp));
	add_record(k, "debug console", "", 0, &record_console, &p->console.rec,
		   sizeof(p->console.rec));
	for (u32 i = 0; i < CV_IOMMU_UNITS; i++)
		add_unit(k, i, &p->iommus[i]);
	if (k->m->arch == CV_ARCH_X86)
		add_record(k, "x86 platform", "", 0, &record_x86, &p->x86, sizeof(p->x86));
	else
		add_record(k, "ARM platform", "", 0, &record_arm, &p->arm, sizeof(p->arm));
}

void diff_collect(struct cellc *c, const struct model *m, const struct cell *cell,
		  struct diff_items *items)
{
	struct collector k = {c, m, cell, items};

	if (cell)
		collect_cell(&k);
	else
		collect_system(&k);
}
