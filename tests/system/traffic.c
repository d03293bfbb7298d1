// SPDX-License-Identifier: GPL-2.0-only
/*
 * Traffic between two Linuxes, counted by the machine's own clock.
 *
 *	traffic serve PORT			TCP: checks the bytes it gets, tells how many; UDP: echoes
 *	traffic send HOST PORT BYTES		TCP: so many bytes: "sent BYTES in NS ns"
 *	traffic rounds HOST PORT COUNT		UDP: 64 bytes there and back: "COUNT rounds in NS ns"
 *	traffic flood HOST PORT SECONDS SIZE	UDP: datagrams that nobody has to take: "flooded N"
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CHUNK	 65536
#define PATTERN	 251 /* prime: a lost or repeated page shows */
#define MESSAGE	 64
#define PATIENCE 60000 /* ms */

static int fail(const char *what)
{
	fprintf(stderr, "traffic: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static struct sockaddr_in address(const char *host, const char *port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};

	if (inet_pton(AF_INET, host, &a.sin_addr) != 1)
		fail(host);
	return a;
}

static int open_socket(int type, const struct sockaddr_in *own, const struct sockaddr_in *other)
{
	int one = 1, fd = socket(AF_INET, type, 0);

	if (fd < 0)
		fail("socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (own && bind(fd, (const void *)own, sizeof(*own)))
		fail("bind");
	if (other && connect(fd, (const void *)other, sizeof(*other)))
		fail("connect");
	return fd;
}

/* The bytes of a stream depend on their place in it. */
static void fill(uint8_t *buf, size_t n, uint64_t at)
{
	for (size_t i = 0; i < n; i++)
		buf[i] = (uint8_t)((at + i) % PATTERN);
}

/* --- serve --- */

static void take(int fd)
{
	static uint8_t buf[CHUNK], right[CHUNK];
	uint64_t total = 0;
	bool good = true;
	char answer[64];
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		fill(right, (size_t)n, total % PATTERN);
		good = good && !memcmp(buf, right, (size_t)n);
		total += (uint64_t)n;
	}
	snprintf(answer, sizeof(answer), "%s %llu\n", good ? "good" : "DAMAGED",
		 (unsigned long long)total);
	if (write(fd, answer, strlen(answer)) < 0)
		perror("traffic: answer");
	close(fd);
}

static void echo(int fd)
{
	struct sockaddr_in from;
	socklen_t size = sizeof(from);
	char buf[2048];
	ssize_t n = recvfrom(fd, buf, sizeof(buf), 0, (void *)&from, &size);

	if (n > 0)
		sendto(fd, buf, (size_t)n, 0, (void *)&from, size);
}

static int serve(char **args)
{
	struct sockaddr_in own = address("0.0.0.0", args[0]);
	struct pollfd p[2] = {
		{.fd = open_socket(SOCK_STREAM, &own, NULL), .events = POLLIN},
		{.fd = open_socket(SOCK_DGRAM, &own, NULL), .events = POLLIN},
	};

	if (listen(p[0].fd, 4))
		fail("listen");
	while (poll(p, 2, -1) > 0) {
		if (p[0].revents) {
			int fd = accept(p[0].fd, NULL, NULL);

			if (fd >= 0)
				take(fd);
		}
		if (p[1].revents)
			echo(p[1].fd);
	}
	return fail("poll");
}

/* --- the other side --- */

static int send_bytes(char **args)
{
	struct sockaddr_in other = address(args[0], args[1]);
	uint64_t total = strtoull(args[2], NULL, 0), sent = 0, start, end;
	static uint8_t buf[CHUNK];
	char answer[64] = "", right[64];
	int fd = open_socket(SOCK_STREAM, NULL, &other);

	start = now();
	while (sent < total) {
		size_t n = total - sent < CHUNK ? total - sent : CHUNK;
		ssize_t done;

		fill(buf, n, sent % PATTERN);
		done = write(fd, buf, n);
		if (done <= 0)
			fail("write");
		sent += (uint64_t)done;
	}
	shutdown(fd, SHUT_WR);
	if (read(fd, answer, sizeof(answer) - 1) <= 0)
		fail("no answer");
	end = now();
	snprintf(right, sizeof(right), "good %llu\n", (unsigned long long)total);
	if (strcmp(answer, right)) {
		fprintf(stderr, "traffic: the other side says: %s", answer);
		return 1;
	}
	printf("sent %llu in %llu ns\n", (unsigned long long)total,
	       (unsigned long long)(end - start));
	return 0;
}

/* One message there and back; what is lost is sent again. */
static void round_trip(int fd, uint32_t number)
{
	char message[MESSAGE] = "", back[MESSAGE];
	struct pollfd p = {.fd = fd, .events = POLLIN};

	memcpy(message, &number, sizeof(number));
	for (int tries = 0; tries < 10; tries++) {
		if (send(fd, message, sizeof(message), 0) < 0)
			fail("send");
		while (poll(&p, 1, PATIENCE / 10) > 0)
			if (recv(fd, back, sizeof(back), 0) == MESSAGE &&
			    !memcmp(back, message, MESSAGE))
				return;
	}
	errno = ETIMEDOUT;
	fail("no echo");
}

static int rounds(char **args)
{
	struct sockaddr_in other = address(args[0], args[1]);
	uint32_t count = (uint32_t)atoi(args[2]);
	int fd = open_socket(SOCK_DGRAM, NULL, &other);
	uint64_t start;

	round_trip(fd, UINT32_MAX); /* finds the neighbour's address, and warms up */
	start = now();
	for (uint32_t i = 0; i < count; i++)
		round_trip(fd, i);
	printf("%u rounds in %llu ns\n", count, (unsigned long long)(now() - start));
	return 0;
}

static int flood(char **args)
{
	struct sockaddr_in other = address(args[0], args[1]);
	uint64_t end = now() + (uint64_t)atoi(args[2]) * 1000000000;
	size_t size = (size_t)atoi(args[3]);
	static uint8_t buf[CHUNK];
	int fd = open_socket(SOCK_DGRAM, NULL, &other);
	unsigned long n = 0;

	for (; now() < end; n++) /* refused, no route, queue full: all the same */
		(void)!send(fd, buf, size < CHUNK ? size : CHUNK, MSG_DONTWAIT);
	printf("flooded %lu\n", n);
	return 0;
}

static const struct {
	const char *name;
	int arguments;
	int (*run)(char **args);
} commands[] = {
	{"serve", 1, serve}, {"send", 3, send_bytes}, {"rounds", 3, rounds}, {"flood", 4, flood},
};

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; argc > 2 && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(argv[1], commands[i].name) && argc - 2 == commands[i].arguments)
			return commands[i].run(argv + 2);
	fputs("usage: traffic serve PORT | send HOST PORT BYTES | rounds HOST PORT COUNT\n"
	      "               | flood HOST PORT SECONDS SIZE\n", stderr);
	return 2;
}
