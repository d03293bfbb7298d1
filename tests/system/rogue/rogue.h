/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the module does for the program: things that a kernel can do and should not. Memory is reached
 * from the kernel by ROGUE_TOUCH, from the program by mmap (offset: physical address).
 */
#ifndef ROGUE_H
#define ROGUE_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define ROGUE_DEVICE "/dev/rogue"
#define ROGUE_BUFFER 0x20000 /* bytes of contiguous memory for descriptors */

struct rogue_touch {
	__u64 phys, value;
	__u32 size, write; /* size 1, 2, 4, 8 */
	__u32 aborted;	   /* out */
};

struct rogue_call { /* of the hypervisor by hvc #0x4a48, of the firmware by smc #0 */
	__u64 x[18]; /* in and out; a hypercall: 0 to 2 */
	__u32 smc;
};

struct rogue_place {
	__u64 from, size, offset; /* the program's memory, and where to in the buffer */
	__u64 phys;		  /* out: of the buffer's first byte */
};

#define ROGUE_TOUCH _IOWR('r', 1, struct rogue_touch)
#define ROGUE_CALL  _IOWR('r', 2, struct rogue_call)
#define ROGUE_PLACE _IOWR('r', 3, struct rogue_place)

#endif
