// SPDX-License-Identifier: GPL-2.0-only
/*
 * Root misbehaving, by the module beside this.
 *
 *	rogue touch NAME:ADDRESS:SIZE...	"= NAME KR KW UR UW": read and written by kernel and
 *program rogue flood ADDRESS TIMES		"= flood SECONDS": bus errors in a row rogue calls
 *ADDRESS...			"= CODE ARGUMENT RESULT": hypercalls that make no sense rogue smc
 *FUNCTION...			"= FUNCTION RESULT", "! x4..x17 ..." if a register was changed rogue
 *forge|mutate straight|driver SYSTEM.cell SPARE.cell PACE.cell SEED COUNT
 *		"= NAME ERROR": SPARE's descriptor with one thing wrong, or mutated; by hypercall or
 *by the driver. "! NAME ..." if a refusal leaves a trace; errors are positive, 0 is a cell that was
 *		made and destroyed again
 */
#define _GNU_SOURCE
#include "forge.h"
#include "rogue.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "../../../runtime/abi/driver.h"
#include "../../../runtime/abi/hypercall.h"

static int module;

/* --- what the module does --- */

static int64_t hypercall(uint64_t code, uint64_t a1, uint64_t a2)
{
	struct rogue_call c = {.x = {code, a1, a2}};

	if (ioctl(module, ROGUE_CALL, &c))
		exit(2);
	return (int64_t)c.x[0];
}

/* True: done; false: the kernel got an external abort. */
static int touch(uint64_t phys, uint32_t size, int write, uint64_t *value)
{
	struct rogue_touch t = {
		.phys = phys, .value = *value, .size = size, .write = (uint32_t)write};

	if (ioctl(module, ROGUE_TOUCH, &t)) {
		printf("! touch 0x%llx: error %d\n", (unsigned long long)phys, errno);
		exit(2);
	}
	*value = t.value;
	return !t.aborted;
}

static uint64_t place(const void *from, size_t size, uint64_t offset)
{
	struct rogue_place p = {(uintptr_t)from, size, offset, 0};

	if (ioctl(module, ROGUE_PLACE, &p))
		exit(2);
	return p.phys + offset;
}

/* --- touch --- */

static sigjmp_buf back;
static volatile int signal_code;

static void on_signal(int number, siginfo_t *info, void *context)
{
	(void)context;
	signal_code = number == SIGBUS ? info->si_code : -1;
	siglongjmp(back, 1);
}

static uint64_t access_here(volatile uint8_t *at, uint32_t size, int write)
{
	switch (size) {
	case 1:
		return write ? (uint64_t)(*at = 0x5a) : *at;
	case 2:
		return write ? (*(volatile uint16_t *)at = 0x5a5a) : *(volatile uint16_t *)at;
	case 4:
		return write ? (*(volatile uint32_t *)at = 0x5a5a5a5a) : *(volatile uint32_t *)at;
	}
	return write ? (*(volatile uint64_t *)at = 0x5a5a5a5a5a5a5a5aull)
		     : *(volatile uint64_t *)at;
}

/* "bus" for a bus error of the kind that an external abort is, else what happened. */
static const char *user_touch(uint64_t phys, uint32_t size, int write)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint8_t *map = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, module,
			    (off_t)(phys & ~(page - 1)));
	const char *result = "done";

	if (map == MAP_FAILED)
		return "no-map";
	if (!sigsetjmp(back, 1))
		access_here(map + (phys & (page - 1)), size, write);
	else
		result = signal_code == BUS_OBJERR ? "bus" : "other-signal";
	munmap(map, page);
	return result;
}

static int touch_all(char **what)
{
	struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};

	sigaction(SIGBUS, &action, NULL);
	sigaction(SIGSEGV, &action, NULL);
	for (; *what; what++) {
		char name[32];
		unsigned long long phys;
		unsigned int size;
		uint64_t v = 0, w = 0x5a5a5a5a5a5a5a5aull;
		int r;

		if (sscanf(*what, "%31[^:]:%lli:%u", name, (long long *)&phys, &size) != 3)
			return 2;
		r = touch(phys, size, 0, &v);
		printf("= %s %s %s", name, r ? "done" : "bus",
		       touch(phys, size, 1, &w) ? "done" : "bus");
		printf(" %s", user_touch(phys, size, 0));
		printf(" %s\n", user_touch(phys, size, 1));
		fflush(stdout);
	}
	return 0;
}

/* Bus errors in a row, and how many seconds they took. */
static int flood(const char *address, int times)
{
	uint64_t phys = strtoull(address, NULL, 0), page = (uint64_t)sysconf(_SC_PAGESIZE);
	struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};
	volatile uint8_t *map = mmap(NULL, page, PROT_READ, MAP_SHARED, module, (off_t)phys);
	static volatile int done;
	struct timespec start, end;

	sigaction(SIGBUS, &action, NULL);
	clock_gettime(CLOCK_MONOTONIC, &start);
	sigsetjmp(back, 1);
	if (map != MAP_FAILED && done++ < times)
		access_here(map, 4, 0);
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("= flood %lld\n", (long long)(end.tv_sec - start.tv_sec));
	return 0;
}

/* --- calls --- */

static int calls(char **addresses)
{
	static const uint64_t codes[] =
		{
			0, 1,	   2,	   3,	    4,	     5,	      6,       7,	    8,
			9, 0x4001, 0x4002, 0x40001, 0x20002, 0x10005, 0x80004, 0x100000001, ~0ull,
		},
			      odd[] = {0,	   3,		77,	    0x7fffffff, 0x80000000,
				       0xffffffff, 0x100000001, 1ull << 63, ~0ull};
	uint64_t args[32];
	unsigned int n = sizeof(odd) / sizeof(*odd);

	memcpy(args, odd, sizeof(odd));
	for (; *addresses && n < 32; addresses++)
		args[n++] = strtoull(*addresses, NULL, 0);
	for (unsigned int c = 0; c < sizeof(codes) / sizeof(*codes); c++)
		for (unsigned int a = 0; a < n; a++)
			printf("= 0x%llx 0x%llx %lld\n", (unsigned long long)codes[c],
			       (unsigned long long)args[a],
			       (long long)hypercall(codes[c], args[a], ~0ull));
	return 0;
}

static int smcs(char **functions)
{
	for (; *functions; functions++) {
		struct rogue_call c = {.smc = 1}, was;

		for (unsigned int i = 1; i < 18; i++)
			c.x[i] = 0x1111111111111111ull * (i % 15 + 1);
		c.x[0] = strtoull(*functions, NULL, 0);
		was = c;
		if (ioctl(module, ROGUE_CALL, &c))
			return 2;
		printf("= %s %lld\n", *functions, (long long)c.x[0]);
		for (unsigned int i = 4; i < 18; i++)
			if (c.x[i] != was.x[i])
				printf("! %s x%u\n", *functions, i);
	}
	return 0;
}

/* --- forged descriptors --- */

struct file {
	uint8_t data[CV_MAX_CONFIG_SIZE];
	size_t size;
};
static struct file files[3];

static void slurp(struct file *f, const char *path)
{
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, f->data, sizeof(f->data));

	if (n <= 0)
		exit(2);
	close(fd);
	f->size = (size_t)n;
}

struct trace {
	int64_t used, cells;
	char online[32];
	int memory;
};

/* The spare cell's memory is root's: readable, and what is written stays. */
static int memory_is_roots(const struct forge *f)
{
	const struct cv_memory *r = forge_memory(f->spare);
	uint64_t ends[] = {r->phys_start, r->phys_start + r->size - 8};

	for (int i = 0; i < 2; i++) {
		uint64_t wrote = 0x1234567800000000ull + (uint64_t)i, v = wrote;

		if (!touch(ends[i], 8, 1, &v))
			return 0;
		v = 0;
		if (!touch(ends[i], 8, 0, &v) || v != wrote)
			return 0;
	}
	return 1;
}

static struct trace look(const struct forge *f)
{
	struct trace t = {.used = hypercall(CV_HC_INFO, CV_INFO_POOL_USED, 0),
			  .cells = hypercall(CV_HC_INFO, CV_INFO_CELLS, 0),
			  .memory = memory_is_roots(f)};
	int fd = open("/sys/devices/system/cpu/online", O_RDONLY);

	if (fd < 0 || read(fd, t.online, sizeof(t.online) - 1) <= 0)
		exit(2);
	close(fd);
	return t;
}

static int create_straight(const uint8_t *d, size_t size, uint64_t offset)
{
	uint64_t at = place(d, size, offset);
	int64_t err = hypercall(CV_HC_CELL_CREATE, at, ~0ull);

	if (!err && hypercall(CV_HC_CELL_DESTROY, ((const struct cv_cell_desc *)d)->id, 0))
		printf("! does not go away\n");
	return (int)-err;
}

static int create_by_driver(const uint8_t *d, size_t size)
{
	struct cv_cell_create c = {(uintptr_t)d, (uint32_t)size, 0};
	struct cv_cell_id id = {.id = CV_CELL_ID_BY_NAME};
	int fd = open(CV_DRIVER_DEVICE, O_RDWR), err;

	err = ioctl(fd, CV_IOC_CELL_CREATE, &c) ? errno : 0;
	memcpy(id.name, ((const struct cv_cell_desc *)d)->name, sizeof(id.name));
	if (!err && ioctl(fd, CV_IOC_CELL_DESTROY, &id))
		printf("! does not go away: %d\n", errno);
	close(fd);
	return err;
}

static void try(const struct forge *f, const char *name, int straight, uint64_t offset)
{
	struct trace before = look(f), after;
	int err = straight ? create_straight(f->copy, f->size, offset)
			   : create_by_driver(f->copy, f->size);

	after = look(f);
	printf("= %s %d\n", name, err);
	if (memcmp(&before, &after, sizeof(before)) || !after.memory)
		printf("! %s: pool %lld %lld cells %lld %lld online %s memory %d\n", name,
		       (long long)before.used, (long long)after.used, (long long)before.cells,
		       (long long)after.cells, after.online, after.memory);
	fflush(stdout);
}

/* A descriptor of which half lies in the hypervisor's memory. */
static void try_the_edge(struct forge *f)
{
	uint64_t edge = f->system->hypervisor_memory.phys_start, v;

	forge_reset(f);
	for (uint64_t i = 0; i < 64; i += 8) {
		memcpy(&v, f->copy + i, sizeof(v));
		if (!touch(edge - 64 + i, 8, 1, &v))
			exit(2);
	}
	printf("= over_the_edge %lld\n", -(long long)hypercall(CV_HC_CELL_CREATE, edge - 64, 0));
}

static int forge_all(struct forge *f, int straight)
{
	if (straight)
		try_the_edge(f);
	for (unsigned int i = 0; forge_names[i]; i++) {
		forge_reset(f);
		if (forge_spoil(f, i))
			try(f, forge_names[i], straight, 0);
	}
	forge_reset(f);
	try(f, "good", straight, 0);
	try(f, "good_unaligned", straight, 3);
	return 0;
}

static int mutate_all(struct forge *f, int straight, uint32_t seed, unsigned int count)
{
	char name[32];

	for (unsigned int n = 0; n < count; n++) {
		do {
			forge_reset(f);
			seed = forge_mutate(f, seed);
		} while (forge_robs_linux(f));
		snprintf(name, sizeof(name), "mutation-%u", n);
		try(f, name, straight, 0);
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct forge f;
	int straight;

	module = open(ROGUE_DEVICE, O_RDWR);
	if (argc < 2 || module < 0)
		return 2;
	if (!strcmp(argv[1], "touch"))
		return touch_all(argv + 2);
	if (!strcmp(argv[1], "flood") && argc == 4)
		return flood(argv[2], atoi(argv[3]));
	if (!strcmp(argv[1], "calls"))
		return calls(argv + 2);
	if (!strcmp(argv[1], "smc"))
		return smcs(argv + 2);
	if (argc != 8)
		return 2;
	for (int i = 0; i < 3; i++)
		slurp(&files[i], argv[3 + i]);
	f = (struct forge){.system = (void *)files[0].data,
			   .spare = (void *)files[1].data,
			   .pace = (void *)files[2].data,
			   .size = files[1].size};
	straight = !strcmp(argv[2], "straight");
	return strcmp(argv[1], "forge") ? mutate_all(&f, straight, (uint32_t)atoi(argv[6]),
						     (unsigned int)atoi(argv[7]))
					: forge_all(&f, straight);
}
