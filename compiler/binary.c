// SPDX-License-Identifier: GPL-2.0-only
/*
 * Descriptors of revision 14, 13 and 12 into the model.
 *
 * In: any bytes. Out: a cell appended to the model (root in front, with its platform), every fact
 * with its record, field and offset. Holds: lower() of what was read gives the same bytes again,
 * for whatever the file holds: bytes that mean nothing become patches, what stands behind the last
 * array stays trailing bytes. Wrong counts are findings and what is there is read.
 */
#include "binary/binary.h"

#include <string.h>

/* Far more than a hypervisor accepts: beyond it a file is not worth its memory. */
#define FILE_MAX (4 * CV_MAX_CONFIG_SIZE)

const struct origin *reader_at(struct reader *r, const char *record, const char *field,
			       size_t offset)
{
	return origin_binary(r->c, r->file, record, field, offset);
}

static bool has_signature(const u8 *data, size_t len, const char *text)
{
	return len >= 8 && memcmp(data, text, strlen(text)) == 0;
}

bool binary_is_descriptor(const u8 *data, size_t len)
{
	return has_signature(data, len, CV_CELL_SIGNATURE) ||
	       has_signature(data, len, CV_SYS_SIGNATURE) ||
	       has_signature(data, len, CV13_CELL_SIGNATURE) ||
	       has_signature(data, len, CV13_SYS_SIGNATURE);
}

/* Signature, revision, architecture byte. */
static bool read_head(struct reader *r)
{
	bool six = has_signature(r->data, r->len, CV13_CELL_SIGNATURE) ||
		   has_signature(r->data, r->len, CV13_SYS_SIGNATURE);

	if (!binary_is_descriptor(r->data, r->len) || r->len > FILE_MAX) {
		diag_report(r->c, D_E1001, reader_at(r, "signature", NULL, 0),
			    r->len > FILE_MAX
				    ? "%zu bytes are too many for a descriptor"
				    : "no cell or system descriptor begins in these %zu bytes",
			    r->len);
		return false;
	}
	r->is_system = has_signature(r->data, r->len, CV_SYS_SIGNATURE) ||
		       has_signature(r->data, r->len, CV13_SYS_SIGNATURE);
	r->revision = (u16)get_le(r->data + 6, 2);
	if (six ? r->revision != 12 && r->revision != 13 : r->revision != 14) {
		diag_report(r->c, D_E1002, reader_at(r, "header", "revision", 6),
			    "revision %u is not known with the signature \"%.*s\"", r->revision,
			    six ? 6 : 5, (const char *)r->data);
		return false;
	}
	if (!six && r->data[5] > CV_ARCH_ARM64) {
		diag_report(r->c, D_E1002, reader_at(r, "header", "architecture", 5),
			    "architecture %u is none of 0 (x86), 1 (arm), 2 (arm64)", r->data[5]);
		return false;
	}
	return true;
}

static bool read_size(struct reader *r)
{
	size_t needed;

	r->base = r->is_system ? system_root_offset(r->revision) : 0;
	needed = r->base + sizeof(struct cv_cell_desc);
	if (r->len >= needed)
		return true;
	diag_report(r->c, D_E1003, reader_at(r, "header", NULL, r->len),
		    "the file ends after %zu bytes, inside the header of %zu", r->len, needed);
	return false;
}

/* Architecture: from the file, from the files before, or by what is in it. */
static void settle_arch(struct reader *r, bool first)
{
	enum cv_arch arch = r->m->arch;

	if (r->revision >= 14)
		arch = (enum cv_arch)r->data[5];
	else if (r->is_system)
		arch = guess_system_arch(r->data, r->revision);
	else if (first)
		arch = guess_cell_arch(r->cell);
	if (!first && r->revision >= 14 && arch != r->m->arch)
		diag_report(r->c, D_E1007, reader_at(r, "header", "architecture", 5),
			    "%s is for %s, the other descriptors are for %s", r->file,
			    arch_name(arch), arch_name(r->m->arch));
	else
		r->m->arch = arch;
	r->cell->has_architecture = r->revision >= 14;
}

/* Descriptors of one model are of one revision and have one root. */
static void settle_model(struct reader *r, bool first)
{
	if (first)
		r->m->revision = r->revision;
	else if (r->m->revision != r->revision)
		diag_report(r->c, D_E1007, reader_at(r, "header", "revision", 6),
			    "%s is of revision %u, the other descriptors are of revision %u",
			    r->file, r->revision, r->m->revision);
	if (r->is_system && r->m->has_system)
		diag_report(r->c, D_E1007, reader_at(r, "header", "signature", 0),
			    "%s is a second system descriptor", r->file);
	r->m->from_binary = true;
}

/* Root stands first in the model. */
static void append_cell(struct reader *r)
{
	*vec_push(r->c->arena, &r->m->cells) = r->cell;
	if (!r->is_system || r->m->has_system)
		return;
	memmove(r->m->cells.v + 1, r->m->cells.v, (r->m->cells.n - 1) * sizeof(r->cell));
	r->m->cells.v[0] = r->cell;
	r->cell->is_root = true;
	r->m->has_system = true;
}

static const char *base_name(struct cellc *c, const char *file)
{
	const char *slash = strrchr(file, '/'), *name = slash ? slash + 1 : file;
	const char *dot = strrchr(name, '.');

	return intern(c->arena, name, dot && dot > name ? (size_t)(dot - name) : strlen(name));
}

bool binary_load(struct cellc *c, struct model *m, const char *name, const u8 *data, size_t len)
{
	struct reader r = {.c = c, .m = m, .file = name, .data = data, .len = len};
	bool first = !m->cells.n;

	if (!read_head(&r) || !read_size(&r))
		return false;
	settle_model(&r, first);
	if (r.is_system && m->has_system)
		return false;
	r.cell = NEW(c->arena, struct cell);
	r.cell->explicit_only = true;
	r.cell->irqchips_explicit = true;
	r.cell->file = base_name(c, name);
	r.cell->from = reader_at(&r, r.is_system ? "system" : "cell", NULL, 0);
	if (!m->plan_name)
		m->plan_name = r.cell->file;
	read_cell(&r);
	settle_arch(&r, first);
	if (r.is_system)
		read_system(&r);
	append_cell(&r);
	read_links(&r);
	read_trailing(&r);
	read_unnamed(&r);
	return true;
}
