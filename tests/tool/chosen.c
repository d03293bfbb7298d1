// SPDX-License-Identifier: GPL-2.0-only
/*
 * The tool's edit of a tree under libfdt's eyes: chosen IN.dtb OUT.dtb writes the tree with the
 * properties below; chosen -m ROUNDS IN.dtb damages the tree at random, and what is made of that,
 * if anything, must be a tree again.
 */
#include "../../runtime/tool/tool.h"

#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

static const unsigned char place[8] = {0, 0, 0, 0, 0x58, 0, 0, 0};
static const struct fdt_value values[] = {
	{"bootargs", "quiet init=/bin/sh", 19},
	{"linux,initrd-start", place, sizeof(place)},
};

static bool edit(const struct file *in, struct file *out)
{
	return fdt_set_chosen(in, values, 2, out);
}

static bool is_right(const struct file *f)
{
	int len, chosen;
	const void *p;

	if (fdt_check_full(f->data, f->size))
		return false;
	chosen = fdt_path_offset(f->data, "/chosen");
	p = chosen < 0 ? NULL : fdt_getprop(f->data, chosen, "bootargs", &len);
	return p && len == 19 && !memcmp(p, values[0].data, 19);
}

/* libfdt takes /chosen@1 for /chosen as well; no kernel does. */
static bool is_sound(const struct file *f)
{
	int chosen = fdt_check_full(f->data, f->size) ? -1 : fdt_path_offset(f->data, "/chosen");

	return chosen >= 0 && !strcmp(fdt_get_name(f->data, chosen, NULL), "chosen");
}

static int mutate(unsigned rounds, const struct file *in)
{
	unsigned made = 0;

	srand(1);
	for (unsigned i = 0; i < rounds; i++) {
		size_t size = i % 4 ? in->size : (size_t)rand() % in->size;
		struct file copy = {malloc(size + 1), size}, out;

		memcpy(copy.data, in->data, size);
		for (int n = 1 + rand() % 4; n && size; n--) {
			size_t at = (size_t)rand() % (rand() % 2 && size > 40 ? 40 : size);

			((unsigned char *)copy.data)[at] = (unsigned char)rand();
		}
		/* what libfdt finds sound stays sound; what it does not may be refused or passed on */
		if (edit(&copy, &out)) {
			made++;
			if (is_sound(&copy) && !is_right(&out))
				return fail("round %u: not a tree any more", i);
			free(out.data);
		}
		free(copy.data);
	}
	printf("%u of %u\n", made, rounds);
	return DONE;
}

int main(int argc, char **argv)
{
	struct file in, out;
	FILE *f;

	if (argc != 3 && argc != 4)
		return MISUSE;
	if (!read_file(argv[argc == 4 ? 3 : 1], &in))
		return FAILED;
	if (argc == 4)
		return mutate((unsigned)atoi(argv[2]), &in);
	if (!edit(&in, &out))
		return fail("refused");
	f = fopen(argv[2], "wb");
	if (!f || fwrite(out.data, 1, out.size, f) != out.size || fclose(f))
		return FAILED;
	return is_right(&out) ? DONE : fail("not what was asked for");
}
