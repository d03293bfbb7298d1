/* SPDX-License-Identifier: GPL-2.0-only */
/* What a kernel's <linux/types.h> gives the ABI headers, and nothing more. */
typedef signed int int32_t;
typedef unsigned char uint8_t;
typedef unsigned short uint16_t;
typedef unsigned int uint32_t;
typedef unsigned long long uint64_t;
typedef unsigned long size_t;
