// SPDX-License-Identifier: GPL-2.0-only
/*
 * cellc diff A B: what changed in meaning. Each of the two is a plan, a descriptor, or a folder
 * whose .cell files are one system. Exit code 0: the same, 1: different, 2: one of them can't be
 * read.
 */
#include "inputs.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "diff/diff.h"
#include "lib/diag.h"

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The .cell files of a folder, sorted. */
static struct cmdline folder_files(struct cellc *c, const char *path)
{
	struct cmdline files = {0};
	DIR *dir = opendir(path);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		const char *dot = strrchr(entry->d_name, '.');

		if (dot && strcmp(dot, ".cell") == 0)
			*vec_push(c->arena, &files.files) =
				arena_printf(c->arena, "%s/%s", path, entry->d_name);
	}
	if (dir)
		closedir(dir);
	if (files.files.n)
		qsort(files.files.v, files.files.n, sizeof(*files.files.v), by_name);
	return files;
}

static void keep_model(struct run *r, void *arg)
{
	struct model **m = arg;

	if (!r->model)
		passes_run(r, RUN_CHECK);
	*m = r->model;
}

/* Whether a plan could not be understood, so that its model is only a part of it. */
static bool is_partial(const struct cellc *c)
{
	for (size_t i = 0; i < c->diags.n; i++) {
		const char *code = diag_code_text(c->diags.v[i]->code);

		if (strncmp(code, "E01", 3) == 0 || strncmp(code, "E02", 3) == 0)
			return true;
	}
	return false;
}

/* NULL after a message when there is nothing to compare. Findings of the checks are no matter. */
static struct model *load(struct cellc *c, const char *path)
{
	struct cmdline files = {0};
	struct model *m = NULL;
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		files = folder_files(c, path);
	else
		*vec_push(c->arena, &files.files) = path;
	inputs_each(c, &files, keep_model, &m);
	if (!m || !m->cells.n || is_partial(c)) {
		findings_finish(c, false);
		fprintf(stderr, "cellc diff: no cell can be read from %s\n", path);
		return NULL;
	}
	return m;
}

static int run(struct cellc *c, const struct cmdline *cl)
{
	struct model *a = load(c, cl->files.v[0]);
	struct model *b = a ? load(c, cl->files.v[1]) : NULL;
	struct changes changes = {0};
	struct buf out;

	if (!a || !b)
		return EXIT_MISUSE;
	buf_init(&out, c->arena);
	diff_models(c, a, b, &changes);
	if (c->opt.format && strcmp(c->opt.format, "json") == 0)
		diff_json(&changes, &out);
	else
		diff_text(&changes, &out);
	fwrite(out.data, 1, out.len, stdout);
	return changes.v.n ? EXIT_FINDINGS : EXIT_CLEAN;
}

int cmd_diff(int argc, char **argv)
{
	struct cmdline cl;
	struct cellc c;

	cellc_init(&c);
	if (options_parse(&c, &cl, argc, argv, "[OPTION...] A B", OPTS_FINDINGS | OPTS_INPUT, NULL,
			  2, 2))
		cl.exit = run(&c, &cl);
	cellc_free(&c);
	return cl.exit;
}
