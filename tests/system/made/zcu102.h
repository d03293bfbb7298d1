/* SPDX-License-Identifier: GPL-2.0-only */
/* Xilinx ZCU102 with 2 GiB. */
#define MACHINE_UART	  0xff000000
#define MACHINE_UART_TYPE CV_CONSOLE_XUARTPS
#define MACHINE_GIC	  2
#define MACHINE_GICD	  0xf9010000
#define MACHINE_FRAMES	  .gicc_base = 0xf902f000, .gich_base = 0xf9040000, .gicv_base = 0xf906f000
#define MACHINE_MEMORY                                                    \
	RAM(0x0, 0x7fc00000),				/* 2044 MiB */    \
	DEVICE(0xc0000000, 0x8000000),			/* QSPI */        \
	DEVICE(0xe0000000, 0x10000000),			/* PCI */         \
	DEVICE(0xfd000000, 0x3000000),			/* peripherals */ \
	DEVICE(0x600000000, 0x200000000)		/* PCI */
#define MACHINE_IRQCHIPS                                              \
	LINES(32, 0x0d678000, 0x80020008, 0x00000022, 0xf4ff0000),    \
	LINES(160, 0x0007802f)
