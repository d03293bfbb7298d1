// SPDX-License-Identifier: GPL-2.0-only
/*
 * Root's virtual PCI host: the hypervisor answers at the configuration space that the system
 * descriptor names, and devices find room for their registers directly behind it (abi.md). It
 * appears when the machine is handed over and goes, with its devices, before it is taken back.
 *
 * By the kernel's own functions for host bridges, so that no device tree has to be changed.
 *
 * Where the descriptor names the machine's own host the devices of links are on its bus. There they are
 * found as hot-plugged ones are. Their registers are in the part of the host's window that root's
 * descriptor leaves out, their interrupts the same lines as on a virtual host.
 */
#include "driver.h"
#include "arch.h"
#include "../abi/shmem.h"

#include <linux/irq.h>
#include <linux/irqdomain.h>
#include <linux/of_address.h>
#include <linux/pci.h>
#include <linux/pci-ecam.h>

#define BUS_SIZE     SZ_1M	/* of configuration space */
#define SLOT_ROOM    SZ_64K	/* of the window */
#define BAR_ROOM     SZ_64K	/* on the machine's own host; two of them */
#define FIRST_DOMAIN 1		/* 0 is the machine's own, which may not be there yet */
#define LAST_DOMAIN  0xfffe

static struct {
	struct pci_host_bridge *bridge;
	struct pci_config_window *config;
	struct resource window, buses;
	struct irq_domain *gic;
	u32 irq_base; /* SPI of INTA */
	struct pci_bus *bus; /* the machine's own */
	int (*map_irq)(const struct pci_dev *dev, u8 slot, u8 pin); /* for its devices */
} host;

/* --- interrupts --- */

/* The node whose first register range is the distributor; NULL if Linux has another controller. */
static struct device_node *find_gic(u64 distributor)
{
	struct device_node *node;
	struct resource res;

	for_each_node_with_property(node, "interrupt-controller")
		if (!of_address_to_resource(node, 0, &res) && res.start == distributor)
			return node;
	return NULL;
}

/* Pin p of all slots is one line, an edge: IHI 0048, section 1.4.1; abi.md, section 6. */
static int map_irq(const struct pci_dev *dev, u8 slot, u8 pin)
{
	struct irq_fwspec spec = {
		.fwnode = host.gic->fwnode,
		.param_count = 3,
		.param = { 0 /* an SPI */, host.irq_base + pin - 1, IRQ_TYPE_EDGE_RISING },
	};

	return pin ? (int)irq_create_fwspec_mapping(&spec) : 0;
}

static int find_interrupts(const struct cv_system *system)
{
	struct device_node *node = find_gic(system->arm.gicd_base);

	host.irq_base = system->root_cell.vpci_irq_base;
	host.gic = node ? irq_find_host(node) : NULL;
	of_node_put(node);
	if (host.gic)
		return 0;
	pr_err("virtual PCI: no interrupt controller at 0x%llx\n", system->arm.gicd_base);
	return -ENODEV;
}

/* --- the bridge --- */

static bool domain_is_taken(int domain)
{
	struct pci_bus *bus = NULL;

	while ((bus = pci_find_next_bus(bus)))
		if (pci_domain_nr(bus) == domain)
			return true;
	return false;
}

/* The descriptor's, or the first free one. */
static int choose_domain(const struct cv_system *system)
{
	int domain = system->pci_domain;

	if (domain == CV_PCI_DOMAIN_ANY)
		for (domain = FIRST_DOMAIN; domain < LAST_DOMAIN; domain++)
			if (!domain_is_taken(domain))
				break;
	if (!domain_is_taken(domain))
		return domain;
	pr_err("virtual PCI: domain %d is taken\n", domain);
	return -EBUSY;
}

static u32 count_links(const struct cv_cell_desc *d)
{
	const struct cv_pci_device *p = cv_desc_pci(d);
	u32 n = 0;

	for (u32 i = 0; i < d->num_pci_devices; i++)
		n += p[i].type == CV_PCI_SHMEM;
	return n;
}

static int claim_addresses(const struct cv_system *system, u32 links)
{
	u64 base = system->pci_mmconfig_base;
	u64 size = (system->pci_mmconfig_end_bus + 1ull) * BUS_SIZE;
	u64 room = ALIGN((u64)links * SLOT_ROOM, SZ_1M);
	struct resource config = DEFINE_RES_MEM(base, size);

	if (!IS_ALIGNED(base, BUS_SIZE) || base + size + room < base) {
		pr_err("virtual PCI: configuration space at 0x%llx\n", base);
		return -EINVAL;
	}
	host.window = (struct resource)DEFINE_RES_MEM_NAMED(base + size, room, "cellvisor PCI");
	host.buses = (struct resource){ .name = "cellvisor PCI", .flags = IORESOURCE_BUS,
					.end = system->pci_mmconfig_end_bus };
	if (request_resource(&iomem_resource, &host.window)) {
		pr_err("virtual PCI: %pR is taken, see /proc/iomem\n", &host.window);
		return -EBUSY;
	}
	host.config = pci_ecam_create(cv.folder, &config, &host.buses, &pci_generic_ecam_ops);
	if (!IS_ERR(host.config))
		return 0;
	release_resource(&host.window);
	return PTR_ERR(host.config);
}

static void release_addresses(void)
{
	pci_ecam_free(host.config);
	release_resource(&host.window);
}

static int add_bridge(const struct cv_system *system)
{
	struct pci_host_bridge *bridge;
	int err, domain = choose_domain(system);

	if (domain < 0)
		return domain;
	bridge = pci_alloc_host_bridge(0);
	if (!bridge)
		return -ENOMEM;
	pci_add_resource(&bridge->windows, &host.buses);
	pci_add_resource(&bridge->windows, &host.window);
	bridge->dev.parent = cv.folder;
	bridge->sysdata = host.config;
	bridge->ops = (struct pci_ops *)&pci_generic_ecam_ops.pci_ops;
	bridge->domain_nr = domain;
	bridge->map_irq = map_irq;
	bridge->swizzle_irq = pci_common_swizzle;
	dev_set_msi_domain(&bridge->dev, cv_msi_add(&system->root_cell, host.gic,
						    system->arm.gicd_base));
	err = pci_host_probe(bridge);
	if (err) {
		pci_free_host_bridge(bridge);
		cv_msi_remove();
		return err;
	}
	host.bridge = bridge;
	return 0;
}

/* --- links on the machine's own host --- */

static bool is_link(const struct pci_dev *dev)
{
	return dev->vendor == CV_SHMEM_VENDOR_ID && dev->device == CV_SHMEM_DEVICE_ID;
}

static int map_irq_of_link(const struct pci_dev *dev, u8 slot, u8 pin)
{
	return is_link(dev) ? map_irq(dev, slot, pin) : host.map_irq(dev, slot, pin);
}

/* The highest room for `size` bytes in a window of 32-bit addresses that root has not; 0: there is none. */
static u32 find_room(struct pci_bus *bus, u64 size)
{
	struct pci_bus_region region;
	struct resource *res;
	int i;

	pci_bus_for_each_resource(bus, res, i) {
		if (!res || resource_type(res) != IORESOURCE_MEM || res->flags & IORESOURCE_PREFETCH)
			continue;
		pcibios_resource_to_bus(bus, &region, res);
		if (region.start != res->start || res->end > U32_MAX)
			continue;
		for (u64 end = ALIGN_DOWN(res->end + 1, SZ_1M); end >= res->start + size; end -= SZ_1M)
			if (!cv_root_touches(end - size, end))
				return end - size;
	}
	return 0;
}

/* As firmware would leave it: Linux keeps what it finds in BARs. */
static void place(const struct cv_pci_device *p, u32 at)
{
	for (u32 i = 0; i < 2; i++, at += BAR_ROOM)
		if (!i || p->num_msix_vectors)
			pci_bus_write_config_dword(host.bus, p->bdf & 0xff, PCI_BASE_ADDRESS_0 + 4 * i, at);
}

static int add_link(const struct cv_pci_device *p, u32 at)
{
	struct pci_dev *dev;

	place(p, at);
	pci_scan_slot(host.bus, p->bdf & 0xff);
	dev = pci_get_slot(host.bus, p->bdf & 0xff);
	if (!dev || !is_link(dev)) {
		pr_err("PCI: %02x:%02x.0 is taken\n", p->bdf >> 8, p->bdf >> 3 & 31);
		pci_dev_put(dev);
		return -EBUSY;
	}
	for (u32 i = 0; i < 2; i++)
		if (dev->resource[i].flags && pci_claim_resource(dev, i))
			pci_warn(dev, "BAR %u has no place\n", i);
	pci_bus_add_device(dev);
	pci_dev_put(dev);
	return 0;
}

static void remove_links(void)
{
	struct pci_dev *dev, *next;

	pci_lock_rescan_remove();
	list_for_each_entry_safe(dev, next, &host.bus->devices, bus_list)
		if (is_link(dev))
			pci_stop_and_remove_bus_device(dev);
	pci_unlock_rescan_remove();
	pci_find_host_bridge(host.bus)->map_irq = host.map_irq;
	put_device(&host.bus->dev);
	host.bus = NULL;
}

static int add_links(const struct cv_system *system, u32 links)
{
	const struct cv_pci_device *p = cv_desc_pci(cv.root->desc);
	u16 domain = system->pci_domain == CV_PCI_DOMAIN_ANY ? 0 : system->pci_domain;
	u32 at;
	int err = find_interrupts(system);

	host.bus = err ? NULL : pci_find_bus(domain, 0);
	at = host.bus ? find_room(host.bus, ALIGN(2ull * links * BAR_ROOM, SZ_1M)) : 0;
	if (!at) {
		if (!err)
			pr_err("PCI: no room for links on bus %04x:00\n", domain);
		host.bus = NULL;
		return err ?: -ENODEV;
	}
	get_device(&host.bus->dev);
	pci_lock_rescan_remove();
	host.map_irq = pci_find_host_bridge(host.bus)->map_irq;
	pci_find_host_bridge(host.bus)->map_irq = map_irq_of_link;
	for (u32 i = 0; i < cv.root->desc->num_pci_devices && !err; i++) {
		if (p[i].type != CV_PCI_SHMEM)
			continue;
		err = add_link(&p[i], at);
		at += 2 * BAR_ROOM;
	}
	pci_unlock_rescan_remove();
	if (err)
		remove_links();
	return err;
}

int cv_pci_add(void)
{
	const struct cv_system *system = cv.system;
	u32 links = count_links(cv.root->desc);
	int err;

	if (!links)
		return 0;
	if (!system->pci_is_virtual)
		return add_links(system, links);
	err = find_interrupts(system);
	err = err ?: claim_addresses(system, links);
	if (err)
		return err;
	err = add_bridge(system);
	if (err)
		release_addresses();
	return err;
}

void cv_pci_remove(void)
{
	if (host.bus)
		remove_links();
	if (!host.bridge)
		return;
	pci_lock_rescan_remove();
	pci_stop_root_bus(host.bridge->bus);
	pci_remove_root_bus(host.bridge->bus);
	pci_unlock_rescan_remove();
	pci_free_host_bridge(host.bridge);
	host.bridge = NULL;
	cv_msi_remove();
	release_addresses();
}
