// SPDX-License-Identifier: GPL-2.0-only
/* enable SYSTEM: what the enable request costs, in ticks of the virtual counter: "bench: enable N". */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "driver.h"

static char descriptor[1 << 20];

static uint64_t ticks(void)
{
	uint64_t v;

	__asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(v)::"memory");
	return v;
}

int main(int argc, char **argv)
{
	int file = argc == 2 ? open(argv[1], O_RDONLY) : -1, dev = open(CV_DRIVER_DEVICE, O_RDWR);
	uint64_t start, end;

	if (file < 0 || dev < 0 || read(file, descriptor, sizeof(descriptor)) <= 0)
		return 1;
	start = ticks();
	if (ioctl(dev, CV_IOC_ENABLE, descriptor)) {
		perror("enable");
		return 1;
	}
	end = ticks();
	printf("bench: enable %llu\n", (unsigned long long)(end - start));
	return 0;
}
