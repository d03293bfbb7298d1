/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The two queues of a virtual Ethernet link, over memory that an attacker may write.
 *
 * Own section: written here and never read back; what has to be known of it is kept in private
 * memory. Other peer's section: each field is read once, checked, and then used. Whatever the other
 * peer writes, no function reads or writes outside of the two sections, and each ends after a number
 * of steps that the arguments bound.
 *
 * No locks: one caller at a time for each of the structures.
 */
#ifndef CV_NET_RING_H
#define CV_NET_RING_H

#include "../abi/net.h"
#include "port.h"

/* Where things are in a section, in bytes from its start. */
struct cv_ring_layout {
	uint32_t num;	/* entries of a queue */
	uint32_t avail; /* available ring */
	uint32_t used;	/* used ring of the queue in the other direction */
	uint32_t data;	/* frames */
	uint32_t size;	/* of the section */
};

struct cv_ring_tx {
	struct cv_ring_layout at;
	uint8_t *own;	      /* section of this peer */
	const uint8_t *other; /* and of the other one */
	uint32_t *ends;	      /* of the frames on their way, by entry: at.num */
	uint32_t head, tail;  /* of the frames in use, from at.data on */
	uint16_t added;	      /* free-running counts */
	uint16_t reclaimed;
	uint16_t announced; /* as the other peer has been told */
};

struct cv_ring_rx {
	struct cv_ring_layout at;
	uint8_t *own;
	const uint8_t *other;
	uint16_t taken;	    /* free-running counts */
	uint16_t announced; /* as the other peer has been told */
	uint16_t id;	    /* descriptor of the frame that is being looked at */
};

struct cv_ring_frame {
	const uint8_t *data; /* in the other peer's section: may change while it is read */
	uint32_t len;
};

enum cv_ring_result {
	CV_RING_EMPTY,
	CV_RING_FRAME,
	CV_RING_BAD, /* what the peer wrote makes no sense; it has been skipped */
};

/* The layout of a section of so many bytes; false if it is too small or too large for queues. */
bool cv_ring_layout(struct cv_ring_layout *at, uint64_t section_size);

/* The largest frame that can be sent; several of that size fit at once. */
uint32_t cv_ring_frame_max(const struct cv_ring_layout *at);

/* Both queues as new, and the rings in the own section cleared; sections 16-byte aligned. */
void cv_ring_tx_init(struct cv_ring_tx *tx, const struct cv_ring_layout *at, void *own,
		     const void *other, uint32_t *ends);
void cv_ring_rx_init(struct cv_ring_rx *rx, const struct cv_ring_layout *at, void *own,
		     const void *other);

/* Takes back the room of frames that the other peer has taken. False: it claims impossible ones. */
bool cv_ring_tx_reclaim(struct cv_ring_tx *tx);

/* Room for a frame of len (1 to cv_ring_frame_max) bytes, NULL if there is none now. */
void *cv_ring_tx_reserve(struct cv_ring_tx *tx, uint32_t len);

/* Hands over the frame that was written to what cv_ring_tx_reserve(tx, len) gave. */
void cv_ring_tx_add(struct cv_ring_tx *tx, uint32_t len);

/* True if the other peer wants a doorbell for the frames added since this was last asked. */
bool cv_ring_tx_notify(struct cv_ring_tx *tx);

/* Asks for a doorbell when three quarters of the frames on their way are taken. */
void cv_ring_tx_want_room(struct cv_ring_tx *tx);

/*
 * The next frame. CV_RING_FRAME: in *frame, within the other peer's section, and it stays until
 * cv_ring_rx_done(). Frames shorter than min or longer than max are bad.
 */
enum cv_ring_result cv_ring_rx_next(struct cv_ring_rx *rx, uint32_t min, uint32_t max,
				    struct cv_ring_frame *frame);

/* The frame of the last cv_ring_rx_next() has been copied. */
void cv_ring_rx_done(struct cv_ring_rx *rx);

/* True if the other peer wants a doorbell for the frames taken since this was last asked. */
bool cv_ring_rx_notify(struct cv_ring_rx *rx);

/* Asks for a doorbell at the next frame. True: there is one already, or rubbish; look again. */
bool cv_ring_rx_want_frames(struct cv_ring_rx *rx);

/* Takes all frames without looking at them. */
void cv_ring_rx_skip(struct cv_ring_rx *rx);

#endif /* CV_NET_RING_H */
