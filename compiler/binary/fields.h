/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The one table of the descriptors' fields: name, offset and width of each, taken from the ABI
 * structures. Reading, writing, naming and C output of descriptors all go by it.
 *
 * A structure in memory has the layout of its record, with each number in host byte order.
 */
#ifndef CELLC_BINARY_FIELDS_H
#define CELLC_BINARY_FIELDS_H

#include "../cellc.h"
#include "../../runtime/abi/config_old.h"

struct field {
	const char *name; /* the member of the ABI structure */
	u16 offset;
	u8 width; /* bytes of one element: 1, 2, 4, 8 */
	u8 count; /* of elements; 1 unless it is an array */
	bool pad; /* padding: no meaning */
};

struct record {
	const char *text;   /* "memory region" */
	const char *c_type; /* "cv_memory" */
	u32 size;
	const struct field *fields;
	u32 n;
};

extern const struct record record_memory, record_cache, record_irqchip, record_pio, record_pci,
	record_cap, record_stream, record_console, record_iommu, record_iommu_amd, record_iommu_pvu,
	record_x86, record_arm, record_x86_12, record_arm_12, record_cell, record_system;

/* The arrays behind a cell's header, in file order. */
enum array {
	ARRAY_MEMORY,
	ARRAY_CACHE,
	ARRAY_IRQCHIP,
	ARRAY_PIO,
	ARRAY_PCI,
	ARRAY_CAP,
	ARRAY_STREAM,
	ARRAY_COUNT
};
struct array_info {
	const struct record *record;
	u32 count_offset;	 /* of its count in the cell's header */
	const char *count_field; /* "num_memory_regions" */
	const char *member;	 /* "mem_regions", for C output */
};
extern const struct array_info array_info[ARRAY_COUNT];

/* Fills a structure from its bytes; bytes that no field covers are left alone. */
void record_get(const struct record *r, const u8 *bytes, void *host);
/* Fills r->size bytes from a structure; bytes that no field covers are left alone. */
void record_put(const struct record *r, const void *host, u8 *bytes);
/* One element of a field, from the structure in memory. */
u64 field_value(const struct field *f, const void *host, u32 element);
/* The field at an offset inside the record, or NULL: padding. */
const struct field *record_field_at(const struct record *r, u32 offset);

u64 get_le(const u8 *bytes, u32 width);
void put_le(u8 *bytes, u64 value, u32 width);

/* Where things stand in a file of a revision. */
u32 system_root_offset(u16 revision);		 /* of the root cell's header */
u32 system_units_offset(u16 revision, bool x86); /* of the first IOMMU unit */
u32 system_arch_offset(u16 revision);		 /* of the architecture's fields */
const struct record *system_arch_record(u16 revision, bool x86);

#endif
