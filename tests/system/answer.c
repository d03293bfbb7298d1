// SPDX-License-Identifier: GPL-2.0-only
/*
 * answer: copies its input to its output, each byte as two of the upper half: 0x80 and the high four
 * bits, 0x90 and the low four. Hypervisor, cells and kernel print ASCII on the same line, a character
 * at a time; so whoever reads the line can tell what the shell says from what they say.
 */
#include <stdlib.h>
#include <unistd.h>

static void put(const unsigned char *from, ssize_t n)
{
	while (n > 0) {
		ssize_t done = write(STDOUT_FILENO, from, (size_t)n);

		if (done < 0)
			exit(1);
		from += done;
		n -= done;
	}
}

int main(void)
{
	unsigned char in[512], out[2 * sizeof(in)];
	ssize_t n;

	while ((n = read(STDIN_FILENO, in, sizeof(in))) > 0) {
		for (ssize_t i = 0; i < n; i++) {
			out[2 * i] = 0x80 | in[i] >> 4;
			out[2 * i + 1] = 0x90 | (in[i] & 15);
		}
		put(out, 2 * n);
	}
	return n < 0;
}
