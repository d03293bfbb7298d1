// SPDX-License-Identifier: GPL-2.0-only
/*
 * A shared-memory device (abi/shmem.h) for user space, through the kernel's UIO: what stock
 * uio_pci_generic can't serve, as the sections are no BARs and the interrupt, an edge, has no
 * status to be asked for and nothing to be masked by.
 *
 * Maps, by name: registers (the first), state (the table, read only), common, outputs (of all peers,
 * read only), own (the own output section); those that the link has. Interrupts are delivered one by
 * one: writing 1 to the device file, or to int_control in the mapped registers, enables the next.
 * When the last user closes the device, interrupts are off and the state is 0.
 */
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/uio_driver.h>
#include <linux/version.h>

#include "../driver/link.h"

struct cv_uio {
	struct uio_info info;
	struct pci_dev *pci;
	struct cv_shmem_registers __iomem *regs;
	bool writable[MAX_UIO_MAPS];
	unsigned int maps;
	int vectors;
	atomic_t users;
};

/* --- interrupts --- */

static irqreturn_t on_interrupt(int irq, void *data)
{
	struct cv_uio *u = data;

	uio_event_notify(&u->info);
	return IRQ_HANDLED;
}

static int irqcontrol(struct uio_info *info, s32 on)
{
	struct cv_uio *u = info->priv;

	writel(on ? CV_SHMEM_INT_ENABLE : 0, &u->regs->int_control);
	return 0;
}

/* All vectors are the one event of UIO: who waits looks at the memory to see what it was. */
static int request_vectors(struct cv_uio *u)
{
	int i, err = 0;

	u->vectors = pci_alloc_irq_vectors(u->pci, 1, 2048, PCI_IRQ_ALL_TYPES);
	if (u->vectors < 0)
		return u->vectors;
	for (i = 0; i < u->vectors && !err; i++)
		err = pci_request_irq(u->pci, i, on_interrupt, NULL, u, "uio-cellvisor[%s]",
				      pci_name(u->pci));
	if (!err)
		return 0;
	for (i -= 2; i >= 0; i--) /* the one before the last is the last that was granted */
		pci_free_irq(u->pci, i, u);
	pci_free_irq_vectors(u->pci);
	return err;
}

static void free_vectors(struct cv_uio *u)
{
	writel(0, &u->regs->int_control);
	for (int i = 0; i < u->vectors; i++)
		pci_free_irq(u->pci, i, u);
	pci_free_irq_vectors(u->pci);
}

/* --- users --- */

static int open(struct uio_info *info, struct inode *inode)
{
	struct cv_uio *u = info->priv;

	atomic_inc(&u->users);
	return 0;
}

static void reset(struct cv_uio *u)
{
	writel(0, &u->regs->int_control);
	writel(0, &u->regs->state);
}

static int release(struct uio_info *info, struct inode *inode)
{
	struct cv_uio *u = info->priv;

	if (atomic_dec_and_test(&u->users))
		reset(u);
	return 0;
}

/* Sections are memory with caches, as the other peers map it; what can't be written stays so. */
static int map_section(struct uio_info *info, struct vm_area_struct *vma)
{
	const struct cv_uio *u = info->priv;
	unsigned long size = vma->vm_end - vma->vm_start, map = vma->vm_pgoff;

	if (map >= u->maps || size > info->mem[map].size)
		return -EINVAL;
	if (!u->writable[map]) {
		if (vma->vm_flags & VM_WRITE)
			return -EACCES;
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
		vma->vm_flags &= ~VM_MAYWRITE;
#else
		vm_flags_clear(vma, VM_MAYWRITE);
#endif
	}
	if (map == 0)
		vma->vm_page_prot = pgprot_device(vma->vm_page_prot);
	return remap_pfn_range(vma, vma->vm_start, info->mem[map].addr >> PAGE_SHIFT, size,
			       vma->vm_page_prot);
}

/* --- the device --- */

/* UIO lists maps up to the first of size 0: sections that the link has not are left out. */
static void add_map(struct cv_uio *u, const char *name, u64 addr, u64 size, bool writable)
{
	if (!size)
		return;
	u->writable[u->maps] = writable;
	u->info.mem[u->maps++] = (struct uio_mem){
		.name = name, .addr = addr, .size = size, .memtype = UIO_MEM_PHYS
	};
}

static int add_maps(struct cv_uio *u, const struct cv_shmem_cap *cap)
{
	u32 id = readl(&u->regs->id), peers = readl(&u->regs->max_peers);
	u64 common = cap->base_address + cap->state_table_size;
	u64 outputs = common + cap->rw_section_size;
	u64 size = outputs + peers * cap->output_section_size - cap->base_address;

	if (id >= peers || !PAGE_ALIGNED(cap->base_address | cap->state_table_size |
					 cap->rw_section_size | cap->output_section_size))
		return dev_err_probe(&u->pci->dev, -EINVAL,
				     "peer %u of %u, or sections that are not whole pages\n", id,
				     peers);
	if (!devm_request_mem_region(&u->pci->dev, cap->base_address, size, KBUILD_MODNAME))
		return dev_err_probe(&u->pci->dev, -EBUSY, "the memory is taken, see /proc/iomem\n");
	add_map(u, "registers", pci_resource_start(u->pci, CV_SHMEM_BAR_REGISTERS), PAGE_SIZE, true);
	add_map(u, "state", cap->base_address, cap->state_table_size, false);
	add_map(u, "common", common, cap->rw_section_size, true);
	add_map(u, "outputs", outputs, peers * cap->output_section_size, false);
	add_map(u, "own", outputs + id * cap->output_section_size, cap->output_section_size, true);
	return 0;
}

static int map_device(struct cv_uio *u)
{
	struct cv_shmem_cap cap;
	int err = pcim_enable_device(u->pci);

	err = err ?: cv_link_describe(u->pci, &cap, CV_SHMEM_CAP_ONESHOT);
	err = err ?: pcim_iomap_regions(u->pci, BIT(CV_SHMEM_BAR_REGISTERS), KBUILD_MODNAME);
	if (err)
		return err;
	if (pci_resource_len(u->pci, CV_SHMEM_BAR_REGISTERS) < PAGE_SIZE)
		return dev_err_probe(&u->pci->dev, -EINVAL, "registers share a page with others\n");
	pci_set_master(u->pci);
	u->regs = (void __iomem *)pcim_iomap_table(u->pci)[CV_SHMEM_BAR_REGISTERS];
	reset(u);
	return add_maps(u, &cap);
}

/* Virtual Ethernet has a driver of its own; a virtio front end belongs to the kernel. */
static bool is_for_users(const struct pci_dev *pci)
{
	u32 protocol = pci->class & 0xffff;

	return protocol == CV_SHMEM_UNDEFINED || protocol >= CV_SHMEM_VIRTIO_BACK ||
	       (protocol >= CV_SHMEM_CUSTOM && protocol <= CV_SHMEM_CUSTOM_END);
}

static bool is_asked_for(struct pci_dev *pci)
{
#ifdef CV_OVERRIDE_OF_DEVICE
	return device_has_driver_override(&pci->dev);
#else
	return pci->driver_override;
#endif
}

static int probe(struct pci_dev *pci, const struct pci_device_id *id)
{
	struct cv_uio *u;
	int err;

	if (!is_for_users(pci) && !is_asked_for(pci))
		return -ENODEV;
	u = devm_kzalloc(&pci->dev, sizeof(*u), GFP_KERNEL);
	if (!u)
		return -ENOMEM;
	u->pci = pci;
	u->info = (struct uio_info){ .name = KBUILD_MODNAME, .version = "1", .irq = UIO_IRQ_CUSTOM,
				     .open = open, .release = release, .irqcontrol = irqcontrol,
				     .mmap = map_section, .priv = u };
	pci_set_drvdata(pci, u);
	err = map_device(u);
	err = err ?: uio_register_device(&pci->dev, &u->info);
	if (err)
		return err;
	err = request_vectors(u);
	if (err) {
		uio_unregister_device(&u->info);
		return dev_err_probe(&pci->dev, err, "no interrupt\n");
	}
	return 0;
}

/* Who has it open reads errors from now on. */
static void remove(struct pci_dev *pci)
{
	struct cv_uio *u = pci_get_drvdata(pci);

	free_vectors(u);
	uio_unregister_device(&u->info);
	reset(u);
}

/* Of any protocol; probe() knows which. */
static const struct pci_device_id ids[] = {
	{ PCI_DEVICE(CV_SHMEM_VENDOR_ID, CV_SHMEM_DEVICE_ID), CV_SHMEM_BASE_CLASS << 16, 0xff0000 },
	{}
};
MODULE_DEVICE_TABLE(pci, ids);

static struct pci_driver pci_driver = {
	.name = KBUILD_MODNAME,
	.id_table = ids,
	.probe = probe,
	.remove = remove,
};
module_pci_driver(pci_driver);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("shared-memory links between cells for user space");
