// SPDX-License-Identifier: GPL-2.0-only
/*
 * ticks MS: on each CPU a process with a periodic timer of its own, MS milliseconds, and a token that
 * goes round through all of them, so that CPUs have to wake each other. SIGTERM ends it; then each says:
 *
 *	ticks: CPU n: E expirations of A..B, R reads, G ms at most between two, L laps
 *
 * A and B are elapsed time / period before and after the last read. A process that its CPU leaves
 * goes on elsewhere, and back when it can.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CPUS_MAX 64

static volatile sig_atomic_t stop;
static long period; /* ns */

static void on_term(int signal)
{
	(void)signal;
	stop = 1;
}

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static void stay_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set); /* fails while the CPU is away */
}

/* First expiration at *start + period. */
static int start_timer(int64_t *start)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, 0);
	int64_t first;
	struct itimerspec t = {.it_interval = {0, period}};

	*start = now();
	first = *start + period;
	t.it_value = (struct timespec){first / 1000000000, first % 1000000000};
	if (fd < 0 || timerfd_settime(fd, TFD_TIMER_ABSTIME, &t, NULL))
		die("timerfd");
	return fd;
}

static void run(int cpu, int from, int to)
{
	int64_t start, last, before = 0, after = 0, worst = 0;
	uint64_t n, sum = 0, reads = 0, laps = 0;
	struct pollfd fds[2];
	char token;

	stay_on(cpu);
	fds[0] = (struct pollfd){start_timer(&start), POLLIN, 0};
	fds[1] = (struct pollfd){from, POLLIN, 0};
	last = start;
	while (!stop) {
		if (poll(fds, 2, -1) < 0)
			continue; /* the signal */
		if (fds[1].revents & POLLIN && read(from, &token, 1) == 1) {
			laps++;
			if (write(to, &token, 1) != 1)
				die("token");
		}
		if (!(fds[0].revents & POLLIN))
			continue;
		before = now();
		if (read(fds[0].fd, &n, sizeof(n)) != sizeof(n))
			die("read");
		after = now();
		sum += n;
		worst = after - last > worst ? after - last : worst;
		last = after;
		if (++reads % 64 == 0)
			stay_on(cpu);
	}
	printf("ticks: CPU %d: %llu expirations of %lld..%lld, %llu reads, %lld ms at most between two, %llu laps\n",
	       cpu, (unsigned long long)sum, (long long)((before - start) / period),
	       (long long)((after - start) / period), (unsigned long long)reads,
	       (long long)(worst / 1000000), (unsigned long long)laps);
	exit(0);
}

int main(int argc, char **argv)
{
	int cpus = (int)sysconf(_SC_NPROCESSORS_ONLN), ring[CPUS_MAX][2];
	pid_t pids[CPUS_MAX];
	struct sigaction action = {.sa_handler = on_term};

	period = argc > 1 ? atol(argv[1]) * 1000000 : 0;
	if (period <= 0 || period >= 1000000000 || cpus > CPUS_MAX)
		return 2;
	sigaction(SIGTERM, &action, NULL);
	for (int i = 0; i < cpus; i++)
		if (pipe(ring[i]))
			die("pipe");
	for (int i = 0; i < cpus; i++) {
		pids[i] = fork();
		if (!pids[i])
			run(i, ring[i][0], ring[(i + 1) % cpus][1]);
	}
	if (write(ring[0][1], "t", 1) != 1)
		die("token");
	while (!stop)
		usleep(100000);
	for (int i = 0; i < cpus; i++)
		kill(pids[i], SIGTERM);
	while (wait(NULL) > 0)
		;
	printf("ticks: end\n");
	return 0;
}
