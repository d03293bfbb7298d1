// SPDX-License-Identifier: GPL-2.0-only
/*
 * Descriptors into the model and back: the same bytes, whatever they hold.
 */
#include "binary/fields.h"
#include "image.h"

#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 2000

static u32 next_random(u32 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

struct sample {
	u8 data[4096];
	size_t len;
	u16 revision;
	bool system;
};

static void put_signature(struct sample *s, u32 *rnd)
{
	memset(s->data, 0, 8);
	if (s->revision == 14) {
		memcpy(s->data, s->system ? "JHSYS" : "JHCLL", 5);
		s->data[5] = (u8)(next_random(rnd) % 3);
	} else {
		memcpy(s->data, s->system ? "JHSYST" : "JHCELL", 6);
	}
	put_le(s->data + 6, s->revision, 2);
}

/* Any bytes behind a valid signature, with small counts, now and then a large one. */
static struct sample random_sample(u32 *rnd)
{
	struct sample s = {.revision = (u16)(12 + next_random(rnd) % 3),
			   .system = next_random(rnd) % 2};
	u32 base = s.system ? system_root_offset(s.revision) : 0;
	bool sparse = next_random(rnd) % 2;

	s.len = base + 132 + next_random(rnd) % 2000;
	for (size_t i = 0; i < s.len; i++)
		s.data[i] = sparse && next_random(rnd) % 4 ? 0 : (u8)next_random(rnd);
	for (u32 at = base + 48; at < base + 80; at += 4)
		put_le(s.data + at, next_random(rnd) % 32 ? next_random(rnd) % 8 : next_random(rnd),
		       4);
	put_signature(&s, rnd);
	return s;
}

static void check_same(const struct sample *s)
{
	struct cellc c;
	struct model m = {0};
	struct image *img;

	cellc_init(&c);
	assert_true(binary_load(&c, &m, "x/test.cell", s->data, s->len));
	assert_int_equal(m.cells.n, 1);
	assert_int_equal(m.revision, s->revision);
	assert_int_equal(m.has_system, s->system);
	assert_string_equal(m.cells.v[0]->file, "test");
	img = lower(&c, &m, m.cells.v[0], m.revision);
	assert_int_equal(img->bytes.len, s->len);
	assert_memory_equal(img->bytes.data, s->data, s->len);
	cellc_free(&c);
}

static void test_round_trip(void **state)
{
	u32 rnd = 20240229;

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		struct sample s = random_sample(&rnd);

		check_same(&s);
	}
}

static void test_every_length(void **state)
{
	u32 rnd = 7;
	struct sample s = random_sample(&rnd);

	(void)state;
	for (size_t len = 0; len <= s.len; len++) {
		struct cellc c;
		struct model m = {0};
		u8 *exact = malloc(len + 1);
		bool whole = len >= (s.system ? system_root_offset(s.revision) : 0) + 132;

		memcpy(exact + 1, s.data, len);
		cellc_init(&c);
		assert_int_equal(binary_load(&c, &m, "t.cell", exact + 1, len), whole);
		assert_true(whole || c.errors);
		cellc_free(&c);
		free(exact);
	}
}

/* One cell with n memory regions whose count says `count`. */
static struct sample region_sample(u32 n, u32 count)
{
	struct sample s = {.revision = 14, .len = 132 + 8 + n * 32};

	memcpy(s.data, "JHCLL\2\16\0rt", 10);
	put_le(s.data + 48, 8, 4);
	put_le(s.data + 52, count, 4);
	s.data[132] = 2;
	for (u32 i = 0; i < n; i++) {
		put_le(s.data + 140 + i * 32, 0x70000000 + i * 0x10000, 8);
		put_le(s.data + 148 + i * 32, i * 0x10000, 8);
		put_le(s.data + 156 + i * 32, 0x10000, 8);
		put_le(s.data + 164 + i * 32, 0x47, 8);
	}
	return s;
}

static void expect(const struct sample *s, const char *text)
{
	struct cellc c;
	struct model m = {0};
	struct buf out;

	cellc_init(&c);
	buf_init(&out, c.arena);
	assert_true(binary_load(&c, &m, "t.cell", s->data, s->len));
	diag_print(&c, &out, DIAG_GCC, false);
	if (!text)
		assert_string_equal(out.data, "");
	else if (!strstr(out.data, text))
		fail_msg("\"%s\" is not in: %s", text, out.data);
	cellc_free(&c);
}

static void test_findings(void **state)
{
	struct sample s = region_sample(3, 3);

	(void)state;
	expect(&s, NULL);
	s = region_sample(3, 5);
	expect(&s, "num_memory_regions counts 5 memory regions, the file holds 3");
	s = region_sample(3, 1);
	expect(&s, "64 bytes behind the last array are counted by nothing; they look like 2 memory "
		   "regions");
	s = region_sample(1, 1);
	memset(s.data + 8, 'x', 32);
	expect(&s, "no NUL ends the name");
	s = region_sample(1, 1);
	s.data[30] = 1;
	expect(&s, "1 byte without a meaning is not zero");
}

static void test_facts_know_their_place(void **state)
{
	struct sample s = region_sample(3, 3);
	struct cellc c;
	struct model m = {0};
	struct region *r;

	(void)state;
	cellc_init(&c);
	assert_true(binary_load(&c, &m, "t.cell", s.data, s.len));
	r = m.cells.v[0]->regions.v[2];
	assert_int_equal(r->phys.v, 0x70020000);
	assert_string_equal(r->size.from->path, "memory region 2");
	assert_string_equal(r->size.from->prop, "size");
	assert_int_equal(r->size.from->offset, 132 + 8 + 64 + 16);
	assert_int_equal(m.cells.v[0]->cpus.n, 1);
	assert_int_equal(m.cells.v[0]->cpus.v[0].index, 1);
	cellc_free(&c);
}

static void test_several_files(void **state)
{
	struct sample cell = region_sample(1, 1),
		      root = {.revision = 14, .len = 488, .system = true};
	struct cellc c;
	struct model m = {0};

	(void)state;
	memcpy(root.data, "JHSYS\2\16", 8);
	cellc_init(&c);
	assert_true(binary_load(&c, &m, "rt.cell", cell.data, cell.len));
	assert_true(binary_load(&c, &m, "root.cell", root.data, root.len));
	assert_int_equal(c.errors, 0);
	assert_int_equal(m.cells.n, 2);
	assert_true(m.cells.v[0]->is_root);
	assert_string_equal(m.cells.v[1]->name, "rt");
	assert_false(binary_load(&c, &m, "again.cell", root.data, root.len));
	assert_int_equal(c.errors, 1);
	cell.data[5] = 0;
	assert_true(binary_load(&c, &m, "x86.cell", cell.data, cell.len));
	assert_int_equal(c.errors, 2);
	cellc_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),    cmocka_unit_test(test_every_length),
		cmocka_unit_test(test_findings),      cmocka_unit_test(test_facts_know_their_place),
		cmocka_unit_test(test_several_files),
	};

	return cmocka_run_group_tests_name("binary", tests, NULL, NULL);
}
