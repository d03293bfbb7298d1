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
	gic_frames = (struct gic_frames){.gicd = arm->gicd_base, .gicr = arm->gicr_base};
	if (arm->maintenance_irq < 16 || arm->maintenance_irq > 31)
		return -CV_EINVAL;
	return arm->gic_version == 2 || arm->gic_version == 3 ? 0 : -CV_EINVAL;
}

/* A queued interrupt is active at the physical interface: it can't come a second time. */
void gic_inject_device(u32 intid)
{
	struct percpu *me = this_cpu();

	if (gic->inject(intid, 0, true) == INJECT_DONE)
		return;
	if (me->irq_count < IRQ_QUEUE)
		me->irq_queue[(me->irq_head + me->irq_count++) % IRQ_QUEUE] = (u16)intid;
	gic->underflow(true);
}

/* sgis: bit 8 * SGI + sender, in two words. What can't go in now goes back. */
static bool inject_sgis(u64 sgis[2])
{
	struct percpu *me = this_cpu();
	u64 later[2] = {0, 0};
	bool full = false;

	for (u32 word = 0; word < 2; word++) {
		for (u64 left = sgis[word]; left; left &= left - 1) {
			u32 bit = (u32)__builtin_ctzl(left);
			enum inject_result result =
				gic->inject(word * 8 + bit / 8, bit % 8, false);

			if (result != INJECT_DONE)
				later[word] |= BIT(bit);
			full |= result == INJECT_FULL;
		}
	}
	if (later[0] | later[1]) {
		spin_lock(&me->lock);
		me->pending_sgis[0] |= later[0];
		me->pending_sgis[1] |= later[1];
		spin_unlock(&me->lock);
	}
	return full;
}

/* One, on this CPU. */
static void inject_sgi(u32 sgi, u32 source)
{
	struct percpu *me = this_cpu();
	enum inject_result result = gic->inject(sgi, source, false);

	if (result == INJECT_DONE)
		return;
	spin_lock(&me->lock);
	me->pending_sgis[sgi / 8] |= BIT(sgi % 8 * 8 + source);
	spin_unlock(&me->lock);
	if (result == INJECT_FULL)
		gic->underflow(true);
}

static bool pending_sgis(void)
{
	struct percpu *me = this_cpu();
	u64 sgis[2];

	spin_lock(&me->lock);
	sgis[0] = me->pending_sgis[0];
	sgis[1] = me->pending_sgis[1];
	me->pending_sgis[0] = me->pending_sgis[1] = 0;
	spin_unlock(&me->lock);
	return inject_sgis(sgis);
}

static void refill(void)
{
	struct percpu *me = this_cpu();
	bool full = false;

	gic->underflow(false);
	while (me->irq_count && !full) {
		full = gic->inject(me->irq_queue[me->irq_head], 0, true) != INJECT_DONE;
		if (!full) {
			me->irq_head = (me->irq_head + 1) % IRQ_QUEUE;
			me->irq_count--;
		}
	}
	full |= pending_sgis();
	if (full)
		gic->underflow(true);
}

void gic_forget_queue(void)
{
	struct percpu *me = this_cpu();

	for (; me->irq_count; me->irq_count--) {
		u32 intid = me->irq_queue[me->irq_head];

		me->irq_head = (me->irq_head + 1) % IRQ_QUEUE;
		gic->pend(intid);
		gic->deactivate(intid);
	}
}

/* The sender is the CPU itself now, which is all the same to the kernel (IHI 0048 4.4.4: the
 * sender's number only belongs to the end of interrupt). */
void gic_release_sgis(void)
{
	struct percpu *me = this_cpu();
	u64 sgis[2];

	spin_lock(&me->lock);
	sgis[0] = me->pending_sgis[0];
	sgis[1] = me->pending_sgis[1];
	me->pending_sgis[0] = me->pending_sgis[1] = 0;
	spin_unlock(&me->lock);
	for (u32 sgi = 0; sgi < 16; sgi++)
		if (sgis[sgi / 8] >> (sgi % 8 * 8) & 0xff)
			gic->pend(sgi);
}

static void gic_one(u32 iar)
{
	struct percpu *me = this_cpu();
	u32 intid = iar & 0x3ff;

	if (intid == SGI_EVENT) {
		gic->deactivate(iar);
		me->counters[CV_COUNT_MANAGEMENT]++;
		if (me->power == CPU_RUNNING && pending_sgis())
			gic->underflow(true);
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
	u32 source = gic->source_of(this_cpu());

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
	l->priority = *(volatile u8 *)(GICD_VIRT + GICD_IPRIORITYR + intid);
	l->config = gic_read32(GICD_VIRT + GICD_ICFGR + intid / 16 * 4) >> (intid % 16 * 2) & 3;
}

/* The line is off, as its trigger may only change then (IHI 0048 4.3.13). */
static void line_restore(const struct line *l, u32 intid)
{
	u32 shift = intid % 16 * 2;
	struct access a = {.size = 4, .write = true, .value = (u64)l->config << shift};

	*(volatile u8 *)(GICD_VIRT + GICD_IPRIORITYR + intid) = l->priority;
	gicd_replace(&a, GICD_ICFGR + intid / 16 * 4, 3ull << shift);
	gic_write32(GICD_VIRT + GICD_ICPENDR + intid / 32 * 4, 1u << (intid % 32));
}

void arch_irqs_claim(const struct cell *cell, const struct irqset *irqs)
{
	const struct percpu *target = cell == &hv.root ? this_cpu()
						       : percpu((u32)__builtin_ctzl(cell->cpus));

	for (u32 spi = 0; spi < ARRAY_SIZE(lines); spi++) {
		struct line *l = &lines[spi];
		u32 intid = spi + 32;

		if (!(irqs->spi[spi / 32] >> (spi % 32) & 1))
			continue;
		line_keep(l, intid);
		gic->route(intid, target);
		line_restore(l, intid);
		if (cell != &hv.root)
			continue;
		l->kept = false;
		if (l->enabled)
			gic_write32(GICD_VIRT + GICD_ISENABLER + intid / 32 * 4, 1u << (intid % 32));
	}
}

/* All else is as with a device's interrupt: routed as the cell says, held back while it is disabled.
 * Writes to a set-pending register need no lock, and latch for an interrupt of either kind (IHI 0048
 * 4.3.7, IHI 0069 12.9.28). */
void arch_irq_pend(u32 intid)
{
	dsb(sy);
	gic->pend(intid);
}

/* A register at 0x40 of a frame takes messages: MSI_SETSPI_NS of a GICv2m (Arm DEN 0029, appendix
 * E), GICD_SETSPI_NSR of a GICv3 (IHI 0069 12.9.39). */
u32 arch_msi_intid(u64 address, u32 data)
{
	return (address & 0xfff) == 0x40 ? data : 0;
}
