// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The cell's side of the communication region (abi.md 4). */
#include "inmate.h"

u32 comm_message(void)
{
	return __atomic_load_n(&comm_region()->message_to_cell, __ATOMIC_ACQUIRE);
}

void comm_reply(u32 reply)
{
	comm_region()->message_to_cell = CV_MESSAGE_NONE;
	__atomic_store_n(&comm_region()->reply_from_cell, reply, __ATOMIC_RELEASE);
}

void comm_set_state(u32 state)
{
	__atomic_store_n(&comm_region()->cell_state, state, __ATOMIC_RELEASE);
}

bool comm_poll(void)
{
	switch (comm_message()) {
	case CV_MESSAGE_NONE:
		return false;
	case CV_MESSAGE_SHUTDOWN:
		return true;
	case CV_MESSAGE_RECONFIGURED:
		comm_reply(CV_REPLY_RECEIVED);
		return false;
	}
	comm_reply(CV_REPLY_UNKNOWN);
	return false;
}
