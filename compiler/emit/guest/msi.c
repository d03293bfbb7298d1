// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where Linux sends the messages of the virtual PCI host's devices.
 *
 * The hypervisor reads a message from the device's table and raises the line, so that nothing is
 * ever written to an address: any frame will do at which a stock kernel makes the message that
 * docs/abi.md asks for. A GICv2m is one (Arm DEN 0029, appendix E), on a GICv3 as well: it stands
 * over the distributor, which answers when the kernel looks for a known erratum (MSI_IIDR, 0xfcc).
 */
#include "guest.h"

#define FRAME_SIZE 0x1000u
#define FIRST_SPI  32u
#define END_SPI	   1020u

/* Bindings give an address to a controller's children; the map of a GIC without has none. */
static u32 unit_cells(struct guest *g)
{
	u32 cells = (u32)dt_read(dt_get(g->gic, "#address-cells")->data, 1);

	if (!cells)
		dt_set_u32(g->a, g->gic, "#address-cells", cells = 2);
	return cells;
}

struct dt_node *guest_msi_frame(struct guest *g)
{
	u32 count = cell_vector_lines(g->cell, NULL), cells;
	u64 first = FIRST_SPI + g->cell->vpci_irq_base.v + CV_SHMEM_INTX_PINS;
	struct dt_cells ranges = {.arena = g->a}, reg = ranges;
	struct dt_node *n;

	if (!count || first + count > END_SPI)
		return NULL;
	cells = unit_cells(g);
	dt_number(&ranges, 0, cells);
	dt_number(&ranges, g->m->platform.arm.gicd_base, 2);
	dt_cell(&ranges, FRAME_SIZE);
	dt_set_u32(g->a, g->gic, "#size-cells", 1);
	dt_set_cells(g->a, g->gic, "ranges", &ranges);
	n = dt_node_new(g->a, g->gic, "v2m@0");
	dt_set_string(g->a, n, "compatible", "arm,gic-v2m-frame");
	dt_set_empty(g->a, n, "msi-controller");
	dt_number(&reg, 0, cells);
	dt_cell(&reg, FRAME_SIZE);
	dt_set_cells(g->a, n, "reg", &reg);
	dt_set_u32(g->a, n, "arm,msi-base-spi", (u32)first);
	dt_set_u32(g->a, n, "arm,msi-num-spis", count);
	return n;
}
