// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Behaves as told when root asks it to end, answer=
 *	approve		agrees
 *	deny, unknown	says so, count= times (0: always), then agrees
 *	silent		says nothing
 *	quit		tells by its state that it has ended, and says nothing
 *	die		breaks its bounds at addr= instead of an answer
 *	late		waits until the question is taken back, and agrees to the next one
 * locked: no other cell may come or go. state=N: claims to be in that state.
 */
#include "inmate.h"

static void agree(void)
{
	comm_reply(CV_REPLY_APPROVED);
}

static void refuse_with(u32 reply)
{
	static u32 refused;
	u64 count = cmdline_int("count", 0);

	comm_reply(count && refused++ == count ? CV_REPLY_APPROVED : reply);
}

static void deny(void)
{
	refuse_with(CV_REPLY_DENIED);
}

static void say_unknown(void)
{
	refuse_with(CV_REPLY_UNKNOWN);
}

static void say_nothing(void)
{
	while (comm_message())
		cpu_relax();
}

static void quit(void)
{
	comm_set_state(CV_CELL_STATE_SHUT_DOWN);
}

static void die(void)
{
	printk("comm: dies\n");
	mmio_write32(cmdline_int("addr", 0), 0);
}

static void answer_late(void)
{
	static bool once;

	if (once) {
		agree();
		return;
	}
	say_nothing();
	printk("comm: taken back\n");
	once = true;
}

static const struct {
	const char *name;
	void (*end)(void);
} ways[] = {
	{"approve", agree}, {"deny", deny}, {"unknown", say_unknown}, {"silent", say_nothing},
	{"quit", quit},	    {"die", die},   {"late", answer_late},
};

static void (*chosen(void))(void)
{
	for (u32 i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		if (cmdline_is("answer", ways[i].name))
			return ways[i].end;
	return agree;
}

void inmate_main(void)
{
	u32 state = (u32)cmdline_int("state", cmdline_bool("locked") ? CV_CELL_STATE_LOCKED : 0);
	void (*end)(void) = chosen();
	u32 message;

	comm_set_state(state);
	printk("comm: revision %u, state %u\n", comm_region()->revision, state);
	for (;;) {
		message = comm_message();
		if (!message) {
			cpu_relax();
			continue;
		}
		printk("comm: message %u\n", message);
		if (message == CV_MESSAGE_SHUTDOWN)
			end();
		else
			comm_reply(CV_REPLY_RECEIVED);
	}
}
