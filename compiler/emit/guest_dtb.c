// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device trees of the Linux cells, CELL.dtb each. emit/guest/ builds them.
 */
#include "guest/guest.h"
#include "../image.h"
#include "emit.h"

void emit_guest_dtb(struct cellc *c, struct model *m, struct outputs *outs)
{
	struct cell **cell;

	vec_each(cell, &m->cells) {
		struct guest *g = guest_build(c, m, *cell);
		const struct dt_prop *reg;
		u32 boot_cpu = 0;

		if (!g)
			continue;
		if (g->cpus->children.n) {
			reg = dt_get(g->cpus->children.v[0], "reg");
			boot_cpu = (u32)dt_read(reg->data, reg->len / 4);
		}
		dt_flatten(
			&output_add(c, outs, arena_printf(c->arena, "%s.dtb", (*cell)->file))->data,
			g->root, boot_cpu);
	}
}
