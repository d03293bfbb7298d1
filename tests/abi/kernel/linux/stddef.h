/* SPDX-License-Identifier: GPL-2.0-only */
/* What a kernel's <linux/stddef.h> gives the ABI headers, and nothing more. */
#define offsetof(type, member) __builtin_offsetof(type, member)
