// SPDX-License-Identifier: GPL-2.0-only
/*
 * What every guest has: root properties, CPUs, PSCI, timer, GIC, memory, virtual PCI host.
 *
 * PSCI is called by smc: the hypervisor traps it on both architectures, and hvc is its own call.
 * The root's compatible is the one by which a stock kernel knows that it runs in a cell; the
 * host's is left out, as ARMv7 kernels run board code by it.
 */
#include "guest.h"

#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#define GIC_CELLS    3u
#define GICC_SIZE    0x2000u /* of the virtual CPU interface, its second page included */
#define GICR_SIZE    0x20000u
#define EDGE_RISING  1u
#define LEVEL_LOW    8u
#define GIC_SPI	     0u
#define GIC_PPI	     1u
#define PCI_MEM32    0x02000000u
#define PCI_BUS_SIZE MIB
#define PCI_PINS     4u
#define FIRST_SPI    32u
#define CONSOLE_SPEED 115200u
#define MAX_CELLS    4u

static void set_strings(struct guest *g, struct dt_node *n, const char *prop,
			const char *const *list, size_t count)
{
	struct buf b;

	buf_init(&b, g->a);
	for (size_t i = 0; i < count; i++)
		buf_add(&b, list[i], strlen(list[i]) + 1);
	dt_set(g->a, n, prop, b.data, b.len);
}

/* A property of the host's node as it stands; false if it has none. */
static bool copy_prop(struct guest *g, struct dt_node *n, const struct node *host, const char *prop)
{
	int len;
	const void *data = host && g->fdt ? fdt_getprop(g->fdt, host->offset, prop, &len) : NULL;

	if (data)
		dt_set(g->a, n, prop, data, (size_t)len);
	return data != NULL;
}

static struct dt_node *node_at(struct guest *g, const char *base, u64 addr)
{
	const char *name = arena_printf(g->a, "%s@%llx", base, (unsigned long long)addr);

	return dt_node_new(g->a, g->root, name);
}

static void add_reg(struct dt_cells *cells, u64 addr, u64 size)
{
	dt_number(cells, addr, 2);
	dt_number(cells, size, 2);
}

static void root_properties(struct guest *g)
{
	const char *on = g->mach ? g->mach->model : NULL;

	dt_set_u32(g->a, g->root, "#address-cells", 2);
	dt_set_u32(g->a, g->root, "#size-cells", 2);
	dt_set_string(g->a, g->root, "compatible", "jailhouse,cell");
	dt_set_string(
		g->a, g->root, "model",
		arena_printf(g->a, "cell %s%s%s", g->cell->name, on ? " on " : "", on ? on : ""));
}

static const struct cpu *cpu_of(const struct guest *g, u32 index)
{
	const struct cpu *cpu;

	if (g->mach)
		vec_each(cpu, &g->mach->cpus)
			if (cpu->index == index)
				return cpu;
	return NULL;
}

static u64 cpu_mpidr(const struct guest *g, u32 index)
{
	const struct cpu *cpu = cpu_of(g, index);

	return cpu ? cpu->mpidr : index;
}

static void add_cpu(struct guest *g, struct dt_node *cpus, u32 index, u32 n_cells)
{
	const char *any = g->m->arch == CV_ARCH_ARM ? "arm,cortex-a15" : "arm,armv8";
	const struct cpu *cpu = cpu_of(g, index);
	const struct node *host = cpu ? cpu->node : NULL;
	u64 mpidr = cpu_mpidr(g, index);
	struct dt_cells reg = {.arena = g->a};
	struct dt_node *n;

	n = dt_node_new(g->a, cpus, arena_printf(g->a, "cpu@%llx", (unsigned long long)mpidr));
	dt_set_string(g->a, n, "device_type", "cpu");
	if (!copy_prop(g, n, host, "compatible"))
		dt_set_string(g->a, n, "compatible",
			      cpu && cpu->compatible ? cpu->compatible : any);
	dt_number(&reg, mpidr, n_cells);
	dt_set_cells(g->a, n, "reg", &reg);
	dt_set_string(g->a, n, "enable-method", "psci");
	copy_prop(g, n, host, "capacity-dmips-mhz");
	if (host)
		guest_caches(g, n, host);
}

static void add_cpus(struct guest *g)
{
	struct dt_node *cpus = g->cpus = dt_node_new(g->a, g->root, "cpus");
	struct cpu_claim *claim;
	u32 n_cells = 1;

	vec_each(claim, &g->cell->cpus)
		if (cpu_mpidr(g, claim->index) > UINT32_MAX)
			n_cells = 2;
	dt_set_u32(g->a, cpus, "#address-cells", n_cells);
	dt_set_u32(g->a, cpus, "#size-cells", 0);
	vec_each(claim, &g->cell->cpus)
		add_cpu(g, cpus, claim->index, n_cells);
}

static void add_psci(struct guest *g)
{
	static const char *const versions[] = {"arm,psci-1.0", "arm,psci-0.2"};
	struct dt_node *n = dt_node_new(g->a, g->root, "psci");

	set_strings(g, n, "compatible", versions, ARRAY_SIZE(versions));
	dt_set_string(g->a, n, "method", "smc");
}

/* INTIDs of secure, non-secure, virtual and hypervisor timer where no tree says otherwise. */
static void add_timer(struct guest *g)
{
	static const u32 usual[] = {29, 30, 27, 26};
	struct dt_cells irqs = {.arena = g->a};
	struct dt_node *n;

	if (g->fdt && g->mach->timer) {
		guest_copy_at_root(g, g->mach->timer);
		return;
	}
	n = dt_node_new(g->a, g->root, "timer");
	dt_set_string(g->a, n, "compatible",
		      g->m->arch == CV_ARCH_ARM ? "arm,armv7-timer" : "arm,armv8-timer");
	for (u32 i = 0; i < ARRAY_SIZE(usual); i++) {
		u32 intid = g->mach && g->mach->timer_irqs[i] ? g->mach->timer_irqs[i] : usual[i];

		dt_cell(&irqs, GIC_PPI);
		dt_cell(&irqs, intid - 16);
		dt_cell(&irqs, LEVEL_LOW);
	}
	dt_set_cells(g->a, n, "interrupts", &irqs);
}

/*
 * The CPU interface, where the hypervisor maps the virtual one. With 4K pages at 64K distance the
 * second page is not behind the first, unless the address is that of the last alias.
 */
static void gicv2_frames(struct guest *g, const struct gic *gic, struct dt_cells *reg)
{
	u64 base = g->m->platform.arm.gicc_base, size = GICC_SIZE;

	if (gic && gic->gicc_size)
		size = MIN(size, gic->gicc_size);
	if (gic && gic->alias_64k && is_aligned(base, 16 * PAGE_SIZE))
		size = PAGE_SIZE;
	add_reg(reg, base, size);
}

static void gicv3_frames(struct guest *g, const struct gic *gic, struct dt_cells *reg)
{
	const struct extent *gicr;
	struct cpu_claim *claim;
	u32 cpus = 1;

	if (gic && gic->gicr.n) {
		vec_each(gicr, &gic->gicr)
			add_reg(reg, gicr->addr, gicr->size);
		return;
	}
	vec_each(claim, &g->cell->cpus)
		cpus = MAX(cpus, claim->index + 1);
	add_reg(reg, g->m->platform.arm.gicr_base, (u64)cpus * GICR_SIZE);
}

/* A number of cells as the host has it, if it can be one. */
static void set_cells(struct guest *g, const struct node *host, const char *prop, u32 least, u32 usual)
{
	u32 n = host ? guest_host_u32(g, host, prop, usual) : usual;

	dt_set_u32(g->a, g->gic, prop, n >= least && n <= MAX_CELLS ? n : usual);
}

static void gic_compatible(struct guest *g, const struct node *host, bool v3)
{
	if (!copy_prop(g, g->gic, host, "compatible"))
		dt_set_string(g->a, g->gic, "compatible", v3 ? "arm,gic-v3" : "arm,gic-400");
	set_cells(g, host, "#interrupt-cells", GIC_CELLS, GIC_CELLS);
	dt_set_empty(g->a, g->gic, "interrupt-controller");
	/* interrupt-maps of copied devices are laid out by this number */
	set_cells(g, host, "#address-cells", 0, 0);
	if (v3) {
		copy_prop(g, g->gic, host, "#redistributor-regions");
		copy_prop(g, g->gic, host, "redistributor-stride");
	}
}

static void add_gic(struct guest *g)
{
	const struct cv_platform_arm *arm = &g->m->platform.arm;
	const struct gic *gic = g->mach && g->mach->gic.version ? &g->mach->gic : NULL;
	u64 size =
		gic && gic->gicd_size ? gic->gicd_size : (arm->gic_version == 3 ? 0x10000 : 0x1000);
	struct dt_cells reg = {.arena = g->a};

	g->gic = node_at(g, "interrupt-controller", arm->gicd_base);
	if (gic && gic->node && g->fdt) {
		g->gic->host = gic->node;
		g->gic->phandle = gic->node->phandle;
		guest_keep(g, gic->node, g->gic);
	}
	gic_compatible(g, g->gic->host, arm->gic_version == 3);
	add_reg(&reg, arm->gicd_base, size);
	if (arm->gic_version == 3)
		gicv3_frames(g, gic, &reg);
	else
		gicv2_frames(g, gic, &reg);
	dt_set_cells(g->a, g->gic, "reg", &reg);
	dt_set_u32(g->a, g->root, "interrupt-parent", guest_phandle(g, g->gic));
}

/* Memory that a kernel may use for anything. */
static bool is_kernel_ram(const struct region *r)
{
	u64 rwx = CV_MEM_READ | CV_MEM_WRITE | CV_MEM_EXECUTE;

	return r->role == REGION_RAM && (r->flags & rwx) == rwx &&
	       !(r->flags & (CV_MEM_IO | CV_MEM_COMM)) && r->size.v;
}

struct span_of_ram {
	u64 start, end;
};

static int by_start(const void *a, const void *b)
{
	const struct span_of_ram *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static void add_memory_node(struct guest *g, const struct span_of_ram *ram)
{
	struct dt_node *n = node_at(g, "memory", ram->start);
	struct dt_cells reg = {.arena = g->a};

	dt_set_string(g->a, n, "device_type", "memory");
	add_reg(&reg, ram->start, ram->end - ram->start);
	dt_set_cells(g->a, n, "reg", &reg);
}

/* One node for each stretch of RAM, in address order. */
static void add_memory(struct guest *g)
{
	VEC(struct span_of_ram) ram = {0};
	struct region **r;
	size_t n = 0;

	vec_each(r, &g->cell->regions)
		if (is_kernel_ram(*r))
			*vec_push(g->a, &ram) =
				(struct span_of_ram){(*r)->virt.v, (*r)->virt.v + (*r)->size.v};
	if (!ram.n)
		return;
	qsort(ram.v, ram.n, sizeof(ram.v[0]), by_start);
	for (size_t i = 1; i < ram.n; i++) {
		if (ram.v[i].start <= ram.v[n].end)
			ram.v[n].end = MAX(ram.v[n].end, ram.v[i].end);
		else
			ram.v[++n] = ram.v[i];
	}
	for (size_t i = 0; i <= n; i++)
		add_memory_node(g, &ram.v[i]);
}

/* The UART of a virtual console. A stock kernel wants a speed, whatever it is. */
static void add_console(struct guest *g)
{
	const struct cv_console *rec = &g->cell->console.rec;
	u32 cells = (u32)dt_read(dt_get(g->gic, "#interrupt-cells")->data, 1);
	struct dt_cells reg = {.arena = g->a}, irq = reg;
	struct dt_node *n;

	if (!(rec->flags & CV_CONSOLE_EMULATED))
		return;
	n = g->console = node_at(g, "serial", rec->address);
	dt_set_string(g->a, n, "compatible", "arm,sbsa-uart");
	add_reg(&reg, rec->address, rec->size);
	dt_set_cells(g->a, n, "reg", &reg);
	dt_cell(&irq, GIC_SPI);
	dt_cell(&irq, rec->gate_nr - FIRST_SPI);
	dt_cell(&irq, EDGE_RISING);
	dt_number(&irq, 0, cells - GIC_CELLS);
	dt_set_cells(g->a, n, "interrupts", &irq);
	dt_set_u32(g->a, n, "current-speed", CONSOLE_SPEED);
}

static bool has_shared_memory_device(const struct guest *g)
{
	struct pci_device **d;

	vec_each(d, &g->cell->pcis)
		if ((*d)->rec.type == CV_PCI_SHMEM)
			return true;
	return false;
}

/* Pin p of any slot is SPI vpci_irq_base + p - 1 (abi.md section 6). */
static void pci_interrupts(struct guest *g, struct dt_node *pci)
{
	const struct dt_prop *p = dt_get(g->gic, "#address-cells");
	u32 unit_cells = (u32)dt_read(p->data, 1),
	    cells = (u32)dt_read(dt_get(g->gic, "#interrupt-cells")->data, 1);
	struct dt_cells map = {.arena = g->a}, mask = {.arena = g->a};

	for (u32 pin = 1; pin <= PCI_PINS; pin++) {
		dt_number(&map, 0, 3);
		dt_cell(&map, pin);
		dt_cell(&map, guest_phandle(g, g->gic));
		dt_number(&map, 0, unit_cells);
		dt_cell(&map, GIC_SPI);
		dt_cell(&map, (u32)g->cell->vpci_irq_base.v + pin - 1);
		dt_cell(&map, EDGE_RISING);
		dt_number(&map, 0, cells - GIC_CELLS);
	}
	dt_number(&mask, 0, 3);
	dt_cell(&mask, 7);
	dt_set_u32(g->a, pci, "#interrupt-cells", 1);
	dt_set_cells(g->a, pci, "interrupt-map-mask", &mask);
	dt_set_cells(g->a, pci, "interrupt-map", &map);
}

static void add_pci(struct guest *g)
{
	const struct platform *p = &g->m->platform;
	struct dt_cells bus = {.arena = g->a}, reg = bus, ranges = bus;
	struct dt_node *n, *msi;

	if (!p->pci_window.size || !p->mmconfig_base.v || !has_shared_memory_device(g))
		return;
	msi = guest_msi_frame(g);
	n = node_at(g, "pci", p->mmconfig_base.v);
	dt_set_string(g->a, n, "compatible", "pci-host-ecam-generic");
	dt_set_string(g->a, n, "device_type", "pci");
	dt_set_u32(g->a, n, "#address-cells", 3);
	dt_set_u32(g->a, n, "#size-cells", 2);
	dt_cell(&bus, 0);
	dt_cell(&bus, p->mmconfig_end_bus);
	dt_set_cells(g->a, n, "bus-range", &bus);
	add_reg(&reg, p->mmconfig_base.v, (p->mmconfig_end_bus + 1ull) * PCI_BUS_SIZE);
	dt_set_cells(g->a, n, "reg", &reg);
	dt_cell(&ranges, PCI_MEM32);
	dt_number(&ranges, p->pci_window.addr, 2);
	add_reg(&ranges, p->pci_window.addr, p->pci_window.size);
	dt_set_cells(g->a, n, "ranges", &ranges);
	if (cell_has_intx(g->cell))
		pci_interrupts(g, n);
	if (p->pci_domain != CV_PCI_DOMAIN_ANY)
		dt_set_u32(g->a, n, "linux,pci-domain", p->pci_domain);
	if (msi)
		dt_set_u32(g->a, n, "msi-parent", guest_phandle(g, msi));
	dt_set_empty(g->a, n, "dma-coherent");
}

void guest_platform(struct guest *g)
{
	root_properties(g);
	g->chosen = dt_node_new(g->a, g->root, "chosen");
	g->aliases = dt_node_new(g->a, g->root, "aliases");
	add_cpus(g);
	add_psci(g);
	add_gic(g);
	add_timer(g);
	add_memory(g);
	add_pci(g);
	add_console(g);
}
