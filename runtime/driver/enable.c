// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hands the machine over and takes it back: claims the hypervisor's memory, puts its image and the
 * system descriptor there, and brings every CPU in, one after the other.
 */
#include "driver.h"
#include "arch.h"

#include <linux/cpu.h>
#include <linux/firmware.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/smp.h>
#include <linux/uaccess.h>

#define HV_PAGE	      4096ull /* the hypervisor's, whatever Linux uses */
#define HOTPLUG_TRIES 20      /* against somebody who takes CPUs down all the time */

static void enter_cpu(void *err)
{
	*(int *)err = (int)cv_enter(cv.phys, smp_processor_id());
}

static void leave_cpu(void *err)
{
	*(int *)err = (int)cv_hypercall(CV_HC_DISABLE, 0, 0);
}

/* One CPU after the other: the hypervisor's first steps run without caches, hence without locks. */
static int leave_all(void)
{
	int err = 0, result;
	unsigned int cpu;

	for_each_cpu(cpu, &cv.entered) {
		err = smp_call_function_single(cpu, leave_cpu, &result, 1);
		err = err ?: result;
		if (err)
			return err;
		cpumask_clear_cpu(cpu, &cv.entered);
	}
	return 0;
}

static int enter_all(void)
{
	int err = 0, result = 0;
	unsigned int cpu;

	cpumask_clear(&cv.entered);
	for_each_online_cpu(cpu) {
		err = smp_call_function_single(cpu, enter_cpu, &result, 1);
		err = err ?: result;
		if (err) {
			pr_err("CPU %u does not come in: error %d%s\n", cpu, err,
		       err == -ENODEV ? ": KVM has EL2, start the kernel with kvm-arm.mode=none" :
					"");
			if (leave_all())
				pr_err("CPU %*pbl stay with the hypervisor\n",
				       cpumask_pr_args(&cv.entered));
			else
				cv_console_tell();
			return err;
		}
		cpumask_set_cpu(cpu, &cv.entered);
	}
	return 0;
}

/*
 * A CPU that the hypervisor does not have would take hypercalls to the kernel's own hyp stub, and
 * one that a cell has does not come. Read without the lock: hotplug is held off while a CPU moves.
 */
int cv_cpu_prepare(unsigned int cpu)
{
	struct cv_cell *root = READ_ONCE(cv.root);

	if (!root || !READ_ONCE(cv.enabled) || cpumask_test_cpu(cpu, &root->cpus))
		return 0;
	pr_err("CPU %u is not Linux's: a cell has it, it failed, or did not come up at enable\n",
	       cpu);
	return -EPERM;
}

static bool image_is_good(const struct firmware *fw)
{
	const struct cv_image_header *header = (const void *)fw->data;

	return fw->size >= sizeof(*header) && !memcmp(header->signature, CV_IMAGE_SIGNATURE, 8) &&
	       header->version == CV_IMAGE_VERSION && header->core_size >= fw->size &&
	       header->core_size <= SZ_1G && header->percpu_size <= SZ_1M;
}

static int place_image(void *mem, const struct firmware *fw, u32 config_size, u32 cpus)
{
	struct cv_image_header *header = mem;
	u64 config = ((const struct cv_image_header *)fw->data)->core_size +
		     (u64)nr_cpu_ids * ((const struct cv_image_header *)fw->data)->percpu_size;

	if (config + ALIGN(config_size, HV_PAGE) + 64 * HV_PAGE > cv.size) {
		pr_err("%llu bytes of hypervisor memory are too few\n", cv.size);
		return -ENOMEM;
	}
	/* what comes behind is the pool: the hypervisor clears a page when it takes it */
	memset(mem, 0, config + ALIGN(config_size, HV_PAGE));
	memcpy(mem, fw->data, fw->size);
	memcpy(mem + config, cv.system, config_size);
	header->phys_start = cv.phys;
	header->memory_size = cv.size;
	header->config_offset = config;
	header->config_size = config_size;
	header->max_cpus = nr_cpu_ids;
	header->online_cpus = cpus;
	cv_flush(mem, cv.size);
	return 0;
}

/*
 * The image at its place, flushed; the console of the hypervisor mapped for reading. cpus: how many
 * are going to enter.
 */
static int load_image(u32 config_size, u32 cpus)
{
	const struct firmware *fw;
	void *mem;
	int err = request_firmware(&fw, CV_IMAGE_FILE, cv.misc);

	if (err) {
		pr_err("no hypervisor image %s in the firmware folder\n", CV_IMAGE_FILE);
		return err;
	}
	err = -ENOEXEC;
	if (!image_is_good(fw)) {
		pr_err("%s is no hypervisor image of this driver's version\n", CV_IMAGE_FILE);
		goto out;
	}
	err = -EBUSY;
	mem = memremap(cv.phys, cv.size, MEMREMAP_WB);
	if (!mem)
		goto out;
	err = place_image(mem, fw, config_size, cpus);
	memunmap(mem);
	err = err ?: cv_console_map((const void *)fw->data);
out:
	release_firmware(fw);
	return err;
}

bool cv_memory_is_linux(u64 phys, u64 size, const char *what)
{
	if (region_intersects(phys, size, IORESOURCE_SYSTEM_RAM, IORES_DESC_NONE) ==
	    REGION_DISJOINT)
		return false;
	pr_err("%s at 0x%llx is in use by Linux: keep Linux off it (mem= on the kernel's command line, or reserved-memory with no-map in the device tree)\n",
	       what, phys);
	return true;
}

static int claim_memory(void)
{
	cv.phys = cv.system->hypervisor_memory.phys_start;
	cv.size = cv.system->hypervisor_memory.size;
	if (!IS_ALIGNED(cv.phys | cv.size, PAGE_SIZE) || !cv.size ||
	    cv.phys + cv.size < cv.phys || cv.size > SZ_1G) {
		pr_err("hypervisor memory is not a range of whole pages, of %lu KiB in this kernel\n",
		       PAGE_SIZE / SZ_1K);
		return -EINVAL;
	}
	if (cv_memory_is_linux(cv.phys, cv.size, "hypervisor memory"))
		return -EBUSY;
	if (!request_mem_region(cv.phys, cv.size, "cellvisor hypervisor")) {
		pr_err("hypervisor memory at 0x%llx is taken, see /proc/iomem\n", cv.phys);
		return -EBUSY;
	}
	return 0;
}

/* A copy of the caller's system descriptor in cv.system; its size or an error. */
static int copy_system(const void __user *arg)
{
	struct cv_system head;
	u64 size;

	if (copy_from_user(&head, arg, sizeof(head)))
		return -EFAULT;
	if (memcmp(head.signature, CV_SYS_SIGNATURE, 5) || head.architecture != CV_ARCH_HERE ||
	    head.revision != CV_CONFIG_REVISION) {
		pr_err("not a system descriptor of revision %u for this architecture\n",
		       CV_CONFIG_REVISION);
		return -EINVAL;
	}
	size = offsetof(struct cv_system, root_cell) + cv_desc_size(&head.root_cell);
	if (size > CV_MAX_CONFIG_SIZE)
		return -E2BIG;
	if (head.root_cell.cpu_set_size % 8 || !head.root_cell.cpu_set_size ||
	    head.root_cell.name[CV_CELL_NAME_SIZE - 1])
		return -EINVAL;
	cv.system = memdup_user(arg, size);
	if (IS_ERR(cv.system))
		return PTR_ERR(cv.system);
	/* the caller may be writing: what was checked is what counts */
	memcpy(cv.system, &head, sizeof(head));
	return (int)size;
}

/* In reverse order of cv_enable, as far as that went. */
static void release_memory(void)
{
	cv_console_unmap();
	release_mem_region(cv.phys, cv.size);
}

/*
 * CPUs of the set that Linux has offline come up, since each has to hand itself over: those are added
 * to `woken`. What does not come is taken out of the set.
 */
static void bring_up(cpumask_t *set, cpumask_t *woken)
{
	unsigned int cpu;
	int result;

	for_each_cpu(cpu, set) {
		result = cpu_online(cpu) ? 1 : add_cpu(cpu);
		if (!result) /* above 0: it was online, or somebody else did it */
			cpumask_set_cpu(cpu, woken);
		else if (result < 0)
			cpumask_clear_cpu(cpu, set);
	}
}

/* All of the set are up and, as the caller has the hotplug lock then, stay so; or an error, without. */
static int hold_up(const cpumask_t *set, cpumask_t *woken)
{
	cpumask_t up = *set;

	for (int i = 0; i < HOTPLUG_TRIES && cpumask_equal(&up, set); i++) {
		bring_up(&up, woken);
		cpus_read_lock();
		if (cpumask_subset(set, cpu_online_mask))
			return 0;
		cpus_read_unlock(); /* somebody took one down meanwhile */
	}
	pr_err("not all of CPU %*pbl come up\n", cpumask_pr_args(set));
	return -EBUSY;
}

/* They go down again; from then on they wait in the hypervisor, or in firmware when it is gone. */
static void take_down(const cpumask_t *woken)
{
	unsigned int cpu;

	for_each_cpu(cpu, woken)
		if (remove_cpu(cpu) < 0) /* above 0: somebody else did */
			pr_warn("CPU %u stays online\n", cpu);
}

static int take_over(const cpumask_t *up, cpumask_t *woken)
{
	int err = hold_up(up, woken);

	if (err)
		return err;
	err = enter_all();
	if (!err)
		cpumask_copy(&cv.root->cpus, &cv.entered);
	WRITE_ONCE(cv.enabled, !err);
	cpus_read_unlock();
	return err;
}

/* What a plan's author may count on and does not get. */
static void tell_of_iommus(const struct cv_system *s)
{
	bool any = false;

	for (u32 i = 0; i < CV_IOMMU_UNITS; i++)
		any |= s->iommu_units[i].type != CV_IOMMU_NONE &&
		       s->iommu_units[i].type != CV_IOMMU_FRAMES;
	if (any)
		pr_warn("this hypervisor drives no IOMMU: devices that master memory reach all of it\n");
}

int cv_enable(const void __user *arg)
{
	const char *why = cv_arch_obstacle();
	cpumask_t up = *cpu_present_mask, woken = CPU_MASK_NONE;
	int size, err;

	if (cv.enabled || cv.asleep)
		return -EBUSY;
	if (why) {
		pr_err("%s\n", why);
		return -ENODEV;
	}
	size = copy_system(arg);
	if (size < 0)
		return size;
	err = claim_memory();
	if (err)
		goto no_memory;
	cv.root = cv_root_create(cv.system);
	err = PTR_ERR_OR_ZERO(cv.root);
	if (err)
		goto no_root;
	err = cv_iommu_in_use() ? -ENODEV : 0;
	if (err)
		goto no_entry;
	bring_up(&up, &woken);
	err = load_image((u32)size, cpumask_weight(&up));
	err = err ?: take_over(&up, &woken);
	take_down(&woken);
	if (err)
		goto no_entry;
	list_add(&cv.root->list, &cv.cells);
	__module_get(THIS_MODULE);
	err = cv_pci_add();
	if (err)
		return cv_disable() ?: err;
	pr_info("Linux is the root cell \"%s\" now\n", cv.root->desc->name);
	tell_of_iommus(cv.system);
	return 0;

no_entry:
	cv_sysfs_remove(cv.root);
no_root:
	cv.root = NULL;
	release_memory();
no_memory:
	kfree(cv.system);
	return err;
}

static int give_back(cpumask_t *woken)
{
	int err = hold_up(&cv.entered, woken);

	if (err)
		return err;
	WRITE_ONCE(cv.enabled, false); /* nobody asks while they leave */
	err = leave_all();
	WRITE_ONCE(cv.enabled, err != 0);
	cpus_read_unlock();
	return err;
}

int cv_disable(void)
{
	cpumask_t woken = CPU_MASK_NONE;
	int err;

	if (!cv.enabled)
		return -EINVAL;
	if (!list_is_singular(&cv.cells))
		return cv_any_locked() ? -EPERM : -EBUSY;
	cv_pci_remove();
	err = give_back(&woken);
	take_down(&woken);
	if (err) {
		if (cv_pci_add())
			pr_err("Linux's links do not come back\n");
		return err;
	}
	list_del(&cv.root->list);
	cv_devices_return(cv.root);
	cv_sysfs_remove(cv.root);
	WRITE_ONCE(cv.root, NULL);
	release_memory();
	kfree(cv.system);
	bring_up(&cv.lost, &woken);
	cpumask_clear(&cv.lost);
	pr_info("Linux has the machine back\n");
	module_put(THIS_MODULE);
	return 0;
}
