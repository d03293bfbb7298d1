// SPDX-License-Identifier: GPL-2.0-only
/*
 * Revisions 12 and 13 do not say what they are for. Between ARM and x86 the fields tell; 32 and
 * 64-bit ARM have the same format and the same checks, so the usual one is taken.
 */
#include "binary.h"

enum cv_arch guess_system_arch(const u8 *data, u16 revision)
{
	const struct record *rec = system_arch_record(revision, false);
	const u8 *part = data + system_arch_offset(revision);
	u64 version = 0, gicd = 1;

	for (u32 i = 0; i < rec->n; i++) {
		const struct field *f = &rec->fields[i];

		if (f->offset == offsetof(struct cv_platform_arm, gic_version) && f->width == 1)
			version = get_le(part + f->offset, 1);
		else if (f->width == 8 && gicd == 1)
			gicd = get_le(part + f->offset, 8);
	}
	if ((version == 2 || version == 3) && gicd && is_aligned(gicd, PAGE_SIZE))
		return CV_ARCH_ARM64;
	return CV_ARCH_X86;
}

enum cv_arch guess_cell_arch(const struct cell *cell)
{
	if (cell->ports.n || cell->caches.n)
		return CV_ARCH_X86;
	for (size_t i = 0; i < cell->irqchips.n; i++)
		if (cell->irqchips.v[i].pin_base < 32)
			return CV_ARCH_X86;
	for (size_t i = 0; i < cell->regions.n; i++)
		if (cell->regions.v[i]->role == REGION_COMM &&
		    cell->regions.v[i]->virt.v == 0x100000)
			return CV_ARCH_X86;
	return CV_ARCH_ARM64;
}
