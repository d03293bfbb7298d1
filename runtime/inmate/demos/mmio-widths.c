// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* One access of every width to addr=, read, then write=1 as well; unaligned=1 adds an odd address. */
#include "inmate.h"

void inmate_main(void)
{
	u64 a = cmdline_int("addr", 0), widths = cmdline_int("widths", 15);

	if (cmdline_bool("unaligned"))
		a++;
	printk("mmio-widths: 0x%lx\n", a);
	if (widths & 4)
		printk("mmio-widths: 4 bytes 0x%x\n", mmio_read32(a));
	if (widths & 2)
		printk("mmio-widths: 2 bytes 0x%x\n", mmio_read16(a));
	if (widths & 1)
		printk("mmio-widths: 1 byte 0x%x\n", mmio_read8(a));
	if (widths & 8)
		printk("mmio-widths: 8 bytes 0x%lx\n", mmio_read64(a));
	if (cmdline_bool("write")) {
		mmio_write32(a, (u32)cmdline_int("value", 0));
		printk("mmio-widths: written\n");
	}
	printk("mmio-widths: done\n");
}
