// SPDX-License-Identifier: GPL-2.0-only
/* Files, numbers, requests to the driver and their errors in the user's words. */
#include "tool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATIENCE_MS 2000

static void say(const char *fmt, va_list ap)
{
	fflush(stdout);
	fputs("cellctl: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
}

int fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
	return FAILED;
}

int misuse(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
	return MISUSE;
}

char *format(const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		exit(fail("no memory"));
	va_end(ap);
	return text;
}

bool read_fd(int fd, struct file *f)
{
	size_t room = 0;
	ssize_t n = 1;

	*f = (struct file){ 0 };
	while (n) {
		if (room - f->size < 2) {
			room = room ? room * 2 : 1 << 16;
			f->data = realloc(f->data, room);
			if (!f->data)
				exit(fail("no memory"));
		}
		n = read(fd, (char *)f->data + f->size, room - f->size - 1);
		if (n < 0 && errno != EINTR) {
			free(f->data);
			return false;
		}
		f->size += n > 0 ? (size_t)n : 0;
		n = n < 0 ? 1 : n;
	}
	((char *)f->data)[f->size] = '\0';
	return true;
}

bool read_file(const char *path, struct file *f)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool good = fd >= 0 && read_fd(fd, f);

	if (!good)
		fail("%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return good;
}

bool read_line(const char *folder, const char *name, char *line, size_t size)
{
	char *path = format("%s/%s", folder, name);
	FILE *f = fopen(path, "re");
	bool good = f && fgets(line, (int)size, f);

	if (f)
		fclose(f);
	free(path);
	if (good)
		line[strcspn(line, "\n")] = '\0';
	return good;
}

bool parse_number(const char *s, uint64_t *value)
{
	char *end;

	if (*s < '0' || *s > '9')
		return false;
	errno = 0;
	*value = strtoull(s, &end, 0);
	return !errno && !*end;
}

/* --- the driver --- */

struct meaning {
	unsigned long code;
	int error;
	const char *text;
};

static const struct meaning meanings[] = {
	{ CV_IOC_ENABLE, EBUSY, "enabled already, or its memory is in use" },
	{ CV_IOC_ENABLE, EIO, "the interrupt controller or the console is not where the descriptor says" },
	{ CV_IOC_ENABLE, EINVAL, "not a valid system descriptor for this machine" },
	{ CV_IOC_ENABLE, ENODEV, "this kernel was not started as a hypervisor needs it "
				 "('cellctl hardware' tells more)" },
	{ CV_IOC_ENABLE, ENOENT, "no hypervisor image in the firmware folder" },
	{ CV_IOC_ENABLE, ENOEXEC, "the hypervisor image is of another version than the driver" },
	{ CV_IOC_ENABLE, ENOMEM, "not enough hypervisor memory" },
	{ CV_IOC_DISABLE, EINVAL, "not enabled" },
	{ CV_IOC_DISABLE, EBUSY, "there are cells ('cellctl down' destroys them)" },
	{ CV_IOC_DISABLE, EPERM, "a cell is locked" },
	{ CV_IOC_CELL_CREATE, EINVAL, "not enabled, or not a valid cell descriptor for this machine" },
	{ CV_IOC_CELL_CREATE, EBUSY, "a CPU, memory or device of it is in use" },
	{ CV_IOC_CELL_CREATE, EEXIST, "there is a cell of this name" },
	{ CV_IOC_CELL_CREATE, EPERM, "a cell is locked" },
	{ CV_IOC_CELL_CREATE, ENOMEM, "not enough hypervisor memory" },
	{ CV_IOC_CELL_LOAD, EINVAL,
	  "not enabled, or an image is empty or lies outside the cell's loadable memory" },
	{ CV_IOC_CELL_LOAD, EPERM, "the cell does not agree to stop" },
	{ CV_IOC_CELL_LOAD, EIO, "a CPU of it failed in the hypervisor: it can only be destroyed" },
	{ CV_IOC_CELL_START, EIO, "a CPU of it failed in the hypervisor: it can only be destroyed" },
	{ CV_IOC_CELL_DESTROY, EIO, "a CPU of it does not stop, and may still use what it has" },
	{ CV_IOC_CELL_START, EINVAL, "not enabled, or that can't be started" },
	{ CV_IOC_CELL_DESTROY, EINVAL, "not enabled, or that can't be destroyed" },
	{ CV_IOC_CELL_DESTROY, EPERM, "the cell does not agree, or another is locked" },
	{ CV_IOC_CONSOLE, EINVAL, "not enabled, or that is the root cell" },
	{ CV_IOC_CONSOLE, ENXIO, "it has no console here ('console virtual' in the plan)" },
	{ CV_IOC_CONSOLE, ENOTTY, "the driver is older than this program" },
	{ 0, ENOENT, "no such cell" },
	{ 0, E2BIG, "too large" },
};

static const char *meaning(unsigned long code, int error)
{
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if (meanings[i].error == error && (!meanings[i].code || meanings[i].code == code))
			return meanings[i].text;
	return strerror(error);
}

int open_device(int flags)
{
	int fd = open(CV_DRIVER_DEVICE, flags | O_CLOEXEC);

	if (fd < 0)
		fail("%s: %s%s", CV_DRIVER_DEVICE, strerror(errno),
		     errno == ENOENT ? " (is the module cellvisor loaded?)" : "");
	return fd;
}

/* Cells are asked before they are stopped, and one may be silent. */
static bool may_wait(unsigned long code)
{
	return code == CV_IOC_CELL_LOAD || code == CV_IOC_CELL_START || code == CV_IOC_CELL_DESTROY;
}

struct teller {
	pthread_t thread;
	const char *what;
	int ends[2]; /* of a pipe: closed when there is an answer */
};

/* What a person at a terminal is told when nothing happens. */
static void *tell(void *arg)
{
	const struct teller *t = arg;

	if (!poll(&(struct pollfd){ .fd = t->ends[0] }, 1, PATIENCE_MS))
		fprintf(stderr, "cellctl: %s: no answer yet (Ctrl-C ends the waiting)\n", t->what);
	return NULL;
}

static bool teller_start(struct teller *t, const char *what)
{
	t->what = what;
	if (!isatty(STDERR_FILENO) || pipe2(t->ends, O_CLOEXEC))
		return false;
	if (!pthread_create(&t->thread, NULL, tell, t))
		return true;
	close(t->ends[0]);
	close(t->ends[1]);
	return false;
}

static void teller_stop(const struct teller *t)
{
	close(t->ends[1]);
	pthread_join(t->thread, NULL);
	close(t->ends[0]);
}

int request_over(int fd, unsigned long code, const void *arg, const char *what)
{
	struct teller teller;
	bool telling = may_wait(code) && teller_start(&teller, what);
	int error = ioctl(fd, code, arg) ? errno : 0;

	if (telling)
		teller_stop(&teller);
	if (!error)
		return 0;
	fail("%s: %s (%s)%s", what, meaning(code, error), strerror(error),
	     code == CV_IOC_ENABLE || code == CV_IOC_CELL_CREATE ?
		     "; the kernel log may say more" : "");
	return -1;
}

int request(unsigned long code, const void *arg, const char *what)
{
	int fd = open_device(O_RDWR), result;

	if (fd < 0)
		return FAILED;
	result = request_over(fd, code, arg, what);
	close(fd);
	return result ? FAILED : DONE;
}

/* --- cells --- */

bool parse_cell(char ***argv, struct cv_cell_id *id)
{
	const char *text = **argv;
	bool name = text && !strcmp(text, "--name");
	uint64_t number;

	*id = (struct cv_cell_id){ .id = CV_CELL_ID_BY_NAME };
	text = name ? *++*argv : text;
	if (!text || !*text || (text[0] == '-' && !name)) {
		misuse("which cell? An id or a name is needed");
		return false;
	}
	++*argv;
	if (!name && parse_number(text, &number) && number <= INT32_MAX) {
		id->id = (int32_t)number;
		return true;
	}
	if (strlen(text) >= sizeof(id->name)) {
		misuse("'%s' is longer than a cell's name can be", text);
		return false;
	}
	strcpy(id->name, text);
	return true;
}

const char *cell_text(const struct cv_cell_id *id)
{
	return id->id == CV_CELL_ID_BY_NAME ? format("cell \"%s\"", id->name) :
					      format("cell %d", (int)id->id);
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

int cell_ids(uint32_t *ids, int max)
{
	DIR *dir = opendir(CV_DRIVER_SYSFS "/cells");
	struct dirent *e;
	uint64_t number;
	int n = 0;

	if (!dir) {
		fail("%s/cells: %s (is the module cellvisor loaded?)", CV_DRIVER_SYSFS,
		     strerror(errno));
		return -1;
	}
	while (n < max && (e = readdir(dir)))
		if (parse_number(e->d_name, &number))
			ids[n++] = (uint32_t)number;
	closedir(dir);
	qsort(ids, (size_t)n, sizeof(*ids), by_number);
	return n;
}

bool cell_folder(const struct cv_cell_id *id, char *path, size_t size)
{
	uint32_t ids[256];
	int n = cell_ids(ids, 256);
	char name[64];

	for (int i = 0; i < n; i++) {
		snprintf(path, size, "%s/cells/%u", CV_DRIVER_SYSFS, ids[i]);
		if (id->id == (int32_t)ids[i])
			return true;
		if (id->id == CV_CELL_ID_BY_NAME && read_line(path, "name", name, sizeof(name)) &&
		    !strcmp(name, id->name))
			return true;
	}
	return false;
}
