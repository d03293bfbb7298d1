// SPDX-License-Identifier: GPL-2.0-only
/*
 * memory and mmio statements: one region each.
 */
#include "resolve.h"

static const struct {
	enum keyword kw;
	u64 flags;
} flag_words[] = {
	{KW_r, CV_MEM_READ},
	{KW_w, CV_MEM_WRITE},
	{KW_x, CV_MEM_EXECUTE},
	{KW_rw, CV_MEM_READ | CV_MEM_WRITE},
	{KW_rx, CV_MEM_READ | CV_MEM_EXECUTE},
	{KW_wx, CV_MEM_WRITE | CV_MEM_EXECUTE},
	{KW_rwx, CV_MEM_READ | CV_MEM_WRITE | CV_MEM_EXECUTE},
	{KW_dma, CV_MEM_DMA},
	{KW_io, CV_MEM_IO},
	{KW_comm, CV_MEM_COMM},
	{KW_loadable, CV_MEM_LOADABLE},
	{KW_shared, CV_MEM_ROOTSHARED},
	{KW_no_huge, CV_MEM_NO_HUGE},
	{KW_unaligned, CV_MEM_UNALIGNED},
};

#define ACCESS (CV_MEM_READ | CV_MEM_WRITE | CV_MEM_EXECUTE)

u64 widths_of(struct resolver *r, const struct clause *cl)
{
	u64 flags = 0;

	for (size_t i = 0; cl && i < cl->n; i++) {
		u64 w = cl->args[i].num;

		if (w == 1 || w == 2 || w == 4 || w == 8)
			flags |= w << CV_MEM_WIDTH_SHIFT;
		else
			diag_report(
				r->c, D_E0222, item_origin(r, &cl->args[i]),
				"an access of %llu bytes can't be permitted: widths are 1, 2, 4 "
				"and 8",
				(unsigned long long)w);
	}
	return flags;
}

static u64 flags_of(struct resolver *r, const struct stmt *s)
{
	u64 flags = clause_value(r, s, KW_flags, 64, 0);

	for (size_t i = 0; i < ARRAY_SIZE(flag_words); i++)
		if (stmt_has(s, flag_words[i].kw))
			flags |= flag_words[i].flags;
	return flags | widths_of(r, stmt_clause(s, KW_width));
}

/* The name, and the address and size from number, range or clauses. */
static bool extent_of(struct resolver *r, const struct stmt *s, struct region *g)
{
	const struct clause *at = stmt_clause(s, KW_at), *size = stmt_clause(s, KW_size);
	const struct item *it = s->args, *end = s->args + s->nargs;

	if (it < end && it->kind == ITEM_WORD)
		g->name = (it++)->text;
	stmt_number(r->c, s, KW_at, &g->phys);
	stmt_number(r->c, s, KW_size, &g->size);
	if (it == end)
		return true;
	if (size) {
		contradiction(r, s, size, "the size is given twice");
		return false;
	}
	if (it->kind == ITEM_NUMBER) {
		g->size = (struct fact){it->num, item_origin(r, it)};
		return true;
	}
	if (at) {
		contradiction(r, s, at, "the address is given twice");
		return false;
	}
	g->phys = (struct fact){it->num, item_origin(r, it)};
	g->size = (struct fact){it->end - it->num, item_origin(r, it)};
	return true;
}

static bool placement_of(struct resolver *r, const struct stmt *s, struct region *g)
{
	const struct clause *in = stmt_clause(s, KW_in), *align = stmt_clause(s, KW_align);

	if (g->phys.from && (in || align)) {
		contradiction(r, s, in ? in : align, "the region stands at %s, so it is not placed",
			      fmt_addr(r->c->arena, g->phys.v));
		return false;
	}
	if (in) {
		g->pool = find_pool(r, &in->args[0]);
		if (!g->pool)
			return false;
	}
	if (align) {
		g->align = align->args[0].num;
		if (!g->align || (g->align & (g->align - 1))) {
			diag_report(r->c, D_E0222, origin_plan(r->c, align->span),
				    "an alignment is a power of two, not %s",
				    fmt_addr(r->c->arena, g->align));
			g->align = 0;
		}
	}
	return true;
}

/* A size that is missing, zero or runs past the end of the address space. */
static bool size_ok(struct resolver *r, const struct stmt *s, struct region *g)
{
	struct diag *d;

	if (!g->size.from && (g->flags & CV_MEM_COMM))
		g->size = (struct fact){
			PAGE_SIZE, origin_rule(r->c, s->at, "a communication region is a page")};
	if (!g->size.from) {
		d = diag_report(r->c, D_E0224, s->at, "the %s has no size", keyword_text(s->kw));
		diag_help(r->c, d,
			  s->kw == KW_mmio ? "write: mmio at ADDRESS size SIZE"
					   : "write: memory NAME SIZE");
		return false;
	}
	return true;
}

static void guest_of(struct resolver *r, const struct stmt *s, struct region *g)
{
	if (stmt_number(r->c, s, KW_guest, &g->virt))
		return;
	if (g->phys.from && !(g->flags & CV_MEM_COMM))
		g->virt = (struct fact){g->phys.v, origin_rule(r->c, g->phys.from,
							       "guest address as host address")};
	else
		g->virt_open = true;
}

static struct region *empty_region(struct resolver *r, const struct stmt *s)
{
	struct region *g = NEW(r->c->arena, struct region);

	if (s->nargs > 1 || (s->nargs && s->args[0].kind != ITEM_WORD) || s->clauses.n > 1) {
		contradiction(r, s, stmt_clause(s, KW_empty),
			      "an empty entry has no address, size or flags");
		return NULL;
	}
	if (s->nargs)
		g->name = s->args[0].text;
	g->role = REGION_EMPTY;
	g->from = g->phys.from = g->virt.from = g->size.from = s->at;
	return g;
}

static enum region_role role_of(const struct stmt *s, u64 flags)
{
	if (flags & CV_MEM_COMM)
		return REGION_COMM;
	return s->kw == KW_mmio || (flags & CV_MEM_IO) ? REGION_MMIO : REGION_RAM;
}

struct region *region_of(struct resolver *r, const struct stmt *s, bool bare)
{
	struct region *g = NEW(r->c->arena, struct region);
	struct diag *d;

	if (stmt_has(s, KW_empty))
		return empty_region(r, s);
	g->from = s->at;
	g->flags = flags_of(r, s);
	if (s->kw == KW_mmio)
		g->flags |= CV_MEM_IO | (g->flags & ACCESS ? 0 : CV_MEM_READ | CV_MEM_WRITE);
	else if (!bare && !(g->flags & ACCESS))
		g->flags |= CV_MEM_READ | CV_MEM_WRITE;
	g->role = role_of(s, g->flags);
	if (!extent_of(r, s, g) || !size_ok(r, s, g) || !placement_of(r, s, g))
		return NULL;
	if (!g->phys.from && g->role == REGION_COMM)
		g->phys.from = origin_rule(r->c, s->at, "the hypervisor owns the page");
	if (!g->phys.from && g->role == REGION_MMIO) {
		d = diag_report(r->c, D_E0224, s->at, "registers have no address");
		diag_help(r->c, d, "write: %s at ADDRESS size SIZE", keyword_text(s->kw));
		return NULL;
	}
	g->phys_open = !g->phys.from;
	guest_of(r, s, g);
	return g;
}

void cell_memory(struct resolver *r, struct cell *cell, const struct stmt *s)
{
	struct region *g = region_of(r, s, cell->explicit_only);

	if (g)
		*vec_push(r->c->arena, &cell->regions) = g;
}
