// SPDX-License-Identifier: GPL-2.0-only
/*
 * Access to statements, and the tree as text.
 */
#include "ast.h"

const struct clause *stmt_clause(const struct stmt *s, enum keyword kw)
{
	for (size_t i = 0; i < s->clauses.n; i++)
		if (s->clauses.v[i].kw == kw)
			return &s->clauses.v[i];
	return NULL;
}

bool stmt_has(const struct stmt *s, enum keyword kw)
{
	return stmt_clause(s, kw) != NULL;
}

bool stmt_number(struct cellc *c, const struct stmt *s, enum keyword kw, struct fact *f)
{
	const struct clause *clause = stmt_clause(s, kw);

	if (!clause || !clause->n || clause->args[0].kind != ITEM_NUMBER)
		return false;
	*f = (struct fact){clause->args[0].num, origin_plan(c, clause->args[0].span)};
	return true;
}

static void dump_string(const struct item *item, struct buf *out)
{
	buf_char(out, '"');
	for (size_t i = 0; i < item->len; i++) {
		u8 ch = (u8)item->text[i];

		if (ch == '"' || ch == '\\')
			buf_printf(out, "\\%c", ch);
		else if (ch < ' ' || ch >= 0x7f)
			buf_printf(out, "\\x%02x", ch);
		else
			buf_char(out, (char)ch);
	}
	buf_char(out, '"');
}

static void dump_item(struct cellc *c, const struct item *item, struct buf *out)
{
	u64 n = item->num;

	switch (item->kind) {
	case ITEM_NUMBER:
		buf_printf(out, " %s",
			   n < 10 ? arena_printf(c->arena, "%u", (u32)n) : fmt_addr(c->arena, n));
		break;
	case ITEM_RANGE:
		buf_printf(out, " %s..%s", fmt_addr(c->arena, n), fmt_addr(c->arena, item->end));
		break;
	case ITEM_STRING:
		buf_char(out, ' ');
		dump_string(item, out);
		break;
	case ITEM_REF:
		buf_printf(out, item->braced ? " &{%s}" : " &%s", item->text);
		break;
	case ITEM_PCI:
		buf_char(out, ' ');
		if (item->has_domain)
			buf_printf(out, "%04x:", (u32)(n >> 16) & 0xffff);
		buf_printf(out, "%02x:%02x.%x", (u32)(n >> 8) & 0xff, (u32)(n >> 3) & 0x1f,
			   (u32)n & 7);
		break;
	case ITEM_WORD:
		buf_printf(out, " %s", item->text);
		break;
	}
}

static void dump_items(struct cellc *c, const struct item *items, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++)
		dump_item(c, &items[i], out);
}

/* Depth is bounded by the parser. */
static void dump_stmt(struct cellc *c, const struct stmt *s, u32 depth, struct buf *out)
{
	buf_printf(out, "%*s(%s", (int)depth * 2, "", s->word);
	if (s->checked)
		dump_items(c, s->args, s->nargs, out);
	else
		dump_items(c, s->items.v, s->items.n, out);
	for (size_t i = 0; i < s->clauses.n; i++) {
		buf_printf(out, " [%s", keyword_text(s->clauses.v[i].kw));
		dump_items(c, s->clauses.v[i].args, s->clauses.v[i].n, out);
		buf_char(out, ']');
	}
	if (s->from_board)
		buf_str(out, " board");
	if (s->poisoned)
		buf_str(out, " POISONED");
	for (size_t i = 0; i < s->body.n; i++) {
		buf_char(out, '\n');
		dump_stmt(c, s->body.v[i], depth + 1, out);
	}
	buf_char(out, ')');
}

void ast_dump(struct cellc *c, const struct ast *ast, struct buf *out)
{
	for (size_t i = 0; i < ast->stmts.n; i++) {
		dump_stmt(c, ast->stmts.v[i], 0, out);
		buf_char(out, '\n');
	}
}
