// SPDX-License-Identifier: GPL-2.0-only
/*
 * How findings of the checks name things.
 */
#include "check.h"

#include <string.h>

static const char *kind_of(const struct cell *cell)
{
	return cell->is_root ? "root" : "cell";
}

struct diag *check_report(struct check *k, enum diag_code code, const struct cell *cell,
			  const struct origin *at, const char *fmt, ...)
{
	struct diag *d;
	va_list ap;

	va_start(ap, fmt);
	d = diag_report(k->c, code,
			at     ? at
			: cell ? cell->from
			       : NULL,
			"%s", arena_vprintf(k->a, fmt, ap));
	va_end(ap);
	if (cell)
		diag_subject(k->c, d, kind_of(cell), cell->name);
	return d;
}

void check_note(struct check *k, struct diag *d, const struct cell *cell, const struct origin *at,
		const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	diag_note(k->c, d, at ? at : cell ? cell->from : NULL, "%s", arena_vprintf(k->a, fmt, ap));
	va_end(ap);
	if (cell)
		diag_subject(k->c, d, kind_of(cell), cell->name);
}

void check_fix_number(struct check *k, struct diag *d, const struct fact *f, u64 v)
{
	if (f->from && f->from->kind == FROM_PLAN)
		diag_fix(k->c, d, f->from->span, fmt_addr(k->a, v));
}

const char *check_cell(struct check *k, const struct cell *cell)
{
	return arena_printf(k->a, "%s \"%s\"", cell->is_root ? "root cell" : "cell",
			    cell->name ? cell->name : "");
}

static const char *link_part(const struct region *r)
{
	return r->role == REGION_STATE ? "state table" : "common section";
}

const char *check_region(struct check *k, const struct cell *cell, const struct region *r,
			 u32 index)
{
	const char *link = r->link && r->link->name ? r->link->name : NULL;

	(void)cell;
	if (link && r->role == REGION_OUTPUT)
		return arena_printf(k->a, "output section %u of link \"%s\"", r->peer, link);
	if (link && (r->role == REGION_STATE || r->role == REGION_COMMON))
		return arena_printf(k->a, "%s of link \"%s\"", link_part(r), link);
	if (r->role == REGION_DEVICE && r->node)
		return arena_printf(k->a, "registers of %s", r->node->name);
	if (r->role == REGION_WINDOW && r->node)
		return arena_printf(k->a, "window of %s", r->node->name);
	if (r->flags & CV_MEM_COMM)
		return "communication region";
	if (r->name)
		return arena_printf(k->a, "%s \"%s\"", r->flags & CV_MEM_IO ? "mmio" : "memory",
				    r->name);
	return arena_printf(k->a, "memory region %u", index);
}

const char *check_use(struct check *k, const struct use *u)
{
	return arena_printf(k->a, "%s of %s (%s)", check_region(k, u->cell, u->r, u->index),
			    check_cell(k, u->cell), fmt_range(k->a, u->start, use_size(u)));
}

const struct origin *check_at(const struct fact *f, const struct origin *statement)
{
	if (f->from && (f->from->kind == FROM_PLAN || f->from->kind == FROM_BINARY))
		return f->from;
	return statement ? statement : f->from;
}

const char *check_irq(struct check *k, u32 intid)
{
	if (!is_arm(k))
		return arena_printf(k->a, "pin %u", intid);
	if (intid < 16)
		return arena_printf(k->a, "SGI %u", intid);
	if (intid < 32)
		return arena_printf(k->a, "PPI %u (INTID %u)", intid - 16, intid);
	return arena_printf(k->a, "SPI %u (INTID %u)", intid - 32, intid);
}

const char *check_bdf(struct check *k, u16 domain, u16 bdf)
{
	const char *dom = domain ? arena_printf(k->a, "%04x:", domain) : "";

	return arena_printf(k->a, "%s%02x:%02x.%x", dom, bdf >> 8, bdf >> 3 & 31, bdf & 7);
}
