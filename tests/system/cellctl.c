// SPDX-License-Identifier: GPL-2.0-only
/*
 * Just enough of cellctl to drive the emulated machines: each command is one request to the driver.
 *
 * In: the command line; descriptors and images. Out: the driver's answer as exit code 0 or 1, its
 * error on stderr; 2 for misuse.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../runtime/abi/driver.h"

struct file {
	void *data;
	size_t size;
};

static void fail(const char *what)
{
	fprintf(stderr, "cellctl: %s: %s\n", what, strerror(errno));
	exit(1);
}

static struct file slurp(const char *path)
{
	struct file f;
	struct stat st;
	int fd = open(path, O_RDONLY);

	if (fd < 0 || fstat(fd, &st))
		fail(path);
	f.size = (size_t)st.st_size;
	/* zeroes behind: what a wrong count makes the driver read */
	f.data = calloc(1, f.size + 4096);
	if (!f.data || read(fd, f.data, f.size) != (ssize_t)f.size)
		fail(path);
	close(fd);
	return f;
}

static void request(unsigned long code, void *arg, const char *what)
{
	int fd = open(CV_DRIVER_DEVICE, O_RDWR);

	if (fd < 0)
		fail(CV_DRIVER_DEVICE);
	if (ioctl(fd, code, arg))
		fail(what);
	close(fd);
}

static struct cv_cell_id cell_id(const char *name)
{
	struct cv_cell_id id = { .id = CV_CELL_ID_BY_NAME };

	strncpy(id.name, name, sizeof(id.name) - 1);
	return id;
}

static void load(const char *cell, const char *image, const char *address)
{
	struct file f = slurp(image);
	struct {
		struct cv_cell_load load;
		struct cv_load_image image;
	} arg = { 0 };

	arg.load.cell = cell_id(cell);
	arg.load.num_images = 1;
	arg.image.source_address = (uintptr_t)f.data;
	arg.image.size = f.size;
	arg.image.target_address = address ? strtoull(address, NULL, 0) : 0;
	request(CV_IOC_CELL_LOAD, &arg, "cell load");
}

static void print_file(const char *folder, const char *name)
{
	char path[256], text[128] = "?";
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "r");
	if (f) {
		if (fgets(text, sizeof(text), f))
			text[strcspn(text, "\n")] = '\0';
		fclose(f);
	}
	printf("%-20s", text);
}

static void list(void)
{
	glob_t found;
	size_t i;

	if (glob(CV_DRIVER_SYSFS "/cells/*", 0, NULL, &found))
		return;
	for (i = 0; i < found.gl_pathc; i++) {
		printf("%-4s", strrchr(found.gl_pathv[i], '/') + 1);
		print_file(found.gl_pathv[i], "name");
		print_file(found.gl_pathv[i], "state");
		print_file(found.gl_pathv[i], "cpus_assigned_list");
		putchar('\n');
	}
	globfree(&found);
}

static int cell(int argc, char **argv)
{
	struct cv_cell_create create;
	struct cv_cell_id id;
	struct file f;

	if (argc == 1 && !strcmp(argv[0], "list")) {
		list();
	} else if (argc == 2 && !strcmp(argv[0], "create")) {
		f = slurp(argv[1]);
		create = (struct cv_cell_create){ (uintptr_t)f.data, (uint32_t)f.size, 0 };
		request(CV_IOC_CELL_CREATE, &create, "cell create");
	} else if (argc == 2 && !strcmp(argv[0], "start")) {
		id = cell_id(argv[1]);
		request(CV_IOC_CELL_START, &id, "cell start");
	} else if (argc == 2 && !strcmp(argv[0], "destroy")) {
		id = cell_id(argv[1]);
		request(CV_IOC_CELL_DESTROY, &id, "cell destroy");
	} else if (argc == 3 && !strcmp(argv[0], "load")) {
		load(argv[1], argv[2], NULL);
	} else if (argc == 5 && !strcmp(argv[0], "load") && !strcmp(argv[3], "-a")) {
		load(argv[1], argv[2], argv[4]);
	} else {
		return 2;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct file f;
	int result = 2;

	if (argc == 3 && !strcmp(argv[1], "enable")) {
		f = slurp(argv[2]);
		request(CV_IOC_ENABLE, f.data, "enable");
		result = 0;
	} else if (argc == 2 && !strcmp(argv[1], "disable")) {
		request(CV_IOC_DISABLE, NULL, "disable");
		result = 0;
	} else if (argc > 2 && !strcmp(argv[1], "cell")) {
		result = cell(argc - 2, argv + 2);
	}
	if (result == 2)
		fprintf(stderr, "usage: cellctl enable FILE | disable | cell create FILE |\n"
				"       cell load NAME IMAGE [-a ADDRESS] | cell start|destroy NAME | cell list\n");
	return result;
}
