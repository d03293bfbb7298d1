/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What was written: a tree of statements.
 *
 * The grammar is one rule, "keyword item* (; | { statement* })"; which items and which inner
 * statements a keyword takes is the table grammar/keywords.def, checked by schema.c. After the
 * schema pass every statement is valid by that table: its items are sorted into positional
 * arguments and clauses, ill-formed statements are poisoned (and reported).
 */
#ifndef CELLC_AST_H
#define CELLC_AST_H

#include "cellc.h"

/* One enumerator per keyword of the language: KW_memory, KW_hypervisor ... (a '-' in the text is
 * a '_' here). */
enum keyword {
	KW_NONE,
#define KEYWORD(id, text) KW_##id,
#include "keywords.def"
#undef KEYWORD
	KW_COUNT
};

/* Where a statement may stand: bits of the contexts in keywords.def. */
enum context {
	CTX_FILE = 1 << 0,
	CTX_BOARD = 1 << 1,
	CTX_HYP = 1 << 2,
	CTX_PLATFORM = 1 << 3,
	CTX_ROOT = 1 << 4,
	CTX_CELL = 1 << 5,
	CTX_LINK = 1 << 6,
	CTX_BOOT = 1 << 7,
	CTX_PCI = 1 << 8,
	CTX_ANY = (1 << 9) - 1,
	CTX_OPTIONAL = 1 << 15, /* of a statement's body: it may have none */
};
#define OPT(ctx) ((ctx) | CTX_OPTIONAL)

enum item_kind {
	ITEM_NUMBER, /* num */
	ITEM_RANGE,  /* num .. end, half-open */
	ITEM_STRING, /* text */
	ITEM_REF,    /* text: what stands after '&', braces removed; braced tells which form */
	ITEM_PCI,    /* num: domain << 16 | bdf; has_domain */
	ITEM_WORD,   /* text; kw if it is a keyword */
};

struct item {
	enum item_kind kind;
	struct span span;
	u64 num, end;
	const char *text; /* interned */
	size_t len;	  /* of text, which may hold NUL bytes when it is a string */
	enum keyword kw;
	bool braced;
	bool has_domain;
};

struct clause {
	enum keyword kw;
	struct span span; /* keyword and arguments */
	const struct item *args;
	size_t n;
};

struct stmt_list { /* grows by vec_push */
	struct stmt **v;
	size_t n, cap;
};

struct stmt {
	enum keyword kw;
	const char *word;	 /* the keyword as written; kw is KW_NONE where it is none */
	struct span span;	 /* keyword to ';' or '}' */
	struct span head;	 /* keyword and items */
	const struct origin *at; /* FROM_PLAN of head */
	VEC(struct item) items;	 /* as written */
	struct stmt_list body;
	bool has_body;
	bool poisoned; /* reported already: later passes skip it */
	bool from_board;
	bool checked;	/* by the schema pass */
	/* filled by the schema pass */
	const struct item *args; /* positional; not NULL unless poisoned */
	size_t nargs;
	VEC(struct clause) clauses;
};

struct ast {
	struct stmt_list stmts; /* all files, includes in place */
	VEC(const char *) files;
};

/* The first clause with this keyword, or NULL. */
const struct clause *stmt_clause(const struct stmt *s, enum keyword kw);
bool stmt_has(const struct stmt *s, enum keyword kw);
/* The clause's first argument as a fact (from the argument's own span); false if absent. */
bool stmt_number(struct cellc *c, const struct stmt *s, enum keyword kw, struct fact *f);
const char *keyword_text(enum keyword kw);
enum keyword keyword_find(const char *text, size_t len);

/* load.c: parses the plan, its includes and the board files they name, into one tree. Returns NULL
 * only when the plan itself can't be read. */
struct ast *load_plan(struct cellc *c, const char *path);
/*
 * load.c: the board file whose compatible strings fit the host tree, if the plan names none;
 * appended to ast and schema-checked. Nothing happens without a host or without a fitting board.
 */
struct machine;
void load_board(struct cellc *c, struct ast *ast, const struct machine *m);
/* parse of one source already loaded; appends to ast. grammar/plan.y */
void parse_source(struct cellc *c, struct source *src, struct ast *ast);
/* schema.c: checks all statements against keywords.def and fills args and clauses. */
void schema_check(struct cellc *c, struct ast *ast);
/* ast.c: the tree as text, one statement a line, for --dump-after=parse and the tests. */
void ast_dump(struct cellc *c, const struct ast *ast, struct buf *out);
/* fmt.c: the canonical layout of a plan's text, comments kept; NULL after findings of
 * the parser or the schema. */
char *fmt_text(struct cellc *c, const struct source *src);

#endif
