// SPDX-License-Identifier: GPL-2.0-only
/*
 * Queues of the virtual Ethernet: two honest peers, and one honest peer with an attacker.
 *
 * The layout is compared with that of the kernel's own struct vring, as other drivers use it.
 */
#include "ring.h"

#include <linux/virtio_ring.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SECTION CV_NET_OUTPUT_SIZE
#define MIN	14u

struct peer {
	uint8_t *section;
	uint32_t *ends;
	struct cv_ring_tx tx;
	struct cv_ring_rx rx;
};

struct pair {
	struct cv_ring_layout at;
	struct peer peers[2];
	uint32_t seed;
};

static uint32_t any(struct pair *p)
{
	p->seed = p->seed * 1664525 + 1013904223;
	return p->seed >> 8;
}

static void init_peer(struct pair *p, int i)
{
	struct peer *own = &p->peers[i], *other = &p->peers[!i];

	cv_ring_tx_init(&own->tx, &p->at, own->section, other->section, own->ends);
	cv_ring_rx_init(&own->rx, &p->at, own->section, other->section);
}

static int setup(void **state)
{
	struct pair *p = calloc(1, sizeof(*p));

	assert_true(cv_ring_layout(&p->at, SECTION));
	for (int i = 0; i < 2; i++) {
		p->peers[i].section = malloc(SECTION);
		p->peers[i].ends = calloc(p->at.num, sizeof(uint32_t));
		memset(p->peers[i].section, 0xa5, SECTION);
	}
	init_peer(p, 0);
	init_peer(p, 1);
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct pair *p = *state;

	for (int i = 0; i < 2; i++) {
		free(p->peers[i].section);
		free(p->peers[i].ends);
	}
	free(p);
	return 0;
}

/* A frame whose every byte follows from its number; false if there is no room. */
static bool send_frame(struct peer *from, uint32_t number, uint32_t len)
{
	uint8_t *to = cv_ring_tx_reserve(&from->tx, len);

	if (!to)
		return false;
	for (uint32_t i = 0; i < len; i++)
		to[i] = (uint8_t)(number + i);
	cv_ring_tx_add(&from->tx, len);
	return true;
}

static bool take(struct pair *p, int i, uint32_t number, uint32_t len)
{
	struct cv_ring_frame frame;

	if (cv_ring_rx_next(&p->peers[i].rx, MIN, SECTION, &frame) != CV_RING_FRAME)
		return false;
	assert_int_equal(frame.len, len);
	for (uint32_t k = 0; k < len; k++)
		assert_int_equal(frame.data[k], (uint8_t)(number + k));
	cv_ring_rx_done(&p->peers[i].rx);
	return true;
}

/* --- layout --- */

static void test_layout_is_that_of_two_vrings_with_their_used_rings_swapped(void **state)
{
	struct pair *p = *state;
	uint8_t *tx = p->peers[0].section, *rx = p->peers[1].section;
	struct vring sent, received;
	vring_used_t *used;

	vring_init(&sent, p->at.num, tx, CV_NET_ALIGN);
	vring_init(&received, p->at.num, rx, CV_NET_ALIGN);
	used = sent.used;
	sent.used = received.used;
	received.used = used;
	assert_ptr_equal(sent.desc, tx);
	assert_ptr_equal(sent.avail, tx + p->at.avail);
	assert_ptr_equal(sent.used, rx + p->at.used);
	assert_ptr_equal(received.used, tx + p->at.used);
	assert_true(vring_size(p->at.num, CV_NET_ALIGN) <= p->at.data);
	assert_int_equal(p->at.num, 2048);

	/* and what is written is what such a driver reads */
	assert_true(send_frame(&p->peers[0], 7, 100));
	assert_int_equal(sent.avail->idx, 1);
	assert_int_equal(sent.avail->ring[0], 0);
	assert_int_equal(sent.desc[0].addr, p->at.data);
	assert_int_equal(sent.desc[0].len, 100);
	assert_int_equal(sent.desc[0].flags, 0);
	assert_true(take(p, 1, 7, 100));
	assert_int_equal(sent.used->idx, 1);
	assert_int_equal(sent.used->ring[0].id, 0);
	assert_int_equal(sent.used->ring[0].len, 1);
	cv_ring_rx_want_frames(&p->peers[1].rx);
	assert_int_equal(vring_avail_event(&sent), 1);
	assert_true(send_frame(&p->peers[0], 8, 100));
	cv_ring_tx_want_room(&p->peers[0].tx);
	assert_int_equal(vring_used_event(&sent), 1);
}

static void test_queues_grow_with_the_section_up_to_a_limit(void **state)
{
	struct cv_ring_layout at;
	(void)state;

	assert_false(cv_ring_layout(&at, 0));
	assert_false(cv_ring_layout(&at, 0x2000));
	assert_false(cv_ring_layout(&at, 1ull << 31));
	assert_false(cv_ring_layout(&at, UINT64_MAX));
	for (uint64_t size = 0x4000; size <= 1 << 24; size += 0x1000) {
		assert_true(cv_ring_layout(&at, size));
		assert_true(at.num >= CV_NET_QUEUE_MIN && at.num <= CV_NET_QUEUE_MAX);
		assert_true(at.data < size / 8);
		assert_true(at.num == CV_NET_QUEUE_MAX ||
			    vring_size(at.num * 2, CV_NET_ALIGN) + CV_NET_ALIGN > size / 8);
		assert_true(cv_ring_frame_max(&at) * 4ull <= size - at.data);
	}
	assert_int_equal(at.num, CV_NET_QUEUE_MAX);
}

/* --- honest peers --- */

static void test_frames_of_any_size_arrive_in_order_and_whole(void **state)
{
	struct pair *p = *state;
	uint32_t max = cv_ring_frame_max(&p->at), sent = 0, taken = 0;
	uint32_t lens[4096];

	while (taken < 200000) {
		uint32_t len = any(p) % 64 ? MIN + any(p) % 2000 : MIN + any(p) % (max - MIN + 1);

		for (uint32_t n = any(p) % 40; n; n--) {
			assert_true(sent - taken < 4096);
			if (!send_frame(&p->peers[0], sent, len)) {
				assert_true(cv_ring_tx_reclaim(&p->peers[0].tx));
				break;
			}
			lens[sent++ % 4096] = len;
		}
		for (uint32_t n = any(p) % 40; n && taken < sent; n--, taken++)
			assert_true(take(p, 1, taken, lens[taken % 4096]));
	}
	while (taken < sent) {
		assert_true(take(p, 1, taken, lens[taken % 4096]));
		taken++;
	}
	assert_false(take(p, 1, 0, 0));
	assert_true(cv_ring_tx_reclaim(&p->peers[0].tx));
	assert_int_equal(p->peers[0].tx.added, p->peers[0].tx.reclaimed);
}

static void test_the_queue_holds_its_number_of_frames_and_no_more(void **state)
{
	struct pair *p = *state;
	uint32_t n = 0;

	while (send_frame(&p->peers[0], n, 60))
		n++;
	assert_int_equal(n, p->at.num);
	assert_true(cv_ring_tx_reclaim(&p->peers[0].tx));
	assert_null(cv_ring_tx_reserve(&p->peers[0].tx, 60));
	assert_true(take(p, 1, 0, 60));
	assert_true(cv_ring_tx_reclaim(&p->peers[0].tx));
	assert_non_null(cv_ring_tx_reserve(&p->peers[0].tx, 60));
}

static void test_no_frame_lies_on_another(void **state)
{
	struct pair *p = *state;
	uint32_t max = cv_ring_frame_max(&p->at), n = 0;

	while (send_frame(&p->peers[0], n, max))
		n++;
	assert_in_range(n, 4, 8);
	for (uint32_t i = 0; i < n; i++)
		assert_true(take(p, 1, i, max));
	assert_null(cv_ring_tx_reserve(&p->peers[0].tx, max + 1));
}

static void test_doorbells_are_asked_for_once(void **state)
{
	struct pair *p = *state;
	struct peer *a = &p->peers[0], *b = &p->peers[1];

	assert_true(send_frame(a, 0, 60));
	assert_true(cv_ring_tx_notify(&a->tx)); /* as initialised: at the first frame */
	assert_true(send_frame(a, 1, 60));
	assert_false(cv_ring_tx_notify(&a->tx)); /* it is busy with the first */
	assert_true(take(p, 1, 0, 60));
	assert_true(cv_ring_rx_want_frames(&b->rx)); /* there is one more already */
	assert_true(take(p, 1, 1, 60));
	assert_false(cv_ring_rx_want_frames(&b->rx));
	assert_true(send_frame(a, 2, 60));
	assert_true(cv_ring_tx_notify(&a->tx));
}

static void test_a_waiting_sender_is_told_when_most_frames_are_taken(void **state)
{
	struct pair *p = *state;
	struct peer *a = &p->peers[0], *b = &p->peers[1];
	uint32_t n = 0;

	cv_ring_rx_notify(&b->rx);
	while (send_frame(a, n, 60))
		n++;
	cv_ring_tx_want_room(&a->tx);
	for (uint32_t i = 0; i < n; i++) {
		assert_true(take(p, 1, i, 60));
		assert_int_equal(cv_ring_rx_notify(&b->rx), i == n * 3 / 4);
	}
}

static void test_frames_nobody_listened_to_are_skipped(void **state)
{
	struct pair *p = *state;

	for (uint32_t i = 0; i < 5; i++)
		assert_true(send_frame(&p->peers[0], i, 60));
	cv_ring_rx_skip(&p->peers[1].rx);
	assert_false(take(p, 1, 0, 60));
	assert_true(cv_ring_tx_reclaim(&p->peers[0].tx));
	assert_int_equal(p->peers[0].tx.reclaimed, 5);
	assert_true(send_frame(&p->peers[0], 9, 60));
	assert_true(take(p, 1, 9, 60));
}

/* --- an attacker --- */

struct rubbish {
	const char *what;
	uint64_t addr;
	uint32_t len;
	uint16_t flags, id;
};

static void test_descriptors_that_make_no_sense_are_dropped_one_by_one(void **state)
{
	struct pair *p = *state;
	struct vring sent;
	const struct rubbish list[] = {
		{"in the rings", p->at.data - 1, 60, 0, 0},
		{"at the start", 0, 60, 0, 0},
		{"one byte behind the end", SECTION - 59, 60, 0, 0},
		{"behind the end", SECTION, 60, 0, 0},
		{"far behind", SECTION + 60, 60, 0, 0},
		{"wraps", UINT64_MAX - 30, 60, 0, 0},
		{"endless", p->at.data, UINT32_MAX, 0, 0},
		{"longer than allowed", p->at.data, 1601, 0, 0},
		{"short", p->at.data, MIN - 1, 0, 0},
		{"empty", p->at.data, 0, 0, 0},
		{"chained", p->at.data, 60, VRING_DESC_F_NEXT, 0},
		{"indirect", p->at.data, 60, VRING_DESC_F_INDIRECT, 0},
		{"no such descriptor", p->at.data, 60, 0, 2048},
		{"no such descriptor", p->at.data, 60, 0, UINT16_MAX},
	};
	struct cv_ring_frame frame;
	uint16_t i;

	vring_init(&sent, p->at.num, p->peers[0].section, CV_NET_ALIGN);
	for (i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		sent.desc[0] = (struct vring_desc){list[i].addr, list[i].len, list[i].flags, 0};
		sent.avail->ring[i] = list[i].id;
		sent.avail->idx = i + 1;
		assert_int_equal(cv_ring_rx_next(&p->peers[1].rx, MIN, 1600, &frame), CV_RING_BAD);
		assert_int_equal(cv_ring_rx_next(&p->peers[1].rx, MIN, 1600, &frame),
				 CV_RING_EMPTY);
	}
	/* the last bytes of the section are a frame like any other */
	sent.desc[0] = (struct vring_desc){SECTION - 60, 60, 0, 0};
	sent.avail->ring[i] = 0;
	sent.avail->idx = i + 1;
	assert_int_equal(cv_ring_rx_next(&p->peers[1].rx, MIN, 1600, &frame), CV_RING_FRAME);
}

static void test_an_impossible_count_of_frames_costs_one_step(void **state)
{
	struct pair *p = *state;
	struct cv_ring_frame frame;
	struct vring sent;

	vring_init(&sent, p->at.num, p->peers[0].section, CV_NET_ALIGN);
	for (uint32_t count = 3000; count < 65536; count += 4001) {
		sent.avail->idx = (uint16_t)count;
		assert_int_equal(cv_ring_rx_next(&p->peers[1].rx, MIN, 1600, &frame), CV_RING_BAD);
		assert_int_equal(cv_ring_rx_next(&p->peers[1].rx, MIN, 1600, &frame),
				 CV_RING_EMPTY);
	}
}

static void test_frames_that_were_never_sent_are_not_taken_back(void **state)
{
	struct pair *p = *state;
	struct vring received;

	vring_init(&received, p->at.num, p->peers[1].section, CV_NET_ALIGN);
	for (uint32_t i = 0; i < 10; i++)
		assert_true(send_frame(&p->peers[0], i, 60));
	for (uint32_t count = 11; count < 65536; count++) {
		received.used->idx = (uint16_t)count;
		assert_false(cv_ring_tx_reclaim(&p->peers[0].tx));
		assert_int_equal(p->peers[0].tx.reclaimed, 0);
	}
	received.used->idx = 10;
	assert_true(cv_ring_tx_reclaim(&p->peers[0].tx));
	assert_int_equal(p->peers[0].tx.reclaimed, 10);
}

/* Random words; descriptors are likelier to be looked at closely if their upper halves are 0. */
static void scribble(struct pair *p, uint8_t *section, uint32_t size)
{
	bool small = any(p) % 2;

	for (uint32_t i = 0; i + 4 <= size; i += 4) {
		uint32_t word = any(p) ^ any(p) << 16;

		if (small)
			word = i % 16 < 8 ? (i % 8 ? 0 : word % SECTION) : (i % 8 ? 0 : word % 3000);
		memcpy(section + i, &word, 4);
	}
}

/* All of the other section changes all the time: nothing outside of it is read, and nothing hangs. */
static void test_random_bytes_everywhere(void **state)
{
	struct pair *p = *state;
	struct peer *a = &p->peers[0], *b = &p->peers[1];
	struct cv_net_avail *avail = (struct cv_net_avail *)(a->section + p->at.avail);
	uint32_t bad = 0;

	for (int round = 0; round < 300; round++) {
		scribble(p, a->section, round % 2 ? SECTION : p->at.data);
		if (round % 3) /* or else most rounds end at a count that can't be */
			avail->idx = (uint16_t)(b->rx.taken + any(p) % p->at.num);
		for (int i = 0; i < 3000; i++) {
			struct cv_ring_frame frame;
			enum cv_ring_result got = cv_ring_rx_next(&b->rx, MIN, SECTION, &frame);

			if (got == CV_RING_EMPTY)
				break;
			bad += got == CV_RING_BAD;
			if (got != CV_RING_FRAME)
				continue;
			assert_true(frame.data >= a->section + p->at.data);
			assert_true(frame.len <= SECTION - (size_t)(frame.data - a->section));
			cv_ring_rx_done(&b->rx);
		}
		(void)cv_ring_rx_want_frames(&b->rx);
		(void)cv_ring_rx_notify(&b->rx);
		while (send_frame(b, 0, MIN + any(p) % 3000))
			;
		(void)cv_ring_tx_reclaim(&b->tx);
		(void)cv_ring_tx_notify(&b->tx);
		cv_ring_tx_want_room(&b->tx);
	}
	assert_true(bad > 10000);

	/* a new life of the link, and all is well */
	init_peer(p, 0);
	init_peer(p, 1);
	for (uint32_t i = 0; i < 5000; i++) {
		assert_true(send_frame(b, i, 1500));
		assert_true(take(p, 0, i, 1500));
		assert_true(cv_ring_tx_reclaim(&b->tx));
	}
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_layout_is_that_of_two_vrings_with_their_used_rings_swapped),
		TEST(test_queues_grow_with_the_section_up_to_a_limit),
		TEST(test_frames_of_any_size_arrive_in_order_and_whole),
		TEST(test_the_queue_holds_its_number_of_frames_and_no_more),
		TEST(test_no_frame_lies_on_another),
		TEST(test_doorbells_are_asked_for_once),
		TEST(test_a_waiting_sender_is_told_when_most_frames_are_taken),
		TEST(test_frames_nobody_listened_to_are_skipped),
		TEST(test_descriptors_that_make_no_sense_are_dropped_one_by_one),
		TEST(test_an_impossible_count_of_frames_costs_one_step),
		TEST(test_frames_that_were_never_sent_are_not_taken_back),
		TEST(test_random_bytes_everywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
