// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* CPUs: PSCI (Arm DEN 0022) by hvc, as everywhere below a hypervisor. */
#include "inmate.h"

#define PSCI_CPU_ON  0xc4000003
#define PSCI_CPU_OFF 0x84000002
#define STACK_SIZE   0x2000

u8 stacks[INMATE_CPUS][STACK_SIZE] __attribute__((aligned(4096)));

static struct start {
	u64 stack, index;
	void (*function)(void);
} starts[INMATE_CPUS];
static u32 started;

void secondary_start(void);

u64 smp_mpidr(void)
{
	u64 v;

	__asm__ volatile("mrs %0, mpidr_el1" : "=r"(v));
	return v & 0xff00ffffffull;
}

u32 smp_index(void)
{
	u64 v;

	__asm__ volatile("mrs %0, tpidr_el1" : "=r"(v));
	return (u32)v;
}

s64 smp_start(u64 mpidr, void (*f)(void))
{
	u32 n = started + 1;
	struct start *s = &starts[n];
	s64 err;

	if (n == INMATE_CPUS)
		return -6; /* PSCI: internal failure */
	*s = (struct start){(u64)stacks[n] + STACK_SIZE, n, f};
	/* the CPU reads this with its caches off: D7.5 */
	__asm__ volatile("dc civac, %0; dc civac, %1; dsb sy" ::"r"(s), "r"(s + 1) : "memory");
	err = psci(PSCI_CPU_ON, mpidr, (u64)secondary_start, (u64)s);
	if (!err)
		started = n;
	return err;
}

/* Which CPUs are the cell's is not told; those of others are refused. */
u32 smp_start_all(void (*f)(void))
{
	u32 n = 0;

	for (u64 cluster = 0; cluster < 16; cluster++)
		for (u64 core = 0; core < 16; core++)
			n += (cluster << 8 | core) != smp_mpidr() &&
			     !smp_start(cluster << 8 | core, f);
	return n;
}

void inmate_stop(void)
{
	timer_stop();
	__asm__ volatile("msr daifset, #15" ::: "memory");
	if (smp_index() == 0) {
		comm_set_state(CV_CELL_STATE_SHUT_DOWN);
		if (comm_message() == CV_MESSAGE_SHUTDOWN)
			comm_reply(CV_REPLY_APPROVED);
	}
	psci(PSCI_CPU_OFF, 0, 0, 0);
	for (;;)
		cpu_idle();
}

/* From the exception vectors. */
void inmate_fault(u64 esr, u64 elr, u64 far)
{
	printk("inmate: CPU %u: exception, esr 0x%lx pc 0x%lx address 0x%lx\n", smp_index(), esr,
	       elr, far);
	inmate_stop();
}
