// SPDX-License-Identifier: GPL-2.0-only
/*
 * cell linux: a Linux kernel into a cell. At the cell's reset address stands a program of six
 * instructions that jumps to the kernel as its booting.rst wants it; behind it the device tree, at
 * the next 2 MiB the kernel, behind that the initial RAM disk.
 */
#include "tool.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#define MIB	  0x100000ull
#define STUB_SIZE 0x1000ull
#define PAGE	  0x1000ull

struct guest {
	const char *config, *kernel_path, *initrd_path, *cmdline, *dtb_path;
	struct file desc_file, tree, initrd;
	const struct cv_cell_desc *desc;
	struct kernel kernel;
	uint64_t start, end; /* loadable RAM from the reset address on */
	uint64_t tree_at, kernel_at, initrd_at;
};

struct stub {
	uint32_t code[6];
	uint64_t tree, kernel;
} __attribute__((packed));

static uint64_t round_up(uint64_t v, uint64_t to)
{
	return (v + to - 1) / to * to;
}

/* The memory that a loader may write, from where the cell starts. */
static bool find_ram(struct guest *g)
{
	const struct cv_memory *r = cv_desc_memory(g->desc);

	for (uint32_t i = 0; i < g->desc->num_memory_regions; i++) {
		uint64_t start = g->desc->cpu_reset_address;

		if (!(r[i].flags & CV_MEM_LOADABLE) || start < r[i].virt_start ||
		    start - r[i].virt_start >= r[i].size)
			continue;
		g->start = start;
		g->end = r[i].virt_start + r[i].size;
		return true;
	}
	return fail("%s: no loadable memory at the reset address 0x%llx", g->config,
		    (unsigned long long)g->desc->cpu_reset_address) == DONE;
}

static bool open_config(struct guest *g)
{
	uint64_t arrays;

	if (!read_file(g->config, &g->desc_file))
		return false;
	g->desc = g->desc_file.data;
	if (g->desc_file.size < sizeof(*g->desc) || memcmp(g->desc, CV_CELL_SIGNATURE, 5) ||
	    g->desc->architecture != CV_ARCH_ARM64 || g->desc->name[CV_CELL_NAME_SIZE - 1])
		return fail("%s: not a descriptor of an arm64 cell", g->config) == DONE;
	arrays = (uint64_t)g->desc->cpu_set_size +
		 (uint64_t)g->desc->num_memory_regions * sizeof(struct cv_memory);
	if (arrays > g->desc_file.size - sizeof(*g->desc))
		return fail("%s: cut off", g->config) == DONE;
	return find_ram(g);
}

/* CELL.dtb beside CELL.cell, as cellc writes it, where no other tree is named. */
static bool open_tree(struct guest *g)
{
	size_t n = strlen(g->config);
	bool ends = n > 5 && !strcmp(g->config + n - 5, ".cell");
	char *beside = format("%.*s.dtb", (int)(ends ? n - 5 : n), g->config);
	bool good = read_file(g->dtb_path ? g->dtb_path : beside, &g->tree);

	free(beside);
	return good;
}

/* Trees of this size are not written: room for what is going to be added is enough. */
static bool place(struct guest *g)
{
	uint64_t need;

	g->tree_at = g->start + STUB_SIZE;
	g->kernel_at = round_up(g->tree_at + g->tree.size + 0x1000 +
					(g->cmdline ? strlen(g->cmdline) : 0),
				2 * MIB) +
		       g->kernel.text_offset;
	g->initrd_at = round_up(g->kernel_at + g->kernel.memory, PAGE);
	need = g->initrd_at + g->initrd.size - g->start;
	if (need <= g->end - g->start)
		return true;
	return fail("%s: kernel, initial RAM disk and device tree need %llu MiB, and there are "
		    "%llu MiB of loadable memory from the reset address on",
		    g->config, (unsigned long long)(round_up(need, MIB) / MIB),
		    (unsigned long long)((g->end - g->start) / MIB)) == DONE;
}

/* bootargs and the place of the RAM disk, in 8 bytes each (the kernel reads 4 or 8). */
static bool complete_tree(struct guest *g)
{
	uint64_t start = htobe64(g->initrd_at), end = htobe64(g->initrd_at + g->initrd.size);
	struct fdt_value values[3];
	struct file made;
	size_t n = 0;

	if (g->cmdline)
		values[n++] = (struct fdt_value){ "bootargs", g->cmdline, strlen(g->cmdline) + 1 };
	if (g->initrd.size) {
		values[n++] = (struct fdt_value){ "linux,initrd-start", &start, sizeof(start) };
		values[n++] = (struct fdt_value){ "linux,initrd-end", &end, sizeof(end) };
	}
	if (!fdt_set_chosen(&g->tree, values, n, &made))
		return fail("%s: not a device tree", g->dtb_path ? g->dtb_path : "the cell's tree") ==
		       DONE;
	free(g->tree.data);
	g->tree = made;
	return true;
}

static struct stub stub_of(const struct guest *g)
{
	return (struct stub){
		.code = {
			htole32(0x580000c0), /* ldr x0, .+24: tree */
			htole32(0xaa1f03e1), /* mov x1, xzr */
			htole32(0xaa1f03e2), /* mov x2, xzr */
			htole32(0xaa1f03e3), /* mov x3, xzr */
			htole32(0x58000084), /* ldr x4, .+16: kernel */
			htole32(0xd61f0080), /* br x4 */
		},
		.tree = htole64(g->tree_at),
		.kernel = htole64(g->kernel_at),
	};
}

static struct cv_load_image image(const void *data, size_t size, uint64_t to)
{
	return (struct cv_load_image){ .source_address = (uintptr_t)data,
				       .size = size,
				       .target_address = to };
}

static int load(const struct guest *g, const struct cv_cell_id *id)
{
	struct stub stub = stub_of(g);
	struct cv_cell_load *load = calloc(1, sizeof(*load) + 4 * sizeof(struct cv_load_image));
	uint32_t n = 0;
	int result;

	if (!load)
		return fail("no memory");
	load->cell = *id;
	load->images[n++] = image(&stub, sizeof(stub), g->start);
	load->images[n++] = image(g->tree.data, g->tree.size, g->tree_at);
	load->images[n++] = image(g->kernel.image.data, g->kernel.image.size, g->kernel_at);
	if (g->initrd.size)
		load->images[n++] = image(g->initrd.data, g->initrd.size, g->initrd_at);
	load->num_images = n;
	result = cell_load(load);
	free(load);
	return result;
}

int linux_boot(const struct linux_files *files)
{
	struct guest g = { .config = files->config, .kernel_path = files->kernel,
			   .initrd_path = files->initrd, .cmdline = files->cmdline,
			   .dtb_path = files->dtb };
	struct cv_cell_id id = { .id = CV_CELL_ID_BY_NAME };
	char folder[128];

	if (!open_config(&g) || !open_tree(&g) || !kernel_read(g.kernel_path, &g.kernel) ||
	    (g.initrd_path && !read_file(g.initrd_path, &g.initrd)) || !place(&g) ||
	    !complete_tree(&g))
		return FAILED;
	memcpy(id.name, g.desc->name, sizeof(id.name));
	/* a cell that is there already boots anew */
	if (!cell_folder(&id, folder, sizeof(folder)) && cell_create_file(g.config))
		return FAILED;
	if (load(&g, &id))
		return FAILED;
	if (files->load_only)
		return DONE;
	return request(CV_IOC_CELL_START, &id, cell_text(&id));
}

static const char **option_of(struct linux_files *files, const char *arg)
{
	if (!strcmp(arg, "-i") || !strcmp(arg, "--initrd"))
		return &files->initrd;
	if (!strcmp(arg, "-c") || !strcmp(arg, "--cmdline"))
		return &files->cmdline;
	if (!strcmp(arg, "-d") || !strcmp(arg, "--dtb"))
		return &files->dtb;
	return NULL;
}

int cmd_linux(int argc, char **argv)
{
	struct linux_files files = { 0 };

	for (int i = 0; i < argc; i++) {
		const char **option = option_of(&files, argv[i]);

		if (option && i + 1 == argc)
			return misuse("%s needs an argument", argv[i]);
		if (option)
			*option = argv[++i];
		else if (!strcmp(argv[i], "-l") || !strcmp(argv[i], "--load"))
			files.load_only = true;
		else if (argv[i][0] == '-')
			return misuse("cell linux has no option '%s'", argv[i]);
		else if (!files.config)
			files.config = argv[i];
		else if (!files.kernel)
			files.kernel = argv[i];
		else
			return misuse("'%s' is one argument too many", argv[i]);
	}
	if (!files.kernel)
		return misuse("cell linux takes a descriptor and a kernel");
	return linux_boot(&files);
}
