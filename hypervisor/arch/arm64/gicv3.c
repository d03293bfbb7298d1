// SPDX-License-Identifier: GPL-2.0-only
/*
 * GICv3: CPU interface by system registers, virtual interface by ICH registers, distributor and
 * redistributors trapped and filtered. Section numbers are of IHI 0069.
 */
#include "arch64.h"

#define CTLR_EOIMODE BIT(1)
#define HCR_EN	     BIT(0)
#define HCR_UIE	     BIT(1)
#define VMCR_G1	     BIT(1)
#define VMCR_EOIM    BIT(9)
#define FRAME_SHIFT   17 /* RD_base and SGI_base, 64 KiB each */
#define GICR_VLPIS    BIT(1) /* two frames more: VLPI_base and a reserved one (12.10) */
#define GICR_LAST     BIT(4) /* in GICR_TYPER */
#define GIC_PIDR2     0xffe8 /* of GICD and GICR */
#define GICD_TYPER2   0xc
#define GICD_ROUTER   0x6000
#define GICD_IDREGS   0xffd0

/* Of a CPU that has come in, percpu.irq_base is the second frame of its redistributor. */
static u32 frame_shift;

static u64 type_at(u64 frame)
{
	u64 at = frame + GICR_TYPER;

	return gic_read32(at) | (u64)gic_read32(at + 4) << 32;
}

/* The affinity in GICR_TYPER (12.11.31) as MPIDR has it. */
static u64 mpidr_of(u64 frame)
{
	u64 affinity = type_at(frame) >> 32;

	return (affinity & 0xff000000) << 8 | (affinity & 0xffffff);
}

/* Redistributors, up to the one marked last, behind those that are mapped. */
static int map_region(u64 base)
{
	struct gic_frames *f = &gic_frames;
	struct range *r = &f->gicr[f->num_regions++];
	u64 at, type;
	int err;

	r->start = base;
	do {
		at = GICR_VIRT + f->gicr_size;
		err = at < HV_CONSOLE - BIT(FRAME_SHIFT) ? 0 : -CV_E2BIG;
		err = err ?: gic_expect("redistributor", base + r->size, GIC_PIDR2, 4, 3, 4);
		err = err ?: map_device(at, base + r->size, BIT(FRAME_SHIFT));
		if (err)
			return err;
		type = type_at(at);
		frame_shift = type & GICR_VLPIS ? FRAME_SHIFT + 1 : FRAME_SHIFT;
		r->size += BIT(frame_shift);
		f->gicr_size += BIT(frame_shift);
	} while (!(type & GICR_LAST));
	return 0;
}

static cold int init(void)
{
	const struct cv_system *s = hv.system;
	struct gic_frames *f = &gic_frames;
	u64 end = f->gicd + GICD_SIZE;
	int err = gic_expect("distributor", f->gicd, GIC_PIDR2, 4, 3, 4);

	err = err ?: map_device(GICD_VIRT, f->gicd, GICD_SIZE);
	err = err ?: map_region(s->arm.gicr_base);
	for (u32 i = 0; i < CV_IOMMU_UNITS && !err; i++)
		if (s->iommu_units[i].type == CV_IOMMU_FRAMES)
			err = map_region(s->iommu_units[i].base);
	f->start = f->gicd;
	for (u32 i = 0; i < f->num_regions; i++) {
		f->start = MIN(f->start, f->gicr[i].start);
		end = MAX(end, f->gicr[i].start + f->gicr[i].size);
	}
	f->span = end - f->start;
	return err;
}

static u64 read_lr(u32 n)
{
	switch (n) {
	case 0:
		return read_sysreg(S3_4_C12_C12_0);
	case 1:
		return read_sysreg(S3_4_C12_C12_1);
	case 2:
		return read_sysreg(S3_4_C12_C12_2);
	}
	return read_sysreg(S3_4_C12_C12_3);
}

static void write_lr(u32 n, u64 lr)
{
	switch (n) {
	case 0:
		write_sysreg(lr, S3_4_C12_C12_0);
		break;
	case 1:
		write_sysreg(lr, S3_4_C12_C12_1);
		break;
	case 2:
		write_sysreg(lr, S3_4_C12_C12_2);
		break;
	case 3:
		write_sysreg(lr, S3_4_C12_C12_3);
	}
}

static u32 ack(void)
{
	return (u32)read_sysreg(S3_0_C12_C12_0) & 0xffffff;
}

static void drop(u32 intid)
{
	write_sysreg(intid, S3_0_C12_C12_1);
	isb();
}

static void deactivate(u32 intid)
{
	write_sysreg(intid, S3_0_C12_C11_1);
	isb();
}

/* Those that ICH_ELRSR_EL2 does not call empty. */
static u64 used_lrs(void)
{
	return ~read_sysreg(S3_4_C12_C11_5) & this_cpu()->irq_slots;
}

/* The usual case: a device's interrupt, and no list register in use. If more are pending, the CPU is
 * here again before the guest is. */
static bool irq(void)
{
	struct percpu *me = this_cpu();
	u32 intid = ack();

	if (intid < 16 || intid >= 1020 || intid == gic_maintenance)
		return gic_irqs(intid);
	write_sysreg(intid, S3_0_C12_C12_1); /* the return to the guest synchronizes */
	me->counters[CV_COUNT_ARM_VIRQ]++;
	if (used_lrs())
		gic_inject_device(intid);
	else
		write_sysreg(gic_device_lr(intid), S3_4_C12_C12_0);
	return true;
}

static void underflow(bool wanted)
{
	write_sysreg(HCR_EN | (wanted ? HCR_UIE : 0), S3_4_C12_C11_0);
	isb();
}

static void send(const struct percpu *target, u32 sgi)
{
	u64 m = target->mpidr;

	write_sysreg((m >> 32 & 0xff) << 48 | (m >> 16 & 0xff) << 32 | (m >> 8 & 0xff) << 16 |
			     (u64)sgi << 24 | 1ull << (m & 15),
		     S3_0_C12_C11_5);
	isb();
}

/* Active priorities of the guest that was here: ICH_AP0Rn and ICH_AP1Rn, of which there are as
 * many as the bits of preemption ask for (12.4.1). */
static cold void clear(void)
{
	u32 bits = (u32)(read_sysreg(S3_4_C12_C11_1) >> 26 & 7) + 1;

	write_sysreg(0, S3_4_C12_C11_7);
	write_sysreg(0, S3_4_C12_C8_0);
	write_sysreg(0, S3_4_C12_C9_0);
	if (bits >= 6) {
		write_sysreg(0, S3_4_C12_C8_1);
		write_sysreg(0, S3_4_C12_C9_1);
	}
	if (bits >= 7) {
		write_sysreg(0, S3_4_C12_C8_2);
		write_sysreg(0, S3_4_C12_C8_3);
		write_sysreg(0, S3_4_C12_C9_2);
		write_sysreg(0, S3_4_C12_C9_3);
	}
	isb();
}

/* The redistributor with this CPU's affinity. */
static cold bool find_frame(void)
{
	struct percpu *me = this_cpu();

	for (u64 at = GICR_VIRT; at < GICR_VIRT + gic_frames.gicr_size; at += BIT(frame_shift)) {
		if (mpidr_of(at) == me->mpidr) {
			me->irq_base = at + GICR_SGI;
			return true;
		}
	}
	printk("CPU %u: no redistributor of the descriptor's is its own", me->index);
	return false;
}

static cold int cpu_init(void)
{
	u64 pmr = read_sysreg(S3_0_C4_C6_0), ctlr = read_sysreg(S3_0_C12_C12_4);
	u64 enabled = read_sysreg(S3_0_C12_C12_7), bpr = read_sysreg(S3_0_C12_C12_3);
	struct percpu *me = this_cpu();

	if (!find_frame())
		return -CV_EINVAL;
	me->irq_slots = BIT(MIN((read_sysreg(S3_4_C12_C11_1) & 31) + 1, GIC_LRS)) - 1; /* ICH_VTR_EL2 */
	me->irq_interface = 1; /* tells a receiver nothing */
	write_sysreg(read_sysreg(S3_4_C12_C9_5) | 0xf, S3_4_C12_C9_5);
	isb();
	gic_clear_lrs();
	clear();
	write_sysreg(pmr << 24 | (bpr & 7) << 18 | (ctlr & CTLR_EOIMODE ? VMCR_EOIM : 0) |
			     (enabled & 1 ? VMCR_G1 : 0),
		     S3_4_C12_C11_7);
	write_sysreg(ctlr | CTLR_EOIMODE, S3_0_C12_C12_4);
	write_sysreg(GIC_PMR_ALL, S3_0_C4_C6_0);
	write_sysreg(1, S3_0_C12_C12_7);
	isb();
	gic_write32(me->irq_base + GICD_IGROUPR, ~0u); /* group 1, for good: no guest writes it */
	return 0;
}

static cold void cpu_exit(void)
{
	u64 vmcr = read_sysreg(S3_4_C12_C11_7);

	write_sysreg(0, S3_4_C12_C11_0);
	write_sysreg(vmcr >> 24, S3_0_C4_C6_0);
	write_sysreg((read_sysreg(S3_0_C12_C12_4) & ~CTLR_EOIMODE) |
			     (vmcr & VMCR_EOIM ? CTLR_EOIMODE : 0),
		     S3_0_C12_C12_4);
	write_sysreg(vmcr & VMCR_G1 ? 1 : 0, S3_0_C12_C12_7);
	isb();
}

static cold void mask(u32 pmr)
{
	write_sysreg(pmr, S3_0_C4_C6_0);
	isb();
}

/* Group 1, also a line that root's kernel did not know of; nobody else writes that register. */
static cold void route(u32 intid, const struct percpu *target)
{
	u64 group = GICD_VIRT + GICD_IGROUPR + intid / 32 * 4;

	gic_write32(group, gic_read32(group) | 1u << (intid % 32));
	*(volatile u64 *)(GICD_VIRT + GICD_ROUTER + intid * 8) = target->mpidr;
}

/* Whether an ICC_SGI1R_EL1 value means this CPU (12.2.21). */
static bool sgi_hits(u64 v, u64 mpidr)
{
	u64 cluster = (v >> 48 & 0xff) << 32 | (v >> 32 & 0xff) << 16 | (v >> 16 & 0xff) << 8;
	u32 n = mpidr & 0xff;

	return (mpidr & ~0xffull) == cluster && n >> 4 == (v >> 44 & 15) && v >> (n & 15) & 1;
}

/* A CPU that is not ours yet hears the real thing, if root sends it: what is left of the list when
 * all that have come in are taken out. */
void gicv3_sgi1r(u64 v)
{
	struct percpu *me = this_cpu();
	u64 list = v & 0xffff;
	bool all = v >> 40 & 1, root = me->cell == &hv.root;

	if (gic != &gicv3_ops)
		return;
	me->counters[CV_COUNT_ARM_VSGI]++;
	for (u32 i = 0; i < image_header.max_cpus; i++) {
		struct percpu *p = percpu(i);

		if (p->cell != me->cell && (!root || !p->cell))
			continue;
		if (!(all ? p != me : sgi_hits(v, p->mpidr)))
			continue;
		list &= ~BIT(p->mpidr & 15);
		if (p->cell == me->cell)
			gic_send_virtual(p, v >> 24 & 15);
	}
	if (all || !list || !root)
		return;
	write_sysreg((v & ~0xffffull) | list, S3_0_C12_C11_5);
	isb();
}

/* --- the trapped frames --- */

static bool is_read_of_word(const struct access *a)
{
	return !a->write && a->size == 4 && !(a->addr & 3);
}

/* Own SPIs go to own CPUs. What the guest writes is looked up, and the CPU's own number is written:
 * bit 31, any CPU (12.9.22), would let others have it. 32-bit guests write it in halves. */
static cold void router(struct access *a, u32 reg)
{
	u64 at = GICD_VIRT + (reg & ~7u), v = *(volatile u64 *)at;
	u32 intid = (reg - GICD_ROUTER) / 8, shift = (reg & 4) * 8;
	const struct cell *cell = this_cpu()->cell;
	const struct percpu *target;

	if (!irqset_has(&cell->irqs, intid) || a->size < 4) {
		a->value = 0;
		return;
	}
	if (!a->write) {
		a->value = v >> shift;
		return;
	}
	v = a->size == 8 ? a->value : (v & ~(0xffffffffull << shift)) | a->value << shift;
	target = cpu_by_mpidr(v);
	if (target && target->cell == cell)
		*(volatile u64 *)at = target->mpidr;
}

static noinline bool gicd_rest(struct access *a, u32 reg)
{
	if (!gic_takes(a))
		return false;
	if (gicd_spi_access(a, reg))
		return true;
	if (reg >= GICD_ROUTER + 32 * 8 && reg < GICD_ROUTER + 1020 * 8)
		router(a, reg);
	else
		a->value = 0;
	return true;
}

/* What it is and how large is the same for all. */
static bool gicd_access(struct access *a, u32 reg)
{
	if (!is_read_of_word(a) || (reg > GICD_TYPER2 && reg < GICD_IDREGS))
		return gicd_rest(a, reg);
	a->value = gic_read32(GICD_VIRT + reg);
	if (reg == GICD_TYPER)
		a->value &= ~BIT(17); /* no LPIs */
	return true;
}

/* The CPU's own frame: its private interrupts. Those of others of the cell are read and written
 * too, as the architecture has it. Groups, LPIs and power are the hypervisor's. */
static noinline bool frame_rest(struct access *a, u64 at, u32 reg)
{
	const struct percpu *cpu = cpu_by_mpidr(mpidr_of(at));
	bool own = cpu && cpu->cell == this_cpu()->cell;

	if (!gic_takes(a))
		return false;
	if (reg >= GICR_SGI) { /* and VLPI_base behind it, which nobody may have */
		if (!own || !gic_private_access(a, at + GICR_SGI, reg - GICR_SGI))
			a->value = 0;
	} else if (own && is_read_of_word(a) && (reg == GICR_CTLR || reg == GICR_WAKER)) {
		a->value = gic_read32(at + reg);
	} else if (reg == GICR_TYPER && a->size == 8 && !a->write) {
		a->value = *(volatile u64 *)(at + reg) & ~1ull; /* no LPIs */
	} else {
		a->value = 0;
	}
	return true;
}

static bool tells_identity(u32 reg)
{
	return reg == GICR_TYPER || reg == GICR_TYPER + 4 || reg == GICR_IIDR ||
	       (reg >= GICD_IDREGS && reg < GICR_SGI);
}

/* at: where we see what the guest wants. */
static bool frame_access(struct access *a, u64 at)
{
	u32 reg = (at - GICR_VIRT) & (BIT(frame_shift) - 1);

	if (!is_read_of_word(a) || !tells_identity(reg))
		return frame_rest(a, at - reg, reg);
	a->value = gic_read32(at);
	if (reg == GICR_TYPER)
		a->value &= ~1ull; /* no LPIs */
	return true;
}

static bool mmio(struct access *a)
{
	u64 off = a->addr - gic_frames.start, at = GICR_VIRT;

	if (likely(off >= gic_frames.span))
		return false;
	off = a->addr - gic_frames.gicd;
	if (off < GICD_SIZE)
		return gicd_access(a, (u32)off);
	for (const struct range *r = gic_frames.gicr; r < gic_frames.gicr + gic_frames.num_regions; r++) {
		off = a->addr - r->start;
		if (off < r->size)
			return frame_access(a, at + off);
		at += r->size;
	}
	return false;
}

const struct gic_ops gicv3_ops = {
	.init = init,
	.cpu_init = cpu_init,
	.cpu_exit = cpu_exit,
	.clear = clear,
	.mask = mask,
	.irq = irq,
	.ack = ack,
	.drop = drop,
	.deactivate = deactivate,
	.used_lrs = used_lrs,
	.read_lr = read_lr,
	.write_lr = write_lr,
	.underflow = underflow,
	.send = send,
	.route = route,
	.mmio = mmio,
};
