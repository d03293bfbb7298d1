// SPDX-License-Identifier: GPL-2.0-only
/* cell create, load, start, shutdown, destroy, list. */
#include "tool.h"

#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <unistd.h>

#define PART	   (UINT64_C(4) << 20) /* that a load on a terminal shows progress in */
#define PARTED_MAX 32 /* images: the driver takes twice as many at once */

int cell_create_file(const char *path)
{
	struct cv_cell_create create = { 0 };
	struct file f;
	int result;

	if (!read_file(path, &f))
		return FAILED;
	create.config_address = (uintptr_t)f.data;
	create.config_size = (uint32_t)f.size;
	if (f.size < sizeof(struct cv_cell_desc) || memcmp(f.data, CV_CELL_SIGNATURE, 5))
		result = fail("%s: not a cell descriptor", path);
	else if (f.size > CV_MAX_CONFIG_SIZE)
		result = fail("%s: larger than a descriptor can be", path);
	else
		result = request(CV_IOC_CELL_CREATE, &create, path);
	free(f.data);
	return result;
}

int cmd_create(int argc, char **argv)
{
	return argc == 1 ? cell_create_file(argv[0]) : misuse("cell create takes one descriptor");
}

/* {IMAGE | -s STRING} [-a ADDRESS] at *argv, which moves behind it. */
static int parse_image(char ***argv, struct cv_load_image *image)
{
	char **at = *argv;
	struct file f;
	uint64_t target;

	*image = (struct cv_load_image){ 0 };
	if (!strcmp(at[0], "-s") || !strcmp(at[0], "--string")) {
		if (!at[1])
			return misuse("%s needs a text", at[0]);
		f = (struct file){ at[1], strlen(at[1]) + 1 };
		at += 2;
	} else if (at[0][0] == '-') {
		return misuse("an image or -s comes before '%s'", at[0]);
	} else {
		if (!read_file(at[0], &f))
			return FAILED;
		if (!f.size)
			return fail("%s: empty", at[0]);
		at++;
	}
	image->source_address = (uintptr_t)f.data;
	image->size = f.size;
	if (*at && (!strcmp(*at, "-a") || !strcmp(*at, "--address"))) {
		if (!at[1] || !parse_number(at[1], &target))
			return misuse("%s needs an address", *at);
		image->target_address = target;
		at += 2;
	}
	*argv = at;
	return DONE;
}

/* --- loading --- */

static int load_one(const struct cv_cell_load *all, struct cv_load_image image)
{
	struct {
		struct cv_cell_load load;
		struct cv_load_image image;
	} one = { { .cell = all->cell, .num_images = 1 }, image };

	return request(CV_IOC_CELL_LOAD, &one, cell_text(&all->cell));
}

/* All first and last bytes at once: what does not fit is refused before anything has changed. */
static int load_ends(const struct cv_cell_load *all)
{
	uint32_t n = all->num_images;
	struct cv_cell_load *ends = calloc(1, sizeof(*ends) + 2 * n * sizeof(ends->images[0]));
	int result;

	if (!ends)
		return fail("no memory");
	ends->cell = all->cell;
	ends->num_images = 2 * n;
	for (uint32_t i = 0; i < n; i++) {
		struct cv_load_image image = all->images[i];
		uint64_t last = image.size - 1;

		image.size = 1;
		ends->images[2 * i] = image;
		image.source_address += last;
		image.target_address += last;
		ends->images[2 * i + 1] = image;
	}
	result = request(CV_IOC_CELL_LOAD, ends, cell_text(&all->cell));
	free(ends);
	return result;
}

/* In the order of the images, as the driver would: one may overwrite another. */
static int load_in_parts(const struct cv_cell_load *all, uint64_t total)
{
	int result = load_ends(all);
	uint64_t done = 0;

	for (uint32_t i = 0; i < all->num_images && result == DONE; i++) {
		struct cv_load_image part = all->images[i];
		uint64_t left = part.size;

		for (; left && result == DONE; left -= part.size) {
			fprintf(stderr, "\r%3u %% loaded", (unsigned int)(done * 100 / total));
			part.size = MIN(left, PART);
			result = load_one(all, part);
			done += part.size;
			part.source_address += part.size;
			part.target_address += part.size;
		}
	}
	fputs("\r\033[K", stderr);
	return result;
}

int cell_load(const struct cv_cell_load *load)
{
	uint64_t total = 0;

	for (uint32_t i = 0; i < load->num_images; i++)
		total += load->images[i].size;
	if (total > 2 * PART && load->num_images <= PARTED_MAX && isatty(STDERR_FILENO))
		return load_in_parts(load, total);
	return request(CV_IOC_CELL_LOAD, load, cell_text(&load->cell));
}

int cmd_load(int argc, char **argv)
{
	struct cv_cell_load *load =
		calloc(1, sizeof(*load) + (size_t)argc * sizeof(struct cv_load_image));
	int result = DONE;

	if (!load)
		return fail("no memory");
	if (!parse_cell(&argv, &load->cell))
		return MISUSE;
	if (!*argv)
		return misuse("cell load needs an image or -s");
	while (*argv && result == DONE)
		result = parse_image(&argv, &load->images[load->num_images++]);
	return result ? result : cell_load(load);
}

static int by_id(unsigned long code, const char *name, char **argv)
{
	struct cv_cell_id id;

	if (!parse_cell(&argv, &id))
		return MISUSE;
	if (*argv)
		return misuse("%s takes one cell", name);
	return request(code, &id, cell_text(&id));
}

int cmd_start(int argc, char **argv)
{
	(void)argc;
	return by_id(CV_IOC_CELL_START, "cell start", argv);
}

int cmd_destroy(int argc, char **argv)
{
	(void)argc;
	return by_id(CV_IOC_CELL_DESTROY, "cell destroy", argv);
}

/* To load nothing stops a cell. */
int cmd_shutdown(int argc, char **argv)
{
	struct cv_cell_load load = { 0 };

	(void)argc;
	if (!parse_cell(&argv, &load.cell))
		return MISUSE;
	if (*argv)
		return misuse("cell shutdown takes one cell");
	return request(CV_IOC_CELL_LOAD, &load, cell_text(&load.cell));
}

static void list_cell(uint32_t id)
{
	static const char *const files[] = { "name", "state", "cpus_assigned_list",
					     "cpus_failed_list" };
	static const int widths[] = { 24, 18, 24, 0 };
	char folder[128], text[256];

	snprintf(folder, sizeof(folder), "%s/cells/%u", CV_DRIVER_SYSFS, id);
	if (!read_line(folder, "name", text, sizeof(text)))
		return; /* destroyed meanwhile */
	printf("%-8u", id);
	for (int i = 0; i < 4; i++) {
		if (!read_line(folder, files[i], text, sizeof(text)))
			text[0] = '\0';
		printf("%-*s", widths[i], text);
	}
	putchar('\n');
}

int cmd_list(int argc, char **argv)
{
	uint32_t ids[256];
	int n;

	(void)argv;
	if (argc)
		return misuse("cell list takes no argument");
	n = cell_ids(ids, 256);
	if (n < 0)
		return FAILED;
	if (n)
		printf("%-8s%-24s%-18s%-24s%s\n", "ID", "Name", "State", "Assigned CPUs",
		       "Failed CPUs");
	for (int i = 0; i < n; i++)
		list_cell(ids[i]);
	return DONE;
}
