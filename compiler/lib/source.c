// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sources: texts laid end to end in one space of offsets, so that a position is two numbers.
 */
#include "../cellc.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define SOURCE_MAX (64u * 1024 * 1024)

struct source_map {
	VEC(struct source *) all;
	u32 next; /* base of the next source; offset 0 stays "nowhere" */
};

static struct source_map *sources(struct cellc *c)
{
	if (!c->sources) {
		c->sources = NEW(c->arena, struct source_map);
		c->sources->next = 1;
	}
	return c->sources;
}

static char *read_stream(struct cellc *c, FILE *f, size_t *len, const char **err)
{
	struct buf b;
	char chunk[65536];
	size_t n;

	buf_init(&b, c->arena);
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0) {
		buf_add(&b, chunk, n);
		if (b.len > SOURCE_MAX) {
			*err = "larger than 64 MiB";
			return NULL;
		}
	}
	if (ferror(f)) {
		*err = strerror(errno);
		return NULL;
	}
	*len = b.len;
	return b.data;
}

static char *read_file(struct cellc *c, const char *name, size_t *len, const char **err)
{
	struct stat st;
	FILE *f;
	char *text;

	if (stat(name, &st) < 0) {
		*err = strerror(errno);
		return NULL;
	}
	if (S_ISDIR(st.st_mode)) {
		*err = "is a folder";
		return NULL;
	}
	f = fopen(name, "rb");
	if (!f) {
		*err = strerror(errno);
		return NULL;
	}
	text = read_stream(c, f, len, err);
	fclose(f);
	if (text)
		*vec_push(c->arena, &c->inputs) = intern_str(c->arena, name);
	return text;
}

struct source *source_add(struct cellc *c, const char *name, const char *text, size_t len,
			  const char **err)
{
	struct source_map *map = sources(c);
	struct source *src;
	char *copy;

	if (!text) {
		text = read_file(c, name, &len, err);
		if (!text)
			return NULL;
	}
	if (len > SOURCE_MAX || map->next > UINT32_MAX - SOURCE_MAX - 2) {
		*err = "larger than 64 MiB";
		return NULL;
	}
	copy = arena_alloc(c->arena, len + 2);
	if (len)
		memcpy(copy, text, len);
	src = NEW(c->arena, struct source);
	*src = (struct source){intern_str(c->arena, name), copy, len, map->next};
	map->next += (u32)len + 1;
	*vec_push(c->arena, &map->all) = src;
	return src;
}

const struct source *source_of(const struct cellc *c, u32 offset)
{
	if (!c->sources || !offset)
		return NULL;
	for (size_t i = 0; i < c->sources->all.n; i++) {
		const struct source *s = c->sources->all.v[i];

		if (offset >= s->base && offset - s->base <= s->len)
			return s;
	}
	return NULL;
}

bool source_position(const struct cellc *c, u32 offset, struct position *pos)
{
	const struct source *s = source_of(c, offset);
	const char *line, *at, *end;

	if (!s)
		return false;
	at = s->text + (offset - s->base);
	*pos = (struct position){.source = s, .line = 1};
	line = s->text;
	for (const char *p = s->text; p < at; p++) {
		if (*p == '\n') {
			pos->line++;
			line = p + 1;
		}
	}
	end = memchr(line, '\n', (size_t)(s->text + s->len - line));
	pos->column = (u32)(at - line) + 1;
	pos->line_text = line;
	pos->line_len = (size_t)((end ? end : s->text + s->len) - line);
	return true;
}
