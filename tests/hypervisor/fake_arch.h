/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A machine for the hypervisor's core on the host: four CPUs, memory, device registers, and a system
 * descriptor. What arch.h asks for is done at once; CPU 0 is the caller, the others wait.
 */
#ifndef FAKE_ARCH_H
#define FAKE_ARCH_H

#include "arch.h"

#define FAKE_CPUS      4
#define FAKE_RAM       0x40000000ull /* of root, 1 GiB, the hypervisor's memory in it */
#define FAKE_HV	       0x7f000000ull
#define FAKE_HV_SIZE   0x100000ull
#define FAKE_BUFFER    0x50000000ull /* root's memory that can be read: a descriptor */
#define FAKE_UART      0x09000000ull /* a page of root's */
#define FAKE_DEVICES   0x0a000000ull /* 4 pages of root's, with memory behind them */
#define FAKE_SUBPAGE   0x0a010010ull /* 16 bytes of root's, 4 at a time */
#define FAKE_DISABLED  0x0a011000ull /* a device nobody has */
#define FAKE_DEV_SIZE  0x12000
#define FAKE_GICD      0x08000000ull
#define FAKE_GICR      0x080a0000ull
#define FAKE_IOMMU     0x0c000000ull
#define FAKE_FRAMES    0x0d000000ull /* redistributors that the header has no room for */
#define FAKE_CELL_RAM  0x70000000ull
#define FAKE_RICH_RAM  0x71000000ull
#define FAKE_LINK      0x72000000ull /* where links are: memory that is there */
#define FAKE_LINK_SIZE 0x40000ull
#define FAKE_ROOT_LINK 0x72010000ull /* root's: table, common section of 2 pages, 3 outputs */
#define FAKE_LINK_BDF  0x28	     /* its place: slot 5 */
#define FAKE_ROOT_SPI  60	     /* of INTA of root's PCI host, which has a bus */
#define FAKE_ECAM      0x20000000ull
#define FAKE_MSI       0x08020040ull /* where messages are sent */
#define FAKE_BDF       0x10	      /* of root's PCI function; 0x08 is a bridge */

/* A fresh machine with the hypervisor running on it. */
void fake_boot(void);
/* A digest of all that root may reach. */
u64 fake_root_map(void);
u64 fake_root_cpus(void);
/* Guest address mapped for root now? */
bool fake_root_has(u64 addr);
/* Copies a descriptor to root's memory, at FAKE_BUFFER + 64. */
void fake_place(const void *desc, size_t size);
/* Copies a descriptor to root's memory and asks for the cell, as CPU 0. */
s64 fake_create(const void *desc, size_t size);
/* Called whenever somebody waits. */
extern void (*fake_relax)(void);
extern u8 fake_dev[FAKE_DEV_SIZE]; /* at FAKE_DEVICES */
extern u64 fake_time;		   /* in seconds */
extern char fake_line[256];	   /* what was printed last */
extern bool fake_ram_shown;	   /* root's RAM is in the window */
extern u32 fake_lines;		   /* printed since fake_boot */
extern u8 fake_link[FAKE_LINK_SIZE]; /* at FAKE_LINK */
#define FAKE_CONFIG_SIZE 0x100000
extern u8 fake_config[FAKE_CONFIG_SIZE]; /* at FAKE_ECAM, memory: registers keep what is written */
extern bool fake_pci_real;	   /* fake_boot makes a machine with that, and no virtual PCI host */
extern u32 fake_irqs[1020];	   /* how often an INTID was made pending */
extern void *fake_bus_error; /* in fake_dev: no access there gets an answer */
extern u32 fake_current;	   /* the CPU that calls */
extern bool fake_gone;		   /* CPUs that are dead are off */
extern u32 fake_pended;		   /* INTID that was made pending last */

/* A descriptor that is fine: CPU 3, 1 MiB of RAM at 0, a communication region, SPI 40. */
struct good_cell {
	struct cv_cell_desc d;
	u64 cpus;
	struct cv_memory mem[4];
	struct cv_irqchip irq[1];
} __attribute__((packed));
void fake_good(struct good_cell *g);

/* One more that is fine, with one of everything: CPU 2, 1 MiB of RAM, a PCI function of root's, two
 * streams, ports, cache ways, and the first of two places in a link. */
struct rich_cell {
	struct cv_cell_desc d;
	u64 cpus;
	struct cv_memory mem[6]; /* RAM, state table, common, output 0, output 1, nothing */
	struct cv_cache cache[1];
	struct cv_irqchip irq[1];
	struct cv_pio pio[1];
	struct cv_pci_device pci[2];
	struct cv_stream_id stream[2];
} __attribute__((packed));
void fake_rich(struct rich_cell *g);

#endif
