// SPDX-License-Identifier: GPL-2.0-only
/*
 * The communication region (abi.md 4). The cell writes it at any time: each field is read once.
 * Nobody waits long in EL2: a request without an answer yet makes root repeat its call.
 */
#include "arch.h"

/* The record is packed, but its words are aligned. */
static u32 *word(const struct cell *cell, u64 offset)
{
	return (u32 *)((u8 *)cell->comm + offset);
}

void comm_init(struct cell *cell, u32 state)
{
	const struct cv_system *s = hv.system;
	struct cv_comm_region *c = cell->comm;

	memset(c, 0, PAGE_SIZE);
	memcpy(c->signature, CV_COMM_SIGNATURE, 6);
	c->revision = CV_COMM_REVISION;
	c->cell_state = state;
	if (cell->desc->flags & CV_CELL_CONSOLE_PERMITTED)
		c->flags |= CV_COMM_PUTC_PERMITTED;
	if (cell->desc->flags & CV_CELL_CONSOLE_ACTIVE)
		c->flags |= CV_COMM_PUTC_ACTIVE;
	c->console = cell->desc->console;
	c->pci_mmconfig_base = s->pci_mmconfig_base;
	arch_comm_init(cell);
	arch_cache_flush(c, PAGE_SIZE); /* the cell may read it with its caches off */
}

u32 cell_state(const struct cell *cell)
{
	u32 state;

	if (cell == &hv.root)
		return CV_CELL_STATE_RUNNING;
	if (__atomic_load_n(&cell->failed, __ATOMIC_ACQUIRE))
		return CV_CELL_STATE_FAILED;
	if (__atomic_load_n(&cell->ended, __ATOMIC_ACQUIRE))
		return CV_CELL_STATE_SHUT_DOWN;
	state = __atomic_load_n(word(cell, offsetof(struct cv_comm_region, cell_state)), __ATOMIC_ACQUIRE);
	return state <= CV_CELL_STATE_REVISION ? state : CV_CELL_STATE_FAILED;
}

static bool is_running(const struct cell *cell)
{
	u32 state = cell_state(cell);

	return state == CV_CELL_STATE_RUNNING || state == CV_CELL_STATE_LOCKED;
}

static void send(struct cell *cell, u32 message)
{
	cell->comm->reply_from_cell = CV_REPLY_NONE;
	__atomic_store_n(word(cell, offsetof(struct cv_comm_region, message_to_cell)), message,
			 __ATOMIC_RELEASE);
}

static u32 reply_of(const struct cell *cell)
{
	return __atomic_load_n(word(cell, offsetof(struct cv_comm_region, reply_from_cell)),
			       __ATOMIC_ACQUIRE);
}

static bool is_asked(const struct cell *cell)
{
	return !(cell->desc->flags & CV_CELL_PASSIVE_COMM) && is_running(cell);
}

/* A turn of the wait is short: root's CPU takes its interrupts in between. */
#define TURN 1000

s64 cell_agrees(struct cell *cell)
{
	s64 result = HV_AGAIN;

	if (hv.waiting != cell && is_asked(cell)) {
		hv.waiting = cell;
		hv.waiting_left = cell->desc->msg_reply_timeout;
		send(cell, CV_MESSAGE_SHUTDOWN);
	}
	for (u32 i = 0; i < TURN && result == HV_AGAIN; i++) {
		if (!is_asked(cell) || (hv.waiting_left && !--hv.waiting_left))
			result = 0;
		else if (reply_of(cell) != CV_REPLY_NONE)
			result = reply_of(cell) == CV_REPLY_APPROVED ? 0 : -CV_EPERM;
		arch_relax();
	}
	if (result != HV_AGAIN)
		hv.waiting = NULL;
	return result;
}

/* A cell that has read the message already may act on it all the same. */
s64 cell_ask_no_more(struct cell *cell)
{
	if (hv.waiting != cell)
		return 0;
	hv.waiting = NULL;
	cell->comm->message_to_cell = CV_MESSAGE_NONE;
	return 0;
}

/* Nothing depends on the answer: who is slow is left alone. */
void cells_tell_reconfigured(const struct cell *but)
{
	for (struct cell *c = hv.root.next; c; c = c->next) {
		if (c == but || !is_asked(c))
			continue;
		send(c, CV_MESSAGE_RECONFIGURED);
		for (u32 i = 0; i < TURN && reply_of(c) == CV_REPLY_NONE && is_running(c); i++)
			arch_relax();
	}
}

bool cells_unlocked(const struct cell *but)
{
	for (const struct cell *c = hv.root.next; c; c = c->next)
		if (c != but && cell_state(c) == CV_CELL_STATE_LOCKED)
			return false;
	return true;
}
