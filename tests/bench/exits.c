// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an exit costs: ways into the hypervisor, ROUNDS times each, in ticks of the virtual counter,
 * and how late the handler of a timer interrupt runs. Prints "bench: NAME TICKS" lines; TICKS are of
 * all rounds together, less those of a loop around nothing. To be run with the counter bound to the
 * number of executed instructions (tests/bench/exits.py).
 */
#include "inmate.h"
#include "shmem.h"

#define ROUNDS	     10000u
#define SGI	     3
#define PSCI_VERSION 0x84000000
#define GICD_TYPER   0x4
#define GICD_ISENABLER 0x100
#define GICR_TYPER   0x8
#define TIMER_PERIOD 2000u /* ticks: longer than any exit */

static volatile bool resting;
static volatile u32 rung;
static volatile u64 timers;
static u64 next, least = ~0ull, most, sum, gicd, frame, device, self, config;
static u32 state;
static struct shmem link;

static void on_irq(u32 intid)
{
	u64 late;

	if (intid == SGI)
		rung = rung + 1;
	if (intid != TIMER_INTID)
		return;
	if (resting) {
		resting = false;
		timer_stop();
		return;
	}
	late = timer_ticks() - next;
	least = late < least ? late : least;
	most = late > most ? late : most;
	sum += late;
	timers = timers + 1;
	next += TIMER_PERIOD;
	timer_at(next);
}

/* --- one round each --- */

static void nothing(void)
{
	__asm__ volatile("" ::: "memory");
}

/* Not the library's function, whose call would be measured as well. */
static void call(u64 code, u64 arg)
{
	register u64 x0 __asm__("x0") = code;
	register u64 x1 __asm__("x1") = arg;

	__asm__ volatile("hvc #0x4a48" : "+r"(x0) : "r"(x1) : "memory");
}

static void hypercall_info(void)
{
	call(CV_HC_INFO, CV_INFO_POOL_USED);
}

static void hypercall_unknown(void)
{
	call(0x1234, 0);
}

static void psci_version_hvc(void)
{
	register u64 x0 __asm__("x0") = PSCI_VERSION;

	__asm__ volatile("hvc #0" : "+r"(x0)::"x1", "x2", "x3", "memory");
}

static void psci_version_smc(void)
{
	register u64 x0 __asm__("x0") = PSCI_VERSION;

	__asm__ volatile("smc #0" : "+r"(x0)::"x1", "x2", "x3", "memory");
}

static void gicd_read(void)
{
	mmio_read32(gicd + GICD_TYPER);
}

static void gicd_enable_read(void)
{
	mmio_read32(gicd + GICD_ISENABLER + 4);
}

static void gicd_enable_write(void)
{
	mmio_write32(gicd + GICD_ISENABLER + 4, 0);
}

static void gicr_read(void)
{
	mmio_read32(frame + GICR_TYPER);
}

static void subpage_read(void)
{
	mmio_read32(device);
}

static void config_read(void)
{
	mmio_read32(config);
}

static void shmem_read(void)
{
	mmio_read32(link.registers + offsetof(struct cv_shmem_registers, id));
}

/* The link's other peer never comes. */
static void doorbell_absent(void)
{
	mmio_write32(link.registers + offsetof(struct cv_shmem_registers, doorbell),
		     CV_SHMEM_DOORBELL(!link.id, 0));
}

/* To the handler and back. */
static void doorbell_self(void)
{
	mmio_write32(link.registers + offsetof(struct cv_shmem_registers, doorbell),
		     CV_SHMEM_DOORBELL(link.id, 0));
}

static void shmem_write(void)
{
	mmio_write32(link.registers + offsetof(struct cv_shmem_registers, state), state ^= 1);
}

static void sgi_self(void)
{
	__asm__ volatile("msr S3_0_C12_C11_5, %0; isb" /* ICC_SGI1R_EL1 */
			 ::"r"(self) : "memory");
}

static const struct {
	const char *name;
	void (*once)(void);
} measured[] = {
	{"hypercall-info", hypercall_info},
	{"hypercall-unknown", hypercall_unknown},
	{"psci-version", psci_version_hvc},
	{"psci-version-smc", psci_version_smc},
	{"gicd-read", gicd_read},
	{"gicd-enable-read", gicd_enable_read},
	{"gicd-enable-write", gicd_enable_write},
	{"gicr-read", gicr_read},
	{"subpage-read", subpage_read},
	{"sgi-self", sgi_self},
	{"config-read", config_read},
	{"shmem-read", shmem_read},
	{"shmem-state-write", shmem_write},
	{"doorbell-absent", doorbell_absent},
	{"doorbell-self", doorbell_self},
};

/* --- all of them --- */

static u64 rounds_of(void (*once)(void))
{
	u64 start = timer_ticks();

	for (u32 i = 0; i < ROUNDS; i++)
		once();
	return timer_ticks() - start;
}

static u64 find_frame(void)
{
	u64 at = comm_region()->arm.gicr_base;

	while (mmio_read64(at + GICR_TYPER) >> 32 != (smp_mpidr() & 0xffffff))
		at += 0x20000;
	return at;
}

/* Half a second for Linux to come to rest, in which this CPU is asleep. */
static void rest(void)
{
	resting = true;
	timer_at(timer_ticks() + timer_hz() / 2);
	while (resting)
		cpu_idle();
}

static void timer(void)
{
	next = timer_ticks() + TIMER_PERIOD;
	timer_at(next);
	while (timers < ROUNDS)
		cpu_idle();
	timer_stop();
	printk("bench: timer-least %lu\nbench: timer-sum %lu\nbench: timer-most %lu\n", least, sum, most);
}

void inmate_main(void)
{
	u64 loop;

	device = cmdline_int("device", 0);
	gic_init(on_irq);
	gic_enable(SGI);
	gic_enable(TIMER_INTID);
	gicd = comm_region()->arm.gicd_base;
	frame = find_frame();
	self = (u64)SGI << 24 | 1ull << (smp_mpidr() & 15);
	config = comm_region()->pci_mmconfig_base;
	if (shmem_open(&link, shmem_find(0)))
		printk("bench: no link\n");
	shmem_interrupts(&link, true);
	gic_enable(link.intid);
	rest();
	printk("bench: hz %lu\nbench: rounds %u\n", timer_hz(), ROUNDS);
	loop = rounds_of(nothing);
	for (u32 i = 0; i < sizeof(measured) / sizeof(*measured); i++)
		printk("bench: %s %lu\n", measured[i].name, rounds_of(measured[i].once) - loop);
	timer();
	printk("bench: %s\n", rung == ROUNDS ? "done 1" : "sgi-lost 1");
}
