/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypervisor's state: CPUs, cells, memory.
 *
 * Locking: hv.managing is set over a management call (create, start, set loadable, destroy,
 * disable): one at a time, a second one is told -CV_EBUSY; the pool and root's stage 2 change below
 * it alone. hv.lock guards the list of cells against cell state calls and root's trapped accesses;
 * it is held for moments, never while a cell is waited for. hv.s2_lock covers the moments in which
 * an entry of a live stage 2 is invalid; percpu.lock what other CPUs ask of one (events, power
 * state, pending SGIs); print_lock is innermost. A link's lock guards its shared-memory devices; a
 * cell's mmio_lock, taken below it or below hv.lock, who changes the table of trapped ranges. Readers
 * of that table take no lock: they look again when mmio_seq has moved. A CPU's interrupts are masked
 * in EL2.
 */
#ifndef HV_HV_H
#define HV_HV_H

#include "types.h"
#include "layout.h"
#include "../../runtime/abi/cell_config.h"
#include "../../runtime/abi/cell_console.h"
#include "../../runtime/abi/comm_region.h"
#include "../../runtime/abi/hypercall.h"
#include "../../runtime/abi/image_header.h"

#define MAX_CELLS 32

struct spinlock {
	u32 next, owner;
};

void spin_lock(struct spinlock *l);
void spin_unlock(struct spinlock *l);

/* --- general registers of the guest, at the top of the CPU's stack while it is in EL2 --- */
struct regs {
	u64 x[32]; /* the last is none, it takes what is loaded into the zero register */
};

enum cpu_power {
	CPU_ABSENT,  /* never entered: firmware has it */
	CPU_RUNNING, /* in the guest, or in EL2 on its behalf */
	CPU_OFF,     /* waits in EL2 for a start */
	CPU_DEAD,    /* met a fault of the hypervisor's own: on its way to the firmware, for good */
};

struct cell;

/* An access of the guest that has no mapping. */
struct access {
	u64 addr; /* guest-physical */
	u32 size; /* 1, 2, 4, 8 */
	bool write;
	u64 value;
};

/* An access to a device that is made up here: any size, maybe unaligned, maybe reaching beyond the
 * range; offset counts from the range's start. False: the guest had no right to it. No lock held. */
typedef bool (*mmio_handler)(void *device, u64 offset, struct access *a);

/* A range whose accesses are trapped: performed here, or served by a handler. */
struct mmio_entry {
	u64 start, end; /* guest-physical, end exclusive */
	u64 phys;
	u32 flags; /* CV_MEM_* */
	bool shared; /* root's: a cell has a part of it */
	bool framed; /* a part of it is never anybody's */
	mmio_handler handler; /* NULL: memory or registers at phys */
	void *device;
};

#define IRQ_QUEUE  64
#define MMIO_NEVER 1u /* a cell's is odd while its table changes */

struct percpu { /* the public page: mapped on all CPUs */
	u32 index;
	u64 mpidr;
	struct cell *cell; /* whose it is now; NULL: it never came in, or is gone */
	u64 page_table; /* physical, of this CPU's own top table, see hv_tables() */
	struct spinlock lock;
	enum cpu_power power;
	bool failed;
	bool park_wanted;  /* to become CPU_OFF at the next chance */
	bool start_wanted; /* leave CPU_OFF: */
	u64 start_entry, start_context;
	u64 pending_sgis[2]; /* bit 8 * SGI + sender (GICv2; else sender 0) */
	u16 irq_queue[IRQ_QUEUE]; /* waiting for a list register */
	u32 irq_head, irq_count;
	u64 counters[CV_COUNT_REFUSED + 1];
	/* the entry of the last trapped access, good as long as the cell's mmio_seq is this */
	struct mmio_entry mmio_last;
	u32 mmio_seq; /* MMIO_NEVER: forget it */
	u64 told_at; /* the second in which the console was told of refused accesses, and how many */
	u32 told;
	bool leaving; /* about to become CPU_OFF by its own will */
	/* the architecture's: where the registers of the CPU's private interrupts are, a bit for each slot
	 * in which a virtual interrupt can wait, a bit that means the CPU to its interrupt controller, which
	 * of our private interrupts root had enabled, what root had in registers that are ours now */
	u64 irq_base, irq_slots;
	u32 irq_interface, root_irqs;
	u64 root_regs[3];
	u64 window; /* what HV_WINDOW shows: physical page + 1 + enum window; 0 nothing */
};

struct shmem_device;
struct shmem_link;
struct function;

struct irqset {
	u32 spi[32]; /* bit n: SPI n is the cell's */
};
/* SPIs: SGIs and PPIs are a CPU's own, and no chip has more than INTID 1019 (IHI 0069, 2.2). */
static inline bool irqset_has(const struct irqset *set, u64 intid)
{
	return intid >= 32 && intid < 1020 && set->spi[(intid - 32) / 32] >> (intid % 32) & 1;
}

struct paging {
	u64 root; /* physical address of the top table (concatenated where levels ask) */
	u8 level, bits;
	const struct cell *live; /* CPUs may walk it: break before make; NULL if none does */
};

/* Memory that is never anybody's: interrupt controller, IOMMU, the hypervisor's own. */
struct range {
	u64 start, size;
};
#define HV_MAX_FRAMES 16

struct cell {
	struct cv_cell_desc *desc;
	struct cell *next;
	u32 id;
	struct paging s2; /* guest-physical to physical */
	struct irqset irqs;
	struct cv_comm_region *comm;
	u64 comm_phys;
	bool loadable; /* root may write the loadable regions */
	bool parked;   /* its CPUs are stopped or about to be: none may be started by PSCI */
	bool failed;   /* whatever the cell says of itself; until it is loaded or started again */
	bool ended;    /* the same: it is shut down */
	u16 vmid;      /* tag of its translations; root's is 1 */
	struct spinlock mmio_lock; /* of who changes the table */
	u32 mmio_seq;		   /* odd: the table is changing */
	u32 num_mmio, max_mmio;
	struct mmio_entry *mmio; /* by start */
	struct console *console; /* what it prints and is sent; NULL: it has none */
	u32 num_shmem;
	struct shmem_device *shmem; /* by bdf */
};

struct hv {
	struct cv_system *system;
	struct spinlock lock;
	struct cell root;
	struct cell *cells; /* the root first */
	u32 num_cells, next_id;
	u64 offset; /* virtual minus physical address of hypervisor memory; 0 before the MMU is on */
	u32 cpus_in, cpus_left;
	bool managing;
	struct cell *waiting; /* has been sent a shutdown request */
	u64 waiting_left;     /* turns until silence is consent; 0: never */
	struct spinlock s2_lock;
	struct shmem_link *links;
	struct spinlock pci_lock;
	struct function *functions; /* of the machine's PCI host */
	u32 num_functions;
	u32 num_frames;
	struct range frames[HV_MAX_FRAMES];
};

extern struct hv hv;
extern struct cv_image_header image_header;

/* --- memory: pages of the pool, page tables --- */
void pool_init(u64 start, u64 end);
/* n zeroed contiguous pages, physical address; 0 when there are none */
u64 pages_alloc(u32 n);
void pages_free(u64 phys, u32 n);
u64 pool_size(void);
u64 pool_used(void);
static inline void *phys_to_hv(u64 phys)
{
	return (void *)(phys + hv.offset);
}
static inline u64 hv_to_phys(const void *p)
{
	return (u64)p - hv.offset;
}

/*
 * Maps or unmaps a page-aligned range; map replaces what was there. attr: leaf attributes of arch.
 * huge: by blocks where they fit; tables that say what a block can go. Returns 0, -CV_ENOMEM or
 * -CV_EINVAL (outside the table's reach); what an unsuccessful call has mapped so far stays.
 */
int paging_map(const struct paging *p, u64 virt, u64 phys, u64 size, u64 attr, bool huge);
int paging_unmap(const struct paging *p, u64 virt, u64 size);
/* The leaf entry of an address, 0 if it is not mapped. */
u64 paging_walk(const struct paging *p, u64 virt);
/* Frees all tables. */
void paging_free(struct paging *p);

/*
 * The hypervisor's own tables. What is mapped at its physical address as well (layout.h) lies above
 * the 39 bits of level 1 on machines whose RAM begins there: then a level 0 comes before it.
 */
static inline struct paging hv_tables(u64 top)
{
	const bool high = image_header.phys_start >> 39;

	return (struct paging){.root = top, .level = high ? 0 : 1, .bits = high ? 48 : 39};
}

/* --- per CPU --- */
struct percpu *percpu(u32 index);
/* The first CPU that the cell has now, from this number on; NULL: there is none. */
struct percpu *cell_cpu(const struct cell *cell, u32 from);
#define for_each_cpu(p, cell) \
	for (struct percpu *p = cell_cpu(cell, 0); p; p = cell_cpu(cell, p->index + 1))
#include "this_cpu.h" /* struct percpu *this_cpu(void): the architecture's, by the include path */
struct percpu *cpu_by_mpidr(u64 mpidr);

/* --- console --- */
/* A line of the hypervisor's own: its name before, a newline behind it. */
void printk(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* One character for a cell. */
void print_char(char c);
/* 0, or -CV_EIO: nothing answers at the address of the debug console, which is mapped to HV_CONSOLE. */
int console_init(void);
extern struct cv_console_ring console_ring; /* guarded by print_lock */

/* --- a cell's own console (console.c) --- */
/* For a cell that may print: 0 or -CV_ENOMEM. */
int cell_console_init(struct cell *cell);
void cell_console_exit(struct cell *cell);
/* The cell starts anew: its UART is in reset state, what was printed is still there. */
void cell_console_reset(struct cell *cell);
void cell_console_putc(struct cell *cell, char c);
/* The hypercalls of root's; io: physical address of a struct cv_console_io. hv.lock not held. */
s64 console_call(u64 code, u64 id, u64 io);

/* --- descriptors --- */
/* The arrays behind it, in the order of their counts in the descriptor. */
enum desc_array {
	DESC_CPU_SET,
	DESC_MEMORY,
	DESC_CACHES,
	DESC_IRQCHIPS,
	DESC_PORTS,
	DESC_PCI_DEVICES,
	DESC_PCI_CAPS,
	DESC_STREAMS,
	DESC_ARRAYS
};
u32 desc_count(const struct cv_cell_desc *d, enum desc_array which);
const void *desc_array(const struct cv_cell_desc *d, enum desc_array which);
static inline u64 desc_size(const struct cv_cell_desc *d)
{
	return (u64)desc_array(d, DESC_ARRAYS) - (u64)d;
}
static inline const struct cv_memory *cell_memory(const struct cv_cell_desc *d)
{
	return desc_array(d, DESC_MEMORY);
}
static inline const struct cv_pci_device *cell_pci_devices(const struct cv_cell_desc *d)
{
	return desc_array(d, DESC_PCI_DEVICES);
}
#define for_each_region(r, d)                                                                   \
	for (const struct cv_memory *r = cell_memory(d), *r##_end = r + (d)->num_memory_regions; \
	     r != r##_end; r++)
#define for_each_pci_device(p, d)                                   \
	for (const struct cv_pci_device *p = cell_pci_devices(d),   \
					*p##_end = p + (d)->num_pci_devices; \
	     p != p##_end; p++)
/* 0, or the errno that says what is wrong with a descriptor of which `size` bytes are there. Looks
 * at nothing but the descriptor. */
int desc_validate(const struct cv_cell_desc *d, u64 size);
/* Sub-page: trapped, checked, performed by the hypervisor. */
bool region_is_subpage(const struct cv_memory *r);
static inline bool overlaps(u64 a, u64 an, u64 b, u64 bn)
{
	return an && bn && a < b + bn && b < a + an;
}

/* --- who owns what (owner.c); hv.managing or hv.lock held --- */
/* The region is taken from root while the cell exists. */
bool region_is_taken(const struct cv_memory *r);
/* 0, or the errno that says why a new cell can't have what its descriptor asks for. cpus_wait: its CPUs
 * must be down already. */
int owner_check(const struct cv_cell_desc *d, bool cpus_wait);
/* The same for streams, cache ways, ports, PCI functions and places in links (claims.c). */
int claims_check(const struct cv_cell_desc *d);
/* Region i of a and region k of b may be the same memory: parts of one link, or both root's too. */
bool regions_may_meet(const struct cv_cell_desc *a, u32 i, const struct cv_cell_desc *b, u32 k);
/* The region is a part of a link; it is the one that the hypervisor writes. */
bool region_is_link(const struct cv_cell_desc *d, u32 region);
bool region_is_state_table(const struct cv_cell_desc *d, u32 region);
bool regions_fit(const struct cv_cell_desc *d, u32 bits);
/* The lines that a descriptor lists; false: one of them can't be. */
bool irqs_of(struct irqset *set, const struct cv_cell_desc *d);
bool desc_has_cpu(const struct cv_cell_desc *d, u32 i);
/* The first part of [start, start + size) that a cell other than `but` has taken: its start and
 * size in *at; false: none. loadable regions count as root's while the cell is loadable. */
bool owner_find(u64 start, u64 size, const struct cell *but, struct range *at);
/* The same for frames that are never mapped. No lock. */
bool frame_find(u64 start, u64 size, struct range *at);
void frames_init(void);

/* --- trapped accesses (mmio.c) --- */
/* How many entries a cell's table may ever have. */
u32 mmio_room(const struct cv_cell_desc *d);
/* Fills cell->mmio, which has that room, with the descriptor's regions. */
void mmio_init(struct cell *cell);
/* From now on, and no longer, a handler serves accesses to a range that is not mapped. A cell has
 * one range for each pair of handler and device; where ranges overlap, one of them is served. The
 * table has no room for more than mmio_room() says: what is too much is not added. */
void mmio_add(struct cell *cell, u64 start, u64 size, mmio_handler handler, void *device);
void mmio_remove(struct cell *cell, mmio_handler handler, const void *device);
/* The list of cells has changed: what root shares with them. hv.lock held. */
void mmio_owners_changed(void);
/* Performs an access of this CPU's guest; false: it has no right to. No lock held. */
bool mmio_access(struct access *a);
/* The guest's translation fault is over: somebody was changing the entry. No lock held. */
bool mmio_is_mapped(u64 guest);

/* --- shared-memory devices (shmem.c); hv.managing set --- */
/* 0, or why a cell's devices can't be peers of those that are there: -CV_EINVAL when they disagree
 * about the link, -CV_EBUSY when the id is taken. */
int shmem_check(const struct cv_cell_desc *d);
/* Makes the devices and joins their links; they are off. 0 or -CV_ENOMEM; shmem_exit undoes it. */
int shmem_init(struct cell *cell);
void shmem_exit(struct cell *cell);
/* The cell is there for good: state tables that only it has are cleared. */
void shmem_come(struct cell *cell);
/* All devices of the cell: reset and on, or off. Peers are told. Any CPU, no lock held; stop also
 * without hv.managing. */
void shmem_start(struct cell *cell);
void shmem_stop(struct cell *cell);

enum window {
	WINDOW_READ = 0,
	WINDOW_DEVICE = 1, /* as device memory, to be written as well */
	WINDOW_WRITE = 2,
};
/* Where this CPU sees the page at a physical address from now on. */
void *window_map(u64 phys, enum window how);
/* The window shows nothing. */
void window_close(void);

/* --- messages (message.c); hv.lock not held --- */
void comm_init(struct cell *cell, u32 state);
/* CV_CELL_STATE_*; what the cell has made up is failed. */
u32 cell_state(const struct cell *cell);
/* Asks a cell whether it may be shut down; no answer in time is consent. 0, -CV_EPERM, or HV_AGAIN:
 * there is no answer yet. */
s64 cell_agrees(struct cell *cell);
/* Takes back a question that has no answer yet. 0. */
s64 cell_ask_no_more(struct cell *cell);
/* Tells all cells but one that others came or went. */
void cells_tell_reconfigured(const struct cell *but);

/* --- cells and calls --- */
/* dry_run: what it would say if the cell's CPUs waited, short of moving memory; changes nothing. */
s64 cell_create(u64 config, bool dry_run);
s64 cell_start(struct cell *cell);
s64 cell_set_loadable(struct cell *cell);
s64 cell_destroy(struct cell *cell);
/* All CPUs of all cells become CPU_OFF or are given up, and none runs again. hv.lock not held. */
void cells_stop(void);
/* No cell but this one is locked. */
bool cells_unlocked(const struct cell *but);
int root_init(void);
/* A call's result: the guest is to make the call again, after it took its interrupts. */
#define HV_AGAIN (-4096ll) /* no errno */
s64 hypercall(u64 code, u64 arg1, u64 arg2);
struct cell *cell_by_id(u64 id);
/* This CPU's guest broke its bounds at pc: reports what, with an address or what else tells of it,
 * marks CPU and cell failed and parks the cell's other CPUs. The caller parks this one. */
void cell_fail(const char *what, u64 detail, u64 pc);
/* This CPU is CPU_DEAD: its cell fails as above. */
void cell_cpu_dies(void);
/* The cell switched itself off or asked for a reset: its CPUs park, its state tells. Returns as
 * cell_fail does. */
void cell_end(const char *what);
/* Root's access was refused: counts it and tells the console, within limits. */
void root_refused(const char *what, u64 detail, u64 pc);
/* This CPU is about to wait for work: the last one of a cell takes the cell's devices with it. */
void cell_cpu_leaving(void);
/* Reads or writes root's memory; -CV_EINVAL if it is not root's now. hv.managing or hv.lock held. */
int copy_guest_phys(void *own, u64 phys, u64 size, bool to_guest);

#endif
