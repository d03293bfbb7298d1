// SPDX-License-Identifier: GPL-2.0-only
/*
 * PSCI for guests (Arm DEN 0022), and a CPU's wait for work. A CPU that is off waits in EL2; the
 * firmware is never asked.
 */
#include "arch64.h"

#define PSCI_VERSION	    0x84000000
#define PSCI_SUSPEND_32	    0x84000001
#define PSCI_CPU_OFF	    0x84000002
#define PSCI_CPU_ON_32	    0x84000003
#define PSCI_AFFINITY_32    0x84000004
#define PSCI_MIGRATE_TYPE   0x84000006
#define PSCI_FEATURES	    0x8400000a
#define SMCCC_VERSION	    0x80000000
#define PSCI_64		    0x40000000

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

static s64 cpu_on(u64 mpidr, u64 entry, u64 context)
{
	struct percpu *cpu = own_cpu(mpidr);
	s64 result = PSCI_OK;

	if (!cpu)
		return PSCI_INVALID;
	spin_lock(&cpu->lock);
	if (cpu->power == CPU_RUNNING) {
		result = PSCI_ALREADY_ON;
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

static s64 features(u64 function)
{
	switch (function & ~PSCI_64) {
	case PSCI_VERSION & ~PSCI_64:
	case PSCI_SUSPEND_32 & ~PSCI_64:
	case PSCI_CPU_OFF & ~PSCI_64:
	case PSCI_CPU_ON_32 & ~PSCI_64:
	case PSCI_AFFINITY_32 & ~PSCI_64:
	case PSCI_FEATURES & ~PSCI_64:
	case SMCCC_VERSION & ~PSCI_64:
		return 0;
	}
	return PSCI_NOT_SUPPORTED;
}

static s64 cpu_off(struct regs *regs)
{
	this_cpu()->park_wanted = true;
	cpu_wait(regs);
	return (s64)regs->x[0];
}

s64 psci_call(struct regs *regs)
{
	u64 function = (u32)regs->x[0];
	bool wide = function & PSCI_64;
	u64 a1 = wide ? regs->x[1] : (u32)regs->x[1], a2 = wide ? regs->x[2] : (u32)regs->x[2];

	this_cpu()->counters[CV_COUNT_ARM_PSCI]++;
	switch (function) {
	case PSCI_VERSION:
		return 0x10001; /* 1.1 */
	case SMCCC_VERSION:
		return 0x10001;
	case PSCI_SUSPEND_32:
	case PSCI_SUSPEND_32 | PSCI_64:
		__asm__ volatile("wfi");
		return PSCI_OK;
	case PSCI_CPU_OFF:
		return cpu_off(regs);
	case PSCI_CPU_ON_32:
	case PSCI_CPU_ON_32 | PSCI_64:
		return cpu_on(a1, a2, regs->x[3]);
	case PSCI_AFFINITY_32:
	case PSCI_AFFINITY_32 | PSCI_64:
		return affinity_info(a1);
	case PSCI_MIGRATE_TYPE:
		return PSCI_TOS_NONE;
	case PSCI_FEATURES:
		return features(a1);
	}
	return PSCI_NOT_SUPPORTED;
}

/* EL1 as after a warm reset (D1.9.1): MMU and caches off, interrupts masked. */
void cpu_start_state(struct regs *regs)
{
	struct percpu *me = this_cpu();

	memset(regs, 0, sizeof(*regs));
	regs->x[0] = me->start_context;
	write_sysreg(me->start_entry, elr_el2);
	write_sysreg(0x3c5, spsr_el2); /* EL1h, DAIF */
	write_sysreg(0x30d00800, sctlr_el1);
	write_sysreg(0, cntkctl_el1);
	write_sysreg(0, cntv_ctl_el0);
	write_sysreg(0, cntp_ctl_el0);
	write_sysreg(0, cpacr_el1);
	write_sysreg(0, csselr_el1);
	write_sysreg(0, ttbr0_el1);
	write_sysreg(0, ttbr1_el1);
	write_sysreg(0, tcr_el1);
	write_sysreg(0, mair_el1);
	write_sysreg(0, vbar_el1);
	write_sysreg(0, contextidr_el1);
	write_sysreg(0, tpidr_el0);
	write_sysreg(0, tpidr_el1);
	write_sysreg(0, tpidrro_el0);
	write_sysreg(0, mdscr_el1);
	write_sysreg(0, sp_el0);
	write_sysreg(0, sp_el1);
	isb();
}

void cpu_wait(struct regs *regs)
{
	struct percpu *me = this_cpu();

	gic->cpu_waits(true);
	gic_forget_queue();
	spin_lock(&me->lock);
	me->park_wanted = false;
	me->power = CPU_OFF;
	while (!me->start_wanted) {
		spin_unlock(&me->lock);
		__asm__ volatile("wfi" ::: "memory");
		gic_irq();
		spin_lock(&me->lock);
	}
	me->start_wanted = false;
	me->park_wanted = false;
	me->power = CPU_RUNNING;
	me->pending_sgis[0] = me->pending_sgis[1] = 0;
	me->irq_count = 0;
	spin_unlock(&me->lock);
	arch_cpu_load_cell(me->cell);
	gic->cpu_waits(false);
	gic->cpu_reset();
	write_sysreg(HCR_GUEST | HCR_RW, hcr_el2);
	__asm__ volatile("ic iallu; dsb nsh; isb" ::: "memory");
	cpu_start_state(regs);
}
