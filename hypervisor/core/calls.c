// SPDX-License-Identifier: GPL-2.0-only
/* Hypercalls: who may ask what (abi.md 3). */
#include "arch.h"

/* Who sends this CPU an SGI sees either that it is gone, or is seen when its SGIs are handed back. */
static void leave(struct percpu *me)
{
	spin_lock(&me->lock);
	me->power = CPU_ABSENT;
	spin_unlock(&me->lock);
}

static s64 disable(void)
{
	if (!cells_unlocked(NULL))
		return -CV_EPERM;
	if (hv.num_cells > 1)
		return -CV_EBUSY;
	for (u32 i = 0; i < image_header.max_cpus; i++)
		if (percpu(i)->power == CPU_OFF)
			return -CV_EBUSY; /* root brings its CPUs up first */
	if (!hv.cpus_left++)
		printk("leaving");
	leave(this_cpu());
	if (hv.cpus_left == hv.cpus_in)
		hv.cpus_in = hv.cpus_left = 0;
	return 0;
}

static cold s64 manage(u64 code, u64 flags, u64 arg)
{
	struct cell *cell;

	if (code == CV_HC_DISABLE)
		return disable();
	if (code == CV_HC_CELL_CREATE)
		return cell_create(arg, flags);
	if (arg == CV_ROOT_CELL_ID)
		return -CV_EINVAL;
	cell = cell_by_id(arg);
	if (!cell)
		return -CV_ENOENT;
	if (flags & CV_HC_WITHDRAW)
		return cell_ask_no_more(cell);
	if (code == CV_HC_CELL_START)
		return cell_start(cell);
	if (code == CV_HC_CELL_SET_LOADABLE)
		return cell_set_loadable(cell);
	return cell_destroy(cell);
}

/* Flags of calls that may have to wait for a cell, and of create; other calls know none. */
static u64 flags_of(u64 code)
{
	u64 call = code & 0xffff;

	if (call == CV_HC_CELL_CREATE)
		return code & CV_HC_DRY_RUN;
	return call >= CV_HC_CELL_START && call <= CV_HC_CELL_DESTROY
		       ? code & (CV_HC_NO_WAIT | CV_HC_WITHDRAW)
		       : 0;
}

/* One at a time: the caller may wait for a cell's reply. */
static cold s64 root_call(u64 code, u64 arg)
{
	u64 flags = flags_of(code);
	s64 result;

	code ^= flags;
	if (code > CV_HC_CELL_DESTROY)
		return -CV_ENOSYS;
	if (this_cpu()->cell != &hv.root)
		return -CV_EPERM;
	if (__atomic_exchange_n(&hv.managing, true, __ATOMIC_ACQUIRE))
		return -CV_EBUSY;
	result = manage(code, flags, arg);
	__atomic_store_n(&hv.managing, false, __ATOMIC_RELEASE);
	return result == HV_AGAIN && flags & CV_HC_NO_WAIT ? -CV_EAGAIN : result;
}

static cold s64 state_of(u64 id)
{
	struct cell *cell;
	s64 result;

	if (this_cpu()->cell != &hv.root)
		return -CV_EPERM;
	spin_lock(&hv.lock);
	cell = cell_by_id(id);
	result = cell ? (s64)cell_state(cell) : -CV_ENOENT;
	spin_unlock(&hv.lock);
	return result;
}

static s64 info(u64 what)
{
	switch (what) {
	case CV_INFO_POOL_SIZE:
		return pool_size();
	case CV_INFO_POOL_USED:
		return pool_used();
	case CV_INFO_REMAP_SIZE:
	case CV_INFO_REMAP_USED:
		return 0;
	case CV_INFO_CELLS:
		return hv.num_cells;
	}
	return -CV_EINVAL;
}

static cold s64 cpu_info(u64 cpu, u64 type)
{
	struct percpu *p;

	if (cpu >= image_header.max_cpus)
		return -CV_EINVAL;
	p = percpu((u32)cpu);
	if (this_cpu()->cell != &hv.root && p->cell != this_cpu()->cell)
		return -CV_EPERM;
	if (type == CV_CPU_STATE)
		return p->failed ? 2 : p->power == CPU_RUNNING ? 0 : 1;
	if (type >= 1000 && type < 1000 + ARRAY_SIZE(p->counters))
		return (s64)(p->counters[type - 1000] & 0x7fffffff);
	return -CV_EINVAL;
}

static cold s64 console_putc(u64 c)
{
	if (!(this_cpu()->cell->desc->flags & CV_CELL_CONSOLE_PERMITTED))
		return -CV_EPERM;
	print_char((char)c);
	cell_console_putc(this_cpu()->cell, (char)c);
	return 0;
}

static noinline s64 first_calls(u64 code, u64 arg1, u64 arg2)
{
	switch (code) {
	case CV_HC_CELL_STATE:
		return state_of(arg1);
	case CV_HC_CPU_INFO:
		return cpu_info(arg1, arg2);
	case CV_HC_CONSOLE_PUTC:
		return console_putc(arg1);
	}
	return root_call(code, arg1);
}

/* Those with flags, and ours. */
static noinline s64 other_calls(u64 code, u64 arg1, u64 arg2)
{
	if ((code & 0xffff) <= CV_HC_CELL_DESTROY)
		return root_call(code, arg1);
	if (code == CV_HC_CONSOLE_READ || code == CV_HC_CONSOLE_WRITE)
		return console_call(code, arg1, arg2);
	return -CV_ENOSYS;
}

s64 hypercall(u64 code, u64 arg1, u64 arg2)
{
	if (code == CV_HC_INFO)
		return info(arg1);
	return code <= CV_HC_CONSOLE_PUTC ? first_calls(code, arg1, arg2)
					  : other_calls(code, arg1, arg2);
}
