// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes as a cell's descriptor, to the hypervisor's core on a fake machine: refused without a
 * trace, or a cell that can be started and destroyed. Tried twice: with nobody beside root, and with
 * two cells there, of whose things the new one must have got nothing, whatever owner_check thought.
 *
 * In: bytes from libFuzzer. The core is compiled for the host, tests/hypervisor/fake_arch.c below it.
 */
#include "../hypervisor/fake_arch.h"

#include <stdlib.h>

static void must(bool ok)
{
	if (!ok)
		abort();
}

/* --- what a new cell must not reach --- */

static const struct place {
	struct range at;
	bool shared; /* part of the link: to be read, if not to be written */
} places[] = {
	{{FAKE_HV, FAKE_HV_SIZE}, false},
	{{FAKE_GICD, 0x10000}, false},
	{{FAKE_GICR, FAKE_CPUS * 0x20000}, false},
	{{FAKE_IOMMU, 0x20000}, false},
	{{FAKE_FRAMES, 0x40000}, false},
	{{FAKE_CELL_RAM, 0x100000}, false},
	{{FAKE_DEVICES + 0x1100, 0x100}, false},
	{{FAKE_DISABLED, 0x1000}, false},
	{{FAKE_RICH_RAM, 0x100000}, false},
	{{FAKE_LINK, 0x1000}, true},		/* the table */
	{{FAKE_LINK + 0x2000, 0x1000}, true}, /* the first peer's output */
};

static void must_not_reach(const struct cell *cell, u64 phys, u64 size, bool write)
{
	if (phys == cell->comm_phys)
		return;
	for (u32 i = 0; i < ARRAY_SIZE(places); i++)
		must(!overlaps(phys, size, places[i].at.start, places[i].at.size) ||
		     (places[i].shared && !write));
}

static void look_at_table(const struct cell *cell, u64 table, u32 entries, u32 shift)
{
	const u64 *e = phys_to_hv(table);

	for (u32 i = 0; i < entries; i++) {
		u64 phys = e[i] & 0xfffffffff000;

		if (!(e[i] & 1))
			continue;
		if (shift > 12 && e[i] & 2)
			look_at_table(cell, phys, 512, shift - 9);
		else
			must_not_reach(cell, phys, 1ull << shift, e[i] & 2ull << 6);
	}
}

static void look_at_cell(const struct cell *cell)
{
	look_at_table(cell, cell->s2.root, 1024, 30);
	for (u32 i = 0; i < cell->num_mmio; i++)
		if (cell->mmio[i].phys) /* else it is emulated: there is nothing behind it */
			must_not_reach(cell, cell->mmio[i].phys, cell->mmio[i].end - cell->mmio[i].start,
				       cell->mmio[i].flags & CV_MEM_WRITE);
	for (const struct cell *c = hv.cells; c; c = c->next) {
		if (c == cell)
			continue;
		for (u32 i = 0; i < FAKE_CPUS; i++)
			must(!desc_has_cpu(cell->desc, i) || percpu(i)->cell == cell);
		for (u32 i = 0; i < ARRAY_SIZE(c->irqs.spi); i++)
			must(!(c->irqs.spi[i] & cell->irqs.spi[i]));
	}
}

/* --- one descriptor, on the machine as it is --- */

static u32 newest(void)
{
	struct cell *c = &hv.root;

	while (c->next)
		c = c->next;
	return c->id;
}

static void destroy(u32 id)
{
	struct cell *cell = cell_by_id(id);

	cell->comm->cell_state = CV_CELL_STATE_FAILED;
	must(hypercall(CV_HC_CELL_DESTROY, id, 0) == 0);
}

static void one(const uint8_t *data, size_t len, bool crowded)
{
	u32 used = pool_used(), cells = hv.num_cells;
	u64 map = fake_root_map(), cpus = fake_root_cpus();
	struct irqset irqs = hv.root.irqs;

	hv.next_id = 3;
	if (!fake_create(data, len)) {
		u32 id = newest();

		if (crowded)
			look_at_cell(cell_by_id(id));
		hypercall(CV_HC_CELL_START, id, 0);
		destroy(id);
	}
	must(hv.num_cells == cells && fake_root_cpus() == cpus && pool_used() == used);
	must(fake_root_map() == map && !memcmp(&irqs, &hv.root.irqs, sizeof(irqs)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static bool booted;
	struct good_cell good;
	struct rich_cell rich;

	if (!booted)
		fake_boot();
	booted = true;
	one(data, len, false);
	hv.next_id = 1;
	fake_good(&good);
	fake_rich(&rich);
	must(!fake_create(&good, sizeof(good)) && !fake_create(&rich, sizeof(rich)));
	one(data, len, true);
	destroy(1);
	destroy(2);
	must(hv.num_cells == 1 && fake_root_cpus() == 15);
	return 0;
}
