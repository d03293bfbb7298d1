// SPDX-License-Identifier: GPL-2.0-only
/*
 * Argument patterns: one letter a kind of item, '?' and '*' behind it, '|' between alternatives.
 */
#include "pattern.h"

#include <string.h>

static const struct {
	char letter;
	enum item_kind kind;
	const char *one, *many;
} letters[] = {
	{'n', ITEM_NUMBER, "a number", "numbers"},
	{'s', ITEM_STRING, "a string", "strings"},
	{'r', ITEM_REF, "a reference &...", "references &..."},
	{'R', ITEM_RANGE, "a range a .. b", "ranges a .. b"},
	{'p', ITEM_PCI, "a PCI address bb:dd.f", "PCI addresses"},
	{'w', ITEM_WORD, "a word", "words"},
	{'d', ITEM_WORD, "a word", "words"},
	{'k', ITEM_WORD, "root", "root"},
};

static size_t letter_index(char letter)
{
	size_t i = 0;

	while (letters[i].letter != letter)
		i++;
	return i;
}

static bool fits_letter(char letter, const struct item *item)
{
	if (letter == 'k')
		return item->kind == ITEM_WORD && item->kw == KW_root;
	return item->kind == letters[letter_index(letter)].kind;
}

/* One alternative, up to '|' or the end; gives the number of items taken, *fits as for all. */
static size_t match_one(const char *pattern, const struct item *items, size_t n, size_t *fits)
{
	size_t i = 0;

	for (const char *p = pattern; *p && *p != '|'; p++) {
		size_t before = i;

		if (i < n && fits_letter(*p, &items[i]))
			i++;
		if (p[1] == '*') {
			while (i > before && i < n && fits_letter(*p, &items[i]))
				i++;
		}
		*fits = MAX(*fits, i);
		if (i == before && p[1] != '?')
			return PATTERN_NONE;
		if (p[1] == '?' || p[1] == '*')
			p++;
	}
	return i;
}

size_t pattern_match(const char *pattern, const struct item *items, size_t n, bool all,
		     size_t *fits)
{
	*fits = 0;
	for (const char *p = pattern; p; p = strchr(p, '|') ? strchr(p, '|') + 1 : NULL) {
		size_t taken = match_one(p, items, n, fits);

		if (taken != PATTERN_NONE && (!all || taken == n))
			return taken;
	}
	return PATTERN_NONE;
}

const char *pattern_text(struct arena *a, const char *pattern)
{
	struct buf b;
	bool first = true;

	if (!*pattern)
		return "no argument";
	buf_init(&b, a);
	for (const char *p = pattern; *p; p++) {
		size_t kind;

		if (*p == '|') {
			buf_str(&b, ", or ");
			first = true;
			continue;
		}
		kind = letter_index(*p);
		if (!first)
			buf_str(&b, p[1] == '?' ? " " : " and ");
		if (p[1] == '?')
			buf_printf(&b, "[%s]", letters[kind].one);
		else
			buf_str(&b, p[1] == '*' ? letters[kind].many : letters[kind].one);
		first = false;
		if (p[1] == '?' || p[1] == '*')
			p++;
	}
	return b.data;
}

const char *item_kind_text(const struct item *item)
{
	for (size_t i = 0; i < ARRAY_SIZE(letters); i++)
		if (letters[i].kind == item->kind)
			return letters[i].one;
	return "this";
}

void item_as_word(struct cellc *c, struct item *item)
{
	const struct source *src = source_of(c, item->span.start);

	if (item->kind != ITEM_NUMBER || !src)
		return;
	item->kind = ITEM_WORD;
	item->len = item->span.end - item->span.start;
	item->text = intern(c->arena, src->text + (item->span.start - src->base), item->len);
}
