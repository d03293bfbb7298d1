// SPDX-License-Identifier: GPL-2.0-only
/*
 * pci and capability statements of cells: device records as they are written.
 */
#include "resolve.h"

static void fill_capability(struct resolver *r, const struct stmt *s, struct pci_cap *cap)
{
	cap->from = s->at;
	cap->id = (u16)value_fit(r, &s->args[0], 16, "capability");
	if (stmt_has(s, KW_extended))
		cap->id |= CV_PCI_CAP_EXTENDED;
	cap->start = (u16)clause_value(r, s, KW_at, 16, 0);
	cap->len = (u16)clause_value(r, s, KW_len, 16, 0);
	cap->flags = (u16)clause_value(r, s, KW_flags, 16, 0);
	if (stmt_has(s, KW_writable))
		cap->flags |= CV_PCI_CAP_WRITABLE;
}

void cell_capability(struct resolver *r, struct cell *cell, const struct stmt *s)
{
	fill_capability(r, s, vec_push(r->c->arena, &cell->caps));
}

/* Type and address: the positional arguments. */
static void fill_head(struct resolver *r, const struct stmt *s, struct cv_pci_device *rec)
{
	static const char *const types[] = {"device", "bridge", "shmem", NULL};
	bool has_domain = false;

	for (size_t i = 0; i < s->nargs; i++) {
		const struct item *it = &s->args[i];

		if (it->kind == ITEM_PCI) {
			rec->bdf = (u16)it->num;
			rec->domain = (u16)(it->num >> 16);
			has_domain = it->has_domain;
		} else {
			int type = choose_word(r, it, types, "kind of PCI device");

			rec->type = type < 0 ? 0 : (u8)(CV_PCI_DEVICE + type);
		}
	}
	rec->type = (u8)clause_value(r, s, KW_type, 8, rec->type);
	if (stmt_has(s, KW_domain)) {
		if (has_domain)
			contradiction(r, s, stmt_clause(s, KW_domain), "the domain is given twice");
		rec->domain = (u16)clause_value(r, s, KW_domain, 16, 0);
	}
}

static void fill_bars(struct resolver *r, const struct stmt *s, struct cv_pci_device *rec)
{
	const struct clause *cl = stmt_clause(s, KW_bars);

	if (cl && cl->n > 6)
		diag_report(r->c, D_E0222, origin_plan(r->c, cl->span),
			    "a device has six BARs, not %zu", cl->n);
	for (size_t i = 0; cl && i < MIN(cl->n, 6u); i++) {
		u32 mask = (u32)value_fit(r, &cl->args[i], 32, "bars");

		rec->bar_mask[i] = mask;
	}
}

static void fill_msi(struct resolver *r, const struct stmt *s, struct cv_pci_device *rec)
{
	rec->num_msi_vectors = (u8)clause_value(r, s, KW_msi, 8, 0);
	rec->msi_flags = (u8)clause_value(r, s, KW_msi_flags, 8, 0);
	if (stmt_has(s, KW_wide))
		rec->msi_flags |= CV_PCI_MSI_64BIT;
	if (stmt_has(s, KW_maskable))
		rec->msi_flags |= CV_PCI_MSI_MASKABLE;
	rec->num_msix_vectors = (u16)clause_value(r, s, KW_msix, 16, 0);
	rec->msix_region_size = (u16)clause_value(r, s, KW_table_size, 16, 0);
	rec->msix_address = clause_value(r, s, KW_table, 64, 0);
}

static void fill_caps(struct resolver *r, const struct stmt *s, struct pci_device *dev)
{
	const struct clause *cl = stmt_clause(s, KW_caps);

	if (cl) {
		dev->caps_explicit = true;
		dev->rec.caps_start = (u16)value_fit(r, &cl->args[0], 16, "caps");
		dev->rec.num_caps = (u16)value_fit(r, &cl->args[1], 16, "caps");
	}
	for (size_t i = 0; i < s->body.n; i++) {
		const struct stmt *inner = s->body.v[i];

		if (inner->poisoned || inner->kw != KW_capability)
			continue;
		if (cl) {
			diag_help(r->c,
				  contradiction(r, s, cl, "the device lists its own capabilities"),
				  "leave out caps, or list the capabilities in the cell");
			break;
		}
		fill_capability(r, inner, vec_push(r->c->arena, &dev->caps));
	}
}

void cell_pci(struct resolver *r, struct cell *cell, const struct stmt *s)
{
	struct pci_device *dev = NEW(r->c->arena, struct pci_device);
	struct cv_pci_device *rec = &dev->rec;

	dev->from = s->at;
	fill_head(r, s, rec);
	fill_bars(r, s, rec);
	fill_msi(r, s, rec);
	fill_caps(r, s, dev);
	rec->iommu = (u8)clause_value(r, s, KW_iommu, 8, 0);
	rec->shmem_regions_start = (u32)clause_value(r, s, KW_regions, 32, 0);
	rec->shmem_dev_id = (u8)clause_value(r, s, KW_id, 8, 0);
	rec->shmem_peers = (u8)clause_value(r, s, KW_peers, 8, 0);
	rec->shmem_protocol = (u16)clause_value(r, s, KW_protocol, 16, 0);
	*vec_push(r->c->arena, &cell->pcis) = dev;
}
