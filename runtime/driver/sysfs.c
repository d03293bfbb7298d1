// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/devices/jailhouse: the hypervisor and its cells. Figures are asked of the hypervisor when a
 * file is read; a file of a cell that went away reads as an error.
 */
#include "driver.h"
#include "arch.h"
#include "../abi/comm_region.h"

#include <linux/slab.h>
#include <linux/sysfs.h>

struct cpu_counts {
	struct list_head list;
	struct kobject kobj;
	struct cv_cell *cell;
	unsigned int cpu;
};

struct cv_counter {
	struct kobj_attribute attr;
	unsigned int number;
};

/*
 * Asked without the lock, at any time. A CPU that has left the hypervisor would ask the kernel's own hyp
 * stub, which answers, too: cv.enabled is false before one leaves, and it leaves in an interrupt.
 */
static long ask(unsigned long question, unsigned long a, unsigned long b)
{
	unsigned long flags;
	long answer = -ENODEV;

	local_irq_save(flags);
	if (READ_ONCE(cv.enabled))
		answer = cv_hypercall(question, a, b);
	local_irq_restore(flags);
	return answer;
}

/* --- counters --- */

/* 0 for a CPU that the hypervisor has not got. */
static long counter(unsigned int cpu, unsigned int number)
{
	long n = ask(CV_HC_CPU_INFO, cpu, CV_CPU_COUNTER(number));

	return n == -ENODEV ? n : max(0L, n);
}

static ssize_t sum_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	struct cv_cell *cell = container_of(kobj->parent, struct cv_cell, kobj);
	unsigned int number = container_of(attr, struct cv_counter, attr)->number, cpu;
	long sum = 0, one;

	for_each_cpu(cpu, &cell->cpus) {
		one = counter(cpu, number);
		if (one < 0)
			return one;
		sum += one;
	}
	return sysfs_emit(buf, "%ld\n", sum);
}

static ssize_t cpu_show(struct kobject *kobj, struct attribute *attr, char *buf)
{
	struct cpu_counts *c = container_of(kobj, struct cpu_counts, kobj);
	struct kobj_attribute *a = container_of(attr, struct kobj_attribute, attr);
	long n = counter(c->cpu, container_of(a, struct cv_counter, attr)->number);

	return n < 0 ? n : sysfs_emit(buf, "%ld\n", n);
}

#define CV_COUNTER(name, n) \
	static struct cv_counter counter_##name = { __ATTR(vmexits_##name, 0444, sum_show, NULL), n };
CV_COUNTERS
#undef CV_COUNTER

#define CV_COUNTER(name, n) &counter_##name.attr.attr,
static struct attribute *counter_attrs[] = { CV_COUNTERS NULL };
#undef CV_COUNTER
static const struct attribute_group counter_group = { .attrs = counter_attrs };
static const struct attribute_group *counter_groups[] = { &counter_group, NULL };

static void cpu_release(struct kobject *kobj)
{
	kfree(container_of(kobj, struct cpu_counts, kobj));
}

static const struct sysfs_ops cpu_ops = { .show = cpu_show };
static const struct kobj_type cpu_type = {
	.release = cpu_release,
	.sysfs_ops = &cpu_ops,
	.default_groups = counter_groups,
};

/* --- a cell --- */

static ssize_t name_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", container_of(kobj, struct cv_cell, kobj)->desc->name);
}

static ssize_t state_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	static const char *const names[] = {
		[CV_CELL_STATE_RUNNING] = "running",
		[CV_CELL_STATE_LOCKED] = "running/locked",
		[CV_CELL_STATE_SHUT_DOWN] = "shut down",
		[CV_CELL_STATE_FAILED] = "failed",
	};
	struct cv_cell *cell = container_of(kobj, struct cv_cell, kobj);
	long state = ask(CV_HC_CELL_STATE, cell->id, 0);

	if (state < 0 || state >= ARRAY_SIZE(names))
		return sysfs_emit(buf, "invalid\n");
	return sysfs_emit(buf, "%s\n", names[state]);
}

static void failed_cpus(const struct cv_cell *cell, cpumask_t *failed)
{
	unsigned int cpu;

	cpumask_clear(failed);
	for_each_cpu(cpu, &cell->cpus)
		if (ask(CV_HC_CPU_INFO, cpu, CV_CPU_STATE) == 2)
			cpumask_set_cpu(cpu, failed);
}

/* as a mask, or as a list where the file's name says so */
static ssize_t emit_cpus(const char *file, const cpumask_t *set, char *buf)
{
	return strstr(file, "_list") ? sysfs_emit(buf, "%*pbl\n", cpumask_pr_args(set)) :
				       sysfs_emit(buf, "%*pb\n", cpumask_pr_args(set));
}

static ssize_t assigned_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return emit_cpus(attr->attr.name, &container_of(kobj, struct cv_cell, kobj)->cpus, buf);
}

static ssize_t failed_show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	cpumask_t failed;

	failed_cpus(container_of(kobj, struct cv_cell, kobj), &failed);
	return emit_cpus(attr->attr.name, &failed, buf);
}

#define CELL_FILE(name, show) static struct kobj_attribute cell_##name = __ATTR(name, 0444, show, NULL)
CELL_FILE(name, name_show);
CELL_FILE(state, state_show);
CELL_FILE(cpus_assigned, assigned_show);
CELL_FILE(cpus_assigned_list, assigned_show);
CELL_FILE(cpus_failed, failed_show);
CELL_FILE(cpus_failed_list, failed_show);

static struct attribute *cell_attrs[] = {
	&cell_name.attr,	       &cell_state.attr,       &cell_cpus_assigned.attr,
	&cell_cpus_assigned_list.attr, &cell_cpus_failed.attr, &cell_cpus_failed_list.attr,
	NULL,
};
static const struct attribute_group cell_group = { .attrs = cell_attrs };
static const struct attribute_group *cell_groups[] = { &cell_group, NULL };

static void cell_release(struct kobject *kobj)
{
	struct cv_cell *cell = container_of(kobj, struct cv_cell, kobj);

	kfree(cell->desc);
	kfree(cell);
}

const struct kobj_type cv_cell_type = {
	.release = cell_release,
	.sysfs_ops = &kobj_sysfs_ops,
	.default_groups = cell_groups,
};

static struct kobject *cells_folder;

static int add_cpu_counts(struct cv_cell *cell, unsigned int cpu)
{
	struct cpu_counts *c = kzalloc(sizeof(*c), GFP_KERNEL);
	int err;

	if (!c)
		return -ENOMEM;
	c->cpu = cpu;
	c->cell = cell;
	list_add(&c->list, &cell->cpu_counts);
	err = kobject_init_and_add(&c->kobj, &cpu_type, cell->counts, "cpu%u", cpu);
	if (err) {
		list_del(&c->list);
		kobject_put(&c->kobj);
	}
	return err;
}

int cv_sysfs_add(struct cv_cell *cell)
{
	const u8 *set = (const u8 *)(cell->desc + 1);
	unsigned int cpu;
	int err = kobject_add(&cell->kobj, cells_folder, "%u", cell->id);

	if (err)
		return err;
	cell->counts = kobject_create_and_add("statistics", &cell->kobj);
	if (!cell->counts)
		return -ENOMEM;
	err = sysfs_create_group(cell->counts, &counter_group);
	for_each_possible_cpu(cpu)
		if (!err && cpu / 8 < cell->desc->cpu_set_size && set[cpu / 8] >> cpu % 8 & 1)
			err = add_cpu_counts(cell, cpu);
	return err;
}

void cv_sysfs_remove(struct cv_cell *cell)
{
	struct cpu_counts *c, *next;

	list_for_each_entry_safe(c, next, &cell->cpu_counts, list) {
		list_del(&c->list);
		kobject_del(&c->kobj);
		kobject_put(&c->kobj);
	}
	if (cell->counts) {
		kobject_del(cell->counts);
		kobject_put(cell->counts);
	}
	if (cell->kobj.state_in_sysfs)
		kobject_del(&cell->kobj);
	kobject_put(&cell->kobj);
}

/* --- the hypervisor --- */

static ssize_t enabled_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", READ_ONCE(cv.enabled));
}
static DEVICE_ATTR_RO(enabled);

static ssize_t info(unsigned int what, char *buf)
{
	long value = 0;

	if (mutex_lock_interruptible(&cv_lock))
		return -EINTR;
	if (cv.enabled)
		value = cv_hypercall(CV_HC_INFO, what, 0);
	mutex_unlock(&cv_lock);
	return value < 0 ? value : sysfs_emit(buf, "%ld\n", value);
}

#define INFO(name, what)                                                                        \
	static ssize_t name##_show(struct device *dev, struct device_attribute *attr, char *buf) \
	{                                                                                       \
		return info(what, buf);                                                         \
	}                                                                                       \
	static DEVICE_ATTR_RO(name)
INFO(mem_pool_size, CV_INFO_POOL_SIZE);
INFO(mem_pool_used, CV_INFO_POOL_USED);
INFO(remap_pool_size, CV_INFO_REMAP_SIZE);
INFO(remap_pool_used, CV_INFO_REMAP_USED);

static ssize_t console_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	ssize_t n;

	if (mutex_lock_interruptible(&cv_lock))
		return -EINTR;
	n = cv_console_copy(buf, PAGE_SIZE - 1);
	mutex_unlock(&cv_lock);
	return n;
}
static DEVICE_ATTR_ADMIN_RO(console);

static struct attribute *attrs[] = {
	&dev_attr_console.attr,		&dev_attr_enabled.attr,
	&dev_attr_mem_pool_size.attr,	&dev_attr_mem_pool_used.attr,
	&dev_attr_remap_pool_size.attr, &dev_attr_remap_pool_used.attr,
	NULL,
};
static const struct attribute_group group = { .attrs = attrs };

int cv_sysfs_init(void)
{
	int err;

	cv.folder = root_device_register("jailhouse");
	if (IS_ERR(cv.folder))
		return PTR_ERR(cv.folder);
	err = sysfs_create_group(&cv.folder->kobj, &group);
	if (err)
		goto no_files;
	cells_folder = kobject_create_and_add("cells", &cv.folder->kobj);
	if (cells_folder)
		return 0;
	err = -ENOMEM;
	sysfs_remove_group(&cv.folder->kobj, &group);
no_files:
	root_device_unregister(cv.folder);
	return err;
}

void cv_sysfs_exit(void)
{
	kobject_put(cells_folder);
	sysfs_remove_group(&cv.folder->kobj, &group);
	root_device_unregister(cv.folder);
}
