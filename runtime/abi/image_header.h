/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The head of a hypervisor image: what the driver needs to know of it and has to tell it.
 *
 * Memory of the hypervisor, from its physical start: image (core_size, page aligned, bss in it),
 * then max_cpus areas of percpu_size, then the system descriptor, then free pages. Private to the
 * image and the driver of one build; version is checked.
 */
#ifndef CV_ABI_IMAGE_HEADER_H
#define CV_ABI_IMAGE_HEADER_H

#ifndef __ASSEMBLER__
#include "cell_config.h"
#endif

#define CV_IMAGE_SIGNATURE "CELLVISR"
#define CV_IMAGE_VERSION   2

/* Offsets for assembler; asserted below. */
#define CV_IMAGE_CORE_SIZE   16
#define CV_IMAGE_PERCPU_SIZE 12

/* hvc codes of the vectors at CV_IMAGE_VECTORS, x0; beside the kernel's own 0 to 3 */
#define CV_IMAGE_VECTORS 0x800
#define CV_HVC_ENTER	 0x656e7472 /* x1: logical CPU; result: 0 or -errno */

#ifndef __ASSEMBLER__
struct cv_image_header {
	char signature[8];
	uint32_t version;
	uint32_t percpu_size;
	uint64_t core_size;
	/* set by the driver before the first CPU enters */
	uint64_t phys_start;
	uint64_t memory_size;
	uint64_t config_offset; /* of the system descriptor from phys_start */
	uint32_t config_size;
	uint32_t max_cpus; /* per-CPU areas */
	uint32_t online_cpus; /* that will enter */
	uint32_t console_offset; /* of struct cv_console_ring from phys_start; set by the image */
} __attribute__((packed, aligned(8)));

/*
 * What the hypervisor printed last: character n stands at text[n % CV_CONSOLE_SIZE]. Whole pages,
 * that root may read if the system descriptor says so.
 */
#define CV_CONSOLE_SIZE 0x4000
struct cv_console_ring {
	char text[CV_CONSOLE_SIZE];
	uint32_t head; /* characters written so far, modulo 2^32; behind the text, with release */
	uint8_t padding[0x1000 - 4];
};

CV_ASSERT_SIZE(cv_console_ring, CV_CONSOLE_SIZE + 0x1000);
CV_ASSERT_SIZE(cv_image_header, 64);
CV_ASSERT_OFFSET(cv_image_header, core_size, CV_IMAGE_CORE_SIZE);
CV_ASSERT_OFFSET(cv_image_header, percpu_size, CV_IMAGE_PERCPU_SIZE);
#endif

#endif /* CV_ABI_IMAGE_HEADER_H */
