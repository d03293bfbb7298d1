// SPDX-License-Identifier: GPL-2.0-only
/*
 * The plan around the cells, and the records of a cell, as statements.
 *
 * What a statement can't say (a port range beyond 0xffff, say) is written as an empty one of its
 * kind: the proof finds the difference and says it with "bytes".
 */
#include "decompile.h"

#include <string.h>

void decompile_string(struct printer *p, const char *s)
{
	buf_char(p->out, '"');
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			buf_printf(p->out, "\\%c", *s);
		else if (*s < ' ' || *s > '~')
			buf_printf(p->out, "\\x%02x", (u8)*s);
		else
			buf_char(p->out, *s);
	}
	buf_char(p->out, '"');
}

static const char *addr(struct printer *p, u64 v)
{
	return fmt_addr(p->c->arena, v);
}

static const char *size(struct printer *p, u64 v)
{
	return fmt_size(p->c->arena, v);
}

/* --- memory --- */

static const struct {
	u64 flag;
	const char *word;
} region_words[] = {
	{CV_MEM_DMA, "dma"},
	{CV_MEM_IO, "io"},
	{CV_MEM_COMM, "comm"},
	{CV_MEM_LOADABLE, "loadable"},
	{CV_MEM_ROOTSHARED, "shared"},
	{CV_MEM_NO_HUGE, "no-huge"},
	{CV_MEM_UNALIGNED, "unaligned"},
};

static void print_flags(struct printer *p, u64 flags)
{
	static const char *const access[] = {"", " r", " w", " rw", " x", " rx", " wx", " rwx"};

	buf_str(p->out, access[flags & 7]);
	for (size_t i = 0; i < ARRAY_SIZE(region_words); i++)
		if (flags & region_words[i].flag)
			buf_printf(p->out, " %s", region_words[i].word);
	if (flags & CV_MEM_WIDTHS)
		buf_str(p->out, " width");
	for (u32 width = 1; width <= 8; width *= 2)
		if (flags & (u64)width << CV_MEM_WIDTH_SHIFT)
			buf_printf(p->out, " %u", width);
	if (flags & ~(u64)CV_MEM_KNOWN)
		buf_printf(p->out, " flags %s", addr(p, flags & ~(u64)CV_MEM_KNOWN));
}

/* Whether "mmio", which means io and has fewer words, says it. */
static bool is_mmio(u64 flags)
{
	u64 others = CV_MEM_EXECUTE | CV_MEM_COMM | CV_MEM_LOADABLE;

	return (flags & CV_MEM_IO) && (flags & (CV_MEM_READ | CV_MEM_WRITE)) && !(flags & others);
}

void decompile_memory(struct printer *p, const struct region *r, bool in_cell)
{
	bool mmio = in_cell && is_mmio(r->flags);

	if (!r->phys.v && !r->virt.v && !r->size.v && !r->flags) {
		buf_str(p->out, "    memory empty;\n");
		return;
	}
	buf_printf(p->out, "    %s at %s size %s", mmio ? "mmio" : "memory", addr(p, r->phys.v),
		   size(p, r->size.v));
	if (!in_cell || r->virt.v != r->phys.v || (r->flags & CV_MEM_COMM))
		buf_printf(p->out, " guest %s", addr(p, r->virt.v));
	print_flags(p, mmio ? r->flags & ~(u64)CV_MEM_IO : r->flags);
	buf_char(p->out, ';');
	decompile_comment(p, r->phys.v, r->size.v);
}

/* --- console --- */

static void print_console_clauses(struct printer *p, const struct cv_console *rec)
{
	if (rec->divider)
		buf_printf(p->out, " divider %u", rec->divider);
	if (rec->gate_nr)
		buf_printf(p->out, " gate %u", rec->gate_nr);
	if (rec->clock_reg)
		buf_printf(p->out, " clock %s", addr(p, rec->clock_reg));
}

/* By its node, which tells type, address, size and distance of the registers. */
static void print_named_console(struct printer *p, const struct console *con)
{
	buf_printf(p->out, "    console %s", node_ref_text(p->c, p->host, con->node));
	print_console_clauses(p, &con->rec);
	buf_printf(p->out, "; // at %s\n", addr(p, con->rec.address));
}

void decompile_console(struct printer *p, const struct console *con)
{
	const struct cv_console *rec = &con->rec;
	static const char *const words[] = {NULL,      "efifb",	     "8250",  "pl011",
					    "xuartps", "mvebu",	     "hscif", "scifa",
					    "imx",     "imx-lpuart", "scif"};
	static const struct cv_console none;
	const char *word = rec->type < ARRAY_SIZE(words) ? words[rec->type] : NULL;
	u32 implied = word && rec->flags & CV_CONSOLE_MMIO ? CV_CONSOLE_MMIO : 0;

	if (memcmp(rec, &none, sizeof(none)) == 0)
		return;
	if (p->host_file && !p->unnamed && con->node) {
		print_named_console(p, con);
		return;
	}
	buf_str(p->out, "    console ");
	if (word)
		buf_str(p->out, word);
	else
		buf_printf(p->out, "type %u", rec->type);
	buf_printf(p->out, " at %s size %s", addr(p, rec->address), size(p, rec->size));
	if (word && !implied)
		buf_str(p->out, " ports");
	if (word && rec->flags & CV_CONSOLE_REGDIST_4) {
		buf_str(p->out, " stride 4");
		implied |= CV_CONSOLE_REGDIST_4;
	}
	if (!word || rec->flags & ~implied)
		buf_printf(p->out, " flags 0x%x", rec->flags & ~implied);
	print_console_clauses(p, rec);
	buf_char(p->out, ';');
	decompile_comment(p, rec->address, rec->size);
}

/* --- the rest of a cell --- */

static void print_number(struct printer *p, const char *word, u64 v)
{
	if (v)
		buf_printf(p->out, "    %s %llu;\n", word, (unsigned long long)v);
}

static void print_cell_flags(struct printer *p, const struct cell *cell)
{
	u64 flags = cell->flags.v;
	static const struct {
		u32 flag;
		const char *statement;
	} words[] = {
		{CV_CELL_PASSIVE_COMM, "passive"},
		{CV_CELL_TEST_DEVICE, "test-device"},
		{CV_CELL_AARCH32, "aarch32"},
	};
	const u32 both = CV_CELL_CONSOLE_PERMITTED | CV_CELL_CONSOLE_ACTIVE;
	static const struct cv_console none;

	/* one console statement and one virtual-console statement at most */
	if ((flags & both) == both && memcmp(&cell->console.rec, &none, sizeof(none)) == 0) {
		buf_str(p->out, "    console virtual;\n");
		flags &= ~(u64)both;
	} else if (flags & both) {
		bool active = flags & CV_CELL_CONSOLE_ACTIVE;

		buf_printf(p->out, "    virtual-console %s;\n", active ? "active" : "permitted");
		flags &= ~(u64)(active ? CV_CELL_CONSOLE_ACTIVE : CV_CELL_CONSOLE_PERMITTED);
	}
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if ((flags & words[i].flag) != words[i].flag)
			continue;
		buf_printf(p->out, "    %s;\n", words[i].statement);
		flags &= ~(u64)words[i].flag;
	}
	if (flags)
		buf_printf(p->out, "    flags %s;\n", addr(p, flags));
}

static const char *cpu_text(struct printer *p, u32 index)
{
	for (size_t i = 0; p->host_file && !p->unnamed && i < p->host->cpus.n; i++)
		if (p->host->cpus.v[i].index == index && p->host->cpus.v[i].node)
			return node_ref_text(p->c, p->host, p->host->cpus.v[i].node);
	return arena_printf(p->c->arena, "%u", index);
}

static void print_cpus(struct printer *p, const struct cell *cell)
{
	u32 usual = 8;

	for (size_t i = 0; i < cell->cpus.n; i++)
		usual = MAX(usual, (cell->cpus.v[i].index / 64 + 1) * 8);
	if (cell->cpu_set_size.v != usual)
		buf_printf(p->out, "    cpu-set %llu;\n", (unsigned long long)cell->cpu_set_size.v);
	for (size_t i = 0; i < cell->cpus.n; i++)
		buf_printf(p->out, "%s%s", !(i % 16) ? i ? ";\n    cpu " : "    cpu " : ", ",
			   cpu_text(p, cell->cpus.v[i].index));
	if (cell->cpus.n)
		buf_str(p->out, ";\n");
}

static void print_cache(struct printer *p, const struct cache_region *r)
{
	static const char *const types[] = {NULL, "code", "data", "code data"};
	const char *type = r->type < ARRAY_SIZE(types) ? types[r->type] : NULL;

	buf_printf(p->out, "    cache %u .. %llu ", r->start,
		   (unsigned long long)r->start + r->size);
	if (type)
		buf_str(p->out, type);
	else
		buf_printf(p->out, "type %u", r->type);
	if (r->flags & CV_CACHE_ROOTSHARED)
		buf_str(p->out, " shared");
	if (r->flags & ~CV_CACHE_ROOTSHARED)
		buf_printf(p->out, " flags 0x%x", r->flags & ~CV_CACHE_ROOTSHARED);
	if (r->padding)
		buf_printf(p->out, " padding %u", r->padding);
	buf_str(p->out, ";\n");
}

static void print_irqchip(struct printer *p, const struct irqchip *chip)
{
	buf_printf(p->out, "    irqchip at %s", addr(p, chip->address));
	if (chip->id)
		buf_printf(p->out, " id 0x%x", chip->id);
	buf_printf(p->out, " base %u bitmap 0x%08x 0x%08x 0x%08x 0x%08x;", chip->pin_base,
		   chip->bitmap[0], chip->bitmap[1], chip->bitmap[2], chip->bitmap[3]);
	decompile_irq_comment(p, chip);
}

static void print_ports(struct printer *p, const struct pio *pio)
{
	bool sayable = pio->base + pio->length <= 0x10000;

	buf_printf(p->out, "    ports at 0x%x size %u;\n", sayable ? pio->base : 0,
		   sayable ? pio->length : 0);
}

static void print_stream(struct printer *p, u32 value)
{
	if (value >> 16 && !(value & 0x80008000))
		buf_printf(p->out, "    stream 0x%x mask 0x%x;\n", value & 0x7fff, value >> 16);
	else
		buf_printf(p->out, "    stream 0x%x;\n", value);
}

static void print_hex(struct printer *p, const u8 *data, size_t len)
{
	buf_char(p->out, '"');
	for (size_t i = 0; i < len; i++)
		buf_printf(p->out, "%s%02x", i && i % 8 == 0 ? " " : "", data[i]);
	buf_char(p->out, '"');
}

void decompile_bytes(struct printer *p, const struct patch *patch)
{
	buf_printf(p->out, "    bytes 0x%x hex ", patch->offset);
	print_hex(p, patch->data, patch->len);
	buf_str(p->out, ";\n");
}

void decompile_cell(struct printer *p, const struct cell *cell)
{
	print_number(p, "id", cell->id.v);
	print_cell_flags(p, cell);
	print_cpus(p, cell);
	print_number(p, "vpci-irq", cell->vpci_irq_base.v);
	if (cell->reset.v)
		buf_printf(p->out, "    reset %s;\n", addr(p, cell->reset.v));
	print_number(p, "timeout", cell->timeout.v);
	decompile_console(p, &cell->console);
	for (size_t i = 0; i < cell->regions.n; i++)
		decompile_memory(p, cell->regions.v[i], true);
	for (size_t i = 0; i < cell->caches.n; i++)
		print_cache(p, &cell->caches.v[i]);
	for (size_t i = 0; i < cell->irqchips.n; i++)
		print_irqchip(p, &cell->irqchips.v[i]);
	for (size_t i = 0; i < cell->ports.n; i++)
		print_ports(p, &cell->ports.v[i]);
	decompile_pci(p, cell);
	for (size_t i = 0; i < cell->streams.n; i++)
		print_stream(p, cell->streams.v[i].value);
	for (size_t i = 0; i < cell->patches.n; i++)
		decompile_bytes(p, &cell->patches.v[i]);
	if (cell->trailing_len) {
		buf_str(p->out, "    trailing ");
		print_hex(p, cell->trailing, cell->trailing_len);
		buf_str(p->out, ";\n");
	}
}

/* --- the file --- */

void decompile_print(struct printer *p)
{
	if (p->host_file) {
		buf_str(p->out, p->unnamed ? "// names are comments: with host " : "host ");
		decompile_string(p, p->host_file);
		buf_str(p->out, p->unnamed ? " no plan compiles to the same bytes\n" : ";\n");
	}
	buf_printf(p->out, "abi %u;\narchitecture %s;\n", p->m->revision, arch_name(p->m->arch));
	if (p->faulty)
		buf_str(p->out, "allow all \"as found in the descriptors: without this line cellc "
				"check tells what\";\n");
	buf_char(p->out, '\n');
	if (p->m->has_system)
		decompile_system(p);
	for (size_t i = 0; i < p->m->cells.n; i++) {
		const struct cell *cell = p->m->cells.v[i];

		buf_printf(p->out, "%s%s ", i ? "\n" : "", cell->is_root ? "root" : "cell");
		decompile_string(p, cell->name);
		buf_str(p->out, " explicit {\n");
		decompile_cell(p, cell);
		buf_str(p->out, "}\n");
	}
}
