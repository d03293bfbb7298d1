// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks: shared-memory devices (abi.md section 6), from the records alone, so that links of a
 * plan and devices of binaries are judged alike. The hypervisor connects the devices with equal
 * PCI address; a group's first device is what the others are compared with.
 */
#include "check.h"

#define STATE  0
#define COMMON 1
#define OUTPUT 2

static const char *name_of(struct check *k, const struct endpoint *e)
{
	if (e->dev->link && e->dev->link->name)
		return arena_printf(k->a, "link \"%s\" in %s", e->dev->link->name,
				    check_cell(k, e->cell));
	return arena_printf(k->a, "shared-memory device %s of %s",
			    check_bdf(k, e->dev->rec.domain, e->dev->rec.bdf),
			    check_cell(k, e->cell));
}

static struct diag *report(struct check *k, enum diag_code code, const struct endpoint *e,
			   const struct origin *at, const char *text)
{
	struct diag *d = check_report(k, code, e->cell, at ? at : e->dev->from, "%s", text);

	if (e->dev->link)
		diag_subject(k->c, d, "link", e->dev->link->name);
	return d;
}

#define REPORT(k, code, e, at, ...) report(k, code, e, at, arena_printf((k)->a, __VA_ARGS__))

static void note_peer(struct check *k, struct diag *d, const struct endpoint *other)
{
	check_note(k, d, other->cell, other->dev->from, "the other peer is here");
}

/* "state table", "common section", "output section 1" */
static const char *part(struct check *k, size_t i)
{
	if (i < OUTPUT)
		return i == STATE ? "state table" : "common section";
	return arena_printf(k->a, "output section %zu", i - OUTPUT);
}

/* --- one device --- */

/* Peers that share a common section alone (virtio) have empty output sections, all of them. */
static bool may_be_empty(const struct endpoint *e, size_t i)
{
	if (i < OUTPUT)
		return i == COMMON;
	for (size_t k = OUTPUT; k < endpoint_regions(e); k++)
		if (endpoint_region(e, k)->size.v)
			return false;
	return endpoint_region(e, COMMON)->size.v != 0;
}

static bool part_aligned(const struct region *r)
{
	return is_aligned(r->phys.v | r->virt.v | r->size.v, PAGE_SIZE);
}

static void check_follows(struct check *k, const struct endpoint *e, size_t i)
{
	const struct region *r = endpoint_region(e, i), *before = endpoint_region(e, i - 1);

	/* an absent common section takes no room: compare with what stands before it */
	if (!before->size.v && i >= 2)
		before = endpoint_region(e, i - 2);
	if (!r->size.v || r->virt.v == before->virt.v + before->size.v)
		return;
	REPORT(k, D_E0613, e, check_at(&r->virt, r->from),
	       "%s: %s at guest address %s does not follow what ends at %s", name_of(k, e),
	       part(k, i), fmt_addr(k->a, r->virt.v),
	       fmt_addr(k->a, before->virt.v + before->size.v));
}

static void check_parts(struct check *k, const struct endpoint *e)
{
	for (size_t i = 0; i < endpoint_regions(e); i++) {
		const struct region *r = endpoint_region(e, i);

		if (r->phys_open || r->virt_open)
			return;
		if (!r->size.v && !may_be_empty(e, i)) {
			REPORT(k, D_E0618, e, r->from, "%s: %s is empty", name_of(k, e),
			       part(k, i));
			return;
		}
		if (!part_aligned(r)) {
			REPORT(k, D_E0618, e, check_at(&r->phys, r->from),
			       "%s: %s (%s, guest %s) is not made of whole pages", name_of(k, e),
			       part(k, i), fmt_range(k->a, r->phys.v, r->size.v),
			       fmt_addr(k->a, r->virt.v));
			return;
		}
		if (i)
			check_follows(k, e, i);
	}
}

void check_link_regions(struct check *k)
{
	for (size_t i = 0; i < k->ends.n; i++) {
		const struct endpoint *e = k->ends.v[i];

		if (e->complete)
			check_parts(k, e);
		else
			REPORT(k, D_E0607, e, NULL,
			       "%s: regions %zu to %zu do not exist, the cell has %zu",
			       name_of(k, e), e->first, e->first + endpoint_regions(e) - 1,
			       e->cell->regions.n);
	}
}

static void check_output(struct check *k, const struct endpoint *e, size_t i)
{
	const struct region *r = endpoint_region(e, i);
	bool own = i == (size_t)OUTPUT + e->dev->rec.shmem_dev_id, write = r->flags & CV_MEM_WRITE;

	if (own && !write && r->size.v)
		REPORT(k, D_E0605, e, r->from, "%s can't write its own %s", name_of(k, e),
		       part(k, i));
	else if (!own && write && i != COMMON)
		REPORT(k, D_E0606, e, r->from, "%s can write %s, which is %s", name_of(k, e),
		       part(k, i),
		       i == STATE ? "the hypervisor's"
				  : arena_printf(k->a, "the output of peer %zu", i - OUTPUT));
	if (r->size.v && !(r->flags & CV_MEM_READ))
		REPORT(k, D_W0620, e, r->from, "%s can't read %s", name_of(k, e), part(k, i));
}

void check_link_access(struct check *k)
{
	for (size_t i = 0; i < k->ends.n; i++) {
		const struct endpoint *e = k->ends.v[i];

		if (e->complete && e->dev->rec.shmem_dev_id < e->dev->rec.shmem_peers)
			for (size_t r = 0; r < endpoint_regions(e); r++)
				check_output(k, e, r);
	}
}

/* --- peers --- */

static void check_id(struct check *k, const struct shmem_group *g, size_t i)
{
	const struct endpoint *e = g->ends.v[i];
	u8 id = e->dev->rec.shmem_dev_id, peers = e->dev->rec.shmem_peers;

	if (id >= peers) {
		REPORT(k, D_E0601, e, NULL, "%s has id %u, but there are %u peers (0 to %d)",
		       name_of(k, e), id, peers, peers - 1);
		return;
	}
	for (size_t n = 0; n < i; n++) {
		struct endpoint *o = g->ends.v[n];

		if (o->dev->rec.shmem_dev_id != id || o->dev->link != e->dev->link)
			continue;
		note_peer(k,
			  REPORT(k, D_E0602, e, NULL, "%s has id %u, as has %s", name_of(k, e), id,
				 name_of(k, o)),
			  o);
		return;
	}
}

static void check_place(struct check *k, const struct endpoint *e, const struct endpoint *o)
{
	for (size_t i = 0; i < endpoint_regions(e); i++) {
		const struct region *a = endpoint_region(e, i), *b = endpoint_region(o, i);
		struct diag *d;

		if (a->phys_open || b->phys_open || (!a->size.v && !b->size.v))
			continue;
		if (a->size.v != b->size.v)
			d = REPORT(k, D_E0604, e, check_at(&a->size, a->from),
				   "%s: %s has %s, in %s it has %s", name_of(k, e), part(k, i),
				   fmt_size(k->a, a->size.v), name_of(k, o),
				   fmt_size(k->a, b->size.v));
		else if (a->phys.v != b->phys.v)
			d = REPORT(k, D_E0603, e, check_at(&a->phys, a->from),
				   "%s: %s is at host address %s, in %s at %s", name_of(k, e),
				   part(k, i), fmt_addr(k->a, a->phys.v), name_of(k, o),
				   fmt_addr(k->a, b->phys.v));
		else
			continue;
		check_note(k, d, o->cell, check_at(&b->phys, b->from),
			   "the other peer has it here");
		return;
	}
}

/* Two links of a plan in one slot: said once for the later one. */
static void check_slot(struct check *k, const struct shmem_group *g, size_t i)
{
	const struct link *link = g->ends.v[i]->dev->link, *first = g->ends.v[0]->dev->link;
	struct diag *d;

	for (size_t n = 0; n < i; n++)
		if (g->ends.v[n]->dev->link == link)
			return;
	if (!link || !first)
		return;
	d = REPORT(k, D_E0609, g->ends.v[i], check_at(&link->slot, link->from),
		   "link \"%s\" is in slot %u, as is link \"%s\"", link->name, g->bdf >> 3 & 31,
		   first->name);
	diag_note(k->c, d, check_at(&first->slot, first->from), "link \"%s\" is here", first->name);
}

static void check_same(struct check *k, const struct endpoint *e, const struct endpoint *o)
{
	const struct cv_pci_device *a = &e->dev->rec, *b = &o->dev->rec;

	if (a->shmem_peers != b->shmem_peers) {
		note_peer(k,
			  REPORT(k, D_E0611, e, NULL, "%s counts %u peers, %s %u", name_of(k, e),
				 a->shmem_peers, name_of(k, o), b->shmem_peers),
			  o);
		return;
	}
	if (a->num_msix_vectors != b->num_msix_vectors)
		note_peer(k,
			  REPORT(k, D_W0610, e, NULL, "%s has %u MSI-X vectors, %s %u",
				 name_of(k, e), a->num_msix_vectors, name_of(k, o),
				 b->num_msix_vectors),
			  o);
	if (e->complete && o->complete)
		check_place(k, e, o);
}

void check_link_peers(struct check *k)
{
	for (size_t i = 0; i < k->groups.n; i++) {
		const struct shmem_group *g = k->groups.v[i];

		for (size_t n = 0; n < g->ends.n; n++) {
			check_id(k, g, n);
			if (n && g->ends.v[n]->dev->link == g->ends.v[0]->dev->link)
				check_same(k, g->ends.v[n], g->ends.v[0]);
			else if (n)
				check_slot(k, g, n);
		}
		/* cells may be given one at a time */
		if (!k->m->from_binary && k->root && g->ends.n == 1)
			REPORT(k, D_W0612, g->ends.v[0], NULL, "%s has no other peer",
			       name_of(k, g->ends.v[0]));
	}
}

/* --- protocol --- */

/* Virtio peers differ in this bit: driver side and device side. */
static bool protocols_match(u16 a, u16 b)
{
	if (a >= CV_SHMEM_VIRTIO_FRONT && b >= CV_SHMEM_VIRTIO_FRONT)
		return (a ^ b) == (CV_SHMEM_VIRTIO_FRONT ^ CV_SHMEM_VIRTIO_BACK);
	return a == b;
}

static void check_net(struct check *k, const struct endpoint *e)
{
	const struct cv_pci_device *d = &e->dev->rec;

	if (d->shmem_peers != 2)
		REPORT(k, D_E0616, e, NULL, "%s is a virtual Ethernet with %u peers: it joins two",
		       name_of(k, e), d->shmem_peers);
	else if (d->num_msix_vectors == 1)
		REPORT(k, D_E0616, e, NULL,
		       "%s is a virtual Ethernet with 1 vector: it needs two, for state and data",
		       name_of(k, e));
}

static void check_numbers(struct check *k, const struct endpoint *e)
{
	u16 p = e->dev->rec.shmem_protocol;

	if (p > CV_SHMEM_NET && p < CV_SHMEM_CUSTOM)
		REPORT(k, D_W0617, e, NULL, "%s has protocol 0x%x, of the range kept for standards",
		       name_of(k, e), p);
	if (p == CV_SHMEM_NET)
		check_net(k, e);
}

void check_link_protocol(struct check *k)
{
	for (size_t i = 0; i < k->groups.n; i++) {
		const struct shmem_group *g = k->groups.v[i];
		const struct endpoint *o = g->ends.v[0];

		for (size_t n = 0; n < g->ends.n; n++) {
			const struct endpoint *e = g->ends.v[n];

			check_numbers(k, e);
			if (!n || e->dev->link != o->dev->link ||
			    protocols_match(e->dev->rec.shmem_protocol, o->dev->rec.shmem_protocol))
				continue;
			note_peer(k,
				  REPORT(k, D_E0608, e, NULL, "%s speaks protocol 0x%x, %s 0x%x",
					 name_of(k, e), e->dev->rec.shmem_protocol, name_of(k, o),
					 o->dev->rec.shmem_protocol),
				  o);
		}
	}
}

/* --- root's side --- */

static bool root_is_peer(const struct endpoint *e)
{
	for (size_t i = 0; i < e->group->ends.n; i++)
		if (e->group->ends.v[i]->cell->is_root)
			return true;
	return false;
}

/* Without the flag a cell's region is unmapped from root when the cell is created. */
void check_link_root(struct check *k)
{
	for (size_t i = 0; i < k->ends.n; i++) {
		const struct endpoint *e = k->ends.v[i];

		if (e->cell->is_root || !e->complete || !root_is_peer(e))
			continue;
		for (size_t n = 0; n < endpoint_regions(e); n++) {
			const struct region *r = endpoint_region(e, n);

			if (!r->size.v || r->flags & CV_MEM_ROOTSHARED)
				continue;
			REPORT(k, D_E0614, e, r->from,
			       "%s: %s is not marked as shared, so %s loses it when the cell is "
			       "created",
			       name_of(k, e), part(k, n), check_cell(k, k->root));
			break;
		}
	}
}
