// SPDX-License-Identifier: GPL-2.0-only
/*
 * The interface: frames are copied into the own section and out of the other peer's.
 *
 * A frame is looked at after it was copied, never in shared memory.
 */
#include "net.h"

#include <linux/etherdevice.h>
#include <linux/if_vlan.h>

#define FRAME_OVERHEAD (ETH_HLEN + VLAN_HLEN)

unsigned int cv_net_mtu_max(const struct cv_net *n)
{
	return min_t(unsigned int, cv_ring_frame_max(&n->layout) - FRAME_OVERHEAD, ETH_MAX_MTU);
}

/* --- sending --- */

static bool room(struct cv_net *n)
{
	return cv_ring_tx_reserve(&n->tx, n->dev->mtu + FRAME_OVERHEAD);
}

static void reclaim(struct cv_net *n)
{
	if (cv_ring_tx_reclaim(&n->tx))
		return;
	n->counts.bad_counts++;
	cv_link_broken(n);
}

/* True if there is room for the next frame; else the other peer has been asked for a doorbell. */
static bool room_or_wait(struct cv_net *n)
{
	reclaim(n);
	if (room(n))
		return true;
	cv_ring_tx_want_room(&n->tx);
	reclaim(n); /* taken before the other peer knew that it is waited for */
	return room(n);
}

/* Stops the queue when the next frame might find no room; it goes on from cv_net_poll(). */
static void stop_if_full(struct cv_net *n)
{
	if (room(n))
		return;
	netif_stop_queue(n->dev);
	if (room_or_wait(n))
		netif_start_queue(n->dev);
	else
		n->counts.ring_full++;
}

static netdev_tx_t start_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct cv_net *n = netdev_priv(dev);
	void *to;

	if (!READ_ONCE(n->up))
		goto drop;
	to = cv_ring_tx_reserve(&n->tx, skb->len);
	if (!to || skb_copy_bits(skb, 0, to, skb->len))
		goto drop;
	cv_ring_tx_add(&n->tx, skb->len);
	dev_sw_netstats_tx_add(dev, 1, skb->len);
	skb_tx_timestamp(skb);
	dev_consume_skb_any(skb);
	stop_if_full(n);
	goto notify;
drop:
	dev_core_stats_tx_dropped_inc(dev);
	dev_kfree_skb_any(skb);
notify:
	if ((!netdev_xmit_more() || netif_queue_stopped(dev)) && READ_ONCE(n->up) &&
	    cv_ring_tx_notify(&n->tx))
		cv_net_doorbell(n);
	return NETDEV_TX_OK;
}

/* From NAPI: the other peer may have taken frames that the queue waits for. */
static void wake_if_room(struct cv_net *n)
{
	struct netdev_queue *queue = netdev_get_tx_queue(n->dev, 0);

	if (!netif_tx_queue_stopped(queue))
		return;
	__netif_tx_lock(queue, smp_processor_id());
	if (READ_ONCE(n->up) && netif_tx_queue_stopped(queue) && room_or_wait(n))
		netif_tx_wake_queue(queue);
	__netif_tx_unlock(queue);
}

/* --- receiving --- */

/* A private copy of the frame, or NULL: dropped. */
static struct sk_buff *copy_frame(struct cv_net *n, const struct cv_ring_frame *frame)
{
	struct sk_buff *skb = napi_alloc_skb(&n->napi, frame->len);

	if (!skb) {
		n->counts.no_memory++;
		dev_core_stats_rx_dropped_inc(n->dev);
		return NULL;
	}
	skb_put_data(skb, frame->data, frame->len);
	return skb;
}

static void receive(struct cv_net *n, struct sk_buff *skb)
{
	dev_sw_netstats_rx_add(n->dev, skb->len);
	skb->protocol = eth_type_trans(skb, n->dev);
	napi_gro_receive(&n->napi, skb);
}

/* Takes frames, or rubbish, until there are none or the budget is used: how many. */
static int take_frames(struct cv_net *n, int budget)
{
	struct cv_ring_frame frame;
	struct sk_buff *skb;
	int done;

	for (done = 0; done < budget; done++) {
		switch (cv_ring_rx_next(&n->rx, ETH_HLEN, cv_ring_frame_max(&n->layout), &frame)) {
		case CV_RING_EMPTY:
			return done;
		case CV_RING_BAD:
			n->counts.bad_frames++;
			dev_core_stats_rx_dropped_inc(n->dev);
			break;
		case CV_RING_FRAME:
			skb = copy_frame(n, &frame);
			cv_ring_rx_done(&n->rx);
			if (skb)
				receive(n, skb);
			break;
		}
	}
	return done;
}

int cv_net_poll(struct napi_struct *napi, int budget)
{
	struct cv_net *n = container_of(napi, struct cv_net, napi);
	int done = 0;

	if (READ_ONCE(n->up)) {
		wake_if_room(n);
		done = take_frames(n, budget);
		if (done && cv_ring_rx_notify(&n->rx))
			cv_net_doorbell(n);
	}
	if (done < budget && napi_complete_done(napi, done) && READ_ONCE(n->up) &&
	    cv_ring_rx_want_frames(&n->rx))
		napi_schedule(napi);
	return done;
}

/* --- the interface --- */

/* Sent before anybody here listened. NAPI is off. */
static void skip_old_frames(struct cv_net *n)
{
	cv_ring_rx_skip(&n->rx);
	if (cv_ring_rx_notify(&n->rx))
		cv_net_doorbell(n);
}

static int open(struct net_device *dev)
{
	struct cv_net *n = netdev_priv(dev);

	netif_stop_queue(dev);
	if (n->up)
		skip_old_frames(n);
	napi_enable(&n->napi);
	if (n->up)
		cv_link_run(n);
	return 0;
}

static int stop(struct net_device *dev)
{
	struct cv_net *n = netdev_priv(dev);

	napi_disable(&n->napi);
	if (n->up)
		cv_link_down(n);
	schedule_work(&n->work);
	return 0;
}

static int change_mtu(struct net_device *dev, int mtu)
{
	dev->mtu = mtu;
	return 0;
}

static void get_stats(struct net_device *dev, struct rtnl_link_stats64 *stats)
{
	struct cv_net *n = netdev_priv(dev);

	dev_get_tstats64(dev, stats);
	stats->rx_errors += READ_ONCE(n->counts.bad_frames);
	stats->rx_frame_errors += READ_ONCE(n->counts.bad_frames);
	stats->tx_errors += READ_ONCE(n->counts.bad_counts);
}

const struct net_device_ops cv_net_ops = {
	.ndo_open = open,
	.ndo_stop = stop,
	.ndo_start_xmit = start_xmit,
	.ndo_change_mtu = change_mtu,
	.ndo_get_stats64 = get_stats,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_validate_addr = eth_validate_addr,
};
