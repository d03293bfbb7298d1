// SPDX-License-Identifier: GPL-2.0-only
/*
 * How one file names another. In: a folder and a file, as the user gave them. Out: a relative path,
 * so that what is written does not depend on where the machine keeps it.
 */
#include "import.h"

#include <stdlib.h>
#include <string.h>

/* The real path of what exists of it, the rest as written; NULL if nothing of it can be found. */
static const char *real(struct cellc *c, const char *path)
{
	char *whole = realpath(path, NULL);
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	const char *dir, *out;

	if (whole) {
		out = intern_str(c->arena, whole);
		free(whole);
		return out;
	}
	if (slash == path || strcmp(base, "..") == 0 || strcmp(path, ".") == 0)
		return NULL;
	dir = real(c, slash ? arena_strndup(c->arena, path, (size_t)(slash - path)) : ".");
	if (!dir || !*base || strcmp(base, ".") == 0)
		return dir;
	return arena_printf(c->arena, "%s/%s", strcmp(dir, "/") == 0 ? "" : dir, base);
}

const char *import_relative(struct cellc *c, const char *dir, const char *file)
{
	const char *from = real(c, dir), *to = real(c, file);
	size_t common = 0, i;
	struct buf out;

	if (!from || !to)
		return file;
	for (i = 0; from[i] && from[i] == to[i]; i++)
		if (from[i] == '/')
			common = i + 1;
	if (!from[i] && to[i] == '/') /* the file lies below the folder */
		return to + i + 1;
	buf_init(&out, c->arena);
	for (const char *p = from + common; *p; p += strcspn(p, "/"), p += *p == '/')
		buf_str(&out, "../");
	buf_str(&out, to + common);
	return out.data;
}
