// SPDX-License-Identifier: GPL-2.0-only
/*
 * Why a guest is here: exception classes of ESR_EL2 (D17.2.37).
 */
#include "arch64.h"

void arch_cpu_leave(struct regs *regs);

#define SPSR_EL1H_DAIF 0x3c5
#define SPSR_AARCH32   BIT(4)
#define SPSR_THUMB     BIT(5)
#define SPSR_PAN       BIT(22)
#define SPSR_TCO       BIT(25)
#define SCTLR_SPAN     BIT(23)
#define ESR_IL	       BIT(25)
#define ESR_WNR	       BIT(6)
#define FSC_EXTERNAL   0x10

/* AArch32: two bytes or four, and in an IT block of Thumb the state of the block moves on as well
 * (DDI 0487 ITAdvance). */
static cold void skip_narrow(u64 esr, u64 spsr)
{
	u32 it = (spsr >> 8 & 0xfc) | (spsr >> 25 & 3);

	write_sysreg(read_sysreg(elr_el2) + (esr & ESR_IL ? 4 : 2), elr_el2);
	if (!(spsr & SPSR_THUMB))
		return;
	it = it & 7 ? (it & 0xe0) | (it << 1 & 0x1f) : 0;
	spsr &= ~(0xfc00ull | 3ull << 25);
	write_sysreg(spsr | (it & 0xfcull) << 8 | (it & 3ull) << 25, spsr_el2);
}

static void skip_instruction(u64 esr)
{
	u64 spsr = read_sysreg(spsr_el2);

	if (unlikely(spsr & SPSR_AARCH32))
		skip_narrow(esr, spsr);
	else
		write_sysreg(read_sysreg(elr_el2) + 4, elr_el2);
}

/* PSTATE of an exception to EL1 (D1.3.5): PAN is set unless SCTLR_EL1.SPAN says to leave it, tag
 * checks are off where there are tags. */
static u64 exception_state(u64 spsr)
{
	bool has_pan = read_sysreg(id_aa64mmfr1_el1) >> 20 & 15;
	u64 pan = read_sysreg(sctlr_el1) & SCTLR_SPAN ? spsr & SPSR_PAN : SPSR_PAN;

	return SPSR_EL1H_DAIF | (has_pan ? pan : 0) |
	       (read_sysreg(hcr_el2) & HCR_ATA ? SPSR_TCO : 0);
}

/* A synchronous external abort in the guest, as a bus error would be (D1.3.4 taking exceptions): of
 * the class that brought the guest here, data or instruction, from EL0 or EL1. */
static cold void inject_abort(u64 esr, u64 far)
{
	u64 spsr = read_sysreg(spsr_el2), vbar = read_sysreg(vbar_el1), offset;
	bool below = !(spsr & 0xf) || spsr & 0x10, fetch = esr >> 26 == EC_IABT;
	u64 class = (fetch ? EC_IABT : EC_DABT) + !below;

	offset = spsr & 0x10 ? 0x600 : below ? 0x400 : spsr & 1 ? 0x200 : 0;
	write_sysreg(read_sysreg(elr_el2), elr_el1);
	write_sysreg(spsr, spsr_el1);
	write_sysreg(far, far_el1);
	write_sysreg(class << 26 | ESR_IL | (fetch ? 0 : esr & ESR_WNR) | FSC_EXTERNAL, esr_el1);
	write_sysreg(vbar + offset, elr_el2);
	write_sysreg(exception_state(spsr), spsr_el2);
}

static cold void refuse(struct regs *regs, const char *what, u64 detail)
{
	u64 pc = read_sysreg(elr_el2);

	if (this_cpu()->cell != &hv.root) {
		cell_fail(what, detail, pc);
		cpu_wait(regs);
		return;
	}
	root_refused(what, detail, pc);
	inject_abort(read_sysreg(esr_el2), read_sysreg(far_el2));
}

/* Of a load whose syndrome has SSE; SF: to 64 bits. */
static noinline u64 sign_extend(u64 v, u32 size, u64 esr)
{
	u32 shift = 64 - size * 8;
	u64 wide = (u64)((s64)(v << shift) >> shift);

	return esr >> 15 & 1 ? wide : (u32)wide;
}

/* A translation fault of the moment in which somebody changed the entry: to be tried again. */
static bool is_over(u64 esr, u64 addr)
{
	return (esr & 0x3c) == 0x04 && mmio_is_mapped(addr & 0xffffffffff000);
}

/* HPFAR_EL2 holds nothing after a permission fault of the access itself (DDI 0487 D17.2.63): stage 1
 * is looked up again. */
static cold u64 looked_up(u64 far)
{
	u64 kept = read_sysreg(par_el1), par;

	__asm__ volatile("at s1e1r, %0; isb" ::"r"(far) : "memory");
	par = read_sysreg(par_el1);
	write_sysreg(kept, par_el1);
	return par & 1 ? ~0ull : (par & 0xffffffffff000ull) | (far & 0xfff);
}

/* HPFAR_EL2.FIPA stands eight bits lower than the address, the bits below it are zero. */
static u64 page_of_fault(void)
{
	return (read_sysreg(hpfar_el2) & 0xfffffffffffull) << 8;
}

static u64 fault_address(u64 esr)
{
	u64 far = read_sysreg(far_el2);

	if ((esr & 0xbc) == 0x0c)
		return looked_up(far);
	if (esr >> 7 & 1) /* of a stage 1 descriptor: the page alone is told */
		far = 0;
	return page_of_fault() | (far & 0xfff);
}

/* ISV is set, so that no stage 1 descriptor is meant. */
static always_inline struct access access_of(u64 esr, bool write)
{
	u64 far = read_sysreg(far_el2);
	struct access a;

	a.addr = page_of_fault() | (far & 0xfff);
	if (unlikely((esr & 0x3c) == 0x0c))
		a.addr = looked_up(far);
	a.size = 1u << (esr >> 22 & 3);
	a.write = write;
	return a;
}

static always_inline bool perform(struct access *a)
{
	return gic->mmio(a) || mmio_access(a);
}

/* Register 31 is none; there is room for it in the frame. */
static noinline bool load(struct regs *regs, u64 esr)
{
	struct access a = access_of(esr, false);

	if (!perform(&a))
		return false;
	if (unlikely(esr >> 21 & 1))
		a.value = sign_extend(a.value, a.size, esr);
	regs->x[esr >> 16 & 31] = a.value;
	skip_instruction(esr);
	return true;
}

static noinline bool store(struct regs *regs, u64 esr)
{
	struct access a = access_of(esr, true);
	u32 reg = esr >> 16 & 31;

	a.value = reg == 31 ? 0 : regs->x[reg];
	if (a.size < 8)
		a.value &= BIT(a.size * 8) - 1;
	if (!perform(&a))
		return false;
	skip_instruction(esr);
	return true;
}

/* The access that a data abort's syndrome tells; false: it is not performed, nothing has changed. */
static inline bool data_access(struct regs *regs, u64 esr)
{
	return esr & ESR_WNR ? store(regs, esr) : load(regs, esr);
}

/* ISV: the syndrome tells register and size. */
static bool has_syndrome(u64 esr)
{
	return esr >> 24 & 1;
}

/* x0 to x9 are in the frame from the start, x31 is none. */
static bool in_frame(u32 reg)
{
	return reg < 10 || reg == 31;
}

/* What trap_sync has tried is not tried again. */
static cold void data_abort(struct regs *regs, u64 esr)
{
	u64 addr = fault_address(esr);

	if (has_syndrome(esr) && !in_frame(esr >> 16 & 31) && data_access(regs, esr))
		return;
	if (!is_over(esr, addr))
		refuse(regs, !has_syndrome(esr) ? "data access" : esr >> 6 & 1 ? "write" : "read", addr);
}

static cold void instruction_abort(struct regs *regs, u64 esr)
{
	u64 addr = fault_address(esr);

	if (!is_over(esr, addr))
		refuse(regs, "instruction fetch", addr);
}

/* ICC_SGI1R_EL1 is S3_0_C12_C11_5; op0, op2, op1, CRn, CRm are at 20, 17, 14, 10, 1 */
#define ISS_SGI1R (3u << 20 | 5u << 17 | 0u << 14 | 12u << 10 | 11u << 1)
#define ISS_REG	  (0x3ffc1eu)

static noinline bool trapped_register(struct regs *regs, u64 esr)
{
	u32 reg = esr >> 5 & 31;

	if ((esr & ISS_REG) == ISS_SGI1R && !(esr & 1)) {
		gicv3_sgi1r(reg == 31 ? 0 : regs->x[reg]);
	} else if (esr & 1) { /* reads of what we hide: as zero */
		if (reg != 31)
			regs->x[reg] = 0;
	}
	skip_instruction(esr);
	return true;
}

/* MCR and MRC, MCRR and MRRC of AArch32: only the SGI register means something (IHI 0069 12.6). */
static cold void coprocessor(struct regs *regs, u64 esr)
{
	u32 rt = esr >> 5 & 31, rt2 = esr >> 10 & 31, class = (u32)(esr >> 26);
	bool wide = class == EC_CP15_64 || class == EC_CP14_64;

	if (class == EC_CP15_64 && !(esr & 1) && (esr >> 1 & 15) == 12 && !(esr >> 16 & 15))
		gicv3_sgi1r((u32)regs->x[rt] | regs->x[rt2] << 32);
	if (esr & 1 && rt < 31)
		regs->x[rt] = 0;
	if (wide && esr & 1 && rt2 < 31)
		regs->x[rt2] = 0;
	skip_instruction(esr);
}

/* AArch32: the same calls in 32-bit registers. */
static void narrow(struct regs *regs)
{
	for (u32 i = 0; i < 4; i++)
		regs->x[i] = (u32)regs->x[i];
}

/* disable, if it is granted, wants all registers. */
static inline bool quick_hypercall(struct regs *regs)
{
	struct percpu *me = this_cpu();
	u64 code = regs->x[0];
	s64 result;

	if (unlikely(code == CV_HC_DISABLE))
		return false;
	me->counters[CV_COUNT_HYPERCALL]++;
	result = hypercall(code, regs->x[1], regs->x[2]);
	if (unlikely(result == HV_AGAIN)) /* the preferred return address is behind the hvc (D1.3.4) */
		write_sysreg(read_sysreg(elr_el2) - 4, elr_el2);
	else
		regs->x[0] = (u64)result;
	return true;
}

static void hvc(struct regs *regs, u64 esr)
{
	if ((esr & 0xffff) != CV_HVC_IMMEDIATE) {
		psci_call(regs);
	} else if (regs->x[0] != CV_HC_DISABLE) {
		quick_hypercall(regs);
	} else {
		this_cpu()->counters[CV_COUNT_HYPERCALL]++;
		regs->x[0] = (u64)hypercall(CV_HC_DISABLE, 0, 0);
		if (!regs->x[0])
			arch_cpu_leave(regs);
	}
}

static noinline bool quick_smc(struct regs *regs, u64 esr)
{
	if (!psci_quick(regs))
		return false;
	skip_instruction(esr);
	return true;
}

#define ESR_HYPERCALL ((u64)EC_HVC64 << 26 | ESR_IL | CV_HVC_IMMEDIATE)

/*
 * What comes often, with x0 to x9, x16, x17 and x30 in the frame, the others still in the CPU. False:
 * to be done by trap_rest with all of them in the frame; nothing has changed but the counters.
 */
bool trap_sync(struct regs *regs, u64 esr)
{
	struct percpu *me = this_cpu();

	me->counters[CV_COUNT_EXITS]++;
	if (likely(esr == ESR_HYPERCALL))
		return quick_hypercall(regs);
	if (likely(esr >> 26 == EC_DABT)) {
		me->counters[CV_COUNT_MMIO]++;
		if (!has_syndrome(esr) || !in_frame(esr >> 16 & 31))
			return false;
		return data_access(regs, esr);
	}
	switch (esr >> 26) {
	case EC_HVC64:
		return psci_quick(regs);
	case EC_SMC64:
		return quick_smc(regs, esr);
	case EC_SYSREG:
		return in_frame(esr >> 5 & 31) && trapped_register(regs, esr);
	}
	return false;
}

/* All the others; the frame is complete and is what the guest returns with. */
cold void trap_rest(struct regs *regs)
{
	u64 esr = read_sysreg(esr_el2);

	switch (esr >> 26) {
	case EC_DABT:
		data_abort(regs, esr);
		break;
	case EC_CP15_32:
	case EC_CP14_32:
	case EC_CP15_64:
	case EC_CP14_64:
		coprocessor(regs, esr);
		break;
	case EC_HVC32:
		narrow(regs);
		hvc(regs, esr);
		break;
	case EC_HVC64:
		hvc(regs, esr);
		break;
	case EC_SMC32:
		narrow(regs);
		skip_instruction(esr);
		psci_call(regs);
		break;
	case EC_SMC64:
		skip_instruction(esr); /* first: CPU_OFF returns to a new place */
		psci_call(regs);
		break;
	case EC_SYSREG:
		trapped_register(regs, esr);
		break;
	case EC_IABT:
		instruction_abort(regs, esr);
		break;
	default:
		refuse(regs, "unexpected exception", esr);
	}
}

/* False: this CPU is to be parked, by cpu_wait with a complete frame. */
bool trap_irq(void)
{
	this_cpu()->counters[CV_COUNT_EXITS]++;
	return gic->irq();
}

cold void trap_serror(struct regs *regs)
{
	refuse(regs, "system error", read_sysreg(esr_el2));
}

/*
 * A fault of the hypervisor's own is the end of this CPU, and of its cell: it goes to the firmware, which
 * can start it afresh when the hypervisor is gone. A second fault, in here, goes there at once. Returns
 * if the firmware does not want it.
 */
cold void trap_own(u64 esr, u64 elr, u64 far)
{
	struct percpu *me = this_cpu();

	if (me->power != CPU_DEAD) {
		__atomic_store_n(&me->power, CPU_DEAD, __ATOMIC_RELEASE);
		printk("CPU %u: own exception, esr 0x%lx pc 0x%lx far 0x%lx: dead",
		       me->index, esr, elr, far);
		cell_cpu_dies();
	}
	cpu_to_firmware();
}
