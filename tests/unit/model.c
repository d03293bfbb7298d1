// SPDX-License-Identifier: GPL-2.0-only
/*
 * Small questions about a model.
 */
#include "../../compiler/model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void finds_cells(void **state)
{
	struct cell root = {.name = "host", .is_root = true}, rt = {.name = "rt"};
	struct cell *both[] = {&root, &rt};
	struct model m = {.cells = {both, 2, 2}}, lone = {.cells = {both + 1, 1, 1}}, none = {0};

	(void)state;
	assert_ptr_equal(model_root(&m), &root);
	assert_null(model_root(&lone));
	assert_null(model_root(&none));
	assert_ptr_equal(model_cell(&m, "rt"), &rt);
	assert_null(model_cell(&m, "r"));
}

static void names_architectures(void **state)
{
	(void)state;
	assert_string_equal(arch_name(CV_ARCH_X86), "x86");
	assert_string_equal(arch_name(CV_ARCH_ARM64), "arm64");
	assert_string_equal(arch_name((enum cv_arch)9), "unknown");
}

static void tells_subpage_regions(void **state)
{
	struct region r = {.virt = {.v = 0x1000}, .size = {.v = 0x2000}, .phys = {.v = 0x123}};

	(void)state;
	assert_false(region_is_subpage(&r));
	r.size.v = 0x2001;
	assert_true(region_is_subpage(&r));
	r.size.v = 0x1000;
	r.virt.v = 0x1004;
	assert_true(region_is_subpage(&r));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_cells),
		cmocka_unit_test(names_architectures),
		cmocka_unit_test(tells_subpage_regions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
