// SPDX-License-Identifier: GPL-2.0-only
/*
 * The Linux side: claims the hypervisor's memory, loads its image, hands all CPUs over and takes
 * them back, and passes requests for cells on. Exported symbols only; kernels 6.1 and later.
 */
#include <linux/cpu.h>
#include <linux/device.h>
#include <linux/firmware.h>
#include <linux/fs.h>
#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "arch.h"
#include "../abi/driver.h"
#include "../abi/hypercall.h"
#include "../abi/image_header.h"

#define IMAGE_NAME "cellvisor-arm64.bin"

struct cv_cell {
	struct list_head list;
	u32 id;
	bool loadable;
	cpumask_t cpus; /* taken down for it */
	struct cv_cell_desc *desc;
	size_t size;
};

static DEFINE_MUTEX(lock);
static bool enabled;
static struct cv_system *system_config;
static size_t system_size;
static void *hv_mem;
static struct resource *hv_res;
static u64 hv_phys, hv_size;
static LIST_HEAD(cells);
static u32 next_id = 1;
static struct device *misc_device;

/* --- descriptors --- */

static size_t desc_size(const struct cv_cell_desc *d)
{
	return sizeof(*d) + (size_t)d->cpu_set_size +
	       (size_t)d->num_memory_regions * sizeof(struct cv_memory) +
	       (size_t)d->num_cache_regions * sizeof(struct cv_cache) +
	       (size_t)d->num_irqchips * sizeof(struct cv_irqchip) +
	       (size_t)d->num_pio_regions * sizeof(struct cv_pio) +
	       (size_t)d->num_pci_devices * sizeof(struct cv_pci_device) +
	       (size_t)d->num_pci_caps * sizeof(struct cv_pci_capability) +
	       (size_t)d->num_stream_ids * sizeof(struct cv_stream_id);
}

static const struct cv_memory *regions_of(const struct cv_cell_desc *d)
{
	return (const void *)((const u8 *)(d + 1) + d->cpu_set_size);
}

static bool in_cpu_set(const struct cv_cell_desc *d, unsigned int cpu)
{
	return cpu / 8 < d->cpu_set_size && ((const u8 *)(d + 1))[cpu / 8] & 1 << (cpu % 8);
}

/* --- enabling --- */

static void enter_cpu(void *info)
{
	atomic_t *err = info;
	long result = cv_enter(hv_phys, smp_processor_id());

	if (result)
		atomic_set(err, (int)result);
}

static void leave_cpu(void *info)
{
	atomic_t *err = info;
	long result = cv_hypercall(CV_HC_DISABLE, 0, 0);

	if (result)
		atomic_set(err, (int)result);
}

/* One CPU after the other: the hypervisor's first steps run without caches, hence without locks. */
static int on_all_cpus(void (*what)(void *))
{
	atomic_t err = ATOMIC_INIT(0);
	unsigned int cpu;

	for_each_online_cpu(cpu) {
		smp_call_function_single(cpu, what, &err, 1);
		if (atomic_read(&err))
			break;
	}
	return atomic_read(&err);
}

static int load_image(void)
{
	const struct firmware *fw;
	struct cv_image_header *header;
	u64 percpu_end;
	int err = request_firmware(&fw, IMAGE_NAME, misc_device);

	if (err) {
		pr_err("cellvisor: no hypervisor image %s in the firmware folder\n", IMAGE_NAME);
		return err;
	}
	header = (void *)fw->data;
	err = -ENOEXEC;
	if (fw->size < sizeof(*header) || memcmp(header->signature, CV_IMAGE_SIGNATURE, 8) ||
	    header->version != CV_IMAGE_VERSION || header->core_size < fw->size) {
		pr_err("cellvisor: %s is no hypervisor image of this driver's version\n", IMAGE_NAME);
		goto out;
	}
	percpu_end = header->core_size + (u64)nr_cpu_ids * header->percpu_size;
	err = -ENOMEM;
	if (percpu_end + PAGE_ALIGN(system_size) + 64 * PAGE_SIZE > hv_size) {
		pr_err("cellvisor: %llu bytes of hypervisor memory are too few\n", hv_size);
		goto out;
	}
	memset(hv_mem, 0, hv_size);
	memcpy(hv_mem, fw->data, fw->size);
	memcpy(hv_mem + percpu_end, system_config, system_size);
	header = hv_mem;
	header->phys_start = hv_phys;
	header->memory_size = hv_size;
	header->config_offset = percpu_end;
	header->config_size = system_size;
	header->max_cpus = nr_cpu_ids;
	header->online_cpus = num_online_cpus();
	cv_flush(hv_mem, hv_size);
	err = 0;
out:
	release_firmware(fw);
	return err;
}

static int claim_memory(void)
{
	hv_phys = system_config->hypervisor_memory.phys_start;
	hv_size = system_config->hypervisor_memory.size;
	if (!PAGE_ALIGNED(hv_phys) || !PAGE_ALIGNED(hv_size) || !hv_size)
		return -EINVAL;
	if (pfn_valid(hv_phys >> PAGE_SHIFT) && pfn_is_map_memory(hv_phys >> PAGE_SHIFT)) {
		pr_err("cellvisor: memory at 0x%llx is in use by Linux: reserve it (mem=, or reserved-memory in the device tree)\n",
		       hv_phys);
		return -EBUSY;
	}
	hv_res = request_mem_region(hv_phys, hv_size, "cellvisor hypervisor");
	hv_mem = memremap(hv_phys, hv_size, MEMREMAP_WB);
	if (hv_mem)
		return 0;
	if (hv_res)
		release_mem_region(hv_phys, hv_size);
	return -EBUSY;
}

static void release_memory(void)
{
	memunmap(hv_mem);
	hv_mem = NULL;
	if (hv_res)
		release_mem_region(hv_phys, hv_size);
}

static int do_enable(void __user *arg)
{
	struct cv_system head;
	int err;

	if (enabled)
		return -EBUSY;
	if (copy_from_user(&head, arg, sizeof(head)))
		return -EFAULT;
	if (memcmp(head.signature, CV_SYS_SIGNATURE, 5) || head.architecture != CV_ARCH_ARM64 ||
	    head.revision != CV_CONFIG_REVISION)
		return -EINVAL;
	system_size = offsetof(struct cv_system, root_cell) + desc_size(&head.root_cell);
	if (system_size > CV_MAX_CONFIG_SIZE)
		return -E2BIG;
	system_config = kvmalloc(system_size, GFP_KERNEL);
	if (!system_config)
		return -ENOMEM;
	err = copy_from_user(system_config, arg, system_size) ? -EFAULT : 0;
	err = err ?: claim_memory();
	if (err)
		goto fail;
	err = load_image();
	if (!err) {
		cpus_read_lock();
		err = on_all_cpus(enter_cpu);
		cpus_read_unlock();
	}
	if (err) {
		release_memory();
		goto fail;
	}
	enabled = true;
	pr_info("cellvisor: Linux is the root cell \"%s\" now\n", system_config->root_cell.name);
	return 0;
fail:
	kvfree(system_config);
	system_config = NULL;
	return err;
}

static int do_disable(void)
{
	int err;

	if (!enabled)
		return -EINVAL;
	if (!list_empty(&cells))
		return -EBUSY;
	cpus_read_lock();
	err = on_all_cpus(leave_cpu);
	cpus_read_unlock();
	if (err)
		return err;
	enabled = false;
	release_memory();
	kvfree(system_config);
	system_config = NULL;
	pr_info("cellvisor: Linux has the machine back\n");
	return 0;
}

/* --- cells --- */

static struct cv_cell *find_cell(const struct cv_cell_id *id)
{
	struct cv_cell *cell;

	list_for_each_entry(cell, &cells, list)
		if (id->id == CV_CELL_ID_BY_NAME
			    ? !strncmp(cell->desc->name, id->name, CV_CELL_NAME_SIZE)
			    : cell->id == id->id)
			return cell;
	return NULL;
}

static void bring_up(struct cv_cell *cell)
{
	unsigned int cpu;

	for_each_cpu(cpu, &cell->cpus)
		if (add_cpu(cpu))
			pr_err("cellvisor: CPU %u does not come back\n", cpu);
}

static int take_down(struct cv_cell *cell)
{
	unsigned int cpu;
	int err;

	for_each_online_cpu(cpu) {
		if (!in_cpu_set(cell->desc, cpu))
			continue;
		err = remove_cpu(cpu);
		if (err)
			return err;
		cpumask_set_cpu(cpu, &cell->cpus);
	}
	return 0;
}

static void cell_free(struct cv_cell *cell)
{
	kfree(cell->desc);
	kfree(cell);
}

static struct cv_cell *cell_read(const struct cv_cell_create *args)
{
	struct cv_cell *cell;

	if (args->config_size < sizeof(struct cv_cell_desc))
		return ERR_PTR(-EINVAL);
	if (args->config_size > CV_MAX_CONFIG_SIZE)
		return ERR_PTR(-E2BIG);
	cell = kzalloc(sizeof(*cell), GFP_KERNEL);
	if (!cell)
		return ERR_PTR(-ENOMEM);
	cell->size = args->config_size;
	cell->desc = memdup_user(u64_to_user_ptr(args->config_address), cell->size);
	if (IS_ERR(cell->desc)) {
		long err = PTR_ERR(cell->desc);

		kfree(cell);
		return ERR_PTR(err);
	}
	if (desc_size(cell->desc) > cell->size || cell->desc->name[CV_CELL_NAME_SIZE - 1]) {
		cell_free(cell);
		return ERR_PTR(-EINVAL);
	}
	return cell;
}

static int do_create(const void __user *arg)
{
	struct cv_cell_create args;
	struct cv_cell *cell;
	int err;

	if (!enabled)
		return -EINVAL;
	if (copy_from_user(&args, arg, sizeof(args)))
		return -EFAULT;
	cell = cell_read(&args);
	if (IS_ERR(cell))
		return PTR_ERR(cell);
	cell->id = cell->desc->id = next_id;
	err = take_down(cell);
	err = err ?: (int)cv_hypercall(CV_HC_CELL_CREATE, virt_to_phys(cell->desc), 0);
	if (err) {
		bring_up(cell);
		cell_free(cell);
		return err;
	}
	next_id++;
	list_add_tail(&cell->list, &cells);
	return 0;
}

static int load_one(struct cv_cell *cell, const struct cv_load_image *image)
{
	const struct cv_memory *r = regions_of(cell->desc);
	void *to;
	int err;

	for (u32 i = 0; i < cell->desc->num_memory_regions; i++) {
		u64 offset = image->target_address - r[i].virt_start;

		if (!(r[i].flags & CV_MEM_LOADABLE) || image->target_address < r[i].virt_start ||
		    offset >= r[i].size || image->size > r[i].size - offset)
			continue;
		to = memremap(r[i].phys_start + offset, image->size, MEMREMAP_WB);
		if (!to)
			return -EBUSY;
		err = copy_from_user(to, u64_to_user_ptr(image->source_address), image->size)
			      ? -EFAULT : 0;
		cv_flush(to, image->size);
		memunmap(to);
		return err;
	}
	return -EINVAL;
}

static int do_load(const struct cv_cell_load __user *arg)
{
	struct cv_cell_load args;
	struct cv_load_image image;
	struct cv_cell *cell;
	int err = 0;

	if (copy_from_user(&args, arg, sizeof(args)))
		return -EFAULT;
	cell = find_cell(&args.cell);
	if (!cell)
		return -ENOENT;
	err = (int)cv_hypercall(CV_HC_CELL_SET_LOADABLE, cell->id, 0);
	for (u32 i = 0; i < args.num_images && !err; i++) {
		if (copy_from_user(&image, &arg->images[i], sizeof(image)))
			return -EFAULT;
		err = load_one(cell, &image);
	}
	return err;
}

static int do_start_or_destroy(const void __user *arg, bool destroy)
{
	struct cv_cell_id id;
	struct cv_cell *cell;
	int err;

	if (copy_from_user(&id, arg, sizeof(id)))
		return -EFAULT;
	cell = find_cell(&id);
	if (!cell)
		return -ENOENT;
	err = (int)cv_hypercall(destroy ? CV_HC_CELL_DESTROY : CV_HC_CELL_START, cell->id, 0);
	if (err || !destroy)
		return err;
	bring_up(cell);
	list_del(&cell->list);
	cell_free(cell);
	return 0;
}

static long cv_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	void __user *user = (void __user *)arg;
	long err = -EINVAL;

	if (mutex_lock_interruptible(&lock))
		return -EINTR;
	switch (cmd) {
	case CV_IOC_ENABLE:
		err = do_enable(user);
		break;
	case CV_IOC_DISABLE:
		err = do_disable();
		break;
	case CV_IOC_CELL_CREATE:
		err = do_create(user);
		break;
	case CV_IOC_CELL_LOAD:
		err = do_load(user);
		break;
	case CV_IOC_CELL_START:
		err = do_start_or_destroy(user, false);
		break;
	case CV_IOC_CELL_DESTROY:
		err = do_start_or_destroy(user, true);
		break;
	}
	mutex_unlock(&lock);
	return err;
}

/* Nobody unloads the driver under a running hypervisor: an enabled one holds the module. */
static int cv_open(struct inode *inode, struct file *file)
{
	return 0;
}

static const struct file_operations cv_fops = {
	.owner = THIS_MODULE,
	.open = cv_open,
	.unlocked_ioctl = cv_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
};

static struct miscdevice cv_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "jailhouse",
	.fops = &cv_fops,
};

static int __init cv_init(void)
{
	int err = misc_register(&cv_misc);

	misc_device = cv_misc.this_device;
	return err;
}

static void __exit cv_exit(void)
{
	misc_deregister(&cv_misc);
}

module_init(cv_init);
module_exit(cv_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("static partitioning: hands the machine to the hypervisor");
MODULE_FIRMWARE(IMAGE_NAME);
