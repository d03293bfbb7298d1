// SPDX-License-Identifier: GPL-2.0-only
/*
 * console: what the hypervisor said; and the other end of a cell's console, at a terminal or from a
 * script.
 */
#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define LEAVE	  0x1d /* Ctrl-] */
#define LINES_MAX 64

struct talk {
	bool follow, only_new, any; /* any: some option is set */
	const char *send[LINES_MAX];
	int lines;
	const char *until;
	size_t seen; /* characters of until that were printed last */
	uint64_t seconds; /* 0: no limit */
	const char *cell;
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool print(const char *text, size_t n)
{
	if (fwrite(text, 1, n, stdout) == n && !fflush(stdout))
		return true;
	return fail("standard output: %s", strerror(errno)) == DONE;
}

/* --- the hypervisor's --- */

static int copy_console(int fd)
{
	char text[4096];
	ssize_t n;

	while ((n = read(fd, text, sizeof(text))) > 0)
		if (!print(text, (size_t)n))
			return FAILED;
	if (n == 0 || errno == EAGAIN || errno == EINTR)
		return DONE;
	if (errno == EPERM)
		return fail("the system descriptor does not let Linux read the hypervisor console "
			    "('root-console' in the plan)");
	return fail("console: %s", errno == ENODEV ? "not enabled" : strerror(errno));
}

static int hypervisor_console(bool follow)
{
	int fd = open_device(O_RDONLY | (follow ? 0 : O_NONBLOCK));
	int result = fd < 0 ? FAILED : copy_console(fd);

	if (fd >= 0)
		close(fd);
	return result;
}

/* --- a cell's --- */

/* Says why a write failed; false. */
static bool cant_send(const char *cell)
{
	return fail("%s: %s", cell,
		    errno == EOPNOTSUPP ? "it prints by hypercall and can't be sent anything" :
		    errno == EPIPE	? "it is gone" :
					  strerror(errno)) == DONE;
}

static bool send_all(int fd, const char *text, size_t n, const char *cell)
{
	while (n) {
		ssize_t done = write(fd, text, n);

		if (done < 0 && errno == EAGAIN) {
			poll(&(struct pollfd){ .fd = fd, .events = POLLOUT }, 1, -1);
			continue;
		}
		if (done < 0)
			return cant_send(cell);
		text += done;
		n -= (size_t)done;
	}
	return true;
}

static bool send_lines(int fd, const struct talk *t)
{
	bool good = true;

	for (int i = 0; i < t->lines && good; i++)
		good = send_all(fd, t->send[i], strlen(t->send[i]), t->cell) &&
		       send_all(fd, "\n", 1, t->cell);
	return good;
}

/* Whether the text that is awaited ends within these characters. A text that begins anew inside of
 * itself is found as well: each character is compared with all that may stand there. */
static bool completes(struct talk *t, const char *text, size_t n)
{
	size_t length = strlen(t->until);

	for (size_t i = 0; i < n; i++) {
		while (t->seen && t->until[t->seen] != text[i]) {
			size_t k = t->seen - 1; /* the longest beginning that is also an end */

			while (k && memcmp(t->until, t->until + t->seen - k, k))
				k--;
			t->seen = k;
		}
		t->seen += t->until[t->seen] == text[i];
		if (t->seen == length)
			return true;
	}
	return false;
}

/*
 * Prints what has come, a part at a time: a cell may never stop. DONE or FAILED when that ends, -1
 * when there may be more, `idle` says whether not now.
 */
static int pass_on(int fd, struct talk *t, bool *idle)
{
	char text[4096];
	ssize_t n = read(fd, text, sizeof(text));

	*idle = n < 0 && (errno == EAGAIN || errno == EINTR);
	if (*idle)
		return -1;
	if (n < 0)
		return fail("%s: %s", t->cell, strerror(errno));
	if (!n)
		return t->until || t->follow ? fail("%s: it is gone", t->cell) : DONE;
	if (!print(text, (size_t)n))
		return FAILED;
	return t->until && completes(t, text, (size_t)n) ? DONE : -1;
}

static int listen(int fd, struct talk *t)
{
	int64_t end = now_ms() + (int64_t)t->seconds * 1000;
	bool stay = t->follow || t->until || t->seconds, idle;
	int result;

	while ((result = pass_on(fd, t, &idle)) < 0 && (stay || !idle)) {
		int64_t left = t->seconds ? end - now_ms() : -1;

		if (t->seconds && left <= 0)
			break;
		if (idle)
			poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, (int)left);
	}
	if (result >= 0)
		return result;
	return t->until ? fail("%s: it did not print '%s' in %llu s", t->cell, t->until,
			       (unsigned long long)t->seconds) :
			  DONE;
}

/* --- at a terminal --- */

static volatile sig_atomic_t ended; /* by this signal */

static void on_signal(int number)
{
	ended = number;
}

/* What was typed and the cell has not taken yet; more than it holds is lost, with a bell. */
struct keys {
	char text[256];
	size_t n;
};

/* What was typed, up to the key that leaves. False: to leave. */
static bool read_keys(struct keys *k)
{
	char text[sizeof(k->text)];
	ssize_t n = read(STDIN_FILENO, text, sizeof(text));
	char *leave = n > 0 ? memchr(text, LEAVE, (size_t)n) : NULL;
	size_t room = sizeof(k->text) - k->n;

	if (n <= 0)
		return n < 0 && errno == EINTR;
	n = leave ? leave - text : n;
	if ((size_t)n > room)
		fputc('\a', stderr);
	memcpy(k->text + k->n, text, MIN((size_t)n, room));
	k->n += MIN((size_t)n, room);
	return !leave;
}

/* False, said, if the cell takes nothing ever. */
static bool send_keys(int fd, const struct talk *t, struct keys *k)
{
	ssize_t n = k->n ? write(fd, k->text, k->n) : 0;

	if (n < 0)
		return errno == EAGAIN || errno == EINTR || cant_send(t->cell);
	k->n -= (size_t)n;
	memmove(k->text, k->text + n, k->n);
	return true;
}

/* DONE, FAILED, or -1 when a signal came. The cell may print without end or read nothing. */
static int converse(int fd, struct talk *t, const sigset_t *waiting)
{
	struct keys keys = { .n = 0 };
	int result = -1;

	while (result < 0 && !ended) {
		struct pollfd p[] = { { .fd = fd, .events = keys.n ? POLLIN | POLLOUT : POLLIN },
				      { .fd = STDIN_FILENO, .events = POLLIN } };
		bool idle, leave;

		result = pass_on(fd, t, &idle);
		if (result >= 0 || ppoll(p, 2, idle ? NULL : &(struct timespec){ 0 }, waiting) <= 0)
			continue;
		leave = p[1].revents && !read_keys(&keys);
		if (!send_keys(fd, t, &keys))
			result = FAILED;
		else if (leave)
			result = DONE;
	}
	return result;
}

/* The terminal is as it was when this ends, whatever ends it but SIGKILL. */
static int interact(int fd, struct talk *t)
{
	static const int ends[] = { SIGTERM, SIGHUP, SIGINT, SIGQUIT };
	struct sigaction action = { .sa_handler = on_signal };
	struct termios was, raw;
	sigset_t mask, before;
	int result;

	if (tcgetattr(STDIN_FILENO, &was))
		return fail("terminal: %s", strerror(errno));
	fprintf(stderr, "console of %s, Ctrl-] leaves\n", t->cell);
	sigemptyset(&mask);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		sigaddset(&mask, ends[i]);
		sigaction(ends[i], &action, NULL);
	}
	sigprocmask(SIG_BLOCK, &mask, &before); /* but while it waits */
	raw = was;
	cfmakeraw(&raw);
	raw.c_oflag |= OPOST; /* a cell that prints by hypercall sends bare line feeds */
	tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
	result = converse(fd, t, &before);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &was);
	fputs("\n", stderr);
	if (!ended)
		return result;
	signal(ended, SIG_DFL);
	sigprocmask(SIG_SETMASK, &before, NULL);
	raise(ended);
	return FAILED;
}

static void skip(int fd)
{
	char text[4096];

	while (read(fd, text, sizeof(text)) > 0)
		;
}

static int cell_console(const struct cv_cell_id *id, struct talk *t)
{
	int fd = open_device(O_RDWR | O_NONBLOCK), result = FAILED;

	if (fd < 0)
		return FAILED;
	t->cell = cell_text(id);
	if (!request_over(fd, CV_IOC_CONSOLE, id, t->cell)) {
		if (t->only_new)
			skip(fd);
		if (!t->any && isatty(STDIN_FILENO))
			result = interact(fd, t);
		else if (send_lines(fd, t))
			result = listen(fd, t);
	}
	close(fd);
	return result;
}

static bool is(const char *arg, const char *brief, const char *full)
{
	return !strcmp(arg, brief) || !strcmp(arg, full);
}

/* One option at *argv, which moves behind it. DONE or MISUSE. */
static int parse_option(char ***argv, struct talk *t)
{
	const char *name = *(*argv)++, *value = **argv;

	t->any = true;
	if (is(name, "-f", "--follow"))
		t->follow = true;
	else if (is(name, "-n", "--new"))
		t->only_new = true;
	else if (!is(name, "-s", "--send") && !is(name, "-u", "--until") &&
		 !is(name, "-t", "--timeout"))
		return misuse("console has no option '%s'", name);
	else if (!value)
		return misuse("%s needs an argument", name);
	else if (is(name, "-s", "--send") && t->lines < LINES_MAX)
		t->send[t->lines++] = value;
	else if (is(name, "-u", "--until") && *value)
		t->until = value;
	else if (!is(name, "-t", "--timeout") || !parse_number(value, &t->seconds) ||
		 !t->seconds || t->seconds > 1000000)
		return misuse("%s can't be '%s'", name, value);
	if (!is(name, "-f", "--follow") && !is(name, "-n", "--new"))
		++*argv;
	return DONE;
}

int cmd_console(int argc, char **argv)
{
	struct cv_cell_id id;
	struct talk t = { 0 };
	bool cell = false;

	(void)argc;
	while (*argv) {
		if (**argv == '-' && strcmp(*argv, "--name")) {
			if (parse_option(&argv, &t))
				return MISUSE;
		} else if (cell) {
			return misuse("console takes one cell");
		} else if (parse_cell(&argv, &id)) {
			cell = true;
		} else {
			return MISUSE;
		}
	}
	if (cell)
		return cell_console(&id, &t);
	if (t.only_new || t.lines || t.until || t.seconds)
		return misuse("without a cell, console takes -f alone");
	return hypervisor_console(t.follow);
}
