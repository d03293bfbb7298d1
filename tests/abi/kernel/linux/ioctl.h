/* SPDX-License-Identifier: GPL-2.0-only */
/* What a kernel's <linux/ioctl.h> gives the ABI headers: the encoding of ARM, arm64 and x86. */
#define _IO(type, nr)	    (((type) << 8) | (nr))
#define _IOW(type, nr, arg) (1u << 30 | sizeof(arg) << 16 | (type) << 8 | (nr))
