// SPDX-License-Identifier: GPL-2.0-only
/*
 * cellc fmt: the canonical layout of plans, to standard output, in place, or as a question.
 *
 * In: files, "-" for standard input. Out: the text, or with -w the file replaced as a whole (its
 * mode kept), or with --check the names of the files that are laid out otherwise. A file with
 * errors is left alone.
 */
#include "options.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct fmt_options {
	bool write, check;
};

/* Writes text to a new file beside path and moves it there; false with errno set. */
static bool replace_file(struct cellc *c, const char *path, const char *text)
{
	char *temporary = arena_printf(c->arena, "%s.XXXXXX", path);
	size_t len = strlen(text);
	struct stat st;
	bool ok;
	FILE *f;
	int fd;

	if (stat(path, &st) < 0)
		return false;
	fd = mkstemp(temporary);
	if (fd < 0)
		return false;
	f = fdopen(fd, "wb");
	ok = fchmod(fd, st.st_mode & 07777) == 0 && fwrite(text, 1, len, f) == len;
	ok = fclose(f) == 0 && ok;
	ok = ok && rename(temporary, path) == 0;
	if (!ok)
		unlink(temporary);
	return ok;
}

static bool write_back(struct cellc *c, const char *name, const char *text)
{
	char path[PATH_MAX]; /* a link stays a link */

	if (realpath(name, path) && replace_file(c, path, text))
		return true;
	diag_report(c, D_E1301, NULL, "can't write \"%s\": %s", name, strerror(errno));
	return false;
}

/* Lays out one file; false if that needs an exit code: it differs or can't be done. */
static bool fmt_file(struct cellc *c, const char *name, const struct fmt_options *o)
{
	const char *err = NULL, *text;
	struct source *src = source_add(c, name, NULL, 0, &err);
	bool same;

	if (!src) {
		diag_report(c, D_E0101, NULL, "can't read \"%s\": %s", name, err);
		return false;
	}
	text = fmt_text(c, src);
	if (!text)
		return false;
	same = strlen(text) == src->len && memcmp(text, src->text, src->len) == 0;
	if (o->check) {
		if (!same)
			printf("%s\n", name);
		return same;
	}
	if (o->write && strcmp(name, "-") != 0)
		return same || write_back(c, name, text);
	fputs(text, stdout);
	return true;
}

int cmd_fmt(int argc, char **argv)
{
	struct fmt_options o = {false, false};
	const struct option own[] = {
		{"-w", "--write", NULL, "write the files in place", &o.write, NULL},
		{"--check", NULL, NULL, "list the files that are laid out otherwise", &o.check,
		 NULL},
		{0},
	};
	int code = EXIT_CLEAN, findings;
	struct cmdline cl = {0};
	struct cellc c;

	cellc_init(&c);
	if (!options_parse(&c, &cl, argc, argv, "[-w | --check] FILE...", OPTS_FINDINGS, own, 1,
			   SIZE_MAX)) {
		cellc_free(&c);
		return cl.exit;
	}
	for (size_t i = 0; i < cl.files.n; i++)
		if (!fmt_file(&c, cl.files.v[i], &o))
			code = EXIT_FINDINGS;
	findings = findings_finish(&c, false);
	cellc_free(&c);
	return findings == EXIT_CLEAN ? code : findings;
}
