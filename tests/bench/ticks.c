// SPDX-License-Identifier: GPL-2.0-only
/*
 * ticks NAME: "bench: NAME N", the counter as it was when the program began. As process 1 it makes
 * itself a console, calls itself "init" and switches off.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	uint64_t now;

	__asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(now)::"memory");
	if (getpid() == 1) {
		mount("dev", "/dev", "devtmpfs", 0, NULL);
		dup2(open("/dev/console", O_RDWR), 1);
	}
	printf("bench: %s %llu\n", getpid() == 1 ? "init" : argc > 1 ? argv[1] : "now",
	       (unsigned long long)now);
	fflush(stdout);
	if (getpid() == 1)
		reboot(RB_POWER_OFF);
	return 0;
}
