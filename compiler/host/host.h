/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of host/ share: the state of one reading of a tree, and cells.
 *
 * "DT" below is the Devicetree Specification, release v0.4; bindings are those of the Linux
 * kernel, Documentation/devicetree/bindings.
 */
#ifndef CELLC_HOST_H
#define CELLC_HOST_H

#include "../machine.h"

/* An address on some bus: #address-cells may be 3. */
__extension__ typedef unsigned __int128 u128;

/* What no tree of a real machine comes near, so that a hostile one ends soon. */
#define HOST_MAX_SIZE	 (4u * 1024 * 1024) /* bytes of a blob */
#define HOST_MAX_OVERLAY (256u * 1024)	    /* bytes of an overlay: libfdt is quadratic in it */
#define HOST_MAX_STRINGS (256u * 1024)	    /* bytes of property names: libfdt scans them */
#define HOST_MANY_PROPS	 24		    /* from here on a node's properties are sorted */
#define HOST_MAX_NODES	 65536u
#define HOST_MAX_DEPTH	 64	  /* as Linux's FDT_MAX_DEPTH */
#define HOST_MAX_PATH	 1024	  /* bytes */
#define HOST_MAX_WORK	 1000000u /* steps of translation and routing; real trees take 20,000 */

struct host {
	struct cellc *c;
	struct machine *m;
	const struct origin *at; /* the statement that names the tree */
	u32 work;		 /* steps done, see host_spend */
	bool exhausted;
	u32 malformed; /* findings about malformed properties so far */
};

/* A property, or a part of one, as big-endian cells. */
struct cells {
	const u8 *p;
	u32 n;
};

static inline u32 cell_at(struct cells s, u32 i)
{
	const u8 *p = s.p + (size_t)i * 4;

	return (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | p[3];
}

static inline struct cells cells_part(struct cells s, u32 at, u32 n)
{
	at = MIN(at, s.n);
	return (struct cells){s.p ? s.p + (size_t)at * 4 : NULL, MIN(n, s.n - at)};
}

/* n cells from at on as one number; the highest are lost where n > 4. The caller checks bounds. */
u128 cells_number(struct cells s, u32 at, u32 n);

/* --- props.c --- */
/* The string of "compatible" behind `last` (NULL: the first), which is one of them; or NULL. */
const char *node_compatible(const struct node *n, const char *last);
/* The property as cells; none if absent. A rest of less than a cell is reported and dropped. */
struct cells node_cells(struct host *h, const struct node *n, const char *prop);
/*
 * The same cut into entries of `width` cells: their number. An incomplete last one is reported and
 * not counted; 0 if width is 0.
 */
u32 node_entries(struct host *h, const struct node *n, const char *prop, u32 width,
		 struct cells *cells);
bool node_has(const struct node *n, const char *prop);
/* The name without the unit address equals this. */
bool node_named(const struct node *n, const char *base);
const struct origin *node_origin(struct host *h, const struct node *n, const char *prop);
/* Counts a step of work; false, after one finding, when the tree takes more than is sensible. */
bool host_spend(struct host *h);
/* Reports a property that does not have the form its binding asks for. */
void host_malformed(struct host *h, const struct node *n, const char *prop, const char *fmt, ...)
	PRINTF_LIKE(4, 5);

/* --- walk.c --- */
/* Where a walk over the structure block is; the blob is one that fdt_check_full accepted. */
struct walk {
	const u8 *structure;
	const char *strings;
	u32 at; /* the next tag */
};

/* A tag (DT 5.4.1): FDT_BEGIN_NODE, FDT_END_NODE, FDT_PROP or FDT_END; FDT_NOP is passed over. */
struct tag {
	u32 kind;
	int offset;	  /* what libfdt calls the offset of the node or property */
	const char *name; /* of the node or property */
	u32 len;	  /* of the node's name, or of the data */
	const u8 *data;
};

struct walk walk_start(const void *fdt);
/* The next tag; at the end of the tree FDT_END, again and again. */
struct tag walk_next(struct walk *w);
/* How many properties come next: those that libfdt counts as of the node just begun. */
u32 walk_count_props(struct walk w);

/* --- blob.c --- */
/* A blob that libfdt accepts and that is within the limits; else reports at `at`, false. */
bool blob_check(struct cellc *c, const char *name, const void *blob, size_t len,
		const struct origin *at);
/* Orders the properties of a node for node_prop. props.c */
void props_sort(struct host *h, struct node *n);
/* Reads .dtb or .dts; NULL after reporting. */
const void *blob_read(struct cellc *c, const char *path, const struct origin *at, size_t *len);
/* Base with the overlays applied; NULL after reporting. */
const void *blob_overlay(struct cellc *c, const char *path, const void *base, size_t *len,
			 const char *const *overlays, size_t n, const struct origin *at);
/* Runs dtc over a source; the blob, or NULL after reporting. dtc.c */
const void *dtc_compile(struct cellc *c, const char *path, const struct origin *at, size_t *len);

/* --- steps, in this order, each fills a part of the machine --- */
bool nodes_read(struct host *h, const void *fdt); /* nodes.c: names, properties, status, labels */
void index_build(struct host *h);		  /* index.c: names and phandles to nodes */
void regs_read(struct host *h);			  /* regs.c: registers, dma-ranges */
void roles_read(struct host *h);		  /* roles.c: role, PSCI, timer node, console */
void cpus_read(struct host *h);			  /* cpus.c: CPUs, architecture */
void memory_read(struct host *h);		  /* memory.c: RAM, reserved memory */
void gic_find(struct host *h);			  /* gic.c: which node, its frames */
void irqs_read(struct host *h);			  /* irqs.c: interrupts of all nodes */
void msi_read(struct host *h);			  /* msi.c: SPIs handed out at run time */
void gic_interrupts(struct host *h);		  /* gic.c: maintenance and timer interrupts */
void pci_read(struct host *h);			  /* pci.c: hosts and their windows */
void iommus_read(struct host *h);		  /* iommu.c: units, stream ids */
void providers_read(struct host *h);		  /* providers.c */
void masters_read(struct host *h);		  /* masters.c: DMA evidence */

/* Whether the node's children have PCI addresses. */
bool node_is_pci(const struct node *n);
/* Whether a PCI bus is among its ancestors. */
bool node_on_pci(const struct node *n);
/* CPU address of addr on the bus below node bus (DT 2.3.8); false if it is not mapped. */
bool bus_translate(struct host *h, const struct node *bus, u128 addr, u64 *out);
/* An enabled node of this compatible string ('*' at the end: prefix), in document order. */
struct node *node_with(const struct machine *m, const char *compatible);
/* Whether the GIC drivers of Linux know the node: 2, 3, or 0. */
u8 node_gic_version(const struct machine *m, const struct node *n);
/* Adds an interrupt to a node unless it has that INTID already. */
void irq_add(struct host *h, struct node *n, struct irq irq);
/* The node a reference of a property means: alias or path, up to `len` bytes. index.c */
struct node *index_alias_or_path(const struct machine *m, const char *text, size_t len);

#endif
