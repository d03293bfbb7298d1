// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks: the descriptor as a whole. Names, header fields, size, records that say nothing.
 */
#include "check.h"

#include <stdlib.h>
#include <string.h>

struct named {
	const struct cell *cell;
	size_t index;
};

static int by_name(const void *pa, const void *pb)
{
	const struct named *a = pa, *b = pb;
	int order = strcmp(a->cell->name, b->cell->name);

	return order ? order : a->index < b->index ? -1 : a->index > b->index;
}

static void check_length(struct check *k, const struct cell *cell)
{
	size_t len = cell->name ? strlen(cell->name) : 0;

	if (!len)
		check_report(k, D_E1010, cell, NULL, "a cell has no name");
	else if (len >= CV_CELL_NAME_SIZE)
		check_report(k, D_E1010, cell, NULL, "name \"%s\" has %zu bytes, %d is the most",
			     cell->name, len, CV_CELL_NAME_SIZE - 1);
}

void check_names(struct check *k)
{
	struct named *v = arena_alloc(k->a, (k->m->cells.n + 1) * sizeof(*v));
	size_t n = 0;

	for (size_t i = 0; i < k->m->cells.n; i++) {
		check_length(k, k->m->cells.v[i]);
		if (k->m->cells.v[i]->name)
			v[n++] = (struct named){k->m->cells.v[i], i};
	}
	qsort(v, n, sizeof(*v), by_name);
	for (size_t i = 1; i < n; i++) {
		const struct cell *a = v[i - 1].cell, *b = v[i].cell;
		struct diag *d;

		if (!b->name[0] || strcmp(a->name, b->name) != 0)
			continue;
		d = check_report(k, D_E1011, b, NULL, "there are two cells \"%s\"", b->name);
		check_note(k, d, a, NULL, "the other one is here");
	}
}

/* --- header --- */

static size_t caps_of(const struct cell *cell)
{
	size_t n = cell->caps.n;

	for (size_t i = 0; i < cell->pcis.n; i++)
		if (!cell->pcis.v[i]->caps_explicit)
			n += cell->pcis.v[i]->caps.n;
	return n;
}

static size_t descriptor_size(const struct cell *cell)
{
	return (cell->is_root ? sizeof(struct cv_system) : sizeof(struct cv_cell_desc)) +
	       cell->cpu_set_size.v + cell->regions.n * sizeof(struct cv_memory) +
	       cell->caches.n * sizeof(struct cv_cache) +
	       cell->irqchips.n * sizeof(struct cv_irqchip) +
	       cell->ports.n * sizeof(struct cv_pio) + cell->pcis.n * sizeof(struct cv_pci_device) +
	       caps_of(cell) * sizeof(struct cv_pci_capability) +
	       cell->streams.n * sizeof(struct cv_stream_id);
}

static void check_size(struct check *k, const struct cell *cell)
{
	size_t size = descriptor_size(cell);

	if (size > CV_MAX_CONFIG_SIZE)
		check_report(
			k, D_E1012, cell, NULL,
			"the descriptor of %s has %zu bytes, the hypervisor accepts %u: it has "
			"%zu memory regions, %zu PCI devices",
			check_cell(k, cell), size, CV_MAX_CONFIG_SIZE, cell->regions.n,
			cell->pcis.n);
}

static void check_cpu_set(struct check *k, const struct cell *cell)
{
	u64 size = cell->cpu_set_size.v;
	const struct cpu_claim *cpu;

	/* not said: lower chooses */
	if (!cell->cpu_set_size.from || !cell_has_all(cell, PART_CPUS))
		return;
	if (size % 8) {
		check_report(k, D_E1013, cell, check_at(&cell->cpu_set_size, cell->from),
			     "the CPU set of %s has %llu bytes: no multiple of 8",
			     check_cell(k, cell), (unsigned long long)size);
		return;
	}
	vec_each(cpu, &cell->cpus)
		if (cpu->index / 8 >= size) {
			check_report(k, D_E1008, cell, cpu->from,
				     "CPU %u of %s does not fit a CPU set of %llu bytes",
				     cpu->index, check_cell(k, cell), (unsigned long long)size);
			return;
		}
}

static void check_cell_flags(struct check *k, const struct cell *cell)
{
	const u32 known = CV_CELL_PASSIVE_COMM | CV_CELL_TEST_DEVICE | CV_CELL_AARCH32 |
			  CV_CELL_CONSOLE_PERMITTED | CV_CELL_CONSOLE_ACTIVE;
	const struct origin *at = check_at(&cell->flags, cell->from);
	u64 flags = cell->flags.v;

	if (flags & ~(u64)known)
		check_report(k, D_W1014, cell, at, "%s has unknown flags %s", check_cell(k, cell),
			     fmt_addr(k->a, flags & ~(u64)known));
	if (flags & CV_CELL_AARCH32 && k->m->arch != CV_ARCH_ARM64)
		check_report(k, D_E0510, cell, at, "%s is AArch32: only arm64 has such cells",
			     check_cell(k, cell));
	if (flags & CV_CELL_CONSOLE_ACTIVE && !(flags & CV_CELL_CONSOLE_PERMITTED))
		check_report(k, D_W1015, cell, at,
			     "%s uses the virtual console, which is not permitted to it",
			     check_cell(k, cell));
	if (cell->id.v)
		check_report(k, D_W1016, cell, check_at(&cell->id, cell->from),
			     "%s has id %llu: the driver sets it", check_cell(k, cell),
			     (unsigned long long)cell->id.v);
}

void check_header(struct check *k)
{
	for (size_t i = 0; i < k->m->cells.n; i++) {
		const struct cell *cell = k->m->cells.v[i];

		check_size(k, cell);
		check_cpu_set(k, cell);
		check_cell_flags(k, cell);
	}
}

/* --- records that say nothing --- */

static void report_empty(struct check *k, const struct cell *cell, const char *what, size_t index,
			 const struct origin *at)
{
	check_report(k, D_W1017, cell, at, "%s %zu of %s is all zero", what, index,
		     check_cell(k, cell));
}

/* A link without common section, or without output, has empty entries in their places. */
static bool is_section(const struct check *k, const struct cell *cell, size_t index)
{
	for (size_t i = 0; i < k->ends.n; i++) {
		const struct endpoint *e = k->ends.v[i];

		if (e->cell == cell && index > e->first &&
		    index < e->first + 2 + e->dev->rec.shmem_peers)
			return true;
	}
	return false;
}

static void check_empty_regions(struct check *k, const struct cell *cell)
{
	for (size_t i = 0; i < cell->regions.n; i++) {
		const struct region *r = cell->regions.v[i];

		if (!r->phys.v && !r->virt.v && !r->size.v && !r->flags && !r->phys_open &&
		    !r->link && cell_has_all(cell, PART_PCIS) && !is_section(k, cell, i))
			report_empty(k, cell, "memory region", i, r->from);
	}
}

static bool chip_is_zero(const struct irqchip *c)
{
	return !c->address && !c->id && !c->pin_base && !c->bitmap[0] && !c->bitmap[1] &&
	       !c->bitmap[2] && !c->bitmap[3];
}

static void check_empty_records(struct check *k, const struct cell *cell)
{
	static const struct cv_pci_device none;

	for (size_t i = 0; i < cell->irqchips.n; i++)
		if (chip_is_zero(&cell->irqchips.v[i]))
			report_empty(k, cell, "interrupt chip", i, cell->irqchips.v[i].from);
	for (size_t i = 0; i < cell->ports.n; i++)
		if (!cell->ports.v[i].base && !cell->ports.v[i].length)
			report_empty(k, cell, "port range", i, cell->ports.v[i].from);
	for (size_t i = 0; i < cell->pcis.n; i++)
		if (memcmp(&cell->pcis.v[i]->rec, &none, sizeof(none)) == 0)
			report_empty(k, cell, "PCI device", i, cell->pcis.v[i]->from);
}

void check_empty_entries(struct check *k)
{
	for (size_t i = 0; i < k->m->cells.n; i++) {
		check_empty_regions(k, k->m->cells.v[i]);
		check_empty_records(k, k->m->cells.v[i]);
	}
}
