// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who uses whose service: clocks, resets, power, pins, regulators, GPIOs, DMA channels ...
 *
 * A list of phandles, each followed by as many cells as the provider's #...-cells says. The
 * properties are those that Linux takes as supplier links (drivers/of/property.c).
 */
#include "host.h"

#include <libfdt.h>
#include <string.h>

#define LOOK_BACK 64 /* entries among which a provider is not listed twice */

struct service {
	const char *prop;  /* "*-supply": ends so; "pinctrl-#": and a number */
	const char *cells; /* NULL: phandles alone */
	enum provider_kind kind;
};

static const struct service services[] = {
	{"clocks", "#clock-cells", PROVIDES_CLOCK},
	{"assigned-clocks", "#clock-cells", PROVIDES_CLOCK},
	{"assigned-clock-parents", "#clock-cells", PROVIDES_CLOCK},
	{"resets", "#reset-cells", PROVIDES_RESET},
	{"power-domains", "#power-domain-cells", PROVIDES_POWER},
	{"pinctrl-#", NULL, PROVIDES_PINCTRL},
	{"*-supply", NULL, PROVIDES_REGULATOR},
	{"gpios", "#gpio-cells", PROVIDES_GPIO},
	{"gpio", "#gpio-cells", PROVIDES_GPIO},
	{"*-gpios", "#gpio-cells", PROVIDES_GPIO},
	{"*-gpio", "#gpio-cells", PROVIDES_GPIO},
	{"dmas", "#dma-cells", PROVIDES_DMA},
	{"phys", "#phy-cells", PROVIDES_PHY},
	{"phy-handle", NULL, PROVIDES_PHY},
	{"usb-phy", NULL, PROVIDES_PHY},
	{"mboxes", "#mbox-cells", PROVIDES_MAILBOX},
	{"interconnects", "#interconnect-cells", PROVIDES_OTHER},
	{"io-channels", "#io-channel-cells", PROVIDES_OTHER},
	{"thermal-sensors", "#thermal-sensor-cells", PROVIDES_OTHER},
	{"hwlocks", "#hwlock-cells", PROVIDES_OTHER},
	{"pwms", "#pwm-cells", PROVIDES_OTHER},
	{"sound-dai", "#sound-dai-cells", PROVIDES_OTHER},
	{"msi-parent", "#msi-cells", PROVIDES_OTHER},
	{"nvmem-cells", "#nvmem-cell-cells", PROVIDES_OTHER},
	{"extcon", NULL, PROVIDES_OTHER},
	{"memory-region", NULL, PROVIDES_OTHER},
	{"backlight", NULL, PROVIDES_OTHER},
	{"panel", NULL, PROVIDES_OTHER},
	{"leds", NULL, PROVIDES_OTHER},
};

static bool prop_is(const char *name, size_t len, const char *want)
{
	size_t w;

	if (want[0] != '*' && want[0] != name[0]) /* nearly always */
		return false;
	w = strlen(want);
	if (want[0] == '*')
		return len >= w && strcmp(name + len - (w - 1), want + 1) == 0;
	if (w && want[w - 1] == '#')
		return len > w - 1 && strncmp(name, want, w - 1) == 0 &&
		       strspn(name + w - 1, "0123456789") == len - (w - 1);
	return strcmp(name, want) == 0;
}

/* "nr-gpios" and the like are counts. */
static const struct service *service_of(const char *name)
{
	size_t len = strlen(name);

	if (len < 4 || name[0] == '#' || (len >= 8 && strcmp(name + len - 8, "nr-gpios") == 0))
		return NULL;
	for (u32 i = 0; i < ARRAY_SIZE(services); i++)
		if (prop_is(name, len, services[i].prop))
			return &services[i];
	return NULL;
}

/* What is known of the names of the tree's strings block, by their offset in it. */
struct names {
	const char *strings;
	size_t size;
	u8 *service; /* 0: not looked at; 1: none; else its index and 2 */
};

_Static_assert(ARRAY_SIZE(services) < 254, "struct names counts them in a byte");

/* service_of, asked once a name: of a tree's properties most have one of few names. */
static const struct service *service_by_name(struct names *names, const char *name)
{
	size_t offset = (size_t)(name - names->strings);
	u8 *known;

	if (offset >= names->size) /* version 16 does not bind names to the block */
		return service_of(name);
	known = &names->service[offset];
	if (!*known) {
		const struct service *s = service_of(name);

		*known = s ? (u8)(s - services + 2) : 1;
	}
	return *known == 1 ? NULL : &services[*known - 2];
}

/* Pins are named by a node that describes them: the provider is the controller above. */
static struct node *provider_of(struct node *n, enum provider_kind kind)
{
	struct node *at = n;

	if (kind != PROVIDES_PINCTRL)
		return n;
	while (at->parent && !at->compatible)
		at = at->parent;
	return at->parent ? at : n;
}

static void add_provider(struct host *h, struct node *n, struct node *to, const struct service *s,
			 const char *prop)
{
	size_t i = n->providers.n > LOOK_BACK ? n->providers.n - LOOK_BACK : 0;

	to = provider_of(to, s->kind);
	for (; i < n->providers.n; i++)
		if (n->providers.v[i].node == to && n->providers.v[i].prop == prop)
			return;
	*vec_push(h->c->arena, &n->providers) =
		(struct provider){s->kind, to, prop, node_origin(h, n, prop)};
}

static void read_service(struct host *h, struct node *n, const struct prop *p,
			 const struct service *s)
{
	struct cells cells = {p->data, p->len / 4};

	for (u32 at = 0; at < cells.n && host_spend(h);) {
		u32 phandle = cell_at(cells, at++), width;
		struct node *to = machine_node_by_phandle(h->m, phandle);

		if (phandle == 0 || phandle == ~0u)
			continue; /* an entry left empty */
		if (!to)
			return;
		width = s->cells ? node_cell(to, s->cells, 0, 0) : 0;
		add_provider(h, n, to, s, p->name);
		if (width > cells.n - at)
			return;
		at += width;
	}
}

void providers_read(struct host *h)
{
	struct names names = {walk_start(h->m->fdt).strings, fdt_size_dt_strings(h->m->fdt), NULL};

	names.service = arena_alloc(h->c->arena, names.size);
	for (size_t i = 1; i < h->m->nodes.n; i++) {
		struct node *n = h->m->nodes.v[i];

		for (u32 k = 0; k < n->n_props; k++) {
			const struct service *s = service_by_name(&names, n->props[k].name);

			if (s && !h->exhausted)
				read_service(h, n, &n->props[k], s);
		}
	}
}
