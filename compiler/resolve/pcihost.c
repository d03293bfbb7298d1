// SPDX-License-Identifier: GPL-2.0-only
/*
 * The PCI host of the system: the tree's own, which the hypervisor stands before so that cells can
 * have devices of it, or one that the hypervisor makes up for links. All cells are known by now.
 */
#include "resolve.h"

static bool is_real(const struct pci_device *d)
{
	return !d->link && (d->rec.type == CV_PCI_DEVICE || d->rec.type == CV_PCI_BRIDGE);
}

static bool cells_have_devices(const struct model *m)
{
	for (size_t i = 0; i < m->cells.n; i++)
		for (size_t k = 0; k < m->cells.v[i]->pcis.n; k++)
			if (!m->cells.v[i]->is_root && is_real(m->cells.v[i]->pcis.v[k]))
				return true;
	return false;
}

/* The only enabled host of the tree whose configuration space is memory, from bus 0 on; NULL: none,
 * or several. */
static const struct node *only_host(const struct resolver *r)
{
	const struct node *found = NULL;

	for (size_t i = 0; r->m && i < r->m->nodes.n; i++) {
		const struct node *n = r->m->nodes.v[i];

		if (n->role != NODE_PCI_HOST || !n->enabled || !n->ecam || n->bus_start ||
		    !n->regs.n || n->regs.v[0].size < MIB ||
		    owner_of((struct resolver *)r, n)->without)
			continue;
		if (found)
			return NULL;
		found = n;
	}
	return found;
}

static void take_host(struct resolver *r, const struct node *n)
{
	struct platform *p = &r->model->platform;
	u64 buses = MIN(n->regs.v[0].size / MIB, n->bus_end + 1u);

	p->mmconfig_base =
		(struct fact){n->regs.v[0].addr, origin_rule(r->c, n->regs.v[0].from,
							     "cells have devices of this host")};
	p->mmconfig_end_bus = (u8)(buses - 1);
	p->pci_domain = (u16)MAX(n->pci_domain, 0);
}

/* A virtual host is needed as soon as there is a link and no real one is given. */
static void need_virtual(struct resolver *r)
{
	struct platform *p = &r->model->platform;

	p->mmconfig_open = true;
	p->pci_virtual = 1;
	p->pci_domain = CV_PCI_DOMAIN_ANY;
}

/* --- links on a real host --- */

#define PER_LINK (128 * KIB) /* registers and table of vectors, each in a page of any guest's */

static const struct node *host_at(const struct resolver *r, u64 ecam)
{
	for (size_t i = 0; r->m && i < r->m->nodes.n; i++) {
		const struct node *n = r->m->nodes.v[i];

		if (n->role == NODE_PCI_HOST && n->enabled && n->regs.n &&
		    n->regs.v[0].addr == ecam)
			return n;
	}
	return NULL;
}

/* Linux lets virtual devices be only where the bus reaches, and gives its own devices the lowest
 * addresses first: the top of the host's 32-bit window. One address for CPU and bus: the hypervisor
 * knows the BAR, and traps the CPU's access. */
static void take_window(struct resolver *r)
{
	struct platform *p = &r->model->platform;
	const struct node *n = host_at(r, p->mmconfig_base.v);
	u64 size = align_up(MAX(r->model->links.n * PER_LINK, MIB), MIB);

	for (size_t i = 0; n && i < n->windows.n; i++) {
		const struct window *w = &n->windows.v[i];
		u64 end = align_down(w->addr + w->size, MIB);

		if (w->space != 2 || w->prefetchable || w->pci != w->addr || end > 4 * GIB ||
		    end < w->addr + size)
			continue;
		p->pci_window = (struct extent){
			.addr = end - size,
			.size = size,
			.name = "window",
			.from = origin_rule(r->c, w->from,
					    "the top of the host's window, for links"),
		};
		return;
	}
	diag_report(r->c, D_E0818, r->model->links.v[0]->from,
		    "link \"%s\" has no place for its registers on the system's PCI host: the tree "
		    "tells no window of 32-bit addresses, which are the CPU's, too",
		    r->model->links.v[0]->name);
}

/* --- what root has of it --- */

/* The hypervisor keeps the configuration space: what root has around it are one or two regions. */
static void carve(struct resolver *r, struct cell *root, u64 start, u64 end)
{
	size_t n = root->regions.n;

	for (size_t i = 0; i < n; i++) {
		struct region *g = root->regions.v[i], *rest;
		u64 at = g->phys.v, stop = at + g->size.v;

		if (!g->derived || at >= end || stop <= start)
			continue;
		if (at < start && stop > end) {
			rest = NEW(r->c->arena, struct region);
			*rest = *g;
			rest->phys.v = rest->virt.v = end;
			rest->size.v = stop - end;
			*vec_push(r->c->arena, &root->regions) = rest;
		}
		if (at >= start)
			g->phys.v = g->virt.v = MIN(end, stop);
		g->size.v = (at < start ? start : stop) - g->phys.v;
	}
	for (size_t i = n = 0; i < root->regions.n; i++)
		if (!root->regions.v[i]->derived || root->regions.v[i]->size.v)
			root->regions.v[n++] = root->regions.v[i];
	root->regions.n = n;
}

static bool lists(const struct cell *cell, const struct pci_device *d)
{
	for (size_t i = 0; i < cell->pcis.n; i++)
		if (cell->pcis.v[i]->rec.type == d->rec.type &&
		    cell->pcis.v[i]->rec.bdf == d->rec.bdf &&
		    cell->pcis.v[i]->rec.domain == d->rec.domain)
			return true;
	return false;
}

/* What is lent to cells is root's before and afterwards. Root needs no capabilities. */
static void lend(struct resolver *r, struct cell *root, const struct cell *cell)
{
	for (size_t i = 0; i < cell->pcis.n; i++) {
		const struct pci_device *d = cell->pcis.v[i];
		struct pci_device *copy;

		if (!is_real(d) || lists(root, d))
			continue;
		copy = NEW(r->c->arena, struct pci_device);
		copy->rec = d->rec;
		copy->rec.caps_start = copy->rec.num_caps = 0;
		copy->from = origin_rule(r->c, d->from, "lent to cell \"%s\"", cell->name);
		*vec_push(r->c->arena, &root->pcis) = copy;
	}
}

void resolve_pci_host(struct resolver *r)
{
	struct platform *p = &r->model->platform;
	struct cell *root = model_root(r->model);
	bool arm = r->model->arch != CV_ARCH_X86;
	const struct node *host = NULL;

	if (arm && root && !p->mmconfig_base.from && cells_have_devices(r->model))
		host = root->explicit_only ? NULL : only_host(r);
	if (host)
		take_host(r, host);
	else if (arm && r->model->links.n && !p->mmconfig_base.from)
		need_virtual(r);
	if (!root || root->explicit_only || p->pci_virtual || !p->mmconfig_base.v)
		return;
	if (arm && r->model->links.n && !p->pci_window.from)
		take_window(r);
	carve(r, root, p->mmconfig_base.v, p->mmconfig_base.v + (p->mmconfig_end_bus + 1ull) * MIB);
	carve(r, root, p->pci_window.addr, p->pci_window.addr + p->pci_window.size);
	for (size_t i = 0; i < r->model->cells.n; i++)
		if (r->model->cells.v[i] != root)
			lend(r, root, r->model->cells.v[i]);
}
