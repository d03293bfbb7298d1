// SPDX-License-Identifier: GPL-2.0-only
/* Which of a guest's calls reach the firmware: none of a cell's, of root's those not for us. */
#include "../../hypervisor/arch/arm64/smccc.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>

static void root_reaches_its_firmware(void **state)
{
	static const u32 pass[] = {
		0xc2000001, /* EEMI: PM_GET_API_VERSION */
		0x82000000, 0xc200ffff, /* SiP */
		0xc1000000,		/* CPU service */
		0x83000000, 0xc300ff01, /* OEM */
		0xb0000000, 0x32000003, /* trusted application, OP-TEE's yielding call */
		0xbf00ff01, 0x84000050, 0xc4000053, /* trusted system's UID; random numbers */
	};

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(pass); i++) {
		assert_true(smccc_passes(pass[i], true));
		assert_false(smccc_passes(pass[i], false));
	}
}

static void what_is_ours_stays(void **state)
{
	static const u32 stay[] = {
		0x84000000, 0xc4000003, 0x84000008, 0xc4000012, /* PSCI */
		0xc4000020, 0xc4000040, 0x84000060, 0xc4000061, /* SDEI, MM, FF-A */
		0x80000000, 0x80008000, 0x8000ffff,		/* architecture: answered one by one */
		0x85000000, 0xc6000000, 0x8600ff01, 0x87000000, 0xaf000000, /* hypervisors', reserved */
	};

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(stay); i++)
		assert_false(smccc_passes(stay[i], true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(root_reaches_its_firmware),
		cmocka_unit_test(what_is_ours_stays),
	};

	return cmocka_run_group_tests_name("calls of the firmware", tests, NULL, NULL);
}
