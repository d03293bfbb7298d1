// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loading: the plan, the files it includes, and the board file that fits the host's tree.
 *
 * In: a path ("-": standard input). Out: one tree, the statements of an included file behind its
 * include statement. A file is taken once, however often it is included; a cycle is a finding.
 * Files are known by device and inode, not by name.
 */
#include "machine.h"
#include "ast.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define INCLUDE_DEPTH_MAX 64

struct loaded {
	dev_t dev;
	ino_t ino;
	bool open; /* its includes are being loaded now */
};

struct loader {
	struct cellc *c;
	struct ast *ast;
	VEC(struct loaded) seen;
	u32 depth;
};

static bool is_board_file(const char *path)
{
	size_t len = strlen(path);

	return len > 6 && strcmp(path + len - 6, ".board") == 0;
}

static bool file_identity(const char *path, struct loaded *id)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return false;
	*id = (struct loaded){st.st_dev, st.st_ino, true};
	return true;
}

static struct loaded *find_loaded(struct loader *l, const struct loaded *id)
{
	for (size_t i = 0; i < l->seen.n; i++)
		if (l->seen.v[i].dev == id->dev && l->seen.v[i].ino == id->ino)
			return &l->seen.v[i];
	return NULL;
}

static const char *join(struct cellc *c, const char *dir, const char *file)
{
	size_t len = strlen(dir);

	if (!len)
		return file;
	return arena_printf(c->arena, "%s%s%s", dir, dir[len - 1] == '/' ? "" : "/", file);
}

static const char *folder_of(struct cellc *c, const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? arena_strndup(c->arena, path, (size_t)(slash - path) + 1) : "";
}

/*
 * Adds a file. What lies in cellc's own folders is called boards/..., so that nothing that is
 * printed or written depends on where cellc is installed.
 */
static struct source *add_file(struct cellc *c, const char *path, const char **err)
{
	struct source *src = source_add(c, path, NULL, 0, err);

	for (size_t i = c->opt.include_given; src && i < c->opt.include.n; i++) {
		const char *own = join(c, c->opt.include.v[i], "");
		size_t len = strlen(own);

		if (len && strncmp(path, own, len) == 0)
			src->name = arena_printf(c->arena, "boards/%s", path + len);
	}
	return src;
}

static bool is_readable_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* Beside the including file, then in the include folders; NULL if it is nowhere. */
static const char *find_include(struct cellc *c, const char *from, const char *file)
{
	const char *path = file[0] == '/' ? file : join(c, folder_of(c, from), file);
	const char **dir;

	if (is_readable_file(path))
		return path;
	vec_each(dir, &c->opt.include) {
		path = join(c, *dir, file);
		if (file[0] != '/' && is_readable_file(path))
			return path;
	}
	return NULL;
}

static void load_statements(struct loader *l, struct source *src, bool board);

static void not_found(struct loader *l, const struct item *file, const struct origin *at)
{
	struct diag *d = diag_report(l->c, D_E0101, at, "no file \"%s\"", file->text);
	const char *dirs = "";

	for (size_t i = 0; i < l->c->opt.include_given; i++)
		dirs = arena_printf(l->c->arena, "%s, %s", dirs, l->c->opt.include.v[i]);
	diag_help(l->c, d, "looked in the folder of this file%s and among the boards", dirs);
}

static void load_include(struct loader *l, const struct source *from, const struct item *file,
			 bool board)
{
	const struct origin *at = origin_plan(l->c, file->span);
	const char *path, *err = NULL;
	struct loaded id = {0}, *known;
	struct source *src;
	size_t index;

	path = strlen(file->text) == file->len ? find_include(l->c, from->path, file->text) : NULL;
	if (!path || !file_identity(path, &id)) {
		not_found(l, file, at);
		return;
	}
	known = find_loaded(l, &id);
	if (known || l->depth == INCLUDE_DEPTH_MAX) {
		if (!known || known->open)
			diag_report(l->c, D_E0112, at,
				    known ? "\"%s\" includes itself"
					  : "\"%s\" is included too deep",
				    file->text);
		return;
	}
	src = add_file(l->c, path, &err);
	if (!src) {
		diag_report(l->c, D_E0101, at, "can't read \"%s\": %s", path, err);
		return;
	}
	index = l->seen.n;
	*vec_push(l->c->arena, &l->seen) = id;
	l->depth++;
	load_statements(l, src, board || is_board_file(path));
	l->depth--;
	l->seen.v[index].open = false;
}

static void mark_board(struct stmt *s)
{
	s->from_board = true;
	for (size_t i = 0; i < s->body.n; i++)
		mark_board(s->body.v[i]);
}

/* Parses one source and puts its statements, and those of its includes, into the tree. */
static void load_statements(struct loader *l, struct source *src, bool board)
{
	struct ast file = {0};

	*vec_push(l->c->arena, &l->ast->files) = src->path;
	parse_source(l->c, src, &file);
	for (size_t i = 0; i < file.stmts.n; i++) {
		struct stmt *s = file.stmts.v[i];

		if (board)
			mark_board(s);
		*vec_push(l->c->arena, &l->ast->stmts) = s;
		if (s->kw == KW_include && !s->poisoned && s->items.n == 1 &&
		    s->items.v[0].kind == ITEM_STRING)
			load_include(l, src, &s->items.v[0], board);
	}
}

struct ast *load_plan(struct cellc *c, const char *path)
{
	struct loader l = {.c = c, .ast = NEW(c->arena, struct ast)};
	const char *err = NULL;
	struct source *src = source_add(c, path, NULL, 0, &err);
	struct loaded id;

	if (!src) {
		diag_report(c, D_E0101, NULL, "can't read \"%s\": %s", path, err);
		return NULL;
	}
	if (file_identity(path, &id))
		*vec_push(c->arena, &l.seen) = id;
	load_statements(&l, src, false);
	if (!l.ast->stmts.n && !c->diags.n)
		diag_report(c, D_E0116, origin_plan(c, (struct span){src->base, src->base}),
			    src->len ? "the plan holds no statement" : "the file is empty");
	return l.ast;
}

/* --- boards --- */

struct candidate {
	const char *path;
	size_t rank; /* index of the tree's compatible string it names; the lower, the nearer */
};

static size_t compatible_rank(const struct machine *m, const struct stmt *board)
{
	size_t rank = m->compatible.n;

	for (size_t i = 0; i < board->body.n; i++) {
		const struct stmt *s = board->body.v[i];

		for (size_t k = 0; s->kw == KW_compatible && k < s->items.n; k++)
			for (size_t j = 0; s->items.v[k].kind == ITEM_STRING && j < rank; j++)
				if (strcmp(s->items.v[k].text, m->compatible.v[j]) == 0)
					rank = j;
	}
	return rank;
}

/*
 * Whether a text may hold one of the machine's compatible strings: most boards are told apart by
 * this alone. A backslash may hide one.
 */
static bool may_name(const struct machine *m, const struct source *src)
{
	static const char keyword[] = "compatible";

	if (!memmem(src->text, src->len, keyword, sizeof(keyword) - 1))
		return false;
	if (memchr(src->text, '\\', src->len))
		return true;
	for (size_t i = 0; i < m->compatible.n; i++)
		if (memmem(src->text, src->len, m->compatible.v[i], strlen(m->compatible.v[i])))
			return true;
	return false;
}

/*
 * Looks into a board file apart from this compilation: most of them are of no concern to it.
 * `reader` is another compilation, which holds the texts.
 */
static size_t board_rank(struct cellc *reader, const struct machine *m, const char *path)
{
	size_t rank = m->compatible.n;
	struct ast ast = {0};
	const char *err = NULL;
	struct source *src = source_add(reader, path, NULL, 0, &err);
	struct cellc c;

	if (!src || !may_name(m, src))
		return rank;
	cellc_init(&c);
	src = source_add(&c, path, src->text, src->len, &err);
	if (src)
		parse_source(&c, src, &ast);
	for (size_t i = 0; i < ast.stmts.n; i++)
		if (ast.stmts.v[i]->kw == KW_board)
			rank = MIN(rank, compatible_rank(m, ast.stmts.v[i]));
	cellc_free(&c);
	return rank;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The board files of a folder, by name, so that the order of the folder does not matter. */
static size_t board_files(struct cellc *c, const char *dir, const char ***files)
{
	VEC(const char *) v = {0};
	DIR *d = opendir(*dir ? dir : ".");
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (is_board_file(e->d_name))
			*vec_push(c->arena, &v) = join(c, dir, intern_str(c->arena, e->d_name));
	if (d)
		closedir(d);
	if (v.n)
		qsort(v.v, v.n, sizeof(*v.v), by_name);
	*files = v.v;
	return v.n;
}

/* The nearest board of a folder that is nearer than limit; a tie is a finding. */
static struct candidate best_of_folder(struct cellc *c, const struct machine *m, const char *dir,
				       size_t limit)
{
	struct candidate best = {NULL, limit};
	const char **files, *tie = NULL;
	size_t n = board_files(c, dir, &files);
	struct cellc reader;

	cellc_init(&reader);
	for (size_t i = 0; i < n; i++) {
		size_t rank = board_rank(&reader, m, files[i]);

		if (rank == best.rank && best.path && !tie)
			tie = files[i];
		if (rank >= best.rank)
			continue;
		best = (struct candidate){files[i], rank};
		tie = NULL;
	}
	cellc_free(&reader);
	if (tie) {
		struct diag *d =
			diag_report(c, D_E0115, NULL, "both \"%s\" and \"%s\" describe a \"%s\"",
				    best.path, tie, m->compatible.v[best.rank]);

		diag_help(c, d, "name one of them: include \"%s\";",
			  best.path + strlen(folder_of(c, best.path)));
	}
	return best;
}

static bool names_board(const struct ast *ast)
{
	for (size_t i = 0; i < ast->stmts.n; i++)
		if (ast->stmts.v[i]->kw == KW_board)
			return true;
	return false;
}

/* What load_plan took: a board must not include it again. */
static void remember_files(struct loader *l)
{
	struct loaded id;

	for (size_t i = 0; i < l->ast->files.n; i++) {
		if (!file_identity(l->ast->files.v[i], &id))
			continue;
		id.open = false;
		*vec_push(l->c->arena, &l->seen) = id;
	}
}

void load_board(struct cellc *c, struct ast *ast, const struct machine *m)
{
	struct loader l = {.c = c, .ast = ast};
	struct candidate best = {0};
	const char **dir, *err = NULL;
	struct source *src;

	if (!m || !m->compatible.n || names_board(ast))
		return;
	remember_files(&l);
	best.rank = m->compatible.n;
	vec_each(dir, &c->opt.include) {
		struct candidate found = best_of_folder(c, m, *dir, best.rank);

		if (found.rank < best.rank)
			best = found;
	}
	if (!best.path)
		return;
	src = add_file(c, best.path, &err);
	if (src)
		load_statements(&l, src, true);
	else
		diag_report(c, D_E0101, NULL, "can't read \"%s\": %s", best.path, err);
	schema_check(c, ast);
}
