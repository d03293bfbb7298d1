// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tells plans from descriptors by their first bytes, and gathers the descriptors.
 */
#include "inputs.h"

/* Whether the file was a descriptor; *m is made at the first, *any tells if one could be read. */
static bool add_binary(struct cellc *c, struct model **m, bool *any, const char *file)
{
	const char *err;
	const struct source *src = source_add(c, file, NULL, 0, &err);

	if (!src || !binary_is_descriptor((const u8 *)src->text, src->len))
		return false;
	if (!*m) {
		*m = NEW(c->arena, struct model);
		(*m)->from_binary = true;
	}
	*any |= binary_load(c, *m, src->name, (const u8 *)src->text, src->len);
	return true;
}

void inputs_each(struct cellc *c, const struct cmdline *cl, void (*use)(struct run *r, void *arg),
		 void *arg)
{
	struct model *m = NULL;
	bool any = false;

	for (size_t i = 0; i < cl->files.n; i++) {
		if (!add_binary(c, &m, &any, cl->files.v[i])) {
			struct run r = {.c = c, .plan = cl->files.v[i]};

			use(&r, arg);
		}
	}
	if (any) {
		struct run r = {.c = c, .model = m};

		use(&r, arg);
	}
}
