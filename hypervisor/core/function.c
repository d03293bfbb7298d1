// SPDX-License-Identifier: GPL-2.0-only
/*
 * PCI functions of the machine: what their owners may read and write of configuration space.
 *
 * A table holds those that root's descriptor lists; a function is root's or the cell's that has it.
 * All others are root's, untouched. Their BARs stay where they were when the hypervisor came: an
 * owner reads back what it wrote, so that it can size them, and they are put in their places
 * before a function may decode (a reset moves them). On its way to another owner, and when its cell
 * stops, a function wakes and loses bus mastering, INTx and messages. hv.pci_lock guards all of it, from
 * finding the owner until an access is done.
 */
#include "arch.h"
#include "pci.h"

#define REG_COMMAND  0x04u
#define REG_CACHE    0x0cu /* cache line size, latency timer */
#define REG_BARS     0x10u
#define REG_ROM	     0x30u
#define REG_CAPS     0x34u
#define REG_LINE     0x3cu /* what software knows of its interrupt */
#define REG_DEVICE   0x40u /* from here on: capabilities */
#define REG_EXTENDED 0x100u
#define NUM_BARS     6u

#define CAP_POWER 0x01u
#define CAP_MSI	  0x05u
#define CAP_MSIX  0x11u

struct function {
	struct cell *owner;
	const struct cv_pci_device *own, *roots; /* the owner's record, and root's */
	u32 home[NUM_BARS];			 /* BARs as they are */
	u32 bars[NUM_BARS];			 /* and as the owner sees them */
};

static u32 get(const struct function *f, u32 reg)
{
	return pci_perform((u32)f->own->bdf << PCI_FN_SHIFT | reg, 4, false, 0);
}

static void put(const struct function *f, u32 reg, u32 size, u32 value)
{
	pci_perform((u32)f->own->bdf << PCI_FN_SHIFT | reg, size, true, value);
}

static struct function *function_at(u32 bdf)
{
	for (u32 i = 0; i < hv.num_functions; i++)
		if (hv.functions[i].roots->bdf == bdf)
			return &hv.functions[i];
	return NULL;
}

bool function_may_go(const struct cv_pci_device *p)
{
	const struct function *f = function_at(p->bdf);

	return !pci_is_real() ||
	       (f && f->roots->domain == p->domain && p->type == CV_PCI_DEVICE);
}

/* --- capabilities --- */

/* The next in the list: *at is where, 0 before the first and behind the last. Its id. */
static u32 next_cap(const struct function *f, bool extended, u32 *at)
{
	u32 head;

	if (extended)
		*at = *at ? get(f, *at) >> 20 & 0xffc : REG_EXTENDED;
	else
		*at = (*at ? get(f, *at) >> 8 : get(f, REG_CAPS)) & 0xfc;
	head = *at ? get(f, *at) : 0;
	return extended ? head & 0xffff : head & 0xff;
}

/*
 * What no cell writes, whatever its descriptor says: what sends messages (MSI, MSI-X), what moves or
 * resizes BARs (EA, resizable BARs, SR-IOV and its resizable BARs), what passes by an IOMMU or
 * rules over other functions (ACS, ATS, MR-IOV, page requests, PASID). PCI Code and ID Assignment
 * Specification, sections 2 and 3.
 */
static bool is_forbidden(u32 id, bool extended)
{
	u64 ids = extended ? BIT(0x0d) | BIT(0x0f) | BIT(0x10) | BIT(0x11) | BIT(0x13) | BIT(0x15) |
				     BIT(0x1b) | BIT(0x24)
			   : BIT(CAP_MSI) | BIT(CAP_MSIX) | BIT(0x14);

	return id < 64 && ids >> id & 1;
}

#define CAPS_MAX 256 /* a list that bites its tail ends too */

/* By the function's own list, which a descriptor may have wrong. */
static bool is_free(const struct function *f, u32 reg)
{
	bool extended = reg >= REG_EXTENDED, found = false;
	u32 at = 0, last = 0;

	for (u32 n = 0; n < CAPS_MAX; n++) {
		u32 id = next_cap(f, extended, &at);

		if (!at)
			break;
		if (at <= reg && at >= last) {
			last = at;
			found = !is_forbidden(id, extended);
		}
	}
	return found;
}

static bool in_writable_cap(const struct function *f, u32 reg)
{
	const struct cv_pci_capability *c = desc_array(f->owner->desc, DESC_PCI_CAPS);

	c += f->own->caps_start;
	for (u32 i = 0; i < f->own->num_caps; i++)
		if (c[i].flags & CV_PCI_CAP_WRITABLE && reg - c[i].start < c[i].len)
			return is_free(f, reg);
	return false;
}

/* --- changing hands --- */

static void put_home(struct function *f)
{
	for (u32 i = 0; i < NUM_BARS; i++)
		put(f, REG_BARS + 4 * i, 4, f->home[i]);
}

static void quiet(struct function *f)
{
	u32 at = 0, id;

	put(f, REG_COMMAND, 2, (get(f, REG_COMMAND) & ~PCI_COMMAND_MASTER) | PCI_COMMAND_NO_INT);
	for (u32 n = 0; n < CAPS_MAX; n++) {
		id = next_cap(f, false, &at);
		if (!at)
			break;
		if (id == CAP_POWER) /* D0: PCI Bus Power Management Interface 1.2, 3.2.4 */
			put(f, at + 4, 2, get(f, at + 4) & 0x7ffcu);
		else if (id == CAP_MSI)
			put(f, at + 2, 2, get(f, at) >> 16 & ~1u);
		else if (id == CAP_MSIX)
			put(f, at + 2, 2, get(f, at) >> 16 & ~(PCI_MSIX_ENABLE >> 16));
	}
	memcpy(f->bars, f->home, sizeof(f->bars));
}

void functions_move(struct cell *cell, struct cell *to)
{
	for_each_pci_device(p, cell->desc) {
		struct function *f = p->type == CV_PCI_DEVICE ? function_at(p->bdf) : NULL;

		if (!f)
			continue;
		spin_lock(&hv.pci_lock);
		f->owner = to;
		f->own = to == cell ? p : f->roots;
		quiet(f);
		spin_unlock(&hv.pci_lock);
	}
}

void functions_quiet(struct cell *cell)
{
	spin_lock(&hv.pci_lock);
	for (u32 i = 0; i < hv.num_functions; i++)
		if (hv.functions[i].owner == cell)
			quiet(&hv.functions[i]);
	spin_unlock(&hv.pci_lock);
}

/* --- accesses --- */

static bool may_write(const struct function *f, u32 reg)
{
	if (f->owner == &hv.root && f->own->type == CV_PCI_BRIDGE)
		return reg - REG_BARS >= REG_DEVICE - REG_BARS; /* windows stay, buses too */
	if (f->owner == &hv.root)
		return reg - REG_ROM >= 4;
	return reg - REG_COMMAND < 4 || reg - REG_CACHE < 2 || reg == REG_LINE ||
	       (reg >= REG_DEVICE && in_writable_cap(f, reg));
}

/* A part that may be written is, by bytes. */
static void write_allowed(struct function *f, u32 reg, u32 size, u32 value)
{
	u32 allowed = 0;

	for (u32 i = 0; i < size; i++)
		allowed |= (u32)may_write(f, reg + i) << i;
	if ((reg & ~3u) == REG_COMMAND && f->own->type == CV_PCI_DEVICE)
		put_home(f);
	if (allowed == (1u << size) - 1) {
		put(f, reg, size, value);
		return;
	}
	for (u32 i = 0; i < size; i++)
		if (allowed >> i & 1)
			put(f, reg + i, 1, value >> (i * 8) & 0xff);
}

/* The function's own register as long as it says what it should: a reset is seen, and undone. */
static void bar_access(struct function *f, u32 reg, u32 mask, struct access *a)
{
	u32 i = (reg - REG_BARS) / 4, shift = (reg & 3) * 8;
	u32 bits = mask << shift & f->own->bar_mask[i];

	if (a->write)
		f->bars[i] = (f->bars[i] & ~bits) | ((u32)a->value << shift & bits);
	if (a->write && f->bars[i] == f->home[i])
		put(f, REG_BARS + 4 * i, 4, f->home[i]);
	else if (!a->write)
		a->value = (f->bars[i] == f->home[i] ? get(f, REG_BARS + 4 * i) : f->bars[i]) >>
				   shift & mask;
}

void function_access(struct cell *cell, u32 place, u32 mask, struct access *a)
{
	u32 reg = place & PCI_REG_MASK;
	struct function *f;

	spin_lock(&hv.pci_lock);
	f = function_at(place >> PCI_FN_SHIFT);
	if (f ? f->owner != cell || cell->parked : cell != &hv.root || !pci_is_real())
		a->value = mask;
	else if (f && f->own->type == CV_PCI_DEVICE && reg - REG_BARS < NUM_BARS * 4)
		bar_access(f, reg, mask, a);
	else if (!a->write)
		a->value = pci_perform(place, a->size, false, 0);
	else if (f)
		write_allowed(f, reg, a->size, (u32)a->value);
	else
		pci_perform(place, a->size, true, (u32)a->value);
	spin_unlock(&hv.pci_lock);
}

/* --- the table --- */

static bool is_listed(const struct cv_pci_device *p)
{
	u32 domain = hv.system->pci_domain == CV_PCI_DOMAIN_ANY ? 0 : hv.system->pci_domain;

	return p->type != CV_PCI_SHMEM && p->domain == domain &&
	       p->bdf >> 8 <= hv.system->pci_mmconfig_end_bus;
}

static void add(const struct cv_pci_device *p)
{
	struct function *f = &hv.functions[hv.num_functions++];

	*f = (struct function){.owner = &hv.root, .own = p, .roots = p};
	for (u32 i = 0; i < NUM_BARS; i++)
		f->home[i] = f->bars[i] = get(f, REG_BARS + 4 * i);
}

int functions_init(void)
{
	const struct cv_cell_desc *d = hv.root.desc;
	u64 size = ALIGN_UP(d->num_pci_devices * sizeof(struct function), PAGE_SIZE), phys;

	if (!pci_is_real() || !size)
		return 0;
	phys = pages_alloc((u32)(size >> PAGE_SHIFT));
	if (!phys)
		return -CV_ENOMEM;
	hv.functions = phys_to_hv(phys);
	for_each_pci_device(p, d)
		if (is_listed(p))
			add(p);
	return 0;
}
