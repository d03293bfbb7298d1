/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The seam: what an architecture does for the core.
 */
#ifndef HV_ARCH_H
#define HV_ARCH_H

#include "hv.h"

/* Stage 2 of a new cell; 0 or -CV_ENOMEM. */
int arch_cell_init(struct cell *cell);
void arch_cell_exit(struct cell *cell);
/* What the communication region tells of the machine. */
void arch_comm_init(const struct cell *cell);
/* How many bits an address of memory or of a device can have. */
u32 arch_phys_bits(void);
/* Register frames that no cell may have (interrupt controller): at most max, how many. */
u32 arch_frames(struct range *out, u32 max);
/* Leaf attributes for a region's flags. */
u64 arch_stage2_attr(u64 flags);
u64 arch_hv_attr(bool write, bool execute, bool device);
/* Forget translations of the cell on all CPUs. Any CPU. */
void arch_stage2_flush(const struct cell *cell);
/* Runs the CPU's guest under the cell's stage 2 from now on. On the CPU itself. */
void arch_cpu_load_cell(const struct cell *cell);
/* Makes a CPU look at its percpu requests. percpu.lock not held. */
void arch_cpu_kick(struct percpu *cpu);
/* A CPU_DEAD CPU executes nothing any more, and what it had may go to others. */
bool arch_cpu_is_gone(const struct percpu *cpu);
/* Interrupts become the cell's, whose CPUs wait: routed to its first CPU, disabled, neither pending
 * nor active, priority and trigger as root had them. Root's come to this CPU, and are on where they were. */
void arch_irqs_claim(const struct cell *cell, const struct irqset *irqs);
/* A line that no device drives becomes pending, for whichever CPU its cell sends it to. What this CPU
 * and its guest wrote before is visible there first. Any CPU, any lock. */
void arch_irq_pend(u32 intid);
/* Which interrupt a message to this address means, whosever it is; 0: none. */
u32 arch_msi_intid(u64 address, u32 data);
/* Performs an aligned access to a register in HV_WINDOW. False: the bus answered with an error, and
 * nothing is read. */
bool arch_access(struct access *a, void *at);
/* Forgets this CPU's translation of HV_WINDOW. */
void arch_window_flush(void);
/* Cleans and invalidates data caches to the point of coherency. */
void arch_cache_flush(void *p, u64 size);
/* Seconds since the machine came up. */
u64 arch_seconds(void);
/* Lets a spinning CPU breathe. */
void arch_relax(void);

#endif
