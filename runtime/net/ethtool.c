// SPDX-License-Identifier: GPL-2.0-only
/* What ethtool tells: driver, link, size of the queues, counters. */
#include "net.h"

#include <linux/ethtool.h>

static const struct {
	char name[ETH_GSTRING_LEN];
	size_t offset;
} figures[] = {
	{ "doorbells", offsetof(struct cv_net_counts, doorbells) },
	{ "interrupts", offsetof(struct cv_net_counts, interrupts) },
	{ "bad_frames", offsetof(struct cv_net_counts, bad_frames) },
	{ "bad_counts", offsetof(struct cv_net_counts, bad_counts) },
	{ "no_memory", offsetof(struct cv_net_counts, no_memory) },
	{ "ring_full", offsetof(struct cv_net_counts, ring_full) },
	{ "links", offsetof(struct cv_net_counts, links) },
	{ "resets", offsetof(struct cv_net_counts, resets) },
};

static void get_drvinfo(struct net_device *dev, struct ethtool_drvinfo *info)
{
	struct cv_net *n = netdev_priv(dev);

	strscpy(info->driver, KBUILD_MODNAME, sizeof(info->driver));
	strscpy(info->bus_info, pci_name(n->pci), sizeof(info->bus_info));
}

static int get_sset_count(struct net_device *dev, int set)
{
	return set == ETH_SS_STATS ? ARRAY_SIZE(figures) : -EOPNOTSUPP;
}

static void get_strings(struct net_device *dev, u32 set, u8 *to)
{
	if (set == ETH_SS_STATS)
		for (size_t i = 0; i < ARRAY_SIZE(figures); i++)
			memcpy(to + i * ETH_GSTRING_LEN, figures[i].name, ETH_GSTRING_LEN);
}

static void get_stats(struct net_device *dev, struct ethtool_stats *stats, u64 *to)
{
	struct cv_net *n = netdev_priv(dev);

	for (size_t i = 0; i < ARRAY_SIZE(figures); i++)
		to[i] = READ_ONCE(*(u64 *)((u8 *)&n->counts + figures[i].offset));
}

static void get_ringparam(struct net_device *dev, struct ethtool_ringparam *ring,
			  struct kernel_ethtool_ringparam *kernel, struct netlink_ext_ack *ack)
{
	struct cv_net *n = netdev_priv(dev);

	ring->rx_max_pending = ring->tx_max_pending = n->layout.num;
	ring->rx_pending = ring->tx_pending = n->layout.num;
}

static int get_link_ksettings(struct net_device *dev, struct ethtool_link_ksettings *to)
{
	ethtool_link_ksettings_zero_link_mode(to, supported);
	ethtool_link_ksettings_zero_link_mode(to, advertising);
	to->base.port = PORT_OTHER;
	to->base.duplex = DUPLEX_FULL;
	to->base.speed = SPEED_UNKNOWN; /* as fast as the CPUs copy */
	return 0;
}

const struct ethtool_ops cv_net_ethtool = {
	.get_drvinfo = get_drvinfo,
	.get_link = ethtool_op_get_link,
	.get_link_ksettings = get_link_ksettings,
	.get_ringparam = get_ringparam,
	.get_sset_count = get_sset_count,
	.get_strings = get_strings,
	.get_ethtool_stats = get_stats,
	.get_ts_info = ethtool_op_get_ts_info,
};
