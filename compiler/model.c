// SPDX-License-Identifier: GPL-2.0-only
/*
 * Small questions about a model.
 */
#include "model.h"

#include <string.h>

struct cell *model_root(const struct model *m)
{
	return m->cells.n && m->cells.v[0]->is_root ? m->cells.v[0] : NULL;
}

struct cell *model_cell(const struct model *m, const char *name)
{
	for (size_t i = 0; i < m->cells.n; i++)
		if (m->cells.v[i]->name && strcmp(m->cells.v[i]->name, name) == 0)
			return m->cells.v[i];
	return NULL;
}

u32 cell_vector_lines(const struct cell *cell, const struct pci_device *end)
{
	u32 n = 0;

	if (!cell->is_root && cell->boot.kind != BOOT_LINUX)
		return 0;
	for (size_t i = 0; i < cell->pcis.n && cell->pcis.v[i] != end; i++)
		if (cell->pcis.v[i]->rec.type == CV_PCI_SHMEM)
			n += cell->pcis.v[i]->rec.num_msix_vectors;
	return n;
}

bool cell_has_intx(const struct cell *cell)
{
	if (!cell->is_root && cell->boot.kind != BOOT_LINUX)
		return true;
	for (size_t i = 0; i < cell->pcis.n; i++)
		if (cell->pcis.v[i]->rec.type == CV_PCI_SHMEM &&
		    !cell->pcis.v[i]->rec.num_msix_vectors)
			return true;
	return false;
}

const char *arch_name(enum cv_arch arch)
{
	static const char *const names[] = {"x86", "arm", "arm64"};

	return (unsigned)arch < ARRAY_SIZE(names) ? names[arch] : "unknown";
}

bool region_is_subpage(const struct region *r)
{
	return !is_aligned(r->virt.v | r->size.v, PAGE_SIZE);
}
