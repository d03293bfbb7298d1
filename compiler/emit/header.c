// SPDX-License-Identifier: GPL-2.0-only
/*
 * A header for each bare-metal cell, CELL.h: where it finds its memory, devices, interrupts and
 * links, as macros of plain numbers, for C, C++ and assembler.
 *
 * Addresses are guest addresses, interrupts INTIDs on ARM and pins on x86. Macro names begin with
 * the cell's name and are unique, also over the headers of all cells.
 */
#include "../image.h"
#include "emit.h"

#include <ctype.h>
#include <string.h>

struct macro { /* a name that is taken, or a stem and how often it was asked for */
	const char *name;
	u32 asked;
};

struct header {
	struct cellc *c;
	const struct model *m;
	const struct cell *cell;
	struct buf *out;
	const char *prefix;
	struct macro *table; /* open addressing, a power of two */
	size_t used, size;
};

/* A part of a macro name: upper case letters, digits, underscores. */
static const char *macro_part(struct arena *a, const char *text)
{
	char *part = arena_printf(a, "%s", text);

	for (char *p = part; *p; p++)
		*p = isalnum((u8)*p) ? (char)toupper((u8)*p) : '_';
	return part;
}

static u32 hash(const char *text)
{
	u32 h = 2166136261u; /* FNV-1a */

	for (; *text; text++)
		h = (h ^ (u8)*text) * 16777619u;
	return h;
}

/* The entry of a name, or the free one where it belongs. */
static struct macro *slot_of(const struct header *h, const char *name)
{
	size_t i = hash(name) & (h->size - 1);

	while (h->table[i].name && strcmp(h->table[i].name, name) != 0)
		i = (i + 1) & (h->size - 1);
	return &h->table[i];
}

static void grow(struct header *h)
{
	struct macro *old = h->table;
	size_t size = h->size;

	h->size = size ? 2 * size : 256;
	h->table = arena_alloc(h->c->arena, h->size * sizeof(*h->table));
	for (size_t i = 0; i < size; i++)
		if (old[i].name)
			*slot_of(h, old[i].name) = old[i];
}

static struct macro *enter(struct header *h, const char *name)
{
	struct macro *m;

	if (2 * h->used >= h->size)
		grow(h);
	m = slot_of(h, name);
	if (!m->name) {
		m->name = name;
		h->used++;
	}
	return m;
}

static bool any_taken(const struct header *h, const char *stem, const char *const *tails)
{
	for (; *tails; tails++)
		if (h->size && slot_of(h, arena_printf(h->c->arena, "%s%s", stem, *tails))->name)
			return true;
	return false;
}

/*
 * PREFIX_PART, with a number behind where one of the macros STEM + tail exists already: the stem of
 * a group of macros that belong together.
 */
static const char *stem(struct header *h, const char *part, const char *const *tails)
{
	struct arena *a = h->c->arena;
	const char *base = arena_printf(a, "%s_%s", h->prefix, macro_part(a, part)), *name = base;
	struct macro *m;

	while (any_taken(h, name, tails)) {
		/* '.' keeps stems apart from macros */
		m = enter(h, arena_printf(a, ".%s", base));
		m->asked++;
		name = arena_printf(a, "%s_%u", base, m->asked + 1);
	}
	return name;
}

static void define(struct header *h, const char *stem, const char *tail, const char *value)
{
	const char *name = arena_printf(h->c->arena, "%s%s", stem, tail);

	enter(h, name);
	buf_printf(h->out, "#define %s %s\n", name, value);
}

static void define_hex(struct header *h, const char *stem, const char *tail, u64 value)
{
	define(h, stem, tail, arena_printf(h->c->arena, "0x%llx", (unsigned long long)value));
}

static void define_number(struct header *h, const char *stem, const char *tail, u64 value)
{
	define(h, stem, tail, arena_printf(h->c->arena, "%llu", (unsigned long long)value));
}

static void title(struct header *h, const char *text)
{
	buf_printf(h->out, "\n/* %s */\n", text);
}

static const char *const range_tails[] = {"_BASE", "_SIZE", NULL};
static const char *const irq_tails[] = {"_IRQ", NULL};

static void define_range(struct header *h, const char *part, u64 base, u64 size)
{
	const char *name = stem(h, part, range_tails);

	define_hex(h, name, "_BASE", base);
	define_hex(h, name, "_SIZE", size);
}

/* "uart1" for a node that is known by a label or alias, else "serial_ff010000". */
static const char *device_part(const struct header *h, const struct node *n)
{
	const char *ref = n->labels.n ? n->labels.v[0] : node_ref_text(h->c, h->m->machine, n);
	size_t skip = strspn(ref, "&{/");

	return arena_strndup(h->c->arena, ref + skip, strcspn(ref + skip, "}"));
}

static void general(struct header *h)
{
	const struct cell *cell = h->cell;
	const char *stem = h->prefix;

	title(h, "the cell");
	define_number(h, stem, "_CPUS", cell->cpus.n);
	define_hex(h, stem, "_RESET", cell->reset.v);
	if (h->m->arch == CV_ARCH_X86)
		return;
	define_number(h, stem, "_GIC_VERSION", h->m->platform.arm.gic_version);
	define_hex(h, stem, "_GICD_BASE", h->m->platform.arm.gicd_base);
	if (h->m->platform.arm.gic_version == 3)
		define_hex(h, stem, "_GICR_BASE", h->m->platform.arm.gicr_base);
	else
		define_hex(h, stem, "_GICC_BASE", h->m->platform.arm.gicc_base);
}

static const char *region_part(const struct header *h, const struct region *r, u32 number)
{
	const char *kind = r->role == REGION_RAM ? "ram" : "mmio";

	if (r->role == REGION_COMM)
		return "comm";
	if (r->name && *r->name)
		return r->name;
	return arena_printf(h->c->arena, "%s%u", kind, number);
}

static void memory(struct header *h)
{
	struct region **r;
	u32 number = 0;

	title(h, "memory, by guest address");
	vec_each(r, &h->cell->regions)
		if ((*r)->role == REGION_RAM || (*r)->role == REGION_MMIO ||
		    (*r)->role == REGION_COMM)
			define_range(h, region_part(h, *r, number++), (*r)->virt.v, (*r)->size.v);
}

static void device_registers(struct header *h, const struct node *n, const char *part)
{
	struct region **r;
	u32 number = 0;

	vec_each(r, &h->cell->regions) {
		if (((*r)->role != REGION_DEVICE && (*r)->role != REGION_WINDOW) || (*r)->node != n)
			continue;
		if (number++)
			define_range(h, arena_printf(h->c->arena, "%s_%u", part, number - 1),
				     (*r)->virt.v, (*r)->size.v);
		else
			define_range(h, part, (*r)->virt.v, (*r)->size.v);
	}
}

static void device_irqs(struct header *h, const struct node *n, const char *part)
{
	const struct irq_claim *irq;
	u32 number = 0;

	vec_each(irq, &h->cell->irqs) {
		const char *numbered = arena_printf(h->c->arena, "%s_%u", part, number);

		if (irq->node != n)
			continue;
		define_number(h, stem(h, number ? numbered : part, irq_tails), "_IRQ", irq->intid);
		number++;
	}
}

static void devices(struct header *h)
{
	const struct device_claim *claim;

	if (!h->m->machine || !h->cell->devices.n)
		return;
	vec_each(claim, &h->cell->devices) {
		const char *part = device_part(h, claim->node);

		title(h, arena_printf(h->c->arena, "device %s", claim->node->name));
		device_registers(h, claim->node, part);
		device_irqs(h, claim->node, part);
	}
}

static void other_irqs(struct header *h)
{
	const struct irq_claim *irq;
	u32 number = 0;

	vec_each(irq, &h->cell->irqs) {
		if (irq->node || irq->link)
			continue;
		if (!number)
			title(h, "interrupts of no device");
		define_number(h, stem(h, arena_printf(h->c->arena, "irq%u", number++), irq_tails),
			      "_IRQ", irq->intid);
	}
}

static void ports(struct header *h)
{
	const struct pio *p;
	u32 number = 0;

	if (h->cell->ports.n)
		title(h, "port I/O");
	vec_each(p, &h->cell->ports)
		define_range(h, arena_printf(h->c->arena, "ports%u", number++), p->base, p->length);
}

static void console(struct header *h)
{
	const struct cv_console *con = &h->cell->console.rec;

	if (con->type == CV_CONSOLE_NONE)
		return;
	title(h, "console; type and flags as in the communication region");
	define_range(h, "console", con->address, con->size);
	define_number(h, h->prefix, "_CONSOLE_TYPE", con->type);
	define_hex(h, h->prefix, "_CONSOLE_FLAGS", con->flags);
	define_number(h, h->prefix, "_CONSOLE_DIVIDER", con->divider);
}

static const struct peer *own_peer(const struct header *h, const struct link *link)
{
	const struct peer *p;

	vec_each(p, &link->peers)
		if (p->cell == h->cell)
			return p;
	return NULL;
}

static void link_sections(struct header *h, const struct link *link, const char *part,
			  const struct peer *own)
{
	struct region **r;

	vec_each(r, &h->cell->regions) {
		const char *section = NULL;

		if ((*r)->link != link || !(*r)->size.v)
			continue;
		if ((*r)->role == REGION_STATE)
			section = "state";
		else if ((*r)->role == REGION_COMMON)
			section = "common";
		else if ((*r)->role == REGION_OUTPUT)
			section = arena_printf(h->c->arena, "output%u", (*r)->peer);
		if (section)
			define_range(h, arena_printf(h->c->arena, "%s_%s", part, section),
				     (*r)->virt.v, (*r)->size.v);
		if ((*r)->role == REGION_OUTPUT && (*r)->peer == own->id.v)
			define_range(h, arena_printf(h->c->arena, "%s_output", part), (*r)->virt.v,
				     (*r)->size.v);
	}
}

static void link(struct header *h, const struct link *link, const struct peer *own)
{
	static const char *const tails[] = {"_ID", "_PEERS", "_PROTOCOL", "_SLOT", "_IRQ", NULL};
	const char *part = arena_printf(h->c->arena, "link_%s", link->name), *name;
	const struct cv_pci_device *pci = own->device ? &own->device->rec : NULL;

	title(h, arena_printf(h->c->arena,
			      "link; own output section: OUTPUT, that of peer n: OUTPUTn"));
	name = stem(h, part, tails);
	define_number(h, name, "_ID", own->id.v);
	define_number(h, name, "_PEERS", link->peers.n);
	define_hex(h, name, "_PROTOCOL", pci ? pci->shmem_protocol : link->protocol);
	define_number(h, name, "_SLOT", link->slot.v);
	if (h->m->arch != CV_ARCH_X86 && !(pci && pci->num_msix_vectors))
		define_number(h, name, "_IRQ", 32 + h->cell->vpci_irq_base.v + link->slot.v % 4);
	link_sections(h, link, part, own);
}

static void links(struct header *h)
{
	const struct platform *p = &h->m->platform;
	struct link **l;
	bool any = false;

	vec_each(l, &h->m->links) {
		const struct peer *own = own_peer(h, *l);

		if (!own)
			continue;
		link(h, *l, own);
		any = true;
	}
	if (!any || !p->mmconfig_base.v)
		return;
	title(h, "PCI configuration space and the window for BARs");
	define_range(h, "pci_ecam", p->mmconfig_base.v, (p->mmconfig_end_bus + 1ull) * MIB);
	if (p->pci_window.size)
		define_range(h, "pci_window", p->pci_window.addr, p->pci_window.size);
}

static void write_header(struct header *h)
{
	buf_printf(h->out,
		   "/* Made by cellc: addresses and numbers of one cell. */\n"
		   "#ifndef %s_CELL_H\n#define %s_CELL_H\n",
		   h->prefix, h->prefix);
	general(h);
	memory(h);
	devices(h);
	other_irqs(h);
	ports(h);
	console(h);
	links(h);
	buf_str(h->out, "\n#endif\n");
}

/* The cell's name as the begin of an identifier. */
static const char *plain_prefix(struct arena *a, const struct cell *cell)
{
	const char *part = macro_part(a, cell->name);

	return isupper((u8)part[0]) ? part : arena_printf(a, "CELL_%s", part);
}

/* That, told apart from the cells before it. */
static const char *prefix_of(struct arena *a, const struct model *m, const struct cell *cell)
{
	const char *prefix = plain_prefix(a, cell);
	struct cell **other;
	u32 same = 0;

	vec_each(other, &m->cells) {
		if (*other == cell)
			break;
		same += strcmp(plain_prefix(a, *other), prefix) == 0;
	}
	return same ? arena_printf(a, "%s_%u", prefix, same + 1) : prefix;
}

void emit_header(struct cellc *c, struct model *m, struct outputs *outs)
{
	struct cell **cell;

	vec_each(cell, &m->cells) {
		struct header h = {.c = c, .m = m, .cell = *cell};

		if ((*cell)->is_root || (*cell)->boot.kind == BOOT_LINUX)
			continue;
		h.prefix = prefix_of(c->arena, m, *cell);
		h.out = &output_add(c, outs, arena_printf(c->arena, "%s.h", (*cell)->file))->data;
		write_header(&h);
	}
}
