// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests for cells. What can be refused is refused before Linux gives anything away; what fails
 * later is undone in reverse order.
 */
#include "driver.h"
#include "arch.h"
#include "../abi/comm_region.h"

#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/io.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#define IMAGES_MAX 64
#define COPY_CHUNK SZ_1M
#define REBOOT_PATIENCE (5 * HZ) /* with a cell that does not answer */

/* --- descriptors --- */

const struct cv_irqchip *cv_desc_irqchips(const struct cv_cell_desc *d)
{
	return (const void *)((const u8 *)(cv_desc_memory(d) + d->num_memory_regions) +
			      d->num_cache_regions * sizeof(struct cv_cache));
}

const struct cv_pci_device *cv_desc_pci(const struct cv_cell_desc *d)
{
	return (const void *)((const u8 *)(cv_desc_irqchips(d) + d->num_irqchips) +
			      d->num_pio_regions * sizeof(struct cv_pio));
}

static bool in_cpu_set(const struct cv_cell_desc *d, unsigned int cpu)
{
	return cpu / 8 < d->cpu_set_size && ((const u8 *)(d + 1))[cpu / 8] >> cpu % 8 & 1;
}

static struct cv_cell *find(s32 id, const char *name)
{
	struct cv_cell *cell;

	list_for_each_entry(cell, &cv.cells, list)
		if (id == CV_CELL_ID_BY_NAME ? !strcmp(cell->desc->name, name) : cell->id == (u32)id)
			return cell;
	return NULL;
}

struct cv_cell *cv_cell_find(const struct cv_cell_id *id)
{
	struct cv_cell *cell;

	if (!cv.enabled || id->id < CV_CELL_ID_BY_NAME ||
	    (id->id == CV_CELL_ID_BY_NAME && !memchr(id->name, 0, sizeof(id->name))))
		return ERR_PTR(-EINVAL);
	cell = find(id->id, id->name);
	if (!cell)
		return ERR_PTR(-ENOENT);
	return cell == cv.root ? ERR_PTR(-EINVAL) : cell;
}

/* --- making and freeing --- */

/* Owns the descriptor from now on, which the last reference frees. */
static struct cv_cell *cell_alloc(struct cv_cell_desc *desc, u64 size)
{
	struct cv_cell *cell = kzalloc(sizeof(*cell), GFP_KERNEL);

	if (!cell) {
		kfree(desc);
		return ERR_PTR(-ENOMEM);
	}
	cell->desc = desc;
	cell->size = size;
	INIT_LIST_HEAD(&cell->list);
	INIT_LIST_HEAD(&cell->devices);
	INIT_LIST_HEAD(&cell->cpu_counts);
	kobject_init(&cell->kobj, &cv_cell_type);
	return cell;
}

struct cv_cell *cv_root_create(struct cv_system *system)
{
	u64 size = cv_desc_size(&system->root_cell);
	struct cv_cell_desc *desc = kmemdup(&system->root_cell, size, GFP_KERNEL);
	struct cv_cell *cell;
	int err;

	if (!desc)
		return ERR_PTR(-ENOMEM);
	cell = cell_alloc(desc, size);
	if (IS_ERR(cell))
		return cell;
	err = cv_sysfs_add(cell);
	if (!err)
		return cell;
	cv_sysfs_remove(cell);
	return ERR_PTR(err);
}

static int check_head(const struct cv_cell_desc *d, u64 size)
{
	if (memcmp(d->signature, CV_CELL_SIGNATURE, 5) || d->architecture != CV_ARCH_HERE ||
	    d->revision != CV_CONFIG_REVISION) {
		pr_err("not a cell descriptor of revision %u for this architecture\n",
		       CV_CONFIG_REVISION);
		return -EINVAL;
	}
	if (cv_desc_size(d) > size || !d->cpu_set_size || d->cpu_set_size % 8 || !d->name[0] ||
	    d->name[CV_CELL_NAME_SIZE - 1]) {
		pr_err("the cell descriptor is damaged\n");
		return -EINVAL;
	}
	return find(CV_CELL_ID_BY_NAME, d->name) ? -EEXIST : 0;
}

static int check_resources(const struct cv_cell_desc *d)
{
	const struct cv_memory *r = cv_desc_memory(d);
	unsigned int cpu;
	cpumask_t left;

	for (u32 i = 0; i < d->num_memory_regions; i++) {
		if (!r[i].size || r[i].flags & (CV_MEM_IO | CV_MEM_COMM))
			continue;
		if (r[i].phys_start + r[i].size < r[i].phys_start)
			return -EINVAL;
		if (cv_memory_is_linux(r[i].phys_start, r[i].size, "memory of the cell"))
			return -EBUSY;
	}
	cpumask_copy(&left, &cv.root->cpus);
	for (cpu = 0; cpu < d->cpu_set_size * 8; cpu++) {
		if (!in_cpu_set(d, cpu))
			continue;
		if (cpu >= nr_cpu_ids || !cpumask_test_cpu(cpu, &cv.root->cpus)) {
			pr_err("CPU %u is not Linux's to give\n", cpu);
			return -EBUSY;
		}
		cpumask_clear_cpu(cpu, &left);
	}
	if (cpumask_empty(&left)) {
		pr_err("the cell would leave Linux no CPU\n");
		return -EBUSY;
	}
	return cpumask_equal(&left, &cv.root->cpus) ? -EINVAL : 0;
}

static struct cv_cell *cell_read(const struct cv_cell_create *args)
{
	struct cv_cell_desc *desc;
	int err;

	if (args->config_size < sizeof(*desc))
		return ERR_PTR(-EINVAL);
	if (args->config_size > CV_MAX_CONFIG_SIZE)
		return ERR_PTR(-E2BIG);
	desc = memdup_user(u64_to_user_ptr(args->config_address), args->config_size);
	if (IS_ERR(desc))
		return ERR_CAST(desc);
	err = check_head(desc, args->config_size);
	err = err ?: check_resources(desc);
	if (err) {
		kfree(desc);
		return ERR_PTR(err);
	}
	return cell_alloc(desc, args->config_size);
}

/* --- CPUs --- */

/* Those that Linux had online; one that was offline stays so when the cell is gone. */
static void cpus_return(struct cv_cell *cell)
{
	unsigned int cpu;

	cpumask_or(&cv.root->cpus, &cv.root->cpus, &cell->cpus);
	for_each_cpu(cpu, &cell->taken)
		if (add_cpu(cpu) < 0) /* above 0: somebody else did */
			pr_err("CPU %u does not come back\n", cpu);
}

/* Linux does not bring it up any more, nor is just doing so, when this returns. */
static void cpu_forbid(unsigned int cpu)
{
	cpus_read_lock();
	cpumask_clear_cpu(cpu, &cv.root->cpus);
	cpus_read_unlock();
}

static int cpus_take(struct cv_cell *cell)
{
	unsigned int cpu;
	int result;

	for_each_possible_cpu(cpu) {
		if (!in_cpu_set(cell->desc, cpu))
			continue;
		cpu_forbid(cpu);
		cpumask_set_cpu(cpu, &cell->cpus);
		result = remove_cpu(cpu);
		if (result < 0) {
			pr_err("CPU %u does not go offline: error %d\n", cpu, result);
			return result;
		}
		if (!result) /* above 0: it was offline */
			cpumask_set_cpu(cpu, &cell->taken);
	}
	return 0;
}

/* --- requests --- */

/*
 * A call that the cell is asked about first. It may take its time, for ever if its descriptor says
 * so; the caller may lose patience, and the cell then stays as it is.
 */
static int ask(unsigned long code, const struct cv_cell *cell)
{
	unsigned long start = jiffies;
	int err;

	for (;;) {
		err = (int)cv_hypercall(code | CV_HC_NO_WAIT, cell->id, 0);
		if (err != -EAGAIN)
			return err;
		if (signal_pending(current) ||
		    (READ_ONCE(cv.ending) && time_after(jiffies, start + REBOOT_PATIENCE))) {
			cv_hypercall(code | CV_HC_WITHDRAW, cell->id, 0);
			return -EINTR;
		}
		usleep_range(50, 200);
	}
}

bool cv_any_locked(void)
{
	struct cv_cell *cell;

	list_for_each_entry(cell, &cv.cells, list)
		if (cv_hypercall(CV_HC_CELL_STATE, cell->id, 0) == CV_CELL_STATE_LOCKED)
			return true;
	return false;
}

static u32 free_id(void)
{
	u32 id = 1;

	while (find((s32)id, ""))
		id++;
	return id;
}

int cv_cell_create(const void __user *arg)
{
	struct cv_cell_create args;
	struct cv_cell *cell;
	int err;

	if (!cv.enabled)
		return -EINVAL;
	if (copy_from_user(&args, arg, sizeof(args)))
		return -EFAULT;
	if (cv_any_locked())
		return -EPERM;
	cell = cell_read(&args);
	if (IS_ERR(cell))
		return PTR_ERR(cell);
	cell->id = cell->desc->id = free_id();
	/* a refusal is known before Linux misses a CPU or a device */
	err = (int)cv_hypercall(CV_HC_CELL_CREATE | CV_HC_DRY_RUN, virt_to_phys(cell->desc), 0);
	if (err)
		pr_err("the hypervisor refuses cell \"%s\": error %d\n", cell->desc->name, err);
	err = err ?: cv_devices_take(cell);
	err = err ?: cpus_take(cell);
	err = err ?: (int)cv_hypercall(CV_HC_CELL_CREATE, virt_to_phys(cell->desc), 0);
	if (err)
		goto refused;
	err = cv_sysfs_add(cell);
	if (err) {
		cv_hypercall(CV_HC_CELL_DESTROY, cell->id, 0);
		goto refused;
	}
	list_add_tail(&cell->list, &cv.cells);
	return 0;

refused:
	cpus_return(cell);
	cv_devices_return(cell);
	cv_sysfs_remove(cell);
	return err;
}

/* The loadable region that holds the whole image, as a host address; 0 if there is none. */
static u64 load_address(const struct cv_cell_desc *d, const struct cv_load_image *image)
{
	const struct cv_memory *r = cv_desc_memory(d);

	for (u32 i = 0; i < d->num_memory_regions; i++) {
		u64 offset = image->target_address - r[i].virt_start;

		if (r[i].flags & CV_MEM_LOADABLE && image->target_address >= r[i].virt_start &&
		    offset < r[i].size && image->size <= r[i].size - offset)
			return r[i].phys_start + offset;
	}
	return 0;
}

static int copy_image(u8 *to, u64 from, u64 size)
{
	u64 done, n;

	for (done = 0; done < size; done += n) {
		n = min_t(u64, size - done, COPY_CHUNK);
		if (copy_from_user(to + done, u64_to_user_ptr(from + done), n))
			return -EFAULT;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

static int load_one(const struct cv_cell *cell, const struct cv_load_image *image)
{
	u64 phys = load_address(cell->desc, image);
	void *to;
	int err;

	if (!phys || !image->size)
		return -EINVAL;
	to = memremap(phys, image->size, MEMREMAP_WB);
	if (!to)
		return -EBUSY;
	err = copy_image(to, image->source_address, image->size);
	cv_flush(to, image->size);
	memunmap(to);
	return err;
}

/* All images are looked at before the cell is stopped for the first. */
static int load_all(struct cv_cell *cell, const struct cv_load_image *images, u32 n)
{
	int err;

	for (u32 i = 0; i < n; i++)
		if (!images[i].size || !load_address(cell->desc, &images[i]))
			return -EINVAL;
	err = ask(CV_HC_CELL_SET_LOADABLE, cell);
	for (u32 i = 0; i < n && !err; i++)
		err = load_one(cell, &images[i]);
	cv_flush_code();
	return err;
}

int cv_cell_load(const struct cv_cell_load __user *arg)
{
	struct cv_load_image *images;
	struct cv_cell_load args;
	struct cv_cell *cell;
	int err;

	if (copy_from_user(&args, arg, sizeof(args)))
		return -EFAULT;
	cell = cv_cell_find(&args.cell);
	if (IS_ERR(cell))
		return PTR_ERR(cell);
	if (args.num_images > IMAGES_MAX)
		return -E2BIG;
	images = memdup_user(arg->images, args.num_images * sizeof(*images));
	if (IS_ERR(images))
		return PTR_ERR(images);
	err = load_all(cell, images, args.num_images);
	kfree(images);
	return err;
}

int cv_cell_start(const void __user *arg)
{
	struct cv_cell_id id;
	struct cv_cell *cell;

	if (copy_from_user(&id, arg, sizeof(id)))
		return -EFAULT;
	cell = cv_cell_find(&id);
	return IS_ERR(cell) ? PTR_ERR(cell) : ask(CV_HC_CELL_START, cell);
}

/* A CPU that a cell's end leaves failed met a fault of the hypervisor's: the firmware has it. */
static void cpus_lose(struct cv_cell *cell)
{
	unsigned int cpu;

	for_each_cpu(cpu, &cell->cpus) {
		if (cv_hypercall(CV_HC_CPU_INFO, cpu, CV_CPU_STATE) != 2)
			continue;
		pr_err("CPU %u failed in the hypervisor and is off until that is disabled\n", cpu);
		cpumask_clear_cpu(cpu, &cell->cpus);
		cpumask_clear_cpu(cpu, &cv.entered);
		if (cpumask_test_and_clear_cpu(cpu, &cell->taken))
			cpumask_set_cpu(cpu, &cv.lost);
	}
}

static int destroy(struct cv_cell *cell)
{
	int err = ask(CV_HC_CELL_DESTROY, cell);

	if (err)
		return err;
	cpus_lose(cell);
	list_del_init(&cell->list);
	cpus_return(cell);
	cv_devices_return(cell);
	cv_sysfs_remove(cell);
	return 0;
}

int cv_cell_destroy(const void __user *arg)
{
	struct cv_cell_id id;
	struct cv_cell *cell;

	if (copy_from_user(&id, arg, sizeof(id)))
		return -EFAULT;
	cell = cv_cell_find(&id);
	return IS_ERR(cell) ? PTR_ERR(cell) : destroy(cell);
}

/* The newest first. */
int cv_cells_destroy(void)
{
	struct cv_cell *cell, *next;
	int err = 0;

	list_for_each_entry_safe_reverse(cell, next, &cv.cells, list)
		if (cell != cv.root)
			err = destroy(cell) ?: err;
	return err;
}
