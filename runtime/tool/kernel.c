// SPDX-License-Identifier: GPL-2.0-only
/*
 * Kernels as distributions ship them: an arm64 Image (the kernel's booting.rst), which an EFI stub
 * does not change; one that is compressed; and an EFI program that holds a compressed one (the
 * kernel's zboot-header.S). The programs that unpack them are the machine's own.
 */
#include "tool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define IMAGE_MAGIC_AT 56
#define IMAGE_MAGIC    0x644d5241u /* "ARM\x64" */

static uint64_t get(const struct file *f, size_t at, size_t size)
{
	const uint8_t *p = f->data;
	uint64_t v = 0;

	for (size_t i = size; i-- && at + size <= f->size;)
		v = v << 8 | p[at + i];
	return v;
}

static const struct packing {
	const char *name; /* as zboot has it */
	const char *program;
	unsigned char magic[6];
	size_t n;
} packings[] = {
	{ "gzip", "gzip", "\x1f\x8b", 2 },	      { "zstd22", "zstd", "\x28\xb5\x2f\xfd", 4 },
	{ "xzkern", "xz", "\xfd\x37zXZ\x00", 6 },     { "lz4", "lz4", "\x02\x21\x4c\x18", 4 },
	{ "lzma", "lzma", "\x5d\x00\x00", 3 },	      { "lzo", "lzop", "\x89LZO", 4 },
	{ "bzip2", "bzip2", "BZh", 3 },
};

static const struct packing *packing_of(const struct file *f)
{
	for (size_t i = 0; i < sizeof(packings) / sizeof(packings[0]); i++)
		if (f->size > packings[i].n && !memcmp(f->data, packings[i].magic, packings[i].n))
			return &packings[i];
	return NULL;
}

/* A child that writes the data into a pipe. */
static pid_t feed(const struct file *f, int out[2])
{
	const char *at = f->data;
	size_t left = f->size;
	pid_t pid = fork();

	if (pid)
		return pid;
	close(out[0]);
	while (left) {
		ssize_t n = write(out[1], at, left);

		if (n < 0)
			_exit(1);
		at += n;
		left -= (size_t)n;
	}
	_exit(0);
}

static pid_t unpacker(const char *program, int in[2], int out[2])
{
	pid_t pid = fork();

	if (pid)
		return pid;
	dup2(in[0], 0);
	dup2(out[1], 1);
	close(in[0]);
	close(in[1]);
	close(out[0]);
	close(out[1]);
	execlp(program, program, "-d", "-c", (char *)NULL);
	_exit(errno == ENOENT ? 127 : 126);
}

static bool unpack(const char *path, struct file *f, const struct packing *p)
{
	int in[2], out[2], status = 1;
	pid_t feeder, child;
	struct file made;
	bool read;

	if (pipe(in) || pipe(out))
		return fail("%s: %s", path, strerror(errno)) == DONE;
	fflush(NULL);
	feeder = feed(f, in);
	child = unpacker(p->program, in, out);
	close(in[0]);
	close(in[1]);
	close(out[1]);
	read = feeder > 0 && child > 0 && read_fd(out[0], &made);
	close(out[0]);
	if (child > 0)
		waitpid(child, &status, 0);
	if (feeder > 0)
		waitpid(feeder, NULL, 0);
	if (!read || !WIFEXITED(status) || (WEXITSTATUS(status) && !made.size)) {
		if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
			fail("%s: packed with %s, and there is no program of this name here", path,
			     p->program);
		else
			fail("%s: %s can't unpack it", path, p->program);
		return false;
	}
	free(f->data);
	*f = made;
	return true;
}

/* The compressed kernel in an EFI program; nothing else is of use without EFI. */
static bool open_zboot(const char *path, struct file *f)
{
	uint64_t at = get(f, 8, 4), size = get(f, 12, 4);

	if (f->size < 64 || memcmp((char *)f->data + 4, "zimg", 4))
		return true;
	if (at > f->size || size > f->size - at)
		return fail("%s: the kernel in it is cut off", path) == DONE;
	memmove(f->data, (char *)f->data + at, size);
	f->size = size;
	return true;
}

bool kernel_read(const char *path, struct kernel *k)
{
	const struct packing *p;

	if (!read_file(path, &k->image) || !open_zboot(path, &k->image))
		return false;
	p = packing_of(&k->image);
	if (p && !unpack(path, &k->image, p))
		return false;
	if (get(&k->image, IMAGE_MAGIC_AT, 4) != IMAGE_MAGIC)
		return fail("%s: not an arm64 kernel", path) == DONE;
	k->text_offset = get(&k->image, 8, 8);
	k->memory = get(&k->image, 16, 8);
	if (!k->memory || k->text_offset >= 2 << 20)
		return fail("%s: older than Linux 3.17", path) == DONE;
	if (k->memory < k->image.size)
		k->memory = k->image.size;
	return true;
}
