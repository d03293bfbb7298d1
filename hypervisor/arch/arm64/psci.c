// SPDX-License-Identifier: GPL-2.0-only
/*
 * PSCI for guests (Arm DEN 0022), and a CPU's wait for work. A CPU that is off waits in EL2; the
 * firmware is never asked.
 */
#include "arch64.h"
#include "smccc.h"

#define PSCI_VERSION	    0x84000000
#define PSCI_SUSPEND_32	    0x84000001
#define PSCI_CPU_OFF	    0x84000002
#define PSCI_CPU_ON_32	    0x84000003
#define PSCI_AFFINITY_32    0x84000004
#define PSCI_MIGRATE_TYPE   0x84000006
#define PSCI_OFF	    0x84000008
#define PSCI_RESET	    0x84000009
#define PSCI_FEATURES	    0x8400000a
#define PSCI_RESET2	    0x84000012
#define SMCCC_VERSION	    0x80000000
#define SMCCC_FEATURES	    0x80000001
#define SMCCC_WORKAROUND_1  0x80008000 /* Arm DEN 0028, 7: of speculation */
#define SMCCC_WORKAROUND_2  0x80007fff
#define SMCCC_WORKAROUND_3  0x80003fff
#define PSCI_64		    0x40000000

#define PSCI_IS_1_1	    0x10001
#define SMCCC_IS_1_1	    0x10001
#define PSCI_OK		    0
#define PSCI_NOT_SUPPORTED  (-1)
#define PSCI_INVALID	    (-2)
#define PSCI_DENIED	    (-3)
#define PSCI_ALREADY_ON	    (-4)
#define PSCI_ON_PENDING	    (-5)
#define PSCI_TOS_NONE	    2

static struct percpu *own_cpu(u64 mpidr)
{
	struct percpu *cpu = cpu_by_mpidr(mpidr);

	return cpu && cpu->cell == this_cpu()->cell ? cpu : NULL;
}

static noinline s64 cpu_on(u64 mpidr, u64 entry, u64 context)
{
	struct percpu *cpu = own_cpu(mpidr);
	s64 result = PSCI_OK;

	if (!cpu)
		return PSCI_INVALID;
	spin_lock(&cpu->lock);
	if (cpu->power == CPU_RUNNING) {
		result = PSCI_ALREADY_ON;
	} else if (__atomic_load_n(&cpu->cell->parked, __ATOMIC_ACQUIRE)) {
		result = PSCI_DENIED; /* the caller is about to be stopped */
	} else if (cpu->start_wanted) {
		result = PSCI_ON_PENDING;
	} else {
		cpu->start_entry = entry;
		cpu->start_context = context;
		cpu->start_wanted = true;
	}
	spin_unlock(&cpu->lock);
	if (!result)
		arch_cpu_kick(cpu);
	return result;
}

static s64 affinity_info(u64 mpidr)
{
	struct percpu *cpu = own_cpu(mpidr);

	if (!cpu)
		return PSCI_INVALID;
	return cpu->power == CPU_RUNNING ? 0 : cpu->start_wanted ? 2 : 1;
}

/* What the firmware says; it uses x4 to x17 at will. */
static noinline s64 firmware(u64 function, u64 a1, u64 a2, u64 a3)
{
	register u64 x0 __asm__("x0") = function;
	register u64 x1 __asm__("x1") = a1;
	register u64 x2 __asm__("x2") = a2;
	register u64 x3 __asm__("x3") = a3;

	__asm__ volatile("smc #0"
			 : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)
			 :
			 : "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14",
			   "x15", "x16", "x17", "memory", "cc");
	return (s64)x0;
}

/* Root's own call: x0 to x17 go there and come back (Arm DEN 0028, 3.1), the others stay. */
static void pass_on(struct regs *regs)
{
	register u64 *x __asm__("x19") = regs->x;

	__asm__ volatile("ldp x0, x1, [%0]\n\t"
			 "ldp x2, x3, [%0, #16]\n\t"
			 "ldp x4, x5, [%0, #32]\n\t"
			 "ldp x6, x7, [%0, #48]\n\t"
			 "ldp x8, x9, [%0, #64]\n\t"
			 "ldp x10, x11, [%0, #80]\n\t"
			 "ldp x12, x13, [%0, #96]\n\t"
			 "ldp x14, x15, [%0, #112]\n\t"
			 "ldp x16, x17, [%0, #128]\n\t"
			 "smc #0\n\t"
			 "stp x0, x1, [%0]\n\t"
			 "stp x2, x3, [%0, #16]\n\t"
			 "stp x4, x5, [%0, #32]\n\t"
			 "stp x6, x7, [%0, #48]\n\t"
			 "stp x8, x9, [%0, #64]\n\t"
			 "stp x10, x11, [%0, #80]\n\t"
			 "stp x12, x13, [%0, #96]\n\t"
			 "stp x14, x15, [%0, #112]\n\t"
			 "stp x16, x17, [%0, #128]"
			 :
			 : "r"(x)
			 : "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11",
			   "x12", "x13", "x14", "x15", "x16", "x17", "memory", "cc");
}

void cpu_to_firmware(void)
{
	firmware(PSCI_CPU_OFF, 0, 0, 0);
}

/* DEN 0022 5.7: 1 is off. */
bool arch_cpu_is_gone(const struct percpu *cpu)
{
	return firmware(PSCI_AFFINITY_32 | PSCI_64, cpu->mpidr, 0, 0) == 1;
}

static bool is_workaround(u64 function)
{
	return function == SMCCC_WORKAROUND_1 || function == SMCCC_WORKAROUND_2 ||
	       function == SMCCC_WORKAROUND_3;
}

/* One of these functions of PSCI, by their last bits, in either form. */
static bool is_among(u64 set, u64 function)
{
	u64 n = (function & ~(u64)PSCI_64) - PSCI_VERSION;

	return n < 64 && set >> n & 1;
}

#define PSCI_BIT(function) BIT((function) & 63)
#define PSCI_ALWAYS                                                                               \
	(PSCI_BIT(PSCI_VERSION) | PSCI_BIT(PSCI_SUSPEND_32) | PSCI_BIT(PSCI_CPU_OFF) |            \
	 PSCI_BIT(PSCI_CPU_ON_32) | PSCI_BIT(PSCI_AFFINITY_32) | PSCI_BIT(PSCI_FEATURES))

/* A cell can end itself; a new start is root's to give. */
static bool is_machine_end(u64 function)
{
	u64 ends = PSCI_BIT(PSCI_OFF) | PSCI_BIT(PSCI_RESET);

	return is_among(this_cpu()->cell == &hv.root ? ends | PSCI_BIT(PSCI_RESET2) : ends, function);
}

static s64 features(u64 function)
{
	if (is_machine_end(function) && this_cpu()->cell == &hv.root)
		return firmware(PSCI_FEATURES, function, 0, 0);
	return is_machine_end(function) || is_among(PSCI_ALWAYS, function) ||
			       (function & ~(u64)PSCI_64) == SMCCC_VERSION
		       ? PSCI_OK
		       : PSCI_NOT_SUPPORTED;
}

static s64 smccc_features(u64 function)
{
	if (function == SMCCC_VERSION || function == SMCCC_FEATURES)
		return 0;
	return is_workaround(function) ? firmware(SMCCC_FEATURES, function, 0, 0)
				       : PSCI_NOT_SUPPORTED;
}

/* The call of a cell does not return; the CPU comes back with new work. */
static s64 end_of_cell(struct regs *regs)
{
	cell_end(is_among(PSCI_BIT(PSCI_OFF), (u32)regs->x[0]) ? "switched itself off"
							       : "asked for a reset and is shut down");
	cpu_wait(regs);
	return (s64)regs->x[0];
}

/* Root switches the machine off or resets it: every cell stops first, then firmware does it. */
static s64 machine_end(struct regs *regs)
{
	if (this_cpu()->cell != &hv.root)
		return end_of_cell(regs);
	cells_stop();
	return firmware(regs->x[0], regs->x[1], regs->x[2], regs->x[3]);
}

static s64 cpu_off(struct regs *regs)
{
	this_cpu()->park_wanted = true;
	cpu_wait(regs);
	return (s64)regs->x[0];
}

/* By its number: PSCI's own functions are neighbours. Two of these have a 64-bit form. */
bool psci_quick(struct regs *regs)
{
	u32 function = (u32)regs->x[0];
	bool wide = function & PSCI_64;
	u64 mask = wide ? ~0ull : ~0u;
	s64 result;

	switch ((function & ~PSCI_64) - PSCI_VERSION) {
	case 0:
		if (wide)
			return false;
		result = PSCI_IS_1_1;
		break;
	case PSCI_CPU_ON_32 - PSCI_VERSION:
		result = cpu_on(regs->x[1] & mask, regs->x[2] & mask, regs->x[3]);
		break;
	case PSCI_AFFINITY_32 - PSCI_VERSION:
		result = affinity_info(regs->x[1] & mask);
		break;
	default:
		return false;
	}
	this_cpu()->counters[CV_COUNT_ARM_PSCI]++;
	regs->x[0] = (u64)result;
	return true;
}

static s64 other_call(struct regs *regs, u64 function)
{
	u64 a1 = (u32)regs->x[1];

	if (is_machine_end(function))
		return machine_end(regs);
	if (is_workaround(function))
		return firmware(function, a1, 0, 0);
	if (smccc_passes(function, this_cpu()->cell == &hv.root)) {
		pass_on(regs);
		return (s64)regs->x[0];
	}
	switch (function) {
	case SMCCC_VERSION:
		return SMCCC_IS_1_1;
	case SMCCC_FEATURES:
		return smccc_features(a1);
	case PSCI_SUSPEND_32:
	case PSCI_SUSPEND_32 | PSCI_64:
		__asm__ volatile("wfi");
		return PSCI_OK;
	case PSCI_CPU_OFF:
		return cpu_off(regs);
	case PSCI_MIGRATE_TYPE:
		return PSCI_TOS_NONE;
	case PSCI_FEATURES:
		return features(a1);
	}
	return PSCI_NOT_SUPPORTED;
}

void psci_call(struct regs *regs)
{
	u64 function = (u32)regs->x[0];
	bool is_psci = (function >> 24 & 0x3f) == 4;

	if (psci_quick(regs))
		return;
	this_cpu()->counters[is_psci ? CV_COUNT_ARM_PSCI : CV_COUNT_ARM_SMCCC]++;
	regs->x[0] = (u64)other_call(regs, function);
}

/*
 * A system error of the guest that ran here may still be on its way, or pending, and would hit the
 * next one: it is taken now. Everywhere else EL2 has them masked; the vector returns at once.
 */
static void forget_errors(void)
{
	dsb(sy);
	if (read_sysreg(isr_el1) >> 8 & 1)
		printk("CPU %u: a late system error is dropped", this_cpu()->index);
	__asm__ volatile("msr daifclr, #4; isb; msr daifset, #4" ::: "memory");
}

void cpu_wait(struct regs *regs)
{
	struct percpu *me = this_cpu();

	forget_errors();
	cell_cpu_leaving();
	gic_cpu_waits();
	spin_lock(&me->lock);
	me->park_wanted = false;
	me->power = CPU_OFF;
	while (!me->start_wanted) {
		spin_unlock(&me->lock);
		__asm__ volatile("wfi" ::: "memory");
		gic_irqs(gic->ack());
		spin_lock(&me->lock);
	}
	me->start_wanted = false;
	me->park_wanted = false;
	me->leaving = false;
	me->power = CPU_RUNNING;
	me->pending_sgis[0] = me->pending_sgis[1] = 0;
	me->irq_count = 0;
	spin_unlock(&me->lock);
	arch_cpu_load_cell(me->cell);
	gic_cpu_starts();
	cpu_guest_traps();
	__asm__ volatile("ic iallu; dsb nsh; isb" ::: "memory");
	cpu_start_state(regs);
}
