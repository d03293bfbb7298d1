// SPDX-License-Identifier: GPL-2.0-only
/*
 * Roles: which nodes the compiler treats specially, the firmware interface and the console.
 */
#include "host.h"

#include <string.h>

/* IOMMUs whose compatible does not say "iommu" have the generic node name (DT 2.2.2). */
static bool is_iommu(const struct node *n)
{
	const char *s = NULL;

	while ((s = node_compatible(n, s)))
		if (strstr(s, "smmu") || strstr(s, "iommu") || strncmp(s, "arm,mmu-", 8) == 0)
			return true;
	return node_has(n, "#iommu-cells") && (node_named(n, "iommu") || node_named(n, "mmu"));
}

/* A node that stands for CPUs, memory or reserved memory by its place (DT 3.4, 3.5, 3.8). */
static enum node_role role_by_place(const struct node *n)
{
	const char *type = node_string(n, "device_type", 0);

	if (!n->parent)
		return NODE_PLAIN;
	if (!n->parent->parent &&
	    ((type && strcmp(type, "memory") == 0) || node_named(n, "memory")))
		return NODE_MEMORY;
	if (strcmp(n->parent->path, "/reserved-memory") == 0)
		return NODE_RESERVED;
	if (strcmp(n->parent->path, "/cpus") == 0 &&
	    ((type && strcmp(type, "cpu") == 0) || node_named(n, "cpu")))
		return NODE_CPU;
	return NODE_PLAIN;
}

static enum node_role role_of(const struct machine *m, const struct node *n)
{
	enum node_role role = role_by_place(n);

	if (role != NODE_PLAIN || !n->compatible)
		return role == NODE_PLAIN && node_is_pci(n) && !node_on_pci(n) ? NODE_PCI_HOST
									       : role;
	if (node_is_compatible(m, n, "arm,gic-v3-its"))
		return NODE_ITS;
	if (node_is_compatible(m, n, "arm,gic-v2m-frame"))
		return NODE_V2M;
	if (is_iommu(n))
		return NODE_IOMMU;
	if (node_is_pci(n) && !node_on_pci(n))
		return NODE_PCI_HOST;
	if (node_is_compatible(m, n, "arm,psci*"))
		return NODE_PSCI;
	if (node_is_compatible(m, n, "arm,armv8-timer") ||
	    node_is_compatible(m, n, "arm,armv7-timer"))
		return NODE_TIMER;
	return NODE_PLAIN;
}

struct node *node_with(const struct machine *m, const char *compatible)
{
	for (size_t i = 0; i < m->nodes.n; i++)
		if (m->nodes.v[i]->enabled && node_is_compatible(m, m->nodes.v[i], compatible))
			return m->nodes.v[i];
	return NULL;
}

/* DT 3.6: a path or an alias, options behind a colon; Linux takes linux,stdout-path as well. */
static void read_stdout(struct host *h)
{
	const struct node *chosen = machine_node_by_path(h->m, "/chosen");
	const char *text = chosen ? node_string(chosen, "stdout-path", 0) : NULL;

	if (chosen && !text)
		text = node_string(chosen, "linux,stdout-path", 0);
	if (text)
		h->m->stdout_node = index_alias_or_path(h->m, text, strcspn(text, ":"));
}

/* bindings/dma-coherent: holds for all below, until dma-noncoherent. */
static bool inherits_coherent(const struct node *n)
{
	if (node_has(n, "dma-coherent"))
		return true;
	if (node_has(n, "dma-noncoherent"))
		return false;
	return n->parent && n->parent->dma_coherent;
}

void roles_read(struct host *h)
{
	struct machine *m = h->m;

	for (size_t i = 0; i < m->nodes.n; i++) {
		struct node *n = m->nodes.v[i];

		n->role = role_of(m, n);
		n->dma_coherent = inherits_coherent(n);
		n->iommu_like = node_has(n, "#iommu-cells") && n->role != NODE_IOMMU;
		if (n->role == NODE_PSCI && n->enabled && !m->psci)
			m->psci = n;
		if (n->role == NODE_TIMER && n->enabled && !m->timer)
			m->timer = n;
	}
	m->psci_method = m->psci ? node_string(m->psci, "method", 0) : NULL;
	m->model = node_string(m->nodes.v[0], "model", 0);
	for (u32 i = 0; node_string(m->nodes.v[0], "compatible", i); i++)
		*vec_push(h->c->arena, &m->compatible) =
			node_string(m->nodes.v[0], "compatible", i);
	read_stdout(h);
}
