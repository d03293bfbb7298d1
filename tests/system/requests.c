// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests that the driver has to refuse, each a good one with one thing wrong.
 *
 * In: requests disabled|enabled|cell SYSTEM.cell CELL.cell. Out: a line "NAME ERROR" for each, with
 * the error's number, 0 for a request that was granted.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../runtime/abi/driver.h"

#define LINUX_RAM 0x42000000ull /* on QEMU's machine "virt" */

struct file {
	uint8_t *data; /* ends where a page that can't be read begins */
	size_t size;
};

/* A copy of size bytes whose end nobody can read over. */
static void *at_end(const void *from, size_t size)
{
	size_t room = (size + 0xffff) & ~(size_t)0xffff;
	uint8_t *p = mmap(NULL, room + 0x10000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);

	if (p == MAP_FAILED || munmap(p + room, 0x10000))
		exit(2);
	return memcpy(p + room - size, from, size);
}

static struct file slurp(const char *path)
{
	static uint8_t buffer[1 << 16];
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, buffer, sizeof(buffer));

	if (n <= 0)
		exit(2);
	close(fd);
	return (struct file){ at_end(buffer, (size_t)n), (size_t)n };
}

static void call(const char *name, unsigned long code, const void *arg)
{
	int fd = open("/dev/jailhouse", O_RDWR);
	int error = ioctl(fd, code, arg) ? errno : 0;

	close(fd);
	printf("= %s %d\n", name, error);
	fflush(stdout);
}

/* --- descriptors with one thing wrong --- */

static struct cv_memory *memory(struct cv_cell_desc *d)
{
	return (void *)((uint8_t *)(d + 1) + d->cpu_set_size);
}

static void damage_head(struct cv_cell_desc *d, const char *how)
{
	uint64_t none = 0, absent = 1ull << 63;

	if (!strcmp(how, "signature"))
		d->signature[0] = 'X';
	else if (!strcmp(how, "architecture"))
		d->architecture = CV_ARCH_ARM;
	else if (!strcmp(how, "revision"))
		d->revision = 13;
	else if (!strcmp(how, "endless-name"))
		memset(d->name, 'a', sizeof(d->name));
	else if (!strcmp(how, "empty-name"))
		d->name[0] = '\0';
	else if (!strcmp(how, "name-of-root"))
		strcpy(d->name, "root");
	else if (!strcmp(how, "odd-cpu-set"))
		d->cpu_set_size = 7;
	else if (!strcmp(how, "no-cpu"))
		memcpy(d + 1, &none, sizeof(none));
	else if (!strcmp(how, "absent-cpu"))
		memcpy(d + 1, &absent, sizeof(absent));
	else if (!strcmp(how, "endless-cpu-set"))
		d->cpu_set_size = 0xfffffff8;
	else if (!strcmp(how, "endless-regions"))
		d->num_memory_regions = 0xffffffff;
	else if (!strcmp(how, "endless-chips"))
		d->num_irqchips = 0x8000000;
	else if (!strcmp(how, "endless-streams"))
		d->num_stream_ids = 0xffffffff;
	else if (!strcmp(how, "one-region-more"))
		d->num_memory_regions++;
}

static void damage_memory(struct cv_cell_desc *d, const struct cv_memory *hv, const char *how)
{
	if (!strcmp(how, "memory-of-linux"))
		memory(d)->phys_start = LINUX_RAM;
	else if (!strcmp(how, "memory-wraps"))
		memory(d)->phys_start = -0x1000ull;
	else if (!strcmp(how, "memory-of-hypervisor"))
		memory(d)->phys_start = hv->phys_start;
}

static const char *const cell_damages[] = {
	"signature", "architecture", "revision", "endless-name", "empty-name", "name-of-root",
	"odd-cpu-set", "no-cpu", "absent-cpu", "endless-cpu-set", "endless-regions",
	"endless-chips", "endless-streams", "one-region-more", "memory-of-linux", "memory-wraps",
	"memory-of-hypervisor", NULL,
};

static void create(const char *name, const void *data, size_t size)
{
	struct cv_cell_create c = { (uintptr_t)data, (uint32_t)size, 0 };

	call(name, CV_IOC_CELL_CREATE, &c);
}

static void refused_creates(struct file cell, struct file system)
{
	const struct cv_memory *hv = &((struct cv_system *)system.data)->hypervisor_memory;

	create("create-no-address", NULL, cell.size);
	create("create-empty", cell.data, 0);
	create("create-short", cell.data, cell.size - 1);
	create("create-huge", cell.data, 0xffffffff);
	create("create-behind-the-end", cell.data + 8, cell.size);
	for (const char *const *how = cell_damages; *how; how++) {
		struct cv_cell_desc *d = at_end(cell.data, cell.size);
		char name[64];

		damage_head(d, *how);
		damage_memory(d, hv, *how);
		snprintf(name, sizeof(name), "create-%s", *how);
		create(name, d, cell.size);
	}
}

static void enable(const char *name, const struct file *f, void (*damage)(struct cv_system *s))
{
	struct cv_system *s = at_end(f->data, f->size);

	if (damage)
		damage(s);
	call(name, CV_IOC_ENABLE, s);
}

static void s_signature(struct cv_system *s) { s->signature[4] = 0; }
static void s_architecture(struct cv_system *s) { s->architecture = CV_ARCH_X86; }
static void s_revision(struct cv_system *s) { s->revision = 15; }
static void s_name(struct cv_system *s) { memset(s->root_cell.name, 'a', 32); }
static void s_cpu_set(struct cv_system *s) { s->root_cell.cpu_set_size = 0; }
static void s_regions(struct cv_system *s) { s->root_cell.num_memory_regions = 0xffffffff; }
static void s_streams(struct cv_system *s) { s->root_cell.num_stream_ids = 0x40000000; }
static void s_more(struct cv_system *s) { s->root_cell.num_memory_regions++; }
static void s_linux(struct cv_system *s) { s->hypervisor_memory.phys_start = LINUX_RAM; }
static void s_odd(struct cv_system *s) { s->hypervisor_memory.phys_start += 8; }
static void s_wrap(struct cv_system *s) { s->hypervisor_memory.size = -0x1000ull; }
static void s_none(struct cv_system *s) { s->hypervisor_memory.size = 0; }
static void s_small(struct cv_system *s) { s->hypervisor_memory.size = 0x1000; }

static void refused_enables(struct file system)
{
	call("enable-no-address", CV_IOC_ENABLE, NULL);
	call("enable-short", CV_IOC_ENABLE, system.data + 8);
	enable("enable-signature", &system, s_signature);
	enable("enable-architecture", &system, s_architecture);
	enable("enable-revision", &system, s_revision);
	enable("enable-endless-name", &system, s_name);
	enable("enable-no-cpu-set", &system, s_cpu_set);
	enable("enable-endless-regions", &system, s_regions);
	enable("enable-endless-streams", &system, s_streams);
	enable("enable-one-region-more", &system, s_more);
	enable("enable-memory-of-linux", &system, s_linux);
	enable("enable-odd-memory", &system, s_odd);
	enable("enable-memory-wraps", &system, s_wrap);
	enable("enable-no-memory", &system, s_none);
	enable("enable-small-memory", &system, s_small);
}

static void by_id(const char *name, unsigned long code, int32_t id, const char *text)
{
	struct cv_cell_id c = { .id = id };

	if (text)
		memcpy(c.name, text, strlen(text));
	call(name, code, &c);
}

static void load(const char *name, int32_t id, uint32_t images, const struct cv_load_image *image)
{
	struct {
		struct cv_cell_load load;
		struct cv_load_image image;
	} arg = { .load = { .cell = { .id = id }, .num_images = images } };

	if (image)
		arg.image = *image;
	call(name, CV_IOC_CELL_LOAD, at_end(&arg, sizeof(arg.load) + (image ? sizeof(*image) : 0)));
}

static void refused_loads(int32_t id)
{
	static uint8_t data[4096];
	uint64_t from = (uintptr_t)data;

	load("load-unknown", 99, 0, NULL);
	load("load-root", 0, 0, NULL);
	load("load-endless-list", id, 0xffffffff, NULL);
	load("load-list-behind-the-end", id, 2, &(struct cv_load_image){ from, 1, 0, 0 });
	load("load-nothing", id, 1, &(struct cv_load_image){ from, 0, 0, 0 });
	load("load-huge", id, 1, &(struct cv_load_image){ from, -1ull, 0, 0 });
	load("load-wraps", id, 1, &(struct cv_load_image){ from, 4096, -2048ull, 0 });
	load("load-outside", id, 1, &(struct cv_load_image){ from, 1, 0x7000000000, 0 });
	load("load-over-the-end", id, 1, &(struct cv_load_image){ from, 4096, 0x100000 - 1, 0 });
	load("load-no-source", id, 1, &(struct cv_load_image){ 0, 4096, 0, 0 });
	load("load-kernel-source", id, 1, &(struct cv_load_image){ -4096ull, 64, 0, 0 });
}

static void refused_ids(void)
{
	const char *endless = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

	by_id("start-unknown", CV_IOC_CELL_START, 99, NULL);
	by_id("start-root", CV_IOC_CELL_START, 0, NULL);
	by_id("start-negative", CV_IOC_CELL_START, -2, NULL);
	by_id("start-name", CV_IOC_CELL_START, -1, "nobody");
	by_id("start-endless-name", CV_IOC_CELL_START, -1, endless);
	by_id("destroy-unknown", CV_IOC_CELL_DESTROY, 99, NULL);
	by_id("destroy-root", CV_IOC_CELL_DESTROY, -1, "root");
	call("start-no-address", CV_IOC_CELL_START, NULL);
	by_id("console-unknown", CV_IOC_CONSOLE, -1, "nobody");
	by_id("console-root", CV_IOC_CONSOLE, 0, NULL);
	call("console-no-address", CV_IOC_CONSOLE, NULL);
	call("destroy-no-address", CV_IOC_CELL_DESTROY, NULL);
	call("unknown-request", _IO(0, 6), NULL);
}

static void told(const char *name, bool failed)
{
	printf("= %s %d\n", name, failed ? errno : 0);
	fflush(stdout);
}

/* What is read and written: of the hypervisor's console, then bound to the cell's. */
static void refused_texts(int32_t cell)
{
	struct cv_cell_id id = { .id = cell };
	int fd = open("/dev/jailhouse", O_RDWR | O_NONBLOCK);
	char *nowhere = (char *)at_end("", 0);

	told("write-unbound", write(fd, "x", 1) < 0);
	told("read-nowhere", read(fd, nowhere, 1) < 0);
	told("bind", ioctl(fd, CV_IOC_CONSOLE, &id) < 0);
	told("bind-twice", ioctl(fd, CV_IOC_CONSOLE, &id) < 0);
	told("read-nothing", read(fd, &id, sizeof(id)) < 0);
	told("write-nowhere", write(fd, nowhere, 1) < 0);
	told("write-no-reader", write(fd, "x", 1) < 0);
	close(fd);
}

int main(int argc, char **argv)
{
	struct file system, cell;

	if (argc != 4)
		return 2;
	system = slurp(argv[2]);
	cell = slurp(argv[3]);
	if (!strcmp(argv[1], "disabled")) {
		refused_enables(system);
		call("disable", CV_IOC_DISABLE, NULL);
		create("create", cell.data, cell.size);
		by_id("start", CV_IOC_CELL_START, 1, NULL);
		by_id("destroy", CV_IOC_CELL_DESTROY, 0, NULL);
	} else if (!strcmp(argv[1], "enabled")) {
		call("enable-twice", CV_IOC_ENABLE, system.data);
		refused_creates(cell, system);
	} else {
		create("create-twice", cell.data, cell.size);
		call("disable-with-cells", CV_IOC_DISABLE, NULL);
		refused_loads(1);
		refused_texts(1);
	}
	refused_ids();
	return 0;
}
