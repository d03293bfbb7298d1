// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes as a descriptor: reading, checking and decompiling never crash, what was read lowers to
 * the same bytes, and every descriptor that can be read has a plan that compiles to it.
 */
#include "decompile/decompile.h"
#include "image.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const u8 *data, size_t len);

static void check_same(const struct image *img, const u8 *data, size_t len)
{
	if (img->bytes.len != len || (len && memcmp(img->bytes.data, data, len) != 0))
		abort();
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	struct model *m;
	struct cellc c;
	struct buf out;

	cellc_init(&c);
	m = NEW(c.arena, struct model);
	if (binary_load(&c, m, "fuzz.cell", data, len)) {
		check_same(lower(&c, m, m->cells.v[0], m->revision), data, len);
		check(&c, m);
		if (!decompile(&c, m, NULL, NULL))
			abort();
	} else if (!c.errors) {
		abort();
	}
	buf_init(&out, c.arena);
	diag_print(&c, &out, DIAG_TEXT, false);
	cellc_free(&c);
	return 0;
}
