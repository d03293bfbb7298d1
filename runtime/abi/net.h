/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Virtual Ethernet between two cells: what lies in the sections of a link of protocol 1.
 *
 * A peer's output section holds the descriptors and the available ring of its *transmit* queue, the
 * used ring of its *receive* queue, and the frames it sends: each peer writes its own section only.
 * Both sections are laid out as one split virtqueue each (struct vring of the Virtio specification
 * 1.1, section 2.6, rings aligned to CV_NET_ALIGN), with frames behind it; then the two used rings
 * change places. A descriptor is one whole frame: flags 0, addr the offset of the frame within the
 * sender's section, behind the rings. Frames are taken in the order in which they were sent, and the
 * used element says 1, the number of descriptors, for a length. Notifications are suppressed by event
 * indices (2.6.7, 2.6.8).
 *
 * A queue has the largest power of two of entries, CV_NET_QUEUE_MAX at most and CV_NET_QUEUE_MIN at
 * least, for which the rings, rounded up to CV_NET_ALIGN, take less than an eighth of the section.
 *
 * Vector 0 (state): the other peer's state changed. Vector 1 (data): frames, or frames taken.
 * Link up: RESET waits for a peer below READY and goes to INIT; INIT waits for a peer above RESET,
 * clears its own section's rings and goes to READY; a peer in READY or RUN is a carrier; RUN is
 * READY with an interface that takes frames. A peer that goes to RESET is followed there.
 */
#ifndef CV_ABI_NET_H
#define CV_ABI_NET_H

#include "shmem.h"

#define CV_NET_ALIGN	   64u
#define CV_NET_QUEUE_MIN   64u
#define CV_NET_QUEUE_MAX   4096u
#define CV_NET_MTU_DEFAULT 16384u

#define CV_NET_VECTOR_STATE 0
#define CV_NET_VECTOR_DATA  1

struct cv_net_desc {
	uint64_t addr; /* offset in the sender's section */
	uint32_t len;
	uint16_t flags;
	uint16_t next;
} __attribute__((packed, aligned(16)));

struct cv_net_avail {
	uint16_t flags;
	uint16_t idx;
	uint16_t ring[]; /* behind the last: used event, written by the sender */
} __attribute__((packed, aligned(2)));

struct cv_net_used_elem {
	uint32_t id;
	uint32_t len;
} __attribute__((packed, aligned(4)));

struct cv_net_used {
	uint16_t flags;
	uint16_t idx;
	struct cv_net_used_elem ring[]; /* behind the last: available event, written by the receiver */
} __attribute__((packed, aligned(4)));

CV_ASSERT_SIZE(cv_net_desc, 16);
CV_ASSERT_SIZE(cv_net_avail, 4);
CV_ASSERT_SIZE(cv_net_used_elem, 8);
CV_ASSERT_SIZE(cv_net_used, 4);

#endif /* CV_ABI_NET_H */
