// SPDX-License-Identifier: GPL-2.0-only
/*
 * Root's RAM, once it is known what is not root's: hypervisor memory, and the memory of links that
 * root is a peer of, which has regions of its own with the rights of a peer.
 */
#include "place.h"

static bool root_is_peer(const struct link *l)
{
	for (size_t i = 0; i < l->peers.n; i++)
		if (l->peers.v[i].cell->is_root)
			return true;
	return false;
}

static void cut(const struct model *m, struct ranges *ram)
{
	const struct region *hyp = &m->platform.hypervisor;
	u64 start = align_down(hyp->phys.v, PAGE_SIZE);

	if (hyp->from && !hyp->phys_open && hyp->size.v)
		ranges_subtract(ram, start, align_up(hyp->phys.v + hyp->size.v, PAGE_SIZE) - start);
	for (size_t i = 0; i < m->links.n; i++)
		if (!m->links.v[i]->phys_open && root_is_peer(m->links.v[i]))
			ranges_subtract(ram, m->links.v[i]->phys.v, link_size(m->links.v[i]));
}

static void add_pieces(struct placer *p, struct cell *root, const struct region *whole)
{
	struct ranges pieces;
	const struct range *g;

	ranges_init(&pieces, p->c->arena);
	ranges_merge(&pieces, whole->phys.v, whole->size.v, NULL);
	cut(p->m, &pieces);
	ranges_each(g, &pieces) {
		struct region *piece = NEW(p->c->arena, struct region);
		const struct origin *from = whole->from;

		if (g->start != whole->phys.v || range_size(g) != whole->size.v)
			from = origin_rule(p->c, whole->from, "less hypervisor and link memory");
		*piece = *whole;
		piece->phys = piece->virt = (struct fact){g->start, from};
		piece->size = (struct fact){range_size(g), from};
		*vec_push(p->c->arena, &root->regions) = piece;
	}
}

void place_root(struct placer *p)
{
	struct cell *root = model_root(p->m);
	struct region **all;
	size_t n;

	if (!root)
		return;
	all = root->regions.v;
	n = root->regions.n;
	root->regions.v = NULL;
	root->regions.n = root->regions.cap = 0;
	for (size_t i = 0; i < n; i++)
		if (all[i]->derived && all[i]->role == REGION_RAM)
			add_pieces(p, root, all[i]);
		else
			*vec_push(p->c->arena, &root->regions) = all[i];
}
