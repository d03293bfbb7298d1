// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a descriptor holds besides its records: bytes behind the last array, and bytes that no
 * field covers. Both are kept, so that nothing of the file is lost.
 */
#include "binary.h"

#include <string.h>

#define PATCH_GAP 8 /* differences this near are one patch */

/* --- behind the last array --- */

static bool like_pci(const u8 *b)
{
	return b[0] >= CV_PCI_DEVICE && b[0] <= CV_PCI_SHMEM && get_le(b + 4, 2);
}

static bool like_memory(const u8 *b)
{
	u64 flags = get_le(b + 24, 8);

	return flags && !(flags & ~(u64)CV_MEM_KNOWN) && get_le(b + 16, 8) &&
	       is_aligned(get_le(b, 8), 4);
}

static bool like_irqchip(const u8 *b)
{
	u64 address = get_le(b, 8);

	return address && is_aligned(address, PAGE_SIZE) && is_aligned(get_le(b + 12, 4), 32);
}

static bool like_cache(const u8 *b)
{
	return b[8] >= CV_CACHE_L3_CODE && b[8] <= CV_CACHE_L3_BOTH && !b[9] && b[11] == 0;
}

static bool like_cap(const u8 *b)
{
	u64 start = get_le(b + 2, 2), len = get_le(b + 4, 2);

	return start >= 0x40 && start < 0x1000 && len && len < 0x1000 && get_le(b + 6, 2) <= 1;
}

static bool like_pio(const u8 *b)
{
	u64 length = get_le(b + 2, 2);

	return length && length <= 0x1000 && get_le(b, 2) + length <= 0x10000;
}

static bool like_stream(const u8 *b)
{
	return get_le(b, 4) != 0;
}

static const struct {
	enum array array;
	bool (*like)(const u8 *bytes);
} shapes[] = {
	/* the most particular first */
	{ARRAY_PCI, like_pci},	     {ARRAY_MEMORY, like_memory}, {ARRAY_IRQCHIP, like_irqchip},
	{ARRAY_CACHE, like_cache},   {ARRAY_CAP, like_cap},	  {ARRAY_PIO, like_pio},
	{ARRAY_STREAM, like_stream},
};

/* The array whose records the bytes look like, all of them; ARRAY_COUNT: none. */
static enum array shape_of(const u8 *bytes, size_t len)
{
	for (size_t s = 0; s < ARRAY_SIZE(shapes); s++) {
		u32 size = array_info[shapes[s].array].record->size;
		size_t at = 0;

		while (len % size == 0 && at < len && shapes[s].like(bytes + at))
			at += size;
		if (at == len)
			return shapes[s].array;
	}
	return ARRAY_COUNT;
}

static void report_trailing(struct reader *r)
{
	size_t n = r->cell->trailing_len, count;
	enum array array = shape_of(r->cell->trailing, n);
	const struct array_info *a;
	struct diag *d;

	if (array == ARRAY_COUNT) {
		diag_report(r->c, D_W1005, r->cell->trailing_from,
			    "%zu bytes behind the last array are counted by nothing", n);
		return;
	}
	a = &array_info[array];
	count = n / a->record->size;
	d = diag_report(
		r->c, D_W1005, r->cell->trailing_from,
		"%zu bytes behind the last array are counted by nothing; they look like %zu "
		"%s%s",
		n, count, a->record->text, count == 1 ? "" : "s");
	diag_note(r->c, d, reader_at(r, "cell header", a->count_field, r->base + a->count_offset),
		  "%s is %llu", a->count_field,
		  (unsigned long long)get_le(r->data + r->base + a->count_offset, 4));
	diag_help(r->c, d, "count them in %s, or remove them", a->count_field);
}

void read_trailing(struct reader *r)
{
	if (r->pos >= r->len)
		return;
	r->cell->trailing = (const u8 *)arena_strndup(r->c->arena, (const char *)r->data + r->pos,
						      r->len - r->pos);
	r->cell->trailing_len = r->len - r->pos;
	r->cell->trailing_from = reader_at(r, "uncounted bytes", NULL, r->pos);
	if (!r->cut) /* else the cut array's beginning stands here, which is said */
		report_trailing(r);
}

/* --- bytes no field covers --- */

/* The record a byte of the image stands in. */
static const char *record_at(const struct image *img, size_t offset)
{
	const char *name = "descriptor";

	for (size_t i = 0; i < img->notes.n; i++) {
		const struct image_note *n = &img->notes.v[i];

		if (offset >= n->offset && offset - n->offset < n->size)
			name = n->record;
	}
	return name;
}

/* Whether other findings tell of this byte already, or nobody reads it. */
static bool is_expected(const struct reader *r, size_t offset)
{
	size_t at = offset - r->base;
	size_t name_end = offsetof(struct cv_cell_desc, name) + CV_CELL_NAME_SIZE;

	if (offset < r->base)
		return false;
	return at < 8 || at == name_end - 1 || at >= offsetof(struct cv_cell_desc, cpu_set_size);
}

static void add_patch(struct reader *r, const struct image *img, size_t start, size_t end)
{
	const struct origin *from = reader_at(r, record_at(img, start), NULL, start);
	struct patch p = {.data = r->data + start, .len = end - start, .from = from};

	p.data = (const u8 *)arena_strndup(r->c->arena, (const char *)p.data, p.len);
	if (start >= r->base) {
		p.offset = (u32)(start - r->base);
		*vec_push(r->c->arena, &r->cell->patches) = p;
	} else {
		p.offset = (u32)start;
		*vec_push(r->c->arena, &r->m->platform.patches) = p;
	}
	if (!is_expected(r, start))
		diag_report(r->c, D_W1006, from, "%zu byte%s without a meaning %s not zero", p.len,
			    p.len == 1 ? "" : "s", p.len == 1 ? "is" : "are");
}

/* Bytes [start, end) of the file against what lower makes of the model. */
static void compare(struct reader *r, const struct image *img, size_t start, size_t end)
{
	const u8 *made = (const u8 *)img->bytes.data;

	while (start < end) {
		size_t last = start;

		if (made[start] == r->data[start]) {
			start++;
			continue;
		}
		for (size_t i = start; i < end && i - last <= PATCH_GAP; i++)
			if (made[i] != r->data[i])
				last = i;
		add_patch(r, img, start, last + 1);
		start = last + 1;
	}
}

static void report_cache_padding(struct reader *r)
{
	const struct cache_region *cache;

	vec_each(cache, &r->cell->caches)
		if (cache->padding)
			diag_report(r->c, D_W1006, cache->from,
				    "1 byte without a meaning is not zero");
}

void read_unnamed(struct reader *r)
{
	struct image *img = lower(r->c, r->m, r->cell, r->revision);

	report_cache_padding(r);
	compare(r, img, 0, r->base);
	compare(r, img, r->base, MIN(img->bytes.len, r->len));
}
