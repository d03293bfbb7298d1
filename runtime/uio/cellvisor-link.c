// SPDX-License-Identifier: GPL-2.0-only
/*
 * cellvisor-link: a link to other cells from user space, over uio-cellvisor. Shows how such a program
 * looks; needs no library but C's.
 *
 *	cellvisor-link list
 *	cellvisor-link UIO info
 *	cellvisor-link UIO state N		own state; leaves it when done, hence waits for input
 *	cellvisor-link UIO talk LIMIT		counts with each other peer in turns, see demos/shmem.c
 *	cellvisor-link UIO send PEER TEXT	a text into the own output section, and a doorbell
 *	cellvisor-link UIO receive PEER		waits for a text of the peer
 *	cellvisor-link UIO ring PEER VECTOR [COUNT]
 *	cellvisor-link UIO scribble SECONDS	random bytes over the own output section: for tests
 *
 * UIO is uio0 and so on. A text stands at the end of the output section's first page: a count, its
 * length, its bytes.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "../abi/shmem.h"

#define MAPS	   5
#define PEERS	   16
#define READY	   1
#define TEXT_AT	   2048
#define TEXT_MAX   2000
#define PATIENCE   60 /* seconds without a doorbell */
#define barrier() __atomic_thread_fence(__ATOMIC_SEQ_CST)

struct map {
	char name[32];
	uint64_t size;
	volatile void *at;
};

struct link {
	int fd;
	struct map maps[MAPS];
	volatile struct cv_shmem_registers *regs;
	volatile const uint32_t *states;
	uint32_t id, peers;
	uint64_t output_size;
	volatile uint8_t *own;
	volatile const uint8_t *outputs;
};

struct text {
	uint32_t count, len;
	char bytes[TEXT_MAX];
};

static void die(const char *format, ...)
{
	va_list args;

	fputs("cellvisor-link: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

/* --- the device --- */

/* A file of the device in sysfs, its newline cut off; false if there is none. */
static bool read_attr(const char *uio, const char *attr, char *buf, size_t size)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "/sys/class/uio/%s/%s", uio, attr);
	f = fopen(path, "r");
	if (!f)
		return false;
	if (!fgets(buf, (int)size, f))
		buf[0] = 0;
	buf[strcspn(buf, "\n")] = 0;
	fclose(f);
	return true;
}

static bool is_link(const char *uio)
{
	char name[64];

	return read_attr(uio, "name", name, sizeof(name)) && !strcmp(name, "uio_cellvisor");
}

static void open_maps(struct link *l, const char *uio)
{
	char attr[64], size[32];

	for (int i = 0; i < MAPS; i++) {
		struct map *m = &l->maps[i];
		bool write;

		snprintf(attr, sizeof(attr), "maps/map%d/name", i);
		if (!read_attr(uio, attr, m->name, sizeof(m->name)))
			return;
		snprintf(attr, sizeof(attr), "maps/map%d/size", i);
		read_attr(uio, attr, size, sizeof(size));
		m->size = strtoull(size, NULL, 0);
		write = strcmp(m->name, "state") && strcmp(m->name, "outputs");
		m->at = mmap(NULL, m->size, PROT_READ | (write ? PROT_WRITE : 0), MAP_SHARED,
			     l->fd, i * sysconf(_SC_PAGESIZE));
		if (m->at == MAP_FAILED)
			die("cannot map %s: %s", m->name, strerror(errno));
	}
}

static volatile void *find(struct link *l, const char *name, uint64_t *size)
{
	for (int i = 0; i < MAPS; i++)
		if (!strcmp(l->maps[i].name, name)) {
			*size = l->maps[i].size;
			return l->maps[i].at;
		}
	*size = 0;
	return NULL;
}

static void open_link(struct link *l, const char *uio)
{
	char path[64];
	uint64_t size;

	memset(l, 0, sizeof(*l));
	if (!is_link(uio))
		die("%s is no link", uio);
	snprintf(path, sizeof(path), "/dev/%s", uio);
	l->fd = open(path, O_RDWR);
	if (l->fd < 0)
		die("%s: %s", path, strerror(errno));
	open_maps(l, uio);
	l->regs = find(l, "registers", &size);
	l->states = find(l, "state", &size);
	l->outputs = find(l, "outputs", &size);
	l->own = find(l, "own", &l->output_size);
	l->id = l->regs->id;
	l->peers = l->regs->max_peers < PEERS ? l->regs->max_peers : PEERS;
}

static volatile const uint8_t *output_of(const struct link *l, uint32_t peer)
{
	return l->outputs + peer * l->output_size;
}

static void ring(struct link *l, uint32_t peer, uint32_t vector)
{
	barrier(); /* what was written is there before the doorbell */
	l->regs->doorbell = CV_SHMEM_DOORBELL(peer, vector);
}

/* What happens from here on ends the next wait(). */
static void listen_again(struct link *l)
{
	uint32_t on = 1;

	if (write(l->fd, &on, sizeof(on)) != sizeof(on))
		die("the link is gone: %s", strerror(errno));
}

static void wait_for_interrupt(struct link *l)
{
	struct pollfd p = {.fd = l->fd, .events = POLLIN};
	uint32_t count;

	if (poll(&p, 1, PATIENCE * 1000) == 0)
		die("no doorbell in %d s", PATIENCE);
	if (read(l->fd, &count, sizeof(count)) != sizeof(count))
		die("the link is gone: %s", strerror(errno));
}

static uint32_t number(const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 0);

	if (!*text || *end || n > UINT32_MAX)
		die("'%s' is no number", text);
	return (uint32_t)n;
}

static uint32_t peer_number(const struct link *l, const char *text)
{
	uint32_t peer = number(text);

	if (peer >= l->peers)
		die("peer %u: there are %u", peer, l->peers);
	return peer;
}

/* --- commands --- */

static int info(struct link *l, char **args)
{
	(void)args;
	printf("peer %u of %u, states", l->id, l->peers);
	for (uint32_t i = 0; i < l->peers; i++)
		printf(" %u", l->states[i]);
	for (int i = 0; i < MAPS && l->maps[i].at; i++)
		printf(", %s 0x%llx", l->maps[i].name, (unsigned long long)l->maps[i].size);
	printf("\n");
	return 0;
}

static int state(struct link *l, char **args)
{
	l->regs->state = number(args[0]);
	while (getchar() != EOF)
		;
	return 0;
}

/* Word n of an output section is what its owner said to peer n last. */
static void say(struct link *l, uint32_t peer, uint32_t what)
{
	((volatile uint32_t *)l->own)[peer] = what;
	ring(l, peer, 0);
}

/* True when the peer has said the limit, or a number above it. */
static bool answer(struct link *l, uint32_t peer, uint32_t *heard, uint32_t limit)
{
	uint32_t said = ((volatile const uint32_t *)output_of(l, peer))[l->id];

	/* one that is done may have left before it was heard; one that comes anew says 0 first */
	if (l->states[peer] != READY && !(*heard && said >= limit)) {
		*heard = 0;
		return false;
	}
	if (said == *heard && (said || l->id > peer))
		return said >= limit;
	if (said == *heard) /* the one with the lower number begins */
		say(l, peer, *heard = 1);
	else if ((*heard = said) <= limit)
		say(l, peer, said + 1);
	return *heard >= limit;
}

static int talk(struct link *l, char **args)
{
	uint32_t limit = number(args[0]), heard[PEERS] = {0}, done;

	if (!l->own)
		die("the link has no output sections");
	for (uint32_t i = 0; i < PEERS; i++)
		((volatile uint32_t *)l->own)[i] = 0;
	l->regs->state = READY;
	for (;;) {
		listen_again(l);
		done = 1;
		for (uint32_t i = 0; i < l->peers; i++)
			if (i != l->id)
				done += answer(l, i, &heard[i], limit);
		if (done == l->peers)
			break;
		wait_for_interrupt(l);
	}
	printf("all peers have counted to %u\n", limit);
	return 0;
}

static volatile struct text *own_text(struct link *l)
{
	if (l->output_size < 4096)
		die("the link has no output sections");
	return (volatile struct text *)(l->own + TEXT_AT);
}

static int send_text(struct link *l, char **args)
{
	volatile struct text *t = own_text(l);
	uint32_t peer = peer_number(l, args[0]);
	size_t len = strlen(args[1]);

	if (len > TEXT_MAX)
		die("a text has %d bytes at most", TEXT_MAX);
	for (size_t i = 0; i < len; i++)
		t->bytes[i] = args[1][i];
	t->len = (uint32_t)len;
	barrier();
	t->count++;
	ring(l, peer, 0);
	return 0;
}

static int receive_text(struct link *l, char **args)
{
	uint32_t peer = peer_number(l, args[0]), len, count;
	volatile const struct text *t;
	char copy[TEXT_MAX];

	own_text(l);
	t = (volatile const struct text *)(output_of(l, peer) + TEXT_AT);
	count = t->count;
	for (listen_again(l); t->count == count; listen_again(l))
		wait_for_interrupt(l);
	barrier();
	len = t->len; /* read once: the peer may write what it likes */
	if (len > TEXT_MAX)
		die("peer %u says that its text has %u bytes", peer, len);
	for (uint32_t i = 0; i < len; i++)
		copy[i] = t->bytes[i];
	printf("%.*s\n", (int)len, copy);
	return 0;
}

static int ring_often(struct link *l, char **args)
{
	uint32_t peer = number(args[0]), vector = number(args[1]);

	for (uint32_t n = args[2] ? number(args[2]) : 1; n; n--)
		ring(l, peer, vector);
	return 0;
}

static int scribble(struct link *l, char **args)
{
	time_t end = time(NULL) + (time_t)number(args[0]);
	uint32_t seed = 1, rounds = 0;

	own_text(l);
	for (; time(NULL) < end; rounds++) {
		for (uint64_t i = 0; i < l->output_size / 4; i++) {
			seed = seed * 1664525 + 1013904223;
			((volatile uint32_t *)l->own)[i] = seed ^ seed << 16;
		}
		/* up to RUN of a virtual Ethernet, so that somebody looks, and down again */
		l->regs->state = rounds % 64 < CV_NET_RUN ? rounds % 64 : CV_NET_RUN;
		ring(l, !l->id, rounds % 2);
	}
	printf("%u times\n", rounds);
	return 0;
}

static int list(void)
{
	struct link l;
	char name[16];

	for (int i = 0; i < 256; i++) {
		snprintf(name, sizeof(name), "uio%d", i);
		if (!is_link(name))
			continue;
		open_link(&l, name);
		printf("%s: ", name);
		info(&l, NULL);
		close(l.fd);
	}
	return 0;
}

static const struct {
	const char *name;
	int least, most; /* arguments */
	int (*run)(struct link *l, char **args);
} commands[] = {
	{"info", 0, 0, info},	      {"state", 1, 1, state},	       {"talk", 1, 1, talk},
	{"send", 2, 2, send_text},    {"receive", 1, 1, receive_text}, {"ring", 2, 3, ring_often},
	{"scribble", 1, 1, scribble},
};

int main(int argc, char **argv)
{
	struct link l;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 2 && !strcmp(argv[1], "list"))
		return list();
	for (size_t i = 0; argc > 2 && i < sizeof(commands) / sizeof(commands[0]); i++)
		if (!strcmp(argv[2], commands[i].name) && argc - 3 >= commands[i].least &&
		    argc - 3 <= commands[i].most) {
			open_link(&l, argv[1]);
			return commands[i].run(&l, argv + 3);
		}
	fputs("usage: cellvisor-link list\n"
	      "       cellvisor-link UIO info | state N | talk LIMIT | send PEER TEXT | receive PEER\n"
	      "                          | ring PEER VECTOR [COUNT] | scribble SECONDS\n",
	      stderr);
	return 2;
}
