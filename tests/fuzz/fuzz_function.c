// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any accesses of root, of a cell that has a PCI function and of one that has none, to the
 * configuration space of a real host, while the function's cell comes, goes, starts and fails:
 * who has no right to a function reads ones and changes nothing; what a cell may not change stays;
 * BARs of listed functions stay; a function that its owner just got is silent.
 *
 * In: bytes from libFuzzer, five an action. The core is compiled for the host, tests/hypervisor/
 * fake_arch.c below it.
 */
#include "../hypervisor/fake_function.h"

#include <stdlib.h>
#include <string.h>

#define OWNER 3u
#define OTHER 2u

static struct cell *owner; /* NULL: root has the function */

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void boot(void)
{
	struct linked_cell g;

	fake_boot_functions();
	fake_linked(&g, OTHER, 0x38, FAKE_LINK, 0, 2);
	must(!fake_create(&g, sizeof(g)));
	must(!hypercall(CV_HC_CELL_START, hv.root.next->id, 0));
	owner = NULL;
}

static bool is_silent(void)
{
	return (fake_reg(FUNCTION, 4) & 0x404) == 0x400 &&
	       !(fake_reg(FUNCTION, CAP_MSI) >> 16 & 1) && !(fake_reg(FUNCTION, CAP_MSIX) >> 31);
}

static void change_hands(u8 how)
{
	struct function_cell g;

	if (!owner) {
		fake_function_cell(&g);
		must(!fake_create(&g, sizeof(g)));
		owner = hv.root.next->next;
	} else if (how & 1) {
		fake_current = OWNER;
		cell_fail("fuzz", 0, 0);
		fake_current = 0;
		percpu(OWNER)->power = CPU_OFF;
	} else {
		owner->comm->cell_state = CV_CELL_STATE_SHUT_DOWN;
		must(!hypercall(how & 2 ? CV_HC_CELL_START : CV_HC_CELL_DESTROY, owner->id, 0));
		owner = how & 2 ? owner : NULL;
	}
	must(is_silent());
}

static u32 register_of(u8 a, u8 b)
{
	static const u16 near[] = {0,	       0x10,	 0x30,	  CAP_PM,   CAP_MSI,
				   CAP_VENDOR, CAP_MSIX, CAP_AER, CAP_SRIOV};

	return a & 0x80 ? ((u32)a << 8 | b) & 0xfff : near[a % ARRAY_SIZE(near)] + b % 0x40u;
}

/* The heads of the lists are memory here; of devices they can't be written. */
static void mend_lists(void)
{
	static const u32 heads[][2] = {{0x34, CAP_PM},
				       {CAP_PM, 0x5001},
				       {CAP_MSI, 0x6005},
				       {CAP_VENDOR, 0x7009},
				       {CAP_MSIX, 0x11}};

	for (u32 i = 0; i < ARRAY_SIZE(heads); i++)
		memcpy(fake_config + (FUNCTION << 12) + heads[i][0], &heads[i][1], 2);
	fake_set(FUNCTION, CAP_AER, 0x14010001);
	fake_set(FUNCTION, CAP_SRIOV, 0x00010010);
}

static bool cell_may_write(u32 reg)
{
	return (reg >= 4 && reg < 8) || reg == 12 || reg == 13 || reg == 0x3c ||
	       (reg >= CAP_PM && reg < CAP_PM + 8) || (reg >= CAP_VENDOR && reg < CAP_VENDOR + 6) ||
	       (reg >= CAP_AER && reg < CAP_AER + 0x40);
}

static const u32 functions[] = {FUNCTION, BRIDGE, UNLISTED, EMPTY};

static u8 *config_space(u32 which)
{
	return fake_config + (functions[which] << 12);
}

/* By a write of its owner. */
static bool may_change(u32 which, u32 reg)
{
	if (which < 2 && reg >= 0x10 && reg < 0x28) /* listed by root */
		return false;
	return (functions[which] == FUNCTION && owner) ? cell_may_write(reg) : true;
}

/* All that one access may do and not do. */
static void access(u32 cpu, u32 which, u32 reg, u32 size, bool write, u32 value)
{
	static u8 before[ARRAY_SIZE(functions)][0x1000];
	const struct cell *has = functions[which] == FUNCTION && owner ? owner : &hv.root;
	bool mine = percpu(cpu)->cell == has && !has->parked;
	u64 at = place_of(functions[which], reg);

	for (u32 i = 0; i < ARRAY_SIZE(functions); i++)
		memcpy(before[i], config_space(i), 0x1000);
	if (write)
		must(fake_write(cpu, at, size, value));
	else
		must(fake_read(cpu, at, size) == (~0ull >> (64 - size * 8)) || mine);
	for (u32 i = reg; i < reg + size && i < 0x1000 && write && mine; i++)
		if (may_change(which, i))
			before[which][i] = config_space(which)[i];
	for (u32 i = 0; i < ARRAY_SIZE(functions); i++)
		must(!memcmp(before[i], config_space(i), 0x1000));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const u32 cpus[] = {0, OWNER, OTHER, OWNER};

	boot();
	for (; len >= 5; data += 5, len -= 5) {
		if (data[0] >> 5 == 7)
			change_hands(data[4]);
		else
			access(cpus[data[0] & 3], data[0] >> 2 & 3, register_of(data[1], data[2]),
			       1u << (data[4] & 3), data[0] & 16,
			       data[3] * (data[4] & 0x80 ? 0x01010101u : 1u));
		mend_lists();
	}
	return 0;
}
