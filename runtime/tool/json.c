// SPDX-License-Identifier: GPL-2.0-only
/*
 * As much of JSON as reading plan.json takes: walks the text, copies nothing but strings. Any text
 * is safe, whether it is JSON or not: no function goes past its final NUL.
 */
#include "tool.h"

#include <stdlib.h>
#include <string.h>

static const char *space(const char *at)
{
	return at + strspn(at, " \t\r\n");
}

/* Behind the string that starts at `at`. */
static const char *skip_string(const char *at)
{
	for (at++; *at && *at != '"'; at++)
		if (*at == '\\' && at[1])
			at++;
	return *at ? at + 1 : at;
}

/* Behind the value that starts at `at`; depth is counted, nothing recurses. */
static const char *skip(const char *at)
{
	int depth = 0;

	do {
		if (*at == '"') {
			at = skip_string(at);
			continue;
		}
		if (*at == '{' || *at == '[')
			depth++;
		else if (*at == '}' || *at == ']')
			depth--;
		else if (!depth)
			return at + strcspn(at, " \t\r\n,]}");
		if (*at)
			at++;
	} while (*at && depth > 0);
	return at;
}

const char *json_first(const char *array)
{
	if (!array || *array != '[')
		return NULL;
	array = space(array + 1);
	return *array && *array != ']' ? array : NULL;
}

const char *json_next(const char *element)
{
	element = space(skip(element));
	if (*element != ',')
		return NULL;
	element = space(element + 1);
	return *element ? element : NULL;
}

static bool is_name(const char *at, const char *name)
{
	size_t n = strlen(name);

	return !strncmp(at + 1, name, n) && at[n + 1] == '"';
}

const char *json_member(const char *at, const char *name)
{
	if (!at || *at != '{')
		return NULL;
	at = space(at + 1);
	while (*at == '"') {
		bool found = is_name(at, name);

		at = space(skip_string(at));
		if (*at != ':')
			return NULL;
		at = space(at + 1);
		if (found)
			return at;
		at = space(skip(at));
		if (*at != ',')
			return NULL;
		at = space(at + 1);
	}
	return NULL;
}

char *json_text(const char *at)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	char *text, *out;

	if (!at || *at != '"')
		return NULL;
	text = out = malloc(strlen(at) + 1);
	if (!text)
		exit(fail("no memory"));
	for (at++; *at && *at != '"'; at++) {
		const char *special;

		if (*at == '\\' && at[1]) {
			at++;
			special = strchr(from, *at);
			*out++ = special ? to[special - from] : *at;
		} else {
			*out++ = *at;
		}
	}
	*out = '\0';
	return text;
}
