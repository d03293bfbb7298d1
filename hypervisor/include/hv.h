/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypervisor's state: CPUs, cells, memory.
 *
 * Locking: hv.lock is held over every management call (create, start, destroy, disable) and by
 * nothing else; percpu.lock guards what other CPUs ask of one (events, power state, pending SGIs)
 * and is innermost; print_lock guards the console. A CPU's interrupts are masked in EL2.
 */
#ifndef HV_HV_H
#define HV_HV_H

#include "types.h"
#include "layout.h"
#include "../../runtime/abi/cell_config.h"
#include "../../runtime/abi/comm_region.h"
#include "../../runtime/abi/hypercall.h"
#include "../../runtime/abi/image_header.h"

#define MAX_CPUS  64
#define MAX_CELLS 32

struct spinlock {
	u32 next, owner;
};

void spin_lock(struct spinlock *l);
void spin_unlock(struct spinlock *l);

/* --- general registers of the guest, at the top of the CPU's stack while it is in EL2 --- */
struct regs {
	u64 x[31];
};

enum cpu_power {
	CPU_ABSENT,  /* never entered: firmware has it */
	CPU_RUNNING, /* in the guest, or in EL2 on its behalf */
	CPU_OFF,     /* waits in EL2 for a start */
};

struct cell;

#define IRQ_QUEUE 64

struct percpu { /* the public page: mapped on all CPUs */
	u32 index;
	u64 mpidr;
	struct cell *cell;
	u64 page_table; /* physical, of this CPU's own level 1 table */
	struct spinlock lock;
	enum cpu_power power;
	bool failed;
	bool park_wanted;  /* to become CPU_OFF at the next chance */
	bool start_wanted; /* leave CPU_OFF: */
	u64 start_entry, start_context;
	u64 pending_sgis[2]; /* bit 8 * SGI + sender (GICv2; else sender 0) */
	u16 irq_queue[IRQ_QUEUE]; /* waiting for a list register */
	u32 irq_head, irq_count;
	u64 counters[12];
};

struct irqset {
	u32 spi[32]; /* bit n: SPI n is the cell's */
};

struct paging {
	u64 root; /* physical address of the top table (concatenated where levels ask) */
	u8 level, bits;
};

struct cell {
	struct cv_cell_desc *desc;
	struct cell *next;
	u32 id;
	u64 cpus;	  /* bit n: CPU n is the cell's now */
	struct paging s2; /* guest-physical to physical */
	struct irqset irqs;
	struct cv_comm_region *comm;
	u64 comm_phys;
	bool loadable; /* root may write the loadable regions */
	u32 state;     /* CV_CELL_STATE_* where there is no communication region */
};

struct hv {
	struct cv_system *system;
	struct spinlock lock;
	struct cell root;
	struct cell *cells; /* the root first */
	u32 num_cells, next_id;
	u64 offset; /* virtual minus physical address of hypervisor memory; 0 before the MMU is on */
	u32 cpus_in, cpus_left;
};

extern struct hv hv;
extern struct cv_image_header image_header;

/* --- memory: pages of the pool, page tables --- */
void pool_init(u64 start, u64 end);
/* n zeroed contiguous pages, physical address; 0 when there are none */
u64 pages_alloc(u32 n);
void pages_free(u64 phys, u32 n);
u32 pool_size(void);
u32 pool_used(void);
static inline void *phys_to_hv(u64 phys)
{
	return (void *)(phys + hv.offset);
}
static inline u64 hv_to_phys(const void *p)
{
	return (u64)p - hv.offset;
}

/*
 * Maps or unmaps a page-aligned range; map replaces what was there. attr: leaf attributes of
 * arch. Returns 0 or -CV_ENOMEM; what an unsuccessful call has mapped so far stays.
 */
int paging_map(const struct paging *p, u64 virt, u64 phys, u64 size, u64 attr, bool huge);
int paging_unmap(const struct paging *p, u64 virt, u64 size);
/* Frees all tables. */
void paging_free(struct paging *p);

/* --- per CPU --- */
struct percpu *percpu(u32 index);
struct percpu *this_cpu(void);
struct percpu *cpu_by_mpidr(u64 mpidr);

/* --- console --- */
void printk(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void console_init(void);
extern struct cv_console_ring console_ring; /* guarded by print_lock */

/* --- descriptors --- */
const void *cell_cpu_set(const struct cv_cell_desc *d);
const struct cv_memory *cell_memory(const struct cv_cell_desc *d);
const struct cv_irqchip *cell_irqchips(const struct cv_cell_desc *d);
u64 desc_size(const struct cv_cell_desc *d);
/* 0, or the errno that says what is wrong with a descriptor of which `size` bytes are there */
int desc_validate(const struct cv_cell_desc *d, u64 size);

/* --- cells and calls --- */
int root_init(void);
s64 hypercall(u64 code, u64 arg1, u64 arg2);
struct cell *cell_by_id(u32 id);
/* The guest broke its bounds: reports, parks this CPU and marks the cell failed. Does not return
 * to the guest's code; returns when the CPU was given new work. */
void cell_fail(const char *what, u64 detail);
int copy_from_guest_phys(void *to, u64 phys, u64 size);

#endif
