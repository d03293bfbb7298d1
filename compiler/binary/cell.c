// SPDX-License-Identifier: GPL-2.0-only
/*
 * A cell's header and arrays into the model.
 */
#include "binary.h"

#include <string.h>

#define CPUS_MAX 8192 /* more than Linux can count; higher bits are kept as bytes */

/* Bytes of n records at r->pos as far as the file goes; says so when that is not all. */
static u32 available(struct reader *r, enum cell_part part, u64 n, u32 size, const char *what,
		     u32 count_offset, const char *count_field)
{
	size_t at = r->base + count_offset;
	u64 there = r->cut ? 0 : (r->len - r->pos) / size;

	if (n <= there)
		return (u32)n;
	if (!r->cut)
		diag_report(r->c, D_E1004, reader_at(r, "cell header", count_field, at),
			    "%s counts %llu %s, the file holds %llu of them behind offset %s",
			    count_field, (unsigned long long)n, what, (unsigned long long)there,
			    fmt_addr(r->c->arena, r->pos));
	r->cut = true;
	r->cell->cut |= 1u << part;
	return (u32)there;
}

static struct fact header_fact(struct reader *r, const char *field, u64 v, u32 offset)
{
	return (struct fact){v, reader_at(r, "cell header", field, r->base + offset)};
}

#define HEADER_FACT(r, head, member) \
	header_fact((r), #member, (head)->member, offsetof(struct cv_cell_desc, member))

static void read_name(struct reader *r)
{
	const char *name = (const char *)r->data + r->base + offsetof(struct cv_cell_desc, name);
	size_t len = strnlen(name, CV_CELL_NAME_SIZE);

	if (len == CV_CELL_NAME_SIZE) {
		len--;
		diag_report(r->c, D_E1019,
			    reader_at(r, "cell header", "name",
				      r->base + offsetof(struct cv_cell_desc, name)),
			    "no NUL ends the name in its %u bytes", CV_CELL_NAME_SIZE);
	}
	r->cell->name = intern(r->c->arena, name, len);
}

static void read_header(struct reader *r, struct cv_cell_desc *head)
{
	struct cell *cell = r->cell;
	size_t console = offsetof(struct cv_cell_desc, console);

	record_get(&record_cell, r->data + r->base, head);
	record_get(&record_console, r->data + r->base + console, &cell->console.rec);
	read_name(r);
	cell->id = HEADER_FACT(r, head, id);
	cell->flags = HEADER_FACT(r, head, flags);
	cell->vpci_irq_base = HEADER_FACT(r, head, vpci_irq_base);
	cell->reset = HEADER_FACT(r, head, cpu_reset_address);
	cell->timeout = HEADER_FACT(r, head, msg_reply_timeout);
	cell->console_virtual = head->flags & CV_CELL_CONSOLE_ACTIVE;
	if (cell->console.rec.type != CV_CONSOLE_NONE)
		cell->console.from = reader_at(r, "console", NULL, r->base + console);
}

static void read_cpus(struct reader *r, const struct cv_cell_desc *head)
{
	u32 n = available(r, PART_CPUS, head->cpu_set_size, 1, "bytes",
			  offsetof(struct cv_cell_desc, cpu_set_size), "cpu_set_size");
	const u8 *set = r->data + r->pos;

	r->cell->cpu_set_size = HEADER_FACT(r, head, cpu_set_size);
	r->cell->cpu_set_size.v = n;
	r->cell->cpus_from = reader_at(r, "CPU set", NULL, r->pos);
	for (u32 i = 0; i < MIN(n * 8, (u32)CPUS_MAX); i++)
		if (set[i / 8] >> i % 8 & 1)
			*vec_push(r->c->arena, &r->cell->cpus) = (struct cpu_claim){
				i, reader_at(r, "CPU set", NULL, r->pos + i / 8)};
	r->pos += n;
}

static enum region_role role_of(const struct cv_memory *rec)
{
	if (!rec->phys_start && !rec->virt_start && !rec->size && !rec->flags)
		return REGION_EMPTY;
	if (rec->flags & CV_MEM_COMM)
		return REGION_COMM;
	return rec->flags & CV_MEM_IO ? REGION_MMIO : REGION_RAM;
}

static struct fact fact_at(struct reader *r, const char *record, const char *field, u64 v,
			   size_t offset)
{
	return (struct fact){v, reader_at(r, record, field, offset)};
}

static void read_regions(struct reader *r, size_t at, u32 n)
{
	for (u32 i = 0; i < n; i++, at += sizeof(struct cv_memory)) {
		struct region *reg = NEW(r->c->arena, struct region);
		const char *name = arena_printf(r->c->arena, "memory region %u", i);
		struct cv_memory rec;

		record_get(&record_memory, r->data + at, &rec);
		*reg = (struct region){
			.phys = fact_at(r, name, "phys_start", rec.phys_start, at),
			.virt = fact_at(r, name, "virt_start", rec.virt_start, at + 8),
			.size = fact_at(r, name, "size", rec.size, at + 16),
			.flags = rec.flags,
			.role = role_of(&rec),
			.from = reader_at(r, name, NULL, at),
		};
		*vec_push(r->c->arena, &r->cell->regions) = reg;
	}
}

static void read_caches(struct reader *r, size_t at, u32 n)
{
	for (u32 i = 0; i < n; i++, at += sizeof(struct cv_cache)) {
		struct cv_cache rec;

		record_get(&record_cache, r->data + at, &rec);
		*vec_push(r->c->arena, &r->cell->caches) = (struct cache_region){
			.start = rec.start,
			.size = rec.size,
			.type = rec.type,
			.padding = rec.padding,
			.flags = rec.flags,
			.from = reader_at(r, arena_printf(r->c->arena, "cache region %u", i), NULL,
					  at),
		};
	}
}

static void read_claims(struct reader *r, const struct irqchip *chip)
{
	for (u32 pin = 0; pin < 128; pin++)
		if (chip->bitmap[pin / 32] >> pin % 32 & 1)
			*vec_push(r->c->arena, &r->cell->irqs) =
				(struct irq_claim){.chip = chip->address,
						   .intid = chip->pin_base + pin,
						   .from = chip->from};
}

static void read_irqchips(struct reader *r, size_t at, u32 n)
{
	for (u32 i = 0; i < n; i++, at += sizeof(struct cv_irqchip)) {
		struct irqchip *chip = vec_push(r->c->arena, &r->cell->irqchips);
		struct cv_irqchip rec;

		record_get(&record_irqchip, r->data + at, &rec);
		*chip = (struct irqchip){
			.address = rec.address,
			.id = rec.id,
			.pin_base = rec.pin_base,
			.from = reader_at(r, arena_printf(r->c->arena, "interrupt chip %u", i),
					  NULL, at),
		};
		memcpy(chip->bitmap, rec.pin_bitmap, sizeof(chip->bitmap));
		read_claims(r, chip);
	}
}

static void read_ports(struct reader *r, size_t at, u32 n)
{
	for (u32 i = 0; i < n; i++, at += sizeof(struct cv_pio)) {
		struct cv_pio rec;

		record_get(&record_pio, r->data + at, &rec);
		*vec_push(r->c->arena, &r->cell->ports) = (struct pio){
			.base = rec.base,
			.length = rec.length,
			.from = reader_at(r, arena_printf(r->c->arena, "port range %u", i), NULL,
					  at),
		};
	}
}

_Static_assert(PART_STREAMS == PART_REGIONS + (int)ARRAY_STREAM,
	       "parts are in the order of arrays");

void read_cell(struct reader *r)
{
	static void (*const readers[ARRAY_COUNT])(struct reader *, size_t, u32) = {
		[ARRAY_MEMORY] = read_regions,	 [ARRAY_CACHE] = read_caches,
		[ARRAY_IRQCHIP] = read_irqchips, [ARRAY_PIO] = read_ports,
		[ARRAY_PCI] = read_pcis,	 [ARRAY_CAP] = read_caps,
		[ARRAY_STREAM] = read_streams,
	};
	struct cv_cell_desc head;

	read_header(r, &head);
	r->pos = r->base + sizeof(head);
	read_cpus(r, &head);
	for (u32 i = 0; i < ARRAY_COUNT; i++) {
		const struct array_info *a = &array_info[i];
		u32 n = (u32)get_le(r->data + r->base + a->count_offset, 4);

		n = available(r, PART_REGIONS + i, n, a->record->size,
			      arena_printf(r->c->arena, "%ss", a->record->text), a->count_offset,
			      a->count_field);
		readers[i](r, r->pos, n);
		r->pos += (size_t)n * a->record->size;
	}
}
