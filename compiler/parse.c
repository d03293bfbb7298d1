// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the parser's actions do: statements are built as their tokens arrive.
 *
 * In: calls from plan.y in the order of the text. Out: statements appended to the ast or to the
 * block they stand in, poisoned where a finding was made inside their head. A statement is attached
 * when it begins, so that a text that breaks off loses nothing.
 */
#include "parse.h"

#include <string.h>

#include "model.h"

#define KEYWORD_SLOTS 1024u

static const struct {
	const char *text;
	size_t len;
} keywords[KW_COUNT] = {
#define KEYWORD(id, text) [KW_##id] = {text, sizeof(text) - 1},
#include "keywords.def"
#undef KEYWORD
};

const char *keyword_text(enum keyword kw)
{
	return kw > KW_NONE && kw < KW_COUNT ? keywords[kw].text : "";
}

enum keyword keyword_find(const char *text, size_t len)
{
	for (u32 kw = 1; kw < KW_COUNT; kw++)
		if (keywords[kw].len == len && memcmp(keywords[kw].text, text, len) == 0)
			return (enum keyword)kw;
	return KW_NONE;
}

static u32 keyword_hash(const char *text, size_t len)
{
	u32 h = (u32)len;

	for (size_t i = 0; i < len; i++)
		h = h * 31 + (u8)text[i];
	return h % KEYWORD_SLOTS;
}

static const u16 *keyword_slots(struct arena *a)
{
	u16 *slots = arena_alloc(a, KEYWORD_SLOTS * sizeof(*slots));

	for (u32 kw = 1; kw < KW_COUNT; kw++) {
		u32 h = keyword_hash(keywords[kw].text, keywords[kw].len);

		while (slots[h])
			h = (h + 1) % KEYWORD_SLOTS;
		slots[h] = (u16)kw;
	}
	return slots;
}

enum keyword parser_keyword(const struct parser *p, const char *text, size_t len)
{
	u32 h = keyword_hash(text, len);

	for (; p->keyword_slots[h]; h = (h + 1) % KEYWORD_SLOTS) {
		u16 kw = p->keyword_slots[h];

		if (keywords[kw].len == len && memcmp(keywords[kw].text, text, len) == 0)
			return (enum keyword)kw;
	}
	return KW_NONE;
}

void parser_init(struct parser *p, struct cellc *c, struct source *src, struct ast *ast)
{
	*p = (struct parser){
		.c = c,
		.src = src,
		.ast = ast,
		.keyword_slots = keyword_slots(c->arena),
		.prev_end = src->base,
	};
}

struct diag *parser_error(struct parser *p, enum diag_code code, struct span at, const char *fmt,
			  ...)
{
	struct diag *d;
	va_list ap;

	p->poison = true;
	if (p->stopped)
		return NULL;
	if (++p->findings > PARSE_FINDINGS_MAX) {
		p->stopped = true;
		diag_report(p->c, D_E0109, origin_plan(p->c, at),
			    "more than %d errors in this file, the rest is not read",
			    PARSE_FINDINGS_MAX);
		return NULL;
	}
	va_start(ap, fmt);
	d = diag_report(p->c, code, origin_plan(p->c, at), "%s",
			arena_vprintf(p->c->arena, fmt, ap));
	va_end(ap);
	return d;
}

static void append(struct parser *p, struct stmt *s)
{
	const struct block *b = p->depth ? &p->blocks[p->depth - 1] : NULL;

	if (!b)
		*vec_push(p->c->arena, &p->ast->stmts) = s;
	else if (b->owner)
		*vec_push(p->c->arena, &b->owner->body) = s;
}

void parser_begin(struct parser *p, struct text word, struct span at)
{
	struct stmt *s = NEW(p->c->arena, struct stmt);

	parser_abandon(p);
	s->kw = parser_keyword(p, word.s, word.len);
	s->word = word.s;
	s->span = s->head = at;
	p->stmt = s;
	p->items.n = 0;
	p->poison = false;
	append(p, s);
}

void parser_item(struct parser *p, const struct item *item)
{
	*vec_push(p->c->arena, &p->items) = *item;
}

/* The head of the statement is complete: it gets a copy of its items, exactly as large. */
static void finish_head(struct parser *p)
{
	struct stmt *s = p->stmt;
	size_t n = p->items.n;

	if (n) {
		s->items.v = arena_alloc(p->c->arena, n * sizeof(*s->items.v));
		memcpy(s->items.v, p->items.v, n * sizeof(*s->items.v));
		s->items.n = s->items.cap = n;
		s->head.end = s->items.v[n - 1].span.end;
	}
	s->span.end = s->head.end;
	s->at = origin_plan(p->c, s->head);
	s->poisoned = p->poison;
	p->poison = false;
}

void parser_abandon(struct parser *p)
{
	if (!p->stmt || p->stmt->at)
		return;
	p->poison = true;
	finish_head(p);
}

void parser_end(struct parser *p, struct span at)
{
	finish_head(p);
	p->stmt->span.end = at.end;
}

static void push_block(struct parser *p, struct stmt *owner, struct span brace)
{
	p->blocks[p->depth++] = (struct block){owner, brace};
}

void parser_open(struct parser *p, struct span at)
{
	finish_head(p);
	p->stmt->has_body = true;
	push_block(p, p->stmt, at);
}

void parser_open_unknown(struct parser *p, struct span at)
{
	push_block(p, NULL, at);
}

void parser_close(struct parser *p, struct span at)
{
	struct stmt *owner = p->blocks[--p->depth].owner;

	if (owner)
		owner->span.end = at.end;
}

void parser_missing_semicolon(struct parser *p)
{
	struct span after;
	struct diag *d;

	finish_head(p);
	if (p->stmt->poisoned)
		return;
	after = (struct span){p->stmt->head.end, p->stmt->head.end};
	d = parser_error(p, D_E0103, after, "the \"%s\" statement has no ';' at its end",
			 p->stmt->word);
	if (d)
		diag_fix(p->c, d, after, ";");
	p->poison = false;
}

struct item parser_range(struct parser *p, struct number from, struct number to, struct span at)
{
	if (!from.bad && !to.bad && to.v < from.v)
		parser_error(p, D_E0114, at, "the range ends at %s, below its start %s",
			     fmt_addr(p->c->arena, to.v), fmt_addr(p->c->arena, from.v));
	return (struct item){ITEM_RANGE, .span = at, .num = from.v, .end = to.v};
}

struct item parser_text(struct parser *p, enum item_kind kind, struct text text, struct span at)
{
	struct item item = {kind, .span = at, .text = text.s, .len = text.len};

	item.braced = text.braced;
	if (kind == ITEM_WORD)
		item.kw = parser_keyword(p, text.s, text.len);
	return item;
}

const char *parser_found(struct parser *p, struct span at, const char *kind)
{
	const char *text = p->src->text + (at.start - p->src->base);
	u32 len = at.end - at.start;

	if (strncmp(kind, "a ", 2) != 0)
		return kind;
	/* the scanner keeps a NUL behind the token it has just read, so no more than len */
	return arena_printf(p->c->arena, "%s %s%.*s%s", kind + 2, *text == '"' ? "" : "\"",
			    (int)MIN(len, 40u), text, *text == '"' ? "" : "\"");
}

void parser_open_at_end(struct parser *p, struct span at)
{
	const struct block *b = &p->blocks[p->depth - 1];
	struct diag *d = parser_error(p, D_E0102, at, "the file ends inside a block");

	if (!d)
		return;
	if (b->owner)
		diag_note(p->c, d, origin_plan(p->c, b->brace), "the block of \"%s\" begins here",
			  b->owner->word);
	else
		diag_note(p->c, d, origin_plan(p->c, b->brace), "the block begins here");
	diag_fix(p->c, d, at, "}");
}

bool parser_is_no_text(struct parser *p)
{
	static const u8 tree[] = {0xd0, 0x0d, 0xfe, 0xed};
	const struct source *src = p->src;
	const char *nul = memchr(src->text, 0, src->len);
	struct span start = {src->base, src->base + 1};
	u32 at = nul ? src->base + (u32)(nul - src->text) : 0;
	struct diag *d;

	if (!nul)
		return false;
	if (binary_is_descriptor((const u8 *)src->text, src->len)) {
		d = parser_error(p, D_E0104, start, "this is a binary descriptor, not a plan");
		diag_help(p->c, d, "cellc decompile %s makes a plan of it", src->name);
	} else if (src->len >= sizeof(tree) && memcmp(src->text, tree, sizeof(tree)) == 0) {
		d = parser_error(p, D_E0104, start, "this is a device tree, not a plan");
		diag_help(p->c, d, "cellc import %s makes a board and a plan of it", src->name);
	} else {
		parser_error(p, D_E0104, (struct span){at, at + 1},
			     "a NUL byte: this file is no text, it is not read");
	}
	return true;
}
