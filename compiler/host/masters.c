// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which devices master memory: no property says it outright, so by evidence.
 *
 * A stream at an IOMMU, coherence (which only a master has), PCI hosts, DMA controllers, and the
 * generic names of device classes that move data themselves (DT 2.2.2).
 */
#include "host.h"

#include <string.h>

static bool class_masters(const struct node *n)
{
	static const char *const names[] = {
		"ethernet",
		"usb",
		"mmc",
		"sdhci",
		"sata",
		"ahci",
		"gpu",
		"display",
		"display-controller",
		"dma-controller",
		"dma",
		"pcie",
		"pcie-ep",
		"ufs",
		"ufshc",
		"video-codec",
		"video-encoder",
		"video-decoder",
		"vpu",
		"hdmi",
		"crypto",
		"nand-controller",
		"camera",
		"isp",
		"can-controller",
		"dsp",
		"remoteproc",
		"crtc",
		"lcd-controller",
		"lcdc",
		"vop",
		"g2d",
		"rotator",
		"jpegdec",
		"npu",
		"emmc",
		"sdmmc",
		"fman",
		"switch",
		"virtio_mmio",
	};

	for (u32 i = 0; i < ARRAY_SIZE(names); i++)
		if (node_named(n, names[i]))
			return true;
	return false;
}

static bool is_master(const struct node *n)
{
	if (n->role != NODE_PLAIN)
		return n->role == NODE_PCI_HOST;
	if (n->streams.n || node_has(n, "dma-coherent") || node_has(n, "#dma-cells"))
		return true;
	return n->mapped && n->regs.n && class_masters(n);
}

void masters_read(struct host *h)
{
	for (size_t i = 1; i < h->m->nodes.n; i++)
		h->m->nodes.v[i]->dma_master = is_master(h->m->nodes.v[i]);
}
