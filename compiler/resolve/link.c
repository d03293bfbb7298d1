// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pools and links. Each peer of a link gets the same run of regions (state table, common section,
 * one output section a peer; abi.md, section 6) and a device record; where they stand is for
 * place.c, unless `at` says it.
 */
#include "resolve.h"

#include <string.h>

#define VIRTIO_NET     1 /* virtio 1.2, 5: device ids */
#define VIRTIO_BLOCK   2
#define VIRTIO_CONSOLE 3

/* in the order of enum link_kind */
static const char *const kind_words[] = {"shared",	   "net", "virtio-net", "virtio-block",
					 "virtio-console", NULL};

static const struct {
	u64 common, output;
	u16 protocol, vectors;
} defaults[] = {
	[LINK_SHARED] = {0, 0, CV_SHMEM_CUSTOM, 2},
	[LINK_NET] = {0, 0x7f000, CV_SHMEM_NET, 2},
	[LINK_VIRTIO_NET] = {0xff000, 0, VIRTIO_NET, 2},
	[LINK_VIRTIO_BLOCK] = {0xff000, 0, VIRTIO_BLOCK, 2},
	[LINK_VIRTIO_CONSOLE] = {0xff000, 0, VIRTIO_CONSOLE, 2},
};

static void add_pool(struct resolver *r, const struct stmt *s)
{
	struct pool *p = NEW(r->c->arena, struct pool);
	const struct item *it = s->args, *end = s->args + s->nargs;

	p->name = it < end && it->kind == ITEM_WORD ? (it++)->text : "";
	p->from = s->at;
	stmt_number(r->c, s, KW_at, &p->addr);
	stmt_number(r->c, s, KW_size, &p->size);
	if (it < end && (p->addr.from || p->size.from)) {
		contradiction(r, s, stmt_clause(s, p->addr.from ? KW_at : KW_size),
			      "the range is given twice");
		return;
	}
	if (it < end) {
		p->addr = (struct fact){it->num, item_origin(r, it)};
		p->size = (struct fact){it->end - it->num, item_origin(r, it)};
	}
	if (!p->size.from) {
		diag_help(r->c, diag_report(r->c, D_E0224, s->at, "the pool has no size"),
			  "write: pool %s size 64M;", p->name);
		return;
	}
	p->addr_open = !p->addr.from;
	for (size_t i = 0; i < r->model->pools.n; i++)
		if (strcmp(r->model->pools.v[i]->name, p->name) == 0) {
			struct diag *d = diag_report(r->c, D_E0220, s->at,
						     *p->name ? "pool \"%s\" is there already"
							      : "a pool without a name is there "
								"already%s",
						     p->name);

			diag_note(r->c, d, r->model->pools.v[i]->from, "first here");
			return;
		}
	*vec_push(r->c->arena, &r->model->pools) = p;
}

/* The plan's pools; the board's where the plan has none. */
void resolve_pools(struct resolver *r)
{
	for (int board = 0; board < 2 && !r->model->pools.n; board++)
		for (size_t i = 0; i < r->ast->stmts.n; i++) {
			const struct stmt *s = r->ast->stmts.v[i];

			if (s->kw == KW_pool && !s->poisoned && s->from_board == (bool)board)
				add_pool(r, s);
		}
}

/* --- peers --- */

static struct cell *peer_cell(struct resolver *r, const struct stmt *s)
{
	size_t n = r->model->cells.n;
	const char **names, *near;
	struct cell *root = model_root(r->model), *cell;
	struct diag *d;

	if (s->kw == KW_root) {
		if (!root)
			diag_help(r->c,
				  diag_report(r->c, D_E0221, s->at, "the plan has no root cell"),
				  "add a statement: root \"NAME\";");
		return root;
	}
	cell = model_cell(r->model, s->args[0].text);
	if (cell)
		return cell;
	names = arena_alloc(r->c->arena, (n + 1) * sizeof(*names));
	for (size_t i = 0; i < n; i++)
		names[i] = r->model->cells.v[i]->name;
	d = diag_report(r->c, D_E0221, item_origin(r, &s->args[0]), "there is no cell \"%s\"",
			s->args[0].text);
	near = nearest_word(s->args[0].text, names, n);
	if (near)
		diag_help(r->c, d, "did you mean \"%s\"?", near);
	return NULL;
}

static bool is_virtio(const struct link *l)
{
	return l->kind >= LINK_VIRTIO_NET;
}

static void peer_protocol(struct resolver *r, struct link *l, const struct stmt *s, struct peer *p)
{
	const struct clause *front = stmt_clause(s, KW_front), *back = stmt_clause(s, KW_back);

	p->protocol = l->protocol;
	if (!is_virtio(l)) {
		if (front || back)
			contradiction(r, s, front ? front : back,
				      "only a virtio link has a front and a back");
		return;
	}
	if (!front == !back)
		diag_help(r->c,
			  front ? contradiction(r, s, back, "a peer is front or back, not both")
				: diag_report(r->c, D_E0224, s->at,
					      "a peer of a virtio link is front or back"),
			  "write: %s front; on the driver side, back; on the device side",
			  s->kw == KW_root ? "root" : "cell \"NAME\"");
	p->protocol |= front ? CV_SHMEM_VIRTIO_FRONT : CV_SHMEM_VIRTIO_BACK;
}

static void add_peer(struct resolver *r, struct link *l, const struct stmt *s)
{
	struct cell *cell = peer_cell(r, s);
	struct peer *p;
	struct diag *d;

	if (!cell)
		return;
	for (size_t i = 0; i < l->peers.n; i++) {
		if (l->peers.v[i].cell != cell)
			continue;
		d = diag_report(r->c, D_E0233, s->at, "\"%s\" is a peer of link \"%s\" twice",
				cell->name, l->name);
		diag_note(r->c, d, l->peers.v[i].from, "first here");
		return;
	}
	p = vec_push(r->c->arena, &l->peers);
	p->cell = cell;
	p->from = s->at;
	if (stmt_has(s, KW_id))
		p->id = (struct fact){clause_value(r, s, KW_id, 8, 0), s->at};
	stmt_number(r->c, s, KW_guest, &p->guest);
	peer_protocol(r, l, s, p);
}

static bool id_taken(const struct link *l, u64 id)
{
	for (size_t i = 0; i < l->peers.n; i++)
		if (l->peers.v[i].id.from && l->peers.v[i].id.v == id)
			return true;
	return false;
}

static void number_peers(struct resolver *r, struct link *l)
{
	u64 next = 0;

	for (size_t i = 0; i < l->peers.n; i++) {
		struct peer *p = &l->peers.v[i];

		if (p->id.from)
			continue;
		while (id_taken(l, next))
			next++;
		p->id = (struct fact){next, origin_rule(r->c, p->from, "the lowest free number")};
	}
}

/* --- regions and device --- */

static struct region *add_section(struct resolver *r, struct link *l, struct peer *p,
				  enum region_role role, u64 offset, u64 size, u64 flags)
{
	struct region *g = NEW(r->c->arena, struct region);

	*g = (struct region){.name = l->name,
			     .size = {size, l->from},
			     .role = role,
			     .link = l,
			     .phys = {offset, NULL},
			     .virt = {offset, NULL},
			     .flags = flags,
			     .from = l->from};
	*vec_push(r->c->arena, &p->cell->regions) = g;
	if (!size) { /* abi.md, section 6: an all-zero entry */
		g->flags = 0;
		g->phys = g->virt = (struct fact){0, l->from};
		return g;
	}
	g->phys_open = g->virt_open = true;
	if (!p->cell->is_root)
		for (size_t i = 0; i < l->peers.n; i++)
			if (l->peers.v[i].cell->is_root)
				g->flags |= CV_MEM_ROOTSHARED;
	return g;
}

static struct region *add_sections(struct resolver *r, struct link *l, struct peer *p)
{
	u64 offset = l->state_size + l->common_size;
	u64 rw = CV_MEM_READ | CV_MEM_WRITE;
	struct region *first;

	first = add_section(r, l, p, REGION_STATE, 0, l->state_size, CV_MEM_READ);
	add_section(r, l, p, REGION_COMMON, l->state_size, l->common_size, rw);
	for (u32 id = 0; id < l->peers.n; id++) {
		struct region *g = add_section(r, l, p, REGION_OUTPUT, offset, l->output_size,
					       id == p->id.v ? rw : CV_MEM_READ);

		g->peer = id;
		offset += l->output_size;
	}
	return first;
}

static void add_device(struct resolver *r, struct link *l, struct peer *p)
{
	struct pci_device *dev = NEW(r->c->arena, struct pci_device);
	u16 domain = r->model->platform.pci_domain;

	dev->link = l;
	dev->from = p->from;
	dev->rec.type = CV_PCI_SHMEM;
	dev->rec.domain = p->cell->is_root && domain != CV_PCI_DOMAIN_ANY ? domain : 0;
	dev->rec.bar_mask[0] = 0xfffff000;
	if (l->vectors)
		dev->rec.bar_mask[1] = r->model->revision == 12 ? 0xfffffe00 : 0xfffff000;
	dev->rec.num_msix_vectors = l->vectors;
	dev->rec.shmem_dev_id = (u8)p->id.v;
	dev->rec.shmem_peers = (u8)l->peers.n;
	dev->rec.shmem_protocol = p->protocol;
	dev->bdf_open = true;
	dev->first_region = add_sections(r, l, p);
	p->device = dev;
	*vec_push(r->c->arena, &p->cell->pcis) = dev;
}

/* --- the link itself --- */

static u64 page_multiple(struct resolver *r, const struct stmt *s, u64 max)
{
	u64 v = s->args[0].num;

	if (v % PAGE_SIZE == 0 && v <= max)
		return v;
	diag_report(r->c, D_E0222, s->at,
		    "the %s is %s; sections are whole pages of 4K, at most %s", keyword_text(s->kw),
		    fmt_size(r->c->arena, v), fmt_size(r->c->arena, max));
	return v > max ? max : align_up(v, PAGE_SIZE);
}

static void link_statement(struct resolver *r, struct link *l, const struct stmt *s)
{
	switch (s->kw) {
	case KW_state:
		l->state_size = page_multiple(r, s, UINT32_MAX & ~(PAGE_SIZE - 1));
		break;
	case KW_common:
		l->common_size = page_multiple(r, s, 1ull << 40);
		break;
	case KW_output:
		l->output_size = page_multiple(r, s, 1ull << 40);
		break;
	case KW_protocol:
		l->protocol = (u16)value_fit(r, &s->args[0], 16, "protocol");
		break;
	case KW_vectors:
		l->vectors = (u16)value_fit(r, &s->args[0], 16, "vectors");
		break;
	case KW_slot:
		l->slot = (struct fact){value_fit(r, &s->args[0], 5, "slot"), s->at};
		break;
	case KW_at:
		l->phys = (struct fact){s->args[0].num, s->at};
		break;
	case KW_in:
		l->pool = find_pool(r, &s->args[0]);
		break;
	default:
		break; /* peers come when the protocol is known */
	}
}

static bool link_name_free(struct resolver *r, const struct stmt *s, const char *name)
{
	for (size_t i = 0; i < r->model->links.n; i++) {
		struct diag *d;

		if (strcmp(r->model->links.v[i]->name, name) != 0)
			continue;
		d = diag_report(r->c, D_E0220, s->at, "link \"%s\" is there already", name);
		diag_note(r->c, d, r->model->links.v[i]->from, "first here");
		return false;
	}
	return true;
}

static bool link_sound(struct resolver *r, const struct stmt *s, const struct link *l)
{
	struct diag *d;

	if (l->peers.n < 2 || l->peers.n > 255) {
		bool broken = false; /* a peer that was reported */

		for (size_t i = 0; i < s->body.n; i++)
			broken |= s->body.v[i]->poisoned;
		if (l->peers.n || !broken)
			diag_report(r->c, D_E0233, s->at,
				    "link \"%s\" takes 2 to 255 peers, not %zu", l->name,
				    l->peers.n);
		return false;
	}
	if (!l->state_size || (!l->common_size && !l->output_size)) {
		d = diag_report(r->c, D_E0234, s->at, "link \"%s\" has no %s", l->name,
				l->state_size ? "memory to share" : "state table");
		diag_help(r->c, d,
			  l->state_size ? "say common SIZE, output SIZE, or both"
					: "say state 4K, or leave it out");
		return false;
	}
	if (l->phys.from && l->pool)
		contradiction(r, s, NULL, "link \"%s\" stands at %s, so it is in no pool", l->name,
			      fmt_addr(r->c->arena, l->phys.v));
	return true;
}

static void add_link(struct resolver *r, const struct stmt *s)
{
	struct link *l = NEW(r->c->arena, struct link);
	int kind = choose_word(r, &s->args[0], kind_words, "kind of link");
	u32 unresolved = r->c->errors;

	if (kind < 0 || !link_name_free(r, s, s->args[1].text))
		return;
	*l = (struct link){
		.kind = (enum link_kind)kind,
		.name = s->args[1].text,
		.state_size = PAGE_SIZE,
		.common_size = defaults[kind].common,
		.output_size = defaults[kind].output,
		.protocol = defaults[kind].protocol,
		.vectors = r->model->arch == CV_ARCH_X86 ? defaults[kind].vectors : 0,
		.from = s->at,
	};
	for (size_t i = 0; i < s->body.n; i++)
		if (!s->body.v[i]->poisoned)
			link_statement(r, l, s->body.v[i]);
	for (size_t i = 0; i < s->body.n; i++)
		if (!s->body.v[i]->poisoned &&
		    (s->body.v[i]->kw == KW_root || s->body.v[i]->kw == KW_cell))
			add_peer(r, l, s->body.v[i]);
	/* a peer that is not there was reported: the rest of the link can't be right */
	if (r->c->errors != unresolved || !link_sound(r, s, l))
		return;
	number_peers(r, l);
	l->phys_open = !l->phys.from;
	l->slot_open = !l->slot.from;
	for (size_t i = 0; i < l->peers.n; i++)
		add_device(r, l, &l->peers.v[i]);
	*vec_push(r->c->arena, &r->model->links) = l;
}

void resolve_links(struct resolver *r)
{
	for (size_t i = 0; i < r->ast->stmts.n; i++)
		if (r->ast->stmts.v[i]->kw == KW_link && !r->ast->stmts.v[i]->poisoned)
			add_link(r, r->ast->stmts.v[i]);
}
