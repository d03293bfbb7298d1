// SPDX-License-Identifier: GPL-2.0-only
/*
 * Properties that refer to other nodes.
 *
 * A reference to a node that the cell has stays as it is. One to a node that stays with root goes,
 * with its name; whether the device can do without it decides how it is reported.
 */
#include "guest.h"

#include <libfdt.h>
#include <string.h>

enum loss {
	LOSS_NONE,    /* nothing that a guest could use, the hypervisor's business for instance */
	LOSS_DROPPED, /* root or the firmware has set it up: noted in the report */
	LOSS_LOST,    /* the device may not work: a warning */
};

struct ref_kind {
	const char *prop;  /* a '*' first or last matches anything */
	const char *cells; /* property of the provider that tells the number of cells; NULL: none */
	const char *names; /* companion list, or NULL */
	enum loss loss;
};

static const struct ref_kind kinds[] = {
	{"resets", "#reset-cells", "reset-names", LOSS_DROPPED},
	{"power-domains", "#power-domain-cells", "power-domain-names", LOSS_DROPPED},
	{"iommus", "#iommu-cells", NULL, LOSS_NONE},
	{"interconnects", "#interconnect-cells", "interconnect-names", LOSS_DROPPED},
	{"operating-points-v2", NULL, NULL, LOSS_DROPPED},
	{"thermal-sensors", "#thermal-sensor-cells", NULL, LOSS_LOST},
	{"cooling-device", "#cooling-cells", NULL, LOSS_DROPPED},
	{"msi-parent", "#msi-cells", NULL, LOSS_DROPPED},
	{"dmas", "#dma-cells", "dma-names", LOSS_LOST},
	{"mboxes", "#mbox-cells", "mbox-names", LOSS_LOST},
	{"phys", "#phy-cells", "phy-names", LOSS_LOST},
	{"usb-phy", NULL, NULL, LOSS_LOST},
	{"pwms", "#pwm-cells", "pwm-names", LOSS_LOST},
	{"io-channels", "#io-channel-cells", "io-channel-names", LOSS_LOST},
	{"mux-controls", "#mux-control-cells", "mux-control-names", LOSS_LOST},
	{"hwlocks", "#hwlock-cells", "hwlock-names", LOSS_LOST},
	{"nvmem-cells", "#nvmem-cell-cells", "nvmem-cell-names", LOSS_LOST},
	{"nvmem", NULL, "nvmem-names", LOSS_LOST},
	{"sound-dai", "#sound-dai-cells", NULL, LOSS_LOST},
	{"memory-region", NULL, "memory-region-names", LOSS_LOST},
	{"phy-handle", NULL, NULL, LOSS_LOST},
	{"phy", NULL, NULL, LOSS_LOST},
	{"phy-device", NULL, NULL, LOSS_LOST},
	{"pcs-handle", NULL, "pcs-handle-names", LOSS_LOST},
	{"pcs", NULL, NULL, LOSS_LOST},
	{"sfp", NULL, NULL, LOSS_LOST},
	{"mmc-pwrseq", NULL, NULL, LOSS_LOST},
	{"i2c-bus", NULL, NULL, LOSS_LOST},
	{"ddc-i2c-bus", NULL, NULL, LOSS_LOST},
	{"i2c-parent", NULL, NULL, LOSS_LOST},
	{"mdio-parent-bus", NULL, NULL, LOSS_LOST},
	{"backlight", NULL, NULL, LOSS_LOST},
	{"panel", NULL, NULL, LOSS_LOST},
	{"leds", NULL, NULL, LOSS_LOST},
	{"extcon", NULL, NULL, LOSS_LOST},
	{"syscon", NULL, NULL, LOSS_LOST},
	{"remote-endpoint", NULL, NULL, LOSS_LOST},
	{"next-level-cache", NULL, NULL, LOSS_NONE},
	{"access-controllers", "#access-controller-cells", "access-controller-names", LOSS_NONE},
	{"*-supply", NULL, NULL, LOSS_LOST},
	{"*-gpios", "#gpio-cells", NULL, LOSS_LOST},
	{"*-gpio", "#gpio-cells", NULL, LOSS_LOST},
	{"gpios", "#gpio-cells", NULL, LOSS_LOST},
	{"gpio", "#gpio-cells", NULL, LOSS_LOST},
	{"pinctrl-*", NULL, NULL, LOSS_DROPPED},
};

/* Of the form "<phandle> cells" without being references, or references with no providers. */
static bool never_a_reference(const char *name)
{
	size_t len = strlen(name);

	return strcmp(name, "pinctrl-names") == 0 ||
	       (len >= 8 && strcmp(name + len - 8, "nr-gpios") == 0);
}

static bool matches(const char *pattern, const char *name)
{
	size_t len = strlen(pattern), name_len = strlen(name);

	if (pattern[0] == '*')
		return name_len >= len && strcmp(name + name_len - (len - 1), pattern + 1) == 0;
	if (pattern[len - 1] == '*')
		return strncmp(name, pattern, len - 1) == 0;
	return strcmp(name, pattern) == 0;
}

static const struct ref_kind *kind_of(const char *name)
{
	if (never_a_reference(name))
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (matches(kinds[i].prop, name))
			return &kinds[i];
	return NULL;
}

bool guest_next_ref(struct guest *g, const struct dt_prop *p, const char *cells_prop, u32 *off,
		    struct guest_ref *ref)
{
	const u8 *data = p->data;

	if (*off >= p->len || p->len - *off < 4)
		return false;
	*ref = (struct guest_ref){.phandle = (u32)dt_read(data + *off, 1)};
	*off += 4;
	ref->spec = data + *off;
	if (!ref->phandle)
		return true;
	ref->provider = machine_node_by_phandle(g->mach, ref->phandle);
	if (ref->provider && cells_prop)
		ref->n_spec = guest_host_u32(g, ref->provider, cells_prop, 0);
	if (!ref->provider || ref->n_spec > (p->len - *off) / 4) {
		*off = UINT32_MAX;
		return false;
	}
	*off += 4 * ref->n_spec;
	return true;
}

/* The n-th string of a list of the host's node, or NULL. */
static const char *list_string(struct guest *g, const struct dt_node *n, const char *prop, u32 i)
{
	return prop ? fdt_stringlist_get(g->fdt, n->host->offset, prop, (int)i, NULL) : NULL;
}

static void add_ref(struct dt_cells *cells, u32 phandle, const struct guest_ref *ref)
{
	dt_cell(cells, phandle);
	for (u32 i = 0; i < ref->n_spec; i++)
		dt_cell(cells, (u32)dt_read((const u8 *)ref->spec + 4 * i, 1));
}

/* The node that answers a reference in the guest, or NULL if it stays with root. */
static struct dt_node *answer(struct guest *g, struct node *provider)
{
	struct dt_node *n = guest_kept(g, provider);

	if (n && (n->owned || n == g->gic))
		return n;
	return guest_copy_facts(g, provider);
}

static void note_loss(struct guest *g, struct dt_node *n, const char *name, enum loss loss)
{
	if (loss == LOSS_DROPPED)
		*vec_push(g->a, &guest_losses(g, n)->dropped) = name;
	else if (loss == LOSS_LOST)
		*vec_push(g->a, &guest_losses(g, n)->lost) = name;
}

/* Copies the entries that the guest can answer and their names; true if none was left out. */
static bool filter(struct guest *g, struct dt_node *n, const struct dt_prop *p,
		   const struct ref_kind *kind)
{
	struct dt_cells cells = {.arena = g->a};
	struct guest_ref ref;
	struct buf names;
	u32 off = 0, i = 0, kept = 0;

	buf_init(&names, g->a);
	for (; guest_next_ref(g, p, kind->cells, &off, &ref); i++) {
		const char *name = list_string(g, n, kind->names, i);
		struct dt_node *to = ref.provider ? answer(g, ref.provider) : NULL;

		if (ref.provider && !to)
			continue;
		add_ref(&cells, to ? guest_phandle(g, to) : 0, &ref);
		if (name)
			buf_add(&names, name, strlen(name) + 1);
		kept += to != NULL;
	}
	if (kept) {
		dt_set_cells(g->a, n, p->name, &cells);
		if (names.len)
			dt_set(g->a, n, kind->names, names.data, names.len);
	}
	return off <= p->len && kept && kept == i;
}

/* Pin settings hang together by number: all states are kept or none. */
static void pinctrl(struct guest *g, struct dt_node *n, const struct dt_prop *p)
{
	struct guest_ref ref;
	u32 off = 0;
	bool ours = true;
	const char *names;
	int len;

	if (strcmp(p->name, "pinctrl-0") != 0) {
		if (dt_get(n, "pinctrl-0"))
			dt_set(g->a, n, p->name, p->data, p->len);
		return;
	}
	while (guest_next_ref(g, p, NULL, &off, &ref)) {
		struct dt_node *to = ref.provider ? guest_kept(g, ref.provider) : NULL;

		ours &= to && to->owned;
	}
	if (!ours) {
		note_loss(g, n, "pinctrl-0", LOSS_DROPPED);
		return;
	}
	dt_set(g->a, n, p->name, p->data, p->len);
	names = fdt_getprop(g->fdt, n->host->offset, "pinctrl-names", &len);
	if (names)
		dt_set(g->a, n, "pinctrl-names", names, (size_t)len);
}

/* Names lists are written together with what they name. */
static bool is_companion(struct guest *g, const struct dt_node *n, const char *name)
{
	if (strcmp(name, "pinctrl-names") == 0)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].names && strcmp(kinds[i].names, name) == 0)
			return fdt_getprop(g->fdt, n->host->offset, kinds[i].prop, NULL);
	return false;
}

bool guest_reference(struct guest *g, struct dt_node *n, const struct dt_prop *p)
{
	const struct ref_kind *kind = kind_of(p->name);

	if (is_companion(g, n, p->name))
		return true;
	if (!kind || !p->len || p->len % 4)
		return false;
	if (kind == &kinds[ARRAY_SIZE(kinds) - 1])
		pinctrl(g, n, p);
	else if (!filter(g, n, p, kind))
		note_loss(g, n, p->name, kind->loss);
	return true;
}
