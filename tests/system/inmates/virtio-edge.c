// SPDX-License-Identifier: GPL-2.0-only
/*
 * Asks a virtio entropy device count= times for bytes and is told by an edge-triggered interrupt each
 * time. addr= its registers (virtio 1.2, 4.2.4 legacy interface), irq= its line, ram= where the
 * cell's guest address 0 is for the device.
 */
#include "inmate.h"

#define REG_DEVICE   0x08
#define REG_FEATURES 0x20
#define REG_PAGE     0x28
#define REG_QUEUE    0x30
#define REG_NUM	     0x38
#define REG_ALIGN    0x3c
#define REG_PFN	     0x40
#define REG_NOTIFY   0x50
#define REG_ISR	     0x60
#define REG_ACK	     0x64
#define REG_STATUS   0x70

#define GICD_ICFGR 0xc00

#define NUM  8
#define RING 0x80000 /* guest address; the used ring is a page behind it */
#define DATA 0x90000

struct desc {
	u64 addr;
	u32 len;
	u16 flags, next;
};

struct avail {
	u16 flags, idx, ring[NUM];
};

struct used {
	u16 flags, idx;
};

#define RING_DESC  ((volatile struct desc *)RING)
#define RING_AVAIL ((volatile struct avail *)(RING + NUM * sizeof(struct desc)))
#define RING_USED  ((volatile struct used *)(RING + 0x1000))

static u64 device;
static u32 intid;
static volatile u32 interrupts, spurious;

static void on_irq(u32 n)
{
	u32 why = n == intid ? mmio_read32(device + REG_ISR) : 0;

	if (!why) {
		spurious++;
		return;
	}
	mmio_write32(device + REG_ACK, why);
	interrupts++;
}

static void set_up(u64 ram)
{
	u64 config = comm_region()->arm.gicd_base + GICD_ICFGR + intid / 16 * 4;

	mmio_write32(config, mmio_read32(config) | 2u << (intid % 16 * 2));
	mmio_write32(device + REG_STATUS, 0);
	mmio_write32(device + REG_STATUS, 1 | 2);
	mmio_write32(device + REG_FEATURES, 0);
	mmio_write32(device + REG_PAGE, 4096);
	mmio_write32(device + REG_QUEUE, 0);
	mmio_write32(device + REG_NUM, NUM);
	mmio_write32(device + REG_ALIGN, 4096);
	mmio_write32(device + REG_PFN, (u32)((ram + RING) / 4096));
	RING_DESC[0] = (struct desc){ram + DATA, 16, 2, 0};
	mmio_write32(device + REG_STATUS, 1 | 2 | 4);
}

static void ask(void)
{
	RING_AVAIL->ring[RING_AVAIL->idx % NUM] = 0;
	__asm__ volatile("dmb ish" ::: "memory");
	RING_AVAIL->idx++;
	__asm__ volatile("dsb sy" ::: "memory");
	mmio_write32(device + REG_NOTIFY, 0);
}

void inmate_main(void)
{
	u64 count = cmdline_int("count", 1000);

	device = cmdline_int("addr", 0);
	intid = (u32)cmdline_int("irq", 0);
	memset((void *)RING, 0, 0x2000);
	gic_init(on_irq);
	set_up(cmdline_int("ram", 0));
	gic_enable(intid);
	for (u64 i = 1; i <= count; i++) {
		ask();
		while (RING_USED->idx != (u16)i || interrupts < i)
			cpu_relax();
	}
	delay_us(100000); /* for one too many */
	mmio_write32(device + REG_STATUS, 0);
	printk("virtio-edge: device %u, %lu requests, %u interrupts, %u spurious, bytes 0x%x\n",
	       mmio_read32(device + REG_DEVICE), count, interrupts, spurious,
	       mmio_read8(DATA) | mmio_read8(DATA + 1));
}
