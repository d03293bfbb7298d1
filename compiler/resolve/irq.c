// SPDX-License-Identifier: GPL-2.0-only
/*
 * irq and irqchip statements: interrupts of a cell as claims.
 */
#include "resolve.h"

#define FIRST_SPI 32
#define LAST_SPI  1019 /* IHI 0048B, 2.2.1: INTIDs 1020 up are special */

static void claim(struct resolver *r, struct cell *cell, u64 chip, u64 intid,
		  const struct origin *from)
{
	struct irq_claim *k = vec_push(r->c->arena, &cell->irqs);

	*k = (struct irq_claim){.chip = chip, .intid = (u32)intid, .from = from};
}

/* The IOAPIC the statement means. */
static const struct ioapic *chosen_ioapic(struct resolver *r, const struct stmt *s)
{
	const struct clause *cl = stmt_clause(s, KW_ioapic);

	for (size_t i = 0; r->m && i < r->m->ioapics.n; i++)
		if (!cl || r->m->ioapics.v[i].id.v == cl->args[0].num)
			return &r->m->ioapics.v[i];
	if (cl)
		diag_report(r->c, D_E0221, origin_plan(r->c, cl->span),
			    "there is no IOAPIC with id %s",
			    fmt_addr(r->c->arena, cl->args[0].num));
	else
		diag_report(r->c, D_E0224, s->at, "no interrupt controller is known");
	return NULL;
}

/* The numbers of one clause, each with add on top, at most limit after that. */
static void claim_clause(struct resolver *r, struct cell *cell, const struct stmt *s,
			 const struct clause *cl, u64 chip, u32 add, u32 limit)
{
	for (size_t i = 0; i < cl->n; i++) {
		const struct item *it = &cl->args[i];
		u64 last = it->kind == ITEM_RANGE ? it->end - 1 : it->num;

		if (it->kind == ITEM_RANGE && it->end <= it->num)
			continue;
		if (last > limit - add || it->num + add < (cl->kw == KW_intid ? FIRST_SPI : 0u)) {
			diag_report(r->c, D_E0222, item_origin(r, it),
				    "%s %llu is out of range: the controller has %u to %u",
				    keyword_text(cl->kw),
				    (unsigned long long)(last > limit - add ? last : it->num),
				    cl->kw == KW_intid ? FIRST_SPI : 0, limit - add);
			continue;
		}
		for (u64 n = it->num; n <= last; n++)
			claim(r, cell, chip, n + add, s->at);
	}
}

void cell_irq(struct resolver *r, struct cell *cell, const struct stmt *s)
{
	const struct clause *spi = stmt_clause(s, KW_spi), *intid = stmt_clause(s, KW_intid);
	const struct clause *pin = stmt_clause(s, KW_pin);

	if (!spi && !intid && !pin) {
		diag_report(r->c, D_E0224, s->at, "the irq has no number");
		return;
	}
	if (pin) {
		const struct ioapic *chip;

		if (spi || intid)
			contradiction(r, s, pin, "pins belong to an IOAPIC, SPIs to a GIC");
		chip = chosen_ioapic(r, s);
		if (chip)
			claim_clause(r, cell, s, pin, chip->addr.v, 0,
				     chip->pins.v ? (u32)chip->pins.v - 1 : 127);
		return;
	}
	if (!r->m || !r->m->gic.version) {
		if (!r->tree_failed)
			diag_report(r->c, D_E0224, s->at, "no interrupt controller is known");
		return;
	}
	if (spi)
		claim_clause(r, cell, s, spi, r->m->gic.gicd, FIRST_SPI, LAST_SPI);
	if (intid)
		claim_clause(r, cell, s, intid, r->m->gic.gicd, 0, LAST_SPI);
}

void cell_irqchip(struct resolver *r, struct cell *cell, const struct stmt *s)
{
	const struct clause *bits = stmt_clause(s, KW_bitmap);
	struct irqchip *chip = vec_push(r->c->arena, &cell->irqchips);

	cell->irqchips_explicit = true;
	chip->from = s->at;
	chip->address = clause_value(r, s, KW_at, 64, 0);
	chip->id = (u32)clause_value(r, s, KW_id, 32, 0);
	chip->pin_base = (u32)clause_value(r, s, KW_base, 32, 0);
	if (bits && bits->n > 4)
		diag_report(r->c, D_E0222, origin_plan(r->c, bits->span),
			    "a bitmap has four words, not %zu", bits->n);
	for (u32 w = 0; bits && w < MIN(bits->n, 4u); w++) {
		chip->bitmap[w] = (u32)value_fit(r, &bits->args[w], 32, "bitmap");
		for (u32 b = 0; b < 32; b++)
			if (chip->bitmap[w] >> b & 1)
				claim(r, cell, chip->address, chip->pin_base + w * 32ull + b,
				      s->at);
	}
}
