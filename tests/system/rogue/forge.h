/* SPDX-License-Identifier: GPL-2.0-only */
/* Cell descriptors with something wrong: made from a good one, `spare`, beside a cell that runs, `pace`. */
#ifndef FORGE_H
#define FORGE_H

#include "../../../runtime/abi/cell_config.h"

struct forge {
	const struct cv_system *system;
	const struct cv_cell_desc *spare, *pace;
	size_t size; /* of what is in copy */
	uint8_t copy[CV_MAX_CONFIG_SIZE];
};

extern const char *const forge_names[]; /* NULL at the end */

/* copy is the good one again. */
void forge_reset(struct forge *f);
/* Makes the copy what forge_names[which] says; 0 if this machine has nothing to make that of. */
int forge_spoil(struct forge *f, unsigned int which);
/* Some bytes of the copy become others; the next seed. */
uint32_t forge_mutate(struct forge *f, uint32_t seed);
/* The copy would get memory, devices or interrupts from Linux that the good one does not: nobody
 * keeps root from giving away what it needs itself. */
int forge_robs_linux(const struct forge *f);
struct cv_memory *forge_memory(const struct cv_cell_desc *d);

#endif
