/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The inside of the parser: shared by grammar/plan.l, grammar/plan.y, parse.c, lexeme.c, fmt.c.
 *
 * In: the text of one source. Out: statements appended to an ast, findings.
 * Holds throughout: spans are offsets over all sources; a statement with a finding in it is
 * poisoned; no list of the parser grows faster than the text.
 */
#ifndef CELLC_PARSE_H
#define CELLC_PARSE_H

#include "ast.h"

#define PARSE_DEPTH_MAX	   64  /* braces and parentheses */
#define PARSE_FINDINGS_MAX 200 /* per source; then the rest is not read */

/* A number under construction: bad when a finding about it was made. */
struct number {
	u64 v;
	bool bad;
};

struct text {
	const char *s; /* interned */
	size_t len;
	bool braced;
};

struct pci_address {
	u64 num; /* domain << 16 | bdf */
	bool has_domain;
};

union token_value {
	struct number number;
	struct text text;
	struct pci_address pci;
	struct item item;
	struct stmt *stmt;
};

struct block {
	struct stmt *owner; /* NULL: the file, or a block whose head could not be read */
	struct span brace;
};

struct parser {
	struct cellc *c;
	struct source *src;
	struct ast *ast;
	VEC(struct item) items;	   /* of the statement being read */
	struct stmt *stmt;	   /* the statement being read */
	struct block blocks[PARSE_DEPTH_MAX + 1];
	u32 depth;		   /* of blocks[] */
	u32 braces;		   /* of braces and parentheses, as the lexer sees them */
	u32 findings;
	u32 prev_end;		   /* end of the token before the one being looked at */
	bool poison;		   /* a finding since the statement began */
	bool stopped;		   /* too many findings or too deep: the lexer ends the text */
	bool keep_comments;	   /* fmt: comments are tokens too */
	const u16 *keyword_slots;  /* open addressing by hash of the text, enum keyword */
};

/* Makes a parser for a source; ast may be NULL when only tokens are wanted. */
void parser_init(struct parser *p, struct cellc *c, struct source *src, struct ast *ast);
enum keyword parser_keyword(const struct parser *p, const char *text, size_t len);

/*
 * Records a finding of the lexer or parser and poisons the statement. NULL when this source had
 * so many that no more are recorded.
 */
struct diag *parser_error(struct parser *p, enum diag_code code, struct span at, const char *fmt,
			  ...) PRINTF_LIKE(4, 5);

/* --- statements, called by the actions of plan.y (parse.c) --- */
void parser_begin(struct parser *p, struct text word, struct span at);
void parser_item(struct parser *p, const struct item *item);
void parser_end(struct parser *p, struct span at);
void parser_open(struct parser *p, struct span at);
/* The statement being read, if it has no end yet, ends here: a syntax error was found in it. */
void parser_abandon(struct parser *p);
void parser_open_unknown(struct parser *p, struct span at);
void parser_close(struct parser *p, struct span at);
void parser_missing_semicolon(struct parser *p);
struct item parser_range(struct parser *p, struct number from, struct number to, struct span at);
struct item parser_text(struct parser *p, enum item_kind kind, struct text text, struct span at);
/* How a syntax error names the token that stands there; kind: "a word", "';'" ... */
const char *parser_found(struct parser *p, struct span at, const char *kind);
/* The text ends while blocks are open. */
void parser_open_at_end(struct parser *p, struct span at);

/*
 * Whether the source has a NUL byte, which is a finding: such a file is no text, and flex would
 * read a token anew for each of them.
 */
bool parser_is_no_text(struct parser *p);

/* --- tokens, called by the actions of plan.l (lexeme.c) --- */
struct number lexeme_number(struct parser *p, const char *s, size_t len, struct span at);
struct text lexeme_string(struct parser *p, const char *s, size_t len, struct span at);
struct pci_address lexeme_pci(struct parser *p, const char *s, size_t len, struct span at);
struct text lexeme_ref(struct parser *p, const char *s, size_t len, struct span at);
/* The message for bytes that begin no token. */
const char *lexeme_garbage(struct parser *p, const char *s, size_t len);

/* --- constant expressions; op is the operator's character, 'l' for << and 'r' for >> --- */
struct number number_op(struct parser *p, struct number a, char op, struct number b,
			struct span at);

/* --- grammar/plan.l: the scanner; one token a call, tokens of plan.tab.h --- */
int scanner_new(struct parser *p, void **scanner);
void scanner_free(void *scanner);

#endif
