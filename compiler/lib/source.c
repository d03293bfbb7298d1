// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sources: texts laid end to end in one space of offsets, so that a position is two numbers.
 */
#include "../cellc.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SOURCE_MAX (64u * 1024 * 1024)
#define UNSIZED	   16384u /* read first where the size is not known */
#define MARK_STEP  1024u
#define LINE_SHOWN 4096u /* a longer rest of a line is cut off */

/* What is known at offset i * MARK_STEP of a text, so that a position takes a short scan only. */
struct source_mark {
	u32 line;	/* number of the line there */
	u32 line_start; /* its first byte */
};

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

/*
 * All bytes from a descriptor and two NULs; first there is room for `size` of them, and for one
 * more, since where a file ends is known by reading there.
 */
static char *read_all(struct cellc *c, int fd, size_t size, size_t *len, const char **err)
{
	size_t cap = size + 3, n = 0;
	char *text = arena_alloc(c->arena, cap);
	ssize_t got;

	while ((got = read(fd, text + n, cap - n - 2)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			*err = strerror(errno);
			return NULL;
		}
		n += (size_t)got;
		if (n > SOURCE_MAX) {
			*err = "larger than 64 MiB";
			return NULL;
		}
		if (n + 2 == cap) {
			char *grown = arena_alloc(c->arena, cap *= 2);

			text = memcpy(grown, text, n);
		}
	}
	*len = n;
	return text;
}

static char *read_open_file(struct cellc *c, int fd, size_t *len, const char **err)
{
	struct stat st;

	if (fstat(fd, &st) < 0) {
		*err = strerror(errno);
		return NULL;
	}
	if (S_ISDIR(st.st_mode)) {
		*err = "is a folder";
		return NULL;
	}
	/* what is no plain file, and those of /proc, have no size */
	if (!S_ISREG(st.st_mode) || st.st_size <= 0)
		return read_all(c, fd, UNSIZED, len, err);
	return read_all(c, fd, (size_t)MIN(st.st_size, (off_t)SOURCE_MAX), len, err);
}

static char *read_file(struct cellc *c, const char *name, size_t *len, const char **err)
{
	char *text;
	int fd;

	if (strcmp(name, "-") == 0)
		return read_all(c, STDIN_FILENO, UNSIZED, len, err);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		*err = strerror(errno);
		return NULL;
	}
	text = read_open_file(c, fd, len, err);
	close(fd);
	if (text)
		*vec_push(c->arena, &c->inputs) = intern_str(c->arena, name);
	return text;
}

static const struct source_mark *mark_lines(struct cellc *c, const char *text, size_t len)
{
	struct source_mark at = {1, 0}, *marks;

	marks = arena_alloc(c->arena, (len / MARK_STEP + 1) * sizeof(*marks));
	for (size_t step = 0; step <= len; step += MARK_STEP) {
		const char *p = text + step, *end = text + MIN(len, step + MARK_STEP);

		marks[step / MARK_STEP] = at;
		while ((p = memchr(p, '\n', (size_t)(end - p)))) {
			at = (struct source_mark){at.line + 1, (u32)(++p - text)};
		}
	}
	return marks;
}

static struct source *source_find(const struct source_map *map, const char *name)
{
	for (size_t i = 0; i < map->all.n; i++)
		if (strcmp(map->all.v[i]->path, name) == 0)
			return map->all.v[i];
	return NULL;
}

struct source *source_add(struct cellc *c, const char *name, const char *text, size_t len,
			  const char **err)
{
	struct source_map *map = sources(c);
	const char *shown = !text && strcmp(name, "-") == 0 ? "<stdin>" : name;
	struct source *src = text ? NULL : source_find(map, shown);
	char *own;

	if (src)
		return src;
	own = text ? NULL : read_file(c, name, &len, err);
	if (!text && !own)
		return NULL;
	if (len > SOURCE_MAX || map->next > UINT32_MAX - SOURCE_MAX - 2) {
		*err = "larger than 64 MiB";
		return NULL;
	}
	if (!own) {
		own = arena_alloc(c->arena, len + 2);
		memcpy(own, text, len);
	}
	src = NEW(c->arena, struct source);
	*src = (struct source){.name = intern_str(c->arena, shown),
			       .path = intern_str(c->arena, shown),
			       .text = own,
			       .len = len,
			       .base = map->next,
			       .marks = mark_lines(c, own, len)};
	map->next += (u32)len + 1;
	*vec_push(c->arena, &map->all) = src;
	return src;
}

const struct source *source_of(const struct cellc *c, u32 offset)
{
	size_t low = 0, high = c->sources ? c->sources->all.n : 0;

	while (low < high) { /* the last source that begins at or before offset */
		size_t mid = (low + high) / 2;

		if (c->sources->all.v[mid]->base <= offset)
			low = mid + 1;
		else
			high = mid;
	}
	if (!low || offset - c->sources->all.v[low - 1]->base > c->sources->all.v[low - 1]->len)
		return NULL;
	return c->sources->all.v[low - 1];
}

bool source_position(const struct cellc *c, u32 offset, struct position *pos)
{
	const struct source *s = source_of(c, offset);
	struct source_mark mark;
	const char *at, *end;
	size_t rest;

	if (!s)
		return false;
	mark = s->marks[(offset - s->base) / MARK_STEP];
	at = s->text + (offset - s->base);
	for (const char *p = s->text + align_down(offset - s->base, MARK_STEP); p < at; p++)
		if (*p == '\n')
			mark = (struct source_mark){mark.line + 1, (u32)(p + 1 - s->text)};
	rest = MIN((size_t)(s->text + s->len - at), (size_t)LINE_SHOWN);
	end = memchr(at, '\n', rest);
	*pos = (struct position){
		.source = s,
		.line = mark.line,
		.column = offset - s->base - mark.line_start + 1,
		.line_text = s->text + mark.line_start,
	};
	pos->line_len = (size_t)((end ? end : at + rest) - pos->line_text);
	return true;
}
