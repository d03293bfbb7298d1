/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The inside of the place pass: what its files share.
 *
 * In: a model with open places. Out: the same model with none, or a finding for each that stays
 * open. Holds: pinned things are entered before anything is placed; requests are served in a fixed
 * order (alignment, then size, both falling, then order in the plan), each at the lowest address
 * that fits; nothing depends on pointers or hashes.
 */
#ifndef CELLC_PLACE_H
#define CELLC_PLACE_H

#include "../lib/ranges.h"
#include "../model.h"

/* Who has a range of memory; the text is made when someone asks. */
struct holder {
	const char *text; /* or NULL: the region of the cell */
	const struct cell *cell;
	const struct region *region;
	const struct origin *from;
};

/* Where requests without an address can go. */
struct area {
	const char *name; /* "pool \"carveout\"" */
	const struct pool *pool;
	struct ranges free;
};

struct request {
	u64 size, align;
	const struct pool *pool;
	struct region *region; /* of cells[cell], or NULL: a link */
	u32 cell, order;
	struct link *link;
};

struct placer {
	struct cellc *c;
	struct model *m;
	struct area ram; /* all RAM that nobody has */
	VEC(struct area) pools;
	struct ranges used;   /* host addresses; owner: struct holder */
	struct ranges *guest; /* guest addresses, one set a cell; owner: struct holder */
	VEC(struct request) requests;
	bool no_ram_told;
};

u32 cell_index(const struct model *m, const struct cell *cell);
const char *holder_text(struct placer *p, const struct holder *h);
struct holder *holder_new(struct placer *p, const char *text, const struct origin *from);
/* Records a decision for the report. */
void decided(struct placer *p, const char *what, const char *result, const char *why,
	     const struct origin *from);
/* What natural alignment a size has: 2M, 64K or a page. */
u64 natural_align(u64 size);
/* All bytes of a link, from state table to last output section. */
u64 link_size(const struct link *l);
/* What a request is for, in words. */
const char *request_text(struct placer *p, const struct request *q);

/* memory.c */
void place_pinned(struct placer *p);
void place_hypervisor(struct placer *p);
void place_pools(struct placer *p);
void place_requests(struct placer *p);
/* Enters a range as taken: out of the free RAM and pools, into the map of owners. */
void take(struct placer *p, u64 addr, u64 size, const struct holder *h);
void explain_no_room(struct placer *p, struct diag *d, const struct ranges *free, const char *area);

/* cpus.c, guest.c, pci.c, console.c, irqs.c, root.c */
void place_cpus(struct placer *p);
void place_comm(struct placer *p);
void place_reset(struct placer *p);
void place_pci_host(struct placer *p);
void place_slots(struct placer *p);
void place_consoles(struct placer *p);
/* Addresses below 4G that nothing has in any cell; the top of the largest hole of them. */
void place_find_holes(struct placer *p, struct ranges *holes);
bool place_in_hole(const struct ranges *holes, u64 size, u64 align, u64 *addr);
void place_spis(struct placer *p);
void place_irqchips(struct placer *p);
void place_root(struct placer *p);

#endif
