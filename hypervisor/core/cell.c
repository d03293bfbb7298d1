// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cells: made from what root has, run, and given back. Runs on one of root's CPUs with hv.managing
 * set. A refused request leaves no trace: checks come first, then what can fail (memory), then what
 * can't.
 */
#include "arch.h"
#include "pci.h"

static u32 pages(u64 size)
{
	return (u32)(ALIGN_UP(size, PAGE_SIZE) >> PAGE_SHIFT);
}

static int map_region(struct cell *cell, const struct cv_memory *r)
{
	u64 phys = r->flags & CV_MEM_COMM ? cell->comm_phys : r->phys_start;

	if (!r->size || region_is_subpage(r))
		return 0;
	return paging_map(&cell->s2, r->virt_start, phys, r->size, arch_stage2_attr(r->flags),
			  !(r->flags & CV_MEM_NO_HUGE));
}

static int map_regions(struct cell *cell)
{
	int err = 0;

	for_each_region(r, cell->desc)
		err = err ?: map_region(cell, r);
	return err;
}

/* --- what root has --- */

/* The first part of a range that root must not have now: a cell's but one, or a frame. */
static bool find_hole(u64 start, u64 size, const struct cell *but, struct range *at)
{
	struct range frame;

	owner_find(start, size, but, at);
	if (frame_find(start, size, &frame) && (!at->size || frame.start < at->start))
		*at = frame;
	return at->size;
}

/* Maps [start, end), which is in one region of root's, but for the pages that have a hole. */
static int map_around(const struct cv_memory *own, u64 start, u64 end, const struct cell *but)
{
	struct range hole;
	int err = 0;

	while (start < end && !err) {
		bool found = find_hole(start, end - start, but, &hole);
		u64 first = ALIGN_UP(start, PAGE_SIZE);
		u64 stop = (found ? hole.start : end) & PAGE_MASK;

		if (first < stop)
			err = paging_map(&hv.root.s2, first, first, stop - first,
					 arch_stage2_attr(own->flags), !(own->flags & CV_MEM_NO_HUGE));
		start = found ? hole.start + hole.size : end;
	}
	return err;
}

/* Root gets those parts of the range that its own descriptor lists; `but` no longer counts. */
static int give_back(u64 start, u64 end, const struct cell *but)
{
	int err = 0;

	for_each_region(own, hv.root.desc) {
		u64 from = MAX(start, own->phys_start);
		u64 to = MIN(end, own->phys_start + own->size);

		if (!err && from < to && !region_is_subpage(own))
			err = map_around(own, from, to, but);
	}
	return err;
}

/*
 * A cell's regions go to it, or those of them that can be loaded; or back to root. Sub-page regions take
 * their pages: what root has of these is trapped while the cell has them.
 */
static int move_regions(struct cell *cell, bool loadable_only, bool to_cell)
{
	int err = 0, e;

	for_each_region(r, cell->desc) {
		u64 start = r->phys_start & PAGE_MASK;
		u64 end = ALIGN_UP(r->phys_start + r->size, PAGE_SIZE);

		if (!region_is_taken(r) || (loadable_only && !(r->flags & CV_MEM_LOADABLE)))
			continue;
		e = to_cell ? paging_unmap(&hv.root.s2, start, end - start)
			    : give_back(start, end, cell);
		err = err ?: e;
	}
	if (to_cell)
		arch_stage2_flush(&hv.root);
	return err;
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

static int root_map(void)
{
	for_each_region(r, hv.root.desc)
		if (r->size && r->virt_start != r->phys_start)
			return -CV_EINVAL;
	return give_back(0, ~0ull, NULL);
}

static int root_devices(void)
{
	u64 phys = pages_alloc(pages(mmio_room(hv.root.desc) * sizeof(struct mmio_entry)));
	int err;

	if (!phys)
		return -CV_ENOMEM;
	hv.root.mmio = phys_to_hv(phys);
	mmio_init(&hv.root);
	pci_init(&hv.root);
	err = functions_init() ?: shmem_init(&hv.root);
	if (err)
		return err;
	shmem_come(&hv.root);
	shmem_start(&hv.root);
	return 0;
}

int root_init(void)
{
	int err = desc_validate(&hv.system->root_cell, image_header.config_size -
							       offsetof(struct cv_system, root_cell));

	hv.root.desc = &hv.system->root_cell;
	hv.root.vmid = 1;
	frames_init();
	err = err ?: arch_cell_init(&hv.root);
	if (!err && !regions_fit(hv.root.desc, arch_phys_bits()))
		err = -CV_EINVAL;
	err = err ?: root_map();
	err = err ?: map_console();
	err = err ?: root_devices();
	if (err)
		return err;
	hv.root.s2.live = &hv.root;
	irqs_of(&hv.root.irqs, hv.root.desc);
	hv.cells = &hv.root;
	hv.num_cells = 1;
	hv.next_id = 1;
	return 0;
}

static void tell(const struct cell *cell, const char *done)
{
	printk("%s cell %u \"%s\"", done, cell->id, cell->desc->name);
}

/* --- making a cell --- */

struct cell *cell_by_id(u64 id)
{
	for (struct cell *c = hv.cells; c; c = c->next)
		if (c->id == id)
			return c;
	return NULL;
}

/* The cell, its descriptor, the table of its trapped ranges: one run of pages. */
static u64 mmio_offset(const struct cv_cell_desc *d)
{
	return ALIGN_UP(sizeof(struct cell) + desc_size(d), 8);
}

static u32 cell_pages(const struct cv_cell_desc *d)
{
	return pages(mmio_offset(d) + mmio_room(d) * sizeof(struct mmio_entry));
}

static void cell_release(struct cell *cell)
{
	shmem_exit(cell);
	if (cell->s2.root)
		arch_cell_exit(cell);
	cell_console_exit(cell);
	if (cell->comm_phys)
		pages_free(cell->comm_phys, 1);
	pages_free(hv_to_phys(cell), cell_pages(cell->desc));
}

/* A cell with its own copy of the descriptor; what root writes later is not seen. */
static struct cell *cell_alloc(u64 config, int *err)
{
	struct cv_cell_desc head;
	struct cell *cell;
	u64 phys, size;

	*err = copy_guest_phys(&head, config, sizeof(head), false);
	if (*err)
		return NULL;
	size = desc_size(&head);
	*err = size > CV_MAX_CONFIG_SIZE ? -CV_E2BIG : 0;
	phys = *err ? 0 : pages_alloc(cell_pages(&head));
	if (!phys) {
		*err = *err ?: -CV_ENOMEM;
		return NULL;
	}
	cell = phys_to_hv(phys);
	cell->desc = (void *)(cell + 1);
	cell->mmio = (void *)((u8 *)cell + mmio_offset(&head));
	*err = copy_guest_phys(cell->desc, config, size, false);
	/* root may be writing: sizes must be those that were allocated for */
	if (!*err && memcmp(&head, cell->desc, sizeof(head)))
		*err = -CV_EINVAL;
	*err = *err ?: desc_validate(cell->desc, size);
	if (!*err)
		return cell;
	pages_free(phys, cell_pages(&head));
	return NULL;
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

/* A dead CPU is the firmware's, as one that never came in, until root takes the machine back. */
static void forget_cpu(struct percpu *p)
{
	p->cell = NULL;
	p->power = CPU_ABSENT;
	hv.cpus_in--;
}

/* Those of the descriptor that `from` has. */
static void move_cpus(const struct cv_cell_desc *d, struct cell *from, struct cell *to)
{
	for_each_cpu(p, from) {
		if (!desc_has_cpu(d, p->index))
			continue;
		if (p->power == CPU_DEAD) {
			forget_cpu(p);
			continue;
		}
		p->cell = to;
		p->mmio_seq = MMIO_NEVER;
		p->failed = false;
	}
}

/* In place of `old`, or of NULL at the end, the list of cells has `now`. */
static void change_list(struct cell *old, struct cell *now)
{
	struct cell **at = &hv.root.next;

	spin_lock(&hv.lock);
	while (*at != old)
		at = &(*at)->next;
	*at = now;
	hv.num_cells += old ? -1 : 1;
	mmio_owners_changed();
	spin_unlock(&hv.lock);
}

/* The lowest tag nobody has: 8 bits of it must do. */
static u16 free_vmid(void)
{
	u64 free = ~3ull; /* 0 is nobody's, 1 root's; more than MAX_CELLS */

	for (struct cell *c = hv.root.next; c; c = c->next)
		free &= ~BIT(c->vmid);
	return (u16)__builtin_ctzl(free);
}

static u32 free_id(void)
{
	u32 id = hv.next_id;

	while (!id || cell_by_id(id))
		id++;
	return id;
}

/* All that can be refused: memory is the last of it. */
static int cell_prepare(struct cell *cell, bool dry_run)
{
	int err = cells_unlocked(NULL) ? owner_check(cell->desc, !dry_run) : -CV_EPERM;

	if (!err && hv.num_cells == MAX_CELLS)
		err = -CV_ENOMEM;
	cell->id = cell->desc->id ? cell->desc->id : free_id();
	if (!err && cell_by_id(cell->id))
		err = -CV_EEXIST;
	if (err)
		return err;
	cell->vmid = free_vmid();
	irqs_of(&cell->irqs, cell->desc);
	cell->comm_phys = pages_alloc(1);
	err = cell->comm_phys ? 0 : -CV_ENOMEM;
	mmio_init(cell);
	pci_init(cell);
	err = err ?: cell_console_init(cell);
	err = err ?: arch_cell_init(cell);
	err = err ?: map_regions(cell);
	err = err ?: shmem_init(cell);
	if (err || dry_run)
		return err;
	err = move_regions(cell, false, true);
	if (err)
		move_regions(cell, false, false);
	return err;
}

s64 cell_create(u64 config, bool dry_run)
{
	int err;
	struct cell *cell = cell_alloc(config, &err);

	if (!cell)
		return err;
	err = cell_prepare(cell, dry_run);
	if (err || dry_run) {
		cell_release(cell);
		return err;
	}
	cell->comm = phys_to_hv(cell->comm_phys);
	comm_init(cell, CV_CELL_STATE_SHUT_DOWN);
	shmem_come(cell);
	change_list(NULL, cell);
	move_cpus(cell->desc, &hv.root, cell);
	move_irqs(cell, true);
	functions_move(cell, cell);
	hv.next_id = cell->id + 1;
	tell(cell, "created");
	cells_tell_reconfigured(cell);
	return 0;
}

/* --- running, and giving it back --- */

static void devices_stop(struct cell *cell)
{
	functions_quiet(cell);
	shmem_stop(cell);
}

/*
 * A CPU of the cell may be starting another one at this moment: it does so with that CPU's lock
 * held and looks at `parked` then. Either it comes first, and what it asked for is taken back
 * here, or it sees the flag.
 */
static void park(struct cell *cell, const struct percpu *but)
{
	__atomic_store_n(&cell->parked, true, __ATOMIC_RELEASE);
	for_each_cpu(p, cell) {
		if (p == but)
			continue;
		spin_lock(&p->lock);
		p->start_wanted = false;
		p->park_wanted = p->power == CPU_RUNNING;
		spin_unlock(&p->lock);
		arch_cpu_kick(p);
	}
}

static bool has_stopped(const struct percpu *p)
{
	enum cpu_power power = __atomic_load_n(&p->power, __ATOMIC_ACQUIRE);

	return power == CPU_OFF || (power == CPU_DEAD && arch_cpu_is_gone(p));
}

#define PARK_SECONDS 10 /* more than an exit takes, less than Linux waits for its own CPU */

/*
 * Parks the cell's CPUs; waits until none can touch what the cell has: they are in EL2 for good, or
 * dead and off. -CV_EIO: one does not come, or is dead and the cell is to run again.
 */
static s64 park_cpus(struct cell *cell, bool for_good)
{
	u64 end = arch_seconds() + PARK_SECONDS;
	bool dead = false;

	park(cell, NULL);
	for_each_cpu(p, cell) {
		while (!has_stopped(p)) {
			if (arch_seconds() > end) {
				printk("CPU %u does not leave cell \"%s\"", p->index,
				       cell->desc->name);
				return -CV_EIO;
			}
			arch_relax();
		}
		dead |= p->power == CPU_DEAD;
	}
	return dead && !for_good ? -CV_EIO : 0;
}

void cells_stop(void)
{
	spin_lock(&hv.lock);
	for (struct cell *c = hv.root.next; c; c = c->next)
		park_cpus(c, true);
	spin_unlock(&hv.lock);
}

static s64 shut_down(struct cell *cell, bool for_good)
{
	s64 err = cell_agrees(cell) ?: park_cpus(cell, for_good);

	if (err)
		return err;
	cell->comm->cell_state = CV_CELL_STATE_SHUT_DOWN;
	devices_stop(cell);
	return 0;
}

static void start_first_cpu(struct cell *cell)
{
	struct percpu *first = cell_cpu(cell, 0);

	for_each_cpu(p, cell)
		p->failed = false;
	cell->failed = cell->ended = false;
	cell->parked = false; /* no CPU of the cell runs */
	spin_lock(&first->lock);
	first->start_entry = cell->desc->cpu_reset_address;
	first->start_context = 0;
	first->start_wanted = true;
	spin_unlock(&first->lock);
	arch_cpu_kick(first);
}

static void set_loaded(struct cell *cell, bool loadable)
{
	spin_lock(&hv.lock);
	cell->loadable = loadable;
	spin_unlock(&hv.lock);
}

s64 cell_start(struct cell *cell)
{
	s64 err = cell_agrees(cell) ?: park_cpus(cell, false);

	if (!err && cell->loadable)
		err = move_regions(cell, true, true);
	if (err)
		return err;
	set_loaded(cell, false);
	comm_init(cell, CV_CELL_STATE_RUNNING);
	cell_console_reset(cell);
	arch_irqs_claim(cell, &cell->irqs); /* nothing of its last run */
	functions_quiet(cell);
	shmem_start(cell);
	tell(cell, "started");
	start_first_cpu(cell);
	return 0;
}

s64 cell_set_loadable(struct cell *cell)
{
	s64 err;

	if (cell->loadable)
		return 0;
	err = shut_down(cell, false);
	if (err)
		return err;
	cell->failed = cell->ended = false;
	set_loaded(cell, true);
	err = move_regions(cell, true, false);
	if (err)
		set_loaded(cell, false);
	return err;
}

s64 cell_destroy(struct cell *cell)
{
	s64 err = cells_unlocked(cell) ? shut_down(cell, true) : -CV_EPERM;

	err = err ?: move_regions(cell, false, false);
	if (err)
		return err;
	change_list(cell, cell->next);
	move_cpus(cell->desc, cell, &hv.root);
	move_irqs(cell, false);
	functions_move(cell, &hv.root);
	tell(cell, "destroyed");
	cell_release(cell);
	cells_tell_reconfigured(NULL);
	return 0;
}

static void stop(struct percpu *me, bool *flag, u32 state)
{
	__atomic_store_n(flag, true, __ATOMIC_RELEASE);
	me->cell->comm->cell_state = state;
	park(me->cell, me);
	devices_stop(me->cell);
}

/* The other CPUs of the cell follow: half a program is of no use, and may do harm to its device. */
static void fail(struct percpu *me)
{
	me->failed = true;
	stop(me, &me->cell->failed, CV_CELL_STATE_FAILED);
}

void cell_fail(const char *what, u64 detail, u64 pc)
{
	struct percpu *me = this_cpu();

	printk("cell \"%s\", CPU %u: %s at 0x%lx, pc 0x%lx: stopped",
	       me->cell->desc->name, me->index, what, detail, pc);
	fail(me);
}

void cell_cpu_dies(void)
{
	if (this_cpu()->cell != &hv.root)
		fail(this_cpu());
}

static bool is_alive(struct percpu *cpu)
{
	bool alive;

	spin_lock(&cpu->lock);
	alive = cpu->start_wanted ||
		(cpu->power == CPU_RUNNING && !__atomic_load_n(&cpu->leaving, __ATOMIC_SEQ_CST));
	spin_unlock(&cpu->lock);
	return alive;
}

/* Of two CPUs that leave at once, at least one sees that the other does. The devices stop before
 * this CPU is off, and whoever starts the cell anew waits for that. */
void cell_cpu_leaving(void)
{
	struct cell *cell = this_cpu()->cell;

	__atomic_store_n(&this_cpu()->leaving, true, __ATOMIC_SEQ_CST);
	if (cell == &hv.root)
		return;
	for_each_cpu(p, cell)
		if (is_alive(p))
			return;
	devices_stop(cell);
}

void cell_end(const char *what)
{
	struct percpu *me = this_cpu();

	printk("cell \"%s\" %s", me->cell->desc->name, what);
	stop(me, &me->cell->ended, CV_CELL_STATE_SHUT_DOWN);
}

/* All of the range is root's memory at the moment. */
static bool is_root_memory(u64 phys, u64 size)
{
	bool inside = false;
	struct range hole;

	for_each_region(own, hv.root.desc)
		inside |= !(own->flags & CV_MEM_IO) && phys >= own->phys_start &&
			  phys - own->phys_start <= own->size &&
			  size <= own->size - (phys - own->phys_start);
	return inside && !find_hole(phys, size, NULL, &hole);
}

/* Through this CPU's window, a page at a time; root's memory is mapped 1:1 or not at all. */
int copy_guest_phys(void *own, u64 phys, u64 size, bool to_guest)
{
	u64 chunk;

	if (!is_root_memory(phys, size))
		return -CV_EINVAL;
	for (u8 *at = own; size; at += chunk, phys += chunk, size -= chunk) {
		void *guest = window_map(phys, to_guest ? WINDOW_WRITE : WINDOW_READ);

		chunk = MIN(size, PAGE_SIZE - (phys & ~PAGE_MASK));
		memcpy(to_guest ? guest : at, to_guest ? at : guest, chunk);
	}
	window_close();
	return 0;
}
