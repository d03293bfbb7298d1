// SPDX-License-Identifier: GPL-2.0-only
/*
 * Life of the link: own state as a function of the other peer's (abi/net.h), carrier, queues
 * cleared between one life and the next.
 *
 * The other peer may write what it likes as often as it likes. Each interrupt runs the work once at
 * most, which makes three steps at most; restarts for what it wrote into its section come at
 * intervals.
 */
#include "net.h"

#include <linux/rtnetlink.h>

#define RESTART_DELAY (HZ / 4)
#define STEPS	      3

static void set_state(struct cv_net *n, u32 state)
{
	n->state = state;
	wmb(); /* what was written to the section comes before the state that announces it */
	writel(state, &n->regs->state);
}

/* Nobody uses the queues: the link is down, and the interface too or stopped. */
static void clear_queues(struct cv_net *n)
{
	cv_ring_tx_init(&n->tx, &n->layout, n->own, n->theirs, n->tx.ends);
	cv_ring_rx_init(&n->rx, &n->layout, n->own, n->theirs);
}

void cv_link_run(struct cv_net *n)
{
	set_state(n, CV_NET_RUN);
	netif_wake_queue(n->dev);
	napi_schedule(&n->napi);
}

static void link_up(struct cv_net *n)
{
	WRITE_ONCE(n->up, true);
	n->counts.links++;
	netif_carrier_on(n->dev);
	if (netif_running(n->dev))
		cv_link_run(n);
}

void cv_link_down(struct cv_net *n)
{
	WRITE_ONCE(n->up, false);
	netif_carrier_off(n->dev);
	netif_tx_disable(n->dev);
	if (netif_running(n->dev))
		napi_synchronize(&n->napi);
	cancel_delayed_work(&n->restart); /* the next life has done nothing wrong yet */
	set_state(n, CV_NET_RESET);
}

/* One step of the protocol; true if it changed the own state. */
static bool step(struct cv_net *n, u32 other)
{
	switch (n->state) {
	case CV_NET_RESET:
		if (other >= CV_NET_READY)
			return false;
		set_state(n, CV_NET_INIT);
		return true;
	case CV_NET_INIT:
		if (other == CV_NET_RESET)
			return false;
		clear_queues(n);
		set_state(n, CV_NET_READY);
		return true;
	}
	if (n->up ? other < CV_NET_READY : other == CV_NET_RESET) {
		cv_link_down(n);
		return true;
	}
	if (!n->up && other >= CV_NET_READY)
		link_up(n);
	return false;
}

void cv_link_follow(struct work_struct *work)
{
	struct cv_net *n = container_of(work, struct cv_net, work);

	rtnl_lock();
	for (int i = 0; i < STEPS && !n->gone; i++) {
		n->seen = READ_ONCE(n->states[n->other]);
		rmb(); /* its state before what it wrote to its section */
		if (!step(n, n->seen))
			break;
	}
	rtnl_unlock();
}

void cv_link_restart(struct work_struct *work)
{
	struct cv_net *n = container_of(to_delayed_work(work), struct cv_net, restart);

	rtnl_lock();
	if (n->up) {
		n->counts.resets++;
		cv_link_down(n);
		schedule_work(&n->work);
	}
	rtnl_unlock();
}

void cv_link_broken(struct cv_net *n)
{
	schedule_delayed_work(&n->restart, RESTART_DELAY);
}
