// SPDX-License-Identifier: GPL-2.0-only
/*
 * What root tried and may not: counted on the CPU, and told on the console, but not so often that
 * root could drown the console with it.
 */
#include "arch.h"

#define LINES 8 /* in a second, of one CPU */

void root_refused(const char *what, u64 detail, u64 pc)
{
	struct percpu *me = this_cpu();
	u64 now = arch_seconds();

	me->counters[CV_COUNT_REFUSED]++;
	if (now != me->told_at) {
		if (me->told > LINES)
			printk("root, CPU %u: %u more accesses were refused", me->index,
			       me->told - LINES);
		me->told_at = now;
		me->told = 0;
	}
	if (me->told++ < LINES)
		printk("root, CPU %u: %s at 0x%lx, pc 0x%lx", me->index, what, detail, pc);
}
