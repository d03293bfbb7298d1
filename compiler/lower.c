// SPDX-License-Identifier: GPL-2.0-only
/*
 * Model to descriptor bytes.
 *
 * In: a model after place, a cell of it, a revision. Out: an image, with a note for each record
 * about where it came from. Holds: the same model gives the same bytes on any machine; every value
 * that does not fit its field is a finding, none is cut silently; bytes the plan gives by offset
 * come last and win.
 */
#include "lower/lower.h"

#include <string.h>

u32 lower_room(struct lowering *l, u32 size)
{
	static const char zero[256];
	u32 at = (u32)l->img->bytes.len;

	for (u32 n; size; size -= n) {
		n = MIN(size, (u32)sizeof(zero));
		buf_add(&l->img->bytes, zero, n);
	}
	return at;
}

static void note(struct lowering *l, u32 offset, u32 size, const char *record, const char *field,
		 const struct origin *from)
{
	*vec_push(l->c->arena, &l->img->notes) = (struct image_note){
		.offset = offset, .size = size, .record = record, .field = field, .from = from};
}

void lower_record(struct lowering *l, u32 offset, const struct record *r, int index,
		  const void *host, const struct origin *from)
{
	const char *name = index < 0 ? r->text : arena_printf(l->c->arena, "%s %d", r->text, index);

	record_put(r, host, (u8 *)l->img->bytes.data + offset);
	note(l, offset, r->size, name, NULL, from);
}

void lower_field_note(struct lowering *l, u32 offset, const struct record *r, const char *field,
		      const struct origin *from)
{
	const char *record = l->img->notes.v[l->img->notes.n - 1].record;

	for (u32 i = 0; from && i < r->n; i++)
		if (strcmp(r->fields[i].name, field) == 0)
			note(l, offset + r->fields[i].offset,
			     r->fields[i].width * r->fields[i].count, record, field, from);
}

u64 lower_fits(struct lowering *l, const struct fact *f, u32 width, const char *what)
{
	u64 max = width == 8 ? ~0ull : (1ull << 8 * width) - 1;

	if (f->v <= max)
		return f->v;
	diag_report(l->c, D_E1008, f->from,
		    "%s %s does not fit the %u bits it has in the descriptor", what,
		    fmt_addr(l->c->arena, f->v), 8 * width);
	return 0;
}

static void lower_signature(struct lowering *l)
{
	u8 *head = (u8 *)l->img->bytes.data;

	put_le(head + 6, l->img->revision, 2);
	if (l->img->revision < 14) {
		memcpy(head, l->img->is_system ? CV13_SYS_SIGNATURE : CV13_CELL_SIGNATURE, 6);
		return;
	}
	memcpy(head, l->img->is_system ? CV_SYS_SIGNATURE : CV_CELL_SIGNATURE, 5);
	head[5] = (u8)l->m->arch;
}

static struct cv_cell_desc cell_head(struct lowering *l)
{
	const struct cell *cell = l->cell;

	return (struct cv_cell_desc){
		.id = (u32)lower_fits(l, &cell->id, 4, "the id"),
		.flags = (u32)lower_fits(l, &cell->flags, 4, "the flags"),
		.vpci_irq_base = (u32)lower_fits(l, &cell->vpci_irq_base, 4, "the interrupt"),
		.cpu_reset_address = cell->reset.v,
		.msg_reply_timeout = cell->timeout.v,
	};
}

static void lower_cell(struct lowering *l)
{
	const struct cell *cell = l->cell;
	struct cv_cell_desc head = cell_head(l);
	u32 at = lower_room(l, sizeof(head));
	const char *name = cell->name ? cell->name : "";

	lower_arrays(l, &head);
	memcpy(l->img->bytes.data + at + offsetof(struct cv_cell_desc, name), name,
	       strnlen(name, CV_CELL_NAME_SIZE));
	lower_record(l, at, &record_cell, -1, &head, cell->from);
	lower_field_note(l, at, &record_cell, "id", cell->id.from);
	lower_field_note(l, at, &record_cell, "flags", cell->flags.from);
	lower_field_note(l, at, &record_cell, "vpci_irq_base", cell->vpci_irq_base.from);
	lower_field_note(l, at, &record_cell, "cpu_reset_address", cell->reset.from);
	lower_field_note(l, at, &record_cell, "msg_reply_timeout", cell->timeout.from);
	lower_record(l, at + offsetof(struct cv_cell_desc, console), &record_console, -1,
		     &cell->console.rec, cell->console.from);
	if (cell->trailing_len) {
		note(l, (u32)l->img->bytes.len, (u32)cell->trailing_len, "uncounted bytes", NULL,
		     cell->trailing_from);
		buf_add(&l->img->bytes, cell->trailing, cell->trailing_len);
	}
}

/* Bytes given by offset, from the start of a part that ends before `end`. */
static void apply_patch(struct lowering *l, const struct patch *p, u32 start, u64 end)
{
	if (p->offset > end - start || p->len > end - start - p->offset) {
		diag_report(l->c, D_E1009, p->from,
			    "bytes %s .. %s lie outside the %llu bytes of the descriptor",
			    fmt_addr(l->c->arena, p->offset),
			    fmt_addr(l->c->arena, p->offset + p->len),
			    (unsigned long long)(end - start));
		return;
	}
	if (!p->len)
		return;
	memcpy(l->img->bytes.data + start + p->offset, p->data, p->len);
	note(l, start + p->offset, (u32)p->len, "bytes without a name", NULL, p->from);
}

static void apply_patches(struct lowering *l)
{
	const struct patch *p;

	if (l->img->is_system)
		vec_each(p, &l->m->platform.patches)
			apply_patch(l, p, 0, l->base);
	vec_each(p, &l->cell->patches)
		apply_patch(l, p, l->base, l->img->bytes.len);
}

struct image *lower(struct cellc *c, struct model *m, struct cell *cell, u16 revision)
{
	struct image *img = NEW(c->arena, struct image);
	struct lowering l = {
		.c = c, .m = m, .cell = cell, .img = img, .x86 = m->arch == CV_ARCH_X86};

	*img = (struct image){
		.file = arena_printf(c->arena, "%s.cell", cell->file ? cell->file : cell->name),
		.cell = cell,
		.is_system = cell->is_root && m->has_system,
		.revision = revision,
	};
	buf_init(&img->bytes, c->arena);
	if (img->is_system)
		lower_system(&l);
	l.base = img->base = (u32)img->bytes.len;
	lower_cell(&l);
	lower_signature(&l);
	apply_patches(&l);
	return img;
}
