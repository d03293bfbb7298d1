// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arena, interned strings, growing arrays, text buffers, and how numbers are written for people.
 */
#include "util.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE 0x3ff00u /* see arena_setup */
#define LARGE	   16384u   /* what gets a block of its own, so that sanitizers see its end */
#define ALIGNMENT  16u

struct block {
	struct block *next;
	size_t size, used;
	_Alignas(ALIGNMENT) char data[];
};

struct interned {
	struct interned *next;
	u32 hash;
	size_t len;
	char text[];
};

struct arena {
	struct block *blocks;
	size_t used;
	struct interned **table;
	size_t buckets, strings;
};

static void *must(void *p)
{
	if (!p) {
		fputs("cellc: out of memory\n", stderr);
		abort();
	}
	return p;
}

/*
 * Blocks come from the kernel, zeroed page by page as they are touched. Without a limit of its own
 * the C library takes them from its heap after the first is freed, and clears all of a block.
 */
void arena_setup(void)
{
	mallopt(M_MMAP_THRESHOLD, BLOCK_SIZE / 2);
}

struct arena *arena_new(void)
{
	return must(calloc(1, sizeof(struct arena)));
}

void arena_free(struct arena *a)
{
	struct block *b = a->blocks;

	while (b) {
		struct block *next = b->next;

		free(b);
		b = next;
	}
	free(a->table);
	free(a);
}

void *arena_alloc(struct arena *a, size_t size)
{
	struct block *b = a->blocks;

	size = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
	if (!b || b->size - b->used < size) {
		size_t room = size > LARGE ? size : BLOCK_SIZE;

		b = must(calloc(1, sizeof(*b) + room));
		b->size = room;
		/* a large block goes behind the current one, whose rest stays in use */
		if (a->blocks && size > LARGE) {
			b->next = a->blocks->next;
			a->blocks->next = b;
		} else {
			b->next = a->blocks;
			a->blocks = b;
		}
	}
	b->used += size;
	a->used += size;
	return b->data + b->used - size;
}

size_t arena_used(const struct arena *a)
{
	return a->used;
}

char *arena_strndup(struct arena *a, const char *s, size_t len)
{
	char *copy = arena_alloc(a, len + 1);

	if (len)
		memcpy(copy, s, len);
	return copy;
}

/* Formats into the rest of the current block, where it nearly always fits: once, not twice. */
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	struct block *b = a->blocks;
	size_t room = b ? b->size - b->used : 0;
	char *text = room ? b->data + b->used : NULL;
	va_list again;
	int len;

	va_copy(again, ap);
	len = vsnprintf(text, room, fmt, ap);
	if ((size_t)len < room) {
		text = arena_alloc(a, (size_t)len + 1);
	} else {
		if (room)
			memset(text, 0, room);
		text = arena_alloc(a, (size_t)len + 1);
		vsnprintf(text, (size_t)len + 1, fmt, again);
	}
	va_end(again);
	return text;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return text;
}

/* FNV-1a, 32 bits */
static u32 hash_bytes(const char *s, size_t len)
{
	u32 h = 2166136261u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (u8)s[i]) * 16777619u;
	return h;
}

static void intern_grow(struct arena *a)
{
	size_t buckets = a->buckets ? a->buckets * 2 : 256;
	struct interned **table = must(calloc(buckets, sizeof(*table)));

	for (size_t i = 0; i < a->buckets; i++) {
		struct interned *e = a->table[i];

		while (e) {
			struct interned *next = e->next;

			e->next = table[e->hash & (buckets - 1)];
			table[e->hash & (buckets - 1)] = e;
			e = next;
		}
	}
	free(a->table);
	a->table = table;
	a->buckets = buckets;
}

const char *intern(struct arena *a, const char *s, size_t len)
{
	u32 hash = hash_bytes(s, len);
	struct interned *e;

	if (a->strings >= a->buckets)
		intern_grow(a);
	for (e = a->table[hash & (a->buckets - 1)]; e; e = e->next)
		if (e->hash == hash && e->len == len && memcmp(e->text, s, len) == 0)
			return e->text;
	e = arena_alloc(a, sizeof(*e) + len + 1);
	e->hash = hash;
	e->len = len;
	memcpy(e->text, s, len);
	e->next = a->table[hash & (a->buckets - 1)];
	a->table[hash & (a->buckets - 1)] = e;
	a->strings++;
	return e->text;
}

const char *intern_str(struct arena *a, const char *s)
{
	return intern(a, s, strlen(s));
}

void vec_reserve(struct arena *a, void **v, size_t n, size_t *cap, size_t elem)
{
	void *grown;

	if (n < *cap)
		return;
	*cap = *cap ? *cap * 2 : 4;
	grown = arena_alloc(a, *cap * elem);
	if (n)
		memcpy(grown, *v, n * elem);
	*v = grown;
}

void buf_init(struct buf *b, struct arena *a)
{
	*b = (struct buf){.arena = a, .data = arena_alloc(a, 1), .cap = 1};
}

static void buf_room(struct buf *b, size_t more)
{
	char *grown;

	if (b->cap - b->len > more)
		return;
	b->cap = MAX(b->cap * 2, b->len + more + 64);
	grown = arena_alloc(b->arena, b->cap);
	memcpy(grown, b->data, b->len);
	b->data = grown;
}

void buf_add(struct buf *b, const void *data, size_t len)
{
	buf_room(b, len);
	if (len)
		memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = 0;
}

void buf_str(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_char(struct buf *b, char ch)
{
	buf_add(b, &ch, 1);
}

void buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int len;

	va_copy(again, ap);
	len = vsnprintf(b->data + b->len, b->cap - b->len, fmt, ap);
	if ((size_t)len >= b->cap - b->len) {
		buf_room(b, (size_t)len);
		vsnprintf(b->data + b->len, (size_t)len + 1, fmt, again);
	}
	b->len += (size_t)len;
	va_end(again);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
}

const char *fmt_size(struct arena *a, u64 size)
{
	static const char units[] = " KMGT";
	int unit = 0;

	while (size && unit < 4 && size % 1024 == 0) {
		size /= 1024;
		unit++;
	}
	if (unit)
		return arena_printf(a, "%llu%c", (unsigned long long)size, units[unit]);
	return arena_printf(a, size < 4096 ? "%llu" : "0x%llx", (unsigned long long)size);
}

const char *fmt_addr(struct arena *a, u64 addr)
{
	char digits[32], out[48];
	int len = snprintf(digits, sizeof(digits), "%llx", (unsigned long long)addr);
	int o = 0;

	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 4 == 0)
			out[o++] = '_';
		out[o++] = digits[i];
	}
	return arena_printf(a, "0x%.*s", o, out);
}

const char *fmt_range(struct arena *a, u64 start, u64 size)
{
	return arena_printf(a, "%s .. %s%s", fmt_addr(a, start), start + size < start && start + size ? "2^64 + " : "",
			    start + size == 0 && size ? "2^64" : fmt_addr(a, start + size));
}

/*
 * Edit distance, an exchange of neighbours counted as one edit. Words are short; a longer
 * candidate is as far as it is long.
 */
static size_t edit_distance(const char *s, const char *t)
{
	size_t rows[3][64], n = strlen(t);
	size_t *before = rows[0], *above = rows[1], *row = rows[2];

	if (n >= ARRAY_SIZE(rows[0]))
		return n;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; s[i - 1]; i++) {
		size_t *oldest = before;

		before = above;
		above = row;
		row = oldest;
		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			row[j] = MIN(above[j - 1] + (s[i - 1] != t[j - 1]),
				     MIN(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && s[i - 1] == t[j - 2] && s[i - 2] == t[j - 1])
				row[j] = MIN(row[j], before[j - 2] + 1);
		}
	}
	return row[n];
}

const char *nearest_word(const char *word, const char *const *candidates, size_t n)
{
	size_t limit = strlen(word) / 3 + 1, best = limit + 1;
	const char *nearest = NULL;

	if (strlen(word) > 60)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		size_t d = edit_distance(word, candidates[i]);

		if (d < best) {
			best = d;
			nearest = candidates[i];
		}
	}
	return nearest;
}
