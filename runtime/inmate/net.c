// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Virtual Ethernet for bare-metal cells: the states of a link, over the queues of runtime/net. */
#include "net.h"

#define MIN_FRAME 14

int net_open(struct net *n, u32 bdf)
{
	if (shmem_open(&n->link, bdf) || n->link.protocol != CV_SHMEM_NET ||
	    n->link.peers != CV_NET_PEERS || n->link.id >= CV_NET_PEERS ||
	    !cv_ring_layout(&n->layout, n->link.output_size))
		return -1;
	n->other = !n->link.id;
	n->state = CV_NET_RESET;
	n->bad = 0;
	shmem_set_state(&n->link, CV_NET_RESET);
	shmem_interrupts(&n->link, true);
	return 0;
}

static void enter(struct net *n, u32 state)
{
	n->state = state;
	shmem_set_state(&n->link, state);
}

static void init_queues(struct net *n)
{
	u8 *own = shmem_output(&n->link, n->link.id), *theirs = shmem_output(&n->link, n->other);

	cv_ring_tx_init(&n->tx, &n->layout, own, theirs, n->ends);
	cv_ring_rx_init(&n->rx, &n->layout, own, theirs);
}

/* Each turn goes one state up, or down to the first; RUN is where it ends. */
bool net_follow(struct net *n)
{
	u32 other = n->link.states[n->other];

	if (n->state == CV_NET_RESET && other < CV_NET_READY)
		enter(n, CV_NET_INIT);
	if (n->state == CV_NET_INIT && other != CV_NET_RESET) {
		init_queues(n);
		enter(n, CV_NET_READY);
	}
	if (n->state == CV_NET_READY && other >= CV_NET_READY)
		enter(n, CV_NET_RUN);
	if (n->state == CV_NET_RUN && other < CV_NET_READY)
		enter(n, CV_NET_RESET);
	return n->state == CV_NET_RUN;
}

u32 net_receive(struct net *n, void *buf, u32 size)
{
	struct cv_ring_frame frame;

	do {
		switch (cv_ring_rx_next(&n->rx, MIN_FRAME, size, &frame)) {
		case CV_RING_EMPTY:
			break;
		case CV_RING_BAD:
			n->bad++;
			break;
		case CV_RING_FRAME:
			memcpy(buf, frame.data, frame.len);
			cv_ring_rx_done(&n->rx);
			if (cv_ring_rx_notify(&n->rx))
				shmem_ring(&n->link, n->other, CV_NET_VECTOR_DATA);
			return frame.len;
		}
	} while (cv_ring_rx_want_frames(&n->rx));
	return 0;
}

bool net_send(struct net *n, const void *frame, u32 len)
{
	void *to;

	if (!cv_ring_tx_reclaim(&n->tx))
		n->bad++;
	to = cv_ring_tx_reserve(&n->tx, len);
	if (!to)
		return false;
	memcpy(to, frame, len);
	cv_ring_tx_add(&n->tx, len);
	if (cv_ring_tx_notify(&n->tx))
		shmem_ring(&n->link, n->other, CV_NET_VECTOR_DATA);
	return true;
}
