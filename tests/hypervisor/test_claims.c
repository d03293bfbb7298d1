// SPDX-License-Identifier: GPL-2.0-only
/* Streams, cache ways, ports, PCI functions, places in links: what is another cell's is refused. */
#include "fake_arch.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdlib.h>
#include <cmocka.h>

static int boot(void **state)
{
	(void)state;
	fake_boot();
	return 0;
}

/* A second cell that shares the link with the first one and has nothing else of it. */
static void peer(struct rich_cell *g)
{
	fake_rich(g);
	memcpy(g->d.name, "peer", 5);
	g->cpus = 1 << 3;
	g->mem[0].phys_start += 0x200000;
	g->mem[3].flags &= ~(u64)CV_MEM_WRITE;
	g->mem[4].flags |= CV_MEM_WRITE;
	g->cache[0].start = 6;
	g->irq[0].pin_bitmap[0] = 1 << 6;
	g->pio[0].base = 0x3f8;
	g->pci[0] = (struct cv_pci_device){.type = CV_PCI_BRIDGE, .bdf = 0x08};
	g->pci[1].shmem_dev_id = 1;
	g->stream[0].id = 0x11;
	g->stream[1].id = 0x21;
}

struct change {
	const char *name;
	void (*make)(struct rich_cell *g);
	int err;
};

static void refuse_all(const struct change *c, u32 n, void (*good)(struct rich_cell *g))
{
	u32 used = pool_used(), cells = hv.num_cells;
	u64 map = fake_root_map();
	struct rich_cell g;

	for (u32 i = 0; i < n; i++) {
		s64 got;

		good(&g);
		c[i].make(&g);
		got = fake_create(&g, sizeof(g));
		if (got != c[i].err)
			print_error("%s: %ld\n", c[i].name, (long)got);
		assert_int_equal(got, c[i].err);
		assert_int_equal(pool_used(), used);
		assert_int_equal(hv.num_cells, cells);
		assert_true(fake_root_map() == map);
	}
	good(&g);
	assert_int_equal(fake_create(&g, sizeof(g)), 0);
}

#define C(f, e) {#f, f, -CV_##e}

/* --- wrong by themselves, or not root's --- */
static void no_way(struct rich_cell *g) { g->cache[0].size = 0; }
static void many_ways(struct rich_cell *g) { g->cache[0].size = 63; }
static void ways_wrap(struct rich_cell *g) { g->cache[0].start = g->cache[0].size = ~0u; }
static void cache_type(struct rich_cell *g) { g->cache[0].type = 4; }
static void ports_end(struct rich_cell *g) { g->pio[0].base = 0xfff9; }
static void pci_type(struct rich_cell *g) { g->pci[0].type = 4; }
static void pci_nobodys(struct rich_cell *g) { g->pci[0].bdf++; }
static void pci_domain(struct rich_cell *g) { g->pci[0].domain++; }
static void bridge_as_device(struct rich_cell *g) { g->pci[0].bdf = 0x08; }
static void pci_twice(struct rich_cell *g) { g->pci[1] = g->pci[0]; }
static void link_at_function(struct rich_cell *g) { g->pci[1].domain = 0; g->pci[1].bdf = FAKE_BDF; }
static void caps_end(struct rich_cell *g) { g->pci[0].num_caps = 1; }
static void id_of_nobody(struct rich_cell *g) { g->pci[1].shmem_dev_id = 2; }
static void few_regions(struct rich_cell *g) { g->pci[1].shmem_regions_start = 2; }
static void far_regions(struct rich_cell *g) { g->pci[1].shmem_regions_start = ~0u; }
static void writes_table(struct rich_cell *g) { g->mem[1].flags |= CV_MEM_WRITE; }
static void writes_output(struct rich_cell *g) { g->mem[4].flags |= CV_MEM_WRITE; }

static void by_themselves(void **state)
{
	static const struct change changes[] = {
		C(no_way, EINVAL), C(many_ways, EINVAL), C(ways_wrap, EINVAL), C(cache_type, EINVAL),
		C(ports_end, EINVAL), C(pci_type, EINVAL), C(pci_nobodys, EINVAL),
		C(pci_domain, EINVAL), C(bridge_as_device, EINVAL), C(pci_twice, EINVAL),
		C(link_at_function, EINVAL), C(caps_end, EINVAL), C(id_of_nobody, EINVAL),
		C(few_regions, EINVAL), C(far_regions, EINVAL), C(writes_table, EINVAL),
		C(writes_output, EINVAL),
	};

	(void)state;
	refuse_all(changes, ARRAY_SIZE(changes), fake_rich);
}

/* --- what the first cell has --- */
static void its_stream(struct rich_cell *g) { g->stream[1].id = 0x10; }
static void its_way(struct rich_cell *g) { g->cache[0].start = 5; }
static void its_code_way(struct rich_cell *g) { g->cache[0].start = 2; g->cache[0].type = CV_CACHE_L3_CODE; }
static void its_port(struct rich_cell *g) { g->pio[0].base = 0x2ff; }
static void its_function(struct rich_cell *g)
{
	g->pci[0] = (struct cv_pci_device){.type = CV_PCI_DEVICE, .bdf = FAKE_BDF};
}
static void its_place(struct rich_cell *g)
{
	g->mem[3].flags |= CV_MEM_WRITE;
	g->mem[4].flags &= ~(u64)CV_MEM_WRITE;
	g->pci[1].shmem_dev_id = 0;
}
static void more_peers(struct rich_cell *g)
{
	g->pci[1].shmem_peers = 3;
	g->pci[1].shmem_dev_id = 2;
	g->mem[4].flags &= ~(u64)CV_MEM_WRITE;
	g->mem[5] = g->mem[4];
	g->mem[5].phys_start += 0x1000;
}
static void no_link(struct rich_cell *g) { g->d.num_pci_devices = 1; g->d.num_stream_ids = 0; }
static void shared_no_link(struct rich_cell *g)
{
	no_link(g);
	for (u32 i = 1; i < 5; i++)
		g->mem[i].flags |= CV_MEM_ROOTSHARED;
}
static void other_part(struct rich_cell *g)
{
	g->mem[1].phys_start = FAKE_LINK + 0x1000;
	g->mem[2].phys_start = FAKE_LINK;
}
static void longer_section(struct rich_cell *g) { g->mem[4].size = 0x2000; }

static void of_others(void **state)
{
	static const struct change changes[] = {
		C(its_stream, EBUSY), C(its_way, EBUSY), C(its_code_way, EBUSY), C(its_port, EBUSY),
		C(its_function, EBUSY), C(its_place, EBUSY), C(more_peers, EINVAL), C(no_link, EBUSY),
		C(shared_no_link, EBUSY), C(other_part, EINVAL), C(longer_section, EINVAL),
	};
	struct rich_cell g;

	(void)state;
	fake_rich(&g);
	assert_int_equal(fake_create(&g, sizeof(g)), 0);
	refuse_all(changes, ARRAY_SIZE(changes), peer);
	assert_int_equal(hv.num_cells, 3);
	/* the link's memory is not root's again while one of the two has it */
	assert_false(fake_root_has(FAKE_LINK));
	assert_int_equal(hypercall(CV_HC_CELL_DESTROY, 1, 0), 0);
	assert_false(fake_root_has(FAKE_LINK));
	assert_int_equal(hypercall(CV_HC_CELL_DESTROY, 2, 0), 0);
	assert_true(fake_root_has(FAKE_LINK));
}

/* Two cells may share with root what is no link, and code ways are not data ways. */
static void what_may_meet(void **state)
{
	struct rich_cell a, b;

	(void)state;
	fake_rich(&a);
	a.cache[0].type = CV_CACHE_L3_CODE;
	a.mem[0].flags |= CV_MEM_ROOTSHARED;
	assert_int_equal(fake_create(&a, sizeof(a)), 0);
	peer(&b);
	b.cache[0] = a.cache[0];
	b.cache[0].type = CV_CACHE_L3_DATA;
	b.mem[0] = a.mem[0];
	assert_int_equal(fake_create(&b, sizeof(b)), 0);
	assert_true(fake_root_has(FAKE_RICH_RAM));
}

/* An MMU-500 compares what neither record's mask leaves out. */
static void masked_streams(void **state)
{
	struct rich_cell a, b;

	(void)state;
	fake_rich(&a);
	a.stream[0].id = 0x00f0000a;
	assert_int_equal(fake_create(&a, sizeof(a)), 0);
	peer(&b);
	b.stream[0].id = 0x5a;
	hv.system->iommu_units[0].type = CV_IOMMU_MMU500;
	assert_int_equal(fake_create(&b, sizeof(b)), -CV_EBUSY);
	b.stream[0].id = 0x5b;
	assert_int_equal(fake_create(&b, sizeof(b)), 0);
	assert_int_equal(hypercall(CV_HC_CELL_DESTROY, 2, 0), 0);
	hv.system->iommu_units[0].type = CV_IOMMU_SMMUV3; /* whole numbers */
	b.stream[0].id = 0x5a;
	assert_int_equal(fake_create(&b, sizeof(b)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(by_themselves, boot),
		cmocka_unit_test_setup(of_others, boot),
		cmocka_unit_test_setup(what_may_meet, boot),
		cmocka_unit_test_setup(masked_streams, boot),
	};

	return cmocka_run_group_tests_name("claims", tests, NULL, NULL);
}
