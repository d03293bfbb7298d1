/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stage 2's shape by the CPU's size of physical addresses, with granules of 4 KiB: plain
 * arithmetic, so that it is tested on the host. DDI 0487: ID_AA64MMFR0_EL1.PARange, VTCR_EL2
 * (D17.2), start levels and concatenated tables (D8.2).
 */
#ifndef HV_ARM64_GEOMETRY_H
#define HV_ARM64_GEOMETRY_H

#include "../../include/hv.h"

#define STAGE2_CONCATENATE 4 /* 2^4 tables in a row at most */
/* RES1, SH0, ORGN0, IRGN0 */
#define VTCR_COMMON (1ull << 31 | 3ull << 12 | 1ull << 10 | 1ull << 8)

/* Bits of a physical address by PARange; 52 of them take another format, whose first 48 we use. */
static inline u32 stage2_bits(u64 pa_range)
{
	static const u8 bits[] = {32, 36, 40, 42, 44, 48};

	return bits[MIN(pa_range & 15, ARRAY_SIZE(bits) - 1)];
}

/* Level 1 as long as concatenation allows it: 39 bits a table. */
static inline struct paging stage2_shape(u32 bits)
{
	return (struct paging){.level = bits <= 39 + STAGE2_CONCATENATE ? 1 : 0, .bits = (u8)bits};
}

/* Tables at the start level. */
static inline u32 stage2_top_tables(const struct paging *p)
{
	return p->level == 1 && p->bits > 39 ? 1u << (p->bits - 39) : 1;
}

/* Like PARange, PS must not say more than there is; 5 is 48 bits. */
static inline u64 stage2_vtcr(const struct paging *p, u64 pa_range)
{
	return VTCR_COMMON | MIN(pa_range & 15, 5) << 16 | (p->level == 0 ? 2ull : 1ull) << 6 |
	       (64ull - p->bits);
}

#endif
