// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts, what GICv2 and v3 have in common: physical interrupts become virtual ones of the
 * guest that runs on this CPU; what finds no list register waits, devices' interrupts in a queue,
 * SGIs in the set of pending ones.
 */
#include "arch64.h"

const struct gic_ops *gic;
u32 gic_maintenance;
struct gic_frames gic_frames;

u32 gic_own_irqs(void)
{
	return 1u << SGI_EVENT | 1u << gic_maintenance;
}

int gic_select(void)
{
	const struct cv_platform_arm *arm = &hv.system->arm;

	gic = arm->gic_version == 2 ? &gicv2_ops : &gicv3_ops;
	gic_maintenance = arm->maintenance_irq;
	gic_frames.gicd = arm->gicd_base;
	if (arm->maintenance_irq < 16 || arm->maintenance_irq > 31 || arm->gic_version < 2 ||
	    arm->gic_version > 3)
		return -CV_EINVAL;
	return gic->init();
}

int gic_expect(const char *what, u64 frame, u32 reg, u32 shift, u32 low, u32 high)
{
	struct access a = {.size = 4};

	if (!(frame & ~PAGE_MASK) && arch_access(&a, window_map(frame + reg, WINDOW_DEVICE)) &&
	    ((u32)a.value >> shift & 15) - low <= high - low)
		return 0;
	printk("no %s at 0x%lx", what, frame);
	return -CV_EIO;
}

/* The first region of redistributors that a cell is told of is that of its first CPU, for software that
 * knows of one alone. */
void arch_comm_init(const struct cell *cell)
{
	const struct cv_platform_arm *arm = &hv.system->arm;
	const struct percpu *first = cell_cpu(cell, 0);
	struct cv_comm_region *c = cell->comm;
	u64 at = (first ? first->irq_base : 0) - GICR_VIRT;

	c->arm.gic_version = arm->gic_version;
	c->arm.gicd_base = arm->gicd_base;
	c->arm.gicc_base = arm->gicc_base;
	c->arm.gicr_base = arm->gicr_base;
	c->arm.vpci_irq_base = cell->desc->vpci_irq_base;
	for (u32 i = 0; i < gic_frames.num_regions; at -= gic_frames.gicr[i++].size) {
		u64 other = gic_frames.gicr[i].start;

		if (at < gic_frames.gicr[i].size) {
			other = c->arm.gicr_base;
			c->arm.gicr_base = gic_frames.gicr[i].start;
		}
		if (i)
			c->arm.gicr_more[i - 1] = other;
	}
}

/* --- registers --- */

/* One bit an interrupt: zeros do nothing. */
static void line_write(u32 reg, u32 intid)
{
	gic_write32(gic_base_of(intid) + reg + intid / 32 * 4, 1u << (intid % 32));
}

/* What was disabled is so (GICR_CTLR.RWP and GICD_CTLR.RWP, IHI 0069 12.9.4, 12.11.6; a GICv2's has
 * no such bit, and it needs no wait). */
static void settle(void)
{
	u64 own = this_cpu()->irq_base;

	while (gic_read32(GICD_VIRT + GICD_CTLR) >> 31 ||
	       (own != GICD_VIRT && gic_read32(own - GICR_SGI + GICR_CTLR) >> 3 & 1))
		arch_relax();
}

static void pend(u32 intid)
{
	if (intid < 16)
		gic->send(this_cpu(), intid);
	else
		line_write(GICD_ISPENDR, intid);
}

/* These private interrupts are off, neither pending nor active; SGIs may be on for good, and those of a GICv2 have a
 * register of senders each (IHI 0048 4.3.5, 4.3.16). */
static void private_off(u32 set)
{
	u64 own = this_cpu()->irq_base;

	gic_write32(own + GICD_ICENABLER, set);
	settle();
	gic_write32(own + GICD_ICPENDR, set);
	gic_write32(own + GICD_ICACTIVER, set);
	for (u32 sgi = 0; own == GICD_VIRT && sgi < 16; sgi++)
		if (set >> sgi & 1)
			*(volatile u8 *)(own + GICD_CPENDSGIR + sgi) = 0xff;
}

/* --- list registers, as GICv3 has them --- */

/* Of an SGI whose physical one is ours the priority is not the guest's. */
static u64 new_lr(u32 intid, u32 source, bool hw)
{
	u64 priority = intid == SGI_EVENT ? GIC_PRIO_DEFAULT : *gic_priority_at(intid);

	return LR_PENDING | LR_GROUP1 | (hw ? LR_HW : 0) | priority << 48 |
	       (u64)(hw ? intid : source) << 32 | intid;
}

enum inject_result {
	INJECT_DONE,
	INJECT_FULL,  /* no list register; underflow() tells when there is one */
	INJECT_LATER, /* a maintenance interrupt comes when it can go in */
};

/* One that has a list register already. SGIs that come while the same one is active become pending
 * again; those of two senders are two interrupts, but take turns in one list register: the other
 * waits for the end of the first. */
static enum inject_result inject_again(u32 n, u64 lr, u32 source, bool hw)
{
	bool same = (lr >> 32 & 7) == source;

	if (hw)
		return INJECT_DONE;
	gic->write_lr(n, lr | (same ? LR_PENDING : LR_EOI));
	return same ? INJECT_DONE : INJECT_LATER;
}

static enum inject_result inject(u32 intid, u32 source, bool hw)
{
	u64 used = gic->used_lrs();

	for (u64 left = used; left; left &= left - 1) {
		u32 n = (u32)__builtin_ctzl(left);
		u64 lr = gic->read_lr(n);

		if ((u32)lr == intid)
			return inject_again(n, lr, source, hw);
	}
	if (used == this_cpu()->irq_slots)
		return INJECT_FULL;
	gic->write_lr((u32)__builtin_ctzl(~used), new_lr(intid, source, hw));
	return INJECT_DONE;
}

void gic_clear_lrs(void)
{
	for (u32 n = 0; this_cpu()->irq_slots >> n; n++)
		gic->write_lr(n, 0);
	gic->underflow(false);
}

/* Pending virtual interrupts become pending physical ones again; held physical ones are let go. */
static void release_lrs(void)
{
	for (u64 left = gic->used_lrs(); left; left &= left - 1) {
		u64 lr = gic->read_lr((u32)__builtin_ctzl(left));

		if (lr & LR_PENDING)
			pend((u32)lr);
		if (lr & LR_HW)
			gic->deactivate((u32)(lr >> 32) & 0x3ff);
	}
	gic_clear_lrs();
}

/* --- what finds no list register --- */

/* A queued interrupt is active at the physical interface: it can't come a second time. */
void gic_inject_device(u32 intid)
{
	struct percpu *me = this_cpu();

	if (inject(intid, 0, true) == INJECT_DONE)
		return;
	if (me->irq_count < IRQ_QUEUE)
		me->irq_queue[(me->irq_head + me->irq_count++) % IRQ_QUEUE] = (u16)intid;
	gic->underflow(true);
}

static u32 take_queued(struct percpu *me)
{
	me->irq_count--;
	return me->irq_queue[me->irq_head++ % IRQ_QUEUE];
}

/* Bit 8 * SGI + sender, in two words. */
static void take_sgis(u64 sgis[2])
{
	struct percpu *me = this_cpu();

	spin_lock(&me->lock);
	memcpy(sgis, me->pending_sgis, sizeof(me->pending_sgis));
	memset(me->pending_sgis, 0, sizeof(me->pending_sgis));
	spin_unlock(&me->lock);
}

static void inject_sgi(u32 sgi, u32 source)
{
	struct percpu *me = this_cpu();
	enum inject_result result = inject(sgi, source, false);

	if (result == INJECT_DONE)
		return;
	spin_lock(&me->lock);
	me->pending_sgis[sgi / 8] |= BIT(sgi % 8 * 8 + source);
	spin_unlock(&me->lock);
	if (result == INJECT_FULL)
		gic->underflow(true);
}

static void inject_sgis(void)
{
	u64 sgis[2];

	take_sgis(sgis);
	for (u32 word = 0; word < 2; word++)
		for (u64 left = sgis[word]; left; left &= left - 1)
			inject_sgi(word * 8 + (u32)__builtin_ctzl(left) / 8, (u32)__builtin_ctzl(left) % 8);
}

static void refill(void)
{
	struct percpu *me = this_cpu();

	gic->underflow(false);
	for (u32 n = me->irq_count; n; n--)
		gic_inject_device(take_queued(me));
	inject_sgis();
}

/* SGIs for this CPU's guest that are not in a list register become physical ones. The sender is the
 * CPU itself now, which is all the same to the kernel (IHI 0048 4.4.4: the sender's number only
 * belongs to the end of interrupt). */
static void release_sgis(void)
{
	u64 sgis[2];

	take_sgis(sgis);
	for (u32 sgi = 0; sgi < 16; sgi++)
		if (sgis[sgi / 8] >> (sgi % 8 * 8) & 0xff)
			pend(sgi);
}

static void release_queue(void)
{
	struct percpu *me = this_cpu();

	while (me->irq_count) {
		u32 intid = take_queued(me);

		pend(intid);
		gic->deactivate(intid);
	}
}

/* --- the life of a CPU --- */

/* The kernel is interrupted in an IPI: what is active now, it will deactivate at the virtual
 * interface, which has no record of it; so it is deactivated here. Ours have the highest priority;
 * no guest changes that (gic_private_access). */
int gic_cpu_init(void)
{
	int err = gic->cpu_init();
	u64 own = this_cpu()->irq_base;

	if (err)
		return err;
	gic_write32(own + GICD_ICACTIVER, ~0u);
	this_cpu()->root_irqs = gic_read32(own + GICD_ISENABLER) & gic_own_irqs();
	*gic_priority_at(SGI_EVENT) = 0;
	*gic_priority_at(gic_maintenance) = 0;
	gic_write32(own + GICD_ISENABLER, gic_own_irqs());
	return 0;
}

/* A kick that nobody has taken is not root's. */
void gic_cpu_exit(void)
{
	release_queue();
	private_off(gic_own_irqs());
	*gic_priority_at(SGI_EVENT) = GIC_PRIO_DEFAULT;
	gic_write32(this_cpu()->irq_base + GICD_ISENABLER, this_cpu()->root_irqs);
	release_lrs();
	gic->cpu_exit();
	release_sgis();
}

/* A CPU that waits hears our SGI alone: its priority is above the mask. */
void gic_cpu_waits(void)
{
	private_off(~gic_own_irqs());
	release_lrs();
	gic->mask(GIC_PMR_OWN);
	release_queue();
}

void gic_cpu_starts(void)
{
	gic->mask(GIC_PMR_ALL);
	private_off(~gic_own_irqs());
	gic_clear_lrs();
	gic->clear();
}

/* --- interrupts --- */

static void gic_one(u32 iar)
{
	struct percpu *me = this_cpu();
	u32 intid = iar & 0x3ff;

	if (intid == SGI_EVENT) {
		gic->deactivate(iar);
		me->counters[CV_COUNT_MANAGEMENT]++;
		if (me->power == CPU_RUNNING)
			inject_sgis();
	} else if (intid == gic_maintenance) {
		refill();
		gic->deactivate(iar);
		me->counters[CV_COUNT_ARM_MAINTENANCE]++;
	} else if (me->power != CPU_RUNNING) {
		gic->deactivate(iar); /* nobody there to take it */
	} else if (intid < 16) { /* from a CPU that is not ours yet */
		gic->deactivate(iar);
		inject_sgi(intid, iar >> 10 & 7);
		me->counters[CV_COUNT_ARM_VSGI]++;
	} else {
		gic_inject_device(intid);
		me->counters[CV_COUNT_ARM_VIRQ]++;
	}
}

bool gic_irqs(u32 iar)
{
	for (; (iar & 0x3ff) < 1020; iar = gic->ack()) {
		gic->drop(iar);
		gic_one(iar);
	}
	return !this_cpu()->park_wanted;
}

void arch_cpu_kick(struct percpu *cpu)
{
	dsb(ish);
	gic->send(cpu, SGI_EVENT);
}

/* An SGI of the guest to one of its CPUs. */
void gic_send_virtual(struct percpu *target, u32 sgi)
{
	u32 source = (u32)__builtin_ctz(this_cpu()->irq_interface);

	if (target == this_cpu()) {
		inject_sgi(sgi, source);
		return;
	}
	spin_lock(&target->lock); /* over the kick, so that none comes when the CPU has left */
	if (target->power == CPU_ABSENT) {
		gic->send(target, sgi); /* it hears the real thing */
	} else {
		target->pending_sgis[sgi / 8] |= BIT(sgi % 8 * 8 + source);
		arch_cpu_kick(target);
	}
	spin_unlock(&target->lock);
}

/* What root had set for the lines that cells have now. */
static struct line {
	bool kept, enabled;
	u8 priority, config;
} lines[988];

static void line_keep(struct line *l, u32 intid)
{
	if (l->kept)
		return;
	l->kept = true;
	l->enabled = gic_read32(GICD_VIRT + GICD_ISENABLER + intid / 32 * 4) >> (intid % 32) & 1;
	l->priority = *gic_priority_at(intid);
	l->config = gic_read32(GICD_VIRT + GICD_ICFGR + intid / 16 * 4) >> (intid % 16 * 2) & 3;
}

static void line_off(u32 intid)
{
	line_write(GICD_ICENABLER, intid);
	settle();
	line_write(GICD_ICPENDR, intid);
	line_write(GICD_ICACTIVER, intid);
}

/* The line is off, as its trigger may only change then (IHI 0048 4.3.13). */
static void line_restore(const struct line *l, u32 intid)
{
	u32 shift = intid % 16 * 2;
	struct access a = {.size = 4, .write = true, .value = (u64)l->config << shift};

	*gic_priority_at(intid) = l->priority;
	gicd_replace(&a, GICD_ICFGR + intid / 16 * 4, 3ull << shift);
	line_write(GICD_ICPENDR, intid);
}

void arch_irqs_claim(const struct cell *cell, const struct irqset *irqs)
{
	const struct percpu *target = cell == &hv.root ? this_cpu()
						       : cell_cpu(cell, 0);

	for (u32 spi = 0; spi < ARRAY_SIZE(lines); spi++) {
		struct line *l = &lines[spi];
		u32 intid = spi + 32;

		if (!(irqs->spi[spi / 32] >> (spi % 32) & 1))
			continue;
		line_keep(l, intid);
		line_off(intid);
		gic->route(intid, target);
		line_restore(l, intid);
		if (cell != &hv.root)
			continue;
		l->kept = false;
		if (l->enabled)
			line_write(GICD_ISENABLER, intid);
	}
}

/* All else is as with a device's interrupt: routed as the cell says, held back while it is disabled.
 * Writes to a set-pending register need no lock, and latch for an interrupt of either kind (IHI 0048
 * 4.3.7, IHI 0069 12.9.28). */
void arch_irq_pend(u32 intid)
{
	dsb(sy);
	pend(intid);
}

/* A register at 0x40 of a frame takes messages: MSI_SETSPI_NS of a GICv2m (Arm DEN 0029, appendix
 * E), GICD_SETSPI_NSR of a GICv3 (IHI 0069 12.9.39). */
u32 arch_msi_intid(u64 address, u32 data)
{
	return (address & 0xfff) == 0x40 ? data : 0;
}
