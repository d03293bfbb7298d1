// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest's tree from beginning to end, and what there is to say about it.
 */
#include "guest.h"

#include <libfdt.h>
#include <string.h>

u32 guest_phandle(struct guest *g, struct dt_node *n)
{
	if (!n->phandle)
		n->phandle = g->next_phandle++;
	return n->phandle;
}

struct guest_losses *guest_losses(struct guest *g, struct dt_node *n)
{
	struct guest_losses **last = g->losses.n ? &g->losses.v[g->losses.n - 1] : NULL;

	if (last && (*last)->node == n)
		return *last;
	last = vec_push(g->a, &g->losses);
	*last = NEW(g->a, struct guest_losses);
	(*last)->node = n;
	return *last;
}

static bool wanted(const struct model *m, const struct cell *cell)
{
	return cell->boot.kind == BOOT_LINUX && !cell->boot.dtb && !cell->is_root &&
	       m->arch != CV_ARCH_X86;
}

static u32 highest_phandle(const struct machine *mach)
{
	u32 highest = 0;

	for (size_t i = 0; i < mach->nodes.n; i++)
		highest = MAX(highest, mach->nodes.v[i]->phandle);
	return highest;
}

struct guest *guest_build(struct cellc *c, struct model *m, struct cell *cell)
{
	struct guest *g;
	u32 highest = 0;

	if (!wanted(m, cell))
		return NULL;
	g = NEW(c->arena, struct guest);
	*g = (struct guest){.c = c, .a = c->arena, .m = m, .cell = cell, .mach = m->machine};
	if (g->mach && g->mach->fdt) {
		g->fdt = g->mach->fdt;
		g->kept = arena_alloc(g->a, g->mach->nodes.n * sizeof(struct dt_node *));
		highest = highest_phandle(g->mach);
	}
	g->next_phandle = highest + 1;
	g->root = dt_node_new(g->a, NULL, "");
	g->root->address_cells = g->root->size_cells = 2;
	guest_platform(g);
	if (g->fdt) {
		guest_select(g);
		guest_properties(g);
	}
	guest_names(g);
	guest_chosen(g);
	return g;
}

/* The statement by which the cell got the node or one above it. */
static const struct origin *claimed_at(const struct guest *g, const struct node *n)
{
	const struct device_claim *claim;

	for (; n; n = n->parent)
		vec_each(claim, &g->cell->devices)
			if (claim->node == n)
				return claim->from;
	return g->cell->from;
}

static const char *list_text(struct guest *g, const char *const *v, size_t n)
{
	struct buf b;

	buf_init(&b, g->a);
	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%s%s", i == 0 ? "" : i + 1 == n ? " and " : ", ", v[i]);
	return b.data;
}

static struct diag *finding(struct guest *g, enum diag_code code, const struct node *n,
			    const char *text)
{
	struct diag *d = diag_report(g->c, code, claimed_at(g, n), "%s", text);

	diag_subject(g->c, d, "cell", g->cell->name);
	diag_note(g->c, d, origin_tree(g->c, g->mach->file, n->path, NULL), "the device is here");
	return d;
}

static void report_clocks(struct guest *g, const struct guest_losses *l)
{
	const struct node *n = l->node->host;
	struct diag *d = finding(
		g, D_W0790, n,
		arena_printf(g->a,
			     "%s in cell \"%s\" runs on %s of root, of a rate that no tree states: "
			     "the guest is told 100 MHz",
			     n->name, g->cell->name, list_text(g, l->guessed.v, l->guessed.n)));

	diag_help(g->c, d,
		  "state the rate by assigned-clocks and assigned-clock-rates, "
		  "in an overlay of the host's tree");
}

static void report_lost(struct guest *g, const struct guest_losses *l)
{
	const struct node *n = l->node->host;
	struct diag *d = finding(
		g, D_W0791, n,
		arena_printf(g->a,
			     "%s in cell \"%s\" goes without its %s: what they refer to is not the "
			     "cell's",
			     n->name, g->cell->name, list_text(g, l->lost.v, l->lost.n)));

	diag_help(g->c, d, "give the cell these devices too, if %s needs them", n->name);
}

static void report_irqs(struct guest *g, const struct guest_losses *l)
{
	const struct node *n = l->node->host;

	finding(g, D_W0792, n,
		arena_printf(g->a,
			     "%s in cell \"%s\" goes without interrupt %s, which only reaches the "
			     "GIC by a "
			     "controller or a line that is not the cell's",
			     n->name, g->cell->name, list_text(g, l->irqs.v, l->irqs.n)));
}

static void report_dropped(struct guest *g, const struct guest_losses *l)
{
	struct placement *p = vec_push(g->a, &g->m->placements);

	p->what = arena_printf(g->a, "device tree of cell \"%s\": %s", g->cell->name,
			       l->node->host->name);
	p->result = arena_printf(g->a, "without %s", list_text(g, l->dropped.v, l->dropped.n));
	p->why = "what they refer to stays with root, which leaves it as it is set up";
	p->from = claimed_at(g, l->node->host);
}

void guest_report(struct guest *g)
{
	struct guest_losses **l;

	vec_each(l, &g->losses) {
		if (!(*l)->node->owned)
			continue;
		if ((*l)->guessed.n)
			report_clocks(g, *l);
		if ((*l)->lost.n)
			report_lost(g, *l);
		if ((*l)->irqs.n)
			report_irqs(g, *l);
		if ((*l)->dropped.n)
			report_dropped(g, *l);
	}
}
