// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host pass: a device tree becomes a struct machine.
 *
 * In: a .dtb, or a .dts that dtc compiles, and overlays. Out: what the hardware has, each fact with
 * the path and property it was read from. Bytes that are no tree are one error and no machine;
 * what is wrong inside a tree is a finding each, and the rest is read.
 *
 * What only virtualization needs (a second CPU, GICH and GICV, the size of RAM) is not asked for
 * here: its absence shows in the machine.
 */
#include "host/host.h"

struct machine *host_from_blob(struct cellc *c, const char *name, const void *blob, size_t len,
			       const struct origin *at)
{
	struct host h = {.c = c, .at = at};

	if (!blob_check(c, name, blob, len, at))
		return NULL;
	h.m = NEW(c->arena, struct machine);
	h.m->file = intern_str(c->arena, name);
	h.m->fdt = blob;
	if (!nodes_read(&h, blob))
		return NULL;
	index_build(&h);
	regs_read(&h);
	roles_read(&h);
	cpus_read(&h);
	memory_read(&h);
	gic_find(&h);
	irqs_read(&h);
	msi_read(&h);
	gic_interrupts(&h);
	pci_read(&h);
	iommus_read(&h);
	providers_read(&h);
	masters_read(&h);
	return h.m;
}

struct machine *host_load(struct cellc *c, const char *path, const struct origin *at,
			  const char *const *overlays, size_t n_overlays)
{
	size_t len;
	const void *blob = blob_read(c, path, at, &len);

	if (blob && n_overlays)
		blob = blob_overlay(c, path, blob, &len, overlays, n_overlays, at);
	return blob ? host_from_blob(c, path, blob, len, at) : NULL;
}
