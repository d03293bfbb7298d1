// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks: PCI devices of cells and the configuration space.
 */
#include "check.h"

#include <stdlib.h>

#define CONFIG_SIZE	     0x100u
#define CONFIG_SIZE_EXTENDED 0x1000u
#define CAPS_FIRST	     0x40u /* PCI 3.0, section 6.1: the header ends here */
#define MSIX_ENTRY	     16u
#define MSIX_MAX	     2048u
#define FIRST_SPI	     32u

struct owned {
	const struct pci_device *d;
	const struct cell *cell;
	u32 cell_index, index;
};

/* Each (cell, device) pair of the model in turn. */
#define each_device(k, cell, d)                                                                  \
	for (size_t c_ = 0; c_ < (k)->m->cells.n; c_++)                                          \
		for (size_t d_ = 0;                                                              \
		     cell = (k)->m->cells.v[c_], d_ < cell->pcis.n && (d = cell->pcis.v[d_], 1); \
		     d_++)

static const char *name_of(struct check *k, const struct pci_device *d, const struct cell *cell)
{
	return arena_printf(k->a, "%s %s of %s",
			    d->rec.type == CV_PCI_BRIDGE ? "PCI bridge" : "PCI device",
			    check_bdf(k, d->rec.domain, d->rec.bdf), check_cell(k, cell));
}

static int by_bdf(const void *pa, const void *pb)
{
	const struct owned *a = pa, *b = pb;
	u32 x = (u32)a->d->rec.domain << 16 | a->d->rec.bdf;
	u32 y = (u32)b->d->rec.domain << 16 | b->d->rec.bdf;

	if (x != y)
		return x < y ? -1 : 1;
	if (a->cell_index != b->cell_index)
		return a->cell_index < b->cell_index ? -1 : 1;
	return a->index < b->index ? -1 : a->index > b->index;
}

static bool clash(const struct owned *a, const struct owned *b)
{
	if (a->d->rec.domain != b->d->rec.domain || a->d->rec.bdf != b->d->rec.bdf)
		return false;
	/* links in one slot have a finding of their own */
	if (a->cell == b->cell)
		return !a->d->link || !b->d->link || a->d->link == b->d->link;
	return !a->cell->is_root && !is_shmem(a->d) && !is_shmem(b->d);
}

static void report_clash(struct check *k, const struct owned *a, const struct owned *b)
{
	struct diag *d;

	if (a->cell == b->cell)
		d = check_report(k, D_E0802, b->cell, b->d->from, "%s has two PCI devices at %s",
				 check_cell(k, b->cell),
				 check_bdf(k, b->d->rec.domain, b->d->rec.bdf));
	else
		d = check_report(k, D_E0801, b->cell, b->d->from,
				 "PCI device %s belongs to %s and to %s",
				 check_bdf(k, b->d->rec.domain, b->d->rec.bdf),
				 check_cell(k, a->cell), check_cell(k, b->cell));
	check_note(k, d, a->cell, a->d->from, "%s has it here", check_cell(k, a->cell));
}

void check_pci_owners(struct check *k)
{
	VEC(struct owned) all = {0};

	for (u32 i = 0; i < k->m->cells.n; i++) {
		const struct cell *cell = k->m->cells.v[i];

		for (u32 n = 0; n < cell->pcis.n; n++)
			if (!cell->pcis.v[n]->bdf_open && cell->pcis.v[n]->rec.type)
				*vec_push(k->a, &all) = (struct owned){cell->pcis.v[n], cell, i, n};
	}
	if (all.n)
		qsort(all.v, all.n, sizeof(*all.v), by_bdf);
	for (size_t i = 1; i < all.n; i++)
		if (clash(&all.v[i - 1], &all.v[i]))
			report_clash(k, &all.v[i - 1], &all.v[i]);
}

/* --- BARs --- */

/* Ones down to the size, low bits free for the type: a size is a power of two. */
static bool is_mask(u32 mask)
{
	u32 size = ~(mask & ~0xfu) + 1;

	return !mask || mask == ~0u || (size & (size - 1)) == 0;
}

/* The MSI-X table, 16 bytes a vector, then a pending bit for each in words of 8 bytes (PCI Local Bus
 * Specification 3.0, 6.8.2). */
static void check_shmem_vectors(struct check *k, const struct cell *cell, const struct pci_device *d)
{
	u32 vectors = d->rec.num_msix_vectors, room = ~d->rec.bar_mask[1] + 1;
	u32 need = vectors * 16 + (vectors + 63) / 64 * 8;

	if (vectors && need > room)
		check_report(k, D_E0814, cell, d->from,
			     "%s: %u vectors take %u bytes, BAR 1 has %u, which is for %u",
			     name_of(k, d, cell), vectors, need, room, room * 8 / 129);
}

static void check_shmem_bars(struct check *k, const struct cell *cell, const struct pci_device *d)
{
	u32 bar0 = d->rec.bar_mask[0], bar1 = d->rec.bar_mask[1];
	bool msix = d->rec.num_msix_vectors;
	bool bar1_ok = !msix || bar1 == 0xfffff000 || bar1 == 0xffff0000;

	if (k->m->revision == 12 && msix)
		bar1_ok = bar1 == 0xfffffe00;
	if (bar0 != 0xfffff000 && bar0 != 0xffff0000)
		check_report(k, D_E0814, cell, d->from,
			     "%s: BAR 0 of a shared-memory device has mask %s, not 0xffff_f000",
			     name_of(k, d, cell), fmt_addr(k->a, bar0));
	else if (!bar1_ok)
		check_report(
			k, D_E0814, cell, d->from,
			"%s: BAR 1 of a shared-memory device has mask %s, not %s in revision %u",
			name_of(k, d, cell), fmt_addr(k->a, bar1),
			k->m->revision == 12 ? "0xffff_fe00" : "0xffff_f000", k->m->revision);
	else
		check_shmem_vectors(k, cell, d);
}

void check_pci_bars(struct check *k)
{
	const struct cell *cell;
	const struct pci_device *d;

	each_device(k, cell, d) {
		if (is_shmem(d)) {
			check_shmem_bars(k, cell, d);
			continue;
		}
		for (u32 b = 0; b < 6; b++)
			if (!is_mask(d->rec.bar_mask[b]))
				check_report(k, D_E0803, cell, d->from,
					     "%s: mask %s of BAR %u is not that of a power of two",
					     name_of(k, d, cell),
					     fmt_addr(k->a, d->rec.bar_mask[b]), b);
	}
}

/* --- capabilities --- */

static void check_cap(struct check *k, const struct cell *cell, const struct pci_device *d,
		      const struct pci_cap *cap)
{
	bool extended = cap->id & CV_PCI_CAP_EXTENDED;
	u32 low = extended ? CONFIG_SIZE : CAPS_FIRST;
	u32 high = extended ? CONFIG_SIZE_EXTENDED : CONFIG_SIZE;

	if (cap->start >= low && cap->len && (u32)cap->start + cap->len <= high)
		return;
	check_report(k, D_E0804, cell, cap->from,
		     "%s: capability 0x%x (0x%x .. 0x%x) does not lie in 0x%x .. 0x%x",
		     name_of(k, d, cell), cap->id & ~CV_PCI_CAP_EXTENDED, cap->start,
		     cap->start + cap->len, low, high);
}

static void check_caps(struct check *k, const struct cell *cell, const struct pci_device *d,
		       const struct pci_cap *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check_cap(k, cell, d, &v[i]);
}

void check_pci_caps(struct check *k)
{
	const struct cell *cell;
	const struct pci_device *d;

	each_device(k, cell, d) {
		u32 first = d->rec.caps_start, n = d->rec.num_caps;

		if (!d->caps_explicit)
			check_caps(k, cell, d, d->caps.v, d->caps.n);
		else if (n && first + n <= cell->caps.n)
			check_caps(k, cell, d, cell->caps.v + first, n);
		else if (n && cell_has_all(cell, PART_CAPS))
			check_report(k, D_E0805, cell, d->from,
				     "%s: capabilities %u to %u do not exist, the cell lists %zu",
				     name_of(k, d, cell), first, first + n - 1, cell->caps.n);
	}
}

/* --- interrupts of devices --- */

static void check_table(struct check *k, const struct cell *cell, const struct pci_device *d)
{
	const struct cv_pci_device *r = &d->rec;
	u32 need = r->num_msix_vectors * MSIX_ENTRY;

	if (r->num_msix_vectors > MSIX_MAX)
		check_report(k, D_E0813, cell, d->from, "%s has %u MSI-X vectors, %u is the most",
			     name_of(k, d, cell), r->num_msix_vectors, MSIX_MAX);
	else if (!r->msix_address || !is_aligned(r->msix_address, PAGE_SIZE))
		check_report(k, D_E0807, cell, d->from,
			     "%s: the MSI-X table at %s does not begin a page", name_of(k, d, cell),
			     fmt_addr(k->a, r->msix_address));
	else if (r->msix_region_size < need)
		check_report(k, D_E0807, cell, d->from,
			     "%s: %u MSI-X vectors need a table of %u bytes, the region has %u",
			     name_of(k, d, cell), r->num_msix_vectors, need, r->msix_region_size);
}

static void check_msi(struct check *k, const struct cell *cell, const struct pci_device *d)
{
	u32 n = d->rec.num_msi_vectors;

	if (n > 32 || (n & (n - 1)))
		check_report(k, D_E0813, cell, d->from,
			     "%s has %u MSI vectors: it is a power of two up to 32",
			     name_of(k, d, cell), n);
	if (d->rec.num_msix_vectors)
		check_table(k, cell, d);
}

struct table {
	const struct pci_device *d;
	const struct cell *cell;
};

/* Who writes the table chooses which interrupts the device raises, anywhere. */
static void check_tables_held(struct check *k, const struct ranges *tables)
{
	for (size_t i = 0; i < k->host.n; i++) {
		const struct use *u = &k->host.v[i];
		const struct range *r = ranges_find(tables, u->start, use_size(u), NULL);
		const struct table *t = r ? r->owner : NULL;
		struct diag *d;

		if (!t)
			continue;
		d = check_report(k, D_E0806, u->cell, check_at(&u->r->phys, u->r->from),
				 "%s overlaps the MSI-X table of %s", check_use(k, u),
				 name_of(k, t->d, t->cell));
		check_note(k, d, t->cell, t->d->from, "the device is here");
	}
}

/* Linux sends its messages to the frame in its tree, which is for the lines behind the INTx lines. */
static void check_shmem_heard(struct check *k, const struct cell *cell, const struct pci_device *d)
{
	u64 first = cell->vpci_irq_base.v + CV_SHMEM_INTX_PINS + cell_vector_lines(cell, d), n = 0;
	struct diag *diag;

	if (cell->boot.kind != BOOT_LINUX || !is_arm(k) || cell->incomplete)
		return;
	while (n < d->rec.num_msix_vectors && check_has_line(k, cell, (u32)(FIRST_SPI + first + n)))
		n++;
	if (n == d->rec.num_msix_vectors)
		return;
	diag = check_report(k, D_W0816, cell, d->from,
			    "%s: Linux does not get all interrupts of its vectors, %s lacks %s",
			    name_of(k, d, cell), check_cell(k, cell),
			    check_irq(k, (u32)(FIRST_SPI + first + n)));
	diag_help(k->c, diag, "vectors have a line each, from SPI %u on, behind the four of vpci-irq",
		  (u32)cell->vpci_irq_base.v + CV_SHMEM_INTX_PINS);
}

void check_pci_msi(struct check *k)
{
	const struct cell *cell;
	const struct pci_device *d;
	struct ranges tables;

	ranges_init(&tables, k->a);
	each_device(k, cell, d) {
		struct table *t;

		if (is_shmem(d)) {
			check_shmem_heard(k, cell, d);
			continue;
		}
		check_msi(k, cell, d);
		if (!d->rec.num_msix_vectors || !d->rec.msix_address)
			continue;
		t = NEW(k->a, struct table);
		*t = (struct table){d, cell};
		ranges_add(&tables, d->rec.msix_address, MAX(d->rec.msix_region_size, 1), t);
	}
	check_tables_held(k, &tables);
}

/* --- topology --- */

static bool bridged(const struct check *k, const struct pci_device *dev)
{
	const struct cell *cell;
	const struct pci_device *d;

	if (k->root && !cell_has_all(k->root, PART_PCIS))
		return true; /* bridges are root's */
	each_device(k, cell, d)
		if (d->rec.type == CV_PCI_BRIDGE && d->rec.domain == dev->rec.domain &&
		    d->rec.bdf >> 8 < dev->rec.bdf >> 8)
			return true;
	return false;
}

void check_pci_bridges(struct check *k)
{
	const struct cell *cell;
	const struct pci_device *d;

	each_device(k, cell, d) {
		if (d->rec.type == CV_PCI_BRIDGE && !cell->is_root)
			check_report(
				k, D_E0809, cell, d->from,
				"%s: a bridge decides what reaches all behind it and stays with "
				"root",
				name_of(k, d, cell));
		else if (d->rec.type == CV_PCI_DEVICE && d->rec.bdf >> 8 && !bridged(k, d))
			check_report(k, D_W0808, cell, d->from,
				     "%s is on bus %u, and no bridge to it is listed",
				     name_of(k, d, cell), d->rec.bdf >> 8);
	}
}

static void check_unit(struct check *k, const struct cell *cell, const struct pci_device *d)
{
	const struct platform *p = &k->m->platform;
	u8 unit = d->rec.iommu;

	if (unit >= CV_IOMMU_UNITS)
		check_report(k, D_E0811, cell, d->from, "%s is behind IOMMU unit %u: 0 to %u exist",
			     name_of(k, d, cell), unit, CV_IOMMU_UNITS - 1);
	else if (unit && (p->iommus[unit].type == CV_IOMMU_NONE ||
			  p->iommus[unit].type == CV_IOMMU_FRAMES))
		check_report(k, D_E0811, cell, d->from,
			     "%s is behind IOMMU unit %u, which the system does not have",
			     name_of(k, d, cell), unit);
}

static void check_window(struct check *k)
{
	const struct platform *p = &k->m->platform;
	u64 base = p->mmconfig_base.v, size = (u64)(p->mmconfig_end_bus + 1) << 20;
	const struct extent *w = &p->pci_window;

	if (!p->pci_virtual || p->mmconfig_open || !base)
		return;
	if ((base + size - 1) >> 32 || (w->size && (w->addr + w->size - 1) >> 32))
		check_report(k, D_E0815, k->root, check_at(&p->mmconfig_base, p->from),
			     "the virtual PCI host (%s%s%s) reaches above 4 GiB",
			     fmt_range(k->a, base, size), w->size ? ", window " : "",
			     w->size ? fmt_range(k->a, w->addr, w->size) : "");
}

/* Its tree tells nothing of where Linux in root put BARs, nor of their interrupts. */
static void check_seen(struct check *k, const struct cell *cell, const struct pci_device *d)
{
	if (is_arm(k) && cell->boot.kind == BOOT_LINUX && d->rec.type == CV_PCI_DEVICE)
		check_report(k, D_W0817, cell, d->from,
			     "%s: the tree made for Linux in the cell does not have it",
			     name_of(k, d, cell));
}

/* Why the device is in no configuration space, or NULL. */
static const char *unreached(const struct check *k, const struct cell *cell, const struct pci_device *d)
{
	const struct platform *p = &k->m->platform;

	if (!is_arm(k))
		return NULL;
	if (!p->mmconfig_base.v && !p->mmconfig_open)
		return "the system has no PCI configuration space";
	if (p->pci_virtual && !cell->is_root && !is_shmem(d))
		return "the system's PCI configuration space is a virtual one, for links alone";
	return NULL;
}

static bool has_message_frame(const struct machine *m)
{
	for (size_t i = 0; i < m->nodes.n; i++)
		if (m->nodes.v[i]->role == NODE_V2M && m->nodes.v[i]->enabled)
			return true;
	return false;
}

/* On its own host Linux has messages from the machine's controllers alone, and an ITS is nobody's. */
void check_link_messages(struct check *k)
{
	const struct platform *p = &k->m->platform;
	const struct cell *root = k->root;
	struct diag *d;

	if (p->pci_virtual || !p->mmconfig_base.v || has_message_frame(k->m->machine))
		return;
	for (size_t i = 0; i < root->pcis.n; i++) {
		const struct pci_device *dev = root->pcis.v[i];

		if (!is_shmem(dev) || !dev->rec.num_msix_vectors)
			continue;
		d = check_report(k, D_W0819, root, dev->from,
				 "%s: the host's PCI bus has no GICv2m frame that its vectors could use",
				 name_of(k, dev, root));
		diag_help(k->c, d, "leave `vectors` out: its interrupts are lines then");
	}
}

void check_pci_host(struct check *k)
{
	const struct platform *p = &k->m->platform;
	const struct cell *cell;
	const struct pci_device *d;
	const char *why = NULL;

	check_window(k);
	each_device(k, cell, d) {
		bool told = why;

		if (!is_shmem(d)) {
			check_unit(k, cell, d);
			check_seen(k, cell, d);
		}
		why = why ? why : unreached(k, cell, d);
		if (why && !told)
			check_report(k, D_E0812, cell, d->from, "%s: %s", name_of(k, d, cell), why);
		else if (!why && p->mmconfig_base.v && d->rec.bdf >> 8 > p->mmconfig_end_bus)
			check_report(k, D_E0810, cell, d->from,
				     "%s: the configuration space ends with bus %u",
				     name_of(k, d, cell), p->mmconfig_end_bus);
	}
}
