// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Breaks one rule, chosen by try=, at addr= or with arg=. What is harmless says so and the cell
 * goes on; what is not never returns here.
 */
#include "inmate.h"

static void read_at(u64 addr)
{
	printk("isolation: read 0x%x\n", mmio_read32(addr));
}

static void write_at(u64 addr)
{
	mmio_write32(addr, 0x15a1a7ed);
	printk("isolation: written\n");
}

/* Enables and pends an interrupt that is not ours; both bits must read as zero. */
static void foreign_irq(u64 spi)
{
	u64 d = comm_region()->arm.gicd_base;
	u32 at = (u32)(spi + 32) / 32 * 4, bit = 1u << (spi % 32);

	mmio_write32(d + 0x180 + at, bit);
	mmio_write32(d + 0x200 + at, bit);
	printk("isolation: irq enabled 0x%x pending 0x%x\n", mmio_read32(d + 0x100 + at) & bit,
	       mmio_read32(d + 0x200 + at) & bit);
}

static void foreign_redistributor(u64 cpu)
{
	u64 f = comm_region()->arm.gicr_base + cpu * 0x20000 + 0x10000;

	mmio_write32(f + 0x180, ~0u); /* disable all of its SGIs and PPIs */
	printk("isolation: redistributor enabled 0x%x\n", mmio_read32(f + 0x100));
}

static void call_smc(u64 arg)
{
	printk("isolation: smc %ld\n", smc(arg ? arg : 0xc2000001));
}

static void call_unknown(u64 arg)
{
	printk("isolation: hypercall %ld\n", hypercall(arg ? arg : 0x1234, 0, 0));
}

static void call_root_only(u64 arg)
{
	for (u64 code = CV_HC_DISABLE; code <= CV_HC_CELL_DESTROY; code++)
		printk("isolation: hypercall %lu: %ld\n", code, hypercall(code, arg, 0));
	printk("isolation: hypercall 6: %ld\n", hypercall(CV_HC_CELL_STATE, arg, 0));
}

static void jump(u64 addr)
{
	mmu_map(addr, 4, true);
	((void (*)(void))addr)();
}

static void foreign_sgi(u64 cpu)
{
	for (u32 sgi = 0; sgi < 16; sgi++)
		gic_send_sgi(cpu, sgi);
	printk("isolation: sent\n");
}

static void foreign_psci(u64 cpu)
{
	printk("isolation: CPU_ON %ld\n", psci(0xc4000003, cpu, 0, 0));
	printk("isolation: AFFINITY_INFO %ld\n", psci(0xc4000004, cpu, 0, 0));
	printk("isolation: SYSTEM_OFF %ld\n", psci(0x84000008, 0, 0, 0));
}

static const struct {
	const char *name;
	void (*run)(u64 arg);
} trials[] = {
	{"read", read_at},	      {"write", write_at},	{"irq", foreign_irq},
	{"gicr", foreign_redistributor}, {"smc", call_smc},	{"hvc", call_unknown},
	{"root-hvc", call_root_only}, {"jump", jump},		{"sgi", foreign_sgi},
	{"psci", foreign_psci},
};

static bool same(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

void inmate_main(void)
{
	char buf[16];
	const char *name = cmdline_str("try", buf, sizeof(buf), "");
	u64 arg = cmdline_int("addr", cmdline_int("arg", 0));

	gic_init(NULL);
	__asm__ volatile("msr daifset, #2" ::: "memory");
	for (u32 i = 0; i < sizeof(trials) / sizeof(*trials); i++) {
		if (!same(trials[i].name, name))
			continue;
		printk("isolation: try %s 0x%lx\n", name, arg);
		trials[i].run(arg);
	}
	printk("isolation: still here\n");
	while (!comm_poll())
		cpu_relax();
}
