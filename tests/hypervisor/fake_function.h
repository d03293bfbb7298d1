/* SPDX-License-Identifier: GPL-2.0-only */
/* A machine with a real PCI host: its functions, and a cell that has one of them. */
#ifndef FAKE_FUNCTION_H
#define FAKE_FUNCTION_H

#include "fake_link.h"

#define BRIDGE	 0x08u /* in root's descriptor */
#define FUNCTION FAKE_BDF
#define UNLISTED 0x18u /* in nobody's */
#define EMPTY	 0x20u

#define CAP_PM	   0x40u  /* 8 bytes */
#define CAP_MSI	   0x50u  /* 16 bytes */
#define CAP_VENDOR 0x60u  /* 6 bytes */
#define CAP_MSIX   0x70u  /* 12 bytes, the last */
#define CAP_AER	   0x100u /* 0x40 bytes */
#define CAP_SRIOV  0x140u /* 0x40 bytes, the last */

/* A cell with CPU 3, and root's function if it asks for it. */
struct function_cell {
	struct cv_cell_desc d;
	u64 cpus;
	struct cv_memory mem[4];
	struct cv_irqchip irq[1];
	struct cv_pci_device pci[1];
	struct cv_pci_capability caps[6];
} __attribute__((packed));

static inline u32 fake_reg(u32 bdf, u32 reg)
{
	u32 value;

	memcpy(&value, fake_config + (bdf << 12) + reg, 4);
	return value;
}

static inline void fake_set(u32 bdf, u32 reg, u32 value)
{
	memcpy(fake_config + (bdf << 12) + reg, &value, 4);
}

static inline void fake_make_function(u32 bdf)
{
	static const u32 caps[][2] = {
		{CAP_PM, 0x00025001},	{CAP_MSI, 0x00806005}, {CAP_VENDOR, 0x00067009},
		{CAP_MSIX, 0x00030011}, {CAP_AER, 0x14010001}, {CAP_SRIOV, 0x00010010},
	};

	fake_set(bdf, 0, 0x10d38086);
	fake_set(bdf, 4, 0x00100007);	 /* decodes, masters the bus, INTx on */
	fake_set(bdf, 0x10, 0x1000000c); /* 64 bits, prefetchable */
	fake_set(bdf, 0x14, 1);
	fake_set(bdf, 0x18, 0x10100000);
	fake_set(bdf, 0x1c, 0xe001); /* I/O */
	fake_set(bdf, 0x34, CAP_PM);
	for (u32 i = 0; i < ARRAY_SIZE(caps); i++)
		fake_set(bdf, caps[i][0], caps[i][1]);
	fake_set(bdf, CAP_MSI, 0x00816005);  /* MSI on */
	fake_set(bdf, CAP_MSIX, 0x80030011); /* MSI-X on */
}

/* The machine as Linux leaves it: all functions work. */
static inline void fake_boot_functions(void)
{
	fake_pci_real = true;
	memset(fake_config, 0xff, sizeof(fake_config));
	for (u32 bdf = BRIDGE; bdf <= UNLISTED; bdf += 8) {
		memset(fake_config + (bdf << 12), 0, 0x1000);
		fake_make_function(bdf);
	}
	fake_boot();
}

static inline void fake_function_cell(struct function_cell *g)
{
	static const struct cv_pci_capability caps[] = {
		{1, CAP_PM, 8, CV_PCI_CAP_WRITABLE},
		{5, CAP_MSI, 16, CV_PCI_CAP_WRITABLE}, /* it may say so */
		{9, CAP_VENDOR, 6, CV_PCI_CAP_WRITABLE},
		{0x11, CAP_MSIX, 12, 0},
		{1 | CV_PCI_CAP_EXTENDED, CAP_AER, 0x40, CV_PCI_CAP_WRITABLE},
		{1 | CV_PCI_CAP_EXTENDED, CAP_SRIOV, 0x40, CV_PCI_CAP_WRITABLE}, /* a lie */
	};

	memset(g, 0, sizeof(*g));
	fake_good((struct good_cell *)g);
	g->d.num_pci_devices = 1;
	g->d.num_pci_caps = ARRAY_SIZE(caps);
	g->pci[0] =
		(struct cv_pci_device){.type = CV_PCI_DEVICE,
				       .bdf = FUNCTION,
				       .bar_mask = {0xfffe0000, 0xffffffff, 0xfff00000, 0xffffffe0},
				       .num_caps = ARRAY_SIZE(caps)};
	memcpy(g->caps, caps, sizeof(caps));
}

static inline u64 place_of(u32 bdf, u32 reg)
{
	return config_of(bdf, 0) + reg;
}

#endif
