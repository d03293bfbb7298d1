/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Building blocks of the whole compiler: arena, growing arrays, text buffers, interned strings.
 * Everything lives in the arena of its compilation and is freed with it; nothing is freed alone.
 */
#ifndef CELLC_LIB_UTIL_H
#define CELLC_LIB_UTIL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define ARRAY_SIZE(a)	       (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b)	       ((a) < (b) ? (a) : (b))
#define MAX(a, b)	       ((a) > (b) ? (a) : (b))

#define PAGE_SIZE 0x1000ull
#define KIB	  0x400ull
#define MIB	  0x100000ull
#define GIB	  0x40000000ull

struct arena;

/* Once, before the first arena: how the C library is to get memory. */
void arena_setup(void);
/* An empty arena; aborts when the system is out of memory, as all allocation here does. */
struct arena *arena_new(void);
void arena_free(struct arena *a);
/* size zeroed bytes, aligned for any type; valid until arena_free. */
void *arena_alloc(struct arena *a, size_t size);
/* A copy of len bytes with a NUL behind it. */
char *arena_strndup(struct arena *a, const char *s, size_t len);
char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap);
/* The one copy of these bytes in the arena: equal strings have equal pointers. */
const char *intern(struct arena *a, const char *s, size_t len);
const char *intern_str(struct arena *a, const char *s);
/* Bytes handed out so far, for the benchmark. */
size_t arena_used(const struct arena *a);

#define NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))

/*
 * Growing array of T in an arena. vec_push gives a pointer to a new zeroed element, valid until
 * the next push; arrays of structures that others point to hold pointers instead.
 */
#define VEC(T)          \
	struct {        \
		T *v;   \
		size_t n, cap; \
	}
#define vec_push(a, vec) \
	(vec_reserve((a), (void **)&(vec)->v, (vec)->n, &(vec)->cap, sizeof(*(vec)->v)), \
	 &(vec)->v[(vec)->n++])
#define vec_each(p, vec) \
	for (p = (vec)->v; p && p < (vec)->v + (vec)->n; p++)
void vec_reserve(struct arena *a, void **v, size_t n, size_t *cap, size_t elem);

/* Text or bytes under construction; data is always followed by a NUL. */
struct buf {
	struct arena *arena;
	char *data;
	size_t len, cap;
};
void buf_init(struct buf *b, struct arena *a);
void buf_add(struct buf *b, const void *data, size_t len);
void buf_str(struct buf *b, const char *s);
void buf_char(struct buf *b, char ch);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_vprintf(struct buf *b, const char *fmt, va_list ap);

/* Rounding to a power of two; align_up wraps to 0 at the end of the address space. */
static inline u64 align_down(u64 x, u64 align)
{
	return x & ~(align - 1);
}
static inline u64 align_up(u64 x, u64 align)
{
	return (x + align - 1) & ~(align - 1);
}
static inline bool is_aligned(u64 x, u64 align)
{
	return (x & (align - 1)) == 0;
}
/* Whether [a, a+an) and [b, b+bn) share a byte; right even where an end is 2^64. */
static inline bool overlaps(u64 a, u64 an, u64 b, u64 bn)
{
	return an && bn && (a < b ? b - a < an : a - b < bn);
}
/* Whether [b, b+bn) lies wholly in [a, a+an). */
static inline bool contains(u64 a, u64 an, u64 b, u64 bn)
{
	return b >= a && b - a <= an && bn <= an - (b - a);
}

/* "1M", "4K", "0x1234" : a size as a person writes it. */
const char *fmt_size(struct arena *a, u64 size);
/* "0x4000_0000": hex with a _ before each four digits from the right where longer than four. */
const char *fmt_addr(struct arena *a, u64 addr);
/* "0x4000_0000 .. 0x4010_0000" (half-open). */
const char *fmt_range(struct arena *a, u64 start, u64 size);
/* The candidate nearest to word by edit distance if near enough to suggest, else NULL. */
const char *nearest_word(const char *word, const char *const *candidates, size_t n);

#endif
