// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changes for people and for programs.
 */
#include "diff.h"

#include "../lib/diag.h"
#include "../lib/json.h"

static void print_change(const struct change *ch, struct buf *out)
{
	static const char marks[] = {
		[DIFF_ADDED] = '+', [DIFF_REMOVED] = '-', [DIFF_CHANGED] = '~'};

	buf_printf(out, "%c ", marks[ch->kind]);
	if (ch->cell) {
		buf_str(out, "cell \"");
		visible_text(out, ch->cell);
		buf_str(out, "\": ");
	}
	buf_str(out, ch->what);
	if (*ch->name) {
		buf_char(out, ' ');
		visible_text(out, ch->name);
	}
	if (ch->kind == DIFF_CHANGED) {
		buf_printf(out, ": %s ", ch->field);
		visible_text(out, ch->before);
		buf_str(out, " -> ");
		visible_text(out, ch->after);
	}
	buf_char(out, '\n');
}

void diff_text(const struct changes *changes, struct buf *out)
{
	for (size_t i = 0; i < changes->v.n; i++)
		print_change(&changes->v.v[i], out);
}

void diff_json(const struct changes *changes, struct buf *out)
{
	static const char *const kinds[] = {"added", "removed", "changed"};
	const struct change *ch;
	struct json j;

	json_init(&j, out, 2);
	json_object(&j, NULL);
	json_array(&j, "changes");
	vec_each(ch, &changes->v) {
		json_object(&j, NULL);
		json_string(&j, "change", kinds[ch->kind]);
		json_string(&j, "cell", ch->cell);
		json_string(&j, "what", ch->what);
		json_string(&j, "name", ch->name);
		if (ch->kind == DIFF_CHANGED) {
			json_string(&j, "field", ch->field);
			json_string(&j, "before", ch->before);
			json_string(&j, "after", ch->after);
		}
		json_end(&j);
	}
	json_end(&j);
	json_end(&j);
}
