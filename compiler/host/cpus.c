// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPUs: numbers, affinity, clusters, siblings, shared cache, and the architecture.
 *
 * DT 3.8 (/cpus), bindings/arm/cpus.yaml (reg is MPIDR_EL1), bindings/cpu/cpu-topology.txt.
 */
#include "host.h"

#include <string.h>

#define MAX_CPUS 4096

/* Cores that execute AArch32 alone, by bindings/arm/cpus.yaml. */
static bool core_is_32bit(const struct machine *m, const struct node *cpu)
{
	static const char *const cores[] = {
		"arm,arm*",	  "arm,cortex-a5",   "arm,cortex-a7",	 "arm,cortex-a8",
		"arm,cortex-a9",  "arm,cortex-a12",  "arm,cortex-a15",	 "arm,cortex-a17",
		"arm,cortex-a32", "arm,cortex-m*",   "arm,cortex-r*",	 "brcm,brahma-b15",
		"faraday,*",	  "intel,sa1*",	     "marvell,feroceon", "marvell,mohawk",
		"marvell,pj4*",	  "marvell,sheeva*", "marvell,xsc*",	 "qcom,krait",
		"qcom,scorpion",
	};

	if (node_is_compatible(m, cpu, "arm,armv8"))
		return false;
	for (u32 i = 0; i < ARRAY_SIZE(cores); i++)
		if (node_is_compatible(m, cpu, cores[i]))
			return true;
	return false;
}

/*
 * A 64-bit core in the tree of a 32-bit kernel shows by its enable-method: on ARMv8 64-bit systems
 * that is "psci" or "spin-table" (cpus.yaml).
 */
static bool method_is_32bit(const struct cpu *cpu)
{
	return cpu->enable_method && strcmp(cpu->enable_method, "psci") != 0 &&
	       strcmp(cpu->enable_method, "spin-table") != 0;
}

static enum cv_arch find_arch(const struct machine *m)
{
	const struct cpu *boot = m->cpus.v;

	if (!m->cpus.n || !boot->compatible)
		return node_with(m, "arm,armv8-timer") || node_with(m, "arm,gic-v3") ? CV_ARCH_ARM64
										     : CV_ARCH_ARM;
	if (core_is_32bit(m, boot->node) || method_is_32bit(boot))
		return CV_ARCH_ARM;
	return CV_ARCH_ARM64;
}

static void read_cpu(struct host *h, struct node *cpus, struct node *n)
{
	struct machine *m = h->m;
	const char *method = node_string(n, "enable-method", 0);
	struct cells reg = node_cells(h, n, "reg");
	struct cpu *cpu;

	if (!n->enabled || m->cpus.n >= MAX_CPUS) {
		m->disabled_cpus++;
		return;
	}
	cpu = vec_push(h->c->arena, &m->cpus);
	cpu->index = (u32)m->cpus.n - 1;
	cpu->core = cpu->index;
	if (reg.n >= cpus->address_cells && cpus->address_cells <= 4)
		cpu->mpidr = (u64)cells_number(reg, 0, cpus->address_cells);
	else
		host_malformed(h, n, "reg", "does not hold the %u cells of an address",
			       cpus->address_cells);
	cpu->compatible = n->compatible;
	cpu->enable_method = method ? method : node_string(cpus, "enable-method", 0);
	cpu->node = n;
	cpu->from = node_origin(h, n, "reg");
}

/* --- clusters --- */

struct topology {
	struct host *h;
	u32 clusters, cores;
	u32 mapped; /* CPUs that the map names */
};

static void map_cpu(struct topology *t, const struct node *leaf, u32 cluster, u32 core)
{
	const struct node *n = machine_node_by_phandle(t->h->m, node_cell(leaf, "cpu", 0, 0));
	struct cpu *cpu;

	vec_each(cpu, &t->h->m->cpus) {
		if (n && cpu->node == n) {
			cpu->cluster = cluster;
			cpu->core = core;
			t->mapped++;
		}
	}
}

static void map_core(struct topology *t, const struct node *core, u32 cluster)
{
	u32 number = t->cores++;

	map_cpu(t, core, cluster, number);
	for (const struct node *thread = core->child; thread; thread = thread->next)
		if (host_spend(t->h))
			map_cpu(t, thread, cluster, number);
}

/* Sockets and clusters nest; what holds cores is a cluster. Depth is that of the tree. */
static void map_cluster(struct topology *t, const struct node *group)
{
	u32 cluster = t->clusters;
	bool cores = false;

	for (const struct node *n = group->child; n; n = n->next) {
		if (strncmp(n->name, "core", 4) == 0 && host_spend(t->h)) {
			map_core(t, n, cluster);
			cores = true;
		}
	}
	t->clusters += cores;
	for (const struct node *n = group->child; n; n = n->next)
		if (strncmp(n->name, "core", 4) != 0)
			map_cluster(t, n);
}

/*
 * Without a map: MPIDR affinity level 1 and above name the cluster. Where all Aff0 are 0, Aff1 is
 * the core and Aff2 the cluster (cores that may be multithreaded: MPIDR_EL1.MT).
 */
static void cluster_by_mpidr(struct host *h)
{
	u32 shift = 16, next = 0;
	struct cpu *cpu, *other;

	vec_each(cpu, &h->m->cpus)
		if (cpu->mpidr & 0xff)
			shift = 8;
	vec_each(cpu, &h->m->cpus) {
		for (other = h->m->cpus.v; other < cpu; other++)
			if (other->mpidr >> shift == cpu->mpidr >> shift)
				break;
		cpu->cluster = other < cpu ? other->cluster : next++;
	}
}

static void read_topology(struct host *h)
{
	const struct node *map = machine_node_by_path(h->m, "/cpus/cpu-map");
	struct topology t = {.h = h};

	if (map)
		map_cluster(&t, map);
	if (t.mapped != h->m->cpus.n) {
		struct cpu *cpu;

		vec_each(cpu, &h->m->cpus)
			cpu->core = cpu->index;
		cluster_by_mpidr(h);
	}
}

/* --- caches --- */

/* DT 3.8: next-level-cache, from level to level; the chain ends in the last. */
static struct node *last_cache(const struct machine *m, const struct node *cpu)
{
	struct node *cache = NULL;

	for (u32 level = 0; level < 8; level++) {
		const struct node *at = cache ? cache : cpu;
		u32 phandle = node_cell(at, "next-level-cache", 0, node_cell(at, "l2-cache", 0, 0));
		struct node *next = machine_node_by_phandle(m, phandle);

		if (!next)
			break;
		cache = next;
	}
	return cache;
}

static void read_caches(struct host *h)
{
	struct cpu *cpu, *other;

	vec_each(cpu, &h->m->cpus)
		cpu->cache = last_cache(h->m, cpu->node);
	vec_each(cpu, &h->m->cpus) {
		bool shared = false;

		vec_each(other, &h->m->cpus)
			shared |= other != cpu && cpu->cache && other->cache == cpu->cache;
		if (!shared)
			cpu->cache = NULL;
	}
}

void cpus_read(struct host *h)
{
	struct node *cpus = machine_node_by_path(h->m, "/cpus");

	for (struct node *n = cpus ? cpus->child : NULL; n; n = n->next)
		if (n->role == NODE_CPU)
			read_cpu(h, cpus, n);
	h->m->arch = find_arch(h->m);
	read_topology(h);
	read_caches(h);
}
