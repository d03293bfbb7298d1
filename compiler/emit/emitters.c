// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which emitters run: the table, and the --emit list.
 */
#include "emit.h"

#include <string.h>

const struct emitter emitters[] = {
#define EMITTER(name, function, by_default, help) {name, help, by_default, function},
#include "../emitters.def"
#undef EMITTER
	{NULL, NULL, false, NULL},
};

/* Whether word (len bytes) is name. */
static bool is_word(const char *word, size_t len, const char *name)
{
	return strlen(name) == len && memcmp(word, name, len) == 0;
}

static bool is_known(const char *word, size_t len)
{
	for (const struct emitter *e = emitters; e->name; e++)
		if (is_word(word, len, e->name))
			return true;
	return is_word(word, len, "all") || is_word(word, len, "default");
}

bool emit_list_valid(struct cellc *c, const char *list, const char **wrong)
{
	if (strcmp(list, "list") == 0)
		return true;
	for (;;) {
		size_t len = strcspn(list, ",");

		if (!is_known(list, len)) {
			*wrong = arena_strndup(c->arena, list, len);
			return false;
		}
		if (!list[len])
			return true;
		list += len + 1;
	}
}

static bool is_selected(const struct emitter *e, const char *list)
{
	while (list) {
		size_t len = strcspn(list, ",");

		if (is_word(list, len, e->name) || is_word(list, len, "all") ||
		    (e->by_default && is_word(list, len, "default")))
			return true;
		list = list[len] ? list + len + 1 : NULL;
	}
	return false;
}

void emit_selected(struct cellc *c, struct model *m, struct outputs *outs)
{
	for (const struct emitter *e = emitters; e->name; e++)
		if (is_selected(e, c->opt.emit ? c->opt.emit : "default"))
			e->run(c, m, outs);
}
