/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the driver's parts know of each other.
 *
 * cv_lock guards everything here; functions without another note are called with it held.
 */
#ifndef CV_DRIVER_H
#define CV_DRIVER_H

#define pr_fmt(fmt) "cellvisor: " fmt

#include <linux/cpumask.h>
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/kobject.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/types.h>

#include "../abi/driver.h"
#include "../abi/image_header.h"

struct cv_cell {
	struct list_head list;
	struct kobject kobj;	/* sysfs: cells/<id>; the last reference frees the cell */
	struct kobject *counts; /* its folder "statistics" */
	struct list_head cpu_counts;
	u32 id;
	cpumask_t cpus;		  /* that it has now */
	cpumask_t taken;	  /* that Linux gave away for it */
	struct list_head devices; /* that no driver may have because of it */
	struct cv_cell_desc *desc;
	u64 size;
};

struct cv_state {
	bool enabled;
	bool ending; /* Linux goes down: no cell is waited for for ever */
	bool asleep; /* or about to be: the machine is not handed over */
	struct cv_system *system;
	u64 phys, size;		  /* hypervisor memory */
	cpumask_t entered;	  /* CPUs that the hypervisor has */
	cpumask_t lost;		  /* that Linux gave it, and that failed there */
	struct list_head cells;	  /* root's first */
	struct cv_cell *root;
	struct cv_console_ring *ring; /* NULL: root may not read the console */
	struct device *misc;	      /* asks for firmware */
	struct device *folder;	      /* /sys/devices/jailhouse */
};

extern struct mutex cv_lock;
extern struct cv_state cv;

/* --- enable.c --- */
int cv_enable(const void __user *arg);
int cv_disable(void);
/* Names the reason and returns true if Linux uses any of the memory as its own. No lock needed. */
bool cv_memory_is_linux(u64 phys, u64 size, const char *what);
/* CPU hotplug: refuses CPUs that Linux does not have. Called by the kernel, no lock. */
int cv_cpu_prepare(unsigned int cpu);

/* --- cell.c --- */
int cv_cell_create(const void __user *arg);
int cv_cell_load(const struct cv_cell_load __user *arg);
int cv_cell_start(const void __user *arg);
int cv_cell_destroy(const void __user *arg);
int cv_cells_destroy(void);
/* A cell forbids that others come or go, and disable. */
bool cv_any_locked(void);
/* The root cell as the driver sees it, from the system descriptor. */
struct cv_cell *cv_root_create(struct cv_system *system);
const struct cv_irqchip *cv_desc_irqchips(const struct cv_cell_desc *d);
const struct cv_pci_device *cv_desc_pci(const struct cv_cell_desc *d);

/* The cell that the caller means, never root, or an error pointer. */
struct cv_cell *cv_cell_find(const struct cv_cell_id *id);

/* --- device.c --- */
/* Takes devices from their drivers that the cell's descriptor names. 0, or -ENOMEM and none taken. */
int cv_devices_take(struct cv_cell *cell);
/* Gives them back to Linux, or hands them on where another cell has a part of them. The cell is off
 * the list of cells, or has never been on it; of root: the hypervisor is gone. */
void cv_devices_return(struct cv_cell *cell);

/* Linux drives an IOMMU whose registers root's descriptor does not have; the log says which. */
bool cv_iommu_in_use(void);
/* Root's descriptor lists some of [start, end). */
bool cv_root_touches(u64 start, u64 end);

/* --- pci.c --- */
/* Linux gets its links, on a virtual PCI host or its own, if it has any. Machine handed over; 0 or an error. */
int cv_pci_add(void);
/* Takes it away, with its devices: their drivers let go of them. */
void cv_pci_remove(void);

/* --- msi.c --- */
struct irq_domain;
/* The domain in which messages of root's devices on the virtual PCI host are made, on top of the
 * GIC's; NULL if none has vectors, or after telling why they get no interrupts. */
struct irq_domain *cv_msi_add(const struct cv_cell_desc *d, struct irq_domain *gic, u64 distributor);
/* The devices are gone. */
void cv_msi_remove(void);

/* --- sysfs.c --- */
extern const struct kobj_type cv_cell_type;
int cv_sysfs_add(struct cv_cell *cell);
/* Takes the folder away and drops the caller's reference to the cell. */
void cv_sysfs_remove(struct cv_cell *cell);
int cv_sysfs_init(void);
void cv_sysfs_exit(void);

/* --- console.c --- */
int cv_console_map(const struct cv_image_header *header);
void cv_console_unmap(void);
/* Called without the lock. */
ssize_t cv_console_read(struct file *file, char __user *to, size_t size, loff_t *at);
/* Tells the kernel log what a hypervisor that is gone said last. */
void cv_console_tell(void);
/* The last of what is in the ring, at most `size` bytes; none unless root may read it. */
size_t cv_console_copy(char *to, size_t size);

/* --- cell_console.c: files that are bound to a cell; but for bind called without the lock --- */
struct cv_tty;
int cv_tty_bind(struct file *file, const void __user *arg);
void cv_tty_release(struct cv_tty *tty);
ssize_t cv_tty_read(struct file *file, struct cv_tty *tty, char __user *to, size_t size);
ssize_t cv_tty_write(struct file *file, struct cv_tty *tty, const char __user *from, size_t size);
__poll_t cv_tty_poll(struct file *file, struct cv_tty *tty, struct poll_table_struct *wait);

#endif
