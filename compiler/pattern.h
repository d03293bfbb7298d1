/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Argument patterns of keywords.def ("w?n?|w?R"): matching, and saying what they ask for.
 */
#ifndef CELLC_PATTERN_H
#define CELLC_PATTERN_H

#include "ast.h"

#define PATTERN_NONE ((size_t)-1)

/*
 * Matches items from the first on, against the first alternative that fits (all: that takes every
 * item). Returns how many items it takes, or PATTERN_NONE; *fits is then how many at most fitted.
 */
size_t pattern_match(const char *pattern, const struct item *items, size_t n, bool all,
		     size_t *fits);
/* "a number or a range a .. b": what the pattern asks for, in words. */
const char *pattern_text(struct arena *a, const char *pattern);
/* "a string": what an item is, in words. */
const char *item_kind_text(const struct item *item);
/* Makes a word of a plain number ("8250"), as its text stands in the source. */
void item_as_word(struct cellc *c, struct item *item);

#endif
