/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Virtual Ethernet (../abi/net.h) for bare-metal cells: a link of protocol 1 becomes a pair of
 * queues. Frames are whole, with their Ethernet header, without a checksum behind.
 *
 *	net_open(&net, bdf);
 *	for (;;) {
 *		if (net_follow(&net)) // carrier
 *			while ((n = net_receive(&net, frame, sizeof(frame))))
 *				net_send(&net, answer, n);
 *		wait for an interrupt of net.link.intid;
 *	}
 */
#ifndef INMATE_NET_H
#define INMATE_NET_H

#include "shmem.h"
#include "../net/ring.h"

struct net {
	struct shmem link;
	struct cv_ring_layout layout;
	struct cv_ring_tx tx;
	struct cv_ring_rx rx;
	u32 ends[CV_NET_QUEUE_MAX];
	u32 other;
	u32 state; /* own, enum cv_net_state */
	u32 bad;   /* what came from the other peer and made no sense */
};

/* Opens the link and enables its interrupts. 0, or -1: not a link of two peers of protocol 1. */
int net_open(struct net *n, u32 bdf);
/* Goes on as the other peer's state lets it; true while there is a carrier. Call it often. */
bool net_follow(struct net *n);
/* Copies the next frame to buf; its length, 0 if there is none. Longer ones are dropped. */
u32 net_receive(struct net *n, void *buf, u32 size);
/* False: no room now. */
bool net_send(struct net *n, const void *frame, u32 len);

#endif
