/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The device tree of a Linux cell under construction.
 *
 * In: the model after place, the host's blob. Out: a tree in which everything is the cell's: its
 * CPUs, its memory, its devices with what they need, and the interface of the hypervisor (PSCI,
 * GIC, virtual PCI host).
 * Holds: a node keeps the phandle it has in the host's tree and new nodes take numbers that are
 * free there, so that a reference in a property of unknown format means the same node or none.
 */
#ifndef CELLC_EMIT_GUEST_H
#define CELLC_EMIT_GUEST_H

#include "../../model.h"
#include "../dtree.h"

struct guest_clock { /* an output of a clock that stays with root */
	struct node *provider;
	const void *spec; /* cells behind the phandle */
	u32 n_spec;
	const char *name; /* provider and specifier: "clock-controller-57" */
	bool known;
	u64 rate;
	struct dt_node *node; /* the fixed-clock that stands for it */
};

struct guest_losses { /* of one device; names of properties */
	struct dt_node *node;
	VEC(const char *) dropped; /* the device works without */
	VEC(const char *) lost;	   /* it may not */
	VEC(const char *) irqs;
	VEC(const char *) guessed; /* clocks of unknown rate */
};

struct guest {
	struct cellc *c;
	struct arena *a;
	struct model *m;
	struct cell *cell;
	struct machine *mach; /* NULL without a host */
	const void *fdt;      /* NULL without a tree */
	struct dt_node *root, *chosen, *aliases, *cpus, *gic;
	struct dt_node *console; /* the UART of a virtual console, or NULL */
	u32 next_phandle;
	struct dt_node **kept;	      /* by index into mach->nodes: its copy, or NULL */
	VEC(struct dt_node *) copies; /* in the order of the host's tree */
	VEC(struct guest_clock) clocks;
	VEC(struct guest_losses *) losses;
};

/*
 * Builds the tree of a cell with "boot linux"; NULL for one that needs none (x86, other boot
 * kinds, a tree of its own). Reports nothing; guest_report does, from what the tree recorded.
 */
struct guest *guest_build(struct cellc *c, struct model *m, struct cell *cell);
/* Findings about what had to be left out or guessed; called by the check of that name. */
void guest_report(struct guest *g);

/* platform.c: root properties, CPUs, PSCI, timer, GIC, memory, virtual PCI host. */
void guest_platform(struct guest *g);
/* caches.c: what the host's tree says of the caches of a CPU; n: its copy. */
void guest_caches(struct guest *g, struct dt_node *n, const struct node *host);
/* msi.c: the controller that the vectors of links are for; NULL: none is needed. It may change the
 * GIC's #address-cells, by which interrupt-maps are laid out. */
struct dt_node *guest_msi_frame(struct guest *g);
/* select.c: copies the owned nodes and the buses above them, without their properties. */
void guest_select(struct guest *g);
/* devices.c: fills in the properties of all copies. */
void guest_properties(struct guest *g);
/* names.c: unit addresses as dtc wants them; last, as paths depend on it. */
void guest_names(struct guest *g);
/* chosen.c: aliases and chosen. */
void guest_chosen(struct guest *g);

/* refs.c: the property if it refers to other nodes; false if it is not of this kind. */
bool guest_reference(struct guest *g, struct dt_node *n, const struct dt_prop *p);
/* clocks.c: a clocks property, outputs of root's clocks replaced. */
void guest_clocks(struct guest *g, struct dt_node *n, const struct dt_prop *p);
/* irqs.c: the interrupts of a copied device, in terms of the guest's controllers. */
void guest_interrupts(struct guest *g, struct dt_node *n);
/* irqs.c: whether a property is one that guest_interrupts writes. */
bool guest_is_interrupt_prop(const char *name);
/* irqs.c: an interrupt-map, laid out for the guest's GIC, into out; false if it refers to what is
 * not kept and must go. */
bool guest_interrupt_map(struct guest *g, struct dt_node *n, const struct dt_prop *p,
			 struct dt_cells *out);

/* The node's copy, made directly below the guest's root if there is none yet. */
struct dt_node *guest_copy_at_root(struct guest *g, struct node *host);
/* The same for a node that only states facts, such as a fixed regulator; NULL for others. */
struct dt_node *guest_copy_facts(struct guest *g, struct node *host);
struct guest_losses *guest_losses(struct guest *g, struct dt_node *n);
u32 guest_phandle(struct guest *g, struct dt_node *n); /* gives it one if it has none */
struct dt_node *guest_kept(struct guest *g, const struct node *host);
/* n stands for the host's node from now on. */
void guest_keep(struct guest *g, const struct node *host, struct dt_node *n);
/* The host's node at an offset of its blob. */
struct node *guest_host_node(struct guest *g, int offset);
/* A property of the host's node, NULL (and length 0) without. */
const void *guest_host_get(struct guest *g, const struct node *n, const char *prop, u32 *len);
/* Its first cell, or fallback. */
u32 guest_host_u32(struct guest *g, const struct node *host, const char *prop, u32 fallback);
/* Whether the cell was granted this INTID. */
bool guest_owns_irq(const struct guest *g, u32 intid);

/* One entry of a list of references: phandle and cells. */
struct guest_ref {
	u32 phandle;
	struct node *provider; /* NULL: phandle 0, an entry left empty */
	const void *spec;
	u32 n_spec;
	const char *name; /* from the companion names property, or NULL */
};
/*
 * The next entry of p at *off, false at its end. An entry that names no node, or is cut off, ends
 * the list with *off beyond the end. cells_prop == NULL: no cells.
 */
bool guest_next_ref(struct guest *g, const struct dt_prop *p, const char *cells_prop, u32 *off,
		    struct guest_ref *ref);

#endif
