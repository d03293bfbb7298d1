/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Root's end of a cell's console: what CV_HC_CONSOLE_READ and CV_HC_CONSOLE_WRITE work on, one page
 * of root's memory, aligned, with the data behind the head. The call's result is how many bytes went.
 */
#ifndef CV_ABI_CELL_CONSOLE_H
#define CV_ABI_CELL_CONSOLE_H

#include "cell_config.h"

struct cv_console_io {
	uint32_t position; /* read: where to begin, counted from the first character that the cell
			    * printed, modulo 2^32; what is gone is skipped, and this moves on */
	uint32_t size; /* bytes of data that are wanted or given */
	uint32_t head; /* set: characters that the cell printed so far */
	uint32_t room; /* set: bytes that may be sent now; 0 if the cell can't take any */
	uint8_t data[];
} __attribute__((packed));

#define CV_CONSOLE_IO_MAX (4096 - sizeof(struct cv_console_io)) /* bytes of data */

CV_ASSERT_SIZE(cv_console_io, 16);

#endif /* CV_ABI_CELL_CONSOLE_H */
