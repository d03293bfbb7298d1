// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What the compiler takes for granted. */
#include "inmate.h"

void *memcpy(void *to, const void *from, size_t n)
{
	u8 *t = to;
	const u8 *f = from;

	while (n--)
		*t++ = *f++;
	return to;
}

void *memset(void *to, int byte, size_t n)
{
	u8 *t = to;

	while (n--)
		*t++ = (u8)byte;
	return to;
}
