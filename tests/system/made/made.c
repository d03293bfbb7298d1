// SPDX-License-Identifier: GPL-2.0-only
/*
 * A system and a cell as people without cellc write them: initializers of runtime/abi/cell_config.h,
 * of which objcopy takes the sections .system and .cell as files. MACHINE names the header that says
 * what the machine has.
 */
#include "../../../runtime/abi/cell_config.h"
#include MACHINE

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define RAM(at, bytes)                                                                 \
	{ .phys_start = (at), .virt_start = (at), .size = (bytes),                     \
	  .flags = CV_MEM_READ | CV_MEM_WRITE | CV_MEM_EXECUTE | CV_MEM_DMA }
#define DEVICE(at, bytes)                                                              \
	{ .phys_start = (at), .virt_start = (at), .size = (bytes),                     \
	  .flags = CV_MEM_READ | CV_MEM_WRITE | CV_MEM_IO }
#define LINES(first, ...) { .address = MACHINE_GICD, .pin_base = (first), .pin_bitmap = { __VA_ARGS__ } }

#define HYPERVISOR_BASE 0x7fc00000
#define HYPERVISOR_SIZE 0x400000

static const struct cv_memory root_memory[] = { MACHINE_MEMORY };
static const struct cv_irqchip root_irqchips[] = { MACHINE_IRQCHIPS };

struct root {
	struct cv_system header;
	uint64_t cpus;
	struct cv_memory memory[COUNT(root_memory)];
	struct cv_irqchip irqchips[COUNT(root_irqchips)];
} __attribute__((packed));

const struct root root __attribute__((section(".system"), used)) = {
	.header = {
		.signature = { 'J', 'H', 'S', 'Y', 'S' },
		.architecture = CV_ARCH_ARM64,
		.revision = CV_CONFIG_REVISION,
		.flags = CV_SYS_ROOT_CONSOLE,
		.hypervisor_memory = { .phys_start = HYPERVISOR_BASE, .size = HYPERVISOR_SIZE },
		.debug_console = {
			.address = MACHINE_UART,
			.size = 0x1000,
			.type = MACHINE_UART_TYPE,
			.flags = CV_CONSOLE_MMIO | CV_CONSOLE_REGDIST_4,
		},
		.arm = {
			.maintenance_irq = 25,
			.gic_version = MACHINE_GIC,
			.gicd_base = MACHINE_GICD,
			MACHINE_FRAMES
		},
		.root_cell = {
			.name = "made",
			.cpu_set_size = sizeof(uint64_t),
			.num_memory_regions = COUNT(root_memory),
			.num_irqchips = COUNT(root_irqchips),
		},
	},
	.cpus = 0xf,
	.memory = { MACHINE_MEMORY },
	.irqchips = { MACHINE_IRQCHIPS },
};

const struct {
	struct cv_cell_desc header;
	uint64_t cpus;
	struct cv_memory memory[2];
} __attribute__((packed)) plain __attribute__((section(".cell"), used)) = {
	.header = {
		.signature = { 'J', 'H', 'C', 'L', 'L' },
		.architecture = CV_ARCH_ARM64,
		.revision = CV_CONFIG_REVISION,
		.name = "plain",
		.flags = CV_CELL_PASSIVE_COMM | CV_CELL_CONSOLE_PERMITTED | CV_CELL_CONSOLE_ACTIVE,
		.cpu_set_size = sizeof(uint64_t),
		.num_memory_regions = 2,
	},
	.cpus = 1 << 2,
	.memory = {
		{
			.phys_start = 0x7dd00000,
			.size = 0x100000,
			.flags = CV_MEM_READ | CV_MEM_WRITE | CV_MEM_EXECUTE | CV_MEM_LOADABLE,
		},
		{
			.virt_start = 0x80000000,
			.size = 0x1000,
			.flags = CV_MEM_READ | CV_MEM_WRITE | CV_MEM_COMM,
		},
	},
};
