// SPDX-License-Identifier: GPL-2.0-only
/*
 * Place: chooses everything the plan left open.
 *
 * In: a resolved model. Out: the model complete; a placement record for every decision; a finding,
 * with what was needed and what is in the way, for every place that could not be found. Same
 * input, same places.
 */
#include "place/place.h"

u32 cell_index(const struct model *m, const struct cell *cell)
{
	for (u32 i = 0; i < m->cells.n; i++)
		if (m->cells.v[i] == cell)
			return i;
	return 0;
}

struct holder *holder_new(struct placer *p, const char *text, const struct origin *from)
{
	struct holder *h = NEW(p->c->arena, struct holder);

	h->text = text;
	h->from = from;
	return h;
}

const char *holder_text(struct placer *p, const struct holder *h)
{
	if (h->text)
		return h->text;
	return arena_printf(p->c->arena, "%s%sof cell \"%s\"",
			    h->region->name ? h->region->name : "a region",
			    h->region->name ? " " : " ", h->cell->name);
}

void decided(struct placer *p, const char *what, const char *result, const char *why,
	     const struct origin *from)
{
	*vec_push(p->c->arena, &p->m->placements) = (struct placement){what, result, why, from};
}

u64 natural_align(u64 size)
{
	if (size >= 2 * MIB)
		return 2 * MIB;
	return size >= 64 * KIB ? 64 * KIB : PAGE_SIZE;
}

u64 link_size(const struct link *l)
{
	return l->state_size + l->common_size + l->peers.n * l->output_size;
}

static void placer_init(struct placer *p, struct cellc *c, struct model *m)
{
	*p = (struct placer){.c = c, .m = m};
	ranges_init(&p->used, c->arena);
	ranges_init(&p->ram.free, c->arena);
	p->ram.name = "the RAM";
	p->guest = arena_alloc(c->arena, (m->cells.n + 1) * sizeof(*p->guest));
	for (size_t i = 0; i < m->cells.n; i++)
		ranges_init(&p->guest[i], c->arena);
}

void place(struct cellc *c, struct model *m)
{
	struct placer p;

	placer_init(&p, c, m);
	place_pinned(&p);
	place_cpus(&p);
	place_hypervisor(&p);
	place_pools(&p);
	place_requests(&p);
	place_comm(&p);
	place_reset(&p);
	place_pci_host(&p);
	place_slots(&p);
	place_consoles(&p);
	place_spis(&p);
	place_irqchips(&p);
	place_root(&p);
}
