// SPDX-License-Identifier: GPL-2.0-only
/*
 * up and down: all that a build emitted, in order.
 *
 * In: a folder of descriptors; plan.json in it, if there is one, names images and command lines.
 */
#include "tool.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CMDLINE_OFFSET 0x1000 /* from an inmate's load address */

struct image {
	char *path; /* NULL: none */
	char *cmdline;
	uint64_t address;
	const char *linux_boot; /* its part of plan.json; NULL: an inmate's */
};

static const char *boot_of(const char *plan, const char *cell)
{
	const char *at = json_first(json_member(plan, "cells"));

	for (; at; at = json_next(at)) {
		char *name = json_text(json_member(at, "name"));
		bool found = name && !strcmp(name, cell);

		free(name);
		if (found)
			return json_member(at, "boot");
	}
	return NULL;
}

/* The file as the plan names it, looked for in the build folder first. */
static char *find_image(const char *folder, const char *name)
{
	char *path = format("%s/%s", folder, name);

	if (name[0] != '/' && !access(path, R_OK))
		return path;
	free(path);
	return format("%s", name);
}

static struct image image_of(const char *folder, const char *plan, const char *file,
			     const struct cv_cell_desc *d)
{
	const char *boot = boot_of(plan, d->name);
	const char *value = json_member(json_member(boot, "load"), "value");
	char *kind = json_text(json_member(boot, "kind"));
	char *name = json_text(json_member(boot, "image"));
	struct image image = { .address = d->cpu_reset_address };

	image.linux_boot = kind && !strcmp(kind, "linux") ? boot : NULL;
	image.cmdline = json_text(json_member(boot, "cmdline"));
	if (name) {
		image.path = find_image(folder, name);
		image.address = value ? strtoull(value, NULL, 10) : image.address;
	} else {
		image.path = format("%.*s.bin", (int)(strlen(file) - strlen(".cell")), file);
		if (access(image.path, R_OK)) {
			free(image.path);
			image.path = NULL;
		}
	}
	free(kind);
	free(name);
	return image;
}

static int load_and_start(const char *name, const struct image *image)
{
	char *address = format("0x%llx", (unsigned long long)image->address);
	char *line = format("0x%llx", (unsigned long long)image->address + CMDLINE_OFFSET);
	char *load[] = { "--name", (char *)name, image->path, "-a", address,
			 image->cmdline ? "-s" : NULL, image->cmdline, "-a", line, NULL };
	char *start[] = { "--name", (char *)name, NULL };
	int result;

	printf("load \"%s\" with %s at %s\n", name, image->path, address);
	fflush(stdout);
	result = cmd_load(image->cmdline ? 9 : 5, load);
	free(address);
	free(line);
	if (result)
		return FAILED;
	printf("start \"%s\"\n", name);
	fflush(stdout);
	return cmd_start(2, start);
}

static char *linux_file(const char *folder, const char *boot, const char *member)
{
	char *name = json_text(json_member(boot, member));
	char *path = name ? find_image(folder, name) : NULL;

	free(name);
	return path;
}

static int boot_linux(const char *folder, const char *name, const char *file,
		      const struct image *image)
{
	struct linux_files files = {
		.config = file,
		.kernel = linux_file(folder, image->linux_boot, "kernel"),
		.initrd = linux_file(folder, image->linux_boot, "initrd"),
		.dtb = linux_file(folder, image->linux_boot, "dtb"),
		.cmdline = image->cmdline,
	};

	if (!files.kernel) {
		printf("cell \"%s\" names no kernel: start it with cell linux\n", name);
		return DONE;
	}
	printf("boot \"%s\" with %s\n", name, files.kernel);
	fflush(stdout);
	return linux_boot(&files);
}

static int bring_up(const char *folder, const char *plan, const char *file)
{
	struct image image;
	struct cv_cell_desc d;
	struct file f;

	if (!read_file(file, &f))
		return FAILED;
	if (f.size < sizeof(d))
		return fail("%s: not a cell descriptor", file);
	memcpy(&d, f.data, sizeof(d));
	d.name[CV_CELL_NAME_SIZE - 1] = '\0';
	free(f.data);
	printf("create \"%s\"\n", d.name);
	fflush(stdout);
	if (cell_create_file(file))
		return FAILED;
	image = image_of(folder, plan, file, &d);
	if (image.linux_boot)
		return boot_linux(folder, d.name, file, &image);
	if (!image.path)
		printf("cell \"%s\" has no image: load and start it by hand\n", d.name);
	else
		return load_and_start(d.name, &image);
	return DONE;
}

static bool has_signature(const char *file, const char *signature)
{
	char head[5] = { 0 };
	FILE *f = fopen(file, "re");
	bool same = f && fread(head, 1, 5, f) == 5 && !memcmp(head, signature, 5);

	if (f)
		fclose(f);
	return same;
}

/* The one system descriptor among the files, or NULL after saying what is wrong. */
static char *find_system(const char *folder, const glob_t *files)
{
	char *found = NULL;

	for (size_t i = 0; i < files->gl_pathc; i++) {
		if (!has_signature(files->gl_pathv[i], CV_SYS_SIGNATURE))
			continue;
		if (found) {
			fail("%s: two system descriptors, %s and %s", folder, found,
			     files->gl_pathv[i]);
			return NULL;
		}
		found = files->gl_pathv[i];
	}
	if (!found)
		fail("%s: no system descriptor in it", folder);
	return found;
}

static int up(const char *folder, const glob_t *files, const char *plan)
{
	char *system = find_system(folder, files);

	if (!system)
		return FAILED;
	printf("enable %s\n", system);
	fflush(stdout);
	if (cmd_enable(1, &system))
		return FAILED;
	for (size_t i = 0; i < files->gl_pathc; i++)
		if (has_signature(files->gl_pathv[i], CV_CELL_SIGNATURE) &&
		    bring_up(folder, plan, files->gl_pathv[i]))
			return fail("stopped there; 'cellctl down' takes back what came up");
	return DONE;
}

int cmd_up(int argc, char **argv)
{
	char *pattern, *json;
	struct file plan = { 0 };
	glob_t files;
	int result;

	if (argc != 1)
		return misuse("up takes one folder");
	pattern = format("%s/*.cell", argv[0]);
	json = format("%s/plan.json", argv[0]);
	if (glob(pattern, 0, NULL, &files))
		result = fail("%s: no descriptor in it", argv[0]);
	else if (!access(json, R_OK) && !read_file(json, &plan))
		result = FAILED;
	else
		result = up(argv[0], &files, plan.data ? plan.data : "");
	free(plan.data);
	free(pattern);
	free(json);
	return result;
}

/* The newest first; one that refuses keeps the machine enabled. */
int cmd_down(int argc, char **argv)
{
	uint32_t ids[256];
	int n, result = DONE;

	(void)argv;
	if (argc)
		return misuse("down takes no argument");
	n = cell_ids(ids, 256);
	if (n < 0)
		return FAILED;
	while (n-- > 0) {
		struct cv_cell_id id = { .id = (int32_t)ids[n] };

		if (ids[n] && request(CV_IOC_CELL_DESTROY, &id, cell_text(&id)))
			result = FAILED;
	}
	return result ? result : request(CV_IOC_DISABLE, NULL, "disable");
}
