// SPDX-License-Identifier: GPL-2.0-only
/*
 * One pass over the structure block of a flattened tree, tag by tag (DT 5.4).
 *
 * In: a blob that fdt_check_full accepted, of version 16 or later: all tags are known, lengths and
 * names lie within their blocks, and FDT_END comes last. So nothing is checked here a second time,
 * which is where libfdt's own iterators spend their time: each step of theirs checks its start.
 */
#include "host.h"

#include <libfdt.h>
#include <string.h>

static u32 word(const struct walk *w, u32 at)
{
	return cell_at((struct cells){w->structure + at, 1}, 0);
}

struct walk walk_start(const void *fdt)
{
	return (struct walk){(const u8 *)fdt + fdt_off_dt_struct(fdt),
			     (const char *)fdt + fdt_off_dt_strings(fdt), 0};
}

struct tag walk_next(struct walk *w)
{
	struct tag t = {0};

	while (word(w, w->at) == FDT_NOP)
		w->at += FDT_TAGSIZE;
	t.kind = word(w, w->at);
	t.offset = (int)w->at;
	if (t.kind == FDT_END)
		return t;
	w->at += FDT_TAGSIZE;
	if (t.kind == FDT_BEGIN_NODE) {
		t.name = (const char *)w->structure + w->at;
		t.len = (u32)strlen(t.name);
		w->at += (u32)align_up(t.len + 1, FDT_TAGSIZE);
	} else if (t.kind == FDT_PROP) {
		t.len = word(w, w->at);
		t.name = w->strings + word(w, w->at + FDT_TAGSIZE);
		t.data = w->structure + w->at + 2 * FDT_TAGSIZE;
		w->at += 2 * FDT_TAGSIZE + (u32)align_up(t.len, FDT_TAGSIZE);
	}
	return t;
}

u32 walk_count_props(struct walk w)
{
	u32 n = 0;

	while (walk_next(&w).kind == FDT_PROP)
		n++;
	return n;
}
