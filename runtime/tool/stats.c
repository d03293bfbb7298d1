// SPDX-License-Identifier: GPL-2.0-only
/* cell stats: the counters of a cell from sysfs, with what was added since the round before. */
#include "tool.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNTERS_MAX 32
#define PREFIX	     "vmexits_"

struct counters {
	int n;
	char name[COUNTERS_MAX][32];
	uint64_t value[COUNTERS_MAX];
};

static bool read_counters(const char *folder, struct counters *c)
{
	DIR *dir = opendir(folder);
	struct dirent *e;
	char line[32];

	c->n = 0;
	if (!dir)
		return false;
	while (c->n < COUNTERS_MAX && (e = readdir(dir)))
		if (!strncmp(e->d_name, PREFIX, strlen(PREFIX)) &&
		    read_line(folder, e->d_name, line, sizeof(line)) &&
		    parse_number(line, &c->value[c->n]))
			snprintf(c->name[c->n++], sizeof(c->name[0]), "%.31s",
				 e->d_name + strlen(PREFIX));
	closedir(dir);
	return c->n > 0;
}

static const uint64_t *find_counter(const struct counters *c, const char *name)
{
	for (int i = 0; i < c->n; i++)
		if (!strcmp(c->name[i], name))
			return &c->value[i];
	return NULL;
}

/* The total first, then by value. */
static void sort(const struct counters *c, int *order)
{
	for (int i = 0; i < c->n; i++) {
		bool total = !strcmp(c->name[i], "total");
		int at = i;

		for (; at > 0; at--) {
			int above = order[at - 1];

			if (!strcmp(c->name[above], "total") ||
			    (!total && c->value[above] >= c->value[i]))
				break;
			order[at] = above;
		}
		order[at] = i;
	}
}

static void print_counters(const struct counters *now, const struct counters *before)
{
	int order[COUNTERS_MAX];

	sort(now, order);
	printf("%-20s%15s%15s\n", "EXITS", "SUM", before->n ? "PER SECOND" : "");
	for (int k = 0; k < now->n; k++) {
		int i = order[k];
		const uint64_t *old = find_counter(before, now->name[i]);

		printf("%-20s%15llu", now->name[i], (unsigned long long)now->value[i]);
		if (old)
			printf("%15llu", (unsigned long long)(now->value[i] - *old));
		putchar('\n');
	}
}

static int watch(const char *folder, uint64_t rounds)
{
	bool screen = isatty(STDOUT_FILENO) && rounds != 1;
	struct counters now, before = { 0 };
	char *statistics = format("%s/statistics", folder), name[64];

	for (uint64_t i = 0; !rounds || i < rounds; i++) {
		if (i)
			sleep(1);
		if (!read_line(folder, "name", name, sizeof(name)) ||
		    !read_counters(statistics, &now))
			return i ? fail("the cell is gone") : fail("no statistics of this cell");
		if (screen)
			fputs("\033[H\033[J", stdout);
		printf("cell \"%s\"\n", name);
		print_counters(&now, &before);
		if (fflush(stdout))
			return FAILED;
		before = now;
	}
	free(statistics);
	return DONE;
}

int cmd_stats(int argc, char **argv)
{
	uint64_t rounds = 0;
	struct cv_cell_id id;
	char folder[128];

	if (argc && (!strcmp(argv[0], "-n") || !strcmp(argv[0], "--count"))) {
		if (argc < 2 || !parse_number(argv[1], &rounds) || !rounds)
			return misuse("%s needs a number above 0", argv[0]);
		argv += 2;
	}
	if (!parse_cell(&argv, &id))
		return MISUSE;
	if (*argv && !rounds && (!strcmp(*argv, "-n") || !strcmp(*argv, "--count"))) {
		if (!argv[1] || !parse_number(argv[1], &rounds) || !rounds)
			return misuse("%s needs a number above 0", *argv);
		argv += 2;
	}
	if (*argv)
		return misuse("cell stats takes one cell");
	if (!cell_folder(&id, folder, sizeof(folder)))
		return fail("%s: no such cell", cell_text(&id));
	return watch(folder, rounds);
}
