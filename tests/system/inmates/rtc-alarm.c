// SPDX-License-Identifier: GPL-2.0-only
/*
 * Alarms of a PL031 (DDI 0224) at addr=, whose line is irq=: count= of them, a second apart. The line
 * is level-triggered: what a handler does not clear comes again at once. Then the line is left as
 * no next owner wants it: asserted and pending, edge-triggered, priority so low that it is masked.
 */
#include "inmate.h"

#define RTC_DR	 0x00
#define RTC_MR	 0x04
#define RTC_CR	 0x0c
#define RTC_IMSC 0x10
#define RTC_MIS	 0x18
#define RTC_ICR	 0x1c

#define GICD_IPRIORITYR 0x400
#define GICD_ICFGR	0xc00

static u64 rtc;
static u32 intid;
static volatile u32 interrupts, alarms, spurious;

static void set_alarm(void)
{
	mmio_write32(rtc + RTC_MR, mmio_read32(rtc + RTC_DR) + 1);
}

static void on_irq(u32 n)
{
	if (n != intid || !mmio_read32(rtc + RTC_MIS)) {
		spurious++;
		return;
	}
	if (++interrupts % 2) /* once more, please */
		return;
	alarms++;
	mmio_write32(rtc + RTC_ICR, 1);
	set_alarm();
}

static void spoil_line(void)
{
	u64 gicd = comm_region()->arm.gicd_base, config = gicd + GICD_ICFGR + intid / 16 * 4;

	mmio_write8(gicd + GICD_IPRIORITYR + intid, 0xff);
	mmio_write32(config, mmio_read32(config) | 2u << (intid % 16 * 2));
	while (!mmio_read32(rtc + RTC_MIS))
		cpu_relax();
}

void inmate_main(void)
{
	u64 count = cmdline_int("count", 2);

	rtc = cmdline_int("addr", 0);
	intid = (u32)cmdline_int("irq", 0);
	gic_init(on_irq);
	mmio_write32(rtc + RTC_ICR, 1);
	mmio_write32(rtc + RTC_CR, 1);
	mmio_write32(rtc + RTC_IMSC, 1);
	set_alarm();
	gic_enable(intid);
	while (alarms < count)
		cpu_idle();
	__asm__ volatile("msr daifset, #2" ::: "memory");
	printk("rtc-alarm: %u alarms, %u interrupts, %u spurious\n", alarms, interrupts, spurious);
	spoil_line();
	printk("rtc-alarm: asserted\n");
	for (;;)
		cpu_idle();
}
