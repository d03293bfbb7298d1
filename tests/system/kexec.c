// SPDX-License-Identifier: GPL-2.0-only
/*
 * kexec [-p] BASE KERNEL INITRD TREE: starts another kernel; with -p, has it wait for this one's
 * panic.
 *
 * From the physical address BASE (hex, 2 MiB aligned) on lie the kernel, the tree at TREE_AT, what
 * hands the tree to the kernel at ENTRY_AT, the RAM disk at INITRD_AT, as the tree itself has to
 * say. Says the error's number when refused.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kexec.h>
#include <linux/reboot.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TREE_AT	   0x5000000
#define ENTRY_AT   0x5200000
#define INITRD_AT  0x6000000
#define ROUND	   0xffffull /* up to the largest page of a kernel */
#define IMAGE_SIZE 16	     /* in the kernel's header: memory that it needs (booting.rst) */

static struct kexec_segment segments[4];

/* Segment i: the file, at a physical address. */
static void *load(int i, const char *path, unsigned long at)
{
	int fd = open(path, O_RDONLY);
	struct stat st;
	void *data;

	if (fd < 0 || fstat(fd, &st)) {
		perror(path);
		exit(2);
	}
	data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED) {
		perror(path);
		exit(2);
	}
	segments[i] = (struct kexec_segment){data, (size_t)st.st_size, (void *)at,
					     ((size_t)st.st_size + ROUND) & ~ROUND};
	return data;
}

int main(int argc, char **argv)
{
	int panic = argc > 1 && !strcmp(argv[1], "-p");
	unsigned long base = argc == 5 + panic ? strtoul(argv[1 + panic], NULL, 16) : 0;
	/* ldr x0, tree; ldr x16, kernel; br x16; nop */
	struct {
		uint32_t code[4];
		uint64_t tree, kernel;
	} entry = {{0x58000080, 0x580000b0, 0xd61f0200, 0xd503201f}, base + TREE_AT, base};
	uint64_t needs;

	if (!base)
		return 2;
	memcpy(&needs, (char *)load(0, argv[2 + panic], base) + IMAGE_SIZE, sizeof(needs));
	segments[0].memsz = (needs + ROUND) & ~ROUND;
	load(1, argv[4 + panic], base + TREE_AT);
	segments[2] =
		(struct kexec_segment){&entry, sizeof(entry), (void *)(base + ENTRY_AT), ROUND + 1};
	load(3, argv[3 + panic], base + INITRD_AT);
	if (syscall(SYS_kexec_load, base + ENTRY_AT, 4ul, segments,
		    KEXEC_ARCH_AARCH64 | (panic ? KEXEC_ON_CRASH : 0ul))) {
		printf("kexec: load: error %d\n", errno);
		return 1;
	}
	if (panic)
		return 0;
	syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_KEXEC, NULL);
	printf("kexec: error %d\n", errno);
	return 1;
}
