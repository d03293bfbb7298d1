// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts, what GICv2 and v3 have in common: physical interrupts become virtual ones of the
 * guest that runs on this CPU; what finds no list register waits, devices' interrupts in a queue,
 * SGIs in the set of pending ones.
 */
#include "arch64.h"

const struct gic_ops *gic;

u32 gic_own_irqs(void)
{
	return 1u << SGI_EVENT | 1u << hv.system->arm.maintenance_irq;
}

int gic_select(void)
{
	const struct cv_platform_arm *arm = &hv.system->arm;

	gic = arm->gic_version == 2 ? &gicv2_ops : &gicv3_ops;
	if (arm->maintenance_irq < 16 || arm->maintenance_irq > 31)
		return -CV_EINVAL;
	return arm->gic_version == 2 || arm->gic_version == 3 ? 0 : -CV_EINVAL;
}

/* A queued interrupt is active at the physical interface: it can't come a second time. */
static void inject_device(u32 intid)
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

static void gic_one(u32 iar)
{
	struct percpu *me = this_cpu();
	u32 intid = iar & 0x3ff;

	if (intid == SGI_EVENT) {
		gic->deactivate(iar);
		me->counters[CV_COUNT_MANAGEMENT]++;
		if (me->power == CPU_RUNNING && pending_sgis())
			gic->underflow(true);
	} else if (intid == hv.system->arm.maintenance_irq) {
		refill();
		gic->deactivate(iar);
		me->counters[CV_COUNT_ARM_MAINTENANCE]++;
	} else if (me->power != CPU_RUNNING) {
		gic->deactivate(iar); /* nobody there to take it */
	} else if (intid < 16) { /* from a CPU that is not ours yet */
		u64 sgis[2] = {0, 0};

		gic->deactivate(iar);
		sgis[intid / 8] = BIT(intid % 8 * 8 + (iar >> 10 & 7));
		if (inject_sgis(sgis))
			gic->underflow(true);
		me->counters[CV_COUNT_ARM_VSGI]++;
	} else {
		inject_device(intid);
		me->counters[CV_COUNT_ARM_VIRQ]++;
	}
}

void gic_irq(void)
{
	u32 iar;

	while (((iar = gic->ack()) & 0x3ff) < 1020) {
		gic->drop(iar);
		gic_one(iar);
	}
}

void arch_cpu_kick(struct percpu *cpu)
{
	dsb(ish);
	gic->send(cpu, SGI_EVENT);
}

/* An SGI of the guest to one of its CPUs. */
void gic_send_virtual(struct percpu *target, u32 sgi)
{
	u64 bit = BIT(sgi % 8 * 8 + gic->source_of(this_cpu()));

	if (target == this_cpu()) {
		u64 sgis[2] = {0, 0};

		sgis[sgi / 8] = bit;
		if (inject_sgis(sgis))
			gic->underflow(true);
		return;
	}
	if (target->power == CPU_ABSENT) { /* it has left: it hears the real thing */
		gic->send(target, sgi);
		return;
	}
	spin_lock(&target->lock);
	target->pending_sgis[sgi / 8] |= bit;
	spin_unlock(&target->lock);
	arch_cpu_kick(target);
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

/* An access of the guest without a mapping. Returns false if it is not to the GIC. */
bool gic_mmio(struct access *a)
{
	return !(a->addr & (a->size - 1)) && a->size != 2 && gic->mmio(a);
}
