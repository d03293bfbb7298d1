// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Queues of a virtual Ethernet link. In: the two sections, one of them an attacker's. Out: frames.
 *
 * Room for frames is given out as a ring and comes back in the same order, so that the other peer's
 * word is needed for one thing only: how many of the frames on their way it has taken.
 */
#include "ring.h"

#define SECTION_MAX (1u << 30)
#define FRAME_MAX   (65535u + 22u) /* the largest MTU, Ethernet's header, a VLAN tag, and a checksum */

static uint32_t round_up(uint32_t n)
{
	return (n + CV_NET_ALIGN - 1) & ~(CV_NET_ALIGN - 1);
}

/* --- where things are --- */

static void lay_out(struct cv_ring_layout *at, uint32_t num)
{
	at->num = num;
	at->avail = num * (uint32_t)sizeof(struct cv_net_desc);
	at->used = round_up(at->avail + (uint32_t)sizeof(struct cv_net_avail) + 2 * num + 2);
	at->data = round_up(at->used + (uint32_t)sizeof(struct cv_net_used) +
			    num * (uint32_t)sizeof(struct cv_net_used_elem) + 2);
}

bool cv_ring_layout(struct cv_ring_layout *at, uint64_t section_size)
{
	if (section_size > SECTION_MAX)
		return false;
	at->size = (uint32_t)section_size;
	for (uint32_t num = CV_NET_QUEUE_MAX; num >= CV_NET_QUEUE_MIN; num /= 2) {
		lay_out(at, num);
		if (at->data < at->size / 8)
			return true;
	}
	return false;
}

uint32_t cv_ring_frame_max(const struct cv_ring_layout *at)
{
	uint32_t quarter = (at->size - at->data) / 4 & ~(CV_NET_ALIGN - 1);

	return quarter < FRAME_MAX ? quarter : FRAME_MAX;
}

static struct cv_net_avail *avail_of(const struct cv_ring_layout *at, const uint8_t *section)
{
	return (struct cv_net_avail *)(section + at->avail);
}

static struct cv_net_used *used_of(const struct cv_ring_layout *at, const uint8_t *section)
{
	return (struct cv_net_used *)(section + at->used);
}

/* Behind the available ring: at which count of taken frames the sender wants a doorbell. */
static uint16_t *used_event(const struct cv_ring_layout *at, const uint8_t *section)
{
	return &avail_of(at, section)->ring[at->num];
}

/* Behind the used ring: at which count of frames the receiver wants a doorbell. */
static uint16_t *avail_event(const struct cv_ring_layout *at, const uint8_t *section)
{
	return (uint16_t *)&used_of(at, section)->ring[at->num];
}

/* Virtio 1.1, 2.6.7.1: the count went past the event on its way from old to new. */
static bool passed(uint16_t event, uint16_t new, uint16_t old)
{
	return (uint16_t)(new - event - 1) < (uint16_t)(new - old);
}

/* --- sending --- */

void cv_ring_tx_init(struct cv_ring_tx *tx, const struct cv_ring_layout *at, void *own,
		     const void *other, uint32_t *ends)
{
	*tx = (struct cv_ring_tx){
		.at = *at, .own = own, .other = other, .ends = ends, .head = at->data, .tail = at->data
	};
	cv_clear(own, at->used);
}

static uint16_t on_their_way(const struct cv_ring_tx *tx)
{
	return (uint16_t)(tx->added - tx->reclaimed);
}

bool cv_ring_tx_reclaim(struct cv_ring_tx *tx)
{
	uint16_t taken = cv_load(used_of(&tx->at, tx->other)->idx);

	if ((uint16_t)(taken - tx->reclaimed) > on_their_way(tx))
		return false;
	if (taken == tx->reclaimed)
		return true;
	cv_mb(); /* their reads of the frames are over before these are overwritten */
	tx->tail = tx->ends[(uint16_t)(taken - 1) % tx->at.num];
	tx->reclaimed = taken;
	if (!on_their_way(tx))
		tx->head = tx->tail = tx->at.data;
	return true;
}

/* Where a frame goes, 0 for nowhere. A frame is in one piece; head meets tail only when empty. */
static uint32_t place(const struct cv_ring_tx *tx, uint32_t len)
{
	uint32_t need = round_up(len);

	if (on_their_way(tx) >= tx->at.num || len > cv_ring_frame_max(&tx->at))
		return 0;
	if (tx->head < tx->tail)
		return need < tx->tail - tx->head ? tx->head : 0;
	if (need <= tx->at.size - tx->head)
		return tx->head;
	return need < tx->tail - tx->at.data ? tx->at.data : 0;
}

void *cv_ring_tx_reserve(struct cv_ring_tx *tx, uint32_t len)
{
	uint32_t offset = place(tx, len);

	return offset ? tx->own + offset : NULL;
}

void cv_ring_tx_add(struct cv_ring_tx *tx, uint32_t len)
{
	uint16_t entry = (uint16_t)(tx->added % tx->at.num);
	struct cv_net_desc *desc = (struct cv_net_desc *)tx->own + entry;
	uint32_t offset = place(tx, len);

	tx->head = offset + round_up(len);
	tx->ends[entry] = tx->head;
	cv_store(desc->addr, offset);
	cv_store(desc->len, len);
	cv_store(desc->flags, 0);
	cv_store(avail_of(&tx->at, tx->own)->ring[entry], entry);
	cv_wmb(); /* frame and descriptor are there before they are announced */
	tx->added++;
	cv_store(avail_of(&tx->at, tx->own)->idx, tx->added);
}

bool cv_ring_tx_notify(struct cv_ring_tx *tx)
{
	uint16_t old = tx->announced;

	cv_mb(); /* the count before the event: the receiver does it the other way round */
	tx->announced = tx->added;
	return passed(cv_load(*avail_event(&tx->at, tx->other)), tx->added, old);
}

void cv_ring_tx_want_room(struct cv_ring_tx *tx)
{
	uint16_t event = (uint16_t)(tx->reclaimed + on_their_way(tx) * 3 / 4);

	cv_store(*used_event(&tx->at, tx->own), event);
	cv_mb(); /* the event before the count, which the caller looks at again */
}

/* --- receiving --- */

void cv_ring_rx_init(struct cv_ring_rx *rx, const struct cv_ring_layout *at, void *own,
		     const void *other)
{
	*rx = (struct cv_ring_rx){.at = *at, .own = own, .other = other};
	cv_clear((uint8_t *)own + at->used, at->data - at->used);
}

/* Tells the sender how far its frames are taken. */
static void publish(struct cv_ring_rx *rx)
{
	cv_mb(); /* reads of the frame are over, and the element is written */
	cv_store(used_of(&rx->at, rx->own)->idx, rx->taken);
}

void cv_ring_rx_done(struct cv_ring_rx *rx)
{
	struct cv_net_used_elem *elem =
		&used_of(&rx->at, rx->own)->ring[rx->taken % rx->at.num];

	cv_store(elem->id, rx->id);
	cv_store(elem->len, 1);
	rx->taken++;
	publish(rx);
}

/* False if the descriptor does not lie among the other peer's frames. */
static bool frame_of(const struct cv_ring_rx *rx, uint32_t min, uint32_t max,
		     struct cv_ring_frame *frame)
{
	const struct cv_net_desc *desc = (const struct cv_net_desc *)rx->other + rx->id;
	uint64_t addr = cv_load(desc->addr);
	uint32_t len = cv_load(desc->len);

	if (cv_load(desc->flags) || len < min || len > max || addr < rx->at.data ||
	    addr > rx->at.size || len > rx->at.size - addr)
		return false;
	frame->data = rx->other + addr;
	frame->len = len;
	return true;
}

/* A count of frames that can't be: go on where the sender claims to be. */
static void follow(struct cv_ring_rx *rx, uint16_t count)
{
	rx->taken = count;
	publish(rx);
}

enum cv_ring_result cv_ring_rx_next(struct cv_ring_rx *rx, uint32_t min, uint32_t max,
				    struct cv_ring_frame *frame)
{
	const struct cv_net_avail *avail = avail_of(&rx->at, rx->other);
	uint16_t count = cv_load(avail->idx);
	uint16_t id;

	if (count == rx->taken)
		return CV_RING_EMPTY;
	if ((uint16_t)(count - rx->taken) > rx->at.num) {
		follow(rx, count);
		return CV_RING_BAD;
	}
	cv_rmb(); /* the count before what it announces */
	id = cv_load(avail->ring[rx->taken % rx->at.num]);
	rx->id = (uint16_t)(id % rx->at.num);
	if (id < rx->at.num && frame_of(rx, min, max, frame))
		return CV_RING_FRAME;
	cv_ring_rx_done(rx);
	return CV_RING_BAD;
}

bool cv_ring_rx_notify(struct cv_ring_rx *rx)
{
	uint16_t old = rx->announced;

	cv_mb(); /* the count before the event */
	rx->announced = rx->taken;
	return passed(cv_load(*used_event(&rx->at, rx->other)), rx->taken, old);
}

bool cv_ring_rx_want_frames(struct cv_ring_rx *rx)
{
	cv_store(*avail_event(&rx->at, rx->own), rx->taken);
	cv_mb(); /* the event before the count */
	return cv_load(avail_of(&rx->at, rx->other)->idx) != rx->taken;
}

void cv_ring_rx_skip(struct cv_ring_rx *rx)
{
	struct cv_ring_frame frame;

	for (uint32_t n = 0; n < rx->at.num; n++) {
		switch (cv_ring_rx_next(rx, 0, rx->at.size, &frame)) {
		case CV_RING_EMPTY:
			return;
		case CV_RING_FRAME:
			cv_ring_rx_done(rx);
			break;
		case CV_RING_BAD:
			break;
		}
	}
}
