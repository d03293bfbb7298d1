// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writing outputs: all of them appear, or none.
 *
 * In: outputs in memory. Out: files. Everything is written to temporary files beside its
 * destination first; only when all are complete are they renamed, and on failure or a signal the
 * temporary ones are removed. Signals wait while the renames run.
 */
#include "emit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct output *output_add(struct cellc *c, struct outputs *outs, const char *name)
{
	struct output *o = NEW(c->arena, struct output);

	o->name = intern_str(c->arena, name);
	buf_init(&o->data, c->arena);
	*vec_push(c->arena, &outs->v) = o;
	return o;
}

struct writing {
	const char *path, *temp; /* temp is NULL until it exists */
	const struct buf *data;
	bool special; /* not replaced but written through, and done */
};

struct job {
	struct cellc *c;
	VEC(struct writing) v;
	sigset_t masked_before;
};

static void remove_temps(const struct job *job)
{
	for (size_t i = 0; i < job->v.n; i++)
		if (job->v.v[i].temp)
			unlink(job->v.v[i].temp);
}

static bool fail(const struct job *job, const char *path, const char *why)
{
	remove_temps(job);
	diag_report(job->c, D_E1301, NULL, "can't write %s: %s", path, why);
	return false;
}

/* All parents of path, as mkdir -p; false with errno. */
static bool make_folder(struct cellc *c, const char *path)
{
	char *copy = arena_strndup(c->arena, path, strlen(path));
	struct stat st;

	for (char *p = copy + 1; *copy; p++) {
		char ch = *p;

		if (ch && ch != '/')
			continue;
		*p = 0;
		if (mkdir(copy, 0777) < 0 && errno != EEXIST)
			return false;
		*p = ch;
		if (!ch)
			break;
	}
	if (stat(path, &st) < 0)
		return false;
	errno = ENOTDIR;
	return S_ISDIR(st.st_mode);
}

static bool write_full(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

/* Gives the temporary file the mode that a plain open would have given. */
static bool write_temp(struct job *job, struct writing *w)
{
	char *temp = arena_printf(job->c->arena, "%s.%ld.tmp", w->path, (long)getpid());
	int fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666), saved;
	bool ok;

	if (fd < 0)
		return false;
	w->temp = temp;
	ok = write_full(fd, w->data->data, w->data->len);
	saved = errno;
	if (close(fd) < 0 && ok)
		return false;
	errno = saved;
	return ok;
}

/* A device or a pipe (/dev/null, /dev/stdout) is written through, not replaced. */
static bool is_special(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && (S_ISCHR(st.st_mode) || S_ISFIFO(st.st_mode));
}

static bool write_through(const struct job *job, const struct writing *w)
{
	int fd = open(w->path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write_full(fd, w->data->data, w->data->len);
	int saved = errno;

	if (fd >= 0)
		close(fd);
	return ok ? true : fail(job, w->path, strerror(saved));
}

/* What would make a rename fail is looked for before the first one is done. */
static const char *obstacle(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return errno == ENOENT ? NULL : strerror(errno);
	if (S_ISDIR(st.st_mode))
		return "is a folder";
	return S_ISREG(st.st_mode) || is_special(path) ? NULL : "is not a regular file";
}

static bool write_specials(struct job *job)
{
	for (size_t i = 0; i < job->v.n; i++) {
		const char *why = obstacle(job->v.v[i].path);

		if (why)
			return fail(job, job->v.v[i].path, why);
	}
	for (size_t i = 0; i < job->v.n; i++) {
		struct writing *w = &job->v.v[i];

		w->special = is_special(w->path);
		if (w->special && !write_through(job, w))
			return false;
	}
	return true;
}

static bool write_regular(struct job *job)
{
	for (size_t i = 0; i < job->v.n; i++)
		if (!job->v.v[i].special && !write_temp(job, &job->v.v[i]))
			return fail(job, job->v.v[i].path, strerror(errno));
	for (size_t i = 0; i < job->v.n; i++) {
		struct writing *w = &job->v.v[i];

		if (w->temp && rename(w->temp, w->path) < 0)
			return fail(job, w->path, strerror(errno));
		w->temp = NULL;
	}
	return true;
}

/* A signal that would end the program waits until no temporary file is left. */
static void hold_signals(struct job *job)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, &job->masked_before);
}

bool outputs_write(struct cellc *c, const struct outputs *outs, const char *dir,
		   const struct output *depfile)
{
	struct job job = {.c = c};
	bool ok;

	if (!make_folder(c, dir))
		return fail(&job, dir, strerror(errno));
	for (size_t i = 0; i < outs->v.n; i++) {
		struct output *o = outs->v.v[i];

		*vec_push(c->arena, &job.v) = (struct writing){
			.path = arena_printf(c->arena, "%s/%s", dir, o->name),
			.data = &o->data,
		};
	}
	if (depfile)
		*vec_push(c->arena, &job.v) =
			(struct writing){.path = depfile->name, .data = &depfile->data};
	if (!write_specials(&job))
		return false;
	hold_signals(&job);
	ok = write_regular(&job);
	sigprocmask(SIG_SETMASK, &job.masked_before, NULL);
	return ok;
}
