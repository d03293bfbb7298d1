// SPDX-License-Identifier: GPL-2.0-only
/*
 * From names to nodes: paths, labels of /__symbols__, aliases, unit names, bare names, phandles.
 *
 * One hash table of (kind, text) and one of phandles, both with chains. Built once; labels that a
 * plan gives later are found by looking at the nodes.
 */
#include "host.h"

#include <string.h>

enum name_kind { NAME_PATH, NAME_LABEL, NAME_ALIAS, NAME_UNIT, NAME_BASE };

struct entry {
	u32 hash;
	enum name_kind kind;
	const char *text;
	size_t len;
	struct node *node;
	struct entry *next;
};

struct tree_index {
	struct entry **names;
	u32 buckets;		 /* power of two, of both tables */
	struct node **handles;	 /* open addressing */
	VEC(const char *) words; /* what a reference can be, for suggestions */
	VEC(struct entry *) aliases;
};

static u32 hash_text(enum name_kind kind, const char *s, size_t len)
{
	u32 h = 2166136261u ^ (u32)kind;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (u8)s[i]) * 16777619u;
	return h ^ h >> 15;
}

static struct entry *insert(struct host *h, enum name_kind kind, const char *s, size_t len,
			    struct node *n)
{
	struct tree_index *ix = h->m->index;
	struct entry *e = NEW(h->c->arena, struct entry), **slot;

	*e = (struct entry){hash_text(kind, s, len), kind, s, len, n, NULL};
	slot = &ix->names[e->hash & (ix->buckets - 1)];
	e->next = *slot;
	*slot = e;
	return e;
}

/* The first entry of this name at or behind e in its chain. */
static struct entry *match(struct entry *e, enum name_kind kind, const char *s, size_t len)
{
	u32 hash = hash_text(kind, s, len);

	for (; e; e = e->next)
		if (e->hash == hash && e->kind == kind && e->len == len &&
		    memcmp(e->text, s, len) == 0)
			break;
	return e;
}

static struct entry *find(const struct machine *m, enum name_kind kind, const char *s, size_t len)
{
	if (!m->index)
		return NULL;
	return match(m->index->names[hash_text(kind, s, len) & (m->index->buckets - 1)], kind, s,
		     len);
}

static u32 handle_slot(const struct tree_index *ix, u32 phandle)
{
	u32 slots = ix->buckets * 2, i = phandle * 2654435761u & (slots - 1);

	while (ix->handles[i] && ix->handles[i]->phandle != phandle)
		i = (i + 1) & (slots - 1);
	return i;
}

struct node *machine_node_by_phandle(const struct machine *m, u32 phandle)
{
	if (!m->index || !phandle)
		return NULL;
	return m->index->handles[handle_slot(m->index, phandle)];
}

struct node *machine_node_by_path(const struct machine *m, const char *path)
{
	const struct entry *e = find(m, NAME_PATH, path, strlen(path));

	return e ? e->node : NULL;
}

struct node *index_alias_or_path(const struct machine *m, const char *text, size_t len)
{
	const struct entry *e = find(m, len && text[0] == '/' ? NAME_PATH : NAME_ALIAS, text, len);

	return e ? e->node : NULL;
}

/* Children of /aliases or /__symbols__ by property: name = "/path". DT 3.3. */
static void index_paths_of(struct host *h, const char *node, enum name_kind kind)
{
	const struct node *n = machine_node_by_path(h->m, node);

	for (u32 i = n ? n->n_props : 0; i > 0; i--) {
		const char *name = n->props[i - 1].name, *path = node_string(n, name, 0);
		struct node *to = path ? machine_node_by_path(h->m, path) : NULL;
		struct entry *e;

		if (!to)
			continue;
		e = insert(h, kind, name, strlen(name), to);
		if (kind == NAME_LABEL)
			*vec_push(h->c->arena, &to->labels) = name;
		else
			*vec_push(h->c->arena, &h->m->index->aliases) = e;
		*vec_push(h->c->arena, &h->m->index->words) = name;
	}
}

/* Backwards, so that the first of equal names is found first. */
static void index_nodes(struct host *h)
{
	struct tree_index *ix = h->m->index;

	for (size_t i = h->m->nodes.n; i-- > 0;) {
		struct node *n = h->m->nodes.v[i];
		size_t base = strcspn(n->name, "@");

		insert(h, NAME_PATH, n->path, strlen(n->path), n);
		if (!n->parent)
			continue;
		insert(h, NAME_UNIT, n->name, strlen(n->name), n);
		if (n->name[base])
			insert(h, NAME_BASE, n->name, base, n);
		*vec_push(h->c->arena, &ix->words) = n->name;
	}
	for (size_t i = 0; i < h->m->nodes.n; i++) {
		struct node *n = h->m->nodes.v[i];

		if (n->phandle && !ix->handles[handle_slot(ix, n->phandle)])
			ix->handles[handle_slot(ix, n->phandle)] = n;
	}
}

void index_build(struct host *h)
{
	struct tree_index *ix = NEW(h->c->arena, struct tree_index);

	ix->buckets = 256;
	while (ix->buckets < h->m->nodes.n * 4)
		ix->buckets *= 2;
	ix->names = arena_alloc(h->c->arena, ix->buckets * sizeof(*ix->names));
	ix->handles = arena_alloc(h->c->arena, (size_t)ix->buckets * 2 * sizeof(*ix->handles));
	h->m->index = ix;
	index_nodes(h);
	index_paths_of(h, "/__symbols__", NAME_LABEL);
	index_paths_of(h, "/aliases", NAME_ALIAS);
}

/* --- references --- */

static struct node *by_label(const struct machine *m, const char *ref)
{
	const struct entry *e = find(m, NAME_LABEL, ref, strlen(ref));

	if (e)
		return e->node;
	/* a plan's labels are words, without '@' */
	for (size_t i = 0; i < m->nodes.n && !strchr(ref, '@'); i++)
		for (size_t l = 0; l < m->nodes.v[i]->labels.n; l++)
			if (strcmp(m->nodes.v[i]->labels.v[l], ref) == 0)
				return m->nodes.v[i];
	e = find(m, NAME_ALIAS, ref, strlen(ref));
	return e ? e->node : NULL;
}

static void report_unknown(struct cellc *c, const struct machine *m, const char *ref,
			   const struct origin *at)
{
	struct diag *d = diag_report(c, D_E1105, at, "the tree %s has no node \"%s\"",
				     m->file ? m->file : "(none)", ref);
	const char *near = NULL;

	/* looking for near words costs a walk over all of them: not for thousands of findings */
	if (m->index && c->errors < 50)
		near = nearest_word(ref, m->index->words.v, m->index->words.n);
	if (near)
		diag_help(c, d, "did you mean \"%s\"?", near);
	else
		diag_help(c, d, "a node is named by label, alias, full path or unique unit name");
}

static void report_ambiguous(struct cellc *c, const char *ref, enum name_kind kind, struct entry *e,
			     const struct origin *at)
{
	struct diag *d = diag_report(c, D_E1106, at, "\"%s\" names more than one node", ref);
	const struct node *first = e->node;
	u32 listed = 0;

	for (; e && listed < 8; e = match(e->next, kind, ref, strlen(ref)), listed++)
		diag_note(c, d, e->node->from, "%s", e->node->path);
	diag_help(c, d, "write the full path: &{%s}", first->path);
}

/*
 * What a reference means; NULL if nothing or more than one: then *e is the first of several nodes
 * by the name of *kind, or NULL.
 */
static struct node *look_up(const struct machine *m, const char *ref, struct entry **e,
			    enum name_kind *kind)
{
	struct node *n = ref[0] == '/' ? machine_node_by_path(m, ref) : by_label(m, ref);

	*e = NULL;
	if (n || ref[0] == '/')
		return n;
	*kind = NAME_UNIT;
	*e = find(m, NAME_UNIT, ref, strlen(ref));
	if (!*e) {
		*kind = NAME_BASE;
		*e = find(m, NAME_BASE, ref, strlen(ref));
	}
	if (!*e || match((*e)->next, *kind, ref, strlen(ref)))
		return NULL;
	return (*e)->node;
}

struct node *machine_ref(struct cellc *c, const struct machine *m, const char *ref, bool braced,
			 const struct origin *at)
{
	enum name_kind kind;
	struct entry *e;
	struct node *n = look_up(m, ref, &e, &kind);

	(void)braced; /* labels, names and paths don't look alike */
	if (n)
		return n;
	if (e)
		report_ambiguous(c, ref, kind, e, at);
	else
		report_unknown(c, m, ref, at);
	return NULL;
}

/* The text as a reference if it means this node, else NULL. */
static const char *ref_form(struct cellc *c, const struct machine *m, const char *text,
			    const struct node *n)
{
	size_t plain = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_");
	enum name_kind kind;
	struct entry *e;

	if (look_up(m, text, &e, &kind) != n)
		return NULL;
	return arena_printf(
		c->arena, text[plain] || !plain || (*text >= '0' && *text <= '9') ? "&{%s}" : "&%s",
		text);
}

const char *node_ref_text(struct cellc *c, const struct machine *m, const struct node *n)
{
	enum name_kind kind;
	const char *text = NULL;
	struct entry *e;

	for (size_t i = 0; i < n->labels.n && !text; i++)
		text = ref_form(c, m, n->labels.v[i], n);
	for (size_t i = m->index ? m->index->aliases.n : 0; i > 0 && !text; i--)
		if (m->index->aliases.v[i - 1]->node == n)
			text = ref_form(c, m, m->index->aliases.v[i - 1]->text, n);
	if (!text && look_up(m, n->name, &e, &kind) == n)
		text = arena_printf(c->arena, "&{%s}", n->name);
	return text ? text : arena_printf(c->arena, "&{%s}", n->path);
}
