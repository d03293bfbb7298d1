// SPDX-License-Identifier: GPL-2.0-only
/* What the compiler takes for granted, and locks. */
#include "arch.h"

void *memcpy(void *to, const void *from, size_t size)
{
	u8 *t = to;
	const u8 *f = from;

	if (!(((u64)t | (u64)f) & 7))
		for (; size >= 8; size -= 8, t += 8, f += 8)
			*(u64 *)t = *(const u64 *)f;
	while (size--)
		*t++ = *f++;
	return to;
}

/* Pages and tables are what is cleared: words where they are aligned. */
void *memset(void *to, int byte, size_t size)
{
	u64 word = (u8)byte * 0x0101010101010101ull;
	u8 *t = to;

	for (; size && (u64)t & 7; size--)
		*t++ = (u8)byte;
	for (; size >= 16; size -= 16, t += 16) {
		((u64 *)t)[0] = word;
		((u64 *)t)[1] = word;
	}
	while (size--)
		*t++ = (u8)byte;
	return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
	const u8 *x = a, *y = b;

	for (; size--; x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

/* Ticket lock: fair, and a waiter yields. */
void spin_lock(struct spinlock *l)
{
	u32 ticket = __atomic_fetch_add(&l->next, 1, __ATOMIC_RELAXED);

	while (__atomic_load_n(&l->owner, __ATOMIC_ACQUIRE) != ticket)
		arch_relax();
}

void spin_unlock(struct spinlock *l)
{
	__atomic_store_n(&l->owner, l->owner + 1, __ATOMIC_RELEASE);
}
