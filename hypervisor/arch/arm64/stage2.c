// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stage 2: what a cell's physical addresses are. The input size is what the cell's regions need, up
 * to that of the CPU's physical addresses (geometry.h).
 */
#include "arch64.h"
#include "geometry.h"

u32 arch_phys_bits(void)
{
	return stage2_bits(read_sysreg(id_aa64mmfr0_el1));
}

/* As many as the cell's addresses need: a table less than those of the CPU would. What is mapped
 * beside its regions, the CPU interface of a GICv2 and to root the console, is in reach as well. */
static u32 input_bits(const struct cell *cell)
{
	const struct cv_memory *own = &hv.system->hypervisor_memory;
	u64 gicc = hv.system->arm.gicc_base + 0x20000, last = MAX(gicc, own->phys_start + own->size);
	u32 bits = MIN(arch_phys_bits(), 39);

	for_each_region(r, cell->desc)
		last = MAX(last, r->virt_start + r->size);
	while (bits < arch_phys_bits() && last > BIT(bits))
		bits++;
	return bits;
}

/*
 * A GICv2 on 64 KiB steps: each of its pages shows in all 16 of its step, and two steps are used by
 * the last page of the first and the first of the second (Server Base System Architecture, DEN 0029).
 */
static bool aliased(const struct cv_platform_arm *a)
{
	return a->gic_version == 2 && (a->gicc_base & 0xffff) == 0xf000;
}

static struct range interface_frame(const struct cv_platform_arm *a, u64 base)
{
	if (!base || !aliased(a))
		return (struct range){base, 0x2000};
	return (struct range){base & ~0xffffull, 0x20000};
}

/* GICV in place of GICC; all aliases, since a kernel looks at the first to find out that there are some. */
static int map_interface(const struct cell *cell, const struct cv_platform_arm *a)
{
	const struct range guest = interface_frame(a, a->gicc_base), real = interface_frame(a, a->gicv_base);

	return paging_map(&cell->s2, guest.start, real.start, guest.size,
			  arch_stage2_attr(CV_MEM_IO | CV_MEM_READ | CV_MEM_WRITE), false);
}

int arch_cell_init(struct cell *cell)
{
	const struct cv_platform_arm *a = &hv.system->arm;

	if (cell != &hv.root && cell->desc->flags & CV_CELL_AARCH32 && !cpu_has_el1_32())
		return -CV_EINVAL;
	cell->s2 = stage2_shape(input_bits(cell));
	cell->s2.root = pages_alloc(stage2_top_tables(&cell->s2));
	if (!cell->s2.root || (a->gic_version == 2 && map_interface(cell, a)))
		return -CV_ENOMEM;
	return 0;
}

/* Frame sizes: IHI 0048 4.1, IHI 0069 12.10; aliases are as good as what they show. */
u32 arch_frames(struct range *out, u32 max)
{
	const struct cv_platform_arm *a = &hv.system->arm;
	const bool v3 = a->gic_version >= 3;
	const struct range all[] = {
		{a->gicd_base, v3 || aliased(a) ? 0x10000 : 0x1000},
		gic_frames.gicr[0],
		interface_frame(a, a->gicc_base),
		interface_frame(a, a->gich_base),
		interface_frame(a, a->gicv_base),
	};
	u32 n = 0;

	for (u32 i = 0; i < ARRAY_SIZE(all) && n < max; i++)
		if (all[i].start && all[i].size)
			out[n++] = all[i];
	return n;
}

void arch_cell_exit(struct cell *cell)
{
	paging_free(&cell->s2);
}

/* Leaf attributes of stage 2 (D8.3.2): MemAttr 0b1111 write-back, 0b0001 device nGnRE. */
u64 arch_stage2_attr(u64 flags)
{
	return (flags & CV_MEM_IO ? 1ull << 2 : 0xfull << 2) |
	       (flags & CV_MEM_READ ? 1ull << 6 : 0) | (flags & CV_MEM_WRITE ? 2ull << 6 : 0) |
	       3ull << 8 | 1ull << 10 | (flags & CV_MEM_EXECUTE ? 0 : 1ull << 54);
}

static u64 vttbr(const struct cell *cell)
{
	return cell->s2.root | (u64)cell->vmid << 48; /* 8 bits, D8.2.2 */
}

void arch_stage2_flush(const struct cell *cell)
{
	u64 mine = read_sysreg(vttbr_el2);

	write_sysreg(vttbr(cell), vttbr_el2);
	isb();
	dsb(ishst);
	__asm__ volatile("tlbi vmalls12e1is" ::: "memory");
	dsb(ish);
	isb();
	write_sysreg(mine, vttbr_el2);
	isb();
}

void arch_cpu_load_cell(const struct cell *cell)
{
	write_sysreg(stage2_vtcr(&cell->s2, read_sysreg(id_aa64mmfr0_el1)), vtcr_el2);
	write_sysreg(vttbr(cell), vttbr_el2);
	isb();
	__asm__ volatile("tlbi vmalls12e1" ::: "memory");
	dsb(nsh);
	isb();
}

void arch_cache_flush(void *p, u64 size)
{
	u64 line = 4ull << (read_sysreg(ctr_el0) >> 16 & 15);

	for (u64 a = (u64)p & ~(line - 1); a < (u64)p + size; a += line)
		__asm__ volatile("dc civac, %0" ::"r"(a) : "memory");
	dsb(sy);
}

u64 arch_seconds(void)
{
	u64 hz = read_sysreg(cntfrq_el0); /* 0 where firmware forgot it */

	return read_sysreg(cntpct_el0) / (hz ?: 1000000);
}

void arch_relax(void)
{
	__asm__ volatile("yield" ::: "memory");
}

struct bus_result {
	u64 value, failed;
};

/* access.S; how: the logarithm of the size, and 4 for a write. */
struct bus_result bus_access(void *at, u64 value, u32 how);

bool arch_access(struct access *a, void *at)
{
	u32 width = (u32)__builtin_ctz(a->size);
	struct bus_result r = bus_access(at, a->value, a->write ? width | 4 : width);

	if (!a->write && !r.failed)
		a->value = r.value;
	return !r.failed;
}

void arch_window_flush(void)
{
	dsb(ishst);
	__asm__ volatile("tlbi vae2, %0" ::"r"(HV_WINDOW >> PAGE_SHIFT) : "memory");
	dsb(nsh);
	isb();
}
