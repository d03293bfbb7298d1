// SPDX-License-Identifier: GPL-2.0-only
/*
 * GICv2 (IHI 0048): the guest sees the virtual CPU interface GICV at the address of the physical
 * one; the hypervisor has GICC, and the list registers in GICH; the distributor is trapped. Section
 * numbers are of IHI 0048. Both interfaces are used without regard to the security state: bit 0 of
 * the control register enables, bit 9 is the EOI mode, in all views (4.4.1).
 */
#include "arch64.h"

#define GICC_CTLR 0x00
#define GICC_PMR  0x04
#define GICC_BPR  0x08
#define GICC_IAR  0x0c
#define GICC_EOIR 0x10
#define GICC_IIDR 0xfc
#define GICC_DIR  0x1000
#define GICD_PIDR2 0xfe8

#define CTLR_ENABLE  BIT(0)
#define CTLR_EOIMODE BIT(9)

#define GICH_HCR   0x00
#define GICH_VTR   0x04
#define GICH_VMCR  0x08
#define GICH_EISR  0x20
#define GICH_ELRSR 0x30
#define GICH_APR   0xf0
#define GICH_LR	   0x100

#define HCR_EN	1u
#define HCR_UIE 2u

#define VMCR_EN	  1u
#define VMCR_EOIM (1u << 9)

#define SGIR_OTHERS 1u
#define SGIR_SELF   2u

static u32 gicc_read(u32 reg)
{
	return gic_read32(GICC_VIRT + reg);
}

static void gicc_write(u32 reg, u32 v)
{
	gic_write32(GICC_VIRT + reg, v);
}

static u32 gich_read(u32 reg)
{
	return gic_read32(GICH_VIRT + reg);
}

static void gich_write(u32 reg, u32 v)
{
	gic_write32(GICH_VIRT + reg, v);
}

/* Those that GICH_ELRSR does not call empty. */
static u64 used_lrs(void)
{
	return ~gich_read(GICH_ELRSR) & this_cpu()->irq_slots;
}

/* Between the formats (5.3.8, IHI 0069 12.4.8): state, hardware, priority, physical INTID or sender with
 * the bit that asks for a maintenance interrupt at the end, INTID. */
static u64 read_lr(u32 n)
{
	u64 lr = gich_read(GICH_LR + n * 4);

	return (lr >> 28 & 3) << 62 | (lr >> 31) << 61 | (lr >> 23 & 31) << 51 |
	       (lr >> 10 & 0x3ff) << 32 | (lr & 0x3ff);
}

static void write_lr(u32 n, u64 lr)
{
	gich_write(GICH_LR + n * 4, (u32)(lr >> 62 << 28 | (lr >> 61 & 1) << 31 | (lr >> 51 & 31) << 23 |
					  (lr >> 32 & 0x3ff) << 10 | (lr & 0x3ff)));
}

static u32 ack(void)
{
	return gicc_read(GICC_IAR);
}

static void drop(u32 iar)
{
	gicc_write(GICC_EOIR, iar);
}

static void deactivate(u32 iar)
{
	gicc_write(GICC_DIR, iar);
}

static bool irq(void)
{
	return gic_irqs(ack());
}

static void underflow(bool wanted)
{
	u32 ended = wanted ? 0 : gich_read(GICH_EISR);

	for (u32 i = 0; ended; i++, ended >>= 1)
		if (ended & 1)
			gich_write(GICH_LR + i * 4, 0);
	gich_write(GICH_HCR, HCR_EN | (wanted ? HCR_UIE : 0));
}

static void send_to(u32 interfaces, u32 sgi)
{
	dsb(ishst);
	gic_write32(GICD_VIRT + GICD_SGIR, interfaces << 16 | sgi);
}

static void send(const struct percpu *target, u32 sgi)
{
	send_to(target->irq_interface, sgi);
}

static void clear(void)
{
	gich_write(GICH_APR, 0);
	gich_write(GICH_VMCR, 0);
}

static u32 own_interface(void)
{
	u32 targets = gic_read32(GICD_VIRT + GICD_ITARGETSR); /* of the SGIs: 4.3.12 */

	targets |= targets >> 16;
	return (targets | targets >> 8) & 0xff;
}

static int cpu_init(void)
{
	u32 ctlr = gicc_read(GICC_CTLR), pmr = gicc_read(GICC_PMR), bpr = gicc_read(GICC_BPR);
	struct percpu *me = this_cpu();

	me->irq_base = GICD_VIRT; /* banked */
	me->irq_slots = BIT(MIN((gich_read(GICH_VTR) & 63) + 1, GIC_LRS)) - 1;
	me->irq_interface = own_interface();
	gic_clear_lrs();
	clear();
	gich_write(GICH_VMCR, pmr >> 3 << 27 | (bpr & 7) << 21 |
				      (ctlr & CTLR_ENABLE ? VMCR_EN : 0) |
				      (ctlr & CTLR_EOIMODE ? VMCR_EOIM : 0));
	gicc_write(GICC_CTLR, ctlr | CTLR_ENABLE | CTLR_EOIMODE);
	gicc_write(GICC_PMR, GIC_PMR_ALL);
	return 0;
}

static void cpu_exit(void)
{
	u32 vmcr = gich_read(GICH_VMCR);

	gich_write(GICH_HCR, 0);
	gicc_write(GICC_BPR, vmcr >> 21 & 7);
	gicc_write(GICC_PMR, vmcr >> 27 << 3);
	gicc_write(GICC_CTLR, (gicc_read(GICC_CTLR) & ~(u32)(CTLR_EOIMODE | CTLR_ENABLE)) |
				      (vmcr & VMCR_EOIM ? CTLR_EOIMODE : 0) |
				      (vmcr & VMCR_EN ? CTLR_ENABLE : 0));
}

static void mask(u32 pmr)
{
	gicc_write(GICC_PMR, pmr);
}

static void route(u32 intid, const struct percpu *target)
{
	*(volatile u8 *)(GICD_VIRT + GICD_ITARGETSR + intid) = (u8)target->irq_interface;
}

static u32 interfaces_of(const struct cell *cell)
{
	u32 set = 0;

	for_each_cpu(p, cell)
		set |= p->irq_interface;
	return set;
}

/* Targets of SPIs: own SPIs, own CPUs. */
static void targets(struct access *a, u32 reg)
{
	u32 own = interfaces_of(this_cpu()->cell) * 0x01010101u;

	if (reg < GICD_ITARGETSR + 32) { /* read-only: this CPU's interface */
		if (!a->write)
			a->value = gic_perform(GICD_VIRT + reg, a);
		return;
	}
	a->value &= own;
	gicd_filtered(a, reg, reg - GICD_ITARGETSR, 8);
	if (!a->write)
		a->value &= own;
}

/* 4.3.15. A CPU that is not ours yet hears the real thing, if root sends it. */
static void send_sgi(u32 v)
{
	struct percpu *me = this_cpu();
	u32 self = me->irq_interface, filter = v >> 24 & 3, sgi = v & 15, known = 0;
	u32 to = filter == 0 ? v >> 16 & 0xff : filter == SGIR_OTHERS ? 0xff & ~self : self;

	me->counters[CV_COUNT_ARM_VSGI]++;
	if (filter == 3)
		return;
	for (u32 i = 0; i < image_header.max_cpus; i++) {
		struct percpu *p = percpu(i);

		known |= p->irq_interface;
		if (to & p->irq_interface && p->cell == me->cell)
			gic_send_virtual(p, sgi);
	}
	if (me->cell == &hv.root && to & ~known)
		send_to(to & ~known, sgi);
}

static void gicd_access(struct access *a, u32 reg)
{
	if (gicd_spi_access(a, reg) || gic_private_access(a, GICD_VIRT, reg))
		return;
	if (reg >= GICD_ITARGETSR && reg < GICD_ICFGR && a->size <= 4)
		targets(a, reg);
	else if (reg == GICD_SGIR && a->write && a->size == 4)
		send_sgi((u32)a->value);
	else if (!a->write && a->size == 4 && (reg <= GICD_IIDR || reg >= 0xfd0))
		a->value = gic_perform(GICD_VIRT + reg, a);
	else
		a->value = 0;
}

static bool mmio(struct access *a)
{
	u64 off = a->addr - gic_frames.gicd;

	if (off >= PAGE_SIZE || !gic_takes(a))
		return false;
	gicd_access(a, (u32)off);
	return true;
}

/* The architecture's version in each frame (4.3.22, 4.4.17, 5.5.1), and five bits of priority in GICH (5.3.2). */
static int init(void)
{
	const struct cv_platform_arm *arm = &hv.system->arm;
	int err = gic_expect("distributor", arm->gicd_base, GICD_PIDR2, 4, 2, 2);

	err = err ?: gic_expect("CPU interface", arm->gicc_base, GICC_IIDR, 16, 2, 2);
	err = err ?: gic_expect("virtual CPU interface", arm->gicv_base, GICC_IIDR, 16, 2, 2);
	err = err ?: gic_expect("virtual interface control", arm->gich_base, GICH_VTR, 29, 4, 4);
	err = err ?: map_device(GICD_VIRT, arm->gicd_base, PAGE_SIZE);
	err = err ?: map_device(GICH_VIRT, arm->gich_base, PAGE_SIZE);
	return err ?: map_device(GICC_VIRT, arm->gicc_base, 2 * PAGE_SIZE);
}

const struct gic_ops gicv2_ops = {
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
