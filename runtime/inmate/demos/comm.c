// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Answers requests as told: answer=approve, deny, unknown or silent; locked; count= messages. */
#include "inmate.h"

static u32 chosen(void)
{
	char buf[16];

	switch (cmdline_str("answer", buf, sizeof(buf), "approve")[0]) {
	case 'd':
		return CV_REPLY_DENIED;
	case 'u':
		return CV_REPLY_UNKNOWN;
	case 's':
		return CV_REPLY_NONE;
	}
	return CV_REPLY_APPROVED;
}

void inmate_main(void)
{
	u32 answer = chosen(), message, left = (u32)cmdline_int("count", 0);

	if (cmdline_bool("locked"))
		comm_set_state(CV_CELL_STATE_LOCKED);
	printk("comm: revision %u, answer %u%s\n", comm_region()->revision, answer,
	       cmdline_bool("locked") ? ", locked" : "");
	for (;;) {
		message = comm_message();
		if (!message || answer == CV_REPLY_NONE) {
			cpu_relax();
			continue;
		}
		printk("comm: message %u\n", message);
		comm_reply(message == CV_MESSAGE_SHUTDOWN ? answer : CV_REPLY_RECEIVED);
		if (message == CV_MESSAGE_SHUTDOWN && (answer == CV_REPLY_APPROVED || --left == 0))
			answer = CV_REPLY_APPROVED;
	}
}
