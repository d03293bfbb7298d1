// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Breaks one rule, chosen by try=, at addr= or with arg=. What is harmless tells what it got, and
 * the cell then ends in an orderly way ("still here"); what is not never returns here.
 *
 * A line "isolation: N of N" says how many of the attempts got the answer that the architecture or
 * the hypervisor's contract (docs/abi.md, Arm DEN 0022, IHI 0048, IHI 0069) has for them.
 */
#include "inmate.h"

static u64 arg; /* of the command line; an address or a number */

/* --- exceptions of our own: an undefined instruction is skipped and counted --- */

volatile u32 undefined;

__asm__(".pushsection .text\n"
	".balign 0x800\n"
	"skip_vectors:\n"
	".rept 4\n\t.balign 0x80\n\tb .\n.endr\n"
	"\t.balign 0x80\n\tb skip\n"
	".rept 11\n\t.balign 0x80\n\tb .\n.endr\n"
	"skip:	stp	x0, x1, [sp, #-16]!\n"
	"	mrs	x0, esr_el1\n"
	"	lsr	x1, x0, #26\n"
	"	cbnz	x1, 1f\n" /* EC 0: unknown reason, DDI 0487 ESR_ELx */
	"	adrp	x1, undefined\n"
	"	add	x1, x1, :lo12:undefined\n"
	"	ldr	w0, [x1]\n"
	"	add	w0, w0, #1\n"
	"	str	w0, [x1]\n"
	"	mrs	x0, elr_el1\n"
	"	add	x0, x0, #4\n"
	"	msr	elr_el1, x0\n"
	"	ldp	x0, x1, [sp], #16\n"
	"	eret\n"
	"1:	mrs	x1, elr_el1\n"
	"	mrs	x2, far_el1\n"
	"	b	inmate_fault\n"
	".popsection\n");

/* --- what came of an attempt --- */

static u32 tried, good;

static void expect(const char *what, s64 got, s64 wanted)
{
	tried++;
	good += got == wanted;
	if (got != wanted)
		printk("isolation: %s: 0x%lx, not 0x%lx\n", what, (u64)got, (u64)wanted);
}

static void report(void)
{
	printk("isolation: %u of %u\n", good, tried);
}

/* --- memory that is not ours: these stop the cell --- */

static void try_read(void)
{
	printk("isolation: read 0x%x\n", mmio_read32(arg));
}

static void try_write(void)
{
	mmio_write32(arg, 0x15a1a7ed);
	printk("isolation: written\n");
}

/* No syndrome tells register and size of these (DDI 0487 ESR_EL2, ISV). */
static void try_ldp(void)
{
	u64 a, b;

	__asm__ volatile("ldp %0, %1, [%2]" : "=&r"(a), "=&r"(b) : "r"(arg) : "memory");
	printk("isolation: read 0x%lx 0x%lx\n", a, b);
}

static void try_stp(void)
{
	__asm__ volatile("stp xzr, xzr, [%0]" ::"r"(arg) : "memory");
	printk("isolation: written\n");
}

static void try_preindex(void)
{
	u64 at = arg - 8;

	__asm__ volatile("str wzr, [%0, #8]!" : "+r"(at)::"memory");
	printk("isolation: written, pointer 0x%lx\n", at);
}

static void try_exclusive(void)
{
	u32 v, failed;

	__asm__ volatile("ldxr %w0, [%2]\n\tstxr %w1, %w0, [%2]"
			 : "=&r"(v), "=&r"(failed)
			 : "r"(arg)
			 : "memory");
	printk("isolation: exclusive 0x%x\n", v);
}

/* As normal memory, since device memory takes no unaligned access at EL1 already. */
static void try_unaligned(void)
{
	u64 v;

	mmu_map(arg, 8, true);
	__asm__ volatile("ldr %w0, [%1]" : "=r"(v) : "r"(arg) : "memory");
	printk("isolation: read 0x%lx\n", v);
}

static void try_zero(void)
{
	mmu_map(arg, 8, true);
	__asm__ volatile("dc zva, %0; dsb sy" ::"r"(arg) : "memory");
	printk("isolation: zeroed\n");
}

/* Translation tables that lie in memory of others. */
static void try_walk(void)
{
	__asm__ volatile("msr ttbr0_el1, %0; isb; tlbi vmalle1; dsb sy; isb" ::"r"(arg) : "memory");
	printk("isolation: walked\n");
}

static void try_jump(void)
{
	mmu_map(arg, 4, true);
	((void (*)(void))arg)();
}

/* --- the interrupt controller: of what is not ours reads are zero, writes ignored --- */

static u64 gicd(void)
{
	return comm_region()->arm.gicd_base;
}

static bool is_v3(void)
{
	return comm_region()->arm.gic_version >= 3;
}

/* arg: an SPI of somebody else. */
static void try_irq(void)
{
	static const struct {
		const char *name;
		u32 set, get;
	} regs[] = {
		{"group", 0x80, 0x80},	    {"enable", 0x100, 0x100}, {"disable", 0x180, 0x100},
		{"pending", 0x200, 0x200},  {"clear", 0x280, 0x200},  {"active", 0x300, 0x300},
		{"inactive", 0x380, 0x300},
	};
	u32 intid = (u32)arg + 32, at = intid / 32 * 4, bit = 1u << (intid % 32);

	for (u32 i = 0; i < sizeof(regs) / sizeof(*regs); i++) {
		mmio_write32(gicd() + regs[i].set + at, bit);
		expect(regs[i].name, mmio_read32(gicd() + regs[i].get + at) & bit, 0);
	}
	mmio_write8(gicd() + 0x400 + intid, 0x80);
	expect("priority", mmio_read8(gicd() + 0x400 + intid), 0);
	mmio_write32(gicd() + 0xc00 + intid / 16 * 4, ~0u);
	expect("config", mmio_read32(gicd() + 0xc00 + intid / 16 * 4) >> (intid % 16 * 2) & 3, 0);
	if (is_v3()) {
		mmio_write64(gicd() + 0x6000 + intid * 8, smp_mpidr());
		expect("router", (s64)mmio_read64(gicd() + 0x6000 + intid * 8), 0);
		mmio_write32(gicd() + 0x40, intid); /* GICD_SETSPI_NSR */
	} else {
		mmio_write8(gicd() + 0x800 + intid, 0xff);
		expect("target", mmio_read8(gicd() + 0x800 + intid), 0);
	}
	expect("pending", mmio_read32(gicd() + 0x200 + at) & bit, 0);
	report();
}

/* spi= is ours; arg: a CPU of somebody else. */
static void try_route(void)
{
	u32 intid = (u32)cmdline_int("spi", 0) + 32;
	u64 router = gicd() + 0x6000 + intid * 8, target = gicd() + 0x800 + intid,
	    self = smp_mpidr();

	if (is_v3()) {
		expect("ours", (s64)mmio_read64(router), (s64)self);
		mmio_write64(router, arg);
		expect("foreign", (s64)mmio_read64(router), (s64)self);
		mmio_write64(router, 1ull << 31 | self); /* any CPU: 1 of N */
		expect("any", (s64)mmio_read64(router) & 0x80000000, 0);
		mmio_write32(router, (u32)arg);
		expect("half", (s64)mmio_read64(router), (s64)self);
		mmio_write32(router, (u32)self | 1u << 31);
		expect("any half", (s64)mmio_read64(router) & 0x80000000, 0);
		mmio_write64(router, 0xff00ffffff);
		expect("nobody", (s64)mmio_read64(router), (s64)self);
	} else {
		mmio_write8(target, 0xff);
		expect("all", mmio_read8(target), 1 << self);
		mmio_write8(target, (u8)(1u << arg));
		expect("foreign", mmio_read8(target) & 1u << arg, 0);
		mmio_write32(target & ~3ull, ~0u);
		expect("word", mmio_read32(target & ~3ull), (s64)(1u << self) << (intid % 4 * 8));
		expect("own", mmio_read8(gicd() + 0x800), 1 << self); /* read-only */
		mmio_write8(gicd() + 0x800, (u8)(1u << arg));
		expect("own", mmio_read8(gicd() + 0x800), 1 << self);
	}
	report();
}

/* arg: a CPU of somebody else; its redistributor. */
static void try_redistributor(void)
{
	u64 f = comm_region()->arm.gicr_base + arg * 0x20000;

	for (u32 reg = 0x80; reg < 0xd00; reg += 4) { /* all of its SGIs and PPIs */
		mmio_write32(f + 0x10000 + reg, ~0u);
		expect("private", mmio_read32(f + 0x10000 + reg), 0);
	}
	mmio_write32(f + 0x14, 2); /* GICR_WAKER: to sleep */
	expect("waker", mmio_read32(f + 0x14), 0);
	mmio_write32(f, 1); /* GICR_CTLR: LPIs on */
	mmio_write64(f + 0x70, arg << 12);
	expect("control", mmio_read32(f), 0);
	expect("tables", (s64)mmio_read64(f + 0x70), 0);
	report();
}

/* The distributor as a whole: on, off, its identity. */
static void try_distributor(void)
{
	u32 control = mmio_read32(gicd()), type = mmio_read32(gicd() + 4);

	mmio_write32(gicd(), 0);
	expect("control", mmio_read32(gicd()), control);
	mmio_write32(gicd(), ~0u);
	expect("control", mmio_read32(gicd()), control);
	mmio_write32(gicd() + 4, ~type);
	expect("type", mmio_read32(gicd() + 4), type);
	for (u32 reg = 0x40; reg < 0x80; reg += 4) {
		mmio_write32(gicd() + reg, ~0u);
		expect("reserved", mmio_read32(gicd() + reg), 0);
	}
	report();
}

static void send_sgi1r(u64 v)
{
	__asm__ volatile("msr S3_0_C12_C11_5, %0; isb" ::"r"(v) : "memory"); /* ICC_SGI1R_EL1 */
	__asm__ volatile("msr S3_0_C12_C11_6, %0; isb" ::"r"(v) : "memory"); /* ICC_ASGI1R_EL1 */
	__asm__ volatile("msr S3_0_C12_C11_7, %0; isb" ::"r"(v) : "memory"); /* ICC_SGI0R_EL1 */
}

/* arg: a CPU of somebody else; then to all but self, and to all by list. */
static void try_sgi(void)
{
	for (u64 sgi = 0; sgi < 16; sgi++) {
		gic_send_sgi(arg, (u32)sgi);
		if (is_v3()) {
			send_sgi1r(sgi << 24 | 1ull << 40);
			send_sgi1r(sgi << 24 | 0xffff);
		} else {
			mmio_write32(gicd() + 0xf00, (u32)sgi | 1u << 24);
			mmio_write32(gicd() + 0xf00, (u32)sgi | 0xffu << 16);
			mmio_write32(gicd() + 0xf20 + ((u32)sgi & ~3u), ~0u); /* GICD_SPENDSGIR */
		}
	}
	printk("isolation: sent\n");
}

/* --- calls --- */

static s64 hvc_psci(u64 function, u64 a1)
{
	return psci(function, a1, 0, 0);
}

/* To firmware: nothing gets there. Some are of PSCI and not for cells, some of other services. */
static void try_smc(void)
{
	static const u32 functions[] = {
		0x84000005, 0x84000007, 0x8400000b, 0x8400000c, 0x8400000e, 0xc400000e,
		0x84000012, 0xc4000012, 0x84000013, 0xc4000020, 0xc2000001, 0xc2000000,
		0xbf00ff01, 0x82000000, 0xc3000001, 0xb2000000, 0x86000000, 0x00000000,
		0x7fffffff, 0xffffffff, 0x80000002, 0x84000050, 0x88000000,
	};

	for (u32 i = 0; i < sizeof(functions) / sizeof(*functions); i++) {
		expect("smc", (int)smc(functions[i]), -1);
		expect("hvc", (int)hvc_psci(functions[i], 0), -1);
		expect("smc, high bits", (int)smc(0xa5ull << 32 | functions[i]), -1);
	}
	report();
}

/* Calls of the hypervisor that nobody knows; immediates that are not its own. */
static void try_hypercall(void)
{
	for (u64 bit = 5; bit < 64; bit++)
		expect("hypercall", hypercall(1ull << bit | 15, arg, arg), -CV_ENOSYS);
	expect("hypercall", hypercall(~0ull, ~0ull, ~0ull), -CV_ENOSYS);
	expect("info", hypercall(CV_HC_INFO, 99, 0), -CV_EINVAL);
	expect("info", hypercall(CV_HC_INFO, ~0ull, 0), -CV_EINVAL);
	report();
}

/* arg: a CPU of somebody else. */
static void try_root_only(void)
{
	static const u64 args[] = {0, 1, 2, ~0ull, 0x40000000, 0x100000001};
	static const u64 flags[] = {0, CV_HC_NO_WAIT, CV_HC_WITHDRAW};

	for (u32 i = 0; i < sizeof(args) / sizeof(*args); i++) {
		for (u64 code = CV_HC_DISABLE; code <= CV_HC_CELL_DESTROY; code++)
			expect("hypercall", hypercall(code, args[i], 0), -CV_EPERM);
		expect("state", hypercall(CV_HC_CELL_STATE, args[i], 0), -CV_EPERM);
		for (u32 f = 0; f < sizeof(flags) / sizeof(*flags); f++)
			expect("flags", hypercall(CV_HC_CELL_DESTROY | flags[f], args[i], 0),
			       -CV_EPERM);
	}
	expect("cpu", hypercall(CV_HC_CPU_INFO, arg, CV_CPU_STATE), -CV_EPERM);
	expect("cpu", hypercall(CV_HC_CPU_INFO, arg, CV_CPU_COUNTER(0)), -CV_EPERM);
	expect("cpu", hypercall(CV_HC_CPU_INFO, ~0ull, CV_CPU_STATE), -CV_EINVAL);
	expect("cpu", hypercall(CV_HC_CPU_INFO, arg | 1ull << 32, CV_CPU_STATE), -CV_EINVAL);
	report();
}

/* arg: a CPU of somebody else. Results are those of DEN 0022, 5.2.2. */
static void try_psci(void)
{
	expect("CPU_ON", (int)psci(0xc4000003, arg, 0, 0), -2);
	expect("CPU_ON", (int)psci(0x84000003, arg, 0, 0), -2);
	expect("CPU_ON", (int)psci(0xc4000003, ~0ull, 0, 0), -2);
	expect("CPU_ON", (int)psci(0xc4000003, arg | 1ull << 32, 0, 0), -2);
	expect("CPU_ON", (int)psci(0xc4000003, smp_mpidr(), 0, 0), -4);
	expect("AFFINITY_INFO", (int)psci(0xc4000004, arg, 0, 0), -2);
	expect("AFFINITY_INFO", (int)psci(0xc4000004, ~0ull, 0, 0), -2);
	expect("AFFINITY_INFO", (int)psci(0xc4000004, smp_mpidr(), 0, 0), 0);
	expect("SYSTEM_RESET2", (int)hvc_psci(0xc4000012, 0), -1);
	expect("SYSTEM_SUSPEND", (int)hvc_psci(0xc400000e, 0), -1);
	report();
}

/* arg: SYSTEM_OFF or SYSTEM_RESET, which end the cell and nothing else. */
static void try_end(void)
{
	hvc_psci(arg, 0);
}

/* --- one CPU fails while another one starts the third, again and again --- */

volatile u64 dying __attribute__((aligned(64)));

/* No stack, no MMU. Off at once, unless the cell is dying: then with calls that are counted. */
void off_again(void);
__asm__(".pushsection .text\n"
	"off_again:\n"
	"	adrp	x19, dying\n"
	"	add	x19, x19, :lo12:dying\n"
	"1:	ldr	x20, [x19]\n"
	"	mov	x0, #5\n"
	"	mov	x1, #4\n"
	"	hvc	#0x4a48\n"
	"	cbnz	x20, 1b\n"
	"	mov	x0, #2\n"
	"	movk	x0, #0x8400, lsl #16\n"
	"	hvc	#0\n"
	"	b	.\n"
	".popsection\n");

static void fail_soon(void)
{
	delay_us(cmdline_int("us", 1000));
	dying = 1;
	__asm__ volatile("dc civac, %0; dsb sy" ::"r"(&dying) : "memory");
	mmio_write32(arg, 0);
}

static void start_again(void)
{
	for (;;)
		psci(0xc4000003, smp_mpidr() - 2, (u64)off_again, 0);
}

/* The CPUs of the cell follow each other: the third starts the first, the second fails. In the order
 * in which they are stopped the first has its turn before the third. */
static void try_race(void)
{
	smp_start(smp_mpidr() + 2, start_again);
	smp_start(smp_mpidr() + 1, fail_soon);
	psci(0x84000002, 0, 0, 0); /* CPU_OFF */
}

/* --- system registers --- */

#define TRY_UNDEFINED(instruction)                                  \
	do {                                                        \
		u32 before = undefined;                             \
		u64 _v = arg;                                       \
		__asm__ volatile(instruction : "+r"(_v)::"memory"); \
		expect(instruction, undefined - before, 1);         \
	} while (0)

/* Those of EL2 and EL3, and the counter's frequency, which the highest level alone may write. */
static void try_el2(void)
{
	TRY_UNDEFINED("mrs %0, hcr_el2");
	TRY_UNDEFINED("msr hcr_el2, %0");
	TRY_UNDEFINED("mrs %0, vttbr_el2");
	TRY_UNDEFINED("msr vttbr_el2, %0");
	TRY_UNDEFINED("msr vtcr_el2, %0");
	TRY_UNDEFINED("msr vbar_el2, %0");
	TRY_UNDEFINED("msr sctlr_el2, %0");
	TRY_UNDEFINED("msr elr_el2, %0");
	TRY_UNDEFINED("msr spsr_el2, %0");
	TRY_UNDEFINED("mrs %0, tpidr_el2");
	TRY_UNDEFINED("msr cntvoff_el2, %0");
	TRY_UNDEFINED("msr cnthctl_el2, %0");
	TRY_UNDEFINED("msr cnthp_ctl_el2, %0");
	TRY_UNDEFINED("msr cntfrq_el0, %0");
	TRY_UNDEFINED("msr mdcr_el2, %0");
	TRY_UNDEFINED("msr cptr_el2, %0");
	TRY_UNDEFINED("msr vmpidr_el2, %0");
	TRY_UNDEFINED("msr vpidr_el2, %0");
	TRY_UNDEFINED("msr sp_el1, %0");
	TRY_UNDEFINED("msr scr_el3, %0");
	TRY_UNDEFINED("tlbi alle2 // %0");
	TRY_UNDEFINED("tlbi alle1 // %0");
	TRY_UNDEFINED("tlbi vmalls12e1is // %0");
	TRY_UNDEFINED("tlbi ipas2e1is, %0");
	TRY_UNDEFINED("at s12e1r, %0");
	TRY_UNDEFINED("at s1e2r, %0");
	if (is_v3()) {
		TRY_UNDEFINED("msr S3_4_C12_C11_0, %0"); /* ICH_HCR_EL2 */
		TRY_UNDEFINED("msr S3_4_C12_C12_0, %0"); /* ICH_LR0_EL2 */
		TRY_UNDEFINED("msr S3_4_C12_C9_5, %0");	 /* ICC_SRE_EL2 */
	}
	report();
}

#define TRY_HIDDEN(reg)                                               \
	do {                                                          \
		u64 _v;                                               \
		__asm__ volatile("msr " reg ", %1; isb; mrs %0, " reg \
				 : "=r"(_v)                           \
				 : "r"(~0ull)                         \
				 : "memory");                         \
		expect(reg, (s64)_v, 0);                              \
	} while (0)

/* Emulators show some of them although the hypervisor traps them (HCR_EL2.TIDCP). */
#define TRY_UNCHANGED(reg)                                                             \
	do {                                                                           \
		u64 _old, _new;                                                        \
		__asm__ volatile("mrs %0, " reg "; msr " reg ", %2; isb; mrs %1, " reg \
				 : "=&r"(_old), "=&r"(_new)                            \
				 : "r"(~0ull)                                          \
				 : "memory");                                          \
		expect(reg, (s64)_new, (s64)_old);                                     \
	} while (0)

/* Debug and the PMU are as if there were none; what the core's maker added, shared by a cluster,
 * can't be changed. */
static void try_hidden(void)
{
	u64 v;

	TRY_HIDDEN("mdscr_el1");
	TRY_HIDDEN("dbgbvr0_el1");
	TRY_HIDDEN("dbgbcr0_el1");
	TRY_HIDDEN("dbgwvr0_el1");
	TRY_HIDDEN("dbgwcr0_el1");
	TRY_HIDDEN("osdlr_el1");
	__asm__ volatile("msr oslar_el1, %0; mrs %0, mdrar_el1" : "=r"(v) : "0"(~0ull));
	expect("mdrar_el1", (s64)v, 0);
	TRY_HIDDEN("pmcr_el0");
	TRY_HIDDEN("pmccntr_el0");
	TRY_HIDDEN("pmcntenset_el0");
	TRY_HIDDEN("pmintenset_el1");
	TRY_HIDDEN("pmuserenr_el0");
	TRY_HIDDEN("pmevcntr0_el0");
	TRY_HIDDEN("actlr_el1");
	TRY_UNCHANGED("S3_1_C11_C0_2"); /* L2CTLR_EL1 of Cortex-A53, A57, A72 */
	TRY_UNCHANGED("S3_1_C11_C0_3"); /* L2ECTLR_EL1 */
	TRY_UNCHANGED("S3_1_C15_C2_0"); /* CPUACTLR_EL1 */
	TRY_UNCHANGED("S3_1_C15_C2_1"); /* CPUECTLR_EL1 */
	expect("undefined", undefined, 0);
	report();
}

static u64 cache_of(u32 level)
{
	u64 v;

	__asm__ volatile("msr csselr_el1, %1; isb; mrs %0, ccsidr_el1"
			 : "=r"(v)
			 : "r"(level * 2ull));
	return v;
}

/* Invalidates all data caches by set and way, three times each way (DDI 0487 DC ISW, CISW, CSW). */
static void try_set_way(void)
{
	u64 clidr, id, n = 0;

	__asm__ volatile("mrs %0, clidr_el1" : "=r"(clidr));
	for (u32 level = 0; level < 7 && clidr >> (level * 3) & 7; level++) {
		u32 ways, sets, line, shift;

		if ((clidr >> (level * 3) & 7) < 2)
			continue;
		id = cache_of(level);
		line = (u32)(id & 7) + 4;
		ways = (u32)(id >> 3 & 0x3ff);
		sets = (u32)(id >> 13 & 0x7fff);
		shift = ways ? (u32)__builtin_clz(ways) : 0;
		for (u32 way = 0; way <= ways; way++)
			for (u32 set = 0; set <= sets; set++, n++) {
				u64 v = (u64)way << shift | (u64)set << line | level << 1;

				__asm__ volatile("dc isw, %0; dc cisw, %0; dc csw, %0" ::"r"(v));
			}
	}
	__asm__ volatile("dsb sy; isb" ::: "memory");
	expect("lines", n > 0, true);
	expect("undefined", undefined, 0);
	report();
}

/* --- the communication region, all of it garbage --- */
static void try_garbage(void)
{
	printk("isolation: garbage\n"); /* last words: where to print stands there, too */
	for (u64 at = CV_COMM_GUEST_ARM; at < CV_COMM_GUEST_ARM + CV_COMM_SIZE; at += 4)
		mmio_write32(at, 0xdeadbeef);
	for (;;)
		cpu_relax();
}

/* An own place that is ours in part: it works. */
static void try_own(void)
{
	u32 v = mmio_read32(arg);

	mmio_write32(arg, v);
	printk("isolation: read 0x%x\n", v);
}

static void try_nothing(void)
{
}

static const struct {
	const char *name;
	void (*run)(void);
} trials[] = {
	{"nothing", try_nothing},
	{"read", try_read},
	{"write", try_write},
	{"ldp", try_ldp},
	{"stp", try_stp},
	{"preindex", try_preindex},
	{"exclusive", try_exclusive},
	{"unaligned", try_unaligned},
	{"zero", try_zero},
	{"walk", try_walk},
	{"jump", try_jump},
	{"irq", try_irq},
	{"route", try_route},
	{"gicr", try_redistributor},
	{"gicd", try_distributor},
	{"sgi", try_sgi},
	{"smc", try_smc},
	{"hvc", try_hypercall},
	{"root-hvc", try_root_only},
	{"psci", try_psci},
	{"end", try_end},
	{"race", try_race},
	{"el2", try_el2},
	{"hidden", try_hidden},
	{"set-way", try_set_way},
	{"garbage", try_garbage},
	{"own", try_own},
};

void inmate_main(void)
{
	u64 vectors;

	arg = cmdline_int("addr", cmdline_int("arg", 0));
	gic_init(NULL);
	__asm__ volatile("msr daifset, #2; adr %0, skip_vectors; msr vbar_el1, %0; isb"
			 : "=r"(vectors)::"memory");
	for (u32 i = 0; i < sizeof(trials) / sizeof(*trials); i++) {
		if (!cmdline_is("try", trials[i].name))
			continue;
		printk("isolation: try %s 0x%lx\n", trials[i].name, arg);
		trials[i].run();
		printk("isolation: still here\n");
	}
	inmate_stop();
}
