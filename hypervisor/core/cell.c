// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cells: made from what root has, run, and given back. Everything here runs under hv.lock, on one
 * of root's CPUs. A refused request leaves no trace: checks come first, then what can fail
 * (memory), then what can't.
 */
#include "arch.h"

static bool is_taken(const struct cv_memory *r)
{
	return r->size && !(r->flags & (CV_MEM_COMM | CV_MEM_ROOTSHARED));
}

static bool is_loadable(const struct cv_memory *r)
{
	return r->size && r->flags & CV_MEM_LOADABLE;
}

static int map_region(struct cell *cell, const struct cv_memory *r)
{
	u64 phys = r->flags & CV_MEM_COMM ? cell->comm_phys : r->phys_start;
	u64 size = r->flags & CV_MEM_COMM ? PAGE_SIZE : r->size;

	if (!r->size || (r->phys_start | r->virt_start | r->size) & ~PAGE_MASK)
		return 0;
	return paging_map(&cell->s2, r->virt_start, phys, size, arch_stage2_attr(r->flags),
			  !(r->flags & CV_MEM_NO_HUGE));
}

static int map_regions(struct cell *cell)
{
	const struct cv_memory *r = cell_memory(cell->desc);
	int err = 0;

	for (u32 i = 0; i < cell->desc->num_memory_regions && !err; i++)
		err = map_region(cell, &r[i]);
	return err;
}

static void irqs_of(struct irqset *set, const struct cv_cell_desc *d)
{
	const struct cv_irqchip *chip = cell_irqchips(d);

	memset(set, 0, sizeof(*set));
	for (u32 i = 0; i < d->num_irqchips; i++) {
		for (u32 pin = 0; pin < 128; pin++) {
			u32 intid = chip[i].pin_base + pin;

			if (chip[i].pin_bitmap[pin / 32] >> (pin % 32) & 1 && intid >= 32 &&
			    intid < 1020)
				set->spi[(intid - 32) / 32] |= 1u << (intid % 32);
		}
	}
}

/* Root reads the console without asking, if the system descriptor lets it. */
static int map_console(void)
{
	u64 phys = hv_to_phys(&console_ring);

	if (!(hv.system->flags & CV_SYS_ROOT_CONSOLE))
		return 0;
	return paging_map(&hv.root.s2, phys, phys, sizeof(console_ring),
			  arch_stage2_attr(CV_MEM_READ), false);
}

int root_init(void)
{
	int err = desc_validate(&hv.system->root_cell, image_header.config_size -
							       offsetof(struct cv_system, root_cell));

	hv.root.desc = &hv.system->root_cell;
	err = err ?: arch_cell_init(&hv.root);
	err = err ?: map_regions(&hv.root);
	err = err ?: map_console();
	if (err)
		return err;
	irqs_of(&hv.root.irqs, hv.root.desc);
	hv.cells = &hv.root;
	hv.num_cells = 1;
	hv.next_id = 1;
	return 0;
}

struct cell *cell_by_id(u32 id)
{
	for (struct cell *c = hv.cells; c; c = c->next)
		if (c->id == id)
			return c;
	return NULL;
}

static u64 cpus_of(const struct cv_cell_desc *d)
{
	u64 set;

	memcpy(&set, cell_cpu_set(d), sizeof(set));
	return set;
}

static bool same_name(const struct cv_cell_desc *a, const struct cv_cell_desc *b)
{
	return memcmp(a->name, b->name, CV_CELL_NAME_SIZE) == 0;
}

/* Root must have what the cell asks for: CPUs that wait, memory and interrupts. */
static int check_cpus(const struct cv_cell_desc *d)
{
	u64 set = cpus_of(d);

	if (!set || set & ~hv.root.cpus)
		return set ? -CV_EBUSY : -CV_EINVAL;
	for (u32 i = 0; i < image_header.max_cpus; i++)
		if (set >> i & 1 && percpu(i)->power != CPU_OFF)
			return -CV_EBUSY;
	return 0;
}

static bool overlaps(u64 a, u64 an, u64 b, u64 bn)
{
	return an && bn && a < b + bn && b < a + an;
}

static int check_memory(const struct cv_cell_desc *d)
{
	const struct cv_memory *r = cell_memory(d), *h = &hv.system->hypervisor_memory;

	for (u32 i = 0; i < d->num_memory_regions; i++) {
		if (!r[i].size || r[i].flags & CV_MEM_COMM)
			continue;
		if (overlaps(r[i].phys_start, r[i].size, h->phys_start, h->size))
			return -CV_EINVAL;
		for (struct cell *c = hv.root.next; c; c = c->next) {
			const struct cv_memory *o = cell_memory(c->desc);

			for (u32 k = 0; k < c->desc->num_memory_regions; k++)
				if (is_taken(&r[i]) && is_taken(&o[k]) &&
				    overlaps(r[i].phys_start, r[i].size, o[k].phys_start, o[k].size))
					return -CV_EBUSY;
		}
	}
	return 0;
}

static int check_new(const struct cv_cell_desc *d)
{
	int err = 0;

	if (memcmp(d->signature, CV_CELL_SIGNATURE, 5) ||
	    d->architecture != hv.system->architecture || d->revision != CV_CONFIG_REVISION)
		return -CV_EINVAL;
	for (struct cell *c = hv.cells; c && !err; c = c->next) {
		if (same_name(c->desc, d))
			err = -CV_EEXIST;
		else if (c->id && c->comm && c->comm->cell_state == CV_CELL_STATE_LOCKED)
			err = -CV_EPERM;
	}
	err = err ?: check_cpus(d);
	return err ?: check_memory(d);
}

static u32 pages(u64 size)
{
	return (u32)(ALIGN_UP(size, PAGE_SIZE) >> PAGE_SHIFT);
}

static void cell_release(struct cell *cell)
{
	if (cell->s2.root)
		arch_cell_exit(cell);
	if (cell->comm_phys)
		pages_free(cell->comm_phys, 1);
	pages_free(hv_to_phys(cell), pages(sizeof(*cell) + desc_size(cell->desc)));
}

/* A cell with its own copy of the descriptor; what the guest of root writes later is not seen. */
static struct cell *cell_alloc(u64 config, int *err)
{
	struct cv_cell_desc head;
	struct cell *cell;
	u64 phys, size;

	*err = copy_from_guest_phys(&head, config, sizeof(head));
	if (*err)
		return NULL;
	size = desc_size(&head);
	if (size > CV_MAX_CONFIG_SIZE) {
		*err = -CV_E2BIG;
		return NULL;
	}
	phys = pages_alloc(pages(sizeof(*cell) + size));
	if (!phys) {
		*err = -CV_ENOMEM;
		return NULL;
	}
	cell = phys_to_hv(phys);
	cell->desc = (void *)(cell + 1);
	*err = copy_from_guest_phys(cell->desc, config, size);
	/* the copy may differ from the head that was read first: root may be writing */
	if (!*err && desc_size(cell->desc) != size)
		*err = -CV_EINVAL;
	*err = *err ?: desc_validate(cell->desc, size);
	if (*err) {
		pages_free(phys, pages(sizeof(*cell) + size));
		return NULL;
	}
	return cell;
}

static void comm_init(struct cell *cell)
{
	const struct cv_system *s = hv.system;
	struct cv_comm_region *c = cell->comm;

	memset(c, 0, sizeof(*c));
	memcpy(c->signature, CV_COMM_SIGNATURE, 6);
	c->revision = CV_COMM_REVISION;
	c->cell_state = CV_CELL_STATE_SHUT_DOWN;
	if (cell->desc->flags & CV_CELL_CONSOLE_PERMITTED)
		c->flags |= CV_COMM_PUTC_PERMITTED;
	if (cell->desc->flags & CV_CELL_CONSOLE_ACTIVE)
		c->flags |= CV_COMM_PUTC_ACTIVE;
	c->console = cell->desc->console;
	c->pci_mmconfig_base = s->pci_mmconfig_base;
	c->arm.gic_version = s->arm.gic_version;
	c->arm.gicd_base = s->arm.gicd_base;
	c->arm.gicc_base = s->arm.gicc_base;
	c->arm.gicr_base = s->arm.gicr_base;
	c->arm.vpci_irq_base = cell->desc->vpci_irq_base;
}

static int take_from_root(struct cell *cell, bool loadable_only)
{
	const struct cv_memory *r = cell_memory(cell->desc);
	int err = 0;

	for (u32 i = 0; i < cell->desc->num_memory_regions && !err; i++)
		if (is_taken(&r[i]) && !((r[i].phys_start | r[i].size) & ~PAGE_MASK) &&
		    (!loadable_only || is_loadable(&r[i])))
			err = paging_unmap(&hv.root.s2, r[i].phys_start, r[i].size);
	arch_stage2_flush(&hv.root);
	return err;
}

/* Root gets back those parts of the region that its own descriptor lists. */
static int give_back(const struct cv_memory *r, u64 extra_flags)
{
	const struct cv_memory *own = cell_memory(hv.root.desc);
	int err = 0;

	for (u32 i = 0; i < hv.root.desc->num_memory_regions && !err; i++) {
		u64 start = r->phys_start > own[i].phys_start ? r->phys_start : own[i].phys_start;
		u64 end = MIN(r->phys_start + r->size, own[i].phys_start + own[i].size);

		if (start < end && !((start | end) & ~PAGE_MASK))
			err = paging_map(&hv.root.s2, own[i].virt_start + start - own[i].phys_start,
					 start, end - start,
					 arch_stage2_attr(own[i].flags | extra_flags), true);
	}
	return err;
}

static int return_to_root(struct cell *cell, bool loadable_only)
{
	const struct cv_memory *r = cell_memory(cell->desc);
	int err = 0;

	for (u32 i = 0; i < cell->desc->num_memory_regions && !err; i++)
		if (is_taken(&r[i]) && (!loadable_only || is_loadable(&r[i])))
			err = give_back(&r[i], 0);
	arch_stage2_flush(&hv.root);
	return err;
}

static void move_irqs(struct cell *cell, bool to_cell)
{
	struct irqset all;

	irqs_of(&all, hv.root.desc);
	for (u32 i = 0; i < ARRAY_SIZE(all.spi); i++) {
		if (to_cell)
			hv.root.irqs.spi[i] &= ~cell->irqs.spi[i];
		else
			hv.root.irqs.spi[i] |= all.spi[i] & cell->irqs.spi[i];
	}
	arch_irqs_claim(to_cell ? cell : &hv.root, &cell->irqs);
}

static void move_cpus(u64 set, struct cell *from, struct cell *to)
{
	from->cpus &= ~set;
	to->cpus |= set;
	for (u32 i = 0; i < image_header.max_cpus; i++)
		if (set >> i & 1)
			percpu(i)->cell = to;
}

static void link_cell(struct cell *cell)
{
	struct cell **end = &hv.cells;

	while (*end)
		end = &(*end)->next;
	*end = cell;
	hv.num_cells++;
}

static s64 cell_create(u64 config)
{
	int err;
	struct cell *cell = cell_alloc(config, &err);

	if (!cell)
		return err;
	err = check_new(cell->desc);
	cell->id = cell->desc->id ? cell->desc->id : hv.next_id;
	if (!err && cell_by_id(cell->id))
		err = -CV_EEXIST;
	if (!err) {
		cell->comm_phys = pages_alloc(1);
		err = cell->comm_phys ? 0 : -CV_ENOMEM;
	}
	err = err ?: arch_cell_init(cell);
	err = err ?: map_regions(cell);
	if (err) {
		cell_release(cell);
		return err;
	}
	cell->comm = phys_to_hv(cell->comm_phys);
	comm_init(cell);
	irqs_of(&cell->irqs, cell->desc);
	err = take_from_root(cell, false);
	if (err) {
		return_to_root(cell, false);
		cell_release(cell);
		return err;
	}
	move_cpus(cpus_of(cell->desc), &hv.root, cell);
	move_irqs(cell, true);
	link_cell(cell);
	hv.next_id = cell->id + 1;
	printk("cellvisor: created cell %u \"%s\"\n", cell->id, cell->desc->name);
	return 0;
}

/* Parks the cell's CPUs; waits until they are in EL2 for good. */
static void park_cpus(struct cell *cell)
{
	for (u32 i = 0; i < image_header.max_cpus; i++) {
		struct percpu *p = percpu(i);

		if (!(cell->cpus >> i & 1))
			continue;
		spin_lock(&p->lock);
		p->start_wanted = false;
		p->park_wanted = p->power == CPU_RUNNING;
		spin_unlock(&p->lock);
		arch_cpu_kick(p);
	}
	for (u32 i = 0; i < image_header.max_cpus; i++)
		while (cell->cpus >> i & 1 &&
		       __atomic_load_n(&percpu(i)->power, __ATOMIC_ACQUIRE) != CPU_OFF)
			arch_relax();
}

static s64 cell_start(struct cell *cell)
{
	struct percpu *first = percpu((u32)__builtin_ctzl(cell->cpus));
	int err;

	park_cpus(cell);
	if (cell->loadable) {
		err = take_from_root(cell, true);
		if (err)
			return err;
		cell->loadable = false;
	}
	comm_init(cell);
	cell->comm->cell_state = CV_CELL_STATE_RUNNING;
	for (u32 i = 0; i < image_header.max_cpus; i++)
		if (cell->cpus >> i & 1)
			percpu(i)->failed = false;
	spin_lock(&first->lock);
	first->start_entry = cell->desc->cpu_reset_address;
	first->start_context = 0;
	first->start_wanted = true;
	spin_unlock(&first->lock);
	arch_cpu_kick(first);
	printk("cellvisor: started cell %u \"%s\"\n", cell->id, cell->desc->name);
	return 0;
}

static s64 cell_set_loadable(struct cell *cell)
{
	int err;

	if (cell->loadable)
		return 0;
	park_cpus(cell);
	cell->comm->cell_state = CV_CELL_STATE_SHUT_DOWN;
	err = return_to_root(cell, true);
	cell->loadable = !err;
	return err;
}

static s64 cell_destroy(struct cell *cell)
{
	struct cell **at = &hv.cells;
	u64 set = cell->cpus;
	int err;

	park_cpus(cell);
	err = return_to_root(cell, false);
	if (err)
		return err;
	move_cpus(set, cell, &hv.root);
	move_irqs(cell, false);
	while (*at != cell)
		at = &(*at)->next;
	*at = cell->next;
	hv.num_cells--;
	printk("cellvisor: destroyed cell %u \"%s\"\n", cell->id, cell->desc->name);
	cell_release(cell);
	return 0;
}

void cell_fail(const char *what, u64 detail)
{
	struct percpu *me = this_cpu();

	printk("cellvisor: cell \"%s\", CPU %u: %s at 0x%lx: stopped\n", me->cell->desc->name,
	       me->index, what, detail);
	me->failed = true;
	me->cell->comm->cell_state = CV_CELL_STATE_FAILED;
}

static s64 disable(void)
{
	if (hv.num_cells > 1)
		return -CV_EBUSY;
	for (u32 i = 0; i < image_header.max_cpus; i++)
		if (percpu(i)->power == CPU_OFF)
			return -CV_EBUSY; /* root brings its CPUs up first */
	if (!hv.cpus_left++)
		printk("cellvisor: leaving\n");
	this_cpu()->power = CPU_ABSENT;
	if (hv.cpus_left == hv.cpus_in)
		hv.cpus_in = hv.cpus_left = 0;
	return 0;
}

static s64 root_call(u64 code, u64 arg)
{
	struct cell *cell = arg ? cell_by_id((u32)arg) : NULL;

	if (this_cpu()->cell != &hv.root)
		return -CV_EPERM;
	if (code == CV_HC_DISABLE)
		return disable();
	if (code == CV_HC_CELL_CREATE)
		return cell_create(arg);
	if (!arg && code != CV_HC_CELL_STATE)
		return -CV_EINVAL;
	if (!cell)
		return arg ? -CV_ENOENT : CV_CELL_STATE_RUNNING;
	switch (code) {
	case CV_HC_CELL_START:
		return cell_start(cell);
	case CV_HC_CELL_SET_LOADABLE:
		return cell_set_loadable(cell);
	case CV_HC_CELL_DESTROY:
		return cell_destroy(cell);
	}
	return cell->comm->cell_state;
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

static s64 cpu_info(u64 cpu, u64 type)
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

static s64 putc(u64 c)
{
	if (!(this_cpu()->cell->desc->flags & CV_CELL_CONSOLE_PERMITTED))
		return -CV_EPERM;
	printk("%c", (int)(u8)c);
	return 0;
}

s64 hypercall(u64 code, u64 arg1, u64 arg2)
{
	s64 result;

	switch (code) {
	case CV_HC_INFO:
		return info(arg1);
	case CV_HC_CPU_INFO:
		return cpu_info(arg1, arg2);
	case CV_HC_CONSOLE_PUTC:
		return putc(arg1);
	case CV_HC_DISABLE:
	case CV_HC_CELL_CREATE:
	case CV_HC_CELL_START:
	case CV_HC_CELL_SET_LOADABLE:
	case CV_HC_CELL_DESTROY:
	case CV_HC_CELL_STATE:
		spin_lock(&hv.lock);
		result = root_call(code, arg1);
		spin_unlock(&hv.lock);
		return result;
	}
	return -CV_ENOSYS;
}

/* Through this CPU's window, a page at a time; root's memory is mapped 1:1 or not at all. */
int copy_from_guest_phys(void *to, u64 phys, u64 size)
{
	const struct cv_memory *own = cell_memory(hv.root.desc), *h = &hv.system->hypervisor_memory;
	const struct paging me = {this_cpu()->page_table, 1, 39};
	bool inside = false;
	u64 chunk;

	for (u32 i = 0; i < hv.root.desc->num_memory_regions; i++)
		inside |= !(own[i].flags & CV_MEM_IO) && phys >= own[i].virt_start &&
			  phys - own[i].virt_start <= own[i].size &&
			  size <= own[i].size - (phys - own[i].virt_start);
	if (!inside || overlaps(phys, size, h->phys_start, h->size))
		return -CV_EINVAL;
	for (; size; to = (u8 *)to + chunk, phys += chunk, size -= chunk) {
		chunk = MIN(size, PAGE_SIZE - (phys & ~PAGE_MASK));
		if (paging_map(&me, HV_WINDOW, phys & PAGE_MASK, PAGE_SIZE,
			       arch_hv_attr(false, false, false), false))
			return -CV_ENOMEM;
		arch_window_flush();
		memcpy(to, (const void *)(HV_WINDOW + (phys & ~PAGE_MASK)), chunk);
		paging_unmap(&me, HV_WINDOW, PAGE_SIZE);
		arch_window_flush();
	}
	return 0;
}
