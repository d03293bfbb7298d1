// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices that go to a cell: those whose registers lie in the cell's device memory (platform and
 * AMBA bus), and the PCI functions that its descriptor lists. Their drivers let go of them before
 * the cell takes them, and get them back when it is gone.
 */
#include "driver.h"

#include <linux/amba/bus.h>
#include <linux/pci.h>
#include <linux/platform_device.h>
#include <linux/slab.h>

struct taken {
	struct list_head list;
	struct device *dev;
};

/* What bus_for_each_dev hands to its callback. */
struct search {
	struct cv_cell *cell;
	int (*in_cell)(struct device *dev, const struct cv_cell_desc *d);
};

static bool covers(const struct cv_cell_desc *d, const struct resource *res)
{
	const struct cv_memory *r = cv_desc_memory(d);

	if (resource_type(res) != IORESOURCE_MEM)
		return false;
	for (u32 i = 0; i < d->num_memory_regions; i++)
		if (r[i].size && r[i].flags & CV_MEM_IO && !(r[i].flags & CV_MEM_ROOTSHARED) &&
		    res->start < r[i].phys_start + r[i].size && r[i].phys_start <= res->end)
			return true;
	return false;
}

static int platform_in_cell(struct device *dev, const struct cv_cell_desc *d)
{
	const struct platform_device *p = to_platform_device(dev);

	for (u32 i = 0; i < p->num_resources; i++)
		if (covers(d, &p->resource[i]))
			return true;
	return false;
}

#ifdef CONFIG_ARM_AMBA
static int amba_in_cell(struct device *dev, const struct cv_cell_desc *d)
{
	return covers(d, &to_amba_device(dev)->res);
}
#endif

/* Remembers the device if a driver has it; it may not be taken away while the bus is walked. */
static int remember(struct device *dev, struct cv_cell *cell)
{
	struct taken *t;

	if (!dev->driver)
		return 0;
	t = kmalloc(sizeof(*t), GFP_KERNEL);
	if (!t)
		return -ENOMEM;
	t->dev = get_device(dev);
	list_add(&t->list, &cell->devices);
	return 0;
}

static int look_at(struct device *dev, void *data)
{
	const struct search *s = data;

	return s->in_cell(dev, s->cell->desc) ? remember(dev, s->cell) : 0;
}

static int remember_pci(struct cv_cell *cell)
{
	const struct cv_pci_device *d = cv_desc_pci(cell->desc);
	int err = 0;

	for (u32 i = 0; i < cell->desc->num_pci_devices && !err; i++) {
		struct pci_dev *p;

		if (d[i].type != CV_PCI_DEVICE)
			continue;
		p = pci_get_domain_bus_and_slot(d[i].domain, d[i].bdf >> 8, d[i].bdf & 0xff);
		if (!p)
			continue;
		err = remember(&p->dev, cell);
		pci_dev_put(p);
	}
	return err;
}

int cv_devices_take(struct cv_cell *cell)
{
	struct search s = { cell, platform_in_cell };
	struct taken *t;
	int err = bus_for_each_dev(&platform_bus_type, NULL, &s, look_at);

#ifdef CONFIG_ARM_AMBA
	s.in_cell = amba_in_cell;
	err = err ?: bus_for_each_dev(&amba_bustype, NULL, &s, look_at);
#endif
	err = err ?: remember_pci(cell);
	if (err)
		return err;
	list_for_each_entry(t, &cell->devices, list) {
		pr_info("%s goes to cell \"%s\"\n", dev_name(t->dev), cell->desc->name);
		device_release_driver(t->dev);
	}
	return 0;
}

void cv_devices_return(struct cv_cell *cell)
{
	struct taken *t, *next;

	list_for_each_entry_safe(t, next, &cell->devices, list) {
		if (!t->dev->driver && device_attach(t->dev) < 0)
			pr_warn("%s finds no driver any more\n", dev_name(t->dev));
		put_device(t->dev);
		list_del(&t->list);
		kfree(t);
	}
}
