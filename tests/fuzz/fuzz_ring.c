// SPDX-License-Identifier: GPL-2.0-only
/*
 * An attacker at the other end of a virtual Ethernet link.
 *
 * Input: a byte for the size of the sections, then operations of four bytes: what is done, and an
 * argument. The attacker writes its section; the driver sends and receives. Each section is a
 * block of its own, so that the sanitizer sees every access outside of them.
 */
#include "ring.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct link {
	struct cv_ring_layout at;
	uint8_t *own, *other;
	uint32_t *ends;
	struct cv_ring_tx tx;
	struct cv_ring_rx rx;
};

static void demand(bool good)
{
	if (!good)
		abort();
}

static void init(struct link *l)
{
	cv_ring_tx_init(&l->tx, &l->at, l->own, l->other, l->ends);
	cv_ring_rx_init(&l->rx, &l->at, l->own, l->other);
}

/* What is on its way is never more than was sent, and lies among the frames. */
static void check(const struct link *l)
{
	demand((uint16_t)(l->tx.added - l->tx.reclaimed) <= l->at.num);
	demand(l->tx.head >= l->at.data && l->tx.head <= l->at.size);
	demand(l->tx.tail >= l->at.data && l->tx.tail <= l->at.size);
}

static void send_frame(struct link *l, uint32_t len)
{
	uint8_t *to = cv_ring_tx_reserve(&l->tx, len);

	if (!to)
		return;
	demand(to >= l->own + l->at.data && to + len <= l->own + l->at.size);
	memset(to, 0x5a, len);
	cv_ring_tx_add(&l->tx, len);
	(void)cv_ring_tx_notify(&l->tx);
}

static void receive_frame(struct link *l)
{
	uint32_t max = cv_ring_frame_max(&l->at);
	struct cv_ring_frame frame;
	uint8_t sum = 0;

	if (cv_ring_rx_next(&l->rx, 14, max, &frame) != CV_RING_FRAME)
		return;
	demand(frame.len >= 14 && frame.len <= max);
	demand(frame.data >= l->other + l->at.data);
	for (uint32_t i = 0; i < frame.len; i++)
		sum += frame.data[i];
	*(volatile uint8_t *)&sum;
	cv_ring_rx_done(&l->rx);
	(void)cv_ring_rx_notify(&l->rx);
}

/* The attacker's write: two bytes anywhere among its rings. */
static void attack(struct link *l, uint16_t where, uint8_t value)
{
	uint32_t at = where * 2u % (l->at.data - 1);

	l->other[at] = value;
	l->other[at + 1] = value >> 4;
}

static void operate(struct link *l, const uint8_t *op)
{
	uint16_t arg = (uint16_t)(op[1] << 8 | op[2]);

	switch (op[0] % 8) {
	case 0:
		send_frame(l, arg + 1u);
		break;
	case 1:
		receive_frame(l);
		break;
	case 2:
		(void)cv_ring_tx_reclaim(&l->tx);
		break;
	case 3: /* an honest count of frames taken, or nearly */
		((struct cv_net_used *)(l->other + l->at.used))->idx =
			(uint16_t)(l->tx.reclaimed + op[3]);
		break;
	case 4: /* the same of frames sent */
		((struct cv_net_avail *)(l->other + l->at.avail))->idx =
			(uint16_t)(l->rx.taken + op[3]);
		break;
	case 5:
		attack(l, arg, op[3]);
		break;
	case 6:
		cv_ring_tx_want_room(&l->tx);
		(void)cv_ring_rx_want_frames(&l->rx);
		break;
	case 7:
		if (op[1] & 1)
			cv_ring_rx_skip(&l->rx);
		else
			init(l);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct link l;

	if (!size || !cv_ring_layout(&l.at, ((data[0] & 127) + 1) * 4096ull))
		return 0;
	l.own = malloc(l.at.size);
	l.other = malloc(l.at.size);
	l.ends = calloc(l.at.num, sizeof(*l.ends));
	if (!l.own || !l.other || !l.ends)
		abort();
	memset(l.other, data[0], l.at.size);
	init(&l);
	for (size_t i = 1; i + 4 <= size; i += 4) {
		operate(&l, data + i);
		check(&l);
	}
	free(l.own);
	free(l.other);
	free(l.ends);
	return 0;
}
