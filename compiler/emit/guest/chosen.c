// SPDX-License-Identifier: GPL-2.0-only
/*
 * Aliases and chosen of the guest's tree.
 *
 * Devices keep the numbers that the host gives them (serial1 stays serial1). The loader adds the
 * place of the initial RAM disk.
 */
#include "guest.h"

#include <libfdt.h>
#include <string.h>

static const char *stdout_options(struct guest *g, const struct node *console)
{
	const struct node *chosen = machine_node_by_path(g->mach, "/chosen");
	const char *path, *options = NULL;
	int len;

	if (g->mach->stdout_node != console)
		return "";
	path = chosen ? fdt_getprop(g->fdt, chosen->offset, "stdout-path", &len) : NULL;
	if (path && len > 0 && memchr(path, 0, (size_t)len))
		options = strchr(path, ':');
	return options ? options : "";
}

static void add_alias(struct guest *g, const char *name, const char *path)
{
	struct node *host = machine_node_by_path(g->mach, path);
	struct dt_node *n = host ? guest_kept(g, host) : NULL;

	if (n && n->owned)
		dt_set_string(g->a, g->aliases, name, dt_path(g->a, n));
}

static void copy_aliases(struct guest *g)
{
	const struct node *aliases = machine_node_by_path(g->mach, "/aliases");
	int prop;

	if (!aliases)
		return;
	fdt_for_each_property_offset(prop, g->fdt, aliases->offset)
	{
		const char *name;
		int len;
		const char *path = fdt_getprop_by_offset(g->fdt, prop, &name, &len);

		/* Devicetree Specification 3.3 allows no other characters in an alias */
		if (path && len > 1 && path[0] == '/' && !path[len - 1] &&
		    !name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-")])
			add_alias(g, name, path);
	}
}

static void drop_node(struct dt_node *n)
{
	struct dt_node *parent = n->parent;
	size_t i = 0;

	while (parent->children.v[i] != n)
		i++;
	memmove(&parent->children.v[i], &parent->children.v[i + 1],
		(parent->children.n - i - 1) * sizeof(parent->children.v[0]));
	parent->children.n--;
}

void guest_chosen(struct guest *g)
{
	struct node *console = g->cell->console.node;
	struct dt_node *n = g->fdt && console ? guest_kept(g, console) : NULL;

	if (g->fdt)
		copy_aliases(g);
	if (!g->aliases->props.n)
		drop_node(g->aliases);
	if (g->cell->boot.cmdline)
		dt_set_string(g->a, g->chosen, "bootargs", g->cell->boot.cmdline);
	if (n && n->owned)
		dt_set_string(
			g->a, g->chosen, "stdout-path",
			arena_printf(g->a, "%s%s", dt_path(g->a, n), stdout_options(g, console)));
	if (g->console)
		dt_set_string(g->a, g->chosen, "stdout-path", dt_path(g->a, g->console));
}
