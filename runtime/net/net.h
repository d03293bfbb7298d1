/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of the network driver know of each other.
 *
 * State of the link changes under rtnl only. The transmit queue belongs to the network core's
 * transmit lock, the receive queue to NAPI; both are touched elsewhere while neither runs.
 */
#ifndef CV_NET_NET_H
#define CV_NET_NET_H

#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/workqueue.h>

#include "ring.h"

struct cv_net_counts {
	u64 doorbells;	   /* rung */
	u64 interrupts;	   /* taken */
	u64 bad_frames;	   /* from the other peer: descriptors that make no sense */
	u64 bad_counts;	   /* it claims to have taken frames that were never sent */
	u64 no_memory;	   /* frames dropped for lack of a buffer */
	u64 ring_full;	   /* times that the transmit queue had to wait */
	u64 links;	   /* times that the link went up */
	u64 resets;	   /* times that it was taken down for what the other peer wrote */
};

struct cv_net {
	struct net_device *dev;
	struct pci_dev *pci;
	struct cv_shmem_registers __iomem *regs;
	u32 id, other;		/* peer numbers */
	const u32 *states;	/* of the peers, shared: READ_ONCE */
	void *own, *theirs;	/* sections */
	struct cv_ring_layout layout;
	u32 state;		/* own, enum cv_net_state */
	u32 seen;		/* the other peer's, when the link was last looked at */
	bool gone;		/* the device is: the works do nothing any more */
	bool up;		/* both are READY at least: the queues may be used */
	struct work_struct work; /* looks at the link */
	struct delayed_work restart;
	struct napi_struct napi;
	struct cv_ring_tx tx;
	struct cv_ring_rx rx;
	struct cv_net_counts counts;
	int vectors;		/* 1: state and data share an interrupt */
};

/* --- device.c --- */
void cv_net_doorbell(struct cv_net *n);

/* --- netdev.c --- */
extern const struct net_device_ops cv_net_ops;
int cv_net_poll(struct napi_struct *napi, int budget);
/* Largest MTU that the sections allow. */
unsigned int cv_net_mtu_max(const struct cv_net *n);

/* --- link.c --- */
/* Work: goes on in the protocol as far as the other peer's state lets it. */
void cv_link_follow(struct work_struct *work);
/* Work: takes the link down, to begin again with cleared rings. */
void cv_link_restart(struct work_struct *work);
/* The other peer broke the rules: restart soon. Any context. */
void cv_link_broken(struct cv_net *n);
/* With rtnl: nothing uses the queues any more when it returns; state RESET. */
void cv_link_down(struct cv_net *n);
/* With rtnl, link up, interface up: takes and sends frames. */
void cv_link_run(struct cv_net *n);

/* --- ethtool.c --- */
extern const struct ethtool_ops cv_net_ethtool;

#endif
