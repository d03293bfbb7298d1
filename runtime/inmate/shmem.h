/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Links to other cells (../abi/shmem.h): shared memory with a doorbell. State table and sections
 * are mapped cacheable. A device with MSI-X is made to send all vectors as one interrupt, the line
 * that its slot would have.
 *
 *	struct shmem link;
 *
 *	shmem_open(&link, shmem_find(0));
 *	gic_enable(link.intid);
 *	shmem_interrupts(&link, true);
 *	shmem_set_state(&link, 1);
 *	memcpy(shmem_output(&link, link.id), ...);
 *	shmem_ring(&link, other, 0);
 */
#ifndef INMATE_SHMEM_H
#define INMATE_SHMEM_H

#include "inmate.h"
#include "pci.h"
#include "../abi/shmem.h"

struct shmem {
	u32 bdf, protocol;
	u32 id, peers; /* own id, and how many there can be */
	u32 intid;     /* of its line, or of all its vectors */
	u32 vectors;   /* 1 without MSI-X */
	u64 registers;
	const volatile u32 *states; /* of all peers, by id */
	u8 *common;
	u64 common_size, output_size;
	u8 *outputs; /* the first peer's */
};

/* The first link at or behind a bdf, PCI_NONE if there is none. */
u32 shmem_find(u32 bdf);
/* Maps a link and switches the device on, interrupts disabled. 0, or -1: no such device, or no
 * tables left for its memory. */
int shmem_open(struct shmem *s, u32 bdf);
/* The output section of a peer; one's own can be written. */
static inline u8 *shmem_output(const struct shmem *s, u32 peer)
{
	return s->outputs + peer * s->output_size;
}
void shmem_interrupts(const struct shmem *s, bool on);
/* Interrupts disable themselves from now on when one comes. */
void shmem_one_shot(const struct shmem *s, bool on);
void shmem_set_state(const struct shmem *s, u32 state);
/* What was written before is visible to the peer when its interrupt comes. */
void shmem_ring(const struct shmem *s, u32 peer, u32 vector);

#endif
