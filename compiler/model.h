/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What will be: every cell with everything it gets.
 *
 * Made by resolve.c from a plan and a machine, completed by place.c; or read by binary.c from
 * descriptors. Checks, lower, emit, map, diff and decompile know only this, so that a plan and a
 * binary are held to the same rules. Everything the binary format can say is representable.
 *
 * Order: vectors of a cell are in the order of the records in its descriptor.
 */
#ifndef CELLC_MODEL_H
#define CELLC_MODEL_H

#include "cellc.h"
#include "machine.h"
#include "../runtime/abi/shmem.h"

struct cell;
struct link;
struct ast;
struct image;

enum region_role {
	REGION_RAM,	/* memory statement */
	REGION_MMIO,	/* mmio statement or binary I/O region */
	REGION_DEVICE,	/* registers of a device of the tree */
	REGION_WINDOW,	/* window of a PCI host of the tree */
	REGION_COMM,	/* communication region */
	REGION_STATE,	/* link: state table */
	REGION_COMMON,	/* link: common R/W section (may be all zero) */
	REGION_OUTPUT,	/* link: output section of peer `peer` */
	REGION_EMPTY,	/* written as all-zero entry */
};

struct region {
	const char *name; /* "ram", device name, or NULL */
	struct fact phys, virt, size;
	u64 flags; /* CV_MEM_* */
	enum region_role role;
	struct node *node; /* REGION_DEVICE, REGION_WINDOW */
	struct link *link;
	u32 peer;
	bool phys_open, virt_open; /* place.c has to choose; open virt follows phys */
	bool derived;		   /* follows from the machine: place.c cuts out what others got */
	u64 align;		   /* wanted alignment when placed; 0: by size */
	const struct pool *pool;   /* wanted pool or NULL */
	const struct origin *from; /* why this region exists */
};

struct cache_region {
	u32 start, size;
	u8 type, padding;
	u16 flags;
	const struct origin *from;
};

struct irqchip {
	u64 address;
	u32 id, pin_base, bitmap[4];
	const struct origin *from;
};

/* One interrupt of a cell. After place, claims and irqchips say the same. */
struct irq_claim {
	u64 chip;	/* address of the distributor or IOAPIC */
	u32 intid;	/* ARM: INTID; x86: pin */
	struct node *node; /* device it belongs to, or NULL */
	struct link *link; /* INTx line of the virtual PCI host */
	const struct origin *from;
};

struct pio {
	u16 base, length;
	const struct origin *from;
};

struct pci_cap {
	u16 id, start, len, flags;
	const struct origin *from;
};

struct pci_device {
	struct cv_pci_device rec; /* host byte order; shmem_regions_start set by lower when first_region */
	bool caps_explicit;	  /* rec.caps_start/num_caps are given, caps are the cell's list */
	VEC(struct pci_cap) caps; /* else: own capabilities, laid out by lower */
	struct link *link;	  /* shared-memory device of a link */
	struct region *first_region;
	bool bdf_open;
	const struct origin *from;
};

struct stream_claim {
	u32 value; /* as in the record: id, or id | mask_out << 16 */
	struct node *node, *iommu;
	const struct origin *from;
};

struct console {
	struct cv_console rec; /* host byte order */
	struct node *node;
	bool addr_open, irq_open; /* of a UART that the hypervisor makes up */
	const struct origin *from; /* NULL: none said */
};

struct cpu_claim {
	u32 index; /* logical CPU */
	const struct origin *from;
};

struct device_claim {
	struct node *node;
	bool exclusive; /* never in root's descriptor, so not given back */
	u64 width_flags; /* CV_MEM_WIDTH_* said in the plan; 0: by rule */
	const struct origin *from;
};

enum boot_kind { BOOT_NONE, BOOT_INMATE, BOOT_LINUX };
struct boot {
	enum boot_kind kind;
	const char *kernel, *initrd, *cmdline, *dtb, *image;
	struct fact load; /* guest address of image; from == NULL: default */
	const struct origin *from;
};

struct patch { /* bytes the format has no name for (padding, reserved), from decompile */
	u32 offset; /* from the start of the cell's descriptor; of a platform: of the system header */
	const u8 *data;
	size_t len;
	const struct origin *from;
};

/* CPU set and arrays of a descriptor, in the order of the file. */
enum cell_part {
	PART_CPUS,
	PART_REGIONS,
	PART_CACHES,
	PART_IRQCHIPS,
	PART_PORTS,
	PART_PCIS,
	PART_CAPS,
	PART_STREAMS
};

struct cell {
	const char *name; /* at most 31 bytes when valid */
	const char *file; /* output base name: "rt" for rt.cell; unique in the model */
	bool is_root;
	bool explicit_only; /* nothing derived: the plan lists every record */
	bool incomplete; /* something of it was reported: what it lacks means nothing */
	u32 cut; /* bit of each part of which the file holds less than is counted: cell_has_all */
	bool has_architecture; /* binary input: header fields of a lone cell */
	struct fact id, flags, cpu_set_size, vpci_irq_base, reset, timeout;
	u32 cpus_wanted; /* "cpus N": place.c chooses that many beyond none */
	const struct origin *cpus_from;
	VEC(struct cpu_claim) cpus;
	VEC(struct region *) regions;
	VEC(struct cache_region) caches;
	VEC(struct irqchip) irqchips;
	bool irqchips_explicit; /* irqchips are given; else place.c makes them from irqs */
	VEC(struct irq_claim) irqs;
	VEC(struct pio) ports;
	VEC(struct pci_device *) pcis;
	VEC(struct pci_cap) caps; /* cell-level list, used when a device has caps_explicit */
	VEC(struct stream_claim) streams;
	struct console console;
	bool console_virtual; /* the hypervisor's own, by hypercall or as a UART */
	VEC(struct device_claim) devices; /* of root: every node it has, lent ones too */
	struct boot boot;
	VEC(struct patch) patches;
	const u8 *trailing; /* bytes behind the last array */
	size_t trailing_len;
	const struct origin *trailing_from;
	const struct origin *from;
};

struct peer {
	struct cell *cell;
	struct fact id;	   /* shmem_dev_id */
	struct fact guest; /* guest address of the first region if not identity */
	u16 protocol;	   /* virtio: front or back end */
	struct pci_device *device;
	const struct origin *from;
};

enum link_kind { LINK_SHARED, LINK_NET, LINK_VIRTIO_NET, LINK_VIRTIO_BLOCK, LINK_VIRTIO_CONSOLE };

struct link {
	enum link_kind kind;
	const char *name;
	VEC(struct peer) peers;
	u64 state_size, common_size, output_size; /* bytes, multiples of the page */
	u16 protocol;
	u16 vectors; /* MSI-X vectors, 0: INTx */
	struct fact phys, slot;
	bool phys_open, slot_open;
	const struct pool *pool;
	const struct origin *from;
};

struct pool {
	const char *name; /* "" for the only one */
	struct fact addr, size;
	bool addr_open;
	const struct origin *from;
};

struct allow {
	enum diag_code code; /* D_COUNT: whatever the checks find, even what can't work */
	const char *subject_kind, *subject; /* "cell" "rt", or NULL: everywhere */
	const char *reason;
	bool used;
	const struct origin *from;
};

struct platform { /* the system header, host byte order */
	struct fact flags;
	struct region hypervisor; /* role REGION_RAM */
	struct console console;
	struct fact mmconfig_base;
	bool mmconfig_open; /* a virtual PCI host is needed and place.c has to find room */
	u8 mmconfig_end_bus, pci_virtual;
	u16 pci_domain;
	struct extent pci_window; /* guest MMIO window for BARs of the virtual host */
	struct cv_iommu iommus[CV_IOMMU_UNITS];
	const struct origin *iommu_from[CV_IOMMU_UNITS];
	struct cv_platform_x86 x86;
	struct cv_platform_arm arm;
	const struct origin *from, *arch_from;
	VEC(struct patch) patches;
};

struct placement { /* one decision of place.c, for the report */
	const char *what; /* "region ram of cell \"rt\"" */
	const char *result, *why;
	const struct origin *from; /* the statement that asked */
};

struct model {
	enum cv_arch arch;
	u16 revision;
	struct machine *machine; /* NULL without a host */
	bool has_system;	 /* there is a root cell: a system descriptor is emitted */
	bool from_binary;
	const char *plan_name; /* base name of the input */
	struct platform platform;
	VEC(struct cell *) cells; /* root first if there is one */
	VEC(struct link *) links;
	VEC(struct pool *) pools;
	VEC(struct extent) ram;	     /* what is RAM on the host */
	VEC(struct extent) reserved; /* of it, what firmware keeps */
	VEC(struct allow) allows;
	VEC(struct placement) placements;
	VEC(struct image *) images; /* made by the lower pass, in the order of cells */
};

/* resolve.c: names, units and rules; reports what is unknown or contradictory. Never NULL. */
struct model *resolve(struct cellc *c, struct ast *ast, struct machine *m);
/* place.c: chooses everything left open; reports what can't be placed. */
void place(struct cellc *c, struct model *m);
/* checks.c: runs every check of checks.def, then applies "allow". */
void check(struct cellc *c, struct model *m);
/* Marks what the plan allows; again after later passes, whose findings may be allowed too. */
void allow_apply(struct cellc *c, struct model *m);
/* host.c via resolve: the tree the plan names, or NULL without host statement. */
struct machine *host_of_plan(struct cellc *c, struct ast *ast);

/* False: the file was cut off; what the model lacks of this part may well be there. */
static inline bool cell_has_all(const struct cell *cell, enum cell_part part)
{
	return !(cell->cut >> part & 1);
}
struct cell *model_root(const struct model *m);
struct cell *model_cell(const struct model *m, const char *name);
/*
 * On ARM: lines for the vectors of the cell's shared-memory devices before `end`, of all of them with
 * NULL. Only Linux has them, root's or a cell's: SPIs behind the INTx lines (docs/abi.md), the
 * first of `end` being vpci_irq_base + CV_SHMEM_INTX_PINS + this.
 */
u32 cell_vector_lines(const struct cell *cell, const struct pci_device *end);
/* On ARM: whether the INTx lines before them are for anything. Software that is no Linux may have
 * its vectors raise them. */
bool cell_has_intx(const struct cell *cell);
const char *arch_name(enum cv_arch arch); /* "arm64" */
/* The model as text, every fact with its origin: --dump-after=resolve|place and the tests. */
void model_dump(struct cellc *c, const struct model *m, struct buf *out);
/* Whether a region's virt or size is not page aligned (abi.md section 1): trapped and checked. */
bool region_is_subpage(const struct region *r);

/*
 * binary.c: reads descriptors (revision 12, 13, 14; system or cell) into the model, appending
 * cells. Wrong counts, truncation, trailing bytes are findings; what can be read is read.
 * Returns false when nothing of it can be used.
 */
bool binary_load(struct cellc *c, struct model *m, const char *name, const u8 *data, size_t len);
/* Whether the bytes begin with one of the descriptor signatures. */
bool binary_is_descriptor(const u8 *data, size_t len);

#endif
