// SPDX-License-Identifier: GPL-2.0-only
/*
 * Device-tree sources: dtc as a child process, no shell, with a time-out.
 *
 * In: the path of a .dts. Out: the blob with labels in /__symbols__ (-@); the files that dtc
 * included are inputs of the compilation. What dtc says is passed on as a finding.
 */
#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TIMEOUT_MS 30000

enum { BLOB, MESSAGES, DEPENDENCIES, N_PIPES };

struct child {
	pid_t pid;
	int fd[N_PIPES]; /* our ends; -1 when closed */
	struct buf out[N_PIPES];
};

/* In the child: the write ends become 1, 2 and 3. Does not return. */
static void exec_dtc(int write_end[N_PIPES], const char *path)
{
	int devnull = open("/dev/null", O_RDONLY), high[N_PIPES];

	for (int i = 0; i < N_PIPES; i++)
		high[i] = fcntl(write_end[i], F_DUPFD, 10);
	if (devnull >= 0)
		dup2(devnull, 0);
	for (int i = 0; i < N_PIPES; i++)
		if (high[i] < 0 || dup2(high[i], i + 1) < 0)
			_exit(126);
	execlp("dtc", "dtc", "-I", "dts", "-O", "dtb", "-@", "-d", "/dev/fd/3", "-o", "-", "--",
	       path, (char *)NULL);
	_exit(127);
}

static bool child_start(struct cellc *c, struct child *ch, const char *path)
{
	int ends[N_PIPES][2], write_end[N_PIPES];
	int made = 0;

	while (made < N_PIPES && pipe2(ends[made], O_CLOEXEC) == 0)
		made++;
	for (int i = 0; i < N_PIPES; i++)
		write_end[i] = i < made ? ends[i][1] : -1;
	ch->pid = made == N_PIPES ? fork() : -1;
	if (ch->pid == 0)
		exec_dtc(write_end, path);
	for (int i = 0; i < made; i++) {
		close(ends[i][1]);
		ch->fd[i] = ends[i][0];
		buf_init(&ch->out[i], c->arena);
		if (ch->pid < 0)
			close(ends[i][0]);
	}
	return ch->pid > 0;
}

static void child_read(struct child *ch, int i)
{
	char chunk[65536];
	ssize_t n = read(ch->fd[i], chunk, sizeof(chunk));

	if (n < 0 && errno == EINTR)
		return;
	if (n > 0 && ch->out[i].len + (size_t)n <= HOST_MAX_SIZE) {
		buf_add(&ch->out[i], chunk, (size_t)n);
		return;
	}
	close(ch->fd[i]); /* the end, or more than is sensible: dtc then dies of SIGPIPE */
	ch->fd[i] = -1;
}

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (long)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Reads all pipes to their ends; false when time is up. */
static bool child_drain(struct child *ch)
{
	long deadline = now_ms() + TIMEOUT_MS;

	for (;;) {
		struct pollfd p[N_PIPES];
		long left = deadline - now_ms();
		int open_ends = 0;

		for (int i = 0; i < N_PIPES; i++) {
			p[i] = (struct pollfd){ch->fd[i], POLLIN, 0};
			open_ends += ch->fd[i] >= 0;
		}
		if (!open_ends)
			return true;
		if (left <= 0)
			return false;
		if (poll(p, N_PIPES, (int)left) < 0 && errno != EINTR)
			return false;
		for (int i = 0; i < N_PIPES; i++)
			if (ch->fd[i] >= 0 && (p[i].revents & (POLLIN | POLLHUP | POLLERR)))
				child_read(ch, i);
	}
}

/* Ends the child if it still runs; its exit status, or -1 when a signal ended it. */
static int child_end(struct child *ch, bool in_time)
{
	int status;

	if (!in_time)
		kill(ch->pid, SIGKILL);
	for (int i = 0; i < N_PIPES; i++)
		if (ch->fd[i] >= 0)
			close(ch->fd[i]);
	while (waitpid(ch->pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* The next file of a make rule, blanks in it unescaped; NULL at the end. */
static const char *next_file(struct cellc *c, const char **rule)
{
	const char *s = *rule;
	struct buf name;

	buf_init(&name, c->arena);
	s += strspn(s, " \n");
	while (s[0] == '\\' && s[1] == '\n')
		s += 2, s += strspn(s, " \n");
	for (; *s && *s != ' ' && *s != '\n'; s++) {
		if (*s == '\\' && s[1])
			s++;
		buf_char(&name, *s);
	}
	*rule = s;
	return name.len ? intern(c->arena, name.data, name.len) : NULL;
}

/*
 * "-: a.dts b.dtsi": what is behind the source itself was included. dtc 1.6 escapes no blanks, so
 * the source is skipped as it stands.
 */
static void add_inputs(struct cellc *c, const char *rule, const char *path)
{
	const char *colon = strstr(rule, ": "), *file;
	size_t len = strlen(path);

	rule = colon ? colon + 2 : "";
	if (strncmp(rule, path, len) == 0)
		rule += len;
	while ((file = next_file(c, &rule)))
		if (strcmp(file, path) != 0)
			*vec_push(c->arena, &c->inputs) = file;
}

static void report_failure(struct cellc *c, const char *path, const struct origin *at, int status,
			   bool in_time, const struct buf *text)
{
	struct diag *d;
	const char *line = text->data;

	if (!in_time)
		diag_report(c, D_E1103, at, "dtc takes longer than %d s over %s", TIMEOUT_MS / 1000,
			    path);
	else if (status == 127)
		diag_report(c, D_E1103, at,
			    "can't run dtc, which %s needs: install "
			    "device-tree-compiler",
			    path);
	if (!in_time || status == 127)
		return;
	d = diag_report(c, D_E1103, at, "dtc refuses %s", path);
	for (int lines = 0; *line && lines < 8; lines++) {
		size_t len = strcspn(line, "\n");

		diag_note(c, d, NULL, "%.*s", (int)MIN(len, (size_t)400), line);
		line += len + (line[len] == '\n');
	}
}

const void *dtc_compile(struct cellc *c, const char *path, const struct origin *at, size_t *len)
{
	struct child ch = {.pid = -1};
	bool in_time;
	int status;

	if (!child_start(c, &ch, path)) {
		diag_report(c, D_E1103, at, "can't start dtc over %s: %s", path, strerror(errno));
		return NULL;
	}
	in_time = child_drain(&ch);
	status = child_end(&ch, in_time);
	if (status != 0 || !in_time) {
		report_failure(c, path, at, status, in_time, &ch.out[MESSAGES]);
		return NULL;
	}
	add_inputs(c, ch.out[DEPENDENCIES].data, path);
	*len = ch.out[BLOB].len;
	return ch.out[BLOB].data;
}
