// SPDX-License-Identifier: GPL-2.0-only
/*
 * The trapped distributor, what GICv2 and v3 have in common (IHI 0048 4.3, IHI 0069 12.9): a cell
 * reads and changes the bits of its own SPIs alone; the others read as zero and ignore writes.
 */
#include "arch64.h"

/* What sizes the registers have; another one is not performed, it could abort here in EL2. */
u64 gic_perform(u64 at, const struct access *a)
{
	if (a->write) {
		switch (a->size) {
		case 1:
			*(volatile u8 *)at = (u8)a->value;
			break;
		case 4:
			gic_write32(at, (u32)a->value);
			break;
		case 8:
			*(volatile u64 *)at = a->value;
			break;
		}
		return a->value;
	}
	switch (a->size) {
	case 1:
		return *(volatile u8 *)at;
	case 4:
		return gic_read32(at);
	case 8:
		return *(volatile u64 *)at;
	}
	return 0;
}

/* The cell's own bits of a register with `bits` bits an interrupt. */
static u64 own_mask(const struct cell *cell, u32 first, u32 bits, u32 size)
{
	u64 mask = 0;

	if (bits == 1 && size == 4 && first >= 32 && first < 1020)
		return cell->irqs.spi[(first - 32) / 32];
	for (u32 i = 0; i < size * 8 / bits; i++)
		if (irqset_has(&cell->irqs, first + i))
			mask |= ((1ull << bits) - 1) << (i * bits);
	return mask;
}

/* Registers that hold several interrupts' values: other cells' fields stay as they are. */
void gicd_replace(struct access *a, u32 reg, u64 mask)
{
	static struct spinlock lock;
	struct access old = {.size = a->size};

	spin_lock(&lock);
	a->value = (a->value & mask) | (gic_perform(GICD_VIRT + reg, &old) & ~mask);
	gic_perform(GICD_VIRT + reg, a);
	spin_unlock(&lock);
}

void gicd_filtered(struct access *a, u32 reg, u32 first, u32 bits)
{
	u64 mask = own_mask(this_cpu()->cell, first, bits, a->size);

	if (!mask) {
		a->value = 0;
	} else if (!a->write) {
		a->value = gic_perform(GICD_VIRT + reg, a) & mask;
	} else if (bits == 1) { /* set and clear: zeros do nothing */
		a->value &= mask;
		gic_perform(GICD_VIRT + reg, a);
	} else {
		gicd_replace(a, reg, mask);
	}
}

/* SPIs in the registers that both versions have. False: another register. */
bool gicd_spi_access(struct access *a, u32 reg)
{
	if (reg >= GICD_ISENABLER + 4 && reg < GICD_IPRIORITYR && a->size == 4) {
		if ((reg & 0x7f) >= 4)
			gicd_filtered(a, reg, (reg & 0x7f) * 8, 1);
		else
			return false;
	} else if (reg >= GICD_IPRIORITYR + 32 && reg < GICD_ITARGETSR && a->size <= 4) {
		gicd_filtered(a, reg, reg - GICD_IPRIORITYR, 8);
	} else if (reg >= GICD_ICFGR + 8 && reg < GICD_ICFGR + 0x100 && a->size == 4) {
		gicd_filtered(a, reg, (reg - GICD_ICFGR) * 4, 2);
	} else {
		return false;
	}
	return true;
}

/*
 * The private interrupts, in registers of this CPU's own at `base`: what is the hypervisor's
 * stays out of the guest's reach. False: another register, or a size that it has not.
 */
bool gic_private_access(struct access *a, u64 base, u32 reg)
{
	u32 keep = gic_own_irqs();

	if (reg >= GICD_ISENABLER && reg < GICD_IPRIORITYR && !(reg & 0x7f) && a->size == 4) {
		a->value &= ~(u64)keep;
	} else if (reg >= GICD_IPRIORITYR && reg < GICD_IPRIORITYR + 32 && a->size <= 4) {
		for (u32 i = 0; i < a->size; i++)
			if (keep >> (reg - GICD_IPRIORITYR + i) & 1)
				a->value &= ~(0xffull << (i * 8));
	} else if (!(reg >= GICD_ICFGR && reg < GICD_ICFGR + 8 && a->size == 4)) {
		return false;
	}
	a->value = gic_perform(base + reg, a);
	return true;
}
