// SPDX-License-Identifier: GPL-2.0-only
/*
 * The schema: what each statement takes, by the table grammar/keywords.def.
 *
 * In: the tree as parsed. Out: every statement either has its items sorted into positional
 * arguments and clauses as the table says, or a finding and the poisoned mark. Statements seen
 * before (of an earlier call) are left alone. Linear in the number of items.
 */
#include "pattern.h"

#include <string.h>

struct rule {
	enum keyword kw;
	u32 contexts, body;
	const char *pattern;
};

static const struct rule rules[] = {
	{KW_NONE, 0, 0, ""},
#define STATEMENT(keyword, contexts, body, positional, help) \
	{KW_##keyword, contexts, body, positional},
#include "keywords.def"
#undef STATEMENT
};

static const struct clause_rule {
	enum keyword stmt, kw;
	u32 contexts;
	const char *pattern;
} clauses[] = {
#define CLAUSE(statement, keyword, args, help) {KW_##statement, KW_##keyword, CTX_ANY, args},
#define CLAUSE_IN(statement, contexts, keyword, args, help) \
	{KW_##statement, KW_##keyword, contexts, args},
#include "keywords.def"
#undef CLAUSE
#undef CLAUSE_IN
};

static const struct {
	enum keyword kw;
	u32 contexts;
} once[] = {
#define ONCE(statement, contexts) {KW_##statement, contexts},
#include "keywords.def"
#undef ONCE
};

static const struct {
	enum keyword kw;
	u32 contexts;
	const char *word;
} choices[] = {
#define CHOICE(statement, contexts, word) {KW_##statement, contexts, word},
#include "keywords.def"
#undef CHOICE
};

/* In the order of the bits of enum context. */
static const struct {
	enum context context;
	const char *in, *belongs; /* "can't stand IN", "belongs BELONGS" */
} places[] = {
	{CTX_FILE, "outside of all blocks", "outside of all blocks"},
	{CTX_BOARD, "in a board block", "in board \"...\" { }"},
	{CTX_HYP, "in the hypervisor block", "in hypervisor { }"},
	{CTX_PLATFORM, "in the platform block", "in platform { }"},
	{CTX_ROOT, "in the root cell", "in root { }"},
	{CTX_CELL, "in a cell", "in cell \"...\" { }"},
	{CTX_LINK, "in a link", "in link { }"},
	{CTX_BOOT, "in a boot block", "in boot { }"},
	{CTX_PCI, "in a pci block", "in pci { }"},
};

struct schema {
	struct cellc *c;
	u16 first_clause[KW_COUNT]; /* 1 + index into clauses[], 0: none */
	u16 next_clause[ARRAY_SIZE(clauses)];
	u32 once_in[KW_COUNT];	    /* contexts */
	VEC(struct clause) clauses; /* of the statement in hand */
	VEC(struct item) positional;
};

static const char *place_in(u32 ctx)
{
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (places[i].context & ctx)
			return places[i].in;
	return "here";
}

static const struct rule *rule_of(enum keyword kw, u32 ctx)
{
	for (size_t i = 1; i < ARRAY_SIZE(rules); i++)
		if (rules[i].kw == kw && rules[i].contexts & ctx)
			return &rules[i];
	return NULL;
}

static const struct clause_rule *clause_rule(const struct schema *sc, enum keyword stmt, u32 ctx,
					     enum keyword kw)
{
	for (size_t i = sc->first_clause[stmt]; i; i = sc->next_clause[i - 1])
		if (clauses[i - 1].kw == kw && clauses[i - 1].contexts & ctx)
			return &clauses[i - 1];
	return NULL;
}

static const char *did_you_mean(struct schema *sc, const char *word)
{
	return word ? arena_printf(sc->c->arena, "; did you mean \"%s\"?", word) : "";
}

/* --- clauses and arguments --- */

static const char *nearest_clause(enum keyword stmt, u32 ctx, const char *word)
{
	const char *candidates[ARRAY_SIZE(clauses)];
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(clauses); i++)
		if (clauses[i].stmt == stmt && clauses[i].contexts & ctx)
			candidates[n++] = keyword_text(clauses[i].kw);
	return nearest_word(word, candidates, n);
}

static void unknown_clause(struct schema *sc, const struct stmt *s, u32 ctx,
			   const struct item *item)
{
	const char *near = nearest_clause(s->kw, ctx, item->text);
	struct diag *d = diag_report(sc->c, D_E0203, origin_plan(sc->c, item->span),
				     "%s takes no clause \"%s\"%s", s->word, item->text,
				     did_you_mean(sc, near));

	if (near)
		diag_fix(sc->c, d, item->span, near);
	else if (rule_of(item->kw, ctx))
		diag_help(sc->c, d, "if this begins a statement, a ';' is missing before it");
}

/* The items that are no clause's argument do not fit: every stray word is told, else one item. */
static void bad_positional(struct schema *sc, struct stmt *s, u32 ctx, const struct rule *rule,
			   size_t fits)
{
	const struct item *items = s->args;
	const char *takes = pattern_text(sc->c->arena, rule->pattern);
	bool told = false;

	for (size_t i = fits; i < s->nargs; i++) {
		if (items[i].kind == ITEM_WORD) {
			unknown_clause(sc, s, ctx, &items[i]);
			told = true;
		}
	}
	if (told)
		return;
	if (fits < s->nargs &&
	    pattern_match(rule->pattern, items, fits, true, &fits) != PATTERN_NONE)
		diag_report(sc->c, D_E0204, origin_plan(sc->c, items[fits].span),
			    "%s takes %s and no more", s->word, takes);
	else if (fits < s->nargs)
		diag_report(sc->c, D_E0204, origin_plan(sc->c, items[fits].span),
			    "%s takes %s; %s is out of place", s->word, takes,
			    item_kind_text(&items[fits]));
	else
		diag_report(sc->c, D_E0204, s->at, "%s takes %s; %s", s->word, takes,
			    s->nargs ? "something is missing" : "it has none");
}

static void check_choice(struct schema *sc, struct stmt *s, u32 ctx)
{
	const char *candidates[ARRAY_SIZE(choices)], *near, *list = "";
	const struct item *item = s->args;
	struct diag *d;
	size_t n = 0;

	if (!s->nargs || item->kind != ITEM_WORD)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(choices); i++) {
		if (choices[i].kw != s->kw || !(choices[i].contexts & ctx))
			continue;
		if (strcmp(choices[i].word, item->text) == 0)
			return;
		list = arena_printf(sc->c->arena, "%s%s%s", list, n ? ", " : "", choices[i].word);
		candidates[n++] = choices[i].word;
	}
	if (!n)
		return;
	near = nearest_word(item->text, candidates, n);
	d = diag_report(sc->c, D_E0208, origin_plan(sc->c, item->span), "%s does not know \"%s\"%s",
			s->word, item->text, did_you_mean(sc, near));
	diag_help(sc->c, d, n > 1 ? "it is one of %s" : "it can only be %s", list);
	if (near)
		diag_fix(sc->c, d, item->span, near);
	s->poisoned = true;
}

/* Reads one clause at items[0], which is its keyword; gives the number of items it has. */
static size_t take_clause(struct schema *sc, struct stmt *s, const struct clause_rule *rule,
			  const struct item *items, size_t n)
{
	size_t fits, taken = pattern_match(rule->pattern, items + 1, n - 1, false, &fits);
	struct clause *clause;

	if (taken == PATTERN_NONE) {
		struct span at = items[0].span;

		if (fits + 1 < n)
			at.end = items[fits + 1].span.end;
		diag_report(sc->c, D_E0204, origin_plan(sc->c, at), "\"%s\" of %s takes %s",
			    items[0].text, s->word, pattern_text(sc->c->arena, rule->pattern));
		s->poisoned = true;
		/* what stands where the argument should, is skipped with it */
		return fits + 1 < n && items[fits + 1].kind != ITEM_WORD ? fits + 2 : fits + 1;
	}
	for (size_t i = 0; i < sc->clauses.n; i++) {
		struct diag *d;

		if (sc->clauses.v[i].kw != rule->kw)
			continue;
		d = diag_report(sc->c, D_E0205, origin_plan(sc->c, items[0].span),
				"%s has \"%s\" twice", s->word, items[0].text);
		diag_note(sc->c, d, origin_plan(sc->c, sc->clauses.v[i].span), "first here");
		s->poisoned = true;
		return taken + 1;
	}
	clause = vec_push(sc->c->arena, &sc->clauses);
	*clause = (struct clause){rule->kw, items[0].span, taken ? items + 1 : NULL, taken};
	clause->span.end = items[taken].span.end;
	return taken + 1;
}

/* Never NULL, so that a pass may walk an empty list from its start to its end. */
static void *copy_of(struct schema *sc, const void *v, size_t size)
{
	void *copy = arena_alloc(sc->c->arena, MAX(size, (size_t)1));

	return size ? memcpy(copy, v, size) : copy;
}

/* Sorts the items into positional arguments and clauses. */
static void sort_items(struct schema *sc, struct stmt *s, u32 ctx, const struct rule *rule)
{
	size_t fits;

	sc->clauses.n = sc->positional.n = 0;
	for (size_t i = 0; i < s->items.n;) {
		const struct item *item = &s->items.v[i];
		const struct clause_rule *cr = NULL;

		if (item->kind == ITEM_WORD && item->kw)
			cr = clause_rule(sc, s->kw, ctx, item->kw);
		if (cr) {
			i += take_clause(sc, s, cr, item, s->items.n - i);
			continue;
		}
		*vec_push(sc->c->arena, &sc->positional) = *item;
		i++;
	}
	if (strchr(rule->pattern, 'd') && sc->positional.n)
		item_as_word(sc->c, sc->positional.v);
	s->args = copy_of(sc, sc->positional.v, sc->positional.n * sizeof(struct item));
	s->nargs = sc->positional.n;
	s->clauses.v = copy_of(sc, sc->clauses.v, sc->clauses.n * sizeof(struct clause));
	s->clauses.n = s->clauses.cap = sc->clauses.n;
	if (s->poisoned)
		return;
	if (pattern_match(rule->pattern, s->args, s->nargs, true, &fits) == PATTERN_NONE) {
		bad_positional(sc, s, ctx, rule, fits);
		s->poisoned = true;
		return;
	}
	check_choice(sc, s, ctx);
}

/* --- statements --- */

static void unknown_statement(struct schema *sc, struct stmt *s, u32 ctx)
{
	const char *candidates[ARRAY_SIZE(rules)], *near;
	struct span word = {s->head.start, s->head.start + (u32)strlen(s->word)};
	struct diag *d;
	size_t n = 0;

	for (size_t i = 1; i < ARRAY_SIZE(rules); i++)
		if (rules[i].contexts & ctx)
			candidates[n++] = keyword_text(rules[i].kw);
	near = nearest_word(s->word, candidates, n);
	d = diag_report(sc->c, D_E0201, origin_plan(sc->c, word), "no statement \"%s\"%s", s->word,
			did_you_mean(sc, near));
	if (near)
		diag_fix(sc->c, d, word, near);
}

static void misplaced_statement(struct schema *sc, struct stmt *s, u32 ctx)
{
	struct span word = {s->head.start, s->head.start + (u32)strlen(s->word)};
	const char *where = "";
	struct diag *d;
	u32 contexts = 0;

	for (size_t i = 1; i < ARRAY_SIZE(rules); i++)
		if (rules[i].kw == s->kw)
			contexts |= rules[i].contexts;
	d = diag_report(sc->c, D_E0202, origin_plan(sc->c, word), "%s can't stand %s", s->word,
			place_in(ctx));
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (contexts & places[i].context)
			where = arena_printf(sc->c->arena, "%s%s%s", where, *where ? " or " : "",
					     places[i].belongs);
	if (*where)
		diag_help(sc->c, d, "it belongs %s", where);
	else
		diag_help(sc->c, d, "it is a clause of a statement, not a statement");
}

static void check_block(struct schema *sc, struct stmt *s, const struct rule *rule)
{
	if (s->has_body && !rule->body)
		diag_report(sc->c, D_E0207, s->at, "%s takes no block here", s->word);
	else if (!s->has_body && rule->body && !(rule->body & CTX_OPTIONAL))
		diag_report(sc->c, D_E0207, s->at, "%s needs a block { } behind it", s->word);
	else
		return;
	s->poisoned = true;
}

/* Whether only a line break, and no ';', stands between two items. */
static bool begins_line(struct schema *sc, const struct stmt *s, size_t item)
{
	u32 from = item ? s->items.v[item - 1].span.end : s->head.start;
	const struct source *src = source_of(sc->c, from);

	return src &&
	       memchr(src->text + (from - src->base), '\n', s->items.v[item].span.start - from);
}

/*
 * A forgotten ';' makes one statement of two: a line that begins with a keyword which is a
 * statement here and no clause of the one before. Cuts the statement there and gives the rest.
 */
static struct stmt *split(struct schema *sc, struct stmt *s, u32 ctx)
{
	for (size_t i = 0; i < s->items.n && !s->checked && !s->poisoned; i++) {
		const struct item *item = &s->items.v[i];
		struct stmt *rest;
		struct span end;
		struct diag *d;

		if (item->kind != ITEM_WORD || !item->kw || !begins_line(sc, s, i) ||
		    !rule_of(item->kw, ctx) || clause_rule(sc, s->kw, ctx, item->kw))
			continue;
		rest = NEW(sc->c->arena, struct stmt);
		*rest = *s;
		rest->kw = item->kw;
		rest->word = item->text;
		rest->span.start = rest->head.start = item->span.start;
		rest->at = origin_plan(sc->c, rest->head);
		rest->items.v += i + 1;
		rest->items.n = rest->items.cap = s->items.n - i - 1;
		s->items.n = s->items.cap = i;
		if (i)
			s->head.end = s->items.v[i - 1].span.end;
		else
			s->head.end = s->head.start + (u32)strlen(s->word);
		s->span.end = s->head.end;
		s->at = origin_plan(sc->c, s->head);
		s->body.v = NULL;
		s->body.n = s->body.cap = 0;
		s->has_body = false;
		if (!rule_of(s->kw, ctx))
			return rest; /* that is told already, and what it lacks nobody knows */
		end = (struct span){s->head.end, s->head.end};
		d = diag_report(sc->c, D_E0103, origin_plan(sc->c, end),
				"the \"%s\" statement has no ';' at its end", s->word);
		diag_fix(sc->c, d, end, ";");
		return rest;
	}
	return NULL;
}

static void check_once(struct schema *sc, struct stmt *s, u32 ctx, const struct stmt **seen)
{
	struct diag *d;

	if (!(sc->once_in[s->kw] & ctx) || s->poisoned)
		return;
	if (!seen[s->kw]) {
		seen[s->kw] = s;
		return;
	}
	d = diag_report(sc->c, D_E0206, s->at, "a second %s %s", s->word, place_in(ctx));
	diag_note(sc->c, d, seen[s->kw]->at, "the first");
	s->poisoned = true;
}

/* Makes two of each statement that lacks its ';'. */
static void split_all(struct schema *sc, struct stmt_list *list, u32 ctx)
{
	struct stmt_list out = {0};

	for (size_t i = 0; i < list->n; i++)
		for (struct stmt *s = list->v[i]; s; s = split(sc, s, ctx))
			*vec_push(sc->c->arena, &out) = s;
	*list = out;
}

static void check_body(struct schema *sc, struct stmt_list *list, u32 ctx);

static void check_stmt(struct schema *sc, struct stmt *s, u32 ctx, const struct stmt **seen)
{
	const struct rule *rule = rule_of(s->kw, ctx);
	bool broken = s->poisoned;

	if (!rule && s->kw) {
		rule = rule_of(s->kw, CTX_ANY);
		misplaced_statement(sc, s, ctx);
	} else if (!rule) {
		unknown_statement(sc, s, ctx);
	}
	s->checked = true;
	s->poisoned = s->poisoned || !rule || !(rule->contexts & ctx);
	if (!rule)
		return;
	if (!s->poisoned) {
		sort_items(sc, s, ctx, rule);
		check_once(sc, s, ctx, seen);
	}
	if (!broken)
		check_block(sc, s, rule);
	if (rule->body)
		check_body(sc, &s->body, rule->body & CTX_ANY);
}

static void check_body(struct schema *sc, struct stmt_list *list, u32 ctx)
{
	const struct stmt *seen[KW_COUNT] = {0};

	split_all(sc, list, ctx);
	for (size_t i = 0; i < list->n; i++)
		check_stmt(sc, list->v[i], ctx, seen);
}

void schema_check(struct cellc *c, struct ast *ast)
{
	const struct stmt *seen[2][KW_COUNT] = {0}; /* of the plan, of the board */
	struct schema *sc = NEW(c->arena, struct schema);

	sc->c = c;
	for (size_t i = ARRAY_SIZE(clauses); i > 0; i--) {
		sc->next_clause[i - 1] = sc->first_clause[clauses[i - 1].stmt];
		sc->first_clause[clauses[i - 1].stmt] = (u16)i;
	}
	for (size_t i = 0; i < ARRAY_SIZE(once); i++)
		sc->once_in[once[i].kw] |= once[i].contexts;
	split_all(sc, &ast->stmts, CTX_FILE);
	for (size_t i = 0; i < ast->stmts.n; i++) {
		struct stmt *s = ast->stmts.v[i];

		if (s->checked)
			check_once(sc, s, CTX_FILE, seen[s->from_board]);
		else
			check_stmt(sc, s, CTX_FILE, seen[s->from_board]);
	}
}
