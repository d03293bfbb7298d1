// SPDX-License-Identifier: GPL-2.0-only
/*
 * The model as JSON, plan.json: everything that is decided, each number with its origin.
 *
 * docs/json.md lists every field; the schema number there and here changes when a field goes or
 * changes its meaning. Numbers are unsigned integers of up to 64 bits, flags are given as in the
 * descriptor. Where a record has one origin for all its numbers it stands in the record.
 */
#include "../lib/json.h"
#include "../image.h"
#include "emit.h"

#include <string.h>

#define SCHEMA	    1
#define MAX_PARENTS 8 /* of an origin; longer chains end there */

struct writer {
	struct json j;
	struct cellc *c;
	const struct model *m;
};

static void origin_place(struct writer *w, const struct origin *o)
{
	struct position pos;

	if (o->kind == FROM_PLAN) {
		if (!source_position(w->c, o->span.start, &pos))
			return;
		json_string(&w->j, "file", pos.source->name);
		json_u64(&w->j, "line", pos.line);
		json_u64(&w->j, "column", pos.column);
	} else if (o->kind == FROM_TREE) {
		json_string(&w->j, "file", o->file);
		json_string(&w->j, "path", o->path);
		json_string(&w->j, "property", o->prop);
	} else if (o->kind == FROM_BINARY) {
		json_string(&w->j, "file", o->file);
		json_string(&w->j, "record", o->path);
		json_string(&w->j, "field", o->prop);
		json_u64(&w->j, "offset", o->offset);
	}
}

static void origin_depth(struct writer *w, const char *key, const struct origin *o, u32 depth)
{
	static const char *const kinds[] = {
		[FROM_PLAN] = "plan", [FROM_TREE] = "tree",	[FROM_PLACEMENT] = "placement",
		[FROM_RULE] = "rule", [FROM_BINARY] = "binary",
	};

	if (!o) {
		json_null(&w->j, key);
		return;
	}
	json_object(&w->j, key);
	json_string(&w->j, "kind", kinds[o->kind]);
	origin_place(w, o);
	if (o->why)
		json_string(&w->j, "why", o->why);
	if (o->parent && depth < MAX_PARENTS)
		origin_depth(w, "parent", o->parent, depth + 1);
	json_end(&w->j);
}

static void origin(struct writer *w, const struct origin *o)
{
	origin_depth(w, "origin", o, 0);
}

static void fact(struct writer *w, const char *key, const struct fact *f)
{
	json_object(&w->j, key);
	json_u64(&w->j, "value", f->v);
	origin(w, f->from);
	json_end(&w->j);
}

static void node_path(struct writer *w, const char *key, const struct node *n)
{
	json_string(&w->j, key, n ? n->path : NULL);
}

static void link_name(struct writer *w, const struct link *l)
{
	json_string(&w->j, "link", l ? l->name : NULL);
}

static void extent(struct writer *w, const struct extent *e)
{
	json_object(&w->j, NULL);
	json_string(&w->j, "name", e->name);
	json_u64(&w->j, "start", e->addr);
	json_u64(&w->j, "size", e->size);
	origin(w, e->from);
	json_end(&w->j);
}

#define EXTENTS(w, key, vec)              \
	do {                              \
		const struct extent *e_;  \
		json_array(&(w)->j, key); \
		vec_each(e_, vec)         \
			extent(w, e_);    \
		json_end(&(w)->j);        \
	} while (0)

/* --- machine --- */

static void cpu(struct writer *w, const struct cpu *cpu)
{
	json_object(&w->j, NULL);
	json_u64(&w->j, "index", cpu->index);
	json_u64(&w->j, "mpidr", cpu->mpidr);
	json_u64(&w->j, "cluster", cpu->cluster);
	json_u64(&w->j, "core", cpu->core);
	json_string(&w->j, "compatible", cpu->compatible);
	origin(w, cpu->from);
	json_end(&w->j);
}

static void machine(struct writer *w, const struct machine *mach)
{
	const char *const *s;
	const struct cpu *p;

	if (!mach) {
		json_null(&w->j, "machine");
		return;
	}
	json_object(&w->j, "machine");
	json_string(&w->j, "tree", mach->file);
	json_string(&w->j, "model", mach->model);
	json_array(&w->j, "compatible");
	vec_each(s, &mach->compatible)
		json_string(&w->j, NULL, *s);
	json_end(&w->j);
	json_array(&w->j, "cpus");
	vec_each(p, &mach->cpus)
		cpu(w, p);
	json_end(&w->j);
	json_end(&w->j);
}

/* --- platform --- */

static void console(struct writer *w, const struct console *con)
{
	const struct cv_console *r = &con->rec;

	json_object(&w->j, "console");
	json_u64(&w->j, "type", r->type);
	json_u64(&w->j, "address", r->address);
	json_u64(&w->j, "size", r->size);
	json_u64(&w->j, "flags", r->flags);
	json_u64(&w->j, "divider", r->divider);
	json_u64(&w->j, "gate", r->gate_nr);
	json_u64(&w->j, "clock", r->clock_reg);
	node_path(w, "node", con->node);
	origin(w, con->from);
	json_end(&w->j);
}

static const char *role_text(enum region_role role)
{
	static const char *const names[] = {
		[REGION_RAM] = "ram",
		[REGION_MMIO] = "mmio",
		[REGION_DEVICE] = "device",
		[REGION_WINDOW] = "window",
		[REGION_COMM] = "comm",
		[REGION_STATE] = "link-state",
		[REGION_COMMON] = "link-common",
		[REGION_OUTPUT] = "link-output",
		[REGION_EMPTY] = "empty",
	};

	return names[role];
}

static void region(struct writer *w, const char *key, const struct region *r)
{
	json_object(&w->j, key);
	json_string(&w->j, "name", r->name);
	json_string(&w->j, "role", role_text(r->role));
	fact(w, "phys", &r->phys);
	fact(w, "virt", &r->virt);
	fact(w, "size", &r->size);
	json_u64(&w->j, "flags", r->flags);
	node_path(w, "node", r->node);
	link_name(w, r->link);
	if (r->role == REGION_OUTPUT)
		json_u64(&w->j, "peer", r->peer);
	origin(w, r->from);
	json_end(&w->j);
}

static void iommu(struct writer *w, u32 slot)
{
	const struct cv_iommu *unit = &w->m->platform.iommus[slot];

	if (unit->type == CV_IOMMU_NONE)
		return;
	json_object(&w->j, NULL);
	json_u64(&w->j, "slot", slot);
	json_u64(&w->j, "type", unit->type);
	json_u64(&w->j, "base", unit->base);
	json_u64(&w->j, "size", unit->size);
	if (unit->type == CV_IOMMU_AMD) {
		json_u64(&w->j, "bdf", unit->amd.bdf);
		json_u64(&w->j, "base_cap", unit->amd.base_cap);
		json_u64(&w->j, "msi_cap", unit->amd.msi_cap);
		json_u64(&w->j, "features", unit->amd.features);
	} else if (unit->type == CV_IOMMU_PVU) {
		json_u64(&w->j, "tlb_base", unit->pvu.tlb_base);
		json_u64(&w->j, "tlb_size", unit->pvu.tlb_size);
	}
	origin(w, w->m->platform.iommu_from[slot]);
	json_end(&w->j);
}

static void platform_arch(struct writer *w, const struct platform *p)
{
	if (w->m->arch == CV_ARCH_X86) {
		json_object(&w->j, "x86");
		json_u64(&w->j, "pm_timer", p->x86.pm_timer_address);
		json_u64(&w->j, "apic_mode", p->x86.apic_mode);
		json_u64(&w->j, "vtd_limit", p->x86.vtd_interrupt_limit);
		json_u64(&w->j, "tsc_khz", p->x86.tsc_khz);
		json_u64(&w->j, "apic_khz", p->x86.apic_khz);
	} else {
		json_object(&w->j, "gic");
		json_u64(&w->j, "version", p->arm.gic_version);
		json_u64(&w->j, "maintenance", p->arm.maintenance_irq);
		json_u64(&w->j, "gicd", p->arm.gicd_base);
		json_u64(&w->j, "gicc", p->arm.gicc_base);
		json_u64(&w->j, "gich", p->arm.gich_base);
		json_u64(&w->j, "gicv", p->arm.gicv_base);
		json_u64(&w->j, "gicr", p->arm.gicr_base);
	}
	origin(w, p->arch_from);
	json_end(&w->j);
}

static void platform(struct writer *w, const struct platform *p)
{
	json_object(&w->j, "platform");
	fact(w, "flags", &p->flags);
	region(w, "hypervisor", &p->hypervisor);
	console(w, &p->console);
	json_object(&w->j, "pci");
	fact(w, "mmconfig_base", &p->mmconfig_base);
	json_u64(&w->j, "mmconfig_end_bus", p->mmconfig_end_bus);
	json_bool(&w->j, "virtual", p->pci_virtual);
	json_u64(&w->j, "domain", p->pci_domain);
	json_u64(&w->j, "window_start", p->pci_window.addr);
	json_u64(&w->j, "window_size", p->pci_window.size);
	json_end(&w->j);
	json_array(&w->j, "iommus");
	for (u32 i = 0; i < CV_IOMMU_UNITS; i++)
		iommu(w, i);
	json_end(&w->j);
	platform_arch(w, p);
	origin(w, p->from);
	json_end(&w->j);
}

/* --- cells --- */

static void cell_cpus(struct writer *w, const struct cell *cell)
{
	const struct cpu_claim *claim;

	json_array(&w->j, "cpus");
	vec_each(claim, &cell->cpus) {
		json_object(&w->j, NULL);
		json_u64(&w->j, "index", claim->index);
		origin(w, claim->from);
		json_end(&w->j);
	}
	json_end(&w->j);
}

static void cell_caches(struct writer *w, const struct cell *cell)
{
	const struct cache_region *r;

	json_array(&w->j, "caches");
	vec_each(r, &cell->caches) {
		json_object(&w->j, NULL);
		json_u64(&w->j, "start", r->start);
		json_u64(&w->j, "size", r->size);
		json_u64(&w->j, "type", r->type);
		json_u64(&w->j, "flags", r->flags);
		origin(w, r->from);
		json_end(&w->j);
	}
	json_end(&w->j);
}

static void cell_irqs(struct writer *w, const struct cell *cell)
{
	const struct irq_claim *irq;

	json_array(&w->j, "irqs");
	vec_each(irq, &cell->irqs) {
		json_object(&w->j, NULL);
		json_u64(&w->j, "chip", irq->chip);
		json_u64(&w->j, "number", irq->intid);
		node_path(w, "node", irq->node);
		link_name(w, irq->link);
		origin(w, irq->from);
		json_end(&w->j);
	}
	json_end(&w->j);
}

static void cell_irqchips(struct writer *w, const struct cell *cell)
{
	const struct irqchip *chip;

	json_array(&w->j, "irqchips");
	vec_each(chip, &cell->irqchips) {
		json_object(&w->j, NULL);
		json_u64(&w->j, "address", chip->address);
		json_u64(&w->j, "id", chip->id);
		json_u64(&w->j, "pin_base", chip->pin_base);
		json_array(&w->j, "pin_bitmap");
		for (u32 i = 0; i < ARRAY_SIZE(chip->bitmap); i++)
			json_u64(&w->j, NULL, chip->bitmap[i]);
		json_end(&w->j);
		origin(w, chip->from);
		json_end(&w->j);
	}
	json_end(&w->j);
}

static void cell_ports(struct writer *w, const struct cell *cell)
{
	const struct pio *p;

	json_array(&w->j, "ports");
	vec_each(p, &cell->ports) {
		json_object(&w->j, NULL);
		json_u64(&w->j, "base", p->base);
		json_u64(&w->j, "length", p->length);
		origin(w, p->from);
		json_end(&w->j);
	}
	json_end(&w->j);
}

static void capability(struct writer *w, const struct pci_cap *cap)
{
	json_object(&w->j, NULL);
	json_u64(&w->j, "id", cap->id);
	json_u64(&w->j, "start", cap->start);
	json_u64(&w->j, "len", cap->len);
	json_u64(&w->j, "flags", cap->flags);
	origin(w, cap->from);
	json_end(&w->j);
}

static void shmem(struct writer *w, const struct pci_device *d)
{
	if (d->rec.type != CV_PCI_SHMEM) {
		json_null(&w->j, "shmem");
		return;
	}
	json_object(&w->j, "shmem");
	json_u64(&w->j, "id", d->rec.shmem_dev_id);
	json_u64(&w->j, "peers", d->rec.shmem_peers);
	json_u64(&w->j, "protocol", d->rec.shmem_protocol);
	json_end(&w->j);
}

static void pci_device(struct writer *w, const struct pci_device *d)
{
	const struct cv_pci_device *r = &d->rec;
	const struct pci_cap *cap;

	json_object(&w->j, NULL);
	json_u64(&w->j, "type", r->type);
	json_u64(&w->j, "domain", r->domain);
	json_u64(&w->j, "bdf", r->bdf);
	json_u64(&w->j, "iommu", r->iommu);
	json_array(&w->j, "bar_mask");
	for (u32 i = 0; i < ARRAY_SIZE(r->bar_mask); i++)
		json_u64(&w->j, NULL, r->bar_mask[i]);
	json_end(&w->j);
	json_u64(&w->j, "msi_vectors", r->num_msi_vectors);
	json_u64(&w->j, "msi_flags", r->msi_flags);
	json_u64(&w->j, "msix_vectors", r->num_msix_vectors);
	json_u64(&w->j, "msix_region_size", r->msix_region_size);
	json_u64(&w->j, "msix_address", r->msix_address);
	shmem(w, d);
	json_array(&w->j, "capabilities");
	vec_each(cap, &d->caps)
		capability(w, cap);
	json_end(&w->j);
	link_name(w, d->link);
	origin(w, d->from);
	json_end(&w->j);
}

static void cell_pci(struct writer *w, const struct cell *cell)
{
	struct pci_device *const *d;
	const struct pci_cap *cap;

	json_array(&w->j, "pci");
	vec_each(d, &cell->pcis)
		pci_device(w, *d);
	json_end(&w->j);
	json_array(&w->j, "capabilities");
	vec_each(cap, &cell->caps)
		capability(w, cap);
	json_end(&w->j);
}

static void cell_streams(struct writer *w, const struct cell *cell)
{
	const struct stream_claim *s;

	json_array(&w->j, "streams");
	vec_each(s, &cell->streams) {
		json_object(&w->j, NULL);
		json_u64(&w->j, "value", s->value);
		node_path(w, "node", s->node);
		node_path(w, "iommu", s->iommu);
		origin(w, s->from);
		json_end(&w->j);
	}
	json_end(&w->j);
}

static void cell_devices(struct writer *w, const struct cell *cell)
{
	const struct device_claim *d;

	json_array(&w->j, "devices");
	vec_each(d, &cell->devices) {
		json_object(&w->j, NULL);
		node_path(w, "node", d->node);
		json_bool(&w->j, "exclusive", d->exclusive);
		origin(w, d->from);
		json_end(&w->j);
	}
	json_end(&w->j);
}

static void cell_boot(struct writer *w, const struct boot *boot)
{
	if (boot->kind == BOOT_NONE) {
		json_null(&w->j, "boot");
		return;
	}
	json_object(&w->j, "boot");
	json_string(&w->j, "kind", boot->kind == BOOT_LINUX ? "linux" : "inmate");
	json_string(&w->j, "kernel", boot->kernel);
	json_string(&w->j, "initrd", boot->initrd);
	json_string(&w->j, "cmdline", boot->cmdline);
	json_string(&w->j, "dtb", boot->dtb);
	json_string(&w->j, "image", boot->image);
	fact(w, "load", &boot->load);
	origin(w, boot->from);
	json_end(&w->j);
}

static void cell(struct writer *w, const struct cell *cell)
{
	struct region *const *r;

	json_object(&w->j, NULL);
	json_string(&w->j, "name", cell->name);
	json_string(&w->j, "file", cell->file);
	json_bool(&w->j, "root", cell->is_root);
	fact(w, "id", &cell->id);
	fact(w, "flags", &cell->flags);
	fact(w, "reset", &cell->reset);
	fact(w, "timeout", &cell->timeout);
	fact(w, "cpu_set_size", &cell->cpu_set_size);
	fact(w, "vpci_irq_base", &cell->vpci_irq_base);
	console(w, &cell->console);
	cell_cpus(w, cell);
	json_array(&w->j, "regions");
	vec_each(r, &cell->regions)
		region(w, NULL, *r);
	json_end(&w->j);
	cell_caches(w, cell);
	cell_irqs(w, cell);
	cell_irqchips(w, cell);
	cell_ports(w, cell);
	cell_pci(w, cell);
	cell_streams(w, cell);
	cell_devices(w, cell);
	cell_boot(w, &cell->boot);
	origin(w, cell->from);
	json_end(&w->j);
}

/* --- links, pools, decisions --- */

static void peers(struct writer *w, const struct link *l)
{
	const struct peer *p;

	json_array(&w->j, "peers");
	vec_each(p, &l->peers) {
		json_object(&w->j, NULL);
		json_string(&w->j, "cell", p->cell ? p->cell->name : NULL);
		fact(w, "id", &p->id);
		json_u64(&w->j, "protocol", p->protocol);
		origin(w, p->from);
		json_end(&w->j);
	}
	json_end(&w->j);
}

static void link(struct writer *w, const struct link *l)
{
	static const char *const kinds[] = {
		[LINK_SHARED] = "shared",
		[LINK_NET] = "net",
		[LINK_VIRTIO_NET] = "virtio-net",
		[LINK_VIRTIO_BLOCK] = "virtio-block",
		[LINK_VIRTIO_CONSOLE] = "virtio-console",
	};

	json_object(&w->j, NULL);
	json_string(&w->j, "name", l->name);
	json_string(&w->j, "kind", kinds[l->kind]);
	fact(w, "phys", &l->phys);
	fact(w, "slot", &l->slot);
	json_u64(&w->j, "state_size", l->state_size);
	json_u64(&w->j, "common_size", l->common_size);
	json_u64(&w->j, "output_size", l->output_size);
	json_u64(&w->j, "protocol", l->protocol);
	json_u64(&w->j, "vectors", l->vectors);
	peers(w, l);
	origin(w, l->from);
	json_end(&w->j);
}

static void pool(struct writer *w, const struct pool *p)
{
	json_object(&w->j, NULL);
	json_string(&w->j, "name", p->name);
	fact(w, "start", &p->addr);
	fact(w, "size", &p->size);
	origin(w, p->from);
	json_end(&w->j);
}

static void placement(struct writer *w, const struct placement *p)
{
	json_object(&w->j, NULL);
	json_string(&w->j, "what", p->what);
	json_string(&w->j, "result", p->result);
	json_string(&w->j, "why", p->why);
	origin(w, p->from);
	json_end(&w->j);
}

static void allow(struct writer *w, const struct allow *a)
{
	json_object(&w->j, NULL);
	json_string(&w->j, "code", a->code < D_COUNT ? diag_code_text(a->code) : NULL);
	json_string(&w->j, "kind", a->subject_kind);
	json_string(&w->j, "subject", a->subject);
	json_string(&w->j, "reason", a->reason);
	json_bool(&w->j, "used", a->used);
	origin(w, a->from);
	json_end(&w->j);
}

static void decisions(struct writer *w, const struct model *m)
{
	const struct placement *p;
	const struct allow *a;

	json_array(&w->j, "placements");
	vec_each(p, &m->placements)
		placement(w, p);
	json_end(&w->j);
	json_array(&w->j, "allows");
	vec_each(a, &m->allows)
		allow(w, a);
	json_end(&w->j);
}

void emit_json(struct cellc *c, struct model *m, struct outputs *outs)
{
	struct writer w = {.c = c, .m = m};
	struct cell *const *cell_at;
	struct link *const *l;
	struct pool *const *p;

	json_init(&w.j, &output_add(c, outs, "plan.json")->data, 1);
	json_object(&w.j, NULL);
	json_u64(&w.j, "schema", SCHEMA);
	json_string(&w.j, "plan", m->plan_name);
	json_string(&w.j, "architecture", arch_name(m->arch));
	json_u64(&w.j, "revision", m->revision);
	machine(&w, m->machine);
	EXTENTS(&w, "ram", &m->ram);
	EXTENTS(&w, "reserved", &m->reserved);
	platform(&w, &m->platform);
	json_array(&w.j, "pools");
	vec_each(p, &m->pools)
		pool(&w, *p);
	json_end(&w.j);
	json_array(&w.j, "cells");
	vec_each(cell_at, &m->cells)
		cell(&w, *cell_at);
	json_end(&w.j);
	json_array(&w.j, "links");
	vec_each(l, &m->links)
		link(&w, *l);
	json_end(&w.j);
	decisions(&w, m);
	json_end(&w.j);
}
