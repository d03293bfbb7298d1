// SPDX-License-Identifier: GPL-2.0-only
/* enable, disable. */
#include "tool.h"

#include <stdlib.h>
#include <string.h>

int cmd_enable(int argc, char **argv)
{
	struct file f;
	int result;

	if (argc != 1)
		return misuse("enable takes one system descriptor");
	if (!read_file(argv[0], &f))
		return FAILED;
	/* the driver finds the size by the counts in it: they must not lead past the file's end */
	f.data = realloc(f.data, f.size + CV_MAX_CONFIG_SIZE);
	if (!f.data)
		return fail("no memory");
	memset((char *)f.data + f.size, 0, CV_MAX_CONFIG_SIZE);
	if (f.size < sizeof(struct cv_system) || memcmp(f.data, CV_SYS_SIGNATURE, 5))
		result = fail("%s: not a system descriptor", argv[0]);
	else
		result = request(CV_IOC_ENABLE, f.data, argv[0]);
	free(f.data);
	return result;
}

int cmd_disable(int argc, char **argv)
{
	(void)argv;
	return argc ? misuse("disable takes no argument") : request(CV_IOC_DISABLE, NULL, "disable");
}
