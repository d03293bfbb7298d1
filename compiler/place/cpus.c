// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPUs of cells that said how many: whole clusters where one fits, else the highest free numbers;
 * one CPU, the lowest that is free, stays with root.
 */
#include "place.h"

struct cpu_pool {
	const struct cpu *cpus;
	size_t n;
	const struct cell **owner; /* by position in cpus */
	size_t kept;		   /* position of root's own, n if none */
};

static void enter_claims(struct placer *p, struct cpu_pool *cp)
{
	for (size_t i = 0; i < p->m->cells.n; i++) {
		const struct cell *cell = p->m->cells.v[i];

		for (size_t k = 0; !cell->is_root && k < cell->cpus.n; k++)
			for (size_t j = 0; j < cp->n; j++)
				if (cp->cpus[j].index == cell->cpus.v[k].index)
					cp->owner[j] = cell;
	}
	for (cp->kept = 0; cp->kept < cp->n && cp->owner[cp->kept]; cp->kept++)
		;
}

static bool is_free(const struct cpu_pool *cp, size_t i)
{
	return !cp->owner[i] && i != cp->kept;
}

static u32 free_in_cluster(const struct cpu_pool *cp, u32 cluster)
{
	u32 n = 0;

	for (size_t i = 0; i < cp->n; i++)
		n += is_free(cp, i) && cp->cpus[i].cluster == cluster;
	return n;
}

/* The cluster that `wanted` fills best; of equals the one with the highest CPU. */
static bool best_cluster(const struct cpu_pool *cp, u32 wanted, u32 *cluster)
{
	u32 best = 0;

	for (size_t i = cp->n; i-- > 0;) {
		u32 n = is_free(cp, i) ? free_in_cluster(cp, cp->cpus[i].cluster) : 0;

		if (n < wanted || (best && n >= best))
			continue;
		best = n;
		*cluster = cp->cpus[i].cluster;
	}
	return best != 0;
}

static void give(struct placer *p, struct cpu_pool *cp, struct cell *cell)
{
	u32 wanted = cell->cpus_wanted, cluster = 0, left = wanted;
	bool whole = best_cluster(cp, wanted, &cluster);
	const char *why = whole ? "the highest free CPUs of the cluster they fill best"
				: "the highest free CPUs";
	struct buf list;

	for (size_t i = cp->n; i-- > 0 && left;)
		if (is_free(cp, i) && (!whole || cp->cpus[i].cluster == cluster)) {
			cp->owner[i] = cell;
			left--;
		}
	buf_init(&list, p->c->arena);
	for (size_t i = 0; i < cp->n; i++) {
		bool pinned = false;

		for (size_t k = 0; k < cell->cpus.n; k++)
			pinned |= cell->cpus.v[k].index == cp->cpus[i].index;
		if (cp->owner[i] != cell || pinned)
			continue;
		*vec_push(p->c->arena, &cell->cpus) =
			(struct cpu_claim){cp->cpus[i].index, origin_placed(p->c, "%s", why)};
		buf_printf(&list, "%s%u", list.len ? ", " : "", cp->cpus[i].index);
	}
	decided(p, arena_printf(p->c->arena, "CPUs of cell \"%s\"", cell->name), list.data, why,
		cell->cpus_from);
}

static void too_few(struct placer *p, const struct cpu_pool *cp, struct cell *cell, u32 n)
{
	struct diag *d = diag_report(p->c, D_E1202, cell->cpus_from,
				     "cell \"%s\" wants %u CPUs, %u of %zu are free", cell->name,
				     cell->cpus_wanted, n, cp->n);

	cell->incomplete = true;
	diag_subject(p->c, d, "cell", cell->name);
	for (size_t i = 0; i < cp->n && i < 16; i++) {
		if (i == cp->kept)
			diag_note(p->c, d, cp->cpus[i].from, "CPU %u stays with root",
				  cp->cpus[i].index);
		else if (cp->owner[i])
			diag_note(p->c, d,
				  cp->owner[i]->cpus_from ? cp->owner[i]->cpus_from
							  : cp->owner[i]->from,
				  "CPU %u belongs to cell \"%s\"", cp->cpus[i].index,
				  cp->owner[i]->name);
	}
}

static void place_for(struct placer *p, struct cpu_pool *cp, struct cell *cell)
{
	u32 n = 0;

	for (size_t i = 0; i < cp->n; i++)
		n += is_free(cp, i);
	if (n < cell->cpus_wanted)
		too_few(p, cp, cell, n);
	else if (cell->cpus_wanted)
		give(p, cp, cell);
}

/* Bytes of the CPU set: whole words of 64 CPUs, as many as the highest number needs. */
static void set_size(struct placer *p, struct cell *cell)
{
	u64 highest = 0;

	for (size_t i = 0; i < cell->cpus.n; i++)
		highest = MAX(highest, cell->cpus.v[i].index);
	if (!cell->cpu_set_size.from)
		cell->cpu_set_size = (struct fact){
			(highest / 64 + 1) * 8, origin_rule(p->c, cell->from, "words of 64 CPUs")};
}

/* Root that said how many: the lowest. */
static void root_cpus(struct placer *p, const struct cpu_pool *cp, struct cell *root)
{
	for (size_t i = 0; i < MIN(cp->n, (size_t)root->cpus_wanted); i++)
		*vec_push(p->c->arena, &root->cpus) =
			(struct cpu_claim){cp->cpus[i].index, root->cpus_from};
}

void place_cpus(struct placer *p)
{
	const struct machine *m = p->m->machine;
	struct cpu_pool cp = {.cpus = m ? m->cpus.v : NULL, .n = m ? m->cpus.n : 0};

	cp.owner = arena_alloc(p->c->arena, (cp.n + 1) * sizeof(*cp.owner));
	enter_claims(p, &cp);
	for (size_t i = 0; i < p->m->cells.n; i++) {
		struct cell *cell = p->m->cells.v[i];

		if (cell->is_root)
			root_cpus(p, &cp, cell);
		else if (cell->cpus_from)
			place_for(p, &cp, cell);
		set_size(p, cell);
	}
}
