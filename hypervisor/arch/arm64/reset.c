// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a guest finds in the registers of a CPU that it starts: the state of a warm reset (DDI 0487
 * D1.9.1), and nothing of the guest that was here before. What root had in EL2's own registers when
 * it gave the CPU away is kept, for when it runs here again.
 */
#include "arch64.h"

void clear_fp(void);
void clear_sve(void);

#define CPTR_NONE 0x22ffull /* RES1; TZ (8), TFP (10), TSM (12) clear: no trap */

#define MDCR_HPMN  0x1full
#define MDCR_TPMCR BIT(5)
#define MDCR_TPM   BIT(6)
#define MDCR_TDA   BIT(9)
#define MDCR_TDOSA BIT(10)
#define MDCR_TDRA  BIT(11)
#define MDCR_TPMS  BIT(14)
#define MDCR_TTRF  BIT(19)

/* CPTR_EL2: of the trace unit */
#define CPTR_TTA BIT(20)

/* Of cells but root: what a core's maker added is shared by the cores of a cluster (cache control,
 * power), and so are error records. */
#define HCR_CELL (HCR_TIDCP | HCR_TERR)

enum { ROOT_HCR, ROOT_CPTR, ROOT_MDCR }; /* percpu.root_regs */

static u64 feature(u64 id, u32 shift)
{
	return id >> shift & 15;
}

bool cpu_has_el1_32(void)
{
	return feature(read_sysreg(id_aa64pfr0_el1), 4) == 2;
}

/* The kernel's EL2 registers as its stub has them. */
void cpu_keep_root(void)
{
	u64 *had = this_cpu()->root_regs;

	had[ROOT_HCR] = read_sysreg(hcr_el2);
	had[ROOT_CPTR] = read_sysreg(cptr_el2);
	had[ROOT_MDCR] = read_sysreg(mdcr_el2);
}

u64 cpu_root_hcr(void)
{
	return this_cpu()->root_regs[ROOT_HCR];
}

/* Traps of the guest that this CPU runs: of root the kernel's choice stays (pointer
 * authentication, tags); other cells get neither debug, PMU, profiling nor trace registers. Bits of
 * features that the CPU has not are RES0. */
void cpu_guest_traps(void)
{
	const struct percpu *me = this_cpu();
	u64 had = me->root_regs[ROOT_HCR] & (HCR_API | HCR_APK | HCR_ATA);
	u64 mdcr = me->root_regs[ROOT_MDCR], cptr = me->root_regs[ROOT_CPTR];
	bool root = me->cell == &hv.root;

	if (root)
		write_sysreg(HCR_GUEST | HCR_RW | had, hcr_el2);
	else if (me->cell->desc->flags & CV_CELL_AARCH32)
		write_sysreg(HCR_GUEST | HCR_CELL, hcr_el2);
	else
		write_sysreg(HCR_GUEST | HCR_CELL | HCR_RW | had, hcr_el2);
	write_sysreg(root ? mdcr
			  : (mdcr & MDCR_HPMN) | MDCR_TPMCR | MDCR_TPM | MDCR_TDA | MDCR_TDOSA |
				     MDCR_TDRA | MDCR_TPMS | MDCR_TTRF,
		     mdcr_el2);
	write_sysreg(root ? cptr : cptr | CPTR_TTA, cptr_el2);
	isb();
}

static void reset_vectors(void)
{
	u64 pfr = read_sysreg(id_aa64pfr0_el1), cptr = read_sysreg(cptr_el2);

	if (feature(pfr, 16) == 15) /* no FP */
		return;
	write_sysreg(CPTR_NONE, cptr_el2);
	isb();
	if (feature(read_sysreg(id_aa64pfr1_el1), 24)) { /* SME: leave streaming mode, ZA off */
		write_sysreg(0, S3_3_C4_C2_2);
		write_sysreg(0, S3_3_C13_C0_5);
	}
	clear_fp();
	if (feature(pfr, 32))
		clear_sve();
	write_sysreg(cptr, cptr_el2);
	isb();
}

static void reset_keys(void)
{
	u64 isar1 = read_sysreg(id_aa64isar1_el1), isar2 = read_sysreg(S3_0_C0_C6_2);

	if (!(isar1 & 0xff000ff0) && !(isar2 & 0xff00)) /* no pointer authentication */
		return;
	write_sysreg(0, S3_0_C2_C1_0);
	write_sysreg(0, S3_0_C2_C1_1);
	write_sysreg(0, S3_0_C2_C1_2);
	write_sysreg(0, S3_0_C2_C1_3);
	write_sysreg(0, S3_0_C2_C2_0);
	write_sysreg(0, S3_0_C2_C2_1);
	write_sysreg(0, S3_0_C2_C2_2);
	write_sysreg(0, S3_0_C2_C2_3);
	write_sysreg(0, S3_0_C2_C3_0);
	write_sysreg(0, S3_0_C2_C3_1);
}

static void reset_debug_and_pmu(void)
{
	u64 pmu = feature(read_sysreg(id_aa64dfr0_el1), 8);

	write_sysreg(0, mdscr_el1);
	if (!pmu || pmu == 15)
		return;
	write_sysreg(0, pmcr_el0);
	write_sysreg(0xffffffff, pmcntenclr_el0);
	write_sysreg(0xffffffff, pmintenclr_el1);
	write_sysreg(0xffffffff, pmovsclr_el0);
	write_sysreg(0, pmuserenr_el0);
}

static void reset_timers(void)
{
	write_sysreg(0, cntkctl_el1);
	write_sysreg(0, cntv_ctl_el0);
	write_sysreg(0, cntp_ctl_el0);
	write_sysreg(0, cntv_cval_el0);
	write_sysreg(0, cntp_cval_el0);
	write_sysreg(0, cntvoff_el2);
	write_sysreg(3, cnthctl_el2); /* timer and counter are the guest's */
}

static void reset_system(void)
{
	write_sysreg(0, cpacr_el1);
	write_sysreg(0, csselr_el1);
	write_sysreg(0, ttbr0_el1);
	write_sysreg(0, ttbr1_el1);
	write_sysreg(0, tcr_el1);
	write_sysreg(0, mair_el1);
	write_sysreg(0, amair_el1);
	write_sysreg(0, vbar_el1);
	write_sysreg(0, contextidr_el1);
	write_sysreg(0, tpidr_el0);
	write_sysreg(0, tpidr_el1);
	write_sysreg(0, tpidrro_el0);
	write_sysreg(0, sp_el0);
	write_sysreg(0, sp_el1);
	write_sysreg(0, elr_el1);
	write_sysreg(0, spsr_el1);
	write_sysreg(0, esr_el1);
	write_sysreg(0, far_el1);
	write_sysreg(0, afsr0_el1);
	write_sysreg(0, afsr1_el1);
	write_sysreg(0, par_el1);
	if (!cpu_has_el1_32())
		return;
	write_sysreg(0, dacr32_el2);
	write_sysreg(0, ifsr32_el2);
	write_sysreg(0, spsr_abt);
	write_sysreg(0, spsr_und);
	write_sysreg(0, spsr_irq);
	write_sysreg(0, spsr_fiq);
	if (feature(read_sysreg(id_aa64pfr0_el1), 16) != 15)
		write_sysreg(0x700, fpexc32_el2);
}

/* EL1 as after a warm reset: MMU and caches off, interrupts masked. */
void cpu_start_state(struct regs *regs)
{
	const struct percpu *me = this_cpu();
	bool aarch32 = me->cell->desc->flags & CV_CELL_AARCH32 && me->cell != &hv.root;

	memset(regs, 0, sizeof(*regs));
	regs->x[0] = me->start_context;
	reset_system();
	reset_timers();
	reset_debug_and_pmu();
	reset_keys();
	reset_vectors();
	if (aarch32) { /* Supervisor mode; bit 0 of the entry asks for Thumb */
		regs->x[0] = (u32)me->start_context;
		write_sysreg((u32)me->start_entry & ~1u, elr_el2);
		write_sysreg(0x1d3 | (me->start_entry & 1 ? 0x20 : 0), spsr_el2);
		write_sysreg(0x00c50838, sctlr_el1);
	} else {
		write_sysreg(me->start_entry, elr_el2);
		write_sysreg(0x3c5, spsr_el2); /* EL1h, DAIF */
		write_sysreg(0x30d00800, sctlr_el1);
	}
	isb();
}
