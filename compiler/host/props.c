// SPDX-License-Identifier: GPL-2.0-only
/*
 * Properties of nodes as cells and strings, with findings about malformed ones.
 */
#include "host.h"

#include <stdlib.h>
#include <string.h>

#define MAX_MALFORMED 64 /* findings per tree; more of them help nobody */

/* Of names; those of the specification have 31 characters at most. */
#define NAME_MAX_COMPARED 64

/* By name, equal ones in the order of the tree: both are pointers into n->props. */
static int compare_props(const void *a, const void *b)
{
	const struct prop *x = *(const struct prop *const *)a, *y = *(const struct prop *const *)b;
	int order = strncmp(x->name, y->name, NAME_MAX_COMPARED);

	return order ? order : (x > y) - (x < y);
}

void props_sort(struct host *h, struct node *n)
{
	n->by_name = arena_alloc(h->c->arena, n->n_props * sizeof(*n->by_name));
	for (u32 i = 0; i < n->n_props; i++)
		n->by_name[i] = &n->props[i];
	qsort(n->by_name, n->n_props, sizeof(*n->by_name), compare_props);
}

static const struct prop *find_sorted(const struct node *n, const char *name)
{
	u32 low = 0, high = n->n_props;

	while (low < high) {
		u32 middle = low + (high - low) / 2;

		if (strncmp(n->by_name[middle]->name, name, NAME_MAX_COMPARED) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < n->n_props && strcmp(n->by_name[low]->name, name) == 0 ? n->by_name[low]
									    : NULL;
}

const struct prop *node_prop(const struct node *n, const char *name)
{
	if (n->by_name)
		return find_sorted(n, name);
	for (u32 i = 0; i < n->n_props; i++)
		if (n->props[i].name[0] == name[0] && strcmp(n->props[i].name, name) == 0)
			return &n->props[i];
	return NULL;
}

u32 node_cell(const struct node *n, const char *name, u32 i, u32 otherwise)
{
	const struct prop *p = node_prop(n, name);

	if (!p || p->len / 4 <= i)
		return otherwise;
	return cell_at((struct cells){p->data, p->len / 4}, i);
}

/* The string of a list that lies i strings behind s, or NULL; what has no NUL is none. */
static const char *string_at(const char *s, const char *end, u32 i)
{
	while (s < end) {
		const char *nul = memchr(s, 0, (size_t)(end - s));

		if (!nul)
			return NULL;
		if (!i--)
			return s;
		s = nul + 1;
	}
	return NULL;
}

const char *node_string(const struct node *n, const char *name, u32 i)
{
	const struct prop *p = node_prop(n, name);
	const char *s = p ? (const char *)p->data : NULL;

	return p ? string_at(s, s + p->len, i) : NULL;
}

const char *node_compatible(const struct node *n, const char *last)
{
	if (!n->compatible || !last)
		return n->compatible;
	return string_at(last + strlen(last) + 1, n->compatible + n->compatible_len, 0);
}

bool node_is_compatible(const struct machine *m, const struct node *n, const char *want)
{
	const char *s = NULL;
	size_t len;
	bool prefix;

	(void)m;
	if (!n->compatible)
		return false;
	len = strlen(want);
	prefix = len && want[len - 1] == '*';
	while ((s = node_compatible(n, s)))
		if (prefix ? strncmp(s, want, len - 1) == 0 : strcmp(s, want) == 0)
			return true;
	return false;
}

bool node_has(const struct node *n, const char *prop)
{
	return node_prop(n, prop);
}

bool node_named(const struct node *n, const char *base)
{
	size_t len = strlen(base);

	return strncmp(n->name, base, len) == 0 && (!n->name[len] || n->name[len] == '@');
}

const struct origin *node_origin(struct host *h, const struct node *n, const char *prop)
{
	return origin_tree(h->c, h->m->file, n->path, prop);
}

bool host_spend(struct host *h)
{
	if (h->work < HOST_MAX_WORK) {
		h->work++;
		return true;
	}
	if (!h->exhausted)
		diag_report(h->c, D_E1102, origin_tree(h->c, h->m->file, "/", NULL),
			    "addresses and interrupts of the tree take more than %u steps to "
			    "resolve: the rest is left out",
			    HOST_MAX_WORK);
	h->exhausted = true;
	return false;
}

void host_malformed(struct host *h, const struct node *n, const char *prop, const char *fmt, ...)
{
	const char *text;
	va_list ap;

	if (h->malformed++ >= MAX_MALFORMED)
		return;
	va_start(ap, fmt);
	text = arena_vprintf(h->c->arena, fmt, ap);
	va_end(ap);
	diag_report(h->c, D_W1107, node_origin(h, n, prop), "property \"%s\" %s", prop, text);
}

u128 cells_number(struct cells s, u32 at, u32 n)
{
	u128 v = 0;

	for (u32 i = 0; i < n; i++)
		v = v << 32 | cell_at(s, at + i);
	return v;
}

struct cells node_cells(struct host *h, const struct node *n, const char *prop)
{
	const struct prop *p = node_prop(n, prop);

	if (!p)
		return (struct cells){NULL, 0};
	if (p->len % 4)
		host_malformed(h, n, prop, "is %u bytes long, not a multiple of 4", p->len);
	return (struct cells){p->data, p->len / 4};
}

u32 node_entries(struct host *h, const struct node *n, const char *prop, u32 width,
		 struct cells *cells)
{
	*cells = node_cells(h, n, prop);
	if (!width)
		return 0;
	if (cells->n % width)
		host_malformed(h, n, prop, "has %u cells, not a multiple of the %u of an entry",
			       cells->n, width);
	return cells->n / width;
}
