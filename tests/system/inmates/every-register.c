// SPDX-License-Identifier: GPL-2.0-only
/*
 * Exits leave alone what they have no business with: all 31 registers are filled, one instruction
 * traps or an interrupt comes, and all are looked at. Trapped loads and stores go through each
 * register and the zero register. Says "every-register: done", or what was wrong.
 */
#include "inmate.h"

/* enter(x0: u64[32]): the instruction runs with x0 to x30 from the array, which then takes them. */
__asm__(".macro enter name, insn:vararg\n"
	"\\name:	stp	x19, x20, [sp, #-96]!\n"
	"	stp	x21, x22, [sp, #16]\n"
	"	stp	x23, x24, [sp, #32]\n"
	"	stp	x25, x26, [sp, #48]\n"
	"	stp	x27, x28, [sp, #64]\n"
	"	stp	x29, x30, [sp, #80]\n"
	"	mov	x1, sp\n"
	"	msr	tpidr_el0, x1\n"
	"	mov	sp, x0\n"
	"	.irp	r, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28\n"
	"	ldr	x\\r, [sp, #8 * \\r]\n"
	"	.endr\n"
	"	.irp	r, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 30\n"
	"	ldr	x\\r, [sp, #8 * \\r]\n"
	"	.endr\n"
	"	ldp	x0, x1, [sp]\n"
	"	\\insn\n"
	"	stp	x0, x1, [sp]\n"
	"	.irp	r, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28\n"
	"	str	x\\r, [sp, #8 * \\r]\n"
	"	.endr\n"
	"	.irp	r, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 30\n"
	"	str	x\\r, [sp, #8 * \\r]\n"
	"	.endr\n"
	"	mrs	x1, tpidr_el0\n"
	"	mov	sp, x1\n"
	"	ldp	x21, x22, [sp, #16]\n"
	"	ldp	x23, x24, [sp, #32]\n"
	"	ldp	x25, x26, [sp, #48]\n"
	"	ldp	x27, x28, [sp, #64]\n"
	"	ldp	x29, x30, [sp, #80]\n"
	"	ldp	x19, x20, [sp], #96\n"
	"	ret\n"
	".endm\n"
	/* by the register: the address is in x0, for x0 in x1 */
	".macro each name, insn, width\n"
	"	enter	\\name\\()_0, \\insn \\width\\()0, [x1]\n"
	"	.irp	n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n"
	"	enter	\\name\\()_\\n, \\insn \\width\\n, [x0]\n"
	"	.endr\n"
	"	.irp	n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30\n"
	"	enter	\\name\\()_\\n, \\insn \\width\\n, [x0]\n"
	"	.endr\n"
	"	enter	\\name\\()_31, \\insn \\width\\()zr, [x0]\n"
	"	.pushsection .rodata\n"
	"	.balign	8\n"
	"	.globl	\\name\n"
	"\\name:\n"
	"	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n"
	"	.quad	\\name\\()_\\n\n"
	"	.endr\n"
	"	.irp	n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31\n"
	"	.quad	\\name\\()_\\n\n"
	"	.endr\n"
	"	.popsection\n"
	".endm\n"
	"	.text\n"
	"	each	load_word, ldr, w\n"
	"	each	load_signed, ldrsb, x\n"
	"	each	store_word, str, w\n"
	"	enter	call_hvc, hvc #0x4a48\n"
	"	enter	call_hvc_psci, hvc #0\n"
	"	enter	call_smc, smc #0\n"
	"	.macro until_pending\n"
	"77:	mrs	x0, isr_el1\n"
	"	tbz	x0, #7, 77b\n"
	"	.endm\n"
	"	enter	await_interrupt, until_pending\n");

typedef void (*enter)(u64 *regs);
extern const enter load_word[32], load_signed[32], store_word[32];
void call_hvc(u64 *regs);
void call_hvc_psci(u64 *regs);
void call_smc(u64 *regs);
void await_interrupt(u64 *regs);

static u64 regs[32] __attribute__((aligned(16)));
static u64 device; /* four bytes of priorities that no interrupt of ours has */
static u32 implemented, wrong;

static u64 pattern(u32 k)
{
	return 0x5eed000000000000ull | (u64)k << 32 | 0xa0508000u | (k >> 4) << 12 | (k & 15) << 4;
}

/* One go, with two registers set; register `changed` (31: none) is to hold `expected` then. */
static void go(const char *what, enter f, u32 a, u64 va, u32 changed, u64 expected)
{
	for (u32 k = 0; k < 31; k++)
		regs[k] = pattern(k);
	regs[a] = va;
	f(regs);
	for (u32 k = 0; k < 31; k++) {
		u64 want = k == changed ? expected : k == a ? va : pattern(k);

		if (regs[k] == want)
			continue;
		wrong++;
		printk("every-register: %s: x%u is 0x%lx, not 0x%lx\n", what, k, regs[k], want);
	}
}

static void expect(const char *what, u32 n, u32 expected)
{
	u32 v = mmio_read32(device);

	if (v == expected)
		return;
	wrong++;
	printk("every-register: %s %u: 0x%x, not 0x%x\n", what, n, v, expected);
}

static void accesses(void)
{
	mmio_write32(device, ~0u);
	implemented = mmio_read32(device);
	for (u32 n = 0; n < 32; n++) {
		u32 address = n == 0, v = n == 31 ? 0 : (u32)pattern(n);

		mmio_write32(device, ~v);
		go("store", store_word[n], address, device, 31, 0);
		expect("stored", n, v & implemented);
		mmio_write32(device, v ^ 0xf0f0f0f0);
		go("load", load_word[n], address, device, n, (v ^ 0xf0f0f0f0) & implemented);
		mmio_write32(device, 0xb0);
		go("signed load", load_signed[n], address, device, n, (u64)-0x50);
	}
}

static void calls(void)
{
	go("unknown hypercall", call_hvc, 0, 0x1234, 0, (u64)-38);
	go("hypercall", call_hvc, 0, CV_HC_INFO, 0, (u64)-22);
	go("disable", call_hvc, 0, CV_HC_DISABLE, 0, (u64)-1);
	go("PSCI_VERSION by hvc", call_hvc_psci, 0, 0x84000000, 0, 0x10001);
	go("PSCI_VERSION by smc", call_smc, 0, 0x84000000, 0, 0x10001);
	go("MIGRATE_INFO_TYPE", call_smc, 0, 0x84000006, 0, 2);
	go("SMCCC_VERSION", call_smc, 0, 0x80000000, 0, 0x10001);
	go("unknown SMC", call_smc, 0, 0x83000000, 0, (u64)-1);
}

static volatile u32 came;

static void on_timer(u32 intid)
{
	timer_stop();
	came += intid == TIMER_INTID;
}

static void interrupts(void)
{
	u32 before;

	for (u32 i = 0; i < 8; i++) {
		before = came;
		__asm__ volatile("msr daifset, #2" ::: "memory");
		timer_at(timer_ticks() + timer_hz() / 1000);
		go("interrupt", await_interrupt, 0, 0, 0, 0x80);
		__asm__ volatile("msr daifclr, #2; isb" ::: "memory");
		if (came != before + 1) {
			wrong++;
			printk("every-register: %u interrupts, not one\n", came - before);
		}
	}
}

static u64 own_frame(void)
{
	u64 frame = comm_region()->arm.gicr_base;

	while (mmio_read64(frame + 8) >> 32 != (smp_mpidr() & 0xffffff))
		frame += 0x20000;
	return frame;
}

void inmate_main(void)
{
	bool v3 = comm_region()->arm.gic_version >= 3;

	gic_init(on_timer);
	gic_enable(TIMER_INTID);
	device = (v3 ? own_frame() + 0x10000 : comm_region()->arm.gicd_base) + 0x400 + 16;
	accesses();
	calls();
	interrupts();
	printk("every-register: %s, %u wrong\n", wrong ? "FAILED" : "done", wrong);
	while (!comm_poll())
		cpu_relax();
}
