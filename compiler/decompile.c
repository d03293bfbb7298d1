// SPDX-License-Identifier: GPL-2.0-only
/*
 * Descriptors back to a plan, with the proof that it compiles to them.
 *
 * In: a model of binaries. Out: text. Holds: what is returned was parsed, resolved, placed, checked
 * and lowered in memory, and gave every descriptor byte for byte without an error. Where the first
 * text does not, what differs is said by "bytes" and the text is tried again.
 */
#include "decompile/decompile.h"

#include <string.h>

#include "ast.h"
#include "passes.h"

#define TRIES	  3
#define PLAN_NAME "decompiled.plan"

/* One attempt. */
struct proof {
	struct cellc c; /* of the text: its findings are nobody's but ours */
	struct model *model;
	bool equal, clean;
	const char *problem; /* of the first error, for the message */
};

static const char *print(struct printer *p)
{
	struct cellc *c = p->c;
	const char *err, *canonical = NULL;
	struct source *src;
	struct buf out;

	buf_init(&out, c->arena);
	p->out = &out;
	decompile_print(p);
	src = source_add(c, PLAN_NAME, out.data, out.len, &err);
	if (src)
		canonical = fmt_text(c, src);
	return canonical ? canonical : out.data;
}

static void compile_text(struct cellc *c, struct proof *proof, const char *text)
{
	struct run run = {.c = &proof->c, .plan = PLAN_NAME};
	const char *err;
	struct buf found;

	cellc_init(&proof->c);
	proof->c.opt.abi = CV_CONFIG_REVISION;
	/* a named tree may bring a board with it, as it will when the plan is built */
	proof->c.opt.include = c->opt.include;
	proof->c.opt.include_given = c->opt.include_given;
	if (!source_add(&proof->c, PLAN_NAME, text, strlen(text), &err))
		return;
	proof->clean = passes_run(&run, RUN_CHECK);
	proof->model = run.model;
	if (proof->clean)
		return;
	buf_init(&found, c->arena);
	diag_print(&proof->c, &found, DIAG_GCC, false);
	proof->problem = arena_strndup(c->arena, found.data, strcspn(found.data, "\n"));
}

static void patch(struct cellc *c, struct model *m, struct cell *cell, size_t base, const u8 *bytes,
		  size_t start, size_t end)
{
	bool in_cell = start >= base;
	struct patch *p = in_cell ? vec_push(c->arena, &cell->patches)
				  : vec_push(c->arena, &m->platform.patches);

	*p = (struct patch){
		.offset = (u32)(in_cell ? start - base : start),
		.data = (const u8 *)arena_strndup(c->arena, (const char *)bytes + start,
						  end - start),
		.len = end - start,
		.from = cell->from,
	};
}

static bool same_bytes(const struct image *a, const struct image *b)
{
	return memcmp(a->bytes.data, b->bytes.data, a->bytes.len) == 0;
}

/* Adds a patch for each run of bytes that differ; true if there was none. */
static bool patch_differences(struct cellc *c, struct model *m, struct cell *cell,
			      const struct image *wanted, const struct image *got)
{
	const u8 *w = (const u8 *)wanted->bytes.data, *g = (const u8 *)got->bytes.data;
	size_t len = wanted->bytes.len, base = wanted->base;
	bool equal = true;

	for (size_t i = 0; i < len; i++) {
		size_t end = i;

		while (end < len && w[end] != g[end] && (i >= base || end < base))
			end++;
		if (end == i)
			continue;
		patch(c, m, cell, base, w, i, end);
		equal = false;
		i = end - 1;
	}
	return equal;
}

/* Every cell is a file of its own. */
static bool files_differ(struct cellc *c, struct proof *proof)
{
	const struct model *m = proof->model;

	for (size_t i = 0; i < m->cells.n; i++)
		for (size_t k = 0; k < i; k++)
			if (strcmp(m->cells.v[i]->file, m->cells.v[k]->file) == 0) {
				proof->problem = arena_printf(
					c->arena, "two cells would be written to %s.cell",
					m->cells.v[i]->file);
				return false;
			}
	return true;
}

/* Whether every descriptor comes out of the attempt; where one does not, mend adds patches. */
static bool compare(struct cellc *c, struct model *m, struct proof *proof, bool mend)
{
	bool equal = true;

	if (!proof->model || proof->model->cells.n != m->cells.n || !files_differ(c, proof))
		return false;
	for (size_t i = 0; i < m->cells.n; i++) {
		struct image *wanted = lower(c, m, m->cells.v[i], m->revision);
		struct image *got = lower(&proof->c, proof->model, proof->model->cells.v[i],
					  proof->model->revision);

		if (wanted->bytes.len != got->bytes.len || wanted->is_system != got->is_system) {
			proof->problem = "a descriptor of another size comes out";
			return false;
		}
		equal &= mend ? patch_differences(c, m, m->cells.v[i], wanted, got)
			      : same_bytes(wanted, got);
	}
	return equal && !proof->c.errors;
}

/* Whether each console of the attempt is as it was; those that are not lose their names. */
static bool consoles_kept(struct model *m, const struct proof *proof)
{
	bool kept = true;

	if (!proof->model || proof->model->cells.n != m->cells.n)
		return true;
	for (size_t i = 0; i <= m->cells.n; i++) {
		struct console *was = i ? &m->cells.v[i - 1]->console : &m->platform.console;
		const struct console *is = i ? &proof->model->cells.v[i - 1]->console
					     : &proof->model->platform.console;

		if (was->node && memcmp(&was->rec, &is->rec, sizeof(was->rec)) != 0) {
			was->node = NULL;
			kept = false;
		}
	}
	return kept;
}

/*
 * The plan that names the tree, if the descriptors come out of it as well: a board found by the
 * tree might add to them. "bytes" would hide that, so that no differences are patched here.
 */
static const char *decompile_named(struct printer p, struct model *m)
{
	size_t tries = TRIES + m->cells.n;

	p.unnamed = false;
	decompile_name_consoles(m, p.host);
	for (size_t i = 0; i < tries; i++) {
		const char *text = print(&p);
		struct proof proof = {0};
		bool equal, clean, kept;

		compile_text(p.c, &proof, text);
		kept = consoles_kept(m, &proof);
		equal = kept && compare(p.c, m, &proof, false);
		clean = proof.clean;
		cellc_free(&proof.c);
		if (kept && equal && clean)
			return text;
		if (kept && (clean || p.faulty))
			return NULL;
		p.faulty |= kept;
	}
	return NULL;
}

const char *decompile(struct cellc *c, struct model *m, const struct machine *host,
		      const char *host_file)
{
	struct printer p = {.c = c, .m = m, .host = host, .host_file = host_file, .unnamed = true};
	const char *problem = NULL;

	for (int i = 0; i < TRIES; i++) {
		const char *text = print(&p), *named;
		struct proof proof = {0};
		bool proven;

		compile_text(c, &proof, text);
		proven = compare(c, m, &proof, true) && proof.clean;
		problem = proof.problem;
		cellc_free(&proof.c);
		if (proven) {
			named = host ? decompile_named(p, m) : NULL;
			return named ? named : text;
		}
		p.faulty |= !proof.clean;
	}
	diag_report(c, D_E1018, m->cells.v[0]->from, "no plan compiles to these descriptors: %s",
		    problem ? problem : "their bytes differ");
	return NULL;
}
