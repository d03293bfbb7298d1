// SPDX-License-Identifier: GPL-2.0-only
/*
 * The canonical layout of a plan.
 *
 * In: a source in which parser and schema find no error. Out: its text, laid out: the same tokens
 * and comments in the same order, one statement a line, four blanks a level, lines of at most 100
 * columns where a statement can be broken. Blank lines between statements are kept, one of several.
 * A block on one line stays there if it fits. Comments behind statements of successive lines are
 * aligned. Laying out the result again changes nothing.
 */
#include "parse.h"
#include "plan.tab.h"

#include <string.h>

#define COLUMNS	      100
#define INDENT	      4
#define ALIGN_COLUMNS 72 /* longer code does not push the comments of its neighbours out */

struct token {
	int kind;
	enum keyword kw;
	const char *text;
	u32 len;
	u32 newlines; /* before it */
};

struct line {
	u32 indent;
	bool blank_before;
	const char *code, *comment; /* comment: NULL if there is none */
};

struct layout {
	struct cellc *c;
	VEC(struct token) tokens;
	VEC(struct line) lines;
	struct buf code; /* of the line being filled */
	u32 depth, indent;
	bool blank_before;
};

static u32 count_newlines(const char *from, const char *to)
{
	u32 n = 0;

	while (from < to && (from = memchr(from, '\n', (size_t)(to - from)))) {
		n++;
		from++;
	}
	return n;
}

/* All tokens and comments; false after findings. */
static bool read_tokens(struct layout *l, const struct source *src)
{
	struct source copy = *src;
	union token_value value;
	struct parser p;
	struct span at = {src->base, src->base};
	const char *end = src->text;
	void *scanner;
	int kind;

	parser_init(&p, l->c, &copy, NULL);
	p.keep_comments = true;
	if (scanner_new(&p, &scanner))
		return false;
	while ((kind = plan_lex(&value, &at, scanner)) != PLAN_EOF) {
		const char *text = src->text + (at.start - src->base);
		struct token *t = vec_push(l->c->arena, &l->tokens);

		*t = (struct token){kind, KW_NONE, text, at.end - at.start,
				    count_newlines(end, text)};
		if (kind == T_WORD)
			t->kw = parser_keyword(&p, value.text.s, value.text.len);
		end = text + t->len;
	}
	scanner_free(scanner);
	return !p.findings;
}

static bool is_line_comment(const struct token *t)
{
	return t->kind == T_COMMENT && t->text[1] == '/';
}

/* The text of a comment without blanks at the ends of its lines. */
static const char *comment_text(struct layout *l, const struct token *t)
{
	struct buf b;

	buf_init(&b, l->c->arena);
	for (u32 i = 0; i < t->len; i++) {
		if (t->text[i] == '\n')
			while (b.len && strchr(" \t\r", b.data[b.len - 1]))
				b.len--;
		buf_char(&b, t->text[i]);
	}
	while (b.len && strchr(" \t\r", b.data[b.len - 1]))
		b.data[--b.len] = 0;
	return b.data;
}

static bool blank_between(const struct token *a, const struct token *b)
{
	if (b->kind == T_SEMICOLON || b->kind == ',' || b->kind == T_RPAREN)
		return false;
	return a->kind != '(' && a->kind != '~';
}

/*
 * Whether a line may break before tokens[i] of a statement that begins at tokens[first]: before an
 * item, and never where the schema would take its word for the start of a statement.
 */
static bool may_break(const struct layout *l, size_t first, size_t i)
{
	const struct token *a = &l->tokens.v[i - 1], *b = &l->tokens.v[i];

	if (i < first + 2 || a->kw == KW_in || a->kw == KW_on)
		return false;
	if (a->kind != ',' && a->kind < 256)
		return false; /* an operator or '(' */
	if (a->kind == T_DOTS || a->kind == T_SHL || a->kind == T_SHR)
		return false;
	return b->kind == T_NUMBER || b->kind == T_WORD || b->kind == T_STRING ||
	       b->kind == T_REF || b->kind == T_PCI || b->kind == '(' || b->kind == '~';
}

static void end_line(struct layout *l, const char *comment)
{
	struct line *line;

	if (!l->code.len && !comment)
		return;
	line = vec_push(l->c->arena, &l->lines);
	*line = (struct line){l->indent, l->blank_before,
			      arena_strndup(l->c->arena, l->code.data, l->code.len), comment};
	l->code.len = 0;
	l->blank_before = false;
}

/* Columns that tokens [i, end) take up to the next place where the line may break. */
static size_t chunk_width(const struct layout *l, size_t first, size_t i)
{
	size_t width = l->tokens.v[i].len, n = l->tokens.n;

	for (size_t k = i + 1; k < n && !may_break(l, first, k); k++) {
		if (l->tokens.v[k].kind == T_COMMENT)
			break;
		width += l->tokens.v[k].len + blank_between(&l->tokens.v[k - 1], &l->tokens.v[k]);
		if (l->tokens.v[k].kind == T_SEMICOLON || l->tokens.v[k].kind == T_OPEN)
			break;
	}
	return width;
}

static void put_token(struct layout *l, size_t i)
{
	const struct token *t = &l->tokens.v[i];

	if (l->code.len && blank_between(t - 1, t))
		buf_char(&l->code, ' ');
	if (t->kind == T_COMMENT)
		buf_str(&l->code, comment_text(l, t));
	else
		buf_add(&l->code, t->text, t->len);
}

static bool is_first(const struct layout *l, size_t i)
{
	return i == 0 || l->tokens.v[i - 1].kind == T_OPEN;
}

static void start_line(struct layout *l, size_t i)
{
	l->indent = l->depth * INDENT;
	l->blank_before = l->tokens.v[i].newlines > 1 && !is_first(l, i);
}

/* A comment that stands on its own line, or behind what ends there. */
static void put_comment(struct layout *l, size_t i)
{
	struct line *last = l->lines.n ? &l->lines.v[l->lines.n - 1] : NULL;
	const char *text = comment_text(l, &l->tokens.v[i]);

	if (last && !l->tokens.v[i].newlines && !last->comment && *last->code) {
		last->comment = text;
		return;
	}
	start_line(l, i);
	end_line(l, text);
}

/* The '}' of a block that begins at tokens[i], if all of it is on one line and simple; else 0. */
static size_t one_line_block(const struct layout *l, size_t i)
{
	size_t width = l->indent + l->code.len + 2;

	for (size_t k = i + 1; k < l->tokens.n; k++) {
		const struct token *t = &l->tokens.v[k];

		width += t->len + blank_between(t - 1, t);
		if (t->newlines || t->kind == T_COMMENT || t->kind == T_OPEN || width > COLUMNS)
			return 0;
		if (t->kind == T_CLOSE)
			return k;
	}
	return 0;
}

static size_t put_block_start(struct layout *l, size_t i)
{
	size_t close = one_line_block(l, i);

	put_token(l, i);
	if (!close) {
		end_line(l, NULL);
		l->depth++;
		return i + 1;
	}
	while (++i <= close)
		put_token(l, i);
	end_line(l, NULL);
	return i;
}

/* The head of a statement, up to behind its ';' or '{' (with the block if it is on one line). */
static size_t put_statement(struct layout *l, size_t first)
{
	size_t i = first;

	start_line(l, i);
	for (; i < l->tokens.n; i++) {
		const struct token *t = &l->tokens.v[i];

		if (t->kind == T_OPEN)
			return put_block_start(l, i);
		if (is_line_comment(t)) {
			end_line(l, comment_text(l, t));
			l->indent = (l->depth + 2) * INDENT;
			continue;
		}
		if (i > first && l->code.len && may_break(l, first, i) &&
		    l->indent + l->code.len + 1 + chunk_width(l, first, i) > COLUMNS) {
			end_line(l, NULL);
			l->indent = (l->depth + 2) * INDENT;
		}
		put_token(l, i);
		if (t->kind == T_SEMICOLON) {
			i++;
			break;
		}
	}
	end_line(l, NULL);
	return i;
}

static void lay_out(struct layout *l)
{
	for (size_t i = 0; i < l->tokens.n;) {
		if (l->tokens.v[i].kind == T_COMMENT) {
			put_comment(l, i++);
		} else if (l->tokens.v[i].kind == T_CLOSE) {
			l->depth--;
			l->indent = l->depth * INDENT;
			buf_char(&l->code, '}');
			end_line(l, NULL);
			i++;
		} else {
			i = put_statement(l, i);
		}
	}
}

static bool has_aligned_comment(const struct line *line)
{
	return line->comment && *line->code;
}

/* Columns of a text: bytes that continue a UTF-8 character take none. */
static size_t columns(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += (*text & 0xc0) != 0x80;
	return n;
}

/* Columns of code in the run of lines from i on whose comments stand below each other. */
static u32 comment_column(const struct layout *l, size_t i, size_t *run)
{
	size_t widest = 0, k = i;

	for (; k < l->lines.n && has_aligned_comment(&l->lines.v[k]); k++) {
		size_t width = l->lines.v[k].indent + columns(l->lines.v[k].code);

		if (k > i && l->lines.v[k].blank_before)
			break;
		if (width <= ALIGN_COLUMNS)
			widest = MAX(widest, width);
	}
	*run = k;
	return (u32)widest;
}

static void print_line(const struct line *line, u32 column, struct buf *out)
{
	int pad = (int)column - (int)line->indent - (int)columns(line->code);

	if (line->blank_before)
		buf_char(out, '\n');
	buf_printf(out, "%*s%s", (int)line->indent, "", line->code);
	if (line->comment && *line->code)
		buf_printf(out, " %*s", MAX(pad, 0), "");
	buf_printf(out, "%s\n", line->comment ? line->comment : "");
}

char *fmt_text(struct cellc *c, const struct source *src)
{
	struct layout l = {.c = c};
	struct ast ast = {0};
	struct source copy = *src;
	u32 column = 0, errors = c->errors;
	size_t run = 0;
	struct buf out;

	parse_source(c, &copy, &ast);
	schema_check(c, &ast); /* joining lines must not hide a forgotten ';' */
	if (c->errors != errors || !read_tokens(&l, src))
		return NULL;
	buf_init(&l.code, c->arena);
	buf_init(&out, c->arena);
	lay_out(&l);
	for (size_t i = 0; i < l.lines.n; i++) {
		if (i >= run)
			column = comment_column(&l, i, &run);
		print_line(&l.lines.v[i], i < run ? column : 0, &out);
		run = MAX(run, i + 1);
	}
	return out.data;
}
