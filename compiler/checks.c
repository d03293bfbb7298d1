// SPDX-License-Identifier: GPL-2.0-only
/*
 * The check pass: every line of checks.def on the finished model, then the plan's "allow".
 *
 * In: a model after place, or from binaries. Out: findings. The model is not changed, save the
 * `used` mark of its allows and the notes about guests' device trees for the report.
 */
#include "checks/check.h"
#include "lib/diag.h"

#include <string.h>

enum {
	NEEDS_ROOT = 1,
	NEEDS_MACHINE = 2,
	NEEDS_TREE = 4,
	NEEDS_ARM = 8,
	NEEDS_X86 = 16,
};

static const struct {
	void (*run)(struct check *k);
	unsigned needs;
} table[] = {
#define CHECK(function, needs, holds) {function, needs},
#include "checks.def"
#undef CHECK
};

static unsigned available(const struct model *m, const struct cell *root)
{
	unsigned have = m->arch == CV_ARCH_X86 ? NEEDS_X86 : NEEDS_ARM;

	if (root)
		have |= NEEDS_ROOT;
	if (m->machine)
		have |= NEEDS_MACHINE;
	if (m->machine && m->machine->nodes.n)
		have |= NEEDS_TREE;
	return have;
}

/*
 * Errors for which the hypervisor refuses the descriptor, or which it could only accept by giving
 * up isolation: a reason in the plan does not make them work.
 */
static const enum diag_code refused[] = {
	D_E0301, D_E0304, D_E0305, D_E0306, D_E0307, D_E0308, D_E0310, D_E0401, D_E0402,
	D_E0501, D_E0502, D_E0503, D_E0504, D_E0601, D_E0602, D_E0607, D_E0706, D_E0801,
	D_E0806, D_E0901, D_E0902, D_E1010, D_E1011, D_E1012, D_E1013,
};

/* Sections 03xx to 10xx judge a model; errors of the others mean that there is none. */
static bool is_of_checks(enum diag_code code)
{
	int section = (diag_code_text(code)[1] - '0') * 10 + diag_code_text(code)[2] - '0';

	return section >= 3 && section <= 10;
}

static bool can_be_allowed(enum diag_code code)
{
	const char *text = diag_code_text(code);

	if (text[0] == 'W')
		return true;
	if (!is_of_checks(code) || text[1] != '0')
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
		if (refused[i] == code)
			return false;
	return true;
}

static bool subject_matches(const struct allow *allow, const struct diag_subject *s)
{
	return strcmp(allow->subject_kind, s->kind) == 0 &&
	       (!allow->subject || (s->name && strcmp(allow->subject, s->name) == 0));
}

static bool covers(const struct allow *allow, const struct diag *d)
{
	if (allow->code == D_COUNT)
		return is_of_checks(d->code);
	if (d->code != allow->code)
		return false;
	if (!allow->subject_kind)
		return true;
	for (size_t i = 0; i < d->subjects.n; i++)
		if (subject_matches(allow, &d->subjects.v[i]))
			return true;
	return false;
}

static void allow_findings(struct cellc *c, struct allow *allow)
{
	for (size_t i = c->diags_from; i < c->diags.n; i++) {
		struct diag *d = c->diags.v[i];

		if (!covers(allow, d))
			continue;
		allow->used = true;
		if (d->allowed)
			continue;
		d->allowed = allow->reason ? allow->reason : "";
		if (d->severity == SEV_ERROR && !d->off)
			c->errors--;
	}
}

void allow_apply(struct cellc *c, struct model *m)
{
	struct allow *allow;

	vec_each(allow, &m->allows)
		if (allow->code == D_COUNT || can_be_allowed(allow->code))
			allow_findings(c, allow);
}

/* Findings of the outputs (13xx) come later: such an allow may still be needed. */
static bool may_come_later(enum diag_code code)
{
	return strncmp(diag_code_text(code) + 1, "13", 2) == 0;
}

static void report_allows(struct cellc *c, struct model *m)
{
	struct allow *allow;

	vec_each(allow, &m->allows) {
		if (allow->code >= D_COUNT)
			continue;
		if (!can_be_allowed(allow->code))
			diag_report(c, D_E0292, allow->from, "%s (%s) can't be allowed",
				    diag_code_text(allow->code), diag_code_title(allow->code));
		else if (!allow->used && !may_come_later(allow->code))
			diag_report(
				c, D_W0291, allow->from, "nothing to allow: no finding %s%s%s%s%s",
				diag_code_text(allow->code), allow->subject_kind ? " on " : "",
				allow->subject_kind ? allow->subject_kind : "",
				allow->subject ? " " : "", allow->subject ? allow->subject : "");
	}
}

void check(struct cellc *c, struct model *m)
{
	struct check k = {.c = c, .m = m, .a = c->arena, .root = model_root(m)};
	unsigned have = available(m, k.root);

	check_index(&k);
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if ((table[i].needs & ~have) == 0)
			table[i].run(&k);
	allow_apply(c, m);
	report_allows(c, m);
}
