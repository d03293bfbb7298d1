/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shared by binary.c and binary/: one descriptor file being read.
 */
#ifndef CELLC_BINARY_H
#define CELLC_BINARY_H

#include "fields.h"
#include "../image.h"

struct reader {
	struct cellc *c;
	struct model *m;
	const char *file;
	const u8 *data;
	size_t len;
	u16 revision;
	bool is_system;
	bool cut; /* a count reached beyond the end: what stands behind it is unknown */
	struct cell *cell;
	size_t base; /* offset of the cell's header */
	size_t pos;  /* what is read so far */
};

/* Where a field (or with NULL a whole record) of this file stands. */
const struct origin *reader_at(struct reader *r, const char *record, const char *field,
			       size_t offset);

/* cell.c: header and arrays of the cell at r->base; r->pos is left behind its last array. */
void read_cell(struct reader *r);
/* devices.c: the arrays of PCI devices, capabilities and stream ids. */
void read_pcis(struct reader *r, size_t at, u32 n);
void read_caps(struct reader *r, size_t at, u32 n);
void read_streams(struct reader *r, size_t at, u32 n);
/* Ties shared-memory devices to their regions. */
void read_links(struct reader *r);
/* system.c: the system header in front of the root cell. */
void read_system(struct reader *r);
/* arch.c: what revisions without an architecture byte leave to be guessed. */
enum cv_arch guess_system_arch(const u8 *data, u16 revision);
enum cv_arch guess_cell_arch(const struct cell *cell);
/* rest.c: what stands behind the last array, and bytes that the model has no place for. */
void read_trailing(struct reader *r);
void read_unnamed(struct reader *r);

#endif
