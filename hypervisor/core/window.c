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
	const struct paging tables = hv_tables(me->page_table);

	paging_unmap(&tables, HV_WINDOW, PAGE_SIZE);
	arch_window_flush();
	me->window = 0;
}

static noinline void show(struct percpu *me, u64 page, enum window how)
{
	const struct paging tables = hv_tables(me->page_table);

	/* the table is that of the CPU's stack: nothing is allocated, nothing can fail */
	window_close();
	paging_map(&tables, HV_WINDOW, page, PAGE_SIZE,
		   arch_hv_attr(how != WINDOW_READ, false, how == WINDOW_DEVICE), false);
	arch_window_flush();
	me->window = page + 1 + how;
}

void *window_map(u64 phys, enum window how)
{
	struct percpu *me = this_cpu();
	u64 page = phys & PAGE_MASK;

	if (me->window != page + 1 + how)
		show(me, page, how);
	return (u8 *)HV_WINDOW + (phys & ~PAGE_MASK);
}
