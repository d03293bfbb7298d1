/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Emitters: one file each in this folder, one line each in emitters.def.
 */
#ifndef CELLC_EMIT_H
#define CELLC_EMIT_H

#include "../image.h"

#define EMITTER(name, function, by_default, help) \
	void function(struct cellc *c, struct model *m, struct outputs *outs);
#include "../emitters.def"
#undef EMITTER

/* The table, ended by an entry without name. */
extern const struct emitter emitters[];

/*
 * Checks a list as given to --emit: names with commas between; "all"; "default"; "list" prints the
 * table. On a wrong name returns false and sets *wrong to it (an arena string).
 */
bool emit_list_valid(struct cellc *c, const char *list, const char **wrong);

/* Runs the emitters that c->opt.emit names (NULL: the default ones), in table order. */
void emit_selected(struct cellc *c, struct model *m, struct outputs *outs);

/* The -MD file: every output (or the -MT target) depends on every input; the inputs are phony. */
void emit_depfile(struct cellc *c, const struct outputs *outs, const char *dir, struct buf *out);

#endif
