/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One compilation: its memory, its sources, its findings, its options.
 *
 * The design is in four more headers, in the order in which data flows:
 * ast.h (what was written), machine.h (what the hardware has), model.h (what will be),
 * image.h (what is emitted). main.c lists the passes.
 */
#ifndef CELLC_H
#define CELLC_H

#include "lib/util.h"

/* Byte offsets over all sources laid end to end; {0, 0} is "nowhere". Line and column are
 * computed when printing. */
struct span {
	u32 start, end;
};

/* Where a fact comes from. Immutable, shared freely. */
enum origin_kind {
	FROM_PLAN,	/* span: written in a plan or board file */
	FROM_TREE,	/* path and prop: read from the host's device tree */
	FROM_PLACEMENT, /* why: chosen by the compiler */
	FROM_RULE,	/* why: follows from another fact (parent) by a rule of the format */
	FROM_BINARY,	/* file, record, offset: read from a binary descriptor */
};

struct origin {
	enum origin_kind kind;
	struct span span;    /* FROM_PLAN */
	const char *file;    /* FROM_BINARY: path as given; FROM_TREE: tree file */
	const char *path;    /* FROM_TREE: node path; FROM_BINARY: record, "memory region 7" */
	const char *prop;    /* FROM_TREE: property or NULL; FROM_BINARY: field or NULL */
	u64 offset;	     /* FROM_BINARY: byte offset in the file */
	const char *why;     /* a few words, for the report */
	const struct origin *parent; /* the fact this follows from, or NULL */
};

/* A number that knows where it comes from. from == NULL: not said and not derived. */
struct fact {
	u64 v;
	const struct origin *from;
};

enum severity { SEV_NOTE, SEV_WARNING, SEV_ERROR };

/* E0312 and the like; one enumerator per line of diag.def, named by its check name. */
enum diag_code {
#define DIAG(code, name, title) D_##code,
#include "diag.def"
#undef DIAG
	D_COUNT
};

struct diag;
struct source_map;

struct options {
	u16 abi;		      /* config revision to emit: 14, 13 or 12 */
	bool abi_given;		      /* --abi: stronger than the plan's abi statement */
	const char *outdir;	      /* -o */
	VEC(const char *) include;    /* -I, then the installed and built-in board folders */
	size_t include_given;	      /* of them, how many are -I */
	const char *emit;	      /* --emit list, NULL for the default set */
	const char *format;	      /* --format text|json|sarif|gcc */
	bool depfile;		      /* -MD */
	const char *depfile_path;     /* -MF, or NULL: named after the plan, in outdir */
	const char *depfile_target;   /* -MT: the only target; NULL: every output */
	bool quiet, verbose;	      /* -q, -v */
	const char *dump_after;	      /* --dump-after=PASS */
	u32 max_findings;	      /* --max-findings: printed at most; 0: all */
	const char *color;	      /* --color auto|always|never */
};

struct cellc {
	struct arena *arena;
	struct source_map *sources;
	VEC(struct diag *) diags;
	size_t diags_from; /* where those of the model at hand begin: "allow" looks no further back */
	VEC(const char *) inputs; /* every file read, for -MD */
	struct options opt;
	bool severity_error[D_COUNT];	/* -E */
	bool severity_off[D_COUNT];	/* -W no-name */
	bool warnings_are_errors;
	u32 errors; /* findings of error severity so far */
};

void cellc_init(struct cellc *c);
void cellc_free(struct cellc *c);

/* --- sources (lib/source.c) --- */

/*
 * Reads a file (or, with text != NULL, takes text under that name) as a new source. The text is
 * followed by two NUL bytes as flex's yy_scan_buffer asks. Returns NULL with *err set to a
 * message (no path in it) when it can't be read, is a folder or exceeds 64 MiB. "-" is standard
 * input, called <stdin>. A file asked for again is not read again: it is the same source.
 */
struct source {
	const char *name; /* as the user gave it; what messages print; "boards/..." of cellc's own */
	const char *path; /* where it was read: names in it are relative to this */
	char *text;
	size_t len;
	u32 base; /* offset of text[0] over all sources */
	const struct source_mark *marks; /* line numbers at regular offsets; lib/source.c */
};
struct source *source_add(struct cellc *c, const char *name, const char *text, size_t len,
			  const char **err);
/* The source that holds an offset, or NULL. */
const struct source *source_of(const struct cellc *c, u32 offset);
struct position {
	const struct source *source;
	u32 line, column;      /* from 1; column counts bytes */
	const char *line_text; /* not NUL-terminated */
	size_t line_len;
};
bool source_position(const struct cellc *c, u32 offset, struct position *pos);

/* --- origins (lib/origin.c) --- */
const struct origin *origin_plan(struct cellc *c, struct span span);
const struct origin *origin_tree(struct cellc *c, const char *file, const char *path,
				 const char *prop);
const struct origin *origin_placed(struct cellc *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
const struct origin *origin_rule(struct cellc *c, const struct origin *parent, const char *fmt, ...)
	PRINTF_LIKE(3, 4);
const struct origin *origin_binary(struct cellc *c, const char *file, const char *record,
				   const char *field, u64 offset);
/* "plan.plan:12:3", "host.dtb: /soc/serial@ff010000: reg", "placed: ...", as the report prints. */
const char *origin_text(struct cellc *c, const struct origin *o);

/* --- diagnostics (lib/diag.c) --- */

/*
 * Records a finding. at may be NULL (the whole compilation). The text is lower case, without a
 * full stop, and gives names, ranges and the user's units. Never returns NULL. Whether it is an
 * error or a warning follows from the code's letter and the options.
 */
struct diag *diag_report(struct cellc *c, enum diag_code code, const struct origin *at,
			 const char *fmt, ...) PRINTF_LIKE(4, 5);
/* A second place with its own text. */
void diag_note(struct cellc *c, struct diag *d, const struct origin *at, const char *fmt, ...)
	PRINTF_LIKE(4, 5);
/* What to do, in words. */
void diag_help(struct cellc *c, struct diag *d, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* What to do, as an edit: replaces the text of span (may be empty: an insertion). */
void diag_fix(struct cellc *c, struct diag *d, struct span span, const char *replacement);
/* Marks the finding as concerning this cell or link by name, for "allow ... on cell". */
void diag_subject(struct cellc *c, struct diag *d, const char *kind, const char *name);

/* The finding's code for a name ("memory-overlap") or code ("E0312"), or D_COUNT. */
enum diag_code diag_lookup(const char *name_or_code);
const char *diag_code_text(enum diag_code code);  /* "E0312" */
const char *diag_code_name(enum diag_code code);  /* "memory-overlap" */
const char *diag_code_title(enum diag_code code); /* one line */

enum diag_format { DIAG_TEXT, DIAG_JSON, DIAG_SARIF, DIAG_GCC };
/*
 * Prints all findings in source order, duplicates removed, to out. Returns the number of errors.
 * color: ANSI colours for DIAG_TEXT.
 */
struct buf;
u32 diag_print(struct cellc *c, struct buf *out, enum diag_format format, bool color);

#endif
