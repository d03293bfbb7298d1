// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts, what GICv2 and v3 have in common: physical interrupts become virtual ones of the
 * guest that runs on this CPU; what finds no list register waits in a queue.
 */
#include "arch64.h"

const struct gic_ops *gic;

static void queue_irq(u32 intid)
{
	struct percpu *me = this_cpu();

	if (me->irq_count == IRQ_QUEUE)
		return; /* 64 distinct interrupts pending on one CPU: the line stays asserted */
	me->irq_queue[(me->irq_head + me->irq_count++) % IRQ_QUEUE] = (u16)intid;
	gic->underflow(true);
}

void gic_inject(u32 intid, bool hw)
{
	if (!gic->inject(intid, hw))
		queue_irq(intid);
}

static void refill(void)
{
	struct percpu *me = this_cpu();

	while (me->irq_count) {
		u32 intid = me->irq_queue[me->irq_head];

		if (!gic->inject(intid, intid >= 16))
			return;
		me->irq_head = (me->irq_head + 1) % IRQ_QUEUE;
		me->irq_count--;
	}
	gic->underflow(false);
}

static void handle_event(void)
{
	struct percpu *me = this_cpu();
	u32 sgis;

	spin_lock(&me->lock);
	sgis = me->pending_sgis;
	me->pending_sgis = 0;
	spin_unlock(&me->lock);
	for (u32 sgi = 0; sgis; sgi++, sgis >>= 1)
		if (sgis & 1)
			gic_inject(sgi, false);
}

void gic_irq(void)
{
	struct percpu *me = this_cpu();
	u32 maintenance = hv.system->arm.maintenance_irq, intid;

	while ((intid = gic->ack()) < 1020) {
		gic->drop(intid);
		if (intid == SGI_EVENT) {
			gic->deactivate(intid);
			me->counters[CV_COUNT_MANAGEMENT]++;
			handle_event();
		} else if (intid == maintenance) {
			refill();
			gic->deactivate(intid);
			me->counters[CV_COUNT_ARM_MAINTENANCE]++;
		} else if (intid < 16) { /* from a CPU that is not ours yet */
			gic->deactivate(intid);
			gic_inject(intid, false);
			me->counters[CV_COUNT_ARM_VSGI]++;
		} else {
			gic_inject(intid, true);
			me->counters[CV_COUNT_ARM_VIRQ]++;
		}
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
	if (target == this_cpu()) {
		gic_inject(sgi, false);
		return;
	}
	if (target->power == CPU_ABSENT) { /* not taken over yet: it hears the real thing */
		gic->send(target, sgi);
		return;
	}
	spin_lock(&target->lock);
	target->pending_sgis |= 1u << sgi;
	spin_unlock(&target->lock);
	arch_cpu_kick(target);
}

void arch_irqs_claim(const struct cell *cell, const struct irqset *irqs)
{
	struct percpu *first = percpu((u32)__builtin_ctzl(cell->cpus));

	for (u32 spi = 0; spi < 988; spi++)
		if (irqs->spi[spi / 32] >> (spi % 32) & 1)
			gic->route(spi + 32, first);
}
