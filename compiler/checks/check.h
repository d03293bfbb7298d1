/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the checks share: one sorted view of the model, and how findings are worded.
 *
 * In: a model after place (or from binaries). The view is built once, in index.c, and is
 * read-only for the checks. Regions that place could not settle, and entries of size 0, are not
 * in it. Every check is O(n log n) in the number of records.
 */
#ifndef CELLC_CHECK_H
#define CELLC_CHECK_H

#include "../lib/ranges.h"
#include "../model.h"

/* One memory region with host memory behind it, or (in the guest view) with guest addresses. */
struct use {
	u64 start, last; /* the last byte, so that the end of the address space can be said */
	struct cell *cell;
	struct region *r;
	u32 cell_index, index; /* in the model, in the cell's list */
	const void *group;     /* whose memory it is: a shmem group, else the cell */
};

/* A shared-memory device of one cell. */
struct endpoint {
	struct cell *cell;
	struct pci_device *dev;
	u32 cell_index, index; /* of the cell; of the device in its list */
	size_t first;	       /* index of the state table in the cell's regions */
	bool complete;	       /* all its regions exist */
	struct shmem_group *group;
};

/* Shared-memory devices that the hypervisor connects: equal PCI address. */
struct shmem_group {
	u16 bdf;
	VEC(struct endpoint *) ends;
};

/* One interrupt of one cell, from a claim or a bitmap. */
struct line {
	u64 chip;
	u32 intid;
	struct cell *cell;
	u32 cell_index;
	struct node *node;
	struct link *link;
	const struct origin *from;
};

/* A device of the tree and the cell that has it. */
struct holding {
	struct node *node;
	struct cell *cell;
	const struct origin *from;
	bool explicit_claim; /* a device statement; else seen from the regions */
};

/* Memory that no cell may ever have. */
enum withheld_kind {
	HELD_HYPERVISOR,
	HELD_GIC,
	HELD_GICR,
	HELD_IOMMU,
	HELD_ECAM,	   /* real: the hypervisor filters it */
	HELD_ECAM_VIRTUAL, /* guest addresses only */
	HELD_WINDOW,	   /* guest addresses only */
};
struct withheld {
	enum withheld_kind kind;
	u64 addr, size;
	const char *name;
	const struct origin *from;
};

struct check {
	struct cellc *c;
	struct model *m;
	struct arena *a;
	struct cell *root;
	VEC(struct use) host;  /* by host address */
	VEC(struct use) guest; /* by cell, then guest address */
	VEC(struct endpoint *) ends;
	VEC(struct shmem_group *) groups;
	VEC(struct line) lines;	      /* by INTID, then cell */
	VEC(struct holding) holdings; /* in the tree's order, then the cells' */
	VEC(struct withheld *) withheld;
	struct ranges held_host, held_guest; /* of struct withheld */
};

/* index.c */
void check_index(struct check *k);
/* The cell that has a node of the tree, or NULL: root or nobody. */
struct holding *check_holder(const struct check *k, const struct node *n);
/* Whether the cell has that interrupt. */
bool check_has_line(const struct check *k, const struct cell *cell, u32 intid);

/* withheld.c */
void check_collect_withheld(struct check *k);

/* report.c: findings and names. The texts live as long as the compilation. */

/* A finding about a cell; allow ... on cell (or root) finds it. at NULL: the cell itself. */
struct diag *check_report(struct check *k, enum diag_code code, const struct cell *cell,
			  const struct origin *at, const char *fmt, ...) PRINTF_LIKE(5, 6);
/* A note at the other owner's place, who becomes a subject as well. */
void check_note(struct check *k, struct diag *d, const struct cell *cell, const struct origin *at,
		const char *fmt, ...) PRINTF_LIKE(5, 6);
/* Offers another number where the fact is written in a plan; nothing otherwise. */
void check_fix_number(struct check *k, struct diag *d, const struct fact *f, u64 v);
/* `cell "rt"`, `root cell "zcu102"` */
const char *check_cell(struct check *k, const struct cell *cell);
/* `memory "ram" of cell "rt" (0x1000 .. 0x2000)`, by host or guest address */
const char *check_use(struct check *k, const struct use *u);
/* `memory "ram"`, `memory region 7`, `registers of serial@ff010000` */
const char *check_region(struct check *k, const struct cell *cell, const struct region *r,
			 u32 index);
/* Where a number was said; where it was only placed or derived: the statement that asked. */
const struct origin *check_at(const struct fact *f, const struct origin *statement);
/* "SPI 22 (INTID 54)", on x86 "pin 22" */
const char *check_irq(struct check *k, u32 intid);
/* "00:03.0", with "0001:" in front where the domain is not 0 */
const char *check_bdf(struct check *k, u16 domain, u16 bdf);

static inline u64 use_size(const struct use *u)
{
	return u->last - u->start + 1;
}
static inline bool is_shmem(const struct pci_device *d)
{
	return d->rec.type == CV_PCI_SHMEM;
}
/* MSI-X or, without, an INTx line */
static inline bool uses_intx(const struct endpoint *e)
{
	return e->dev->rec.num_msix_vectors == 0;
}
/* Output sections follow state table and common section. */
static inline size_t endpoint_regions(const struct endpoint *e)
{
	return 2u + e->dev->rec.shmem_peers;
}
static inline const struct region *endpoint_region(const struct endpoint *e, size_t i)
{
	return e->cell->regions.v[e->first + i];
}
static inline bool is_arm(const struct check *k)
{
	return k->m->arch != CV_ARCH_X86;
}

/* The checks: one declaration each, prerequisites in checks.def. */
#define CHECK(function, needs, holds) void function(struct check *k);
#include "../checks.def"
#undef CHECK

#endif
