/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The record of a finding; only lib/diag*.c and checks.c ("allow") look inside.
 */
#ifndef CELLC_LIB_DIAG_H
#define CELLC_LIB_DIAG_H

#include "../cellc.h"

struct diag_note {
	const struct origin *at;
	const char *text;
};

struct diag_subject {
	const char *kind, *name; /* "cell" "rt" */
};

struct diag {
	enum diag_code code;
	enum severity severity;
	const struct origin *at;
	const char *text, *help, *fix;
	struct span fix_span;
	VEC(struct diag_note) notes;
	VEC(struct diag_subject) subjects;
	bool off;		/* turned off by -W no-name, or a duplicate */
	const char *allowed;	/* reason of the "allow" that covers it; then no error */
	u32 sequence;
};

/* --- printing: diag_print.c orders and counts, one file a format --- */

/* What is printed: findings in order, without duplicates and those turned off. */
struct diag_list {
	const struct diag **v; /* allowed ones included */
	size_t n;
	size_t shown; /* of them, how many text and gcc print */
	u32 errors, warnings, allowed;
};

/* The origin that tells a place: rules and placements lead to what they follow from; or NULL. */
const struct origin *diag_place(const struct origin *at);
/* "a.plan:3:5", "host.dtb: /soc: reg", "x.cell: memory region 7 at offset 0x154", "cellc" */
const char *diag_place_text(struct cellc *c, const struct origin *at);
const char *diag_severity_text(const struct diag *d);
void diag_print_text(struct cellc *c, struct buf *out, const struct diag_list *list, bool color);
void diag_print_gcc(struct cellc *c, struct buf *out, const struct diag_list *list);
void diag_print_json(struct cellc *c, struct buf *out, const struct diag_list *list);
void diag_print_sarif(struct cellc *c, struct buf *out, const struct diag_list *list);

/* visible.c: text for a terminal. Control bytes, bidirectional controls and bytes that are not
 * UTF-8 become visible escapes; tabs go to the next multiple of 8. */
struct visible {
	struct buf text;
	size_t len; /* source bytes */
	/* for each source byte, and behind the last: its display column, its place in text */
	u32 *column, *offset;
};
void visible_line(struct arena *a, struct visible *v, const char *s, size_t len);
/* The same for running text: line ends and tabs become blanks. */
void visible_text(struct buf *out, const char *s);
/* Decodes one UTF-8 sequence: its length and *cp, or 0 when it is malformed. */
size_t utf8_decode(const char *s, size_t len, u32 *cp);

#endif
