/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who owns what and why: the picture of a whole model that text, HTML, SVG and JSON draw.
 *
 * In: a model after place, or read from binaries. Out: memory as disjoint segments in order of
 * address, CPUs, interrupts and links with their owners.
 */
#ifndef CELLC_REPORT_H
#define CELLC_REPORT_H

#include "../image.h"

enum owner_kind {
	OWNER_ROOT,
	OWNER_CELL,
	OWNER_LINK,
	OWNER_HYPERVISOR,
	OWNER_POOL,	/* RAM kept from Linux that no cell uses yet */
	OWNER_FIRMWARE, /* reserved: nobody's */
	OWNER_WITHHELD, /* GIC, IOMMU: emulated or programmed by the hypervisor alone */
	OWNER_PCI,	/* the virtual PCI host */
};

struct owner {
	enum owner_kind kind;
	const char *name;  /* "zcu102", "rt", "lan0", "hypervisor" ... */
	const char *label; /* 'cell "rt"' */
	u32 colour;	   /* index into report_colours */
};

/* A run of host addresses that belongs to one owner. */
struct segment {
	u64 start, last;
	const struct owner *owner;
	const char *what; /* "RAM", "/axi/serial@ff010000", "state table" */
	u64 guest;	  /* guest address of start; meaningful where mapped */
	bool mapped;
	u64 flags; /* CV_MEM_* where mapped */
	const struct origin *from;
};

struct line { /* an interrupt line */
	u64 chip;
	u32 pin; /* INTID, or pin of an IOAPIC */
	const struct owner *owner;
	const char *what;
	const struct origin *from;
};

struct core { /* a CPU */
	u32 index, cluster;
	const struct owner *owner;
	const char *what;
	const struct origin *from;
};

struct report {
	struct model *model;
	VEC(struct owner *) owners; /* root, cells and links in plan order, then the rest */
	VEC(struct segment) segments;
	VEC(struct line) lines;
	VEC(struct core) cores;
};

struct report *report_make(struct cellc *c, struct model *m);

/* The owner of a cell or link; never NULL for those of the report's model. */
const struct owner *report_owner(const struct report *r, const char *label);
/* "rwx dma", for people. */
const char *flags_text(struct cellc *c, u64 flags);
const char *link_kind_text(enum link_kind kind);
/* "SPI 21" on ARM, "pin 4" on x86. */
const char *line_text(struct cellc *c, const struct model *m, const struct line *l);

/* Where a fact comes from, as origin_text, but without the host tree's file name: the report names
 * it once. */
const char *from_text(struct cellc *c, const struct origin *o);

/* Architecture, and how many of what: a line of text without its end. */
void report_counts(const struct report *r, struct buf *out);
void report_text(struct cellc *c, const struct report *r, struct buf *out);
void report_json(struct cellc *c, const struct report *r, struct buf *out);
void report_html(struct cellc *c, const struct report *r, struct buf *out);
/* One SVG image of memory, CPUs, interrupts and links; standalone: with the XML name space. */
void report_svg(struct cellc *c, const struct report *r, struct buf *out, bool standalone);
/* Escaped for element content and attributes of HTML and SVG; control bytes become U+FFFD. */
void html_text(struct buf *out, const char *s);

#endif
