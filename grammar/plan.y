/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The grammar: a statement is a keyword and items, ended by ';' or by a block of statements.
 *
 * What the keywords are and what they take is no matter of the grammar but of keywords.def, which
 * schema.c applies. Actions only build nodes (parse.c). Every block recovers from errors: a broken
 * statement ends at its ';' or '{' or at the '}' of the block around it, and is kept, poisoned.
 */
%define api.pure full
%define api.prefix {plan_}
%define api.token.prefix {}
%define api.location.type {struct span}
%define api.value.type {union token_value}
%define parse.error custom
%define parse.lac full
%locations
%initial-action { @$ = (struct span){p->src->base, p->src->base}; }
%expect 0
%parse-param {struct parser *p} {void *scanner}
%lex-param {void *scanner}

%code requires {
#include "parse.h"
}

%code provides {
int plan_lex(union token_value *value, struct span *at, void *scanner);
}

%code {
#define YYMAXDEPTH 2000
#define YYLLOC_DEFAULT(cur, rhs, n)                                                                \
	do {                                                                                       \
		(cur).start = (n) ? YYRHSLOC(rhs, 1).start : YYRHSLOC(rhs, 0).end;                 \
		(cur).end = YYRHSLOC(rhs, n).end;                                                  \
	} while (0)

static void plan_error(struct span *at, struct parser *p, void *scanner, const char *text);
static int next_token(union token_value *value, struct span *at, struct parser *p, void *scanner);
#undef yylex
#define yylex(value, at, scanner) next_token(value, at, p, scanner)
}

%token PLAN_EOF 0 "the end of the file"
%token <number> T_NUMBER "a number"
%token <text> T_WORD "a word"
%token <text> T_STRING "a string"
%token <text> T_REF "a reference"
%token <pci> T_PCI "a PCI address"
%token T_DOTS "'..'" T_SHL "'<<'" T_SHR "'>>'"
%token T_SEMICOLON "';'" T_OPEN "'{'" T_CLOSE "'}'" T_RPAREN "')'"
%token T_COMMENT "a comment"

%left '|'
%left '^'
%left '&'
%left T_SHL T_SHR
%left '+' '-'
%left '*' '/' '%'
%precedence '~'

%type <number> expr
%type <item> item

%%

file:	  statements
	| statements begin items		{ parser_missing_semicolon(p); }
	;

statements:
	  %empty
	| statements statement
	| statements error "'}'"			{ yyerrok; }
	;

block:	  inner "'}'"				{ parser_close(p, @2); }
	| inner begin items "'}'"			{ parser_missing_semicolon(p); parser_close(p, @4); }
	| inner begin error "'}'"		{ parser_abandon(p); parser_close(p, @4); yyerrok; }
	| inner begin list error "'}'"		{ parser_abandon(p); parser_close(p, @5); yyerrok; }
	| inner error "'}'"			{ parser_close(p, @3); yyerrok; }
	;

inner:	  %empty
	| inner statement
	;

statement:
	  begin items "';'"			{ parser_end(p, @3); }
	| begin items open block
	| begin error "';'"			{ parser_abandon(p); yyerrok; }
	| begin list error "';'"		{ parser_abandon(p); yyerrok; }
	| begin error open_broken block
	| begin list error open_broken block
	| error "';'"				{ yyerrok; }
	| error open_unknown block
	;

begin:	  T_WORD				{ parser_begin(p, $1, @1); }
	;

open:	  "'{'"					{ parser_open(p, @1); }
	;

open_broken:
	  "'{'"					{ p->poison = true; parser_open(p, @1); yyerrok; }
	;

open_unknown:
	  "'{'"					{ parser_open_unknown(p, @1); yyerrok; }
	;

items:	  %empty
	| list
	;

list:	  item					{ parser_item(p, &$1); }
	| list item				{ parser_item(p, &$2); }
	| list ',' item				{ parser_item(p, &$3); }
	;

item:	  expr			{ $$ = (struct item){ITEM_NUMBER, .span = @1, .num = $1.v}; }
	| expr T_DOTS expr	{ $$ = parser_range(p, $1, $3, @$); }
	| T_STRING		{ $$ = parser_text(p, ITEM_STRING, $1, @1); }
	| T_REF			{ $$ = parser_text(p, ITEM_REF, $1, @1); }
	| T_WORD		{ $$ = parser_text(p, ITEM_WORD, $1, @1); }
	| T_PCI			{ $$ = (struct item){ITEM_PCI, .span = @1, .num = $1.num,
						     .has_domain = $1.has_domain}; }
	;

expr:	  T_NUMBER
	| '(' expr "')'"		{ $$ = $2; }
	| '~' expr		{ $$ = (struct number){~$2.v, $2.bad}; }
	| expr '|' expr		{ $$ = number_op(p, $1, '|', $3, @$); }
	| expr '^' expr		{ $$ = number_op(p, $1, '^', $3, @$); }
	| expr '&' expr		{ $$ = number_op(p, $1, '&', $3, @$); }
	| expr T_SHL expr	{ $$ = number_op(p, $1, 'l', $3, @$); }
	| expr T_SHR expr	{ $$ = number_op(p, $1, 'r', $3, @$); }
	| expr '+' expr		{ $$ = number_op(p, $1, '+', $3, @$); }
	| expr '-' expr		{ $$ = number_op(p, $1, '-', $3, @$); }
	| expr '*' expr		{ $$ = number_op(p, $1, '*', $3, @$); }
	| expr '/' expr		{ $$ = number_op(p, $1, '/', $3, @$); }
	| expr '%' expr		{ $$ = number_op(p, $1, '%', $3, @$); }
	;

%%

/* What a syntax error says, from what would have been right and what stands there. */
#define EXPECTED_MAX 32

static bool expects(const yysymbol_kind_t *expected, int n, yysymbol_kind_t kind)
{
	for (int i = 0; i < n; i++)
		if (expected[i] == kind)
			return true;
	return false;
}

static const char *what_is_expected(const yysymbol_kind_t *expected, int n)
{
	bool number = expects(expected, n, YYSYMBOL_T_NUMBER);
	bool string = expects(expected, n, YYSYMBOL_T_STRING);
	bool end = expects(expected, n, YYSYMBOL_T_SEMICOLON);

	if (end && string)
		return "an argument, ';' or '{'";
	if (end)
		return "';' or '{'";
	if (string)
		return "an argument";
	if (number)
		return "a number";
	if (expects(expected, n, YYSYMBOL_T_RPAREN))
		return "an operator or ')'";
	return "a statement";
}

static int yyreport_syntax_error(const yypcontext_t *ctx, struct parser *p, void *scanner)
{
	yysymbol_kind_t expected[EXPECTED_MAX], found = yypcontext_token(ctx);
	int n = yypcontext_expected_tokens(ctx, expected, EXPECTED_MAX);
	bool no_block = p->depth == 0 && found == YYSYMBOL_T_CLOSE;

	(void)scanner;
	if (p->stopped)
		return 0;
	if (no_block)
		parser_error(p, D_E0102, *yypcontext_location(ctx), "this '}' closes no block");
	else if (found == YYSYMBOL_YYEOF && p->depth > 0)
		parser_open_at_end(p, *yypcontext_location(ctx));
	else
		parser_error(p, D_E0102, *yypcontext_location(ctx), "expected %s, found %s",
			     what_is_expected(expected, MAX(n, 0)),
			     parser_found(p, *yypcontext_location(ctx), yysymbol_name(found)));
	return 0;
}

/* bison calls this for "memory exhausted" alone; the lexer's bound on nesting comes first. */
static void plan_error(struct span *at, struct parser *p, void *scanner, const char *text)
{
	(void)scanner;
	parser_error(p, D_E0108, *at, "%s", text);
}

static int next_token(union token_value *value, struct span *at, struct parser *p, void *scanner)
{
	p->prev_end = at->end ? at->end : p->src->base;
	return plan_lex(value, at, scanner);
}

void parse_source(struct cellc *c, struct source *src, struct ast *ast)
{
	struct parser p;
	void *scanner;

	parser_init(&p, c, src, ast);
	if (parser_is_no_text(&p))
		return;
	if (scanner_new(&p, &scanner))
		return;
	plan_parse(&p, scanner);
	parser_abandon(&p);
	scanner_free(scanner);
}
