// SPDX-License-Identifier: GPL-2.0-only
/*
 * A CPU comes in. boot_cpu runs with the MMU off at physical addresses: addresses of variables are
 * relative to the program counter there, and no pointer stored in data may be followed. It builds
 * the page tables of all CPUs when the first one comes; hv_enter goes on at virtual addresses.
 */
#include "arch64.h"

struct hv hv;

extern u8 __rodata[], __data[], __image_end[];

/* Leaf attributes of stage 1 at EL2 (D8.3.1): AttrIndx 0 device, 2 write-back; AF; inner
 * shareable; AP[1] is RES1; bit 7 read-only; bit 54 XN. */
u64 arch_hv_attr(bool write, bool execute, bool device)
{
	return (device ? 0 : 2ull << 2 | 3ull << 8) | 1ull << 10 | 1ull << 6 |
	       (write ? 0 : 1ull << 7) | (execute ? 0 : 1ull << 54);
}

static u64 phys_of(const void *p)
{
	return (u64)p; /* MMU off: what adrp gives is physical */
}

static struct percpu *boot_percpu(u64 areas, u32 cpu)
{
	return (struct percpu *)(areas + (u64)cpu * HV_PERCPU_SIZE);
}

static int map(u64 top, u64 virt, u64 phys, u64 size, u64 attr)
{
	const struct paging p = hv_tables(top);

	return paging_map(&p, virt, phys, size, attr, true);
}

/* A part of the hypervisor's memory. */
static noinline int map_own(u64 top, u64 from, u64 to, bool write, bool execute)
{
	return map(top, HV_IMAGE + from, image_header.phys_start + from, to - from,
		   arch_hv_attr(write, execute, false));
}

/* What all CPUs share, under the top table. */
static int map_shared(u64 top, u64 areas)
{
	struct cv_image_header *h = &image_header;
	u64 base = h->phys_start, ro = phys_of(__rodata) - base, data = phys_of(__data) - base;
	int err;

	err = map_own(top, 0, ro, false, true);
	err = err ?: map_own(top, ro, data, false, false);
	err = err ?: map_own(top, data, h->core_size, true, false);
	for (u32 i = 0; i < h->max_cpus && !err; i++) {
		u64 area = phys_of(boot_percpu(areas, i)) - base;

		err = map_own(top, area, area + PAGE_SIZE, true, false);
	}
	err = err ?: map_own(top, h->config_offset, h->memory_size, true, false);
	/* the header is written until the driver hands over, never again; its page holds what turns
	 * the MMU on and off as well */
	return err ?: map(top, base, base, PAGE_SIZE, arch_hv_attr(false, true, false));
}

static int map_private(u64 top, u64 area)
{
	return map(top, HV_PRIVATE, area + PAGE_SIZE, HV_STACK_SIZE,
		   arch_hv_attr(true, false, false));
}

/* A top table for another CPU: as the first one's, without what is private to that one. 0: no page. */
static u64 copy_tables(u64 first)
{
	u64 top = pages_alloc(1), level1 = top;

	if (!top)
		return 0;
	memcpy((void *)top, (void *)first, PAGE_SIZE);
	if (!hv_tables(top).level) { /* all of layout.h lies below its first entry */
		level1 = pages_alloc(1);
		if (!level1)
			return 0;
		memcpy((void *)level1, (void *)(*(u64 *)first & PAGE_MASK), PAGE_SIZE);
		*(u64 *)top = level1 | (*(u64 *)first & ~PAGE_MASK);
	}
	((u64 *)level1)[(HV_PRIVATE >> 30) & 511] = 0;
	return top;
}

static int boot_tables(u64 areas)
{
	u32 n = image_header.max_cpus;
	u64 first = 0;
	int err;

	for (u32 i = 0; i < n; i++) {
		struct percpu *p = boot_percpu(areas, i);
		u64 top = first ? copy_tables(first) : pages_alloc(1);

		if (!top)
			return -CV_ENOMEM;
		if (!first) {
			first = top;
			err = map_shared(top, areas);
			if (err)
				return err;
		}
		p->index = i;
		p->page_table = top;
		if (map_private(top, phys_of(p)))
			return -CV_ENOMEM;
	}
	return 0;
}

u64 boot_cpu(u32 cpu)
{
	struct cv_image_header *h = &image_header;
	u64 areas = h->phys_start + h->core_size;

	if (cpu >= h->max_cpus ||
	    overlaps(h->phys_start, h->core_size, HV_DEVICES, HV_END - HV_DEVICES))
		return 0;
	/* what CPUs have written that run with caches on can't be seen here, only what the first one did */
	if (!boot_percpu(areas, cpu)->page_table) {
		u64 pool = h->phys_start + h->config_offset + ALIGN_UP(h->config_size, PAGE_SIZE);

		pool_init(pool, h->phys_start + h->memory_size);
		if (boot_tables(areas))
			return 0;
	}
	return boot_percpu(areas, cpu)->page_table;
}

struct percpu *percpu(u32 index)
{
	return (struct percpu *)(__image_end + (u64)index * HV_PERCPU_SIZE);
}

int map_device(u64 virt, u64 phys, u64 size)
{
	int err = map(this_cpu()->page_table, virt, phys, size, arch_hv_attr(true, false, true));

	dsb(ishst);
	isb();
	return err;
}

/* What is wrong with the console's address shows when it is asked. */
static int enter_console(void)
{
	const struct cv_console *c = &hv.system->debug_console;
	u64 size = MIN((c->address & ~PAGE_MASK) + c->size, 0x10000);

	map_device(HV_CONSOLE, c->address & PAGE_MASK, ALIGN_UP(size, PAGE_SIZE));
	return console_init();
}

/* The frames that are driven answer, or nothing changes. */
static int enter_first(void)
{
	const struct cv_image_header *h = &image_header;
	int err;

	hv.offset = HV_IMAGE - h->phys_start;
	hv.system = (void *)(HV_IMAGE + h->config_offset);
	err = enter_console();
	err = err ?: gic_select();
	if (err)
		return err;
	printk("taking over %u CPUs of \"%s\"", h->online_cpus,
	       hv.system->root_cell.name);
	return root_init();
}

/* To the guest with regs, x0 included, and the boot vectors in place. Does not return. */
void leave_el2(struct regs *regs, u64 phys_base, u64 hcr);

/* Called on each CPU with the guest's registers; leaves the result in x0. */
void hv_enter(u32 cpu, struct regs *regs)
{
	struct percpu *me = percpu(cpu);
	int err = 0;

	write_sysreg(me, tpidr_el2);
	cpu_keep_root();
	me->mpidr = mpidr_affinity(read_sysreg(mpidr_el1));
	if (!hv.cpus_in++)
		err = enter_first();
	me->cell = &hv.root;
	if (!err) {
		arch_cpu_load_cell(&hv.root);
		err = gic_cpu_init();
	}
	if (err) { /* nothing of this CPU is left behind; the others are asked to leave */
		me->cell = NULL;
		hv.cpus_in--;
		regs->x[0] = (u64)(s64)err;
		leave_el2(regs, image_header.phys_start, cpu_root_hcr());
	}
	me->power = CPU_RUNNING;
	cpu_guest_traps();
	if (hv.cpus_in == image_header.online_cpus)
		printk("running, %lu of %lu pages used", pool_used(), pool_size());
	regs->x[0] = 0;
}

/* Root's disable call on this CPU: gives it back. Does not return. */
void arch_cpu_leave(struct regs *regs)
{
	gic_cpu_exit();
	leave_el2(regs, image_header.phys_start, cpu_root_hcr());
}

u64 mpidr_affinity(u64 mpidr)
{
	return mpidr & 0xff00ffffffull;
}

struct percpu *cpu_by_mpidr(u64 mpidr)
{
	for (u32 i = 0; i < image_header.max_cpus; i++)
		if (percpu(i)->power != CPU_ABSENT && percpu(i)->mpidr == mpidr_affinity(mpidr))
			return percpu(i);
	return NULL;
}
