// SPDX-License-Identifier: GPL-2.0-only
/*
 * Descriptors as C initializers over runtime/abi: what people wrote by hand before. Tests and
 * benchmark compile them and compare.
 *
 * In: images. Out: NAME.c for each, one object in section .config whose bytes are the image's.
 * Holds: all bytes are covered, unnamed ones too; values are read back from the bytes, so that
 * this is also a second reader of what lower wrote.
 */
#include "emit.h"

#include "../binary/fields.h"

#include <string.h>

struct csource {
	const struct image *img;
	const u8 *bytes;
	struct buf *out;
	size_t base; /* of the cell's header */
	size_t pos;
	bool x86;
};

static void print_bytes(struct csource *s, const u8 *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		buf_printf(s->out, "%s%u,", i % 16 ? " " : "\n\t\t", bytes[i]);
}

/* The fields of a record as designated initializers, with a prefix in front of each name. */
static void print_fields(struct csource *s, const struct record *r, const u8 *bytes)
{
	for (const struct field *f = r->fields; f < r->fields + r->n; f++) {
		buf_printf(s->out, " .%s = ", f->name);
		if (f->count > 1)
			buf_str(s->out, "{");
		for (u32 i = 0; i < f->count; i++)
			buf_printf(s->out, "%s0x%llx", i ? ", " : "",
				   (unsigned long long)get_le(bytes + f->offset + i * f->width,
							      f->width));
		buf_str(s->out, f->count > 1 ? "}," : ",");
	}
}

static void print_record(struct csource *s, const char *member, const struct record *r,
			 size_t offset)
{
	buf_printf(s->out, "\t.%s = {", member);
	print_fields(s, r, s->bytes + offset);
	buf_str(s->out, " },\n");
}

static bool all_zero(const u8 *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i])
			return false;
	return true;
}

/* --- the system header --- */

static void print_units(struct csource *s)
{
	const u8 *unit = s->bytes + system_units_offset(s->img->revision, s->x86);

	buf_str(s->out, "\t.iommu_units = {\n");
	for (int i = 0; i < CV_IOMMU_UNITS; i++, unit += sizeof(struct cv_iommu)) {
		bool amd = get_le(unit, 4) == CV_IOMMU_AMD && all_zero(unit + 24, 4);

		buf_str(s->out, "\t{");
		print_fields(s, &record_iommu, unit);
		print_fields(s, amd ? &record_iommu_amd : &record_iommu_pvu, unit);
		buf_str(s->out, " },\n");
	}
	buf_str(s->out, "\t},\n");
}

/* ARM's part has a member for every byte, so it serves where x86's does not. */
static void print_arch(struct csource *s)
{
	u16 revision = s->img->revision;
	u32 at = system_arch_offset(revision), root = system_root_offset(revision);
	u32 used = revision == 12 ? sizeof(struct cv12_platform_x86) : record_x86.size;

	s->x86 = s->x86 && all_zero(s->bytes + at + used, root - at - used);
	buf_printf(s->out, "\t.%s = {", s->x86 ? "x86" : "arm");
	print_fields(s, system_arch_record(revision, s->x86), s->bytes + at);
	if (revision == 12)
		print_units(s);
	buf_str(s->out, " },\n");
}

static void print_system(struct csource *s)
{
	buf_str(s->out, "\t.system = {\n");
	if (s->img->revision == 12) {
		buf_str(s->out, "\t.head = { .signature = {");
		print_bytes(s, s->bytes, 6);
		buf_str(s->out, " },");
	} else {
		buf_str(s->out, "\t.signature = {");
		print_bytes(s, s->bytes, 5);
		buf_printf(s->out, " }, .architecture = %u,", s->bytes[5]);
	}
	buf_printf(s->out, " .revision = %u,%s\n", s->img->revision,
		   s->img->revision == 12 ? " }," : "");
	print_fields(s, &record_system, s->bytes);
	buf_char(s->out, '\n');
	print_record(s, "hypervisor_memory", &record_memory,
		     offsetof(struct cv_system, hypervisor_memory));
	print_record(s, "debug_console", &record_console,
		     offsetof(struct cv_system, debug_console));
	if (s->img->revision != 12)
		print_units(s);
	print_arch(s);
}

/* --- the cell --- */

static void print_head(struct csource *s)
{
	const u8 *head = s->bytes + s->base;

	buf_printf(s->out, "\t.%s = {\n\t.signature = {", s->img->is_system ? "root_cell" : "cell");
	print_bytes(s, head, 5);
	buf_printf(s->out, " }, .architecture = %u, .revision = %llu,\n\t.name = {", head[5],
		   (unsigned long long)get_le(head + 6, 2));
	print_bytes(s, head + 8, CV_CELL_NAME_SIZE);
	buf_str(s->out, " },\n");
	print_fields(s, &record_cell, head);
	buf_char(s->out, '\n');
	print_record(s, "console", &record_console,
		     s->base + offsetof(struct cv_cell_desc, console));
	buf_str(s->out, s->img->is_system ? "\t},\n\t},\n" : "\t},\n");
}

/* Records by the cell's lists: the counts in the header may have been patched. */
static size_t array_length(const struct cell *cell, enum array array)
{
	size_t caps = cell->caps.n;

	for (size_t i = 0; i < cell->pcis.n; i++)
		if (!cell->pcis.v[i]->caps_explicit)
			caps += cell->pcis.v[i]->caps.n;
	switch (array) {
	case ARRAY_MEMORY:
		return cell->regions.n;
	case ARRAY_CACHE:
		return cell->caches.n;
	case ARRAY_IRQCHIP:
		return cell->irqchips.n;
	case ARRAY_PIO:
		return cell->ports.n;
	case ARRAY_PCI:
		return cell->pcis.n;
	case ARRAY_CAP:
		return caps;
	default:
		return cell->streams.n;
	}
}

static size_t cpu_set_length(const struct csource *s)
{
	size_t len = s->img->bytes.len - s->base - sizeof(struct cv_cell_desc);

	for (u32 a = 0; a < ARRAY_COUNT; a++)
		len -= array_length(s->img->cell, a) * array_info[a].record->size;
	return len - s->img->cell->trailing_len;
}

static void print_type(struct csource *s, size_t cpus)
{
	const struct cell *cell = s->img->cell;
	const char *system = s->img->revision == 12 ? "cv12_system" : "cv_system";

	buf_printf(s->out, "const struct {\n\tstruct %s %s;\n",
		   s->img->is_system ? system : "cv_cell_desc",
		   s->img->is_system ? "system" : "cell");
	if (cpus)
		buf_printf(s->out, "\tuint8_t cpus[%zu];\n", cpus);
	for (u32 a = 0; a < ARRAY_COUNT; a++)
		if (array_length(cell, a))
			buf_printf(s->out, "\tstruct %s %s[%zu];\n", array_info[a].record->c_type,
				   array_info[a].member, array_length(cell, a));
	if (cell->trailing_len)
		buf_printf(s->out, "\tuint8_t trailing[%zu];\n", cell->trailing_len);
	buf_str(s->out, "} __attribute__((packed)) config __attribute__((section(\".config\"))) "
			"= {\n");
}

static void print_array(struct csource *s, enum array a)
{
	size_t n = array_length(s->img->cell, a);

	if (!n)
		return;
	buf_printf(s->out, "\t.%s = {\n", array_info[a].member);
	for (size_t i = 0; i < n; i++, s->pos += array_info[a].record->size) {
		buf_str(s->out, "\t{");
		print_fields(s, array_info[a].record, s->bytes + s->pos);
		buf_str(s->out, " },\n");
	}
	buf_str(s->out, "\t},\n");
}

static void print_raw(struct csource *s, const char *member, size_t len)
{
	if (!len)
		return;
	buf_printf(s->out, "\t.%s = {", member);
	print_bytes(s, s->bytes + s->pos, len);
	buf_str(s->out, "\n\t},\n");
	s->pos += len;
}

static void print_image(const struct image *img, bool x86, struct buf *out)
{
	struct csource s = {
		.img = img, .bytes = (const u8 *)img->bytes.data, .out = out, .x86 = x86};
	size_t cpus;

	s.base = img->is_system ? system_root_offset(img->revision) : 0;
	s.pos = s.base + sizeof(struct cv_cell_desc);
	cpus = cpu_set_length(&s);
	buf_printf(out,
		   "/* cc -c -Iruntime/abi, then objcopy -O binary -j .config: %s */\n"
		   "#include \"config_old.h\"\n\n",
		   img->file);
	print_type(&s, cpus);
	if (img->is_system)
		print_system(&s);
	print_head(&s);
	print_raw(&s, "cpus", cpus);
	for (u32 a = 0; a < ARRAY_COUNT; a++)
		print_array(&s, a);
	print_raw(&s, "trailing", img->cell->trailing_len);
	buf_str(out, "};\n");
}

void emit_csource(struct cellc *c, struct model *m, struct outputs *outs)
{
	for (size_t i = 0; i < m->images.n; i++) {
		const char *file = m->images.v[i]->file;
		size_t stem = strlen(file) - strlen(".cell");

		print_image(m->images.v[i], m->arch == CV_ARCH_X86,
			    &output_add(c, outs, arena_printf(c->arena, "%.*s.c", (int)stem, file))
				     ->data);
	}
}
