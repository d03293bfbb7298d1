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
#define LR_PENDING   (1ull << 62)
#define LR_ACTIVE    (1ull << 63)
#define LR_HW	     (1ull << 61)
#define LR_GROUP1    (1ull << 60)

#define FRAME_SHIFT   17 /* RD_base and SGI_base, 64 KiB each */
#define GICR_VLPIS    BIT(1) /* two frames more: VLPI_base and a reserved one (12.10) */
#define GICD_SIZE     0x10000u
#define GICR_LAST     BIT(4) /* in GICR_TYPER */
#define GICR_PIDR2    0xffe8
#define GICD_TYPER2   0xc
#define GICD_ROUTER   0x6000
#define GICD_IDREGS   0xffd0

static u32 root_enabled[MAX_CPUS]; /* which of our own private interrupts root had enabled */
/* Of a CPU that has come in, percpu.irq_base is its redistributor; and back: */
static struct percpu *cpu_of[MAX_FRAMES];
static u32 frame_shift;

static u64 gicr_at(u32 reg)
{
	return this_cpu()->irq_base + reg;
}

static u64 type_at(u64 frame)
{
	u64 at = frame + GICR_TYPER;

	return gic_read32(at) | (u64)gic_read32(at + 4) << 32;
}

static u32 shift_of(u64 base)
{
	return type_at(base) & GICR_VLPIS ? FRAME_SHIFT + 1 : FRAME_SHIFT;
}

u64 gicv3_frames_size(u64 base)
{
	u32 shift = shift_of(base), n = 1;

	while (n < MAX_FRAMES && !(type_at(base + ((u64)(n - 1) << shift)) & GICR_LAST))
		n++;
	return (u64)n << shift;
}

static u64 read_lr(u32 n)
{
	switch (n) {
#define LR(n, m, op) \
	case n: return read_sysreg(S3_4_C12_##m##_##op)
	LR(0, C12, 0); LR(1, C12, 1); LR(2, C12, 2); LR(3, C12, 3);
	LR(4, C12, 4); LR(5, C12, 5); LR(6, C12, 6); LR(7, C12, 7);
	LR(8, C13, 0); LR(9, C13, 1); LR(10, C13, 2); LR(11, C13, 3);
	LR(12, C13, 4); LR(13, C13, 5); LR(14, C13, 6); LR(15, C13, 7);
#undef LR
	}
	return 0;
}

static void write_lr(u32 n, u64 v)
{
	switch (n) {
#define LR(n, m, op) \
	case n: write_sysreg(v, S3_4_C12_##m##_##op); break
	LR(0, C12, 0); LR(1, C12, 1); LR(2, C12, 2); LR(3, C12, 3);
	LR(4, C12, 4); LR(5, C12, 5); LR(6, C12, 6); LR(7, C12, 7);
	LR(8, C13, 0); LR(9, C13, 1); LR(10, C13, 2); LR(11, C13, 3);
	LR(12, C13, 4); LR(13, C13, 5); LR(14, C13, 6); LR(15, C13, 7);
#undef LR
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

static u64 priority_of(u32 intid)
{
	u64 at = intid >= 32 ? GICD_VIRT : gicr_at(GICR_SGI);

	return *(volatile u8 *)(at + GICD_IPRIORITYR + intid);
}

/* Those that ICH_ELRSR_EL2 does not call empty. */
static u64 used_lrs(void)
{
	return ~read_sysreg(S3_4_C12_C11_5) & this_cpu()->irq_slots;
}

static u64 device_lr(u32 intid)
{
	return LR_PENDING | LR_GROUP1 | LR_HW | priority_of(intid) << 48 | (u64)intid << 32 | intid;
}

/* Of an SGI whose physical one is ours the priority is not the guest's. */
static u64 sgi_lr(u32 sgi)
{
	u64 priority = sgi == SGI_EVENT ? GIC_PRIO_DEFAULT : priority_of(sgi);

	return LR_PENDING | LR_GROUP1 | priority << 48 | sgi;
}

/* An SGI that comes while the same one is active becomes pending again in its list register. */
static enum inject_result inject(u32 intid, u32 source, bool hw)
{
	u64 used = used_lrs(), slots = this_cpu()->irq_slots, lr;

	(void)source; /* v3 tells the receiver nothing of it */
	for (u64 left = used; left; left &= left - 1) {
		u32 i = (u32)__builtin_ctzl(left);

		lr = read_lr(i);
		if ((u32)lr != intid)
			continue;
		if (!hw)
			write_lr(i, lr | LR_PENDING);
		return INJECT_DONE;
	}
	if (used == slots)
		return INJECT_FULL;
	write_lr((u32)__builtin_ctzl(~used), hw ? device_lr(intid) : sgi_lr(intid));
	return INJECT_DONE;
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
		write_sysreg(device_lr(intid), S3_4_C12_C12_0);
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

static void wait_rwp(u64 ctlr, u32 bit)
{
	while (gic_read32(ctlr) >> bit & 1)
		arch_relax();
}

static cold void clear_lrs(void)
{
	for (u32 i = 0; this_cpu()->irq_slots >> i; i++)
		write_lr(i, 0);
}

/* Active priorities of the guest that was here: ICH_AP0Rn and ICH_AP1Rn, of which there are as
 * many as the bits of preemption ask for (12.4.1). */
static cold void clear_active(void)
{
	u32 bits = (u32)(read_sysreg(S3_4_C12_C11_1) >> 26 & 7) + 1;

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
}

static u64 private_at(u32 reg)
{
	return gicr_at(GICR_SGI + reg);
}

/* Our SGI and the maintenance interrupt: enabled, highest priority. */
static cold void own_irqs(void)
{
	*(volatile u8 *)(private_at(GICD_IPRIORITYR) + SGI_EVENT) = 0;
	*(volatile u8 *)(private_at(GICD_IPRIORITYR) + gic_maintenance) = 0;
	gic_write32(private_at(GICD_IGROUPR), ~0u);
	gic_write32(private_at(GICD_ISENABLER), gic_own_irqs());
}

/* The kernel is interrupted in an IPI: what is active now, it will deactivate at the virtual
 * interface, which has no record of it; so it is deactivated here. */
static void deactivate_live(void)
{
	gic_write32(private_at(GICD_ICACTIVER), ~0u);
}

static cold void find_extent(void)
{
	struct gic_frames *f = &gic_frames;
	u64 gicd_end = f->gicd + GICD_SIZE, gicr_end;

	frame_shift = shift_of(GICR_VIRT);
	f->gicr_size = gicv3_frames_size(GICR_VIRT);
	gicr_end = f->gicr + f->gicr_size;
	f->start = MIN(f->gicd, f->gicr);
	f->span = (gicd_end > gicr_end ? gicd_end : gicr_end) - f->start;
}

/* The frame whose affinity is this CPU's: bits 63..32 of GICR_TYPER are those of MPIDR (12.11.31). The
 * descriptor has room for one region of frames; on machines with several a CPU may lie in another. */
static cold bool find_frame(void)
{
	u64 m = this_cpu()->mpidr, want = (m >> 32 & 0xff) << 24 | (m & 0xffffff);

	if (!gic_frames.gicr_size)
		find_extent();
	for (u32 i = 0; i < gic_frames.gicr_size >> frame_shift; i++) {
		u64 at = GICR_VIRT + ((u64)i << frame_shift);

		if (type_at(at) >> 32 == want) {
			this_cpu()->irq_base = at;
			cpu_of[i] = this_cpu();
			return true;
		}
	}
	printk("cellvisor: CPU %u: no redistributor in the region at 0x%lx\n", this_cpu()->index,
	       hv.system->arm.gicr_base);
	return false;
}

static cold int cpu_init(void)
{
	u64 pmr = read_sysreg(S3_0_C4_C6_0), ctlr = read_sysreg(S3_0_C12_C12_4);
	u64 enabled = read_sysreg(S3_0_C12_C12_7), bpr = read_sysreg(S3_0_C12_C12_3);

	if (!find_frame())
		return -CV_EINVAL;
	this_cpu()->irq_slots = (2ull << (read_sysreg(S3_4_C12_C11_1) & 31)) - 1; /* ICH_VTR_EL2 */
	write_sysreg(read_sysreg(S3_4_C12_C9_5) | 0xf, S3_4_C12_C9_5);
	isb();
	clear_lrs();
	clear_active();
	write_sysreg(HCR_EN, S3_4_C12_C11_0);
	write_sysreg(pmr << 24 | (bpr & 7) << 18 | (ctlr & CTLR_EOIMODE ? VMCR_EOIM : 0) |
			     (enabled & 1 ? VMCR_G1 : 0),
		     S3_4_C12_C11_7);
	write_sysreg(ctlr | CTLR_EOIMODE, S3_0_C12_C12_4);
	write_sysreg(GIC_PMR_ALL, S3_0_C4_C6_0);
	write_sysreg(1, S3_0_C12_C12_7);
	isb();
	deactivate_live();
	root_enabled[this_cpu()->index] = gic_read32(private_at(GICD_ISENABLER)) & gic_own_irqs();
	own_irqs();
	return 0;
}

static cold void pend(u32 intid)
{
	if (intid < 16)
		send(this_cpu(), intid);
	else if (intid < 32)
		gic_write32(private_at(GICD_ISPENDR), 1u << intid);
	else
		gic_write32(GICD_VIRT + GICD_ISPENDR + intid / 32 * 4, 1u << (intid % 32));
}

/* Pending virtual interrupts become pending physical ones again; held physical ones are let go. */
static cold void release_lrs(void)
{
	for (u64 left = used_lrs(); left; left &= left - 1) {
		u64 lr = read_lr((u32)__builtin_ctzl(left));

		if (lr & LR_PENDING)
			pend((u32)lr);
		if (lr & LR_HW)
			deactivate((u32)(lr >> 32) & 0x3ff);
	}
	clear_lrs();
	write_sysreg(HCR_EN, S3_4_C12_C11_0);
}

/* A kick that nobody has taken is not root's. */
static void return_irqs(void)
{
	gic_write32(private_at(GICD_ICENABLER), gic_own_irqs());
	wait_rwp(gicr_at(GICR_CTLR), 3);
	gic_write32(private_at(GICD_ICPENDR), 1u << SGI_EVENT);
	*(volatile u8 *)(private_at(GICD_IPRIORITYR) + SGI_EVENT) = GIC_PRIO_DEFAULT;
	gic_write32(private_at(GICD_ISENABLER), root_enabled[this_cpu()->index]);
}

static cold void cpu_exit(void)
{
	u64 vmcr = read_sysreg(S3_4_C12_C11_7);

	return_irqs();
	release_lrs();
	write_sysreg(0, S3_4_C12_C11_0);
	write_sysreg(vmcr >> 24, S3_0_C4_C6_0);
	write_sysreg((read_sysreg(S3_0_C12_C12_4) & ~CTLR_EOIMODE) |
			     (vmcr & VMCR_EOIM ? CTLR_EOIMODE : 0),
		     S3_0_C12_C12_4);
	write_sysreg(vmcr & VMCR_G1 ? 1 : 0, S3_0_C12_C12_7);
	isb();
}

static cold void private_off(void)
{
	u32 own = gic_own_irqs();

	gic_write32(private_at(GICD_ICENABLER), ~own);
	wait_rwp(gicr_at(GICR_CTLR), 3);
	gic_write32(private_at(GICD_ICPENDR), ~own);
	gic_write32(private_at(GICD_ICACTIVER), ~own);
}

static cold void cpu_reset(void)
{
	private_off();
	clear_lrs();
	clear_active();
	write_sysreg(HCR_EN, S3_4_C12_C11_0);
	write_sysreg(0, S3_4_C12_C11_7);
	own_irqs();
	isb();
}

/* A CPU that waits hears our SGI alone: its priority is above the mask. */
static cold void cpu_waits(bool waits)
{
	if (waits) {
		private_off();
		release_lrs();
	}
	write_sysreg(waits ? GIC_PMR_OWN : GIC_PMR_ALL, S3_0_C4_C6_0);
	isb();
}

static cold void route(u32 intid, const struct percpu *target)
{
	u32 word = intid / 32 * 4, bit = 1u << (intid % 32);

	gic_write32(GICD_VIRT + GICD_ICENABLER + word, bit);
	wait_rwp(GICD_VIRT + GICD_CTLR, 31);
	gic_write32(GICD_VIRT + GICD_ICPENDR + word, bit);
	gic_write32(GICD_VIRT + GICD_ICACTIVER + word, bit);
	/* group 1, also of lines that root's kernel did not know of; nobody else writes this register */
	gic_write32(GICD_VIRT + GICD_IGROUPR + word, gic_read32(GICD_VIRT + GICD_IGROUPR + word) | bit);
	*(volatile u64 *)(GICD_VIRT + GICD_ROUTER + intid * 8) = target->mpidr;
}

static u32 source_of(const struct percpu *sender)
{
	(void)sender;
	return 0;
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
static cold void send_to_strangers(u64 v)
{
	u64 list = v & 0xffff;

	for (u32 i = 0; i < image_header.max_cpus; i++)
		if (percpu(i)->cell && sgi_hits(v, percpu(i)->mpidr))
			list &= ~BIT(percpu(i)->mpidr & 15);
	if (!list)
		return;
	write_sysreg((v & ~0xffffull) | list, S3_0_C12_C11_5);
	isb();
}

void gicv3_sgi1r(u64 v)
{
	struct percpu *me = this_cpu();
	u32 sgi = v >> 24 & 15;
	bool all = v >> 40 & 1;

	if (gic != &gicv3_ops)
		return;
	me->counters[CV_COUNT_ARM_VSGI]++;
	for (u64 left = me->cell->cpus; left; left &= left - 1) {
		struct percpu *p = percpu((u32)__builtin_ctzl(left));

		if (all ? p != me : sgi_hits(v, p->mpidr))
			gic_send_virtual(p, sgi);
	}
	if (!all && me->cell == &hv.root)
		send_to_strangers(v);
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

	if (!gic_owns(cell, intid) || a->size < 4) {
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
static noinline bool frame_rest(struct access *a, u32 frame, u32 reg)
{
	const struct percpu *cpu = cpu_of[frame];
	bool own = cpu && cpu->cell == this_cpu()->cell && cpu->power != CPU_ABSENT;
	u64 at = GICR_VIRT + ((u64)frame << frame_shift);

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

static bool frame_access(struct access *a, u32 frame, u32 reg)
{
	if (!is_read_of_word(a) || !tells_identity(reg))
		return frame_rest(a, frame, reg);
	a->value = gic_read32(GICR_VIRT + ((u64)frame << frame_shift) + reg);
	if (reg == GICR_TYPER)
		a->value &= ~1ull; /* no LPIs */
	return true;
}

static bool mmio(struct access *a)
{
	u64 off = a->addr - gic_frames.start;

	if (likely(off >= gic_frames.span))
		return false;
	off = a->addr - gic_frames.gicd;
	if (off < GICD_SIZE)
		return gicd_access(a, (u32)off);
	off = a->addr - gic_frames.gicr;
	if (off < gic_frames.gicr_size)
		return frame_access(a, (u32)(off >> frame_shift), (u32)(off & (BIT(frame_shift) - 1)));
	return false;
}

static int cell_init(struct cell *cell)
{
	(void)cell;
	return 0;
}

const struct gic_ops gicv3_ops = {
	.cell_init = cell_init,
	.cpu_init = cpu_init,
	.cpu_exit = cpu_exit,
	.cpu_reset = cpu_reset,
	.cpu_waits = cpu_waits,
	.irq = irq,
	.ack = ack,
	.drop = drop,
	.deactivate = deactivate,
	.inject = inject,
	.underflow = underflow,
	.pend = pend,
	.send = send,
	.source_of = source_of,
	.route = route,
	.mmio = mmio,
};
