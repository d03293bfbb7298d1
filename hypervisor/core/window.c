// SPDX-License-Identifier: GPL-2.0-only
/*
 * This CPU's window into memory that is not the hypervisor's: one page at a time, at HV_WINDOW. A page
 * of root's RAM is shown no longer than it is copied, so that nothing of it can be read ahead or
 * by mistake. A device's page, and the state table of a link, stay until another one is wanted: they are
 * looked at again and again, device memory is not read ahead (DDI 0487 B2.7.2), a table is no secret, and
 * no access is made before it was found to be allowed at that moment.
 */
#include "arch.h"

void window_close(void)
{
	struct percpu *me = this_cpu();
	const struct paging tables = {.root = me->page_table, .level = 1, .bits = 39};

	paging_unmap(&tables, HV_WINDOW, PAGE_SIZE);
	arch_window_flush();
	me->window = 0;
}

void *window_map(u64 phys, enum window how)
{
	struct percpu *me = this_cpu();
	const struct paging tables = hv_tables(me->page_table);
	u64 want = (phys & PAGE_MASK) + 1 + how;

	if (me->window != want) {
		/* the table is that of the CPU's stack: nothing is allocated, nothing can fail */
		window_close();
		paging_map(&tables, HV_WINDOW, phys & PAGE_MASK, PAGE_SIZE,
			   arch_hv_attr(how != WINDOW_READ, false, how == WINDOW_DEVICE), false);
		arch_window_flush();
		me->window = want;
	}
	return (u8 *)HV_WINDOW + (phys & ~PAGE_MASK);
}
