// SPDX-License-Identifier: GPL-2.0-only
/*
 * PCI devices and the cell's list of capabilities as statements.
 */
#include "decompile.h"

static void print_address(struct printer *p, const struct cv_pci_device *d)
{
	static const char *const types[] = {NULL, "device", "bridge", "shmem"};

	buf_str(p->out, "    pci ");
	if (d->type < ARRAY_SIZE(types) && types[d->type])
		buf_printf(p->out, "%s ", types[d->type]);
	if (d->domain)
		buf_printf(p->out, "%04x:", d->domain);
	buf_printf(p->out, "%02x:%02x.%x", d->bdf >> 8, d->bdf >> 3 & 0x1f, d->bdf & 7);
	if (d->type >= ARRAY_SIZE(types))
		buf_printf(p->out, " type %u", d->type);
}

static void print_clause(struct printer *p, const char *word, u64 v)
{
	if (v)
		buf_printf(p->out, " %s %s", word,
			   v < 1024 ? arena_printf(p->c->arena, "%llu", (unsigned long long)v)
				    : fmt_addr(p->c->arena, v));
}

static void print_device(struct printer *p, const struct cv_pci_device *d)
{
	int last = 6;

	print_address(p, d);
	print_clause(p, "iommu", d->iommu);
	while (last && !d->bar_mask[last - 1])
		last--;
	if (last)
		buf_str(p->out, " bars");
	for (int i = 0; i < last; i++)
		buf_printf(p->out, " 0x%x", d->bar_mask[i]);
	print_clause(p, "msi", d->num_msi_vectors);
	if (d->msi_flags & CV_PCI_MSI_64BIT)
		buf_str(p->out, " wide");
	if (d->msi_flags & CV_PCI_MSI_MASKABLE)
		buf_str(p->out, " maskable");
	print_clause(p, "msi-flags", d->msi_flags & 0xfc);
	print_clause(p, "msix", d->num_msix_vectors);
	print_clause(p, "table", d->msix_address);
	print_clause(p, "table-size", d->msix_region_size);
	buf_printf(p->out, " caps %u %u", d->caps_start, d->num_caps);
	if (d->type == CV_PCI_SHMEM)
		buf_printf(p->out, " regions %u id %u", d->shmem_regions_start, d->shmem_dev_id);
	else {
		print_clause(p, "regions", d->shmem_regions_start);
		print_clause(p, "id", d->shmem_dev_id);
	}
	print_clause(p, "peers", d->shmem_peers);
	print_clause(p, "protocol", d->shmem_protocol);
	buf_str(p->out, ";\n");
}

static void print_cap(struct printer *p, const struct pci_cap *cap)
{
	buf_printf(p->out, "    capability 0x%x at 0x%x len %u", cap->id & 0x7fff, cap->start,
		   cap->len);
	if (cap->id & CV_PCI_CAP_EXTENDED)
		buf_str(p->out, " extended");
	if (cap->flags & CV_PCI_CAP_WRITABLE)
		buf_str(p->out, " writable");
	if (cap->flags & ~CV_PCI_CAP_WRITABLE)
		buf_printf(p->out, " flags 0x%x", cap->flags & ~CV_PCI_CAP_WRITABLE);
	buf_str(p->out, ";\n");
}

void decompile_pci(struct printer *p, const struct cell *cell)
{
	for (size_t i = 0; i < cell->pcis.n; i++)
		print_device(p, &cell->pcis.v[i]->rec);
	for (size_t i = 0; i < cell->caps.n; i++)
		print_cap(p, &cell->caps.v[i]);
}
