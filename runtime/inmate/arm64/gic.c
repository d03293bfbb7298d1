// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * GICv2 (IHI 0048) and GICv3 (IHI 0069), the part a cell sees. The distributor is shared with
 * other cells; only bits of own interrupts take effect.
 */
#include "inmate.h"

#define GICD_CTLR	0x000
#define GICD_ISENABLER	0x100
#define GICD_IPRIORITYR 0x400
#define GICD_SGIR	0xf00
#define GICR_TYPER	0x8
#define GICR_VLPIS	0x2
#define GICR_LAST	0x10
#define GICR_STRIDE	0x20000
#define GICR_SGI	0x10000
#define GICC_CTLR	0x00
#define GICC_PMR	0x04
#define GICC_IAR	0x0c
#define GICC_EOIR	0x10

static irq_handler handler;
static u64 redistributor[INMATE_CPUS];
static bool v3;
static u64 gicd, gicc;

/* Of this CPU: IHI 0069 12.11.31, GICR_TYPER. It may lie in another region than that of the cell's first. */
static u64 find_redistributor(void)
{
	volatile struct cv_comm_arm *arm = &comm_region()->arm;
	u64 m = smp_mpidr(), frame = arm->gicr_base, typer;

	for (u32 more = 0; frame; frame = more < CV_IOMMU_UNITS ? arm->gicr_more[more++] : 0)
		do {
			typer = mmio_read64(frame + GICR_TYPER);
			if (typer >> 32 == ((m >> 32 & 0xff) << 24 | (m & 0xffffff)))
				return frame;
			frame += typer & GICR_VLPIS ? 2 * GICR_STRIDE : GICR_STRIDE;
		} while (!(typer & GICR_LAST));
	printk("gic: no redistributor is that of CPU 0x%lx\n", m);
	inmate_stop();
}

void gic_init(irq_handler h)
{
	handler = h;
	v3 = comm_region()->arm.gic_version >= 3;
	gicd = comm_region()->arm.gicd_base;
	gicc = comm_region()->arm.gicc_base;
	if (v3) {
		redistributor[smp_index()] = find_redistributor();
		__asm__ volatile("msr S3_0_C4_C6_0, %0\n\t" /* ICC_PMR_EL1 */
				 "msr S3_0_C12_C12_7, %1\n\t" /* ICC_IGRPEN1_EL1 */
				 "isb" ::"r"(0xf0ull), "r"(1ull) : "memory");
	} else {
		mmio_write32(gicc + GICC_PMR, 0xf0);
		mmio_write32(gicc + GICC_CTLR, 1);
	}
	__asm__ volatile("msr daifclr, #2" ::: "memory");
}

void gic_enable(u32 intid)
{
	u64 frame = gicd;

	if (v3 && intid < 32)
		frame = redistributor[smp_index()] + GICR_SGI;
	mmio_write8(frame + GICD_IPRIORITYR + intid, 0x80);
	mmio_write32(frame + GICD_ISENABLER + intid / 32 * 4, 1u << (intid % 32));
}

void gic_send_sgi(u64 m, u32 sgi)
{
	u64 v = (m >> 32 & 0xff) << 48 | (m >> 16 & 0xff) << 32 | (m >> 8 & 0xff) << 16 |
		(u64)sgi << 24 | 1ull << (m & 15);

	__asm__ volatile("dsb ish" ::: "memory");
	if (v3)
		__asm__ volatile("msr S3_0_C12_C11_5, %0; isb" ::"r"(v) : "memory");
	else /* CPU interface numbers follow Aff0 on the machines we know */
		mmio_write32(gicd + GICD_SGIR, 1u << (16 + (m & 7)) | sgi);
}

/* From the interrupt vector. */
void gic_dispatch(void)
{
	u64 iar;

	for (;;) {
		if (v3)
			__asm__ volatile("mrs %0, S3_0_C12_C12_0; dsb sy" : "=r"(iar)::"memory");
		else
			iar = mmio_read32(gicc + GICC_IAR);
		if ((iar & 0x3ff) >= 1020)
			return;
		handler(iar & 0x3ff);
		if (v3)
			__asm__ volatile("msr S3_0_C12_C12_1, %0; isb" ::"r"(iar) : "memory");
		else
			mmio_write32(gicc + GICC_EOIR, (u32)iar);
	}
}
