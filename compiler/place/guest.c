// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest addresses that are left: communication regions, where Linux starts.
 */
#include "place.h"

#define COMM_ARM  0x80000000ull /* abi.md, section 5 */
#define COMM_X86  0x100000ull
#define GUEST_END (1ull << 40) /* what stage 2 of the smallest machines reaches */

static void place_one(struct placer *p, u32 index, struct region *g)
{
	u64 usual = p->m->arch == CV_ARCH_X86 ? COMM_X86 : COMM_ARM, addr = usual;
	struct ranges *guest = &p->guest[index];
	struct cell *cell = p->m->cells.v[index];
	const struct range *hit, *first = NULL;
	const char *why = "the usual address";
	struct holder *h;

	while ((hit = ranges_find(guest, addr, g->size.v, NULL)) != NULL) {
		if (!first)
			first = hit;
		if (hit->last >= GUEST_END - MIB) {
			cell->incomplete = true;
			diag_report(p->c, D_E1206, g->from,
				    "cell \"%s\" has no free guest address for its communication "
				    "region",
				    cell->name);
			return;
		}
		addr = align_up(hit->last + 1, MIB);
	}
	if (first)
		why = arena_printf(p->c->arena, "the first free MiB above %s: %s is there",
				   fmt_addr(p->c->arena, usual), holder_text(p, first->owner));
	g->virt = (struct fact){addr, origin_placed(p->c, "%s", why)};
	g->virt_open = false;
	h = NEW(p->c->arena, struct holder);
	*h = (struct holder){.cell = cell, .region = g, .from = g->from};
	ranges_add(guest, addr, g->size.v, h);
	decided(p, arena_printf(p->c->arena, "communication region of cell \"%s\"", cell->name),
		fmt_addr(p->c->arena, addr), why, g->from);
}

void place_comm(struct placer *p)
{
	for (u32 i = 0; i < p->m->cells.n; i++)
		for (size_t k = 0; k < p->m->cells.v[i]->regions.n; k++) {
			struct region *g = p->m->cells.v[i]->regions.v[k];

			if (g->role == REGION_COMM && g->virt_open)
				place_one(p, i, g);
		}
}

/* A Linux cell on ARM starts where its RAM starts; the loader puts its stub there. */
void place_reset(struct placer *p)
{
	for (size_t i = 0; i < p->m->cells.n; i++) {
		struct cell *cell = p->m->cells.v[i];

		if (cell->reset.from || cell->boot.kind != BOOT_LINUX || p->m->arch == CV_ARCH_X86)
			continue;
		for (size_t k = 0; k < cell->regions.n && !cell->reset.from; k++) {
			const struct region *g = cell->regions.v[k];

			if (g->role == REGION_RAM && !g->virt_open && g->flags & CV_MEM_EXECUTE)
				cell->reset = (struct fact){
					g->virt.v,
					origin_rule(p->c, g->virt.from,
						    "Linux starts where its RAM starts")};
		}
	}
}
