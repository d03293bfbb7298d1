// SPDX-License-Identifier: GPL-2.0-only
/* See forge.h. The good descriptor has a CPU, RAM, a communication region, one SPI and no devices. */
#include "forge.h"

#include <string.h>

struct cv_memory *forge_memory(const struct cv_cell_desc *d)
{
	return (void *)((uint8_t *)(d + 1) + d->cpu_set_size);
}

static struct cv_irqchip *irqchips(const struct cv_cell_desc *d)
{
	return (void *)((uint8_t *)(forge_memory(d) + d->num_memory_regions) +
			d->num_cache_regions * sizeof(struct cv_cache));
}

static uint64_t *cpus(const struct cv_cell_desc *d)
{
	return (void *)(d + 1);
}

void forge_reset(struct forge *f)
{
	f->size = cv_desc_size(f->spare);
	memset(f->copy, 0, sizeof(f->copy));
	memcpy(f->copy, f->spare, f->size);
	((struct cv_cell_desc *)f->copy)->id = 77;
}

/* --- one thing wrong --- */

struct parts { /* of the copy */
	struct cv_cell_desc *d;
	struct cv_memory *ram, *comm;
	struct cv_irqchip *irq;
	int absent; /* this machine has no such thing */
};

/* A device's page at that address instead of RAM. */
static void page_at(struct parts *p, uint64_t phys)
{
	p->ram->phys_start = phys;
	p->ram->virt_start = phys;
	p->ram->size = 0x1000;
	p->ram->flags = CV_MEM_READ | CV_MEM_WRITE | CV_MEM_IO;
}

static void frame_at(struct parts *p, uint64_t base, uint64_t offset)
{
	p->absent = !base;
	page_at(p, base + offset);
}

/* Where a frame shows again on a GICv2 in steps of 64 KiB. */
static void alias_at(struct parts *p, const struct cv_platform_arm *arm, uint64_t at)
{
	p->absent = (arm->gicc_base & 0xffff) != 0xf000;
	page_at(p, at);
}

static struct cv_memory device_of(const struct cv_cell_desc *d)
{
	struct cv_memory *r = forge_memory(d);

	while (!(r->flags & CV_MEM_IO))
		r++;
	return *r;
}

/* Behind all arrays but capabilities and streams, of which there are none. */
static struct cv_pci_device *add_device(struct forge *f, uint8_t type)
{
	struct cv_pci_device *p = (void *)(f->copy + f->size);

	((struct cv_cell_desc *)f->copy)->num_pci_devices++;
	f->size += sizeof(*p);
	p->type = type;
	return p;
}

#define SPOIL(name, code)                                                        \
	static void name(struct forge *f, struct parts *p)                       \
	{                                                                        \
		(void)f, (void)p;                                                \
		code;                                                            \
	}
SPOIL(signature, p->d->signature[2] = 'X')
SPOIL(architecture, p->d->architecture = CV_ARCH_ARM)
SPOIL(architecture_x86, p->d->architecture = CV_ARCH_X86)
SPOIL(older, p->d->revision = 13)
SPOIL(newer, p->d->revision = 15)
SPOIL(no_name, p->d->name[0] = 0)
SPOIL(endless_name, memset(p->d->name, 'x', sizeof(p->d->name)))
SPOIL(name_of_root, memcpy(p->d->name, f->system->root_cell.name, sizeof(p->d->name)))
SPOIL(name_of_cell, memcpy(p->d->name, f->pace->name, sizeof(p->d->name)))
SPOIL(cell_flag, p->d->flags |= 0x100)
SPOIL(no_cpu, *cpus(p->d) = 0)
SPOIL(cpu_of_cell, *cpus(p->d) |= *cpus(f->pace))
SPOIL(all_cpus, *cpus(p->d) = 0xf & ~*cpus(f->pace))
SPOIL(absent_cpu, *cpus(p->d) |= 1ull << 63)
SPOIL(odd_cpu_set, p->d->cpu_set_size = 7)
SPOIL(no_cpu_set, p->d->cpu_set_size = 0)
SPOIL(endless_cpu_set, p->d->cpu_set_size = 0xfffffff8)
SPOIL(endless_regions, p->d->num_memory_regions = 0xffffffff)
SPOIL(wrapping_regions, p->d->num_memory_regions = 0x08000000) /* 32 times that is 2^32 */
SPOIL(endless_chips, p->d->num_irqchips = 0xffffffff)
SPOIL(endless_devices, p->d->num_pci_devices = 0xffffffff)
SPOIL(endless_streams, p->d->num_stream_ids = 0x40000000)
SPOIL(truncated, p->d->num_irqchips += 0x40; f->size -= 0x20)
SPOIL(hypervisor_memory, p->ram->phys_start = f->system->hypervisor_memory.phys_start)
SPOIL(hypervisor_shared, p->ram->phys_start = f->system->hypervisor_memory.phys_start;
      p->ram->flags |= CV_MEM_ROOTSHARED)
SPOIL(hypervisor_end, p->ram->phys_start = f->system->hypervisor_memory.phys_start +
					   f->system->hypervisor_memory.size - p->ram->size)
SPOIL(hypervisor_device, page_at(p, f->system->hypervisor_memory.phys_start + 0x3000))
SPOIL(memory_of_cell, p->ram->phys_start = forge_memory(f->pace)->phys_start)
SPOIL(memory_of_cell_shared, p->ram->phys_start = forge_memory(f->pace)->phys_start;
      p->ram->flags |= CV_MEM_ROOTSHARED)
SPOIL(memory_of_cell_end, p->ram->phys_start = forge_memory(f->pace)->phys_start;
      p->ram->size = 0x1000)
SPOIL(memory_of_cell_as_device, page_at(p, forge_memory(f->pace)->phys_start + 0x8000))
SPOIL(device_of_cell, page_at(p, device_of(f->pace).phys_start))
SPOIL(device_of_cell_part, page_at(p, device_of(f->pace).phys_start + 0x10);
      p->ram->size = 4; p->ram->flags |= CV_MEM_WIDTH_4)
SPOIL(distributor, page_at(p, f->system->arm.gicd_base))
SPOIL(distributor_part, page_at(p, f->system->arm.gicd_base + 0x100); p->ram->size = 4)
SPOIL(cpu_interface, frame_at(p, f->system->arm.gicc_base, 0))
SPOIL(cpu_interface_2, frame_at(p, f->system->arm.gicc_base, 0x1000))
SPOIL(virtual_control, frame_at(p, f->system->arm.gich_base, 0))
SPOIL(virtual_interface, frame_at(p, f->system->arm.gicv_base, 0))
SPOIL(distributor_alias, alias_at(p, &f->system->arm, f->system->arm.gicd_base + 0x1000))
SPOIL(virtual_interface_alias,
      alias_at(p, &f->system->arm, f->system->arm.gicv_base & ~0xffffull))
SPOIL(redistributor, frame_at(p, f->system->arm.gicr_base, 0))
SPOIL(redistributor_of_cell, frame_at(p, f->system->arm.gicr_base, 0x60000))
SPOIL(nobodys_memory, p->ram->phys_start = 0x7f00000000)
SPOIL(wrap, p->ram->phys_start = -0x1000ull)
SPOIL(wrap_to_zero, p->ram->phys_start = -p->ram->size)
SPOIL(guest_wrap, p->ram->virt_start = -0x1000ull)
SPOIL(guest_too_far, p->ram->virt_start = 1ull << 47)
SPOIL(endless_memory, p->ram->size = -0x1000ull)
SPOIL(unaligned, p->ram->phys_start += 0x800)
SPOIL(region_flag, p->ram->flags |= 1ull << 33)
SPOIL(long_comm, p->comm->size = 0x2000)
SPOIL(irq_of_cell, *p->irq = *irqchips(f->pace))
SPOIL(sgi, p->irq->pin_base = 0; p->irq->pin_bitmap[0] = 1 << 7)
SPOIL(ppi, p->irq->pin_base = 0; p->irq->pin_bitmap[0] = 1 << 27)
SPOIL(special_irq, p->irq->pin_base = 1020; p->irq->pin_bitmap[0] = 8)
SPOIL(far_irq, p->irq->pin_base = 0xffffffe0; p->irq->pin_bitmap[0] = ~0u)
SPOIL(foreign_function, add_device(f, CV_PCI_DEVICE)->bdf = 0xfff8)
SPOIL(unknown_function, add_device(f, 9))
SPOIL(endless_caps, add_device(f, CV_PCI_DEVICE)->num_caps = 0xffff)
SPOIL(link_of_nobody, add_device(f, CV_PCI_SHMEM)->shmem_dev_id = 3)
SPOIL(link_without_memory, add_device(f, CV_PCI_SHMEM)->shmem_peers = 2)

static void (*const spoilers[])(struct forge *f, struct parts *p) = {
#define N(name) name
#include "forge.def"
#undef N
};

const char *const forge_names[] = {
#define N(name) #name
#include "forge.def"
#undef N
	NULL,
};

int forge_spoil(struct forge *f, unsigned int which)
{
	struct cv_cell_desc *d = (void *)f->copy;
	struct parts p = { d, forge_memory(d), forge_memory(d) + 1, irqchips(d), 0 };

	spoilers[which](f, &p);
	return !p.absent;
}

/* --- mutations --- */

static uint32_t roll(uint32_t *seed, uint32_t n)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 8) % n;
}

uint32_t forge_mutate(struct forge *f, uint32_t seed)
{
	const uint64_t odd[] = { 0, 1, 7, 0xff, 0x1000, 0xffffffff, ~0ull, 1ull << 63, 0x40000001,
				 f->system->hypervisor_memory.phys_start, f->system->arm.gicd_base,
				 forge_memory(f->pace)->phys_start, *cpus(f->pace) };

	for (uint32_t n = 1 + roll(&seed, 3); n; n--) {
		uint32_t at = roll(&seed, (uint32_t)f->size), width = 1u << roll(&seed, 4);
		uint64_t v = roll(&seed, 2) ? odd[roll(&seed, sizeof(odd) / sizeof(*odd))]
					    : (uint64_t)roll(&seed, 256) << roll(&seed, 40);

		for (uint32_t i = 0; i < width && at + i < f->size; i++)
			f->copy[at + i] = (uint8_t)(v >> (i * 8));
	}
	/* to be destroyed by */
	((struct cv_cell_desc *)f->copy)->id = 77;
	return seed;
}

static int overlaps(uint64_t a, uint64_t an, uint64_t b, uint64_t bn)
{
	return an && bn && a < b + bn && b < a + an;
}

static int robs_memory(const struct forge *f, const struct cv_memory *r)
{
	const struct cv_memory *own = forge_memory(&f->system->root_cell), *good = forge_memory(f->spare);
	const struct cv_memory *hv = &f->system->hypervisor_memory;

	if (!r->size || r->flags & CV_MEM_COMM || r->phys_start + r->size < r->phys_start ||
	    overlaps(r->phys_start, r->size, hv->phys_start, hv->size))
		return 0;
	if (r->phys_start >= good->phys_start &&
	    r->phys_start + r->size <= good->phys_start + good->size)
		return 0;
	for (uint32_t i = 0; i < f->system->root_cell.num_memory_regions; i++)
		if (overlaps(r->phys_start, r->size, own[i].phys_start, own[i].size))
			return 1;
	return 0;
}

static int robs_irqs(const struct forge *f, const struct cv_irqchip *c)
{
	const struct cv_irqchip *good = irqchips(f->spare);

	for (uint32_t i = 0; i < 4; i++)
		if (c->pin_bitmap[i] & ~good->pin_bitmap[i])
			return 1;
	return c->pin_base != good->pin_base;
}

int forge_robs_linux(const struct forge *f)
{
	const struct cv_cell_desc *d = (const void *)f->copy;
	const struct cv_memory *r = forge_memory(d);

	if (cv_desc_size(d) > sizeof(f->copy)) /* refused before anybody looks at the arrays */
		return 0;
	for (uint32_t i = 0; i < d->num_memory_regions; i++)
		if (robs_memory(f, &r[i]))
			return 1;
	for (uint32_t i = 0; i < d->num_irqchips; i++)
		if (robs_irqs(f, &irqchips(d)[i]))
			return 1;
	return 0;
}
