// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the host's tree says of the caches of a cell's CPUs (Devicetree Specification v0.4, 3.7.3 and 3.8):
 * the properties of the CPU's own, and the nodes of further levels, as far as they only state facts.
 * A cache that is a device, with registers, is root's.
 */
#include "guest.h"

/* Kind and name of a CPU are there already. */
static void copy_facts(struct guest *g, struct dt_node *n, const struct node *host)
{
	static const char *const facts[] = {
		"i-cache-size",	    "i-cache-sets",	  "i-cache-line-size", "i-cache-block-size",
		"d-cache-size",	    "d-cache-sets",	  "d-cache-line-size", "d-cache-block-size",
		"cache-size",	    "cache-sets",	  "cache-line-size",   "cache-block-size",
		"cache-unified",    "cache-level",	  "compatible",	       "device_type",
	};

	for (size_t i = 0; i < ARRAY_SIZE(facts); i++) {
		u32 len;
		const void *data = guest_host_get(g, host, facts[i], &len);

		if (data && !dt_get(n, facts[i]))
			dt_set(g->a, n, facts[i], data, len);
	}
}

/* As the kernel looks for it: by the specification's name, or an older one. */
static struct node *next_level(struct guest *g, const struct node *host)
{
	u32 phandle = guest_host_u32(g, host, "next-level-cache",
				     guest_host_u32(g, host, "l2-cache", 0));

	return phandle ? machine_node_by_phandle(g->mach, phandle) : NULL;
}

static bool states_facts(const struct guest *g, const struct node *n)
{
	return node_is_compatible(g->mach, n, "cache") && !node_prop(n, "reg");
}

void guest_caches(struct guest *g, struct dt_node *n, const struct node *host)
{
	struct node *next;

	copy_facts(g, n, host);
	while ((next = next_level(g, host)) && states_facts(g, next)) {
		dt_set_u32(g->a, n, "next-level-cache", next->phandle);
		if (guest_kept(g, next))
			return; /* with all behind it: another CPU has it too */
		n = dt_node_new(g->a, next->parent == host ? n : g->cpus, next->name);
		n->phandle = next->phandle;
		guest_keep(g, next, n);
		copy_facts(g, n, next);
		host = next;
	}
}
