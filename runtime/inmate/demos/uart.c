// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Prints on the cell's console, once a tenth of a second. lines= (0: for ever) */
#include "inmate.h"

void inmate_main(void)
{
	u64 lines = cmdline_int("lines", 10);

	printk("uart: console type %u at 0x%lx, command line \"%s\"\n", comm_region()->console.type,
	       comm_region()->console.address, cmdline());
	for (u64 i = 1; (!lines || i <= lines) && !comm_poll(); i++) {
		printk("uart: line %lu\n", i);
		delay_us(100000);
	}
	printk("uart: done\n");
}
