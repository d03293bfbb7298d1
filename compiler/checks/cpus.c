// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks: CPUs.
 *
 * Root's set holds every CPU of the machine; cells take theirs out of it. So the CPUs that root
 * keeps are those of its set that no other cell has.
 */
#include "check.h"

#include <stdlib.h>

struct taken {
	u32 index, cell_index;
	const struct cell *cell;
	const struct origin *from;
};
struct takers {
	VEC(struct taken) v; /* by CPU, then cell; of all cells but root */
};

static int by_cpu(const void *pa, const void *pb)
{
	const struct taken *a = pa, *b = pb;

	if (a->index != b->index)
		return a->index < b->index ? -1 : 1;
	return a->cell_index < b->cell_index ? -1 : a->cell_index > b->cell_index;
}

/* Where a CPU that place chose was asked for. */
static const struct origin *said(const struct cell *cell, const struct cpu_claim *cpu)
{
	struct fact f = {cpu->index, cpu->from};

	return check_at(&f, cell->cpus_from ? cell->cpus_from : cell->from);
}

static void collect(struct check *k, struct takers *t)
{
	const struct cpu_claim *cpu;

	for (u32 i = 0; i < k->m->cells.n; i++) {
		const struct cell *cell = k->m->cells.v[i];

		if (cell->is_root)
			continue;
		vec_each(cpu, &cell->cpus)
			*vec_push(k->a, &t->v) =
				(struct taken){cpu->index, i, cell, said(cell, cpu)};
	}
	if (t->v.n)
		qsort(t->v.v, t->v.n, sizeof(*t->v.v), by_cpu);
}

static const struct taken *taker(const struct takers *t, u32 index)
{
	size_t lo = 0, hi = t->v.n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (t->v.v[mid].index < index)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < t->v.n && t->v.v[lo].index == index ? &t->v.v[lo] : NULL;
}

static const struct cpu_claim *claim_of(const struct cell *cell, u32 index)
{
	const struct cpu_claim *cpu;

	vec_each(cpu, &cell->cpus)
		if (cpu->index == index)
			return cpu;
	return NULL;
}

void check_cpu_owners(struct check *k)
{
	struct takers t = {0};

	collect(k, &t);
	for (size_t i = 1; i < t.v.n; i++) {
		const struct taken *a = &t.v.v[i - 1], *b = &t.v.v[i];
		struct diag *d;

		if (a->index != b->index || a->cell == b->cell)
			continue;
		d = check_report(k, D_E0501, b->cell, b->from, "CPU %u belongs to %s and to %s",
				 a->index, check_cell(k, a->cell), check_cell(k, b->cell));
		check_note(k, d, a->cell, a->from, "%s has it here", check_cell(k, a->cell));
	}
}

static void check_cpu_exists(struct check *k, const struct cell *cell, const struct cpu_claim *cpu)
{
	const struct machine *m = k->m->machine;
	struct diag *d;

	if (m && m->cpus.n && cpu->index >= m->cpus.n) {
		check_report(k, D_E0502, cell, said(cell, cpu),
			     "CPU %u of %s: the host has %zu, 0 to %zu", cpu->index,
			     check_cell(k, cell), m->cpus.n, m->cpus.n - 1);
	} else if (k->root && !cell->is_root && !claim_of(k->root, cpu->index) &&
		   cell_has_all(k->root, PART_CPUS)) {
		d = check_report(k, D_E0502, cell, said(cell, cpu),
				 "CPU %u of %s is not in the set of %s", cpu->index,
				 check_cell(k, cell), check_cell(k, k->root));
		check_note(k, d, NULL, k->root->cpus_from ? k->root->cpus_from : k->root->from,
			   "a cell takes its CPUs from root");
	}
}

void check_cpu_sets(struct check *k)
{
	for (size_t i = 0; i < k->m->cells.n; i++) {
		const struct cell *cell = k->m->cells.v[i];
		const struct cpu_claim *cpu;

		/* more wanted than there are, or one that there is not: that has been said */
		if (!cell->cpus.n && !cell->cpus_wanted && !cell->incomplete &&
		    cell_has_all(cell, PART_CPUS))
			check_report(k, D_E0504, cell, cell->cpus_from, "%s has no CPU",
				     check_cell(k, cell));
		vec_each(cpu, &cell->cpus)
			check_cpu_exists(k, cell, cpu);
	}
}

void check_root_cpu(struct check *k)
{
	const struct taken *last = NULL;
	const struct cpu_claim *cpu;
	struct takers t = {0};
	struct diag *d;

	collect(k, &t);
	vec_each(cpu, &k->root->cpus) {
		const struct taken *by = taker(&t, cpu->index);

		if (!by)
			return;
		last = by;
	}
	if (!last)
		return;
	d = check_report(k, D_E0503, k->root, k->root->cpus_from,
			 "%s keeps no CPU: cells take all %zu", check_cell(k, k->root),
			 k->root->cpus.n);
	check_note(k, d, last->cell, last->from, "the last one goes to %s",
		   check_cell(k, last->cell));
}

/* --- what CPUs share --- */

static const struct cell *owner(const struct check *k, const struct takers *t, u32 index)
{
	const struct taken *by = taker(t, index);

	return by ? by->cell : k->root;
}

/* Where all CPUs are joined there is no way around it, and no finding. */
struct sharing {
	enum diag_code code;
	const char *what;
	bool (*same)(const struct cpu *a, const struct cpu *b);
	bool (*joined)(const struct cpu *a, const struct cpu *b);
};

static bool same_core(const struct cpu *a, const struct cpu *b)
{
	return a->core == b->core && a->cluster == b->cluster;
}

/* Each is asked only where nothing closer is shared. */
static bool same_cluster(const struct cpu *a, const struct cpu *b)
{
	return a->cluster == b->cluster && !same_core(a, b);
}

static bool same_cache(const struct cpu *a, const struct cpu *b)
{
	return a->cache && a->cache == b->cache && a->cluster != b->cluster;
}

static bool in_cluster(const struct cpu *a, const struct cpu *b)
{
	return a->cluster == b->cluster;
}

static bool in_cache(const struct cpu *a, const struct cpu *b)
{
	return a == b || (a->cache && a->cache == b->cache);
}

static bool are_several(const struct machine *m, const struct sharing *s)
{
	for (size_t i = 1; i < m->cpus.n; i++)
		if (!s->joined(&m->cpus.v[0], &m->cpus.v[i]))
			return true;
	return false;
}

static void report_sharing(struct check *k, const struct takers *t, const struct sharing *s, u32 a,
			   u32 b)
{
	const struct cell *x = owner(k, t, a), *y = owner(k, t, b);
	const struct taken *by = taker(t, b) ? taker(t, b) : taker(t, a);
	const struct cell *at = by->cell, *other = at == y ? x : y;
	struct diag *d =
		check_report(k, s->code, at, by->from, "CPU %u of %s and CPU %u of %s share %s", a,
			     check_cell(k, x), b, check_cell(k, y), s->what);
	const struct cpu_claim *claim = claim_of(other, at == y ? a : b);

	check_note(k, d, other, claim ? said(other, claim) : NULL, "%s has its CPU here",
		   check_cell(k, other));
}

/* The first CPU after a that shares the thing with it and has another owner; the number of CPUs if
 * there is none. */
static u32 sharer(const struct check *k, const struct takers *t, const struct sharing *s, u32 a)
{
	const struct machine *m = k->m->machine;
	const struct cell *x = owner(k, t, a);
	u32 b = a + 1;

	for (; b < m->cpus.n; b++) {
		const struct cell *y = owner(k, t, b);

		if (x && y && x != y && s->same(&m->cpus.v[a], &m->cpus.v[b]))
			break;
	}
	return b;
}

/* One finding for each shared thing: the first two of its CPUs with different owners. */
static void check_shared(struct check *k, const struct takers *t, const struct sharing *s)
{
	const struct machine *m = k->m->machine;
	bool *done = arena_alloc(k->a, m->cpus.n + 1);

	if (!are_several(m, s))
		return;
	for (u32 a = 0; a < m->cpus.n; a++) {
		u32 b = done[a] ? (u32)m->cpus.n : sharer(k, t, s, a);

		if (b == m->cpus.n)
			continue;
		report_sharing(k, t, s, a, b);
		for (u32 i = a; i < m->cpus.n; i++)
			done[i] |= s->joined(&m->cpus.v[a], &m->cpus.v[i]);
	}
}

void check_cpu_sharing(struct check *k)
{
	static const struct sharing shared[] = {
		{D_W0505, "a core (SMT siblings)", same_core, same_core},
		{D_W0506, "a last-level cache", same_cache, in_cache},
		{D_W0507, "a cluster", same_cluster, in_cluster},
	};
	struct takers t = {0};

	collect(k, &t);
	for (size_t i = 0; i < ARRAY_SIZE(shared); i++)
		check_shared(k, &t, &shared[i]);
}
