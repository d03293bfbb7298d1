// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts of root's shared-memory devices that have vectors. Such a device writes its message to
 * no bus: the hypervisor reads it and raises the line that it names (abi.md, "Lines of vectors"). So
 * whatever MSI controller the machine has is not asked, and messages are made here, for the lines
 * that the system descriptor gives root for them.
 */
#include "driver.h"

#include <linux/idr.h>
#include <linux/irq.h>
#include <linux/irqdomain.h>
#include <linux/msi.h>

#include "../abi/shmem.h"

#define FIRST_SPI 32
#define SETSPI	  0x40 /* GICD_SETSPI_NSR: IHI 0069, section 12.9.39 */

static struct {
	struct fwnode_handle *name;
	struct irq_domain *lines, *messages;
	u64 distributor;
	u32 first; /* INTID */
	u32 count;
} msi;
static DEFINE_IDA(taken); /* of `count` */

static void compose(struct irq_data *d, struct msi_msg *msg)
{
	u64 address = msi.distributor + SETSPI;

	*msg = (struct msi_msg){ .address_lo = lower_32_bits(address),
				 .address_hi = upper_32_bits(address), .data = d->hwirq };
}

static struct irq_chip line_chip = {
	.name = "cellvisor-line",
	.irq_mask = irq_chip_mask_parent,
	.irq_unmask = irq_chip_unmask_parent,
	.irq_eoi = irq_chip_eoi_parent,
	.irq_set_affinity = irq_chip_set_affinity_parent,
	.irq_compose_msi_msg = compose,
};

static void free_line(struct irq_domain *domain, unsigned int virq, unsigned int n)
{
	ida_free(&taken, irq_domain_get_irq_data(domain, virq)->hwirq - msi.first);
	irq_domain_free_irqs_parent(domain, virq, n);
}

/* n is 1: a vector of MSI-X is made by itself. */
static int alloc_line(struct irq_domain *domain, unsigned int virq, unsigned int n, void *arg)
{
	struct irq_fwspec spec = { .fwnode = domain->parent->fwnode, .param_count = 3 };
	int line = ida_alloc_max(&taken, msi.count - 1, GFP_KERNEL), err;
	struct irq_data *d;

	if (line < 0)
		return line;
	spec.param[0] = 0; /* an SPI */
	spec.param[1] = msi.first - FIRST_SPI + line;
	spec.param[2] = IRQ_TYPE_EDGE_RISING;
	err = irq_domain_alloc_irqs_parent(domain, virq, n, &spec);
	if (err) {
		ida_free(&taken, line);
		return err;
	}
	d = irq_domain_get_irq_data(domain->parent, virq);
	err = d->chip->irq_set_type(d, IRQ_TYPE_EDGE_RISING);
	irq_domain_set_hwirq_and_chip(domain, virq, msi.first + line, &line_chip, NULL);
	if (err)
		free_line(domain, virq, n);
	return err;
}

static const struct irq_domain_ops line_ops = { .alloc = alloc_line, .free = free_line };

static void mask(struct irq_data *d)
{
	pci_msi_mask_irq(d);
	irq_chip_mask_parent(d);
}

static void unmask(struct irq_data *d)
{
	pci_msi_unmask_irq(d);
	irq_chip_unmask_parent(d);
}

static struct irq_chip message_chip = {
	.name = "cellvisor-MSI",
	.irq_mask = mask,
	.irq_unmask = unmask,
	.irq_eoi = irq_chip_eoi_parent,
};
static struct msi_domain_info messages = {
	.flags = MSI_FLAG_USE_DEF_DOM_OPS | MSI_FLAG_USE_DEF_CHIP_OPS | MSI_FLAG_PCI_MSIX,
	.chip = &message_chip,
};

static bool root_has(const struct cv_cell_desc *d, u32 intid)
{
	const struct cv_irqchip *chip = cv_desc_irqchips(d);

	for (u32 i = 0; i < d->num_irqchips; i++, chip++)
		if (intid >= chip->pin_base && intid < chip->pin_base + 128)
			return chip->pin_bitmap[(intid - chip->pin_base) / 32] >>
				       (intid - chip->pin_base) % 32 & 1;
	return false;
}

/* Vectors whose lines root has; 0 if there are none, or lines are missing. */
static u32 count_lines(const struct cv_cell_desc *d, u32 first)
{
	const struct cv_pci_device *p = cv_desc_pci(d);
	u32 n = 0, k = 0;

	for (u32 i = 0; i < d->num_pci_devices; i++)
		n += p[i].type == CV_PCI_SHMEM ? p[i].num_msix_vectors : 0;
	while (k < n && root_has(d, first + k))
		k++;
	if (k == n)
		return n;
	pr_warn("virtual PCI: SPI %u is not root's: devices with vectors get no interrupts\n",
		first + k - FIRST_SPI);
	return 0;
}

struct irq_domain *cv_msi_add(const struct cv_cell_desc *d, struct irq_domain *gic, u64 distributor)
{
	msi.first = FIRST_SPI + d->vpci_irq_base + CV_SHMEM_INTX_PINS;
	msi.count = count_lines(d, msi.first);
	msi.distributor = distributor;
	if (!msi.count)
		return NULL;
	msi.name = irq_domain_alloc_named_fwnode("cellvisor");
	if (msi.name)
		msi.lines = irq_domain_create_hierarchy(gic, 0, 0, msi.name, &line_ops, NULL);
	if (msi.lines)
		msi.messages = pci_msi_create_irq_domain(msi.name, &messages, msi.lines);
	if (msi.messages)
		return msi.messages;
	pr_warn("virtual PCI: no memory for the interrupts of devices with vectors\n");
	cv_msi_remove();
	return NULL;
}

void cv_msi_remove(void)
{
	if (msi.messages)
		irq_domain_remove(msi.messages);
	if (msi.lines)
		irq_domain_remove(msi.lines);
	if (msi.name)
		irq_domain_free_fwnode(msi.name);
	msi.messages = msi.lines = NULL;
	msi.name = NULL;
}
