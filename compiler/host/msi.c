// SPDX-License-Identifier: GPL-2.0-only
/*
 * SPIs that are handed out at run time: MSI frames and interrupt routers. They belong to the node
 * that hands them out, whoever gets them. Bindings differ in whether they count INTIDs or SPIs.
 */
#include "host.h"

#define SPI_FIRST 32u
#define SPI_LAST  1019u

static void add_span(struct host *h, struct node *n, const char *prop, u64 first, u64 count)
{
	for (u64 id = MAX(first, SPI_FIRST); id < first + count && id <= SPI_LAST; id++)
		irq_add(h, n,
			(struct irq){IRQ_SPI, (u32)id, 0, ~0u, NULL, node_origin(h, n, prop)});
}

/* base and count in two properties */
static void read_pair(struct host *h, struct node *n, const char *base, const char *count, u32 bias)
{
	if (node_has(n, base) && node_has(n, count))
		add_span(h, n, base, (u64)node_cell(n, base, 0, 0) + bias,
			 node_cell(n, count, 0, 0));
}

/* entries of `width` cells that end in base, count */
static void read_spans(struct host *h, struct node *n, const char *prop, u32 width)
{
	struct cells s;
	u32 count = node_entries(h, n, prop, width, &s);

	for (u32 i = 0; i < count && host_spend(h); i++)
		add_span(h, n, prop, cell_at(s, i * width + width - 2),
			 cell_at(s, i * width + width - 1));
}

/* single numbers, `each` lines from each */
static void read_list(struct host *h, struct node *n, const char *prop, u32 bias, u32 each)
{
	struct cells s = node_cells(h, n, prop);

	for (u32 i = 0; i < s.n && host_spend(h); i++)
		add_span(h, n, prop, (u64)cell_at(s, i) + bias, each);
}

static bool listed(struct cells s, u32 value)
{
	for (u32 i = 0; i < s.n; i++)
		if (cell_at(s, i) == value)
			return true;
	return false;
}

/* bindings/arm/omap/crossbar.txt: every line that is not reserved or skipped. */
static void read_crossbar(struct host *h, struct node *n)
{
	struct cells reserved = node_cells(h, n, "ti,irqs-reserved");
	struct cells skip = node_cells(h, n, "ti,irqs-skip");
	u32 count = MIN(node_cell(n, "ti,max-irqs", 0, 0), SPI_LAST + 1 - SPI_FIRST);

	for (u32 spi = 0; spi < count && host_spend(h); spi++)
		if (!listed(cells_part(reserved, 0, 1024), spi) &&
		    !listed(cells_part(skip, 0, 1024), spi))
			add_span(h, n, "ti,max-irqs", SPI_FIRST + spi, 1);
}

void msi_read(struct host *h)
{
	const struct machine *m = h->m;

	for (size_t i = 0; i < m->nodes.n; i++) {
		struct node *n = m->nodes.v[i];

		if (!n->compatible)
			continue;
		if (n->role == NODE_V2M)
			read_pair(h, n, "arm,msi-base-spi", "arm,msi-num-spis", 0);
		else if (n->role == NODE_GIC && node_has(n, "mbi-ranges"))
			read_spans(h, n, "mbi-ranges", 2);
		else if (node_is_compatible(m, n, "al,alpine-msix"))
			read_pair(h, n, "al,msi-base-spi", "al,msi-num-spis", SPI_FIRST);
		else if (node_is_compatible(m, n, "marvell,ap806-gicp"))
			read_spans(h, n, "marvell,spi-ranges", 2);
		else if (node_is_compatible(m, n, "marvell,odmi-controller"))
			read_list(h, n, "marvell,spi-base", 0, 8);
		else if (node_is_compatible(m, n, "ti,sci-intr"))
			read_spans(h, n, "ti,interrupt-ranges", 3);
		else if (node_is_compatible(m, n, "amlogic,meson-gpio-intc"))
			read_list(h, n, "amlogic,channel-interrupts", SPI_FIRST, 1);
		else if (node_is_compatible(m, n, "ti,irq-crossbar"))
			read_crossbar(h, n);
	}
}
