// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest device trees: what becomes of a device's properties, on the small machine of
 * tests/emit/board.dts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <libfdt.h>

#include "emit/guest/guest.h"

struct fixture {
	struct cellc c;
	struct model m;
	struct cell *cell;
	const void *fdt;
	struct guest *g;
};

static void claim(struct fixture *f, const char *path)
{
	struct node *n = machine_node_by_path(f->m.machine, path);
	const struct reg *reg;
	const struct irq *irq;

	assert_non_null(n);
	vec_push(f->c.arena, &f->cell->devices)->node = n;
	vec_each(reg, &n->regs) {
		struct region *r = NEW(f->c.arena, struct region);

		*r = (struct region){.role = REGION_DEVICE,
				     .node = n,
				     .phys.v = reg->addr,
				     .virt.v = reg->addr,
				     .size.v = reg->size};
		*vec_push(f->c.arena, &f->cell->regions) = r;
	}
	vec_each(irq, &n->irqs)
		if (!irq->via)
			vec_push(f->c.arena, &f->cell->irqs)->intid = irq->intid;
}

static void add_ram(struct fixture *f, u64 addr, u64 size)
{
	struct region *r = NEW(f->c.arena, struct region);

	*r = (struct region){.role = REGION_RAM,
			     .phys.v = addr,
			     .virt.v = addr,
			     .size.v = size,
			     .flags = CV_MEM_READ | CV_MEM_WRITE | CV_MEM_EXECUTE};
	*vec_push(f->c.arena, &f->cell->regions) = r;
}

static void build(struct fixture *f)
{
	struct buf out;

	f->g = guest_build(&f->c, &f->m, f->cell);
	assert_non_null(f->g);
	buf_init(&out, f->c.arena);
	dt_flatten(&out, f->g->root, 0x100);
	f->fdt = out.data;
	assert_int_equal(fdt_check_full(out.data, out.len), 0);
}

static int setup(void **state)
{
	struct fixture *f = test_calloc(1, sizeof(*f));

	cellc_init(&f->c);
	f->m.machine = host_load(&f->c, "tests/emit/board.dts", NULL, NULL, 0);
	assert_non_null(f->m.machine);
	f->m.arch = f->m.machine->arch;
	f->m.platform.arm = (struct cv_platform_arm){
		.gic_version = 2, .gicd_base = 0x10810000, .gicc_base = 0x1082f000};
	f->cell = NEW(f->c.arena, struct cell);
	f->cell->name = f->cell->file = "linux";
	f->cell->boot = (struct boot){.kind = BOOT_LINUX, .cmdline = "console=ttyS0"};
	*vec_push(f->c.arena, &f->m.cells) = f->cell;
	vec_push(f->c.arena, &f->cell->cpus)->index = 2;
	add_ram(f, 0x50000000, 16 * MIB);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	cellc_free(&f->c);
	test_free(f);
	return 0;
}

static int at(const struct fixture *f, const char *path)
{
	return fdt_path_offset(f->fdt, path);
}

#define assert_no_node(path) assert_int_equal(at(f, path), -FDT_ERR_NOTFOUND)
#define assert_cells(path, prop, ...) \
	check_cells(f, path, prop, (const u32[]){__VA_ARGS__}, sizeof((u32[]){__VA_ARGS__}) / 4)
#define assert_no_prop(path, prop) assert_null(fdt_getprop(f->fdt, at(f, path), prop, NULL))
#define assert_text(path, prop, text) \
	assert_string_equal(fdt_getprop(f->fdt, at(f, path), prop, NULL), text)

static void check_cells(const struct fixture *f, const char *path, const char *prop,
			const u32 *cells, size_t n)
{
	int len;
	const u8 *data = fdt_getprop(f->fdt, at(f, path), prop, &len);

	assert_non_null(data);
	assert_int_equal(len, 4 * n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(dt_read(data + 4 * i, 1), cells[i]);
}

/* Rate of the i-th clock of a device. */
static u32 clock_rate(const struct fixture *f, const char *path, u32 i)
{
	int len;
	const u8 *clocks = fdt_getprop(f->fdt, at(f, path), "clocks", &len);
	int node = fdt_node_offset_by_phandle(f->fdt, (u32)dt_read(clocks + 4 * i, 1));

	assert_true(node >= 0);
	assert_int_equal(fdt_node_check_compatible(f->fdt, node, "fixed-clock"), 0);
	return (u32)dt_read(fdt_getprop(f->fdt, node, "clock-frequency", &len), 1);
}

static u32 phandle(const struct fixture *f, const char *path)
{
	return fdt_get_phandle(f->fdt, at(f, path));
}

static void test_platform(void **state)
{
	struct fixture *f = *state;

	add_ram(f, 0x51000000, MIB);
	add_ram(f, 0x60000000, MIB);
	build(f);
	assert_text("/", "compatible", "jailhouse,cell");
	assert_text("/psci", "method", "smc");
	assert_cells("/cpus/cpu@100", "reg", 0x100);
	assert_text("/cpus/cpu@100", "enable-method", "psci");
	assert_cells("/cpus/cpu@100", "capacity-dmips-mhz", 1024);
	assert_no_node("/cpus/cpu@0");
	assert_cells("/interrupt-controller@10810000", "reg", 0, 0x10810000, 0, 0x1000, 0,
		     0x1082f000, 0, 0x2000);
	assert_no_prop("/interrupt-controller@10810000", "interrupts");
	assert_cells("/timer", "interrupts", 1, 13, 0xf08, 1, 14, 0xf08, 1, 11, 0xf08, 1, 10,
		     0xf08);
	assert_non_null(fdt_getprop(f->fdt, at(f, "/timer"), "always-on", NULL));
	assert_cells("/memory@50000000", "reg", 0, 0x50000000, 0, 0x1100000);
	assert_cells("/memory@60000000", "reg", 0, 0x60000000, 0, 0x100000);
	assert_text("/chosen", "bootargs", "console=ttyS0");
	assert_no_prop("/chosen", "stdout-path");
	assert_no_node("/aliases");
	assert_no_node("/soc");
	assert_int_equal(fdt_boot_cpuid_phys(f->fdt), 0x100);
}

static void test_bus_takes_the_roots_cells(void **state)
{
	struct fixture *f = *state;

	claim(f, "/soc/inner/watchdog@40000");
	build(f);
	/* dma-ranges is empty, so that the bus has to take two cells a number */
	assert_cells("/soc@10000000", "ranges", 0, 0, 0, 0x10000000, 0, 0x1000000);
	assert_text("/soc@10000000", "compatible", "simple-bus");
	assert_cells("/soc@10000000/inner", "#address-cells", 2);
	assert_cells("/soc@10000000/inner/watchdog@40000", "reg", 0, 0x40000, 0, 0x1000);
	assert_cells("/soc@10000000/inner/watchdog@40000", "interrupts", 0, 42, 1);
}

static void test_clocks(void **state)
{
	struct fixture *f = *state;
	struct guest_losses *l;

	claim(f, "/soc/serial@10000");
	claim(f, "/soc/serial@11000");
	claim(f, "/soc/ethernet@20000");
	build(f);
	assert_int_equal(clock_rate(f, "/soc@10000000/serial@10000", 0), 100000000);
	assert_int_equal(clock_rate(f, "/soc@10000000/serial@10000", 1), 12000000);
	assert_int_equal(clock_rate(f, "/soc@10000000/serial@11000", 0), 24000000);
	assert_int_equal(clock_rate(f, "/soc@10000000/ethernet@20000", 0), 125000000);
	l = f->g->losses.v[0];
	assert_string_equal(l->node->host->name, "serial@10000");
	assert_int_equal(l->guessed.n, 1);
	assert_string_equal(l->guessed.v[0], "clock-controller-3");
}

static void test_owned_clock_controller(void **state)
{
	struct fixture *f = *state;

	claim(f, "/soc/clock-controller@1000");
	claim(f, "/soc/serial@10000");
	build(f);
	check_cells(f, "/soc@10000000/serial@10000", "clocks",
		    (const u32[]){phandle(f, "/soc@10000000/clock-controller@1000"), 3,
				  phandle(f, "/clock-0")},
		    3);
	assert_cells("/soc@10000000/clock-controller@1000", "assigned-clock-rates", 0, 125000000);
}

static void test_what_stays_with_root_is_left_out(void **state)
{
	static const char *const eth = "/soc@10000000/ethernet@20000";
	struct fixture *f = *state;
	const struct guest_losses *l;

	claim(f, "/soc/ethernet@20000");
	build(f);
	l = f->g->losses.v[0];
	assert_int_equal(l->lost.n, 2);
	assert_string_equal(l->lost.v[0], "dmas");
	assert_string_equal(l->lost.v[1], "memory-region");
	assert_no_prop(eth, "dmas");
	assert_no_prop(eth, "dma-names");
	assert_no_prop(eth, "iommus");
	assert_no_prop(eth, "memory-region");
	assert_non_null(fdt_getprop(f->fdt, at(f, eth), "dma-coherent", NULL));
	/* what is below the device or only states facts comes along */
	check_cells(f, eth, "phy-handle",
		    (const u32[]){phandle(f, "/soc@10000000/ethernet@20000/mdio/ethernet-phy@1")},
		    1);
	check_cells(f, eth, "phy-supply", (const u32[]){phandle(f, "/regulator-vcc")}, 1);
	assert_no_prop("/regulator-vcc", "gpio");
}

static void test_owned_providers_are_kept(void **state)
{
	static const char *const eth = "/soc@10000000/ethernet@20000";
	struct fixture *f = *state;

	claim(f, "/soc/dma-controller@5000");
	claim(f, "/soc/pinctrl@3000");
	claim(f, "/soc/serial@10000");
	claim(f, "/soc/ethernet@20000");
	build(f);
	check_cells(f, eth, "dmas",
		    (const u32[]){phandle(f, "/soc@10000000/dma-controller@5000"), 1}, 2);
	assert_text(eth, "dma-names", "rx");
	check_cells(f, "/soc@10000000/serial@10000", "pinctrl-0",
		    (const u32[]){phandle(f, "/soc@10000000/pinctrl@3000/uart0")}, 1);
	assert_text("/soc@10000000/serial@10000", "pinctrl-names", "default");
}

static void test_cascaded_interrupts(void **state)
{
	static const char *const eth = "/soc@10000000/ethernet@20000";
	struct fixture *f = *state;
	u32 gic, gpio;
	int len;

	claim(f, "/soc/ethernet@20000");
	build(f);
	assert_cells(eth, "interrupts", 0, 20, 4, 0, 20, 4);
	assert_memory_equal(fdt_getprop(f->fdt, at(f, eth), "interrupt-names", &len), "mac\0queue",
			    10);
	assert_int_equal(f->g->losses.v[0]->irqs.n, 1);
	assert_string_equal(f->g->losses.v[0]->irqs.v[0], "\"wake\"");
	claim(f, "/soc/gpio@4000");
	build(f);
	gic = phandle(f, "/interrupt-controller@10810000");
	gpio = phandle(f, "/soc@10000000/gpio@4000");
	assert_no_prop(eth, "interrupts");
	assert_cells(eth, "interrupts-extended", gic, 0, 20, 4, gpio, 3, 8, gic, 0, 20, 4);
}

static void test_a_line_not_granted_is_left_out(void **state)
{
	struct fixture *f = *state;

	claim(f, "/soc/serial@10000");
	f->cell->irqs.n = 0;
	build(f);
	assert_no_prop("/soc@10000000/serial@10000", "interrupts");
	assert_string_equal(f->g->losses.v[0]->irqs.v[0], "0");
}

static void test_what_is_on_an_owned_bus_comes_along(void **state)
{
	struct fixture *f = *state;

	claim(f, "/soc/i2c@30000");
	build(f);
	assert_cells("/soc@10000000/i2c@30000/rtc@68", "reg", 0x68);
}

static void test_names_and_console(void **state)
{
	struct fixture *f = *state;

	claim(f, "/soc/serial@10000");
	claim(f, "/soc/serial@11000");
	f->cell->console.node = machine_node_by_path(f->m.machine, "/soc/serial@10000");
	build(f);
	assert_text("/aliases", "serial0", "/soc@10000000/serial@10000");
	assert_text("/aliases", "serial1", "/soc@10000000/serial@11000");
	assert_no_prop("/aliases", "ethernet0");
	assert_text("/chosen", "stdout-path", "/soc@10000000/serial@10000:115200n8");
	assert_no_prop("/soc@10000000/serial@11000", "status");
}

static void test_virtual_pci(void **state)
{
	struct fixture *f = *state;
	struct pci_device *d = NEW(f->c.arena, struct pci_device);
	u32 gic;

	d->rec.type = CV_PCI_SHMEM;
	*vec_push(f->c.arena, &f->cell->pcis) = d;
	f->m.platform.pci_virtual = 1;
	f->m.platform.pci_domain = 3;
	f->m.platform.mmconfig_base.v = 0x20000000;
	f->m.platform.pci_window = (struct extent){.addr = 0x20100000, .size = 0x100000};
	f->cell->vpci_irq_base.v = 100;
	build(f);
	gic = phandle(f, "/interrupt-controller@10810000");
	assert_text("/pci@20000000", "compatible", "pci-host-ecam-generic");
	assert_cells("/pci@20000000", "reg", 0, 0x20000000, 0, 0x100000);
	assert_cells("/pci@20000000", "ranges", 0x2000000, 0, 0x20100000, 0, 0x20100000, 0,
		     0x100000);
	assert_cells("/pci@20000000", "interrupt-map-mask", 0, 0, 0, 7);
	assert_cells("/pci@20000000", "interrupt-map", 0, 0, 0, 1, gic, 0, 100, 1, 0, 0, 0, 2, gic,
		     0, 101, 1, 0, 0, 0, 3, gic, 0, 102, 1, 0, 0, 0, 4, gic, 0, 103, 1);
	assert_cells("/pci@20000000", "linux,pci-domain", 3);
}

/* A link with n vectors, on top of test_virtual_pci's. */
static void add_vectors(struct fixture *f, u16 n)
{
	struct pci_device *d = NEW(f->c.arena, struct pci_device);

	d->rec.type = CV_PCI_SHMEM;
	d->rec.num_msix_vectors = n;
	*vec_push(f->c.arena, &f->cell->pcis) = d;
}

static void test_frame_for_messages(void **state)
{
	struct fixture *f = *state;
	const char *frame = "/interrupt-controller@10810000/v2m@0";

	test_virtual_pci(state);
	assert_no_prop("/pci@20000000", "msi-parent");
	assert_no_node(frame);
	add_vectors(f, 2);
	add_vectors(f, 3);
	build(f);
	assert_text(frame, "compatible", "arm,gic-v2m-frame");
	assert_cells(frame, "arm,msi-base-spi", 32 + 100 + 4);
	assert_cells(frame, "arm,msi-num-spis", 5);
	assert_non_null(fdt_getprop(f->fdt, at(f, frame), "msi-controller", NULL));
	assert_cells("/pci@20000000", "msi-parent", phandle(f, frame));
	/* over the distributor; the host's GIC has no addresses for children */
	assert_cells(frame, "reg", 0, 0, 0x1000);
	assert_cells("/interrupt-controller@10810000", "#address-cells", 2);
	assert_cells("/interrupt-controller@10810000", "#size-cells", 1);
	assert_cells("/interrupt-controller@10810000", "ranges", 0, 0, 0, 0x10810000, 0x1000);
	f->cell->vpci_irq_base.v = 1020 - 32 - 4 - 4; /* one line too few: none */
	build(f);
	assert_no_node(frame);
}

static void test_interrupt_maps_follow_the_gic(void **state)
{
	struct fixture *f = *state;
	const char *nexus = "/soc@10000000/nexus@60000", *overlay = "tests/emit/nexus.dtso";
	u32 gic;

	f->m.machine = host_load(&f->c, "tests/emit/board.dts", NULL, &overlay, 1);
	assert_non_null(f->m.machine);
	claim(f, "/soc/nexus@60000");
	test_virtual_pci(state);
	gic = phandle(f, "/interrupt-controller@10810000");
	assert_cells(nexus, "interrupt-map", 0, 0, gic, 0, 60, 4, 0, 1, gic, 0, 61, 1);
	add_vectors(f, 2);
	build(f);
	gic = phandle(f, "/interrupt-controller@10810000");
	assert_cells(nexus, "interrupt-map", 0, 0, gic, 0, 0, 0, 60, 4, 0, 1, gic, 0, 0, 0, 61, 1);
	assert_cells(nexus, "interrupt-map-mask", 0, 1);
	assert_cells("/pci@20000000", "interrupt-map", 0, 0, 0, 1, gic, 0, 0, 0, 100, 1, 0, 0, 0, 2,
		     gic, 0, 0, 0, 101, 1, 0, 0, 0, 3, gic, 0, 0, 0, 102, 1, 0, 0, 0, 4, gic, 0, 0,
		     0, 103, 1);
}

static void test_silly_numbers_of_cells(void **state)
{
	struct fixture *f = *state;
	const char *overlay = "tests/emit/silly.dtso";

	f->m.machine = host_load(&f->c, "tests/emit/board.dts", NULL, &overlay, 1);
	assert_non_null(f->m.machine);
	claim(f, "/soc/nexus@60000");
	add_vectors(f, 1);
	f->m.platform.pci_virtual = 1;
	f->m.platform.mmconfig_base.v = 0x20000000;
	f->m.platform.pci_window = (struct extent){.addr = 0x20100000, .size = 0x100000};
	build(f);
	assert_cells("/interrupt-controller@10810000", "#address-cells", 2);
	assert_cells("/interrupt-controller@10810000", "#interrupt-cells", 3);
	assert_no_prop("/soc@10000000/nexus@60000", "interrupt-map");
}

static void test_caches(void **state)
{
	struct fixture *f = *state;
	const char *overlay = "tests/emit/caches.dtso", *own = "/cpus/cpu@100/l2-cache";

	f->m.machine = host_load(&f->c, "tests/emit/board.dts", NULL, &overlay, 1);
	assert_non_null(f->m.machine);
	for (u32 i = 0; i < 4; i++)
		if (i != 2) /* the fixture's */
			vec_push(f->c.arena, &f->cell->cpus)->index = i;
	build(f);
	assert_cells("/cpus/cpu@0", "d-cache-size", 0x8000);
	assert_cells("/cpus/cpu@0", "d-cache-line-size", 64);
	assert_text("/cpus/cpu@0", "compatible", "arm,cortex-a53");
	assert_cells("/cpus/cpu@0", "next-level-cache", phandle(f, "/cpus/l2-cache0"));
	assert_cells("/cpus/cpu@1", "next-level-cache", phandle(f, "/cpus/l2-cache0"));
	assert_cells("/cpus/l2-cache0", "cache-level", 2);
	assert_cells("/cpus/l2-cache0", "cache-size", 0x80000);
	assert_text("/cpus/l2-cache0", "compatible", "cache");
	assert_non_null(fdt_getprop(f->fdt, at(f, "/cpus/l2-cache0"), "cache-unified", NULL));
	assert_cells("/cpus/l2-cache0", "next-level-cache", phandle(f, "/cpus/l3-cache"));
	assert_cells("/cpus/l3-cache", "cache-level", 3);
	assert_no_prop("/cpus/l3-cache", "next-level-cache");
	assert_cells("/cpus/cpu@100", "next-level-cache", phandle(f, own));
	assert_cells(own, "next-level-cache", phandle(f, own));
	assert_cells("/cpus/cpu@101", "i-cache-size", 0x4000);
	assert_no_prop("/cpus/cpu@101", "next-level-cache");
}

static void test_cells_without_a_tree(void **state)
{
	struct fixture *f = *state;

	f->cell->boot.dtb = "own.dtb";
	assert_null(guest_build(&f->c, &f->m, f->cell));
	f->cell->boot.dtb = NULL;
	f->cell->boot.kind = BOOT_INMATE;
	assert_null(guest_build(&f->c, &f->m, f->cell));
	f->cell->boot.kind = BOOT_LINUX;
	f->m.arch = CV_ARCH_X86;
	assert_null(guest_build(&f->c, &f->m, f->cell));
}

static void test_without_a_host(void **state)
{
	struct fixture *f = *state;

	f->m.machine = NULL;
	f->m.platform.arm = (struct cv_platform_arm){
		.gic_version = 3, .gicd_base = 0x8000000, .gicr_base = 0x80a0000};
	build(f);
	assert_cells("/cpus/cpu@2", "reg", 2);
	assert_cells("/interrupt-controller@8000000", "reg", 0, 0x8000000, 0, 0x10000, 0, 0x80a0000,
		     0, 0x60000);
	assert_cells("/timer", "interrupts", 1, 13, 8, 1, 14, 8, 1, 11, 8, 1, 10, 8);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_platform),
		TEST(test_bus_takes_the_roots_cells),
		TEST(test_clocks),
		TEST(test_owned_clock_controller),
		TEST(test_what_stays_with_root_is_left_out),
		TEST(test_owned_providers_are_kept),
		TEST(test_cascaded_interrupts),
		TEST(test_a_line_not_granted_is_left_out),
		TEST(test_what_is_on_an_owned_bus_comes_along),
		TEST(test_names_and_console),
		TEST(test_virtual_pci),
		TEST(test_frame_for_messages),
		TEST(test_silly_numbers_of_cells),
		TEST(test_caches),
		TEST(test_interrupt_maps_follow_the_gic),
		TEST(test_cells_without_a_tree),
		TEST(test_without_a_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
