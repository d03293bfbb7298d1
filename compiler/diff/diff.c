// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two models compared: cells by name, items by what identifies them, numbers one by one.
 */
#include "diff.h"

#include <stdlib.h>
#include <string.h>

struct comparison {
	struct cellc *c;
	struct changes *changes;
	const char *cell;
};

static struct change *add(struct comparison *k, enum diff_kind kind, const char *what,
			  const char *name)
{
	struct change *ch = vec_push(k->c->arena, &k->changes->v);

	*ch = (struct change){.kind = kind, .cell = k->cell, .what = what, .name = name};
	return ch;
}

static const char *number(struct cellc *c, u64 v)
{
	return v < 4096 ? arena_printf(c->arena, "%llu", (unsigned long long)v)
			: fmt_addr(c->arena, v);
}

static void changed(struct comparison *k, const char *what, const char *name, const char *field,
		    const char *before, const char *after)
{
	struct change *ch = add(k, DIFF_CHANGED, what, name);

	ch->field = field;
	ch->before = before;
	ch->after = after;
}

static void compare_fields(struct comparison *k, const struct diff_item *a,
			   const struct diff_item *b)
{
	for (u32 i = 0; a->record && i < a->record->n; i++) {
		const struct field *f = &a->record->fields[i];

		for (u32 e = 0; !f->pad && e < f->count; e++) {
			u64 before = field_value(f, a->host, e), after = field_value(f, b->host, e);

			if (before != after)
				changed(k, a->what, a->name,
					f->count > 1
						? arena_printf(k->c->arena, "%s[%u]", f->name, e)
						: f->name,
					number(k->c, before), number(k->c, after));
		}
	}
}

/* --- which item of one list is which of the other --- */

struct ref {
	const struct diff_item *item;
	u64 key;
	size_t index;
	bool of_b;
};

static int by_key(const void *a, const void *b)
{
	const struct ref *x = a, *y = b;
	int what = strcmp(x->item->what, y->item->what);

	if (what)
		return what;
	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	if (x->of_b != y->of_b)
		return x->of_b ? 1 : -1;
	return (x->index > y->index) - (x->index < y->index);
}

static bool same_key(const struct ref *x, const struct ref *y)
{
	return x->key == y->key && strcmp(x->item->what, y->item->what) == 0;
}

/* Pairs items that are still alone and have equal keys, in order. pair[i] of a's item i. */
static void pair_up(struct cellc *c, const struct diff_items *a, const struct diff_items *b,
		    bool second, const struct diff_item **of_a, const struct diff_item **of_b)
{
	struct ref *all = arena_alloc(c->arena, (a->v.n + b->v.n + 1) * sizeof(*all));
	size_t n = 0;

	for (size_t i = 0; i < a->v.n; i++)
		if (!of_a[i])
			all[n++] = (struct ref){
				&a->v.v[i], second ? a->v.v[i].second : a->v.v[i].key, i, false};
	for (size_t i = 0; i < b->v.n; i++)
		if (!of_b[i])
			all[n++] = (struct ref){&b->v.v[i],
						second ? b->v.v[i].second : b->v.v[i].key, i, true};
	qsort(all, n, sizeof(*all), by_key);
	for (size_t i = 0, k; i < n; i = k) {
		size_t mid = i;

		for (k = i; k < n && same_key(&all[i], &all[k]); k++)
			mid += !all[k].of_b;
		for (size_t x = i, y = mid; x < mid && y < k; x++, y++) {
			of_a[all[x].index] = all[y].item;
			of_b[all[y].index] = all[x].item;
		}
	}
}

static void compare_items(struct comparison *k, const struct diff_items *a,
			  const struct diff_items *b)
{
	const struct diff_item **of_a = arena_alloc(k->c->arena, (a->v.n + 1) * sizeof(*of_a));
	const struct diff_item **of_b = arena_alloc(k->c->arena, (b->v.n + 1) * sizeof(*of_b));

	pair_up(k->c, a, b, false, of_a, of_b);
	pair_up(k->c, a, b, true, of_a, of_b);
	for (size_t i = 0; i < a->v.n; i++) {
		if (of_a[i])
			compare_fields(k, &a->v.v[i], of_a[i]);
		else
			add(k, DIFF_REMOVED, a->v.v[i].what, a->v.v[i].name);
	}
	for (size_t i = 0; i < b->v.n; i++)
		if (!of_b[i])
			add(k, DIFF_ADDED, b->v.v[i].what, b->v.v[i].name);
}

/* --- cells --- */

static void compare_parts(struct comparison *k, const struct model *a, const struct cell *ca,
			  const struct model *b, const struct cell *cb)
{
	struct diff_items ia = {0}, ib = {0};

	diff_collect(k->c, a, ca, &ia);
	diff_collect(k->c, b, cb, &ib);
	compare_items(k, &ia, &ib);
}

static const struct cell *counterpart(const struct model *m, const struct cell *cell)
{
	const struct cell *other;

	if (cell->is_root)
		return model_root(m);
	other = model_cell(m, cell->name);
	return other && !other->is_root ? other : NULL;
}

static void compare_cells(struct comparison *k, const struct model *a, const struct model *b)
{
	for (size_t i = 0; i < a->cells.n; i++) {
		const struct cell *ca = a->cells.v[i], *cb = counterpart(b, ca);

		k->cell = NULL;
		if (!cb) {
			add(k, DIFF_REMOVED, ca->is_root ? "root" : "cell", ca->name);
			continue;
		}
		k->cell = ca->name;
		if (strcmp(ca->name, cb->name) != 0)
			changed(k, "root", "", "name", ca->name, cb->name);
		compare_parts(k, a, ca, b, cb);
	}
	k->cell = NULL;
	for (size_t i = 0; i < b->cells.n; i++)
		if (!counterpart(a, b->cells.v[i]))
			add(k, DIFF_ADDED, b->cells.v[i]->is_root ? "root" : "cell",
			    b->cells.v[i]->name);
}

void diff_models(struct cellc *c, const struct model *a, const struct model *b,
		 struct changes *changes)
{
	struct comparison k = {.c = c, .changes = changes};

	if (a->arch != b->arch)
		changed(&k, "system", "", "architecture", arch_name(a->arch), arch_name(b->arch));
	if (a->revision != b->revision)
		changed(&k, "system", "", "revision", number(c, a->revision),
			number(c, b->revision));
	if (a->has_system && b->has_system)
		compare_parts(&k, a, NULL, b, NULL);
	compare_cells(&k, a, b);
}
