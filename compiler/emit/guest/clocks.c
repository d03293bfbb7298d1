// SPDX-License-Identifier: GPL-2.0-only
/*
 * Clocks of the guest's devices.
 *
 * A clock controller stays with root unless the cell owns it, so the guest sees each of its
 * outputs as a fixed-clock of the rate that the host's tree states; where it states none, of a
 * default, which is reported.
 */
#include "guest.h"

#include <libfdt.h>
#include <string.h>

#define DEFAULT_RATE 100000000u
#define MAX_DEPTH    8 /* of fixed-factor clocks */

static bool rate_of(struct guest *g, const struct node *clk, const void *spec, u32 n_spec,
		    u32 depth, u64 *rate);

static const struct dt_prop *host_prop(struct guest *g, const struct node *n, const char *name,
				       struct dt_prop *p)
{
	u32 len;
	const void *data = guest_host_get(g, n, name, &len);

	*p = (struct dt_prop){.name = name, .data = data, .len = len};
	return data ? p : NULL;
}

static bool same_output(const struct guest_ref *ref, const struct node *clk, const void *spec,
			u32 n_spec)
{
	return ref->provider == clk && ref->n_spec == n_spec &&
	       (!n_spec || memcmp(ref->spec, spec, 4 * n_spec) == 0);
}

/* Searches one node's assigned-clocks for the output. */
static bool assigned_here(struct guest *g, const struct node *n, const struct node *clk,
			  const void *spec, u32 n_spec, u64 *rate)
{
	struct dt_prop clocks, rates;
	struct guest_ref ref;
	u32 off = 0;

	if (!host_prop(g, n, "assigned-clock-rates", &rates) ||
	    !host_prop(g, n, "assigned-clocks", &clocks))
		return false;
	for (u32 i = 0; guest_next_ref(g, &clocks, "#clock-cells", &off, &ref); i++) {
		if (4 * i + 4 > rates.len)
			return false;
		*rate = dt_read((const u8 *)rates.data + 4 * i, 1);
		if (*rate && same_output(&ref, clk, spec, n_spec))
			return true;
	}
	return false;
}

static bool assigned_rate(struct guest *g, const struct node *clk, const void *spec, u32 n_spec,
			  u64 *rate)
{
	struct node **n;

	vec_each(n, &g->mach->nodes)
		if (assigned_here(g, *n, clk, spec, n_spec, rate))
			return true;
	return false;
}

static bool factor_rate(struct guest *g, const struct node *clk, u32 depth, u64 *rate)
{
	u32 div = guest_host_u32(g, clk, "clock-div", 0);
	u32 mult = guest_host_u32(g, clk, "clock-mult", 0);
	struct guest_ref ref;
	struct dt_prop p;
	u32 off = 0;

	if (!div || !host_prop(g, clk, "clocks", &p) ||
	    !guest_next_ref(g, &p, "#clock-cells", &off, &ref) || !ref.provider ||
	    !rate_of(g, ref.provider, ref.spec, ref.n_spec, depth + 1, rate))
		return false;
	*rate = *rate / div * mult + *rate % div * mult / div;
	return true;
}

static bool rate_of(struct guest *g, const struct node *clk, const void *spec, u32 n_spec,
		    u32 depth, u64 *rate)
{
	if (depth > MAX_DEPTH)
		return false;
	if (node_is_compatible(g->mach, clk, "fixed-factor-clock"))
		return factor_rate(g, clk, depth, rate);
	if (!n_spec) {
		*rate = guest_host_u32(g, clk, "clock-frequency", 0);
		if (*rate)
			return true;
	}
	return assigned_rate(g, clk, spec, n_spec, rate);
}

/* For a UART clock-frequency is the rate of its first clock; elsewhere it is something else. */
static bool uart_rate(struct guest *g, const struct dt_node *n, u64 *rate)
{
	if (strncmp(n->host->name, "serial", 6) != 0 && strncmp(n->host->name, "uart", 4) != 0)
		return false;
	*rate = guest_host_u32(g, n->host, "clock-frequency", 0);
	return *rate != 0;
}

/* "clock-controller" for clock-controller@1234, with the specifier: "clock-controller-57" */
static const char *output_name(struct guest *g, const struct guest_ref *ref)
{
	struct buf b;

	buf_init(&b, g->a);
	buf_add(&b, ref->provider->name, strcspn(ref->provider->name, "@"));
	for (u32 i = 0; i < ref->n_spec; i++)
		buf_printf(&b, "-%u", (u32)dt_read((const u8 *)ref->spec + 4 * i, 1));
	return b.data;
}

static void add_fixed_clock(struct guest *g, struct guest_clock *clk)
{
	const char *node_name = arena_printf(g->a, "clock-%zu", g->clocks.n - 1);

	clk->node = dt_node_new(g->a, g->root, node_name);
	dt_set_string(g->a, clk->node, "compatible", "fixed-clock");
	dt_set_u32(g->a, clk->node, "#clock-cells", 0);
	dt_set_u32(g->a, clk->node, "clock-frequency", (u32)clk->rate);
	dt_set_string(g->a, clk->node, "clock-output-names", clk->name);
	guest_phandle(g, clk->node);
}

static struct guest_clock *output(struct guest *g, const struct dt_node *user, u32 index,
				  const struct guest_ref *ref)
{
	struct guest_clock *clk;

	vec_each(clk, &g->clocks)
		if (same_output(ref, clk->provider, clk->spec, clk->n_spec))
			return clk;
	clk = vec_push(g->a, &g->clocks);
	*clk = (struct guest_clock){.provider = ref->provider,
				    .spec = ref->spec,
				    .n_spec = ref->n_spec,
				    .rate = DEFAULT_RATE};
	clk->known = rate_of(g, ref->provider, ref->spec, ref->n_spec, 0, &clk->rate) ||
		     (index == 0 && uart_rate(g, user, &clk->rate));
	if (!clk->known || clk->rate > UINT32_MAX)
		clk->rate = DEFAULT_RATE;
	clk->name = output_name(g, ref);
	add_fixed_clock(g, clk);
	return clk;
}

/* Names the clock once a device, however often the device takes it. */
static void note_guess(struct guest *g, struct dt_node *n, const struct guest_clock *clk)
{
	struct guest_losses *l = guest_losses(g, n);

	for (size_t i = 0; i < l->guessed.n; i++)
		if (strcmp(l->guessed.v[i], clk->name) == 0)
			return;
	*vec_push(g->a, &l->guessed) = clk->name;
}

void guest_clocks(struct guest *g, struct dt_node *n, const struct dt_prop *p)
{
	struct dt_cells cells = {.arena = g->a};
	struct guest_ref ref;
	u32 off = 0;

	for (u32 i = 0; guest_next_ref(g, p, "#clock-cells", &off, &ref); i++) {
		struct dt_node *kept = ref.provider ? guest_kept(g, ref.provider) : NULL;
		struct guest_clock *clk;

		if (!ref.provider) {
			dt_cell(&cells, 0);
			continue;
		}
		if (kept && kept->owned && node_prop(ref.provider, "#clock-cells")) {
			dt_cell(&cells, ref.phandle);
			for (u32 k = 0; k < ref.n_spec; k++)
				dt_cell(&cells, (u32)dt_read((const u8 *)ref.spec + 4 * k, 1));
			continue;
		}
		clk = output(g, n, i, &ref);
		dt_cell(&cells, clk->node->phandle);
		if (!clk->known)
			note_guess(g, n, clk);
	}
	if (cells.v.n)
		dt_set_cells(g->a, n, p->name, &cells);
}
