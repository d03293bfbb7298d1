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
#define GICC_DIR  0x1000

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

#define LR_PENDING (1u << 28)
#define LR_ACTIVE  (1u << 29)
#define LR_HW	   (1u << 31)
#define LR_EOI	   (1u << 19) /* of software interrupts: maintenance interrupt at their end */
#define LR_PRIO(p) ((u32)(p) >> 3 << 23)

#define GICD_SGIR      0xf00
#define GICD_CPENDSGIR 0xf10

#define SGIR_OTHERS 1u
#define SGIR_SELF   2u

static u32 root_enabled[MAX_CPUS]; /* which of our own private interrupts root had enabled */
static u8 interface_of[MAX_CPUS]; /* bit of each CPU's interface; 0: not known yet */

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
	u64 slots = this_cpu()->irq_slots, empty = gich_read(GICH_ELRSR);

	if (slots >> 32)
		empty |= (u64)gich_read(GICH_ELRSR + 4) << 32;
	return ~empty & slots;
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

/* An LR that holds this interrupt already. SGIs of two senders are two interrupts, but take turns
 * in one list register: the other waits for the end of the first. */
static enum inject_result inject_again(u32 at, u32 source, bool hw)
{
	u32 lr = gich_read(at);

	if (hw)
		return INJECT_DONE;
	if ((lr >> 10 & 7) == source) {
		gich_write(at, lr | LR_PENDING);
		return INJECT_DONE;
	}
	gich_write(at, lr | LR_EOI);
	return INJECT_LATER;
}

static enum inject_result inject(u32 intid, u32 source, bool hw)
{
	u64 used = used_lrs();
	u32 prio, free;

	for (u64 left = used; left; left &= left - 1) {
		u32 at = GICH_LR + (u32)__builtin_ctzl(left) * 4;

		if ((gich_read(at) & 0x3ff) == intid)
			return inject_again(at, source, hw);
	}
	if (used == this_cpu()->irq_slots)
		return INJECT_FULL;
	free = (u32)__builtin_ctzl(~used);
	prio = gic_own_irqs() >> MIN(intid, 31) & 1 && intid < 32
		       ? GIC_PRIO_DEFAULT
		       : *(volatile u8 *)(GICD_VIRT + GICD_IPRIORITYR + intid);
	gich_write(GICH_LR + free * 4,
		   LR_PENDING | LR_PRIO(prio) | intid | (hw ? LR_HW | intid << 10 : source << 10));
	return INJECT_DONE;
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
	send_to(interface_of[target->index], sgi);
}

static u32 source_of(const struct percpu *sender)
{
	return (u32)__builtin_ctz(interface_of[sender->index] | 0x80u);
}

static void own_irqs(void)
{
	*(volatile u8 *)(GICD_VIRT + GICD_IPRIORITYR + SGI_EVENT) = 0;
	*(volatile u8 *)(GICD_VIRT + GICD_IPRIORITYR + gic_maintenance) = 0;
	gic_write32(GICD_VIRT + GICD_ISENABLER, gic_own_irqs());
}

/* What is active now the guest will deactivate at the virtual interface, which has no record of
 * it. */
static void deactivate_live(void)
{
	gic_write32(GICD_VIRT + GICD_ICACTIVER, ~0u);
}

static void clear_lrs(void)
{
	for (u32 i = 0; i < 64 && this_cpu()->irq_slots >> i; i++)
		gich_write(GICH_LR + i * 4, 0);
	gich_write(GICH_APR, 0);
	gich_write(GICH_HCR, HCR_EN);
}

static u32 own_interface(void)
{
	u32 targets = gic_read32(GICD_VIRT + GICD_ITARGETSR); /* of the SGIs: 4.3.12 */

	targets |= targets >> 16;
	return (targets | targets >> 8) & 0xff;
}

static cold int cpu_init(void)
{
	u32 ctlr = gicc_read(GICC_CTLR), pmr = gicc_read(GICC_PMR), bpr = gicc_read(GICC_BPR);

	this_cpu()->irq_slots = ~0ull >> (63 - (gich_read(GICH_VTR) & 63));
	interface_of[this_cpu()->index] = (u8)own_interface();
	clear_lrs();
	gich_write(GICH_VMCR, pmr >> 3 << 27 | (bpr & 7) << 21 |
				      (ctlr & CTLR_ENABLE ? VMCR_EN : 0) |
				      (ctlr & CTLR_EOIMODE ? VMCR_EOIM : 0));
	gicc_write(GICC_CTLR, ctlr | CTLR_ENABLE | CTLR_EOIMODE);
	gicc_write(GICC_PMR, GIC_PMR_ALL);
	deactivate_live();
	root_enabled[this_cpu()->index] = gic_read32(GICD_VIRT + GICD_ISENABLER) & gic_own_irqs();
	own_irqs();
	return 0;
}

/* Pending virtual interrupts become pending physical ones again; held physical ones are let go. */
static void release_lrs(void)
{
	for (u64 left = used_lrs(); left; left &= left - 1) {
		u32 lr = gich_read(GICH_LR + (u32)__builtin_ctzl(left) * 4);

		if (lr & LR_PENDING)
			gic->pend(lr & 0x3ff);
		if (lr & LR_HW)
			deactivate(lr >> 10 & 0x3ff);
	}
	clear_lrs();
}

static void pend(u32 intid)
{
	if (intid < 16)
		gic_write32(GICD_VIRT + GICD_SGIR, SGIR_SELF << 24 | intid);
	else
		gic_write32(GICD_VIRT + GICD_ISPENDR + intid / 32 * 4, 1u << (intid % 32));
}

/* A kick that nobody has taken is not root's; SGIs may be enabled for good (4.3.5). */
static void return_irqs(void)
{
	gic_write32(GICD_VIRT + GICD_ICENABLER, gic_own_irqs());
	gic_write32(GICD_VIRT + GICD_CPENDSGIR + SGI_EVENT / 4 * 4, 0xffu << (SGI_EVENT % 4 * 8));
	*(volatile u8 *)(GICD_VIRT + GICD_IPRIORITYR + SGI_EVENT) = GIC_PRIO_DEFAULT;
	gic_write32(GICD_VIRT + GICD_ISENABLER, root_enabled[this_cpu()->index]);
}

static void cpu_exit(void)
{
	u32 vmcr = gich_read(GICH_VMCR);

	return_irqs();
	release_lrs();
	gich_write(GICH_HCR, 0);
	gicc_write(GICC_BPR, vmcr >> 21 & 7);
	gicc_write(GICC_PMR, vmcr >> 27 << 3);
	gicc_write(GICC_CTLR, (gicc_read(GICC_CTLR) & ~(u32)(CTLR_EOIMODE | CTLR_ENABLE)) |
				      (vmcr & VMCR_EOIM ? CTLR_EOIMODE : 0) |
				      (vmcr & VMCR_EN ? CTLR_ENABLE : 0));
}

static void private_off(void)
{
	u32 own = gic_own_irqs();

	gic_write32(GICD_VIRT + GICD_ICENABLER, ~own);
	gic_write32(GICD_VIRT + GICD_ICPENDR, ~own);
	gic_write32(GICD_VIRT + GICD_ICACTIVER, ~own);
}

static void cpu_reset(void)
{
	private_off();
	for (u32 i = 0; i < 4; i++)
		gic_write32(GICD_VIRT + GICD_CPENDSGIR + i * 4,
			    i == SGI_EVENT / 4 ? ~(0xffu << (SGI_EVENT % 4 * 8)) : ~0u);
	clear_lrs();
	gich_write(GICH_VMCR, 0);
	own_irqs();
}

static void cpu_waits(bool waits)
{
	if (waits) {
		private_off();
		release_lrs();
	}
	gicc_write(GICC_PMR, waits ? GIC_PMR_OWN : GIC_PMR_ALL);
}

static void route(u32 intid, const struct percpu *target)
{
	u32 word = intid / 32 * 4, bit = 1u << (intid % 32);

	gic_write32(GICD_VIRT + GICD_ICENABLER + word, bit);
	gic_write32(GICD_VIRT + GICD_ICPENDR + word, bit);
	gic_write32(GICD_VIRT + GICD_ICACTIVER + word, bit);
	*(volatile u8 *)(GICD_VIRT + GICD_ITARGETSR + intid) = interface_of[target->index];
}

static u32 interfaces_of(const struct cell *cell)
{
	u32 set = 0;

	for (u32 i = 0; i < image_header.max_cpus; i++)
		if (cell->cpus >> i & 1)
			set |= interface_of[i];
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
	u32 self = interface_of[me->index], filter = v >> 24 & 3, sgi = v & 15, known = 0;
	u32 to = filter == 0 ? v >> 16 & 0xff : filter == SGIR_OTHERS ? 0xff & ~self : self;

	me->counters[CV_COUNT_ARM_VSGI]++;
	if (filter == 3)
		return;
	for (u32 i = 0; i < image_header.max_cpus; i++) {
		struct percpu *p = percpu(i);

		known |= interface_of[i];
		if (to & interface_of[i] && p->cell == me->cell)
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

/*
 * GICV in place of GICC. Boards that decode 64 KiB for each 4 KiB page give the base of the last
 * alias of page 0, so that both pages are neighbours; all of their aliases are mapped, since a
 * kernel looks at the first to find out.
 */
static int cell_init(struct cell *cell)
{
	const struct cv_platform_arm *arm = &hv.system->arm;
	u64 before = (arm->gicc_base & 0xffff) == 0xf000 ? 0xf000 : 0;
	u64 size = before ? 0x20000 : 2 * PAGE_SIZE;

	return paging_map(&cell->s2, arm->gicc_base - before, arm->gicv_base - before, size,
			  arch_stage2_attr(CV_MEM_IO | CV_MEM_READ | CV_MEM_WRITE), false);
}

const struct gic_ops gicv2_ops = {
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
