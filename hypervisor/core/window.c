// SPDX-License-Identifier: GPL-2.0-only
/* This CPU's window into memory that is not the hypervisor's: one page at a time, at HV_WINDOW. */
#include "arch.h"

void *window_map(u64 phys, enum window how)
{
	struct percpu *me = this_cpu();
	const struct paging tables = {.root = me->page_table, .level = 1, .bits = 39};
	u64 want = (phys & PAGE_MASK) + 1 + how;

	if (me->window != want) {
		/* the table is that of the CPU's stack: nothing is allocated, nothing can fail */
		paging_unmap(&tables, HV_WINDOW, PAGE_SIZE);
		arch_window_flush();
		paging_map(&tables, HV_WINDOW, phys & PAGE_MASK, PAGE_SIZE,
			   arch_hv_attr(how != WINDOW_READ, false, how == WINDOW_DEVICE), false);
		arch_window_flush();
		me->window = want;
	}
	return (u8 *)HV_WINDOW + (phys & ~PAGE_MASK);
}
