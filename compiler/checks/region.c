// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks: memory regions one by one, their shape and flags.
 */
#include "check.h"

/* Nearest page boundary: what a slip of a few bytes was meant to be. */
static u64 nearest_page(u64 x)
{
	u64 down = align_down(x, PAGE_SIZE);

	return x - down < PAGE_SIZE / 2 && down ? down : align_up(x, PAGE_SIZE);
}

static bool is_zero(const struct region *r)
{
	return !r->phys.v && !r->virt.v && !r->size.v && !r->flags;
}

static bool is_memory(const struct region *r)
{
	return !(r->flags & (CV_MEM_IO | CV_MEM_COMM));
}

static void check_ends(struct check *k, const struct cell *cell, const struct region *r, u32 index)
{
	const char *what = check_region(k, cell, r, index);
	u32 bits = k->m->arch == CV_ARCH_ARM ? 40 : k->m->arch == CV_ARCH_ARM64 ? 48 : 52;
	u64 end = r->size.v - 1;

	if (!r->size.v) {
		check_report(k, D_E0327, cell, check_at(&r->size, r->from), "%s of %s has size 0",
			     what, check_cell(k, cell));
		return;
	}
	if (r->phys.v + end < r->phys.v || r->virt.v + end < r->virt.v) {
		check_report(k, D_E0310, cell, check_at(&r->size, r->from),
			     "%s of %s (at %s, size %s) runs past the end of the address space",
			     what, check_cell(k, cell), fmt_addr(k->a, MAX(r->phys.v, r->virt.v)),
			     fmt_size(k->a, r->size.v));
		return;
	}
	if ((r->phys.v + end) >> bits || (r->virt.v + end) >> bits)
		check_report(k, D_E0329, cell, check_at(&r->phys, r->from),
			     "%s of %s ends at %s, beyond the %u address bits of stage 2", what,
			     check_cell(k, cell), fmt_addr(k->a, MAX(r->phys.v, r->virt.v) + end),
			     bits);
}

static void report_slip(struct check *k, enum diag_code code, const struct cell *cell,
			const struct region *r, u32 index, const char *rest)
{
	bool size = !is_aligned(r->size.v, PAGE_SIZE);
	const struct fact *f = size ? &r->size : &r->virt;
	const struct fact *write = !size && !r->virt.from ? &r->phys : f;
	struct diag *d = check_report(
		k, code, cell, check_at(f->from ? f : &r->phys, r->from),
		"%s of %s (guest %s) is a sub-page region, its %s %s is no multiple of 4K: %s",
		check_region(k, cell, r, index), check_cell(k, cell),
		fmt_range(k->a, r->virt.v, r->size.v), size ? "size" : "start",
		fmt_addr(k->a, f->v), rest);

	check_fix_number(k, d, write, nearest_page(write->v));
	diag_help(k->c, d, "%s %s", size ? "size" : "start", fmt_addr(k->a, nearest_page(f->v)));
}

/*
 * Register blocks below a page are what sub-page regions are for; more than a page, a page less a
 * few bytes, or a whole number of pages at an odd start are not.
 */
static bool looks_like_slip(const struct region *r)
{
	if (r->role == REGION_DEVICE || r->role == REGION_WINDOW)
		return false;
	return r->size.v > PAGE_SIZE || r->size.v >= PAGE_SIZE - 16;
}

static void check_subpage(struct check *k, const struct cell *cell, const struct region *r,
			  u32 index)
{
	if (is_memory(r)) {
		report_slip(k, D_E0328, cell, r, index, "each access to this RAM would be trapped");
		return;
	}
	if (looks_like_slip(r))
		report_slip(k, D_W0314, cell, r, index, "all its pages are trapped");
	if (!(r->flags & CV_MEM_WIDTHS))
		check_report(k, D_E0315, cell, r->from,
			     "%s of %s (%s) is a sub-page region without access widths: every "
			     "access is refused",
			     check_region(k, cell, r, index), check_cell(k, cell),
			     fmt_range(k->a, r->phys.v, r->size.v));
}

static void check_alignment(struct check *k, const struct cell *cell, const struct region *r,
			    u32 index)
{
	struct diag *d;

	if (region_is_subpage(r)) {
		check_subpage(k, cell, r, index);
		return;
	}
	if (is_aligned(r->phys.v, PAGE_SIZE))
		return;
	d = check_report(k, D_E0313, cell, check_at(&r->phys, r->from),
			 "%s of %s: host address %s is not page aligned, guest address %s is",
			 check_region(k, cell, r, index), check_cell(k, cell),
			 fmt_addr(k->a, r->phys.v), fmt_addr(k->a, r->virt.v));
	check_fix_number(k, d, &r->phys, align_down(r->phys.v, PAGE_SIZE));
}

void check_region_shape(struct check *k)
{
	for (size_t i = 0; i < k->m->cells.n; i++) {
		const struct cell *cell = k->m->cells.v[i];

		for (u32 n = 0; n < cell->regions.n; n++) {
			const struct region *r = cell->regions.v[n];

			if (r->phys_open || r->virt_open || is_zero(r))
				continue;
			check_ends(k, cell, r, n);
			if (r->size.v && !(r->flags & CV_MEM_COMM))
				check_alignment(k, cell, r, n);
		}
	}
}

static void check_flags(struct check *k, const struct cell *cell, const struct region *r, u32 index)
{
	u64 unknown = r->flags & ~(u64)CV_MEM_KNOWN;
	const char *what = check_region(k, cell, r, index);

	if (unknown)
		check_report(k, D_W0324, cell, r->from, "%s of %s has unknown flags %s", what,
			     check_cell(k, cell), fmt_addr(k->a, unknown));
	if (!(r->flags & (CV_MEM_READ | CV_MEM_WRITE | CV_MEM_EXECUTE)) &&
	    !(r->flags & CV_MEM_COMM) && r->size.v)
		check_report(k, D_W0325, cell, r->from,
			     "%s of %s is neither readable, writable nor executable", what,
			     check_cell(k, cell));
	if (r->flags & CV_MEM_IO && r->flags & CV_MEM_EXECUTE)
		check_report(k, D_W0326, cell, r->from, "%s of %s is I/O memory and executable",
			     what, check_cell(k, cell));
}

void check_region_flags(struct check *k)
{
	for (size_t i = 0; i < k->m->cells.n; i++) {
		const struct cell *cell = k->m->cells.v[i];

		for (u32 n = 0; n < cell->regions.n; n++)
			if (!is_zero(cell->regions.v[n]))
				check_flags(k, cell, cell->regions.v[n], n);
	}
}

static void check_comm_region(struct check *k, const struct cell *cell, const struct region *r,
			      const struct region *first)
{
	struct diag *d;

	if (cell->is_root)
		check_report(k, D_E0323, cell, r->from, "%s has a communication region",
			     check_cell(k, cell));
	else if (first) {
		d = check_report(k, D_E0323, cell, r->from, "%s has a second communication region",
				 check_cell(k, cell));
		check_note(k, d, NULL, first->from, "the first is here");
	} else if (r->size.v != PAGE_SIZE || !is_aligned(r->virt.v, PAGE_SIZE))
		check_report(k, D_E0323, cell, r->from,
			     "the communication region of %s (guest %s) is not one page",
			     check_cell(k, cell), fmt_range(k->a, r->virt.v, r->size.v));
}

void check_communication(struct check *k)
{
	for (size_t i = 0; i < k->m->cells.n; i++) {
		const struct cell *cell = k->m->cells.v[i];
		const struct region *first = NULL;

		for (size_t n = 0; n < cell->regions.n; n++) {
			const struct region *r = cell->regions.v[n];

			if (!(r->flags & CV_MEM_COMM) || r->virt_open)
				continue;
			check_comm_region(k, cell, r, first);
			first = first ? first : r;
		}
		if (!first && !cell->is_root && !cell->incomplete &&
		    cell_has_all(cell, PART_REGIONS) &&
		    !(cell->flags.v & CV_CELL_PASSIVE_COMM))
			check_report(k, D_W0330, cell, NULL,
				     "%s has no communication region and is not passive: it can't "
				     "answer a shutdown request",
				     check_cell(k, cell));
	}
}
