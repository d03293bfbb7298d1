// SPDX-License-Identifier: GPL-2.0-only
/*
 * Virtual consoles: where a cell sees the UART that the hypervisor makes up. Like the virtual PCI
 * host's, the page must be free of everything in every cell; then one address does for all.
 */
#include "place.h"

static void subtract_pci_host(const struct platform *pf, struct ranges *holes)
{
	u64 ecam = (pf->mmconfig_end_bus + 1ull) * MIB;

	if (pf->mmconfig_base.from)
		ranges_subtract(holes, pf->mmconfig_base.v, ecam);
	if (pf->pci_window.from)
		ranges_subtract(holes, pf->pci_window.addr, pf->pci_window.size);
}

static void no_room(struct placer *p, struct cell *cell, const struct ranges *holes)
{
	struct diag *d = diag_report(p->c, D_E1206, cell->console.from,
				     "cell \"%s\" has no free guest address for the UART of its "
				     "console",
				     cell->name);

	cell->incomplete = true;
	diag_subject(p->c, d, "cell", cell->name);
	explain_no_room(p, d, holes, "the addresses below 4G");
}

void place_consoles(struct placer *p)
{
	struct ranges holes;
	u64 addr = 0;

	for (u32 i = 0; i < p->m->cells.n; i++) {
		struct cell *cell = p->m->cells.v[i];
		struct console *con = &cell->console;

		if (!con->addr_open)
			continue;
		if (!addr) {
			place_find_holes(p, &holes);
			subtract_pci_host(&p->m->platform, &holes);
		}
		if (!addr && !place_in_hole(&holes, PAGE_SIZE, 64 * KIB, &addr)) {
			no_room(p, cell, &holes);
			continue;
		}
		con->rec.address = addr;
		con->addr_open = false;
		ranges_add(&p->guest[i], addr, PAGE_SIZE,
			   holder_new(p, "the UART of the console", con->from));
		decided(p, arena_printf(p->c->arena, "console of cell \"%s\"", cell->name),
			fmt_addr(p->c->arena, addr), "the top of the largest hole below 4G",
			con->from);
	}
}
