/* SPDX-License-Identifier: GPL-2.0-only */
/* QEMU's machine "virt", 1 GiB, with a GICv2 or, with -DGIC=3, a GICv3. */
#define MACHINE_UART	  0x09000000
#define MACHINE_UART_TYPE CV_CONSOLE_PL011
#define MACHINE_GIC	  GIC
#define MACHINE_GICD	  0x08000000
#if GIC == 3
#define MACHINE_FRAMES .gicr_base = 0x080a0000
#else
#define MACHINE_FRAMES .gicc_base = 0x08010000, .gich_base = 0x08030000, .gicv_base = 0x08040000
#endif
#define MACHINE_MEMORY                                                                  \
	RAM(0x40000000, 0x3fc00000),					/* 1020 MiB */ \
	DEVICE(0x09000000, 0x1000), DEVICE(0x09010000, 0x1000),	/* UART, clock */ \
	DEVICE(0x09020000, 0x1000), DEVICE(0x09030000, 0x1000),	/* fw_cfg, GPIO */ \
	DEVICE(0x0a000000, 0x4000),					/* virtio */ \
	DEVICE(0x10000000, 0x2eff0000), DEVICE(0x3eff0000, 0x10000),	/* PCI */ \
	DEVICE(0x4010000000, 0x10000000), DEVICE(0x8000000000, 0x8000000000)
#define MACHINE_IRQCHIPS LINES(32, 0xffff00fe, 0x0000ffff)
