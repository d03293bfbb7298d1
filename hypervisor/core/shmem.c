// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shared-memory devices (abi.md 6): registers, state table, interrupts between the peers of a link.
 * The memory itself is ordinary regions of the cells. A link is all devices with one bdf; it exists
 * while one of them does. The list of links changes under hv.managing; a link's lock guards its
 * peers and all that is written to their devices. Reads take no lock.
 */
#include "arch.h"
#include "pci.h"

struct shmem_link {
	struct shmem_link *next;
	struct spinlock lock;
	u16 bdf;
	u32 users, num_peers;
	u64 table;			 /* physical address of the state table */
	struct shmem_device *peers[255]; /* by id; NULL: not there */
};

CV_STATIC_ASSERT(sizeof(struct shmem_link) <= PAGE_SIZE, "a link is one page");

static const struct cv_memory *parts_of(const struct cv_cell_desc *d, const struct cv_pci_device *p)
{
	return cell_memory(d) + p->shmem_regions_start;
}

/* --- interrupts; link->lock held --- */

/* An interrupt that is not the cell's, as its descriptor or itself may say, is not sent. */
static void send_irq(const struct cell *cell, u64 intid)
{
	if (irqset_has(&cell->irqs, intid))
		arch_irq_pend((u32)intid);
}

static void send_message(struct shmem_device *dev, u32 vector)
{
	const struct msix_vector *v = &dev->vectors[vector];

	if (dev->pci.config[PCI_MSIX] & PCI_MSIX_MASK_ALL || v->control & 1)
		dev->pending[vector / 64] |= 1ull << (vector % 64);
	else
		send_irq(dev->cell,
			 arch_msi_intid((u64)v->address_high << 32 | v->address, v->data));
}

static bool can_interrupt(const struct shmem_device *dev, u32 vector)
{
	const u32 *config = dev->pci.config;

	if (!dev->on || !(dev->registers[SHMEM_INT] & CV_SHMEM_INT_ENABLE))
		return false;
	if (dev->num_vectors)
		return vector < dev->num_vectors && config[PCI_MSIX] & PCI_MSIX_ENABLE &&
		       config[PCI_COMMAND] & PCI_COMMAND_MASTER;
	return vector < CV_SHMEM_INTX_VECTORS && !(config[PCI_COMMAND] & PCI_COMMAND_NO_INT);
}

static void interrupt(struct shmem_device *dev, u32 vector)
{
	u32 pin = dev->pci.config[PCI_INT] >> 8;

	if (!can_interrupt(dev, vector))
		return;
	if (dev->pci.config[PCI_VENDOR] & PCI_VENDOR_ONESHOT)
		dev->registers[SHMEM_INT] = 0;
	if (dev->num_vectors)
		send_message(dev, vector);
	else
		send_irq(dev->cell,
			 32 + CV_SHMEM_INTX_SPI((u64)dev->cell->desc->vpci_irq_base, pin));
}

static void doorbell(struct shmem_device *dev, u32 value)
{
	u32 target = value >> 16;

	if (target < dev->link->num_peers && dev->link->peers[target])
		interrupt(dev->link->peers[target], value & 0xffff);
}

/* --- state; link->lock held --- */

static void write_table(const struct shmem_link *link, u32 id, u32 state)
{
	u32 *entry = window_map(link->table + id * sizeof(u32), WINDOW_WRITE);

	*(volatile u32 *)entry = state;
	arch_cache_flush(entry, sizeof(*entry)); /* a peer may read it with its caches off */
}

static void set_state(struct shmem_device *dev, u32 state)
{
	struct shmem_link *link = dev->link;

	if (dev->registers[SHMEM_STATE] == state)
		return;
	dev->registers[SHMEM_STATE] = state;
	write_table(link, dev->info->shmem_dev_id, state);
	for (u32 i = 0; i < link->num_peers; i++)
		if (link->peers[i] && link->peers[i] != dev)
			interrupt(link->peers[i], 0);
}

/* --- BARs --- */

static noinline bool register_write(struct shmem_device *dev, u64 offset, struct access *a)
{
	spin_lock(&dev->link->lock);
	if (!dev->on) {
		a->value = 0; /* its cell has failed; this CPU is about to be stopped */
	} else if (offset / 4 == SHMEM_INT) {
		dev->registers[SHMEM_INT] = (u32)a->value & CV_SHMEM_INT_ENABLE;
	} else if (offset / 4 == SHMEM_DOORBELL) {
		doorbell(dev, (u32)a->value);
	} else if (offset / 4 == SHMEM_STATE) {
		set_state(dev, (u32)a->value);
	}
	spin_unlock(&dev->link->lock);
	return true;
}

static bool registers_access(void *device, u64 offset, struct access *a)
{
	struct shmem_device *dev = device;

	if (a->size != 4 || offset & 3 || offset >= sizeof(dev->registers))
		a->value = 0;
	else if (a->write)
		return register_write(dev, offset, a);
	else
		a->value = dev->registers[offset / 4];
	return true;
}

/* What was held back by a mask that is gone now. link->lock held. */
static void send_pending(struct shmem_device *dev)
{
	if (dev->pci.config[PCI_MSIX] & PCI_MSIX_MASK_ALL ||
	    !(dev->pci.config[PCI_MSIX] & PCI_MSIX_ENABLE))
		return;
	for (u32 i = 0; i < dev->num_vectors; i++) {
		if (!(dev->pending[i / 64] >> (i % 64) & 1) || dev->vectors[i].control & 1)
			continue;
		dev->pending[i / 64] &= ~(1ull << (i % 64));
		send_message(dev, i);
	}
}

/* The table, then the pending bits, which are read-only. */
static u32 msix_word(struct shmem_device *dev, u64 offset, bool write, u32 value)
{
	u32 pba = msix_pba(dev->num_vectors);
	u32 *word = (u32 *)dev->vectors + offset / 4;

	if (offset >= pba)
		return offset - pba < sizeof(dev->pending)
			       ? ((const u32 *)dev->pending)[(offset - pba) / 4]
			       : 0;
	if (write)
		*word = value & (offset % 16 == 12 ? 1 : ~0u);
	return *word;
}

/* 64-bit accesses are allowed (PCI Local Bus Specification 3.0, 6.8.2). */
static bool msix_access(void *device, u64 offset, struct access *a)
{
	struct shmem_device *dev = device;
	u64 value = 0;

	if (a->size >= 4 && !(offset & (a->size - 1))) {
		spin_lock(&dev->link->lock);
		for (u32 i = 0; i < a->size; i += 4)
			value |= (u64)msix_word(dev, offset + i, a->write, (u32)(a->value >> i * 8)) << i * 8;
		if (a->write)
			send_pending(dev);
		spin_unlock(&dev->link->lock);
	}
	a->value = value;
	return true;
}

static const mmio_handler bar_handlers[] = {registers_access, msix_access};

/* Without vectors there is no second one, whatever the descriptor says of it. */
static u32 bar_mask(const struct shmem_device *dev, u32 bar)
{
	return bar == CV_SHMEM_BAR_REGISTERS || dev->num_vectors ? dev->info->bar_mask[bar] : 0;
}

/* As command register and BARs say. link->lock held. */
static void decode_bars(struct shmem_device *dev)
{
	u32 *config = dev->pci.config;

	for (u32 i = 0; i < ARRAY_SIZE(bar_handlers); i++) {
		u32 mask = bar_mask(dev, i);

		if (!mask)
			continue;
		mmio_remove(dev->cell, bar_handlers[i], dev);
		if (dev->on && config[PCI_COMMAND] & PCI_COMMAND_MEMORY)
			mmio_add(dev->cell, config[PCI_BAR0 + i], -(u64)(s64)(s32)mask,
				 bar_handlers[i], dev);
	}
}

/* --- configuration space --- */

void shmem_config_write(struct shmem_device *dev, u32 word, u32 value, u32 mask)
{
	u32 *config = &dev->pci.config[word], old;

	spin_lock(&dev->link->lock);
	old = *config;
	mask &= dev->on ? dev->pci.writable[word] : 0;
	*config = (old & ~mask) | (value & mask);
	if (*config != old && (word == PCI_COMMAND || word == PCI_BAR0 || word == PCI_BAR1))
		decode_bars(dev);
	if (word == PCI_MSIX && dev->num_vectors)
		send_pending(dev);
	spin_unlock(&dev->link->lock);
}

static void init_vendor(struct shmem_device *dev)
{
	const struct cv_memory *r = parts_of(dev->cell->desc, dev->info);
	struct cv_shmem_cap cap = {
		.id = CV_SHMEM_CAP_ID,
		.next = dev->num_vectors ? PCI_MSIX * 4 : 0,
		.length = CV_SHMEM_CAP_LEN,
		.state_table_size = (u32)r[0].size,
		.rw_section_size = r[1].size,
		.output_section_size = r[2].size,
		.base_address = r[0].virt_start,
	};

	memcpy(&dev->pci.config[PCI_VENDOR], &cap, sizeof(cap));
	dev->pci.writable[PCI_VENDOR] = PCI_VENDOR_ONESHOT;
}

static void init_interrupts(struct shmem_device *dev)
{
	u32 *config = dev->pci.config, *writable = dev->pci.writable;

	writable[PCI_INT] = 0xff;
	if (!dev->num_vectors) {
		config[PCI_INT] = CV_SHMEM_INTX_PIN(dev->pci.bdf >> 3 & 31) << 8;
		return;
	}
	config[PCI_MSIX] = 0x11 | (dev->num_vectors - 1) << 16;
	config[PCI_MSIX + 1] = CV_SHMEM_BAR_MSIX; /* table at offset 0 of that BAR */
	config[PCI_MSIX + 2] = msix_pba(dev->num_vectors) | CV_SHMEM_BAR_MSIX;
	writable[PCI_MSIX] = PCI_MSIX_ENABLE | PCI_MSIX_MASK_ALL;
}

/* The function as it is after a reset; all else of the device follows it. */
static void init_config(struct shmem_device *dev)
{
	u32 *config = dev->pci.config, *writable = dev->pci.writable;

	memset(config, 0, sizeof(dev->pci.config));
	memset(writable, 0, sizeof(dev->pci.writable));
	config[PCI_ID] = config[PCI_SUB_ID] = CV_SHMEM_DEVICE_ID << 16 | CV_SHMEM_VENDOR_ID;
	config[PCI_COMMAND] = 1u << 20; /* status: capabilities */
	config[PCI_CLASS] = (u32)CV_SHMEM_BASE_CLASS << 24 | (u32)dev->info->shmem_protocol << 8;
	config[PCI_CAPS] = PCI_VENDOR * 4;
	writable[PCI_COMMAND] = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_NO_INT;
	for (u32 i = 0; i < 2; i++)
		writable[PCI_BAR0 + i] = bar_mask(dev, i);
	init_vendor(dev);
	init_interrupts(dev);
}

/* --- the life of a device --- */

static void reset(struct shmem_device *dev, bool on)
{
	spin_lock(&dev->link->lock);
	set_state(dev, 0);
	dev->on = on;
	init_config(dev);
	decode_bars(dev);
	dev->registers[SHMEM_INT] = 0;
	memset(dev->pending, 0, sizeof(dev->pending));
	for (u32 i = 0; i < dev->num_vectors; i++)
		dev->vectors[i] = (struct msix_vector){.control = 1};
	spin_unlock(&dev->link->lock);
}

void shmem_start(struct cell *cell)
{
	for (u32 i = 0; i < cell->num_shmem; i++)
		reset(&cell->shmem[i], true);
}

void shmem_come(struct cell *cell)
{
	for (u32 i = 0; i < cell->num_shmem; i++) {
		struct shmem_link *link = cell->shmem[i].link;

		for (u32 id = 0; link->users == 1 && id < link->num_peers; id++)
			write_table(link, id, 0);
	}
}

void shmem_stop(struct cell *cell)
{
	for (u32 i = 0; i < cell->num_shmem; i++)
		reset(&cell->shmem[i], false);
}

/* --- links --- */

static struct shmem_link *find_link(u16 bdf)
{
	struct shmem_link *link = hv.links;

	while (link && link->bdf != bdf)
		link = link->next;
	return link;
}

/* Virtio peers are a driver's and a device's side. */
static bool protocols_match(u16 a, u16 b)
{
	if (a >= CV_SHMEM_VIRTIO_FRONT && b >= CV_SHMEM_VIRTIO_FRONT)
		return (a ^ b) == (CV_SHMEM_VIRTIO_FRONT ^ CV_SHMEM_VIRTIO_BACK);
	return a == b;
}

/* 0, or why a device can't be a peer of another one. */
static int check_peer(const struct cv_cell_desc *d, const struct cv_pci_device *p,
		      const struct shmem_device *peer)
{
	const struct cv_memory *a = parts_of(d, p), *b = parts_of(peer->cell->desc, peer->info);

	if (p->shmem_peers != peer->info->shmem_peers ||
	    !protocols_match(p->shmem_protocol, peer->info->shmem_protocol))
		return -CV_EINVAL;
	for (u32 i = 0; i < 2u + p->shmem_peers; i++)
		if (a[i].size != b[i].size || (a[i].size && a[i].phys_start != b[i].phys_start))
			return -CV_EINVAL;
	return p->shmem_dev_id == peer->info->shmem_dev_id ? -CV_EBUSY : 0;
}

int shmem_check(const struct cv_cell_desc *d)
{
	int err = 0;

	for_each_pci_device(p, d) {
		const struct shmem_link *link = p->type == CV_PCI_SHMEM ? find_link(p->bdf) : NULL;

		for (u32 k = 0; link && k < link->num_peers && !err; k++)
			if (link->peers[k])
				err = check_peer(d, p, link->peers[k]);
	}
	return err;
}

static struct shmem_link *make_link(const struct shmem_device *dev)
{
	u64 phys = pages_alloc(1);
	struct shmem_link *link = phys_to_hv(phys);

	if (!phys)
		return NULL;
	link->bdf = dev->info->bdf;
	link->num_peers = dev->info->shmem_peers;
	link->table = parts_of(dev->cell->desc, dev->info)->phys_start;
	link->next = hv.links;
	hv.links = link;
	return link;
}

static int join(struct shmem_device *dev)
{
	struct shmem_link *link = find_link(dev->info->bdf) ?: make_link(dev);

	if (!link)
		return -CV_ENOMEM;
	spin_lock(&link->lock);
	dev->link = link;
	link->users++;
	link->peers[dev->info->shmem_dev_id] = dev;
	spin_unlock(&link->lock);
	return 0;
}

static void leave(struct shmem_device *dev)
{
	struct shmem_link *link = dev->link, **at = &hv.links;

	spin_lock(&link->lock);
	link->peers[dev->info->shmem_dev_id] = NULL;
	spin_unlock(&link->lock);
	if (--link->users)
		return;
	while (*at != link)
		at = &(*at)->next;
	*at = link->next;
	pages_free(hv_to_phys(link), 1);
}

/* --- the devices of a cell --- */

/* Pages for the devices, the tables of their vectors behind them. */
static u32 device_pages(const struct cv_cell_desc *d)
{
	u64 size = 0;

	for_each_pci_device(p, d)
		if (p->type == CV_PCI_SHMEM)
			size += sizeof(struct shmem_device) +
				p->num_msix_vectors * sizeof(struct msix_vector);
	return (u32)(ALIGN_UP(size, PAGE_SIZE) >> PAGE_SHIFT);
}

/* In the order of their bdf. */
static void insert(struct cell *cell, const struct cv_pci_device *info)
{
	struct shmem_device *dev = &cell->shmem[cell->num_shmem++];

	for (; dev != cell->shmem && dev[-1].info->bdf > info->bdf; dev--)
		*dev = dev[-1];
	*dev = (struct shmem_device){.cell = cell,
				     .info = info,
				     .pci.bdf = info->bdf,
				     .num_vectors = info->num_msix_vectors};
	dev->registers[SHMEM_ID] = info->shmem_dev_id;
	dev->registers[SHMEM_PEERS] = info->shmem_peers;
}

int shmem_init(struct cell *cell)
{
	u32 pages = device_pages(cell->desc);
	u64 phys = pages ? pages_alloc(pages) : 0;
	struct msix_vector *vectors;
	int err = 0;

	if (!phys)
		return pages ? -CV_ENOMEM : 0;
	cell->shmem = phys_to_hv(phys);
	for_each_pci_device(p, cell->desc)
		if (p->type == CV_PCI_SHMEM)
			insert(cell, p);
	vectors = (void *)(cell->shmem + cell->num_shmem);
	for (u32 i = 0; i < cell->num_shmem && !err; i++) {
		cell->shmem[i].vectors = vectors;
		vectors += cell->shmem[i].num_vectors;
		err = join(&cell->shmem[i]);
	}
	return err;
}

void shmem_exit(struct cell *cell)
{
	for (u32 i = 0; i < cell->num_shmem; i++)
		if (cell->shmem[i].link)
			leave(&cell->shmem[i]);
	if (cell->num_shmem)
		pages_free(hv_to_phys(cell->shmem), device_pages(cell->desc));
	cell->num_shmem = 0;
}
