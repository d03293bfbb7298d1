// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices that go to a cell: those whose registers lie in the cell's device memory (platform, AMBA
 * and PCI bus), and the PCI functions that its descriptor lists. Their drivers let go of them
 * before the cell takes them, and get them back when it is gone.
 *
 * Holds: while a device is on a cell's list no driver binds to it, whoever asks (driver_override
 * names one that does not exist). A device of which several cells have a part is on one list. What
 * root has not by its own descriptor stays on root's list until the hypervisor is gone.
 */
#include "driver.h"

#include <linux/amba/bus.h>
#include <linux/delay.h>
#include <linux/of.h>
#include <linux/of_platform.h>
#include <linux/pci.h>
#include <linux/platform_device.h>
#include <linux/pm_runtime.h>
#include <linux/slab.h>

#define NOBODY "cellvisor-cell"

struct taken {
	struct list_head list;
	struct device *dev;
	bool bound;	/* a driver had it */
	char *override; /* that it had before; NULL: none */
	struct pci_saved_state *state;
};

/* --- whose it is --- */

static bool overlap(u64 a, u64 a_end, u64 b, u64 b_end)
{
	return a < b_end && b < a_end;
}

/* [start, end) and the cell's own device memory have something in common. */
static bool touches(const struct cv_cell_desc *d, u64 start, u64 end)
{
	const struct cv_memory *r = cv_desc_memory(d);

	for (u32 i = 0; i < d->num_memory_regions; i++)
		if (r[i].flags & CV_MEM_IO && !(r[i].flags & CV_MEM_ROOTSHARED) &&
		    overlap(start, end, r[i].phys_start, r[i].phys_start + r[i].size))
			return true;
	return false;
}

bool cv_root_touches(u64 start, u64 end)
{
	const struct cv_memory *r = cv_desc_memory(cv.root->desc);

	for (u32 i = 0; i < cv.root->desc->num_memory_regions; i++)
		if (overlap(start, end, r[i].phys_start, r[i].phys_start + r[i].size))
			return true;
	return false;
}

/* All of [start, end) is in the descriptor's memory, by one region or several. */
static bool lists(const struct cv_cell_desc *d, u64 start, u64 end)
{
	const struct cv_memory *r = cv_desc_memory(d);
	bool moved = true;

	while (start < end && moved) {
		moved = false;
		for (u32 i = 0; i < d->num_memory_regions; i++)
			if (r[i].phys_start <= start && start < r[i].phys_start + r[i].size) {
				start = r[i].phys_start + r[i].size;
				moved = true;
			}
	}
	return start >= end;
}

/* The resource as the CPU addresses it, [*start, *end); false: it is no such thing. */
static bool cpu_range(const struct resource *res, u64 *start, u64 *end)
{
	*start = res->start;
	if (res->flags & IORESOURCE_UNSET || !resource_size(res))
		return false;
	if (resource_type(res) == IORESOURCE_IO)
		*start = pci_pio_to_address(res->start);
	else if (resource_type(res) != IORESOURCE_MEM)
		return false;
	*end = *start + resource_size(res);
	return true;
}

static const struct resource *resource_of(struct device *dev, u32 i)
{
	if (dev_is_pci(dev))
		return i < PCI_STD_NUM_BARS ? &to_pci_dev(dev)->resource[i] : NULL;
#ifdef CONFIG_ARM_AMBA
	if (dev->bus == &amba_bustype)
		return i ? NULL : &to_amba_device(dev)->res;
#endif
	return i < to_platform_device(dev)->num_resources ? &to_platform_device(dev)->resource[i]
							  : NULL;
}

static bool is_listed(struct pci_dev *p, const struct cv_cell_desc *d)
{
	const struct cv_pci_device *own = cv_desc_pci(d);

	for (u32 i = 0; i < d->num_pci_devices; i++)
		if (own[i].type == CV_PCI_DEVICE && own[i].domain == pci_domain_nr(p->bus) &&
		    own[i].bdf == pci_dev_id(p))
			return true;
	return false;
}

static bool in_cell(struct device *dev, const struct cv_cell_desc *d)
{
	const struct resource *res;
	u64 start, end;

	for (u32 i = 0; (res = resource_of(dev, i)); i++)
		if (cpu_range(res, &start, &end) && touches(d, start, end))
			return true;
	return dev_is_pci(dev) && is_listed(to_pci_dev(dev), d);
}

static bool in_root(struct device *dev)
{
	const struct resource *res;
	u64 start, end;

	for (u32 i = 0; (res = resource_of(dev, i)); i++)
		if (cpu_range(res, &start, &end) && !lists(cv.root->desc, start, end))
			return false;
	return true;
}

/* Its driver can't be made to let go, and the next change of a mapping would be an abort in the kernel. */
bool cv_iommu_in_use(void)
{
	struct device_node *node;
	bool found = false;

	for_each_node_with_property(node, "#iommu-cells") {
		struct platform_device *iommu = of_find_device_by_node(node);

		if (iommu && iommu->dev.driver && !in_root(&iommu->dev)) {
			pr_err("Linux uses the IOMMU %pOF, which root does not get: disable it with the host overlay that cellc emits\n",
			       node);
			found = true;
		}
		platform_device_put(iommu);
	}
	return found;
}

static bool is_taken(const struct device *dev)
{
	const struct cv_cell *cell;
	const struct taken *t;

	list_for_each_entry(cell, &cv.cells, list)
		list_for_each_entry(t, &cell->devices, list)
			if (t->dev == dev)
				return true;
	return false;
}

/* Who keeps it from its driver when a cell is gone; NULL: nobody. */
static struct cv_cell *heir_of(struct device *dev, const struct cv_cell *but)
{
	struct cv_cell *cell;

	if (but == cv.root)
		return NULL;
	list_for_each_entry(cell, &cv.cells, list)
		if (cell != but && cell != cv.root && in_cell(dev, cell->desc))
			return cell;
	return in_root(dev) ? NULL : cv.root;
}

/* --- taking and giving back --- */

/* Where the bus has the name; NULL: the device has it. */
static const char **bus_override(struct device *dev)
{
#if defined(CONFIG_ARM_AMBA) && defined(CV_AMBA_OVERRIDE)
	if (dev->bus == &amba_bustype)
		return (const char **)&to_amba_device(dev)->driver_override;
#endif
#ifdef CV_DEVICE_OVERRIDE
	return NULL;
#else
	if (dev_is_pci(dev))
		return (const char **)&to_pci_dev(dev)->driver_override;
	return (const char **)&to_platform_device(dev)->driver_override;
#endif
}

/* The only driver that may have the device, a copy; NULL: any, or there is no memory. */
static char *override_get(struct device *dev)
{
	const char **place = bus_override(dev);
	char *name = NULL;

	if (place) {
		device_lock(dev);
		name = kstrdup(*place, GFP_KERNEL);
		device_unlock(dev);
		return name;
	}
#ifdef CV_DEVICE_OVERRIDE
	spin_lock(&dev->driver_override.lock);
	name = kstrdup(dev->driver_override.name, GFP_ATOMIC);
	spin_unlock(&dev->driver_override.lock);
#endif
	return name;
}

static void override_set(struct device *dev, const char *name)
{
	const char **place = bus_override(dev);
	int err = -EOPNOTSUPP;

	if (place)
		err = driver_set_override(dev, place, name, strlen(name));
#ifdef CV_DEVICE_OVERRIDE
	else
		err = device_set_driver_override(dev, name);
#endif
	if (err)
		pr_warn("%s: a driver may bind to it\n", dev_name(dev));
}

/* The device may not be taken from its driver while the bus is walked. */
static int remember(struct device *dev, void *data)
{
	struct cv_cell *cell = data;
	struct taken *t;

	if (!in_cell(dev, cell->desc) || is_taken(dev))
		return 0;
	t = kzalloc(sizeof(*t), GFP_KERNEL);
	if (!t)
		return -ENOMEM;
	t->dev = get_device(dev);
	list_add(&t->list, &cell->devices);
	return 0;
}

/* Awake, and the bridges above it, and reset if it can be: no owner leaves the next one transfers that
 * start with bus mastering. Its configuration is kept for Linux. */
static void hold_pci(struct taken *t)
{
	struct pci_dev *p = to_pci_dev(t->dev);

	pm_runtime_get_sync(t->dev);
	pci_try_reset_function(p);
	pci_save_state(p);
	t->state = pci_store_saved_state(p);
}

/* As the driver left it, hence without bus mastering. */
static void release_pci(struct taken *t)
{
	struct pci_dev *p = to_pci_dev(t->dev);

	msleep(p->d3hot_delay); /* it may just have been woken */
	pci_try_reset_function(p);
	if (!pci_load_and_free_saved_state(p, &t->state))
		pci_restore_state(p);
	pm_runtime_put(t->dev);
}

static void take(struct taken *t, const struct cv_cell *cell)
{
	struct device *dev = t->dev;

	t->override = override_get(dev);
	override_set(dev, NOBODY);
	t->bound = dev->driver;
	if (t->bound) {
		pr_info("%s goes to cell \"%s\"\n", dev_name(dev), cell->desc->name);
		device_release_driver(dev);
	}
	if (dev_is_pci(dev))
		hold_pci(t);
}

static void give_back(struct taken *t)
{
	if (dev_is_pci(t->dev))
		release_pci(t);
	override_set(t->dev, t->override ?: "");
	if (t->bound && !t->dev->driver && device_attach(t->dev) <= 0)
		pr_warn("%s finds no driver any more\n", dev_name(t->dev));
	kfree(t->override);
	put_device(t->dev);
	kfree(t);
}

int cv_devices_take(struct cv_cell *cell)
{
	struct taken *t, *next;
	int err = bus_for_each_dev(&platform_bus_type, NULL, cell, remember);

#ifdef CONFIG_ARM_AMBA
	err = err ?: bus_for_each_dev(&amba_bustype, NULL, cell, remember);
#endif
	err = err ?: bus_for_each_dev(&pci_bus_type, NULL, cell, remember);
	if (!err) {
		list_for_each_entry(t, &cell->devices, list)
			take(t, cell);
		return 0;
	}
	list_for_each_entry_safe(t, next, &cell->devices, list) {
		list_del(&t->list);
		put_device(t->dev);
		kfree(t);
	}
	return err;
}

void cv_devices_return(struct cv_cell *cell)
{
	struct taken *t, *next;

	list_for_each_entry_safe(t, next, &cell->devices, list) {
		struct cv_cell *heir = heir_of(t->dev, cell);

		list_del(&t->list);
		if (heir)
			list_add(&t->list, &heir->devices);
		else
			give_back(t);
	}
}
