// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host pass over small trees: each test writes a .dts, lets dtc compile it as a plan would,
 * and looks at the machine. Interrupts, registers and the like of whole boards are compared with
 * an independent reader in tests/host.
 */
#include "machine.h"
#include "lib/diag.h"

#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GIC                                                                             \
	"gic: gic@8000000 { compatible = \"arm,gic-400\"; interrupt-controller;"        \
	" #interrupt-cells = <3>; #address-cells = <0>;"                                \
	" reg = <0x8000000 0x1000 0x8010000 0x2000 0x8030000 0x2000 0x8040000 0x2000>;" \
	" interrupts = <1 9 4>; };"
#define CELLS11	   "#address-cells = <1>; #size-cells = <1>;"
#define BUS	   CELLS11 " ranges;"
#define HEAD	   "/dts-v1/; / { " CELLS11 " interrupt-parent = <&gic>; "
#define TREE(body) HEAD GIC body "};"

struct fixture {
	struct cellc c;
	struct machine *m;
};

static struct machine *load(struct fixture *f, const char *dts)
{
	char path[] = "/tmp/host-unit-XXXXXX.dts";
	int fd = mkstemps(path, 4);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, dts, strlen(dts)), (ssize_t)strlen(dts));
	close(fd);
	f->m = host_load(&f->c, path, NULL, NULL, 0);
	unlink(path);
	return f->m;
}

static struct machine *load_clean(struct fixture *f, const char *dts)
{
	struct buf b;

	load(f, dts);
	buf_init(&b, f->c.arena);
	diag_print(&f->c, &b, DIAG_TEXT, false);
	assert_string_equal(b.data, "");
	assert_non_null(f->m);
	return f->m;
}

static struct node *node(struct fixture *f, const char *path)
{
	struct node *n = machine_node_by_path(f->m, path);

	if (!n)
		fail_msg("no node %s", path);
	return n;
}

static u32 count_of(const struct fixture *f, enum diag_code code)
{
	u32 n = 0;

	for (size_t i = 0; i < f->c.diags.n; i++)
		n += f->c.diags.v[i]->code == code;
	return n;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	cellc_init(&f->c);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	cellc_free(&f->c);
	free(f);
	return 0;
}

/* --- registers --- */

static void assert_reg(const struct node *n, u32 i, u64 addr, u64 size)
{
	assert_true(i < n->regs.n);
	assert_int_equal(n->regs.v[i].addr, addr);
	assert_int_equal(n->regs.v[i].size, size);
}

static void test_nested_ranges(void **state)
{
	struct fixture *f = *state;

	load_clean(f,
		   TREE("soc { " CELLS11 " ranges = <0x0 0x40000000 0x1000000>,"
			" <0x8000000 0x60000000 0x1000000>;"
			" bus@1000 { " CELLS11 " ranges = <0x100 0x8001000 0x100>;"
			"  dev@110 { reg = <0x110 0x10>, <0x10 0x10>; reg-names = \"a\", \"b\"; };"
			"  same@0 { " BUS " x@1a0 { reg = <0x1a0 4>; }; }; };"
			" plain@20 { reg = <0x20 8>; }; };"));
	assert_reg(node(f, "/soc/plain@20"), 0, 0x40000020, 8);
	assert_reg(node(f, "/soc/bus@1000/dev@110"), 0, 0x60001010, 0x10);
	assert_string_equal(node(f, "/soc/bus@1000/dev@110")->regs.v[0].name, "a");
	/* the second entry lies in no range: not a CPU address */
	assert_int_equal(node(f, "/soc/bus@1000/dev@110")->regs.n, 1);
	assert_reg(node(f, "/soc/bus@1000/same@0/x@1a0"), 0, 0x600010a0, 4);
}

static void test_origin_is_path_and_property(void **state)
{
	struct fixture *f = *state;

	load_clean(f, TREE("dev@10 { reg = <0x10 4>; };"));
	assert_string_equal(node(f, "/dev@10")->regs.v[0].from->path, "/dev@10");
	assert_string_equal(node(f, "/dev@10")->regs.v[0].from->prop, "reg");
}

static void test_three_address_cells(void **state)
{
	struct fixture *f = *state;

	load_clean(f, TREE("bus@0 { #address-cells = <3>; #size-cells = <2>;"
			   " ranges = <1 0 0x1000 0x70000000 0 0x1000>;"
			   " dev { reg = <1 0 0x1080 0 0x40>; };"
			   " other { reg = <2 0 0x1080 0 0x40>; }; };"));
	assert_reg(node(f, "/bus@0/dev"), 0, 0x70000080, 0x40);
	assert_int_equal(node(f, "/bus@0/other")->regs.n, 0);
}

static void test_bus_without_ranges_is_not_mapped(void **state)
{
	struct fixture *f = *state;

	load_clean(f, TREE("i2c@100 { reg = <0x100 0x10>; #address-cells = <1>; #size-cells = <0>;"
			   " rtc@68 { reg = <0x68>; }; };"
			   "spi { " CELLS11 " flash@0 { reg = <0 0x1000>; }; };"));
	assert_true(node(f, "/i2c@100")->mapped);
	assert_false(node(f, "/i2c@100/rtc@68")->mapped);
	assert_int_equal(node(f, "/spi/flash@0")->regs.n, 0);
}

static void test_status_is_inherited(void **state)
{
	struct fixture *f = *state;

	load_clean(f, TREE("soc { " BUS " status = \"disabled\"; a@1000 { reg = <0x1000 4>; }; };"
			   "b@2000 { status = \"ok\"; }; c { status = \"reserved\"; };"));
	assert_false(node(f, "/soc/a@1000")->enabled);
	assert_reg(node(f, "/soc/a@1000"), 0, 0x1000, 4); /* a cell may still claim it */
	assert_true(node(f, "/b@2000")->enabled);
	assert_false(node(f, "/c")->enabled);
}

static void test_malformed_reg(void **state)
{
	struct fixture *f = *state;

	load(f, TREE("a@1000 { reg = <0x1000 4 0x2000>; }; b { reg = [00 00 01]; };"
		     "c { reg = <0xfffff000 0x1000>; };"
		     "w { #address-cells = <2>; #size-cells = <2>; ranges;"
		     " d { reg = <0xffffffff 0xfffff000 0 0x2000>; }; };"));
	assert_reg(node(f, "/a@1000"), 0, 0x1000, 4);
	assert_reg(node(f, "/c"), 0, 0xfffff000, 0x1000);
	assert_int_equal(node(f, "/w/d")->regs.n, 0);
	assert_int_equal(count_of(f, D_W1107), 3);
	assert_int_equal(f->c.errors, 0);
}

static void test_dma_ranges(void **state)
{
	struct fixture *f = *state;
	const struct node *n;

	load_clean(f, TREE("soc { " BUS " dma-ranges = <0xc0000000 0 0x40000000>; };"));
	n = node(f, "/soc");
	assert_int_equal(n->dma_ranges.n, 1);
	assert_int_equal(n->dma_ranges.v[0].bus, 0xc0000000);
	assert_int_equal(n->dma_ranges.v[0].addr, 0);
	assert_int_equal(n->dma_ranges.v[0].size, 0x40000000);
}

/* --- interrupts --- */

/* "spi 37 4 via /gpio, ppi 27 8": type, INTID, flags */
static const char *irqs(struct fixture *f, const char *path)
{
	static const char *const types[] = {"spi", "ppi", "other"};
	const struct irq *i;
	struct buf b;

	buf_init(&b, f->c.arena);
	vec_each(i, &node(f, path)->irqs)
		buf_printf(&b, "%s%s %u %u%s%s", b.len ? ", " : "", types[i->type], i->intid,
			   i->flags, i->via ? " via " : "", i->via ? i->via->path : "");
	return b.data;
}

static void test_gic_specifiers(void **state)
{
	struct fixture *f = *state;

	load_clean(f, TREE("a { interrupts = <0 5 4>, <1 11 0xf08>; };"
			   "ext { interrupts = <2 7 1>, <3 2 4>; };"
			   "odd { interrupts = <1 126 4>, <0 988 4>; };"
			   "wrong { interrupts = <7 1 4>; };"));
	assert_string_equal(irqs(f, "/a"), "spi 37 4, ppi 27 8");
	assert_string_equal(irqs(f, "/ext"), "spi 4103 1, ppi 1058 4");
	/* what Linux's driver makes of it: PPI 126 is INTID 142 */
	assert_string_equal(irqs(f, "/odd"), "spi 142 4");
	assert_non_null(node(f, "/odd")->irq_missing);
	assert_string_equal(irqs(f, "/wrong"), "");
	assert_non_null(node(f, "/wrong")->irq_missing);
	assert_null(node(f, "/a")->irq_missing);
	assert_int_equal(node(f, "/a")->irqs.v[1].index, 1);
}

static void test_interrupt_parents(void **state)
{
	struct fixture *f = *state;

	load_clean(f, TREE("pic: pic { interrupt-controller; #interrupt-cells = <1>;"
			   " interrupts = <0 40 4>; };"
			   "soc { interrupt-parent = <&pic>; a { interrupts = <3>; };"
			   " b { interrupts-extended = <&gic 0 1 4>, <0>, <&pic 2>; }; };"));
	assert_string_equal(irqs(f, "/soc/a"), "spi 72 4 via /pic");
	assert_string_equal(irqs(f, "/soc/b"), "spi 33 4, spi 72 4 via /pic");
	assert_int_equal(node(f, "/soc/b")->irqs.v[1].index, 2);
}

static void test_gpio_bank_drives_its_lines(void **state)
{
	struct fixture *f = *state;

	load_clean(f, TREE("pins { interrupts = <0 10 4>, <0 11 4>; gpio: bank { gpio-controller;"
			   " interrupt-controller; #interrupt-cells = <2>; }; };"
			   "key { interrupt-parent = <&gpio>; interrupts = <7 1>; };"
			   "gone: gone { status = \"disabled\"; interrupt-controller;"
			   " #interrupt-cells = <1>; interrupts = <0 1 4>; };"
			   "b { interrupts-extended = <&gone 1>; };"));
	assert_string_equal(irqs(f, "/key"), "spi 42 4 via /pins/bank, spi 43 4 via /pins/bank");
	assert_string_equal(irqs(f, "/b"), "");
	assert_non_null(node(f, "/b")->irq_missing);
}

static void test_pass_through_controller(void **state)
{
	struct fixture *f = *state;

	load_clean(f, TREE("gpc: gpc { compatible = \"fsl,imx6q-gpc\"; interrupt-controller;"
			   " #interrupt-cells = <3>; interrupts = <0 89 4>; };"
			   "a { interrupt-parent = <&gpc>; interrupts = <0 20 4>; };"
			   "pdc: pdc { compatible = \"qcom,pdc\"; interrupt-controller;"
			   " #interrupt-cells = <2>; qcom,pdc-ranges = <0 480 94>, <94 609 31>; };"
			   "b { interrupts-extended = <&pdc 95 1>, <&pdc 200 1>; };"));
	assert_string_equal(irqs(f, "/a"), "spi 52 4");
	assert_string_equal(irqs(f, "/b"), "spi 642 1");
	assert_string_equal(node(f, "/b")->irq_missing, "/pdc maps that pin to no line");
}

static void test_controller_loops_end(void **state)
{
	struct fixture *f = *state;

	load_clean(f, TREE("a: a { interrupt-controller; #interrupt-cells = <1>;"
			   " interrupt-parent = <&b>; interrupts = <1>, <2>; };"
			   "b: b { interrupt-controller; #interrupt-cells = <1>;"
			   " interrupt-parent = <&a>; interrupts = <1>, <2>; };"
			   "self: self { interrupt-controller; #interrupt-cells = <1>;"
			   " interrupt-parent = <&self>; interrupts = <1>; };"
			   "nexus: nexus { #interrupt-cells = <1>; #address-cells = <0>;"
			   " interrupt-map = <1 &nexus 1>; };"
			   "d { interrupts-extended = <&a 1>, <&self 1>, <&nexus 1>; };"));
	assert_string_equal(irqs(f, "/d"), "");
	assert_non_null(node(f, "/d")->irq_missing);
}

static void test_nexus(void **state)
{
	struct fixture *f = *state;

	load_clean(f, TREE("nexus: nexus { #interrupt-cells = <1>; #address-cells = <0>;"
			   " #size-cells = <0>; interrupt-map-mask = <0xf>;"
			   " interrupt-map = <1 &gic 0 21 4>, <2 &gic 0 22 1>; };"
			   "d { interrupt-parent = <&nexus>; interrupts = <0x32>, <9>; };"));
	assert_string_equal(irqs(f, "/d"), "spi 54 1");
	assert_string_equal(node(f, "/d")->irq_missing,
			    "/nexus has no entry for it in interrupt-map");
}

#define PCI                                                                              \
	"pcie@10000000 { compatible = \"pci-host-ecam-generic\"; device_type = \"pci\";" \
	" #address-cells = <3>; #size-cells = <2>; #interrupt-cells = <1>;"              \
	" reg = <0x10000000 0x1000000>; bus-range = <0 15>; linux,pci-domain = <2>;"     \
	" ranges = <0x1000000 0 0 0x3eff0000 0 0x10000>,"                                \
	" <0x42000000 0 0x50000000 0x20000000 0 0x10000000>;"                            \
	" interrupt-map-mask = <0x1800 0 0 7>;"                                          \
	" interrupt-map = <0 0 0 1 &gic 0 3 4>, <0 0 0 2 &gic 0 4 4>,"                   \
	"  <0x800 0 0 1 &gic 0 4 4>;"                                                    \
	" iommu-map = <0 &smmu 0x100 0x300>; dma-coherent;"                              \
	" dev@1,0 { reg = <0x800 0 0 0 0>; interrupts = <1>; }; };"                      \
	"smmu: iommu@9000 { compatible = \"arm,smmu-v3\"; reg = <0x9000 0x20000>;"       \
	" #iommu-cells = <1>; };"

static void test_pci_host(void **state)
{
	struct fixture *f = *state;
	const struct node *n;

	load_clean(f, TREE(PCI));
	n = node(f, "/pcie@10000000");
	assert_int_equal(n->role, NODE_PCI_HOST);
	assert_true(n->ecam && n->dma_master && n->dma_coherent);
	assert_int_equal(n->bus_end, 15);
	assert_int_equal(n->pci_domain, 2);
	assert_int_equal(n->windows.n, 2);
	assert_int_equal(n->windows.v[0].space, 1);
	assert_int_equal(n->windows.v[1].space, 2);
	assert_int_equal(n->windows.v[1].pci, 0x50000000);
	assert_int_equal(n->windows.v[1].addr, 0x20000000);
	assert_true(n->windows.v[1].prefetchable);
	assert_string_equal(irqs(f, "/pcie@10000000"), "spi 35 4, spi 36 4");
	assert_int_equal(n->irqs.v[0].index, ~0u);
	assert_string_equal(irqs(f, "/pcie@10000000/dev@1,0"), "spi 36 4");
	assert_false(node(f, "/pcie@10000000/dev@1,0")->mapped);
}

/* --- IOMMUs, masters, providers --- */

static void test_iommu_map_as_aligned_blocks(void **state)
{
	struct fixture *f = *state;
	const struct node *n;

	load_clean(f, TREE(PCI));
	n = node(f, "/pcie@10000000");
	assert_int_equal(n->streams.n, 2);
	assert_int_equal(n->streams.v[0].id, 0x100);
	assert_int_equal(n->streams.v[0].mask, 0xff);
	assert_int_equal(n->streams.v[1].id, 0x200);
	assert_int_equal(n->streams.v[1].mask, 0x1ff);
	assert_int_equal(f->m->iommus.n, 1);
	assert_int_equal(f->m->iommus.v[0].rec.type, CV_IOMMU_SMMUV3);
	assert_int_equal(f->m->iommus.v[0].rec.base, 0x9000);
}

static void test_iommus(void **state)
{
	struct fixture *f = *state;
	const struct node *n;

	load_clean(f,
		   TREE("smmu: s@1000 { compatible = \"arm,mmu-500\"; reg = <0x1000 0x1000>;"
			" #iommu-cells = <2>; };"
			"mc: mc@2000 { compatible = \"nvidia,tegra210-mc\"; reg = <0x2000 0x10>;"
			" #iommu-cells = <1>; };"
			"old: iommu@3000 { compatible = \"renesas,ipmmu-vmsa\"; #iommu-cells = <0>;"
			" reg = <0x3000 0x10>; };"
			"d@4000 { reg = <0x4000 4>;"
			" iommus = <&smmu 0x40 0x7>, <&mc 3>, <&old>; };"));
	n = node(f, "/d@4000");
	assert_int_equal(n->streams.n, 3);
	assert_int_equal(n->streams.v[0].id, 0x40);
	assert_int_equal(n->streams.v[0].mask, 0x7);
	assert_ptr_equal(n->streams.v[1].iommu, node(f, "/mc@2000"));
	assert_int_equal(n->streams.v[2].id, 0);
	assert_true(n->dma_master);
	assert_int_equal(node(f, "/s@1000")->role, NODE_IOMMU);
	assert_int_equal(node(f, "/iommu@3000")->role, NODE_IOMMU);
	assert_int_equal(node(f, "/mc@2000")->role, NODE_PLAIN);
	assert_true(node(f, "/mc@2000")->iommu_like);
	assert_int_equal(f->m->iommus.n, 1);
	assert_int_equal(f->m->iommus.v[0].rec.type, CV_IOMMU_MMU500);
}

static void test_dma_masters(void **state)
{
	struct fixture *f = *state;

	load_clean(f, TREE("soc { " BUS " dma-coherent; ethernet@1000 { reg = <0x1000 4>; };"
			   " x@2000 { reg = <0x2000 4>; dma-noncoherent; }; };"
			   "serial@3000 { reg = <0x3000 4>; };"
			   "pl330@4000 { reg = <0x4000 4>; #dma-cells = <1>; };"
			   "mdio { ethernet { }; };"));
	assert_true(node(f, "/soc/ethernet@1000")->dma_master);
	assert_true(node(f, "/soc/ethernet@1000")->dma_coherent);
	assert_false(node(f, "/soc/x@2000")->dma_coherent);
	assert_false(node(f, "/soc/x@2000")->dma_master);
	assert_false(node(f, "/serial@3000")->dma_master);
	assert_true(node(f, "/pl330@4000")->dma_master);
	assert_false(node(f, "/mdio/ethernet")->dma_master);
}

static void assert_provider(struct fixture *f, u32 i, enum provider_kind kind, const char *path,
			    const char *prop)
{
	const struct node *n = node(f, "/dev");

	assert_true(i < n->providers.n);
	assert_int_equal(n->providers.v[i].kind, kind);
	assert_string_equal(n->providers.v[i].node->path, path);
	assert_string_equal(n->providers.v[i].prop, prop);
}

static void test_providers(void **state)
{
	struct fixture *f = *state;

	load_clean(f, TREE("clk: clk { #clock-cells = <1>; }; osc: osc { #clock-cells = <0>; };"
			   "pc { compatible = \"pc\"; grp: grp { }; };"
			   "ldo: ldo { }; pm: pm { #power-domain-cells = <1>; };"
			   "io: io { #gpio-cells = <2>; };"
			   "dev { clocks = <&clk 1>, <&osc>, <&clk 2>; pinctrl-0 = <&grp>;"
			   " pinctrl-names = \"default\"; vcc-supply = <&ldo>; nr-gpios = <7>;"
			   " power-domains = <&pm 3>; reset-gpios = <0>, <&io 1 0>;"
			   " phys = <0x7777 1>; };"));
	assert_int_equal(node(f, "/dev")->providers.n, 6);
	assert_provider(f, 0, PROVIDES_CLOCK, "/clk", "clocks");
	assert_provider(f, 1, PROVIDES_CLOCK, "/osc", "clocks");
	assert_provider(f, 2, PROVIDES_PINCTRL, "/pc", "pinctrl-0");
	assert_provider(f, 3, PROVIDES_REGULATOR, "/ldo", "vcc-supply");
	assert_provider(f, 4, PROVIDES_POWER, "/pm", "power-domains");
	assert_provider(f, 5, PROVIDES_GPIO, "/io", "reset-gpios");
}

/* --- memory, GIC, firmware --- */

static void test_memory(void **state)
{
	struct fixture *f = *state;

	load_clean(f, "/dts-v1/; /memreserve/ 0x1000 0x2000; / { #address-cells = <2>;"
		      " #size-cells = <2>;"
		      " memory@80000000 { device_type = \"memory\"; reg = <0 0x80000000 0 0x1000"
		      "  8 0 1 0>; };"
		      " memory@0 { device_type = \"memory\"; reg = <0 0 0 0>; };"
		      " reserved-memory { #address-cells = <2>; #size-cells = <2>; ranges;"
		      "  fw@80000000 { reg = <0 0x80000000 0 0x100>; no-map; };"
		      "  cma { size = <0 0x1000>; };"
		      "  off@1 { status = \"disabled\"; reg = <0 1 0 1>; }; }; };");
	assert_int_equal(f->m->ram.n, 2);
	assert_int_equal(f->m->ram.v[1].addr, 0x800000000);
	assert_int_equal(f->m->ram.v[1].size, 0x100000000);
	assert_false(f->m->ram_from_firmware);
	assert_int_equal(f->m->reserved.n, 2);
	assert_string_equal(f->m->reserved.v[0].name, "fw@80000000");
	assert_true(f->m->reserved.v[0].no_map);
	assert_string_equal(f->m->reserved.v[1].name, "memreserve");
	assert_int_equal(f->m->reserved.v[1].size, 0x2000);
}

static void test_memory_of_size_zero(void **state)
{
	struct fixture *f = *state;

	load_clean(f, TREE("memory@80000000 { device_type = \"memory\"; reg = <0x80000000 0>; };"));
	assert_true(f->m->ram_from_firmware);
	assert_int_equal(f->m->ram.n, 0);
}

static void test_gicv2(void **state)
{
	struct fixture *f = *state;
	const struct gic *g;

	load_clean(f, TREE(""));
	g = &f->m->gic;
	assert_int_equal(g->version, 2);
	assert_int_equal(g->gicd, 0x8000000);
	assert_int_equal(g->gicc, 0x8010000);
	assert_int_equal(g->gich, 0x8030000);
	assert_int_equal(g->gicv, 0x8040000);
	assert_int_equal(g->maintenance, 25);
	assert_false(g->alias_64k);
}

static void test_gicv2_alias_and_frames(void **state)
{
	struct fixture *f = *state;

	load_clean(f, HEAD "gic: gic@1000 { compatible = \"arm,cortex-a15-gic\";"
			   " #interrupt-cells = <3>; interrupt-controller; " BUS
			   " reg = <0x10000 0x1000 0x20000 0x20000>;"
			   " v2m@90000 { compatible = \"arm,gic-v2m-frame\"; msi-controller;"
			   "  reg = <0x90000 0x1000>; arm,msi-base-spi = <80>;"
			   "  arm,msi-num-spis = <4>; }; }; };");
	assert_true(f->m->gic.alias_64k);
	assert_int_equal(f->m->gic.gicv, 0);
	assert_int_equal(node(f, "/gic@1000/v2m@90000")->role, NODE_V2M);
	assert_string_equal(irqs(f, "/gic@1000/v2m@90000"),
			    "spi 80 0, spi 81 0, spi 82 0, spi 83 0");
}

static void test_gicv3(void **state)
{
	struct fixture *f = *state;
	const struct gic *g;

	load_clean(f,
		   HEAD "gic: gic@1000 { compatible = \"arm,gic-v3\"; #interrupt-cells = <3>;"
			" interrupt-controller; " BUS " #redistributor-regions = <2>;"
			" redistributor-stride = <0 0x40000>; interrupts = <1 9 4>;"
			" reg = <0x10000 0x10000>, <0x100000 0x80000>, <0x200000 0x80000>,"
			"  <0x300000 0x2000>, <0x310000 0x2000>, <0x320000 0x2000>;"
			" its@400000 { compatible = \"arm,gic-v3-its\"; reg = <0x400000 0x20000>;"
			"  }; }; };");
	g = &f->m->gic;
	assert_int_equal(g->version, 3);
	assert_int_equal(g->gicr.n, 2);
	assert_int_equal(g->gicr.v[1].addr, 0x200000);
	assert_int_equal(g->gicr_stride, 0x40000);
	assert_int_equal(g->gicc, 0x300000);
	assert_int_equal(g->gicv, 0x320000);
	assert_int_equal(g->maintenance, 25);
	assert_int_equal(node(f, "/gic@1000/its@400000")->role, NODE_ITS);
}

static void test_second_gic_is_a_cascade(void **state)
{
	struct fixture *f = *state;

	load_clean(f,
		   HEAD "agic: agic@1000 { compatible = \"arm,gic-400\"; interrupt-controller;"
			" #interrupt-cells = <3>; reg = <0x1000 0x1000>; interrupts = <0 102 4>; };"
			"a { interrupt-parent = <&agic>; interrupts = <0 3 4>; };" GIC "};");
	assert_string_equal(f->m->gic.node->path, "/gic@8000000");
	assert_string_equal(irqs(f, "/a"), "spi 134 4 via /agic@1000");
	assert_int_equal(node(f, "/agic@1000")->role, NODE_PLAIN);
}

static void test_firmware_timer_console(void **state)
{
	struct fixture *f = *state;

	load_clean(f,
		   TREE("psci { compatible = \"arm,psci-1.0\", \"arm,psci-0.2\";"
			" method = \"hvc\"; };"
			"timer { compatible = \"arm,armv8-timer\"; interrupts = <1 10 8>, <1 13 8>,"
			" <1 14 8>, <1 11 8>; interrupt-names = \"hyp-phys\", \"sec-phys\","
			" \"phys\", \"virt\"; };"
			"chosen { stdout-path = \"serial0:115200n8\"; };"
			"aliases { serial0 = \"/uart@1000\"; }; uart@1000 { reg = <0x1000 4>; };"));
	assert_string_equal(f->m->psci_method, "hvc");
	assert_int_equal(f->m->timer_irqs[0], 29);
	assert_int_equal(f->m->timer_irqs[1], 30);
	assert_int_equal(f->m->timer_irqs[2], 27);
	assert_int_equal(f->m->timer_irqs[3], 26);
	assert_string_equal(f->m->stdout_node->path, "/uart@1000");
}

/* --- CPUs --- */

#define CPU(n, reg, more)                                                               \
	"c" #n ": cpu@" #n " { device_type = \"cpu\"; compatible = \"arm,cortex-a53\";" \
	" reg = <" #reg ">; " more " };"

static void test_cpu_map(void **state)
{
	struct fixture *f = *state;
	const struct cpu *cpu;

	load_clean(f,
		   TREE("cpus { #address-cells = <1>; #size-cells = <0>;"
			" enable-method = \"psci\";" CPU(0, 0x0, "next-level-cache = <&l2>;") CPU(
				1, 0x1, "status = \"disabled\";") CPU(2, 0x100,
								      "next-level-cache = <&l2>;")
				CPU(3, 0x101,
				    "") " l2: l2 { next-level-cache = <&l3>; }; l3: l3 { };"
					" cpu-map { cluster0 { core0 { thread0 { cpu = <&c0>; };"
					"  thread1 { cpu = <&c2>; }; }; }; cluster1 { core0 { cpu "
					"= <&c3>; }; }; };"
					" };"));
	cpu = f->m->cpus.v;
	assert_int_equal(f->m->cpus.n, 3);
	assert_int_equal(f->m->disabled_cpus, 1);
	assert_int_equal(f->m->arch, CV_ARCH_ARM64);
	assert_string_equal(cpu[0].enable_method, "psci");
	assert_int_equal(cpu[1].mpidr, 0x100);
	assert_int_equal(cpu[0].core, cpu[1].core);
	assert_int_equal(cpu[0].cluster, cpu[1].cluster);
	assert_int_not_equal(cpu[0].cluster, cpu[2].cluster);
	assert_int_not_equal(cpu[0].core, cpu[2].core);
	assert_string_equal(cpu[0].cache->path, "/cpus/l3");
	assert_null(cpu[2].cache);
}

static void test_clusters_by_mpidr(void **state)
{
	struct fixture *f = *state;
	const struct cpu *cpu;

	load_clean(f, TREE("cpus { #address-cells = <2>; #size-cells = <0>;" CPU(0, 0 0x0, "")
				   CPU(1, 0 0x1, "") CPU(2, 0 0x100, "") CPU(3, 1 0x0, "") " };"));
	cpu = f->m->cpus.v;
	assert_int_equal(cpu[0].cluster, cpu[1].cluster);
	assert_int_not_equal(cpu[0].cluster, cpu[2].cluster);
	assert_int_equal(cpu[3].mpidr, 0x100000000);
	assert_int_equal(cpu[3].cluster, 2);
}

static void test_cores_in_aff1(void **state)
{
	struct fixture *f = *state;

	load_clean(f, TREE("cpus { #address-cells = <1>; #size-cells = <0>;" CPU(0, 0x0, "")
				   CPU(1, 0x100, "") CPU(2, 0x10000, "") " };"));
	assert_int_equal(f->m->cpus.v[0].cluster, f->m->cpus.v[1].cluster);
	assert_int_not_equal(f->m->cpus.v[0].cluster, f->m->cpus.v[2].cluster);
}

static void test_architecture(void **state)
{
	static const struct {
		const char *compatible, *method;
		enum cv_arch arch;
	} t[] = {
		{"arm,cortex-a7", "psci", CV_ARCH_ARM},
		{"arm,cortex-a57", "psci", CV_ARCH_ARM64},
		{"arm,cortex-a5", "x", CV_ARCH_ARM},
		{"arm,cortex-a53", "spin-table", CV_ARCH_ARM64},
		{"arm,cortex-a53", "qcom,msm8916-smp", CV_ARCH_ARM},
		{"marvell,pj4b", "x", CV_ARCH_ARM},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		load_clean(
			f,
			arena_printf(
				f->c.arena,
				TREE("cpus { #address-cells = <1>;"
				     " #size-cells = <0>; cpu@0 { device_type = \"cpu\"; reg = <0>;"
				     " compatible = \"%s\"; enable-method = \"%s\"; }; };"),
				t[i].compatible, t[i].method));
		assert_int_equal(f->m->arch, t[i].arch);
	}
}

/* --- references --- */

#define NAMES                                                               \
	"aliases { eth-0 = \"/a/net@1\"; serial0 = \"/a/uart@2\"; };"       \
	"a { " BUS " net@1 { }; lbl: uart@2 { }; dup@3 { }; only@4 { }; };" \
	"b { " BUS " dup@3 { }; uart@5 { }; };"

static struct node *ref(struct fixture *f, const char *text)
{
	return machine_ref(&f->c, f->m, text, text[0] == '/', NULL);
}

static void test_references(void **state)
{
	struct fixture *f = *state;
	const struct node *uart;

	load_clean(f, TREE(NAMES));
	uart = node(f, "/a/uart@2");
	assert_ptr_equal(ref(f, "lbl"), uart);
	assert_ptr_equal(ref(f, "serial0"), uart);
	assert_ptr_equal(ref(f, "/a/uart@2"), uart);
	assert_ptr_equal(ref(f, "uart@2"), uart);
	assert_ptr_equal(ref(f, "only"), node(f, "/a/only@4"));
	assert_ptr_equal(ref(f, "eth-0"), node(f, "/a/net@1"));
	*vec_push(f->c.arena, &node(f, "/b/uart@5")->labels) = "mine";
	assert_ptr_equal(ref(f, "mine"), node(f, "/b/uart@5"));
	assert_int_equal(f->c.errors, 0);
}

static void test_unknown_and_ambiguous_references(void **state)
{
	struct fixture *f = *state;
	struct diag *d;

	load_clean(f, TREE(NAMES));
	assert_null(ref(f, "dup@3"));
	assert_int_equal(count_of(f, D_E1106), 1);
	d = f->c.diags.v[0];
	assert_int_equal(d->notes.n, 2);
	assert_string_equal(d->notes.v[0].text, "/a/dup@3");
	assert_null(ref(f, "uart"));
	assert_int_equal(count_of(f, D_E1106), 2);
	assert_null(ref(f, "onyl@4"));
	assert_null(ref(f, "/a/uart@9"));
	assert_null(ref(f, ""));
	assert_int_equal(count_of(f, D_E1105), 3);
	assert_string_equal(f->c.diags.v[2]->help, "did you mean \"only@4\"?");
}

static void test_reference_text_finds_its_node(void **state)
{
	struct fixture *f = *state;

	load_clean(f, TREE(NAMES));
	assert_string_equal(node_ref_text(&f->c, f->m, node(f, "/a/uart@2")), "&lbl");
	assert_string_equal(node_ref_text(&f->c, f->m, node(f, "/a/net@1")), "&{eth-0}");
	assert_string_equal(node_ref_text(&f->c, f->m, node(f, "/a/only@4")), "&{only@4}");
	assert_string_equal(node_ref_text(&f->c, f->m, node(f, "/b/dup@3")), "&{/b/dup@3}");
}

/* --- sources --- */

static void test_included_files_are_inputs(void **state)
{
	char dir[] = "/tmp/host-unit-XXXXXX", *main_file, *included;
	struct fixture *f = *state;
	FILE *out;

	assert_non_null(mkdtemp(dir));
	main_file = arena_printf(f->c.arena, "%s/a.dts", dir);
	included = arena_printf(f->c.arena, "%s/b.dtsi", dir);
	out = fopen(main_file, "w");
	fputs("/dts-v1/; /include/ \"b.dtsi\"\n", out);
	fclose(out);
	out = fopen(included, "w");
	fputs("/ { model = \"m\"; };\n", out);
	fclose(out);
	f->m = host_load(&f->c, main_file, NULL, NULL, 0);
	unlink(main_file);
	unlink(included);
	rmdir(dir);
	assert_non_null(f->m);
	assert_string_equal(f->m->model, "m");
	assert_int_equal(f->c.inputs.n, 2);
	assert_string_equal(f->c.inputs.v[0], main_file);
	assert_string_equal(f->c.inputs.v[1], included);
}

/* --- hostile bytes --- */

static void test_damaged_blobs(void **state)
{
	struct fixture *f = *state;
	const u8 *good;
	size_t len;

	load_clean(f, TREE(PCI NAMES));
	good = f->m->fdt;
	len = (size_t)good[4] << 24 | (size_t)good[5] << 16 | (size_t)good[6] << 8 | good[7];
	for (size_t i = 0; i < len; i++) {
		struct cellc c;
		u8 *bad;

		cellc_init(&c);
		bad = arena_alloc(c.arena, len);
		memcpy(bad, good, len);
		bad[i] ^= i % 3 ? 0xff : 0x01;
		if (!host_from_blob(&c, "bad", bad, len, NULL))
			assert_true(c.errors > 0);
		cellc_free(&c);
	}
	assert_null(host_from_blob(&f->c, "short", good, len - 1, NULL));
	assert_null(host_from_blob(&f->c, "none", good, 0, NULL));
	assert_int_equal(count_of(f, D_E1101), 2);
}

static void test_depth_is_limited(void **state)
{
	struct fixture *f = *state;
	struct buf b;

	buf_init(&b, f->c.arena);
	buf_str(&b, "/dts-v1/; / { ");
	for (int i = 0; i < 65; i++)
		buf_str(&b, "a { ");
	for (int i = 0; i < 65; i++)
		buf_str(&b, "}; ");
	buf_str(&b, "};");
	assert_null(load(f, b.data));
	assert_int_equal(count_of(f, D_E1102), 1);
}

/* A map of 2000 entries, looked through to its end for 600 devices: cut off, not waited for. */
static void test_work_is_limited(void **state)
{
	struct fixture *f = *state;
	struct buf b;

	buf_init(&b, f->c.arena);
	buf_str(&b,
		HEAD GIC "n: n { #interrupt-cells = <1>; #address-cells = <0>; interrupt-map = <");
	for (int i = 0; i < 2000; i++)
		buf_str(&b, "0 &gic 0 1 4 ");
	buf_str(&b, ">; };");
	for (int i = 0; i < 600; i++)
		buf_printf(&b, "d%d { interrupt-parent = <&n>; interrupts = <1>; };", i);
	buf_str(&b, "};");
	assert_non_null(load(f, b.data));
	assert_int_equal(count_of(f, D_E1102), 1);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_nested_ranges),
		T(test_origin_is_path_and_property),
		T(test_three_address_cells),
		T(test_bus_without_ranges_is_not_mapped),
		T(test_status_is_inherited),
		T(test_malformed_reg),
		T(test_dma_ranges),
		T(test_gic_specifiers),
		T(test_interrupt_parents),
		T(test_gpio_bank_drives_its_lines),
		T(test_pass_through_controller),
		T(test_controller_loops_end),
		T(test_nexus),
		T(test_pci_host),
		T(test_iommu_map_as_aligned_blocks),
		T(test_iommus),
		T(test_dma_masters),
		T(test_providers),
		T(test_memory),
		T(test_memory_of_size_zero),
		T(test_gicv2),
		T(test_gicv2_alias_and_frames),
		T(test_gicv3),
		T(test_second_gic_is_a_cascade),
		T(test_firmware_timer_console),
		T(test_cpu_map),
		T(test_clusters_by_mpidr),
		T(test_cores_in_aff1),
		T(test_architecture),
		T(test_references),
		T(test_unknown_and_ambiguous_references),
		T(test_reference_text_finds_its_node),
		T(test_included_files_are_inputs),
		T(test_damaged_blobs),
		T(test_depth_is_limited),
		T(test_work_is_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
