// SPDX-License-Identifier: GPL-2.0-only
/* See fake_arch.h. */
#include "fake_arch.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct hv hv;
struct cv_image_header image_header;
struct cv_console_ring console_ring;
void (*fake_relax)(void);
u8 fake_dev[FAKE_DEV_SIZE] __attribute__((aligned(4096)));
u8 fake_config[FAKE_CONFIG_SIZE] __attribute__((aligned(4096)));
bool fake_pci_real;
u8 fake_link[FAKE_LINK_SIZE] __attribute__((aligned(4096)));
u32 fake_irqs[1020];
u32 fake_current;
void *fake_bus_error;
u64 fake_time;
char fake_line[256];
u32 fake_lines;
bool fake_ram_shown;
u32 fake_pended;
bool fake_gone;

static u8 scratch[4096] __attribute__((aligned(4096))); /* all other RAM */
static u8 hv_memory[FAKE_HV_SIZE] __attribute__((aligned(4096)));
static u8 buffer[CV_MAX_CONFIG_SIZE + 2 * 4096] __attribute__((aligned(4096)));
static struct percpu cpus[FAKE_CPUS];

static struct root {
	struct cv_system s;
	u64 cpus;
	struct cv_memory mem[10];
	struct cv_irqchip irq[1];
	struct cv_pci_device pci[3];
} __attribute__((packed)) root;

/* --- arch.h --- */

int arch_cell_init(struct cell *cell)
{
	cell->s2 = (struct paging){.level = 1, .bits = 40};
	cell->s2.root = pages_alloc(2);
	return cell->s2.root ? 0 : -CV_ENOMEM;
}

void arch_comm_init(const struct cell *cell)
{
	(void)cell;
}

void arch_cell_exit(struct cell *cell)
{
	paging_free(&cell->s2);
}

u64 arch_stage2_attr(u64 flags)
{
	return 1ull << 10 | (flags & 3) << 6 | (flags & CV_MEM_IO ? 4 : 0x3c) |
	       (flags & CV_MEM_EXECUTE ? 0 : 1ull << 54);
}

u32 arch_frames(struct range *out, u32 max)
{
	if (max < 2)
		abort();
	out[0] = (struct range){FAKE_GICD, 0x10000};
	out[1] = (struct range){FAKE_GICR, FAKE_CPUS * 0x20000};
	return 2;
}

void arch_irq_pend(u32 intid)
{
	fake_pended = intid;
	fake_irqs[intid]++;
}

void arch_stage2_flush(const struct cell *cell)
{
	(void)cell;
}

void arch_cpu_kick(struct percpu *cpu)
{
	if (cpu->park_wanted)
		cpu->power = CPU_OFF;
	cpu->park_wanted = false;
	if (cpu->start_wanted)
		cpu->power = CPU_RUNNING;
	cpu->start_wanted = false;
}

bool arch_cpu_is_gone(const struct percpu *cpu)
{
	(void)cpu;
	return fake_gone;
}

void arch_irqs_claim(const struct cell *cell, const struct irqset *irqs)
{
	(void)irqs;
	if (!cell_cpu(cell, 0))
		abort(); /* nobody to take them */
}

void arch_cache_flush(void *p, u64 size)
{
	(void)p;
	(void)size;
}

u64 arch_seconds(void)
{
	return fake_time;
}

void arch_relax(void)
{
	if (fake_relax)
		fake_relax();
}

u32 arch_msi_intid(u64 address, u32 data)
{
	return address == FAKE_MSI ? data : 0;
}

void window_close(void)
{
	fake_ram_shown = false;
}

void *window_map(u64 phys, enum window how)
{
	fake_ram_shown = false;
	if (how == WINDOW_DEVICE && phys - FAKE_DEVICES < sizeof(fake_dev))
		return fake_dev + (phys - FAKE_DEVICES);
	if (how == WINDOW_DEVICE && fake_pci_real && phys - FAKE_ECAM < sizeof(fake_config))
		return fake_config + (phys - FAKE_ECAM);
	if (how != WINDOW_DEVICE && phys - FAKE_BUFFER < sizeof(buffer)) {
		fake_ram_shown = true;
		return buffer + (phys - FAKE_BUFFER);
	}
	if (how == WINDOW_WRITE && phys - FAKE_LINK < sizeof(fake_link))
		return fake_link + (phys - FAKE_LINK);
	if (how == WINDOW_WRITE && phys - FAKE_RAM < 0x40000000)
		return scratch + phys % sizeof(scratch);
	abort();
}

bool arch_access(struct access *a, void *at)
{
	if (fake_bus_error && at == fake_bus_error)
		return false;
	if (!a->write)
		a->value = 0;
	memcpy(a->write ? at : &a->value, a->write ? &a->value : at, a->size);
	return true;
}

struct percpu *percpu(u32 index)
{
	if (index >= FAKE_CPUS)
		abort();
	return &cpus[index];
}

u32 arch_phys_bits(void)
{
	return 40;
}

struct percpu *fake_this_cpu(void)
{
	return &cpus[fake_current];
}

void spin_lock(struct spinlock *l)
{
	if (l->owner++)
		abort(); /* nobody else is there to release it */
}

void spin_unlock(struct spinlock *l)
{
	if (--l->owner)
		abort();
}

void printk(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(fake_line, sizeof(fake_line), fmt, ap); /* kept, not printed */
	fake_lines++;
	va_end(ap);
}

void print_char(char c)
{
	printk("%c", c);
}

/* --- the machine --- */

static void make_root(void)
{
	struct cv_cell_desc *d = &root.s.root_cell;

	memset(&root, 0, sizeof(root));
	root.s.architecture = CV_ARCH_ARM64;
	root.s.hypervisor_memory.phys_start = FAKE_HV;
	root.s.hypervisor_memory.size = FAKE_HV_SIZE;
	root.s.iommu_units[0].type = CV_IOMMU_SMMUV3;
	root.s.iommu_units[0].base = FAKE_IOMMU;
	root.s.iommu_units[0].size = 0x20000;
	root.s.iommu_units[7].type = CV_IOMMU_FRAMES;
	root.s.iommu_units[7].base = FAKE_FRAMES;
	root.s.iommu_units[7].size = 0x40000;
	memcpy(d->name, "root", 5);
	d->cpu_set_size = 8;
	d->num_memory_regions = ARRAY_SIZE(root.mem);
	d->num_irqchips = 1;
	root.cpus = (1 << FAKE_CPUS) - 1;
#define REGION(a, n, f) ((struct cv_memory){a, a, n, CV_MEM_READ | CV_MEM_WRITE | (f)})
	root.mem[0] = REGION(FAKE_RAM, 0x40000000, CV_MEM_EXECUTE | CV_MEM_DMA);
	root.mem[1] = REGION(FAKE_UART, 0x1000, CV_MEM_IO);
	root.mem[2] = REGION(FAKE_DEVICES, 0x4000, CV_MEM_IO);
	root.mem[3] = REGION(FAKE_SUBPAGE, 0x10, CV_MEM_IO | CV_MEM_WIDTH_4);
	root.mem[4] = REGION(FAKE_GICD, 0x800000, CV_MEM_IO); /* more than it should say */
	root.irq[0] = (struct cv_irqchip){.pin_base = 32, .pin_bitmap = {~0u, ~0u, ~0u, 0}};
	d->num_pci_devices = ARRAY_SIZE(root.pci);
	root.pci[0] = (struct cv_pci_device){.type = CV_PCI_DEVICE, .bdf = FAKE_BDF};
	root.pci[1] = (struct cv_pci_device){.type = CV_PCI_BRIDGE, .bdf = 0x08};
	root.pci[2] = (struct cv_pci_device){.type = CV_PCI_SHMEM, .bdf = FAKE_LINK_BDF,
					     .bar_mask[0] = 0xfffff000, .shmem_regions_start = 5,
					     .shmem_peers = 3, .shmem_protocol = 0x4001};
	for (u32 i = 0, at = 0; i < 5; i++) {
		root.mem[5 + i] = REGION(FAKE_ROOT_LINK + at, i == 1 ? 0x2000 : 0x1000, 0);
		if (i != 1 && i != 2)
			root.mem[5 + i].flags = CV_MEM_READ;
		at += (u32)root.mem[5 + i].size;
	}
	d->vpci_irq_base = FAKE_ROOT_SPI;
	root.s.pci_mmconfig_base = FAKE_ECAM;
	root.s.pci_is_virtual = !fake_pci_real;
}

void fake_boot(void)
{
	memset(&hv, 0, sizeof(hv));
	memset(cpus, 0, sizeof(cpus));
	memset(fake_irqs, 0, sizeof(fake_irqs));
	memset(fake_link, 0xaa, sizeof(fake_link));
	make_root();
	image_header.max_cpus = FAKE_CPUS;
	image_header.config_size = sizeof(root);
	hv.offset = (u64)hv_memory - FAKE_HV;
	hv.system = &root.s;
	fake_current = 0;
	fake_relax = NULL;
	fake_time = 0;
	fake_gone = false;
	fake_lines = 0;
	pool_init(FAKE_HV, FAKE_HV + FAKE_HV_SIZE);
	if (root_init())
		abort();
	for (u32 i = 0; i < FAKE_CPUS; i++) {
		cpus[i] = (struct percpu){.index = i, .mpidr = i, .cell = &hv.root, .power = CPU_OFF};
	}
	cpus[0].power = CPU_RUNNING;
}

static u64 digest(u64 h, u64 v)
{
	h = (h ^ v) * 0x100000001b3ull;
	return h ^ h >> 29;
}

static u64 digest_table(u64 h, u64 table, u32 entries, u64 virt, u32 shift)
{
	const u64 *e = phys_to_hv(table);

	for (u32 i = 0; i < entries; i++) {
		if (!(e[i] & 1))
			continue;
		if (shift > 12 && e[i] & 2)
			h = digest_table(h, e[i] & 0xfffffffff000, 512, virt + ((u64)i << shift),
					 shift - 9);
		else
			h = digest(digest(h, e[i]), virt + ((u64)i << shift));
	}
	return h;
}

u64 fake_root_cpus(void)
{
	u64 set = 0;

	for (u32 i = 0; i < FAKE_CPUS; i++)
		set |= cpus[i].cell == &hv.root ? BIT(i) : 0;
	return set;
}

u64 fake_root_map(void)
{
	return digest_table(0, hv.root.s2.root, 1024, 0, 30);
}

bool fake_root_has(u64 addr)
{
	return paging_walk(&hv.root.s2, addr);
}

void fake_place(const void *desc, size_t size)
{
	memset(buffer, 0, sizeof(buffer));
	memcpy(buffer + 64, desc, MIN(size, sizeof(buffer) - 64));
}

s64 fake_create(const void *desc, size_t size)
{
	fake_place(desc, size);
	return hypercall(CV_HC_CELL_CREATE, FAKE_BUFFER + 64, 0);
}

void fake_good(struct good_cell *g)
{
	memset(g, 0, sizeof(*g));
	memcpy(g->d.signature, CV_CELL_SIGNATURE, 5);
	g->d.architecture = CV_ARCH_ARM64;
	g->d.revision = CV_CONFIG_REVISION;
	memcpy(g->d.name, "good", 5);
	g->d.cpu_set_size = 8;
	g->d.num_memory_regions = 4;
	g->d.num_irqchips = 1;
	g->cpus = 1 << 3;
	g->mem[0] = (struct cv_memory){FAKE_CELL_RAM, 0, 0x100000,
				       CV_MEM_READ | CV_MEM_WRITE | CV_MEM_EXECUTE | CV_MEM_LOADABLE};
	g->mem[1] = (struct cv_memory){0, 0x80000000, 0x1000,
				       CV_MEM_READ | CV_MEM_WRITE | CV_MEM_COMM};
	g->mem[2] = (struct cv_memory){FAKE_DEVICES + 0x1100, FAKE_DEVICES + 0x1100, 0x100,
				       CV_MEM_READ | CV_MEM_WRITE | CV_MEM_IO | CV_MEM_WIDTH_4};
	g->mem[3] = (struct cv_memory){FAKE_DISABLED, FAKE_DISABLED, 0x1000,
				       CV_MEM_READ | CV_MEM_WRITE | CV_MEM_IO};
	g->irq[0] = (struct cv_irqchip){.pin_base = 32, .pin_bitmap = {0, 1 << 8, 0, 0}};
}

void fake_rich(struct rich_cell *g)
{
	const u64 rw = CV_MEM_READ | CV_MEM_WRITE;

	memset(g, 0, sizeof(*g));
	memcpy(g->d.signature, CV_CELL_SIGNATURE, 5);
	g->d.architecture = CV_ARCH_ARM64;
	g->d.revision = CV_CONFIG_REVISION;
	memcpy(g->d.name, "rich", 5);
	g->d.cpu_set_size = 8;
	g->d.num_memory_regions = ARRAY_SIZE(g->mem);
	g->d.num_cache_regions = g->d.num_irqchips = g->d.num_pio_regions = 1;
	g->d.num_pci_devices = g->d.num_stream_ids = 2;
	g->cpus = 1 << 2;
	g->mem[0] = (struct cv_memory){FAKE_RICH_RAM, 0, 0x100000, rw | CV_MEM_EXECUTE};
	for (u32 i = 0; i < 4; i++)
		g->mem[1 + i] = (struct cv_memory){FAKE_LINK + i * 0x1000, FAKE_LINK + i * 0x1000, 0x1000,
						   i == 1 || i == 2 ? rw : CV_MEM_READ};
	g->cache[0] = (struct cv_cache){.start = 2, .size = 4, .type = CV_CACHE_L3_BOTH};
	g->irq[0] = (struct cv_irqchip){.pin_base = 32, .pin_bitmap = {1 << 5}};
	g->pio[0] = (struct cv_pio){0x2f8, 8};
	g->pci[0] = (struct cv_pci_device){.type = CV_PCI_DEVICE, .bdf = FAKE_BDF};
	g->pci[1] = (struct cv_pci_device){.type = CV_PCI_SHMEM, .domain = 1, .bar_mask[0] = 0xfffff000,
					   .shmem_regions_start = 1, .shmem_peers = 2};
	g->stream[0].id = 0x10;
	g->stream[1].id = 0x20;
}
