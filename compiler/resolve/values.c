// SPDX-License-Identifier: GPL-2.0-only
/*
 * Arguments of statements as values: numbers held to their fields, words, references, hex digits.
 */
#include "resolve.h"

#include <string.h>

const struct origin *item_origin(struct resolver *r, const struct item *it)
{
	return origin_plan(r->c, it->span);
}

u64 value_fit(struct resolver *r, const struct item *it, unsigned bits, const char *field)
{
	u64 max = bits >= 64 ? UINT64_MAX : (1ull << bits) - 1;
	struct diag *d;

	if (it->num <= max)
		return it->num;
	d = diag_report(r->c, D_E0222, item_origin(r, it), "%s is %s, its field has %u bits", field,
			fmt_addr(r->c->arena, it->num), bits);
	diag_help(r->c, d, "the largest value is %s", fmt_addr(r->c->arena, max));
	return 0;
}

u64 clause_value(struct resolver *r, const struct stmt *s, enum keyword kw, unsigned bits,
		 u64 otherwise)
{
	const struct clause *cl = stmt_clause(s, kw);

	if (!cl || !cl->n)
		return otherwise;
	return value_fit(r, &cl->args[0], bits, keyword_text(kw));
}

struct fact arg_fact(struct resolver *r, const struct stmt *s, unsigned bits)
{
	return (struct fact){value_fit(r, &s->args[0], bits, keyword_text(s->kw)), s->at};
}

int choose_word(struct resolver *r, const struct item *it, const char *const *words,
		const char *what)
{
	struct buf list;
	struct diag *d;
	const char *near;
	size_t n;

	buf_init(&list, r->c->arena);
	for (n = 0; words[n]; n++) {
		if (it->text && strcmp(words[n], it->text) == 0)
			return (int)n;
		buf_printf(&list, "%s%s", n ? ", " : "", words[n]);
	}
	d = diag_report(r->c, D_E0208, item_origin(r, it), "\"%s\" is no %s",
			it->text ? it->text : "", what);
	near = it->text ? nearest_word(it->text, words, n) : NULL;
	if (near) {
		diag_help(r->c, d, "did you mean %s?", near);
		diag_fix(r->c, d, it->span, near);
	} else {
		diag_help(r->c, d, "one of %s", list.data);
	}
	return -1;
}

struct node *ref_node(struct resolver *r, const struct item *it)
{
	struct diag *d;

	if (r->tree_failed)
		return NULL;
	if (r->m && r->m->fdt)
		return machine_ref(r->c, r->m, it->text, it->braced, item_origin(r, it));
	d = diag_report(r->c, D_E0226, item_origin(r, it),
			"&%s refers to a device tree, but the plan names none", it->text);
	diag_help(r->c, d, "add a statement: host \"NAME.dtb\";");
	return NULL;
}

struct diag *contradiction(struct resolver *r, const struct stmt *s, const struct clause *cl,
			   const char *fmt, ...)
{
	va_list ap;
	const char *text;

	va_start(ap, fmt);
	text = arena_vprintf(r->c->arena, fmt, ap);
	va_end(ap);
	return diag_report(r->c, D_E0223, cl ? origin_plan(r->c, cl->span) : s->at, "%s", text);
}

static int hex_digit(char ch)
{
	if (ch >= '0' && ch <= '9')
		return ch - '0';
	ch |= 0x20;
	return ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1;
}

const u8 *hex_bytes(struct resolver *r, const struct item *it, size_t *len)
{
	u8 *out = arena_alloc(r->c->arena, it->len / 2 + 1);
	size_t digits = 0;

	for (size_t i = 0; i < it->len; i++) {
		int v = hex_digit(it->text[i]);

		if (it->text[i] == ' ' || it->text[i] == '_')
			continue;
		if (v < 0) {
			diag_report(r->c, D_E0227, item_origin(r, it),
				    "the character at position %zu is no hex digit", i + 1);
			return NULL;
		}
		out[digits / 2] = (u8)(out[digits / 2] << 4 | v);
		digits++;
	}
	if (digits % 2) {
		diag_report(r->c, D_E0227, item_origin(r, it),
			    "%zu hex digits make no whole number of bytes", digits);
		return NULL;
	}
	*len = digits / 2;
	return out;
}

struct owner *owner_of(struct resolver *r, const struct node *n)
{
	return &r->owners[n->index];
}

struct pool *find_pool(struct resolver *r, const struct item *it)
{
	size_t n = r->model->pools.n;
	const char **names = arena_alloc(r->c->arena, (n + 1) * sizeof(*names));
	const char *near;
	struct diag *d;

	for (size_t i = 0; i < n; i++) {
		names[i] = r->model->pools.v[i]->name;
		if (strcmp(names[i], it->text) == 0)
			return r->model->pools.v[i];
	}
	d = diag_report(r->c, D_E0221, item_origin(r, it), "there is no pool \"%s\"", it->text);
	near = nearest_word(it->text, names, n);
	if (near)
		diag_help(r->c, d, "did you mean %s?", near);
	else
		diag_help(r->c, d, "add a statement: pool %s size 64M;", it->text);
	return NULL;
}

static bool overridden(const struct block *b, const struct stmt *s)
{
	if (!s->from_board)
		return false;
	for (size_t i = 0; i < b->stmts.n; i++)
		if (b->stmts.v[i]->kw == s->kw && !b->stmts.v[i]->from_board)
			return true;
	return false;
}

/* The earlier statement of the same keyword and the same file kind, or NULL. */
static const struct stmt *said_before(const struct block *b, size_t at)
{
	const struct stmt *s = b->stmts.v[at];

	for (size_t i = 0; i < at; i++)
		if (b->stmts.v[i]->kw == s->kw && b->stmts.v[i]->from_board == s->from_board)
			return b->stmts.v[i];
	return NULL;
}

static bool allowed_once(struct resolver *r, const struct block *b, size_t at)
{
	const struct stmt *s = b->stmts.v[at], *first = said_before(b, at);
	struct diag *d;

	if (overridden(b, s))
		return false;
	if (!first)
		return true;
	d = diag_report(r->c, D_E0206, s->at, "%s is said twice", keyword_text(s->kw));
	diag_note(r->c, d, first->at, "first here");
	return false;
}

void run_block(struct resolver *r, const struct block *b, const struct handler *table)
{
	for (size_t i = 0; i < b->stmts.n; i++) {
		const struct stmt *s = b->stmts.v[i];
		const struct handler *h = table;

		while (h->kw != KW_NONE && h->kw != s->kw)
			h++;
		if (h->kw == KW_NONE || (h->once && !allowed_once(r, b, i)))
			continue;
		h->run(r, b->cell, s);
	}
}

struct block collect_block(struct resolver *r, enum keyword kw)
{
	struct block b = {0};

	for (int board = 1; board >= 0; board--)
		for (size_t i = 0; i < r->ast->stmts.n; i++) {
			const struct stmt *s = r->ast->stmts.v[i];

			if (s->kw != kw || s->poisoned || s->from_board != (bool)board)
				continue;
			for (size_t k = 0; k < s->body.n; k++)
				if (!s->body.v[k]->poisoned)
					*vec_push(r->c->arena, &b.stmts) = s->body.v[k];
		}
	return b;
}
