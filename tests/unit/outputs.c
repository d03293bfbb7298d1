// SPDX-License-Identifier: GPL-2.0-only
/*
 * Outputs appear whole and together, or not at all.
 */
#include "../../compiler/emit/emit.h"
#include "../../compiler/lib/diag.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
	struct cellc c;
	struct outputs outs;
	char dir[64], path[128];
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	cellc_init(&f->c);
	strcpy(f->dir, "/tmp/outputs.XXXXXX");
	*state = f;
	return mkdtemp(f->dir) ? 0 : -1;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	char command[128];

	snprintf(command, sizeof(command), "rm -r '%s'", f->dir);
	cellc_free(&f->c);
	free(f);
	return system(command);
}

static const char *below(struct fixture *f, const char *name)
{
	snprintf(f->path, sizeof(f->path), "%s/%s", f->dir, name);
	return f->path;
}

static void add(struct fixture *f, const char *name, const char *data, size_t len)
{
	buf_add(&output_add(&f->c, &f->outs, name)->data, data, len);
}

static void make_file(struct fixture *f, const char *name, const char *text)
{
	FILE *file = fopen(below(f, name), "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void expect_file(struct fixture *f, const char *name, const char *wanted)
{
	char text[64] = "";
	FILE *file = fopen(below(f, name), "r");

	assert_non_null(file);
	assert_true(fread(text, 1, sizeof(text) - 1, file) == strlen(wanted));
	fclose(file);
	assert_string_equal(text, wanted);
}

/* How many names the folder holds. */
static int count(struct fixture *f, const char *name)
{
	char command[192];
	int n = -1;
	FILE *p;

	snprintf(command, sizeof(command), "ls -A '%s' | wc -l", below(f, name));
	p = popen(command, "r");
	assert_non_null(p);
	assert_int_equal(fscanf(p, "%d", &n), 1);
	pclose(p);
	return n;
}

static void expect_failure(struct fixture *f, const char *dir, const char *why)
{
	assert_false(outputs_write(&f->c, &f->outs, dir, NULL));
	assert_int_equal(f->c.diags.n, 1);
	assert_int_equal(f->c.diags.v[0]->code, D_E1301);
	assert_non_null(strstr(f->c.diags.v[0]->text, why));
}

static void writes_all_and_makes_the_folder(void **state)
{
	struct fixture *f = *state;
	char dir[192];
	struct stat st;

	add(f, "a", "one", 3);
	add(f, "b", "two", 3);
	make_file(f, "mode", "");
	snprintf(dir, sizeof(dir), "%s/x/y//z/", f->dir);
	assert_true(outputs_write(&f->c, &f->outs, dir, NULL));
	expect_file(f, "x/y/z/a", "one");
	expect_file(f, "x/y/z/b", "two");
	assert_int_equal(count(f, "x/y/z"), 2);
	assert_int_equal(stat(below(f, "mode"), &st), 0);
	mode_t plain = st.st_mode;
	assert_int_equal(stat(below(f, "x/y/z/a"), &st), 0);
	assert_int_equal(st.st_mode, plain);
}

static void replaces_earlier_files(void **state)
{
	struct fixture *f = *state;

	make_file(f, "a", "something longer");
	add(f, "a", "new", 3);
	assert_true(outputs_write(&f->c, &f->outs, f->dir, NULL));
	expect_file(f, "a", "new");
	assert_int_equal(count(f, ""), 1);
}

static void writes_the_dependency_file_along(void **state)
{
	struct fixture *f = *state;
	struct output dep = {.name = below(f, "deps/x.d")};
	char path[128];

	strcpy(path, dep.name);
	dep.name = path;
	mkdir(below(f, "deps"), 0777);
	buf_init(&dep.data, f->c.arena);
	buf_str(&dep.data, "a: b\n");
	add(f, "a", "one", 3);
	assert_true(outputs_write(&f->c, &f->outs, f->dir, &dep));
	expect_file(f, "deps/x.d", "a: b\n");
}

static void a_folder_in_the_way_stops_all(void **state)
{
	struct fixture *f = *state;

	mkdir(below(f, "b"), 0777);
	make_file(f, "a", "old");
	add(f, "a", "new", 3);
	add(f, "b", "new", 3);
	expect_failure(f, f->dir, "/b: is a folder");
	expect_file(f, "a", "old");
	assert_int_equal(count(f, ""), 2);
}

static void a_file_is_no_folder(void **state)
{
	struct fixture *f = *state;
	char dir[128];

	make_file(f, "file", "x");
	strcpy(dir, below(f, "file"));
	add(f, "a", "new", 3);
	expect_failure(f, dir, "Not a directory");
}

static void a_file_is_no_parent(void **state)
{
	struct fixture *f = *state;
	char dir[128];

	make_file(f, "file", "x");
	strcpy(dir, below(f, "file/deeper"));
	add(f, "a", "new", 3);
	expect_failure(f, dir, "Not a directory");
}

static void folders_that_take_no_files(void **state)
{
	struct fixture *f = *state;

	add(f, "a", "new", 3);
	expect_failure(f, "/proc/self", "can't write /proc/self/a: ");
}

static void a_full_device(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(symlink("/dev/full", below(f, "b")), 0);
	add(f, "a", "new", 3);
	add(f, "b", "new", 3);
	expect_failure(f, f->dir, "No space left on device");
	assert_int_equal(count(f, ""), 1);
}

/* A limit on file sizes stands for a disk that fills up half way. */
static void a_disk_that_fills_up(void **state)
{
	struct fixture *f = *state;
	struct rlimit before, small;
	char *big = calloc(1, 100000);

	make_file(f, "a", "old");
	add(f, "a", "new", 3);
	add(f, "b", big, 100000);
	free(big);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	small = (struct rlimit){65536, before.rlim_max};
	setrlimit(RLIMIT_FSIZE, &small);
	expect_failure(f, f->dir, "File too large");
	setrlimit(RLIMIT_FSIZE, &before);
	signal(SIGXFSZ, SIG_DFL);
	expect_file(f, "a", "old");
	assert_int_equal(count(f, ""), 1);
}

static void a_name_in_use_for_a_temporary_file(void **state)
{
	struct fixture *f = *state;
	char name[64];

	snprintf(name, sizeof(name), "a.%ld.tmp", (long)getpid());
	make_file(f, name, "somebody's");
	add(f, "a", "new", 3);
	expect_failure(f, f->dir, "File exists");
	expect_file(f, name, "somebody's");
}

static void depfile_names_are_escaped(void **state)
{
	struct fixture *f = *state;
	struct buf out;

	add(f, "a b.cell", "", 0);
	add(f, "c.cell", "", 0);
	*vec_push(f->c.arena, &f->c.inputs) = "my $plan#1.plan";
	*vec_push(f->c.arena, &f->c.inputs) = "back\\ slash\\x";
	*vec_push(f->c.arena, &f->c.inputs) = "my $plan#1.plan";
	emit_depfile(&f->c, &f->outs, "out", &out);
	assert_string_equal(out.data, "out/a\\ b.cell \\\n out/c.cell: \\\n"
				      " my\\ $$plan\\#1.plan \\\n back\\\\\\ slash\\x\n"
				      "\nmy\\ $$plan\\#1.plan:\n\nback\\\\\\ slash\\x:\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
		TEST(writes_all_and_makes_the_folder),
		TEST(replaces_earlier_files),
		TEST(writes_the_dependency_file_along),
		TEST(a_folder_in_the_way_stops_all),
		TEST(a_file_is_no_folder),
		TEST(a_file_is_no_parent),
		TEST(folders_that_take_no_files),
		TEST(a_full_device),
		TEST(a_disk_that_fills_up),
		TEST(a_name_in_use_for_a_temporary_file),
		TEST(depfile_names_are_escaped),
	};

	return cmocka_run_group_tests_name("outputs", tests, NULL, NULL);
}
