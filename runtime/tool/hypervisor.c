// SPDX-License-Identifier: GPL-2.0-only
/* enable, disable, console. */
#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int cmd_enable(int argc, char **argv)
{
	struct file f;
	int result;

	if (argc != 1)
		return misuse("enable takes one system descriptor");
	if (!read_file(argv[0], &f))
		return FAILED;
	/* the driver finds the size by the counts in it: they must not lead past the file's end */
	f.data = realloc(f.data, f.size + CV_MAX_CONFIG_SIZE);
	if (!f.data)
		return fail("no memory");
	memset((char *)f.data + f.size, 0, CV_MAX_CONFIG_SIZE);
	if (f.size < sizeof(struct cv_system) || memcmp(f.data, CV_SYS_SIGNATURE, 5))
		result = fail("%s: not a system descriptor", argv[0]);
	else
		result = request(CV_IOC_ENABLE, f.data, argv[0]);
	free(f.data);
	return result;
}

int cmd_disable(int argc, char **argv)
{
	(void)argv;
	return argc ? misuse("disable takes no argument") : request(CV_IOC_DISABLE, NULL, "disable");
}

static int copy_console(int fd)
{
	char text[4096];
	ssize_t n;

	while ((n = read(fd, text, sizeof(text))) > 0)
		if (fwrite(text, 1, (size_t)n, stdout) != (size_t)n || fflush(stdout))
			return fail("standard output: %s", strerror(errno));
	if (n == 0 || errno == EAGAIN || errno == EINTR)
		return DONE;
	if (errno == EPERM)
		return fail("the system descriptor does not let Linux read the hypervisor console "
			    "('root-console' in the plan)");
	return fail("console: %s", errno == ENODEV ? "not enabled" : strerror(errno));
}

int cmd_console(int argc, char **argv)
{
	bool follow = argc == 1 && (!strcmp(argv[0], "-f") || !strcmp(argv[0], "--follow"));
	int fd, result;

	if (argc && !follow)
		return misuse("console takes -f alone");
	fd = open(CV_DRIVER_DEVICE, O_RDONLY | O_CLOEXEC | (follow ? 0 : O_NONBLOCK));
	if (fd < 0)
		return fail("%s: %s%s", CV_DRIVER_DEVICE, strerror(errno),
			    errno == ENOENT ? " (is the module cellvisor loaded?)" : "");
	result = copy_console(fd);
	close(fd);
	return result;
}
