/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A set of address ranges, each with an owner, in order of address.
 *
 * Two uses, one structure: a map of who owns what (ranges may overlap: ranges_add, ranges_find),
 * and a pool of free bytes (ranges never overlap: ranges_merge, ranges_subtract, ranges_fit).
 * A balanced tree: every call is O(log n) for each range it touches. The order of calls alone
 * decides the answers. A size that runs past the end of the address space is cut off there; a
 * size of 0 adds nothing.
 */
#ifndef CELLC_LIB_RANGES_H
#define CELLC_LIB_RANGES_H

#include "util.h"

struct range {
	u64 start, last; /* the last byte, so that a range may reach the end of the address space */
	const void *owner;
	/* private to ranges.c */
	struct range *left, *right;
	u64 max_last, max_span; /* of this subtree; span is last - start */
	u32 sequence, priority;
};

struct ranges {
	struct arena *arena;
	struct range *root, *unused;
	u32 added;
	size_t n;
};

/* What a fit must satisfy. All of [addr, addr + size) lies in [low, last]. */
struct range_fit {
	u64 size, align; /* align: a power of two, or 0 for 1 */
	u64 low, last;
	bool from_top; /* the highest address that fits, else the lowest */
};

void ranges_init(struct ranges *set, struct arena *a);
/* Adds a range; what overlaps it stays as well. Equal starts keep the order of adding. */
void ranges_add(struct ranges *set, u64 start, u64 size, const void *owner);
/* Adds bytes so that ranges stay disjoint: what was there is replaced, touching ranges with the
 * same owner become one. For sets that are only filled by this call. */
void ranges_merge(struct ranges *set, u64 start, u64 size, const void *owner);
/* Takes the bytes out of every range, splitting those that reach beyond on both sides. */
void ranges_subtract(struct ranges *set, u64 start, u64 size);
/* The next range after `after` (NULL: the first of all) that shares a byte with the given one. */
struct range *ranges_find(const struct ranges *set, u64 start, u64 size, const struct range *after);
/* The next range in order; NULL: the first. */
struct range *ranges_next(const struct ranges *set, const struct range *after);
/* The range with the highest start below addr. */
struct range *ranges_before(const struct ranges *set, u64 addr);
/* Whether every byte belongs to some range. A size of 0 is covered. */
bool ranges_cover(const struct ranges *set, u64 start, u64 size);
/* Whether some range has room; its address goes to *addr. For disjoint sets of free bytes. */
bool ranges_fit(const struct ranges *set, const struct range_fit *fit, u64 *addr);
/* The largest range, the lowest of equals; NULL when empty. */
struct range *ranges_largest(const struct ranges *set);
/* Bytes of a range, ~0 for all of the address space. */
u64 range_size(const struct range *r);

#define ranges_each(r, set) for (r = ranges_next((set), NULL); r; r = ranges_next((set), r))
#define ranges_each_in(r, set, start, size)                    \
	for (r = ranges_find((set), (start), (size), NULL); r; \
	     r = ranges_find((set), (start), (size), r))

#endif
