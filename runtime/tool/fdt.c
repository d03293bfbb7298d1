// SPDX-License-Identifier: GPL-2.0-only
/*
 * The one edit that a loader makes in a flattened device tree: properties of /chosen (Devicetree
 * Specification, chapter 5). Written here, as the tool is to need no library on the target.
 *
 * The tree may be anybody's: every length in it is checked before it is used.
 */
#include "tool.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#define FDT_MAGIC      0xd00dfeedu
#define FDT_BEGIN_NODE 1u
#define FDT_END_NODE   2u
#define FDT_PROP       3u
#define FDT_NOP	       4u
#define FDT_END	       9u

struct head {
	uint32_t magic, total, structs, strings, reserve, version, compatible, cpu;
	uint32_t strings_size, structs_size;
};

struct edit {
	const uint8_t *at, *end; /* tokens that are left to read */
	const char *strings;
	uint32_t strings_size;
	uint8_t *out; /* tokens written, with room for all */
	size_t size;
	struct file names; /* added to the strings */
	const struct fdt_value *values;
	size_t n;
	int depth;
	bool in_chosen, done;
};

static uint32_t get(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return be32toh(v);
}

static void put(struct edit *e, uint32_t v)
{
	v = htobe32(v);
	memcpy(e->out + e->size, &v, sizeof(v));
	e->size += sizeof(v);
}

static size_t padded(size_t size)
{
	return (size + 3) & ~(size_t)3;
}

static void put_data(struct edit *e, const void *data, size_t size)
{
	memcpy(e->out + e->size, data, size);
	memset(e->out + e->size + size, 0, padded(size) - size);
	e->size += padded(size);
}

static void put_values(struct edit *e)
{
	for (size_t i = 0; i < e->n; i++) {
		size_t length = strlen(e->values[i].name) + 1;

		put(e, FDT_PROP);
		put(e, (uint32_t)e->values[i].size);
		put(e, e->strings_size + (uint32_t)e->names.size);
		put_data(e, e->values[i].data, e->values[i].size);
		memcpy((char *)e->names.data + e->names.size, e->values[i].name, length);
		e->names.size += length;
	}
	e->done = true;
}

static bool is_replaced(const struct edit *e, const char *name)
{
	for (size_t i = 0; i < e->n; i++)
		if (!strcmp(e->values[i].name, name))
			return true;
	return false;
}

static bool copy_node(struct edit *e)
{
	size_t left = (size_t)(e->end - e->at), length = strnlen((const char *)e->at, left);

	if (length == left || padded(length + 1) > left)
		return false;
	e->in_chosen = e->depth++ == 1 && !strcmp((const char *)e->at, "chosen") && !e->done;
	put(e, FDT_BEGIN_NODE);
	put_data(e, e->at, length + 1);
	e->at += padded(length + 1);
	if (e->in_chosen)
		put_values(e);
	return true;
}

static bool copy_property(struct edit *e)
{
	uint32_t size, name;

	if (e->end - e->at < 8)
		return false;
	size = get(e->at);
	name = get(e->at + 4);
	e->at += 8;
	if (size > (size_t)(e->end - e->at) || padded(size) > (size_t)(e->end - e->at) ||
	    name >= e->strings_size ||
	    strnlen(e->strings + name, e->strings_size - name) == e->strings_size - name)
		return false;
	if (!e->in_chosen || !is_replaced(e, e->strings + name)) {
		put(e, FDT_PROP);
		put(e, size);
		put(e, name);
		put_data(e, e->at, size);
	}
	e->at += padded(size);
	return true;
}

/* The end of a node; that of the root gets a /chosen if there was none. */
static bool copy_end(struct edit *e)
{
	if (!e->depth--)
		return false;
	if (!e->depth && !e->done) {
		put(e, FDT_BEGIN_NODE);
		put_data(e, "chosen", 7);
		put_values(e);
		put(e, FDT_END_NODE);
	}
	e->in_chosen = false; /* its children follow its properties */
	put(e, FDT_END_NODE);
	return true;
}

static bool copy_tokens(struct edit *e)
{
	while (e->end - e->at >= 4) {
		uint32_t token = get(e->at);
		bool good = token == FDT_NOP;

		e->at += 4;
		if (token == FDT_BEGIN_NODE)
			good = copy_node(e);
		else if (token == FDT_PROP)
			good = copy_property(e);
		else if (token == FDT_END_NODE)
			good = copy_end(e);
		else if (token == FDT_END && e->done && !e->depth) {
			put(e, FDT_END);
			return true;
		}
		if (!good)
			return false;
	}
	return false;
}

static bool in_bounds(const struct file *tree, uint32_t at, uint32_t size)
{
	return at <= tree->size && size <= tree->size - at;
}

/* Everything before the tokens, which is kept: header and reserved memory. */
static struct file join(const struct head *old, const struct file *tree, const struct edit *e)
{
	uint32_t strings = old->structs + (uint32_t)e->size;
	uint32_t strings_size = old->strings_size + (uint32_t)e->names.size;
	struct file made = { .size = strings + strings_size };
	struct head head;

	made.data = calloc(1, made.size);
	if (!made.data)
		exit(fail("no memory"));
	memcpy(made.data, tree->data, old->structs);
	memcpy((char *)made.data + old->structs, e->out, e->size);
	memcpy((char *)made.data + strings, e->strings, old->strings_size);
	memcpy((char *)made.data + strings + old->strings_size, e->names.data, e->names.size);
	memcpy(&head, made.data, sizeof(head));
	head.total = htobe32((uint32_t)made.size);
	head.strings = htobe32(strings);
	head.strings_size = htobe32(strings_size);
	head.structs_size = htobe32((uint32_t)e->size);
	memcpy(made.data, &head, sizeof(head));
	return made;
}

/* The reserved memory, which ends with an empty entry, stands whole before the tokens. */
static bool reserve_is_sound(const struct file *tree, const struct head *h)
{
	static const uint8_t none[16];

	if (h->reserve % 8 || h->reserve < sizeof(*h) || h->reserve >= h->structs)
		return false;
	for (uint32_t at = h->reserve; h->structs - at >= sizeof(none); at += sizeof(none))
		if (!memcmp((const char *)tree->data + at, none, sizeof(none)))
			return true;
	return false;
}

bool fdt_set_chosen(const struct file *tree, const struct fdt_value *values, size_t n,
		    struct file *made)
{
	struct edit e = { .values = values, .n = n };
	struct head h;
	uint32_t *field = (uint32_t *)&h;
	size_t room = 64, names = 0;
	bool good;

	if (tree->size < sizeof(h) || tree->size > 16 << 20)
		return false;
	memcpy(&h, tree->data, sizeof(h));
	for (size_t i = 0; i < sizeof(h) / 4; i++)
		field[i] = be32toh(field[i]);
	if (h.magic != FDT_MAGIC || h.compatible > 17 || h.version < 17 || h.structs % 4 ||
	    h.structs < sizeof(h) || h.strings < h.structs ||
	    !in_bounds(tree, h.structs, h.structs_size) ||
	    !in_bounds(tree, h.strings, h.strings_size) || !reserve_is_sound(tree, &h))
		return false;
	for (size_t i = 0; i < n; i++) {
		room += 16 + padded(values[i].size);
		names += strlen(values[i].name) + 1;
	}
	e.at = (const uint8_t *)tree->data + h.structs;
	e.end = e.at + h.structs_size;
	e.strings = (const char *)tree->data + h.strings;
	e.strings_size = h.strings_size;
	e.out = malloc(h.structs_size + room);
	e.names.data = malloc(names + 1);
	if (!e.out || !e.names.data)
		exit(fail("no memory"));
	good = copy_tokens(&e);
	if (good)
		*made = join(&h, tree, &e);
	free(e.out);
	free(e.names.data);
	return good;
}
