// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes as a cell's descriptor, to the hypervisor's core on a fake machine: refused without a
 * trace, or a cell that can be started and destroyed.
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static bool booted;
	u32 used;
	u64 map;

	if (!booted)
		fake_boot();
	booted = true;
	used = pool_used();
	map = fake_root_map();
	hv.next_id = 1;
	if (!fake_create(data, len)) {
		struct cell *cell = hv.root.next;

		hypercall(CV_HC_CELL_START, cell->id, 0);
		cell->comm->cell_state = CV_CELL_STATE_FAILED;
		must(hypercall(CV_HC_CELL_DESTROY, cell->id, 0) == 0);
	}
	must(hv.num_cells == 1 && hv.root.cpus == 15 && pool_used() == used);
	must(fake_root_map() == map);
	return 0;
}
