/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which calls of root go to the machine's firmware (Arm DEN 0028, 6.2: bits 29..24 of a function tell
 * who serves it). Self-standing: the host tests it.
 */
#ifndef HV_SMCCC_H
#define HV_SMCCC_H

#include "../../include/types.h"

#define SMCCC_OWNER(function) ((function) >> 24 & 0x3f)
#define SMCCC_CPU	      0x01
#define SMCCC_SIP	      0x02 /* of the chip: on ZynqMP EEMI, which Linux has its clocks from */
#define SMCCC_OEM	      0x03
#define SMCCC_STANDARD	      0x04 /* PSCI, and much that would run around us */
#define SMCCC_TRUSTED	      0x30 /* applications and systems of the secure side, to the end */

/* True random numbers (Arm DEN 0098): without a state. */
static inline bool smccc_is_trng(u64 function)
{
	return SMCCC_OWNER(function) == SMCCC_STANDARD && (function & 0xfff0) == 0x50;
}

/*
 * Of root alone, what is neither PSCI nor for a hypervisor. Of the standard services SDEI, secure
 * partitions and what else may come do not pass: they take interrupts or hand memory on.
 */
static inline bool smccc_passes(u64 function, bool root)
{
	u64 owner = SMCCC_OWNER(function);

	return root && (owner == SMCCC_CPU || owner == SMCCC_SIP || owner == SMCCC_OEM ||
			owner >= SMCCC_TRUSTED || smccc_is_trng(function));
}

#endif
