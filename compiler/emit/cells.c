// SPDX-License-Identifier: GPL-2.0-only
/*
 * The descriptors themselves: NAME.cell for root (with the system header) and for every cell.
 */
#include "emit.h"

void emit_cells(struct cellc *c, struct model *m, struct outputs *outs)
{
	for (size_t i = 0; i < m->images.n; i++) {
		const struct image *img = m->images.v[i];

		buf_add(&output_add(c, outs, img->file)->data, img->bytes.data, img->bytes.len);
	}
}
