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

#define GICR_STRIDE	0x20000u
#define GICR_CTLR	0x0
#define GICR_TYPER	0x8
#define GICR_WAKER	0x14
#define GICR_PIDR2	0xffe8
#define GICR_SGI	0x10000 /* the second frame */
#define GICR_IGROUPR0	0x10080
#define GICR_ISENABLER0 0x10100
#define GICR_ICENABLER0 0x10180
#define GICR_ISPENDR0	0x10200
#define GICR_ICPENDR0	0x10280
#define GICR_ISACTIVER0 0x10300
#define GICR_ICACTIVER0 0x10380
#define GICR_PRIORITYR	0x10400
#define GICR_ICFGR0	0x10c00

#define GICD_CTLR	0x0
#define GICD_TYPER	0x4
#define GICD_IIDR	0x8
#define GICD_TYPER2	0xc
#define GICD_ROUTER	0x6000
#define GICD_PIDR2	0xffe8
#define GICD_IDREGS	0xffd0

static u64 gicd_at(u32 reg)
{
	return HV_DEVICES + 0x200000 + reg;
}

static u64 gicr_at(const struct percpu *cpu, u32 reg)
{
	return HV_DEVICES + 0x400000 + (u64)cpu->index * GICR_STRIDE + reg;
}

static u32 read32(u64 at)
{
	return *(volatile u32 *)at;
}

static void write32(u64 at, u32 v)
{
	*(volatile u32 *)at = v;
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

static u32 num_lrs(void)
{
	return (u32)(read_sysreg(S3_4_C12_C11_1) & 31) + 1;
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

/* An SGI that comes while the same one is active becomes pending again in its list register. */
static bool inject(u32 intid, bool hw)
{
	u64 empty = read_sysreg(S3_4_C12_C11_5), lr;
	u32 n = num_lrs(), free = n;

	for (u32 i = 0; i < n; i++) {
		if (empty >> i & 1) {
			free = MIN(free, i);
			continue;
		}
		lr = read_lr(i);
		if ((u32)lr != intid)
			continue;
		if (!hw)
			write_lr(i, lr | LR_PENDING);
		return true;
	}
	if (free == n)
		return false;
	write_lr(free, LR_PENDING | LR_GROUP1 | 0xa0ull << 48 | intid |
			       (hw ? LR_HW | (u64)intid << 32 : 0));
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
	while (read32(ctlr) >> bit & 1)
		arch_relax();
}

static void clear_lrs(void)
{
	for (u32 i = 0, n = num_lrs(); i < n; i++)
		write_lr(i, 0);
}

/* Our SGI and the maintenance interrupt: enabled, highest priority. */
static void own_irqs(void)
{
	struct percpu *me = this_cpu();
	u32 maintenance = hv.system->arm.maintenance_irq;
	u64 prio = gicr_at(me, GICR_PRIORITYR);

	*(volatile u8 *)(prio + SGI_EVENT) = 0;
	*(volatile u8 *)(prio + maintenance) = 0;
	write32(gicr_at(me, GICR_IGROUPR0), ~0u);
	write32(gicr_at(me, GICR_ISENABLER0), 1u << SGI_EVENT | 1u << maintenance);
}

/* The kernel is interrupted in an IPI: what is active now, it will deactivate at the virtual
 * interface, which has no record of it; so it is deactivated here. */
static void deactivate_live(void)
{
	u32 active = read32(gicr_at(this_cpu(), GICR_ISACTIVER0));

	for (u32 i = 0; i < 32; i++)
		if (active >> i & 1)
			deactivate(i);
}

static void cpu_init(void)
{
	u64 pmr = read_sysreg(S3_0_C4_C6_0), ctlr = read_sysreg(S3_0_C12_C12_4);
	u64 enabled = read_sysreg(S3_0_C12_C12_7), bpr = read_sysreg(S3_0_C12_C12_3);

	write_sysreg(read_sysreg(S3_4_C12_C9_5) | 0xf, S3_4_C12_C9_5);
	isb();
	clear_lrs();
	write_sysreg(HCR_EN, S3_4_C12_C11_0);
	write_sysreg(pmr << 24 | (bpr & 7) << 18 | (ctlr & CTLR_EOIMODE ? VMCR_EOIM : 0) |
			     (enabled & 1 ? VMCR_G1 : 0),
		     S3_4_C12_C11_7);
	write_sysreg(ctlr | CTLR_EOIMODE, S3_0_C12_C12_4);
	write_sysreg(0xf0, S3_0_C4_C6_0);
	write_sysreg(1, S3_0_C12_C12_7);
	isb();
	deactivate_live();
	own_irqs();
}

/* Pending virtual interrupts become pending physical ones again. */
static void release_lr(u64 lr)
{
	u32 intid = (u32)lr;

	if (!(lr & LR_PENDING))
		return;
	if (intid < 16)
		send(this_cpu(), intid);
	else if (intid < 32)
		write32(gicr_at(this_cpu(), GICR_ISPENDR0), 1u << intid);
	else
		write32(gicd_at(0x200 + intid / 32 * 4), 1u << (intid % 32));
	if (lr & LR_HW)
		deactivate((u32)(lr >> 32) & 0x3ff);
}

static void cpu_exit(void)
{
	u64 vmcr = read_sysreg(S3_4_C12_C11_7);

	for (u32 i = 0, n = num_lrs(); i < n; i++)
		release_lr(read_lr(i));
	clear_lrs();
	write32(gicr_at(this_cpu(), GICR_ICENABLER0), 1u << hv.system->arm.maintenance_irq);
	*(volatile u8 *)(gicr_at(this_cpu(), GICR_PRIORITYR) + SGI_EVENT) = 0xa0;
	write_sysreg(0, S3_4_C12_C11_0);
	write_sysreg(vmcr >> 24, S3_0_C4_C6_0);
	write_sysreg((read_sysreg(S3_0_C12_C12_4) & ~CTLR_EOIMODE) |
			     (vmcr & VMCR_EOIM ? CTLR_EOIMODE : 0),
		     S3_0_C12_C12_4);
	write_sysreg(vmcr & VMCR_G1 ? 1 : 0, S3_0_C12_C12_7);
	isb();
}

static void cpu_reset(void)
{
	struct percpu *me = this_cpu();

	write32(gicr_at(me, GICR_ICENABLER0), ~(1u << SGI_EVENT | 1u << hv.system->arm.maintenance_irq));
	write32(gicr_at(me, GICR_ICPENDR0), ~0u);
	wait_rwp(gicr_at(me, GICR_CTLR), 3);
	clear_lrs();
	deactivate_live();
	write_sysreg(HCR_EN, S3_4_C12_C11_0);
	write_sysreg(0, S3_4_C12_C11_7);
	own_irqs();
	isb();
}

/* A CPU that waits hears our SGI alone: its priority is above the mask. */
static void cpu_waits(bool waits)
{
	if (waits)
		clear_lrs();
	write_sysreg(waits ? 0x08 : 0xf0, S3_0_C4_C6_0);
	isb();
}

static void route(u32 intid, const struct percpu *target)
{
	write32(gicd_at(0x180 + intid / 32 * 4), 1u << (intid % 32));
	wait_rwp(gicd_at(GICD_CTLR), 31);
	*(volatile u64 *)gicd_at(GICD_ROUTER + intid * 8) = target->mpidr;
}

bool gicv3_sgi1r(u64 v)
{
	u32 sgi = v >> 24 & 15;
	bool all = v >> 40 & 1;
	u64 affinity = (v >> 48 & 0xff) << 32 | (v >> 32 & 0xff) << 16 | (v >> 16 & 0xff) << 8;

	this_cpu()->counters[CV_COUNT_ARM_VSGI]++;
	for (u32 i = 0; i < image_header.max_cpus; i++) {
		struct percpu *p = percpu(i);
		bool hit = all ? p != this_cpu()
			       : (p->mpidr & ~0xffull) == affinity && (p->mpidr & 0xff) < 16 &&
					 v >> (p->mpidr & 0xff) & 1;

		if (hit && p->cell == this_cpu()->cell)
			gic_send_virtual(p, sgi);
	}
	return true;
}

/* --- the trapped frames --- */

static u64 perform(u64 at, struct access *a)
{
	if (a->write) {
		switch (a->size) {
		case 1: *(volatile u8 *)at = (u8)a->value; break;
		case 4: *(volatile u32 *)at = (u32)a->value; break;
		case 8: *(volatile u64 *)at = a->value; break;
		}
		return 0;
	}
	switch (a->size) {
	case 1: return *(volatile u8 *)at;
	case 4: return *(volatile u32 *)at;
	case 8: return *(volatile u64 *)at;
	}
	return 0;
}

/* The bits of a register with `bits` bits an interrupt that are the cell's own. */
static u64 own_mask(const struct cell *cell, u32 first, u32 bits, u32 size)
{
	u64 mask = 0;

	for (u32 i = 0; i < size * 8 / bits; i++) {
		u32 intid = first + i;

		if (intid >= 32 && intid < 1020 &&
		    cell->irqs.spi[(intid - 32) / 32] >> (intid % 32) & 1)
			mask |= ((1ull << bits) - 1) << (i * bits);
	}
	return mask;
}

static void filtered(struct access *a, u32 reg, u32 first, u32 bits, bool set_clear)
{
	u64 mask = own_mask(this_cpu()->cell, first, bits, a->size), at = gicd_at(reg);
	struct access old = {.size = a->size};

	if (!a->write) {
		a->value = perform(at, a) & mask;
		return;
	}
	a->value &= mask;
	if (!set_clear) {
		static struct spinlock lock;

		spin_lock(&lock);
		a->value |= perform(at, &old) & ~mask;
		perform(at, a);
		spin_unlock(&lock);
		return;
	}
	perform(at, a);
}

static void router(struct access *a, u32 reg)
{
	u32 intid = (reg - GICD_ROUTER) / 8;
	struct percpu *target;

	if (!own_mask(this_cpu()->cell, intid, 1, 1)) {
		a->value = 0;
		return;
	}
	if (a->write) {
		target = cpu_by_mpidr(a->value);
		if (a->size != 8 || !target || target->cell != this_cpu()->cell)
			return;
	}
	a->value = perform(gicd_at(reg), a);
}

static void gicd_access(struct access *a, u32 reg)
{
	if (reg >= 0x80 && reg < 0x400) {
		u32 bank = reg & ~0x7fu;

		filtered(a, reg, (reg - bank) * 8, 1, bank != 0x80 && bank != 0xd00);
	} else if (reg >= 0x400 && reg < 0x800) {
		filtered(a, reg, reg - 0x400, 8, false);
	} else if (reg >= 0xc00 && reg < 0xd00) {
		filtered(a, reg, (reg - 0xc00) * 4, 2, false);
	} else if (reg >= GICD_ROUTER && reg < GICD_ROUTER + 1020 * 8) {
		router(a, reg);
	} else if (!a->write && (reg <= GICD_TYPER2 || reg >= GICD_IDREGS)) {
		a->value = perform(gicd_at(reg), a);
		if (reg == GICD_TYPER)
			a->value &= ~(1ull << 17); /* no LPIs */
	} else {
		a->value = 0;
	}
}

static void gicr_own(struct access *a, struct percpu *cpu, u32 reg)
{
	u32 keep = 1u << SGI_EVENT | 1u << hv.system->arm.maintenance_irq;

	if (a->write) {
		switch (reg) {
		case GICR_ISENABLER0:
		case GICR_ICENABLER0:
		case GICR_ISPENDR0:
		case GICR_ICPENDR0:
		case GICR_ISACTIVER0:
		case GICR_ICACTIVER0:
			a->value &= ~(u64)keep;
			break;
		default:
			if (reg >= GICR_PRIORITYR && reg < GICR_PRIORITYR + 32) {
				for (u32 i = 0; i < a->size; i++) {
					u32 intid = reg - GICR_PRIORITYR + i;

					if (keep >> intid & 1)
						a->value &= ~(0xffull << (i * 8));
				}
				break;
			}
			if (reg >= GICR_ICFGR0 && reg < GICR_ICFGR0 + 8)
				break;
			return; /* group, LPIs, power: ours */
		}
	}
	a->value = perform(gicr_at(cpu, reg), a);
	if (!a->write && reg == GICR_TYPER)
		a->value &= ~1ull; /* no LPIs */
}

static void gicr_access(struct access *a, struct percpu *cpu, u32 reg)
{
	bool own = cpu->cell == this_cpu()->cell;

	if (own && cpu->power != CPU_ABSENT)
		gicr_own(a, cpu, reg);
	else if (!a->write && (reg == GICR_TYPER || reg == GICR_TYPER + 4 || reg == GICR_PIDR2))
		a->value = perform(gicr_at(cpu, reg), a);
	else
		a->value = 0;
}

bool gic_mmio(struct access *a)
{
	const struct cv_platform_arm *arm = &hv.system->arm;
	u64 off = a->addr - arm->gicd_base;

	if (a->addr & (a->size - 1) || a->size == 2)
		return false;
	if (off < 0x10000) {
		gicd_access(a, (u32)off);
		return true;
	}
	off = a->addr - arm->gicr_base;
	if (off < (u64)image_header.max_cpus * GICR_STRIDE) {
		gicr_access(a, percpu((u32)(off / GICR_STRIDE)), (u32)(off % GICR_STRIDE));
		return true;
	}
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
	.ack = ack,
	.drop = drop,
	.deactivate = deactivate,
	.inject = inject,
	.underflow = underflow,
	.send = send,
	.route = route,
};
