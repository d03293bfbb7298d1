// SPDX-License-Identifier: GPL-2.0-only
/*
 * Virtual Ethernet between cells: a shared-memory device of protocol 1 (abi/shmem.h, abi/net.h)
 * becomes a network interface, in the root cell and in any other.
 *
 * The device's registers and capability are the hypervisor's word and trusted as far as they make
 * sense; what lies in the other peer's section is not.
 */
#include "net.h"
#include "../driver/link.h"

#include <linux/etherdevice.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/jhash.h>
#include <linux/module.h>
#include <linux/rtnetlink.h>

void cv_net_doorbell(struct cv_net *n)
{
	n->counts.doorbells++;
	writel(CV_SHMEM_DOORBELL(n->other, n->vectors > 1 ? CV_NET_VECTOR_DATA : 0),
	       &n->regs->doorbell);
}

/* --- interrupts --- */

static irqreturn_t on_state(int irq, void *data)
{
	struct cv_net *n = data;

	n->counts.interrupts++;
	if (READ_ONCE(n->states[n->other]) != READ_ONCE(n->seen))
		schedule_work(&n->work);
	else if (READ_ONCE(n->up)) /* a peer with one vector rings it for frames as well */
		napi_schedule(&n->napi);
	return IRQ_HANDLED;
}

static irqreturn_t on_data(int irq, void *data)
{
	struct cv_net *n = data;

	n->counts.interrupts++;
	if (READ_ONCE(n->up))
		napi_schedule_irqoff(&n->napi);
	return IRQ_HANDLED;
}

/* The line does not tell which of the two it was, nor whose: edges have no status. */
static irqreturn_t on_any(int irq, void *data)
{
	struct cv_net *n = data;

	on_state(irq, data);
	if (READ_ONCE(n->up))
		napi_schedule(&n->napi);
	return IRQ_HANDLED;
}

static int request_vectors(struct cv_net *n)
{
	const char *name = pci_name(n->pci);
	int err;

	n->vectors = pci_alloc_irq_vectors(n->pci, 1, CV_NET_VECTORS, PCI_IRQ_ALL_TYPES);
	if (n->vectors < 0)
		return n->vectors;
	if (n->vectors < CV_NET_VECTORS)
		return pci_request_irq(n->pci, 0, on_any, NULL, n, "cellvisor-net[%s]", name);
	err = pci_request_irq(n->pci, CV_NET_VECTOR_STATE, on_state, NULL, n,
			      "cellvisor-net-state[%s]", name);
	if (err)
		return err;
	err = pci_request_irq(n->pci, CV_NET_VECTOR_DATA, on_data, NULL, n,
			      "cellvisor-net-data[%s]", name);
	if (err)
		pci_free_irq(n->pci, CV_NET_VECTOR_STATE, n);
	return err;
}

static int start_interrupts(struct cv_net *n)
{
	int err = request_vectors(n);

	if (err < 0) {
		if (n->vectors > 0)
			pci_free_irq_vectors(n->pci);
		return dev_err_probe(&n->pci->dev, err, "no interrupt\n");
	}
	writel(CV_SHMEM_INT_ENABLE, &n->regs->int_control);
	return 0;
}

/* No handler runs, and none will, when this returns. */
static void stop_interrupts(struct cv_net *n)
{
	writel(0, &n->regs->int_control);
	for (int i = 0; i < n->vectors; i++)
		pci_free_irq(n->pci, i, n);
	pci_free_irq_vectors(n->pci);
}

/* --- what the device is --- */

/* The same each time: of the link's place, which the peers share, and the peer's number. */
static void set_address(struct cv_net *n, u64 base)
{
	u32 hash = jhash_3words(lower_32_bits(base), upper_32_bits(base), n->pci->devfn, 0);
	u8 addr[ETH_ALEN] = { 0x02, hash >> 24, hash >> 16, hash >> 8, hash, n->id };

	eth_hw_addr_set(n->dev, addr);
}

static int map_memory(struct cv_net *n, const struct cv_shmem_cap *cap)
{
	u64 outputs = cap->state_table_size + cap->rw_section_size;
	u64 size = outputs + CV_NET_PEERS * cap->output_section_size;
	u8 *base;

	if (cap->state_table_size < CV_NET_PEERS * sizeof(u32) ||
	    cap->rw_section_size > SZ_1G || !IS_ALIGNED(outputs | cap->output_section_size, 16) ||
	    !cv_ring_layout(&n->layout, cap->output_section_size))
		return dev_err_probe(&n->pci->dev, -EINVAL, "sections of a size that can't be\n");
	if (!devm_request_mem_region(&n->pci->dev, cap->base_address, size, KBUILD_MODNAME))
		return dev_err_probe(&n->pci->dev, -EBUSY, "the memory is taken, see /proc/iomem\n");
	base = devm_memremap(&n->pci->dev, cap->base_address, size, MEMREMAP_WB);
	if (IS_ERR(base))
		return PTR_ERR(base);
	n->states = (const u32 *)base;
	n->own = base + outputs + n->id * cap->output_section_size;
	n->theirs = base + outputs + n->other * cap->output_section_size;
	n->tx.ends = devm_kcalloc(&n->pci->dev, n->layout.num, sizeof(u32), GFP_KERNEL);
	set_address(n, cap->base_address);
	return n->tx.ends ? 0 : -ENOMEM;
}

static int map_device(struct cv_net *n)
{
	struct cv_shmem_cap cap;
	u32 peers;
	int err = pcim_enable_device(n->pci);

	err = err ?: cv_link_describe(n->pci, &cap, 0); /* interrupts stay enabled */
	err = err ?: pcim_iomap_regions(n->pci, BIT(CV_SHMEM_BAR_REGISTERS), KBUILD_MODNAME);
	if (err)
		return err;
	pci_set_master(n->pci);
	n->regs = (void __iomem *)pcim_iomap_table(n->pci)[CV_SHMEM_BAR_REGISTERS];
	n->id = readl(&n->regs->id);
	peers = readl(&n->regs->max_peers);
	if (peers != CV_NET_PEERS || n->id >= CV_NET_PEERS)
		return dev_err_probe(&n->pci->dev, -EINVAL, "peer %u of %u, not one of two\n", n->id,
				     peers);
	n->other = !n->id;
	return map_memory(n, &cap);
}

static int describe(struct cv_net *n)
{
	struct net_device *dev = n->dev;

	dev->tstats = devm_netdev_alloc_pcpu_stats(&n->pci->dev, struct pcpu_sw_netstats);
	if (!dev->tstats)
		return -ENOMEM;
	dev->netdev_ops = &cv_net_ops;
	dev->ethtool_ops = &cv_net_ethtool;
	dev->min_mtu = ETH_MIN_MTU;
	dev->max_mtu = cv_net_mtu_max(n);
	dev->mtu = min(CV_NET_MTU_DEFAULT, dev->max_mtu);
	dev->hw_features = NETIF_F_SG;
	dev->features = NETIF_F_SG;
	netif_napi_add(dev, &n->napi, cv_net_poll);
	netif_carrier_off(dev);
	return 0;
}

/* --- coming and going --- */

static int probe(struct pci_dev *pci, const struct pci_device_id *id)
{
	struct net_device *dev = alloc_etherdev(sizeof(struct cv_net));
	struct cv_net *n;
	int err;

	if (!dev)
		return -ENOMEM;
	n = netdev_priv(dev);
	n->dev = dev;
	n->pci = pci;
	INIT_WORK(&n->work, cv_link_follow);
	INIT_DELAYED_WORK(&n->restart, cv_link_restart);
	SET_NETDEV_DEV(dev, &pci->dev);
	pci_set_drvdata(pci, n);
	err = map_device(n);
	err = err ?: describe(n);
	if (err)
		goto no_device;
	writel(CV_NET_RESET, &n->regs->state);
	err = register_netdev(dev);
	if (err)
		goto no_device;
	err = start_interrupts(n);
	if (err)
		goto no_interrupt;
	schedule_work(&n->work);
	return 0;

no_interrupt:
	unregister_netdev(dev);
	cancel_work_sync(&n->work); /* somebody had it open for a moment */
no_device:
	free_netdev(dev);
	return err;
}

static void remove(struct pci_dev *pci)
{
	struct cv_net *n = pci_get_drvdata(pci);

	stop_interrupts(n);
	rtnl_lock();
	n->gone = true;
	rtnl_unlock();
	unregister_netdev(n->dev);
	cancel_delayed_work_sync(&n->restart);
	cancel_work_sync(&n->work);
	writel(CV_NET_RESET, &n->regs->state);
	free_netdev(n->dev);
}

/* The machine, or the cell, goes down: the other peer shall not wait for frames to be taken. */
static void shutdown(struct pci_dev *pci)
{
	struct cv_net *n = pci_get_drvdata(pci);

	writel(0, &n->regs->int_control);
	writel(CV_NET_RESET, &n->regs->state);
}

static const struct pci_device_id ids[] = {
	{ PCI_DEVICE(CV_SHMEM_VENDOR_ID, CV_SHMEM_DEVICE_ID),
	  CV_SHMEM_BASE_CLASS << 16 | CV_SHMEM_NET, 0xffffff },
	{}
};
MODULE_DEVICE_TABLE(pci, ids);

static struct pci_driver pci_driver = {
	.name = KBUILD_MODNAME,
	.id_table = ids,
	.probe = probe,
	.remove = remove,
	.shutdown = shutdown,
};
module_pci_driver(pci_driver);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("virtual Ethernet between cells over shared memory");
