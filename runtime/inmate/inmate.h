/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a bare-metal program in a cell has to build on. The start code enters inmate_main() on the
 * cell's first CPU at EL1 with a stack, the MMU and caches on, interrupts masked.
 *
 * Addresses: identity-mapped. RAM of the image and the communication region are cacheable, all
 * else is device memory until mmu_map() says otherwise.
 *
 * Library and programs are compiled without floating point, unless the program's Makefile says
 * INMATE_FP := 1: then interrupts keep its registers.
 */
#ifndef INMATE_H
#define INMATE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../abi/comm_region.h"
#include "../abi/hypercall.h"

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t s64;

#define INMATE_CPUS 8

/* Yours: the program. Returning from it stops the CPU. */
void inmate_main(void);

/* --- communication region --- */
static inline volatile struct cv_comm_region *comm_region(void)
{
	return (volatile struct cv_comm_region *)(u64)CV_COMM_GUEST_ARM;
}
/* The message that waits, CV_MESSAGE_NONE if none does. */
u32 comm_message(void);
/* Answers it: clears the message, then writes the reply. */
void comm_reply(u32 reply);
void comm_set_state(u32 state);
/* For the main loop: acknowledges messages as usual programs do. True if the cell is asked to shut
 * down, which waits for inmate_stop(), as behind it the program's CPUs may be gone at any moment. */
bool comm_poll(void);
/* Stops this CPU for good; the first CPU tells that the cell is done, and approves a shutdown. */
void inmate_stop(void) __attribute__((noreturn));

/* --- output: the hypervisor's console or the cell's UART, as the communication region says --- */
void printk(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The same text into buf, cut to size with its NUL; returns how long it is uncut. */
size_t print_to(char *buf, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* --- command line, "name=value name": at base + 0x1000 --- */
const char *cmdline(void);
/* The value of name copied to buf (truncated to size), or def. */
const char *cmdline_str(const char *name, char *buf, size_t size, const char *def);
u64 cmdline_int(const char *name, u64 def);
bool cmdline_bool(const char *name);
/* name=value stands there. */
bool cmdline_is(const char *name, const char *value);

/* --- interrupts: GICv2 or v3, as the communication region says --- */
typedef void (*irq_handler)(u32 intid);
/* Once per CPU; the handler is shared by all. Interrupts are unmasked on return. */
void gic_init(irq_handler handler);
void gic_enable(u32 intid);
/* SGI to the CPU with this affinity (MPIDR_EL1 without bits 31 and up to 24) */
void gic_send_sgi(u64 mpidr, u32 sgi);

/* --- time: the virtual counter --- */
#define TIMER_INTID 27
u64 timer_ticks(void);
u64 timer_hz(void);
u64 timer_ns(u64 ticks);
/* One interrupt when the counter reaches this value. */
void timer_at(u64 ticks);
void timer_stop(void);
void delay_us(u64 us);

/* --- CPUs --- */
/* Starts a CPU of the cell with f; 0 or a PSCI error (Arm DEN 0022, 5.2.2). */
s64 smp_start(u64 mpidr, void (*f)(void));
/* Starts all other CPUs of the cell; returns how many. */
u32 smp_start_all(void (*f)(void));
/* 0 for the first CPU, then as started. */
u32 smp_index(void);
u64 smp_mpidr(void);
static inline void cpu_relax(void)
{
	__asm__ volatile("yield" ::: "memory");
}
static inline void cpu_idle(void)
{
	__asm__ volatile("wfi" ::: "memory");
}

/* --- memory --- */
/* Maps whole 2 MiB blocks, identity; 0 or -1 if there are no more tables. On the first CPU. */
int mmu_map(u64 start, u64 size, bool cached);
/*
 * MMU and data caches of this CPU, on when inmate_main() begins. Without them no other CPU may run:
 * locks need caches (DDI 0487 B2.9). mmu_off() writes the image, stacks included, and the
 * communication region back to memory; what else the program has made cacheable it flushes itself
 * before. Root and hypervisor go on to see the communication region through their caches: messages
 * may stay unseen meanwhile.
 */
void mmu_off(void);
void mmu_on(void);
bool mmu_is_on(void);
/* Writes back and drops what caches hold of the range, as a device without coherency needs it. */
void cache_flush(const void *start, u64 size);

/* --- calls --- */
s64 hypercall(u64 code, u64 arg1, u64 arg2);
s64 psci(u64 function, u64 arg1, u64 arg2, u64 arg3);
s64 smc(u64 function);

static inline u8 mmio_read8(u64 a) { return *(volatile u8 *)a; }
static inline u16 mmio_read16(u64 a) { return *(volatile u16 *)a; }
static inline u32 mmio_read32(u64 a) { return *(volatile u32 *)a; }
static inline u64 mmio_read64(u64 a) { return *(volatile u64 *)a; }
static inline void mmio_write8(u64 a, u8 v) { *(volatile u8 *)a = v; }
static inline void mmio_write16(u64 a, u16 v) { *(volatile u16 *)a = v; }
static inline void mmio_write32(u64 a, u32 v) { *(volatile u32 *)a = v; }
static inline void mmio_write64(u64 a, u64 v) { *(volatile u64 *)a = v; }

void *memcpy(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);

#endif
