// SPDX-License-Identifier: GPL-2.0-only
/*
 * measure COMMAND [ARG...]: runs it with its output thrown away and prints user plus system
 * microseconds and peak KiB, of it and its children. A small program of its own, since the peak of
 * a process begins with that of the one it was forked from.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static long long microseconds(struct timeval t)
{
	return t.tv_sec * 1000000ll + t.tv_usec;
}

int main(int argc, char **argv)
{
	struct rusage usage;
	int status;
	pid_t pid = argc > 1 ? fork() : -1;

	if (pid < 0)
		return 2;
	if (pid == 0) {
		dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
		execvp(argv[1], argv + 1);
		_exit(127);
	}
	if (wait4(pid, &status, 0, &usage) < 0 || !WIFEXITED(status))
		return 2;
	printf("%lld %ld\n", microseconds(usage.ru_utime) + microseconds(usage.ru_stime),
	       usage.ru_maxrss);
	return WEXITSTATUS(status);
}
