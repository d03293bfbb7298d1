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
	bool off;		/* turned off by -W no-name */
	const char *allowed;	/* reason of the "allow" that covers it; then no error */
	u32 sequence;
};

#endif
