/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the hardware has: the host's device tree, understood.
 *
 * Filled by host.c from a flattened tree (and completed by resolve.c from explicit statements of
 * a board that has no tree). Addresses are CPU physical addresses, sizes bytes, interrupts INTIDs.
 * Immutable after resolve.
 */
#ifndef CELLC_MACHINE_H
#define CELLC_MACHINE_H

#include "cellc.h"
#include "../runtime/abi/cell_config.h"

struct node;

/* A property as it stands in the tree: big-endian bytes. */
struct prop {
	const char *name;
	const u8 *data;
	u32 len;
};

struct reg {
	u64 addr, size; /* translated to CPU physical */
	u32 index;	/* n-th entry of the node's reg property */
	const char *name; /* from reg-names, or NULL */
	const struct origin *from;
};

enum irq_type { IRQ_SPI, IRQ_PPI, IRQ_OTHER };

struct irq {
	enum irq_type type;
	u32 intid;	 /* SPI: 32 up; PPI: 16..31 */
	u32 flags;	 /* trigger cell: 1 rising, 2 falling, 4 high, 8 low; 0 if the tree has none */
	u32 index;	 /* n-th interrupt of the node; ~0u for interrupt-map entries and MSIs */
	struct node *via; /* the cascaded controller it came through, or NULL if direct */
	const struct origin *from;
};

struct stream {
	struct node *iommu;
	u32 id, mask;
	const struct origin *from;
};

enum provider_kind {
	PROVIDES_CLOCK,
	PROVIDES_RESET,
	PROVIDES_POWER,
	PROVIDES_PINCTRL,
	PROVIDES_REGULATOR,
	PROVIDES_GPIO,
	PROVIDES_DMA,
	PROVIDES_PHY,
	PROVIDES_MAILBOX,
	PROVIDES_OTHER,
};

/* A use of another node's service: clocks = <&clk 3> and so on. */
struct provider {
	enum provider_kind kind;
	struct node *node;
	const char *prop; /* the property that names it */
	const struct origin *from;
};

/* One entry of a bus's dma-ranges: where the masters on it see the parent's addresses. */
struct dma_range {
	u64 bus, addr, size;
	const struct origin *from;
};

struct window { /* one entry of a PCI host's ranges */
	u32 space; /* phys.hi bits 24..25: 1 I/O, 2 32-bit memory, 3 64-bit memory */
	u64 pci, addr, size;
	bool prefetchable;
	const struct origin *from;
};

enum node_role { /* what the compiler treats specially */
	NODE_PLAIN,
	NODE_CPU,
	NODE_MEMORY,
	NODE_RESERVED,	 /* child of /reserved-memory */
	NODE_GIC,
	NODE_ITS,	 /* withheld from everybody */
	NODE_V2M,	 /* GICv2m frame: belongs to root */
	NODE_IOMMU,	 /* pure IOMMU: withheld from everybody */
	NODE_PCI_HOST,
	NODE_TIMER,
	NODE_PSCI,
};

struct node {
	const char *path, *name; /* name: last component with unit address */
	VEC(const char *) labels;
	int offset; /* in machine->fdt */
	u32 index;  /* in machine->nodes */
	u32 phandle; /* 0: none */
	struct node *parent, *child, *next; /* first child, next sibling */
	const struct prop *props;	    /* as in the tree, in its order */
	const struct prop **by_name;	    /* the same sorted, where there are many */
	u32 n_props;
	u32 address_cells, size_cells; /* of its children; 2 and 1 unless said */
	enum node_role role;
	const char *compatible; /* the first string, or NULL */
	u32 compatible_len;	/* bytes of all of them; host/props.c */
	bool enabled;		/* status okay here and in all ancestors */
	bool mapped;		/* its reg entries are CPU addresses */
	bool dma_master;	/* evidence in the tree or the board that it masters memory */
	bool dma_coherent;
	bool iommu_like;	/* has #iommu-cells without being a pure IOMMU */
	VEC(struct reg) regs;	/* only where mapped */
	VEC(struct irq) irqs;	/* direct, cascaded, from interrupt-map and MSI frames */
	const char *irq_missing; /* why some interrupt of it can't be traced to the GIC, or NULL */
	VEC(struct stream) streams;
	VEC(struct provider) providers;
	VEC(struct window) windows; /* NODE_PCI_HOST */
	VEC(struct dma_range) dma_ranges; /* of a bus; none: identity, or not said */
	bool ecam;		    /* generic ECAM host */
	u8 bus_start, bus_end;
	int pci_domain; /* linux,pci-domain, or -1 */
	const struct origin *from;
};

struct cpu {
	u32 index;   /* logical number, as Linux counts: order of /cpus, enabled ones */
	u64 mpidr;   /* reg: MPIDR affinity (ARM), APIC id (x86) */
	u32 cluster; /* CPUs of equal number share a cluster (cpu-map, else MPIDR Aff1) */
	struct node *cache; /* last-level cache node shared, or NULL */
	u32 core;    /* SMT siblings have equal numbers */
	const char *compatible, *enable_method;
	struct node *node; /* NULL on a machine without a tree */
	const struct origin *from;
};

struct extent {
	u64 addr, size;
	const char *name;   /* reserved-memory node, "memreserve", ... */
	bool no_map;
	struct node *node;
	const struct origin *from;
};

struct gic {
	u8 version; /* 0: none found, 2, 3 */
	struct node *node;
	u64 gicd, gicd_size, gicc, gicc_size, gich, gich_size, gicv, gicv_size;
	VEC(struct extent) gicr; /* redistributor regions */
	u64 gicr_stride;	 /* 0x20000 unless said; 0x40000 with vLPI frames */
	u32 maintenance;	 /* INTID, 0 if the tree has none */
	bool alias_64k;		 /* GICv2: GICC/GICV on 64K pages, second page at +0xf000 */
	u32 lines;		 /* SPIs implemented if known (board), else 0 */
	const struct origin *from;
};

struct iommu_unit {
	struct node *node; /* NULL when from a statement */
	struct cv_iommu rec; /* host byte order */
	const struct origin *from;
};

struct ioapic {
	struct fact addr, id, pins, gsi_base;
};

struct machine {
	enum cv_arch arch;
	const char *file;	/* tree file as given, NULL without a tree */
	const void *fdt;	/* the blob after overlays; NULL without a tree */
	const char *model;
	VEC(const char *) compatible;
	VEC(struct node *) nodes; /* document order; [0] is the root node */
	VEC(struct cpu) cpus;
	u32 disabled_cpus;
	VEC(struct extent) ram;
	bool ram_from_firmware; /* memory node absent or of size zero */
	VEC(struct extent) reserved;  /* reserved-memory with reg, memreserve, board "reserve" */
	struct gic gic;
	VEC(struct iommu_unit) iommus;
	VEC(struct ioapic) ioapics;
	struct node *psci, *timer;
	const char *psci_method;	/* "smc", "hvc" or NULL */
	u32 timer_irqs[4];		/* INTIDs: secure, non-secure, virtual, hyp; 0 if absent */
	const struct node *stdout_node; /* /chosen stdout-path */
	struct tree_index *index;	/* names and phandles to nodes; NULL without a tree */
};

/*
 * Reads a tree (.dtb, or .dts through dtc) and applies overlays in order. NULL after reporting
 * when the file is no device tree. Everything else that is wrong with it is a finding.
 */
struct machine *host_load(struct cellc *c, const char *path, const struct origin *at,
			  const char *const *overlays, size_t n_overlays);
/* Understands a blob already in memory (import, fuzzer). name is what messages print. */
struct machine *host_from_blob(struct cellc *c, const char *name, const void *blob, size_t len,
			       const struct origin *at);

/*
 * The node a reference means: label, alias, "/full/path" or "unit@address" where unique. NULL and
 * a finding at `at` (with suggestions) otherwise.
 */
struct node *machine_ref(struct cellc *c, const struct machine *m, const char *ref, bool braced,
			 const struct origin *at);
struct node *machine_node_by_path(const struct machine *m, const char *path);
/* A device that nobody has below the hypervisor, root included, beside the interrupt controller itself. */
static inline bool node_is_withheld(const struct node *n)
{
	return n->enabled && (n->role == NODE_IOMMU || n->role == NODE_ITS);
}
struct node *machine_node_by_phandle(const struct machine *m, u32 phandle);
/* The node's property of this name, or NULL. */
const struct prop *node_prop(const struct node *n, const char *name);
/* The property's i-th cell, or otherwise if it has none. */
u32 node_cell(const struct node *n, const char *name, u32 i, u32 otherwise);
/* The property's i-th string, or NULL; always NUL-terminated within the property. */
const char *node_string(const struct node *n, const char *name, u32 i);
/* Whether any string of the node's compatible property equals (or with '*' last, begins with) s. */
bool node_is_compatible(const struct machine *m, const struct node *n, const char *s);
/* A way to write a reference to this node that is unique: "&uart1" or "&{serial@ff010000}". */
const char *node_ref_text(struct cellc *c, const struct machine *m, const struct node *n);
/* Everything in the machine as text, one fact a line, in document order (--dump-after=host). */
void machine_dump(struct cellc *c, const struct machine *m, struct buf *out);
/* The same of one node. */
void machine_dump_node(struct cellc *c, const struct machine *m, const struct node *n,
		       struct buf *out);

#endif
