// SPDX-License-Identifier: GPL-2.0-only
/*
 * Address ranges in a treap: a search tree by (start, order of adding) that is a heap by a hash of
 * the order of adding, so that its shape, and with it the time, does not depend on the addresses.
 * Each node knows the highest end and the widest span below it; searches cut branches by these.
 */
#include "ranges.h"

static u32 scramble(u32 x)
{
	x = (x ^ (x >> 16)) * 0x7feb352du;
	x = (x ^ (x >> 15)) * 0x846ca68bu;
	return x ^ (x >> 16);
}

static u64 last_byte(u64 start, u64 size)
{
	return size - 1 > UINT64_MAX - start ? UINT64_MAX : start + size - 1;
}

u64 range_size(const struct range *r)
{
	u64 span = r->last - r->start;

	return span == UINT64_MAX ? span : span + 1;
}

static void update(struct range *r)
{
	r->max_last = r->last;
	r->max_span = r->last - r->start;
	for (int side = 0; side < 2; side++) {
		const struct range *child = side ? r->right : r->left;

		if (!child)
			continue;
		r->max_last = MAX(r->max_last, child->max_last);
		r->max_span = MAX(r->max_span, child->max_span);
	}
}

/* Whether a stands before the key. */
static bool before(const struct range *a, u64 start, u32 sequence)
{
	return a->start != start ? a->start < start : a->sequence < sequence;
}

/* Everything before the key goes to *low, the rest to *high. */
static void split(struct range *r, u64 start, u32 sequence, struct range **low, struct range **high)
{
	if (!r) {
		*low = *high = NULL;
	} else if (before(r, start, sequence)) {
		*low = r;
		split(r->right, start, sequence, &r->right, high);
		update(r);
	} else {
		*high = r;
		split(r->left, start, sequence, low, &r->left);
		update(r);
	}
}

static struct range *join(struct range *low, struct range *high)
{
	if (!low || !high)
		return low ? low : high;
	if (low->priority > high->priority) {
		low->right = join(low->right, high);
		update(low);
		return low;
	}
	high->left = join(low, high->left);
	update(high);
	return high;
}

void ranges_init(struct ranges *set, struct arena *a)
{
	*set = (struct ranges){.arena = a};
}

static void insert(struct ranges *set, u64 start, u64 last, const void *owner)
{
	struct range *r = set->unused, *low, *high;

	if (r)
		set->unused = r->left;
	else
		r = NEW(set->arena, struct range);
	*r = (struct range){.start = start, .last = last, .owner = owner};
	r->sequence = ++set->added;
	r->priority = scramble(r->sequence);
	update(r);
	split(set->root, start, r->sequence, &low, &high);
	set->root = join(join(low, r), high);
	set->n++;
}

static void erase(struct ranges *set, struct range *r)
{
	struct range *low, *mid, *high;

	split(set->root, r->start, r->sequence, &low, &mid);
	split(mid, r->start, r->sequence + 1, &mid, &high);
	set->root = join(low, high);
	r->left = set->unused;
	set->unused = r;
	set->n--;
}

void ranges_add(struct ranges *set, u64 start, u64 size, const void *owner)
{
	if (size)
		insert(set, start, last_byte(start, size), owner);
}

/* The first node at or after the key that shares a byte with [start, last]. */
static struct range *find(struct range *r, u64 start, u64 last, u64 key, u32 sequence)
{
	struct range *found;

	if (!r || r->max_last < start)
		return NULL;
	if (before(r, key, sequence))
		return find(r->right, start, last, key, sequence);
	found = find(r->left, start, last, key, sequence);
	if (found)
		return found;
	if (r->start > last)
		return NULL;
	if (r->last >= start)
		return r;
	return find(r->right, start, last, key, sequence);
}

struct range *ranges_find(const struct ranges *set, u64 start, u64 size, const struct range *after)
{
	if (!size)
		return NULL;
	return find(set->root, start, last_byte(start, size), after ? after->start : 0,
		    after ? after->sequence + 1 : 0);
}

struct range *ranges_next(const struct ranges *set, const struct range *after)
{
	return find(set->root, 0, UINT64_MAX, after ? after->start : 0,
		    after ? after->sequence + 1 : 0);
}

struct range *ranges_before(const struct ranges *set, u64 addr)
{
	struct range *r = set->root, *best = NULL;

	while (r) {
		if (r->start < addr) {
			best = r;
			r = r->right;
		} else {
			r = r->left;
		}
	}
	return best;
}

void ranges_subtract(struct ranges *set, u64 start, u64 size)
{
	struct range *r;
	u64 last;

	if (!size)
		return;
	last = last_byte(start, size);
	while ((r = find(set->root, start, last, 0, 0)) != NULL) {
		struct range old = *r;

		erase(set, r);
		if (old.start < start)
			insert(set, old.start, start - 1, old.owner);
		if (old.last > last)
			insert(set, last + 1, old.last, old.owner);
	}
}

void ranges_merge(struct ranges *set, u64 start, u64 size, const void *owner)
{
	struct range *r;
	u64 last;

	if (!size)
		return;
	last = last_byte(start, size);
	ranges_subtract(set, start, size);
	r = ranges_before(set, start);
	if (r && r->last + 1 == start && r->owner == owner) {
		start = r->start;
		erase(set, r);
	}
	r = last == UINT64_MAX ? NULL : ranges_find(set, last + 1, 1, NULL);
	if (r && r->owner == owner) {
		last = r->last;
		erase(set, r);
	}
	insert(set, start, last, owner);
}

bool ranges_cover(const struct ranges *set, u64 start, u64 size)
{
	const struct range *r;
	u64 last;

	if (!size)
		return true;
	last = last_byte(start, size);
	while ((r = find(set->root, start, start, 0, 0)) != NULL) {
		if (r->last >= last)
			return true;
		start = r->last + 1;
	}
	return false;
}

/* Whether this one range has room within the limits. */
static bool fits(const struct range *r, const struct range_fit *f, u64 *addr)
{
	u64 align = f->align ? f->align : 1;
	u64 low = MAX(r->start, f->low), last = MIN(r->last, f->last), at;

	if (low > last || last - low < f->size - 1)
		return false;
	at = f->from_top ? align_down(last - (f->size - 1), align) : align_up(low, align);
	/* rounding up may wrap to 0, rounding down may leave the range */
	if (at < low || at > last || last - at < f->size - 1)
		return false;
	*addr = at;
	return true;
}

static bool search(const struct range *r, const struct range_fit *f, u64 *addr)
{
	const struct range *near, *far;

	if (!r || r->max_span < f->size - 1 || r->max_last < f->low)
		return false;
	near = f->from_top ? r->right : r->left;
	far = f->from_top ? r->left : r->right;
	/* what lies right of here starts no lower than here */
	if (!(near == r->right && r->start > f->last) && search(near, f, addr))
		return true;
	if (fits(r, f, addr))
		return true;
	return !(far == r->right && r->start > f->last) && search(far, f, addr);
}

bool ranges_fit(const struct ranges *set, const struct range_fit *fit, u64 *addr)
{
	return fit->size && search(set->root, fit, addr);
}

struct range *ranges_largest(const struct ranges *set)
{
	struct range *r = set->root;

	while (r && (r->left || r->right)) {
		if (r->left && r->left->max_span == r->max_span)
			r = r->left;
		else if (r->last - r->start == r->max_span)
			return r;
		else
			r = r->right;
	}
	return r;
}
