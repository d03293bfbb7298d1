/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the arm64 files share: system registers, traps, GIC. References are to the Arm Architecture
 * Reference Manual DDI 0487 and the GIC specifications IHI 0048 (v2) and IHI 0069 (v3).
 */
#ifndef HV_ARCH64_H
#define HV_ARCH64_H

#include "../../include/arch.h"

#define read_sysreg(reg)                                               \
	({                                                             \
		u64 _v;                                                \
		__asm__ volatile("mrs %0, " #reg : "=r"(_v)::"memory"); \
		_v;                                                    \
	})
#define write_sysreg(v, reg) \
	__asm__ volatile("msr " #reg ", %x0" ::"rZ"((u64)(v)) : "memory")
#define isb() __asm__ volatile("isb" ::: "memory")
#define dsb(scope) __asm__ volatile("dsb " #scope ::: "memory")

/* HCR_EL2, D17.2.48. Set/way maintenance is not trapped: docs/hypervisor.md, Caches. */
#define HCR_VM	BIT(0)
#define HCR_SWIO BIT(1)
#define HCR_FMO BIT(3)
#define HCR_IMO BIT(4)
#define HCR_AMO BIT(5)
#define HCR_FB	BIT(9)
#define HCR_BSU_IS BIT(10)
#define HCR_TSC BIT(19)
#define HCR_TIDCP BIT(20)
#define HCR_TAC BIT(21)
#define HCR_RW	BIT(31)
#define HCR_TERR BIT(36)
#define HCR_APK	BIT(40)
#define HCR_API	BIT(41)
#define HCR_ATA	BIT(56)
#define HCR_GUEST (HCR_VM | HCR_SWIO | HCR_FMO | HCR_IMO | HCR_AMO | HCR_TSC | HCR_TAC | HCR_FB | HCR_BSU_IS)

#define EC_WFX	  0x01
#define EC_CP15_32 0x03
#define EC_CP15_64 0x04
#define EC_CP14_32 0x05
#define EC_CP14_64 0x0c
#define EC_HVC32  0x12
#define EC_SMC32  0x13
#define EC_HVC64  0x16
#define EC_SMC64  0x17
#define EC_SYSREG 0x18
#define EC_IABT	  0x20
#define EC_DABT	  0x24

/* PSCI, Arm DEN 0022 */
/* Sets x0. A call that ends this CPU's guest comes back with the start state of another. */
void psci_call(struct regs *regs);
/* The same for what needs x0 to x3 alone; false: another call, nothing has changed. */
bool psci_quick(struct regs *regs);
/* Waits in EL2 until somebody starts this CPU, then sets the start state. */
void cpu_wait(struct regs *regs);
/* Gives this CPU up: the firmware switches it off. Returns if it refuses. */
void cpu_to_firmware(void);
void cpu_start_state(struct regs *regs);
/* EL2's registers: what the kernel's stub had is kept; what the CPU's guest needs is set. */
void cpu_keep_root(void);
u64 cpu_root_hcr(void);
void cpu_guest_traps(void);
bool cpu_has_el1_32(void);

/* GIC. Registers of the distributor have the same places in v2, v3 and (from + GICR_SGI on, the
 * private ones) in a redistributor. */
/* In code that runs with the MMU off HV_GICD and so on. */
extern u8 hv_gicd[], hv_gich[], hv_gicc[];
#define GICD_VIRT ((u64)hv_gicd)
#define GICH_VIRT ((u64)hv_gich)
#define GICC_VIRT ((u64)hv_gicc)
#define GICR_VIRT HV_DEVICES

#define GICD_CTLR	0x0
#define GICD_TYPER	0x4
#define GICD_IIDR	0x8
#define GICD_IGROUPR	0x80
#define GICD_ISENABLER	0x100
#define GICD_ICENABLER	0x180
#define GICD_ISPENDR	0x200
#define GICD_ICPENDR	0x280
#define GICD_ISACTIVER	0x300
#define GICD_ICACTIVER	0x380
#define GICD_IPRIORITYR 0x400
#define GICD_ITARGETSR	0x800 /* v2 */
#define GICD_ICFGR	0xc00
#define GICD_SIZE	0x10000u /* v3 */
#define GICD_SGIR	0xf00 /* v2 */
#define GICD_CPENDSGIR	0xf10 /* v2 */

#define GICR_CTLR  0x0
#define GICR_IIDR  0x4
#define GICR_TYPER 0x8
#define GICR_WAKER 0x14
#define GICR_SGI   0x10000 /* the second frame */

#define GIC_PRIO_DEFAULT 0xa0
#define GIC_PMR_ALL	 0xff
#define GIC_PMR_OWN	 0x10 /* priority 0 alone, with 4 bits of priority as well */

#define GIC_LRS 4 /* list registers that are used: Arm's cores have as many */

/* An interrupt as ack() gives it holds the INTID in bits 9..0; drop and deactivate want all bits.
 * List registers have the format of GICv3 (IHI 0069 12.4.8), with an SGI's sender in bits 34..32.
 * All act on this CPU unless they name another one. */
struct gic_ops {
	/* Maps what is driven, after it has said what it is. 0 or an error, and the console knows why. */
	int (*init)(void);
	/* Takes the live CPU interface over, for the virtual one; sets irq_base, irq_slots, irq_interface.
	 * -CV_EINVAL: finds no frame. */
	int (*cpu_init)(void);
	void (*cpu_exit)(void);	  /* gives it back */
	void (*clear)(void);	  /* the virtual interface as by a reset, but for list registers */
	void (*mask)(u32 pmr);	  /* of physical interrupts */
	bool (*irq)(void);	  /* what is pending becomes virtual; false: park this CPU */
	u32 (*ack)(void);	  /* INTID >= 1020: none */
	void (*drop)(u32 iar);	  /* priority drop */
	void (*deactivate)(u32 iar);
	u64 (*used_lrs)(void);
	u64 (*read_lr)(u32 n);
	void (*write_lr)(u32 n, u64 lr);
	void (*underflow)(bool wanted); /* maintenance interrupt when list registers are free */
	void (*send)(const struct percpu *target, u32 sgi);
	void (*route)(u32 intid, const struct percpu *target); /* an SPI that is off */
	bool (*mmio)(struct access *a); /* false: not an address of the GIC */
};
extern const struct gic_ops gicv2_ops, gicv3_ops;
extern const struct gic_ops *gic;
/* Chooses by the system descriptor; 0, -CV_EINVAL, -CV_EIO (a frame is not there) or -CV_ENOMEM. */
int gic_select(void);
/* Whether four bits of a register, from `shift` on, say what is to be there: from low to high. The bus may
 * answer with an error. 0 or -CV_EIO, and the console is told. */
int gic_expect(const char *what, u64 frame, u32 reg, u32 shift, u32 low, u32 high);
/* Registers of a device, where all CPUs see them from now on. 0 or as paging_map. */
int map_device(u64 virt, u64 phys, u64 size);
/* The interrupt that ack() gave, and all that follow; false: this CPU is to be parked. */
bool gic_irqs(u32 iar);
/* A device's interrupt, dropped, into a list register or the queue. */
void gic_inject_device(u32 intid);
extern u32 gic_maintenance; /* the PPI */
/* Where the guest sees the frames that are trapped: aligned words, unlike those of the descriptor. */
extern struct gic_frames {
	u64 start, span; /* all of them are in there */
	u64 gicd;
	/* redistributors: regions of them, which are mapped from GICR_VIRT on without a gap */
	u64 gicr_size; /* of all */
	u32 num_regions;
	struct range gicr[1 + CV_IOMMU_UNITS];
} gic_frames;
/* This CPU is taken over (-CV_EINVAL: it has no frame) and given back, percpu.power being CPU_ABSENT;
 * it waits for work: what its guest was sent is pending again; it starts a guest anew. */
int gic_cpu_init(void);
void gic_cpu_exit(void);
void gic_cpu_waits(void);
void gic_cpu_starts(void);
/* All list registers are empty. */
void gic_clear_lrs(void);
void gic_send_virtual(struct percpu *target, u32 sgi);
void gicv3_sgi1r(u64 value);
#define SGI_EVENT 7 /* ours; the kernel of 6.1 and 6.12 uses 0 to 6 */
/* Private interrupts that are the hypervisor's: SGI_EVENT and the maintenance interrupt. */
u32 gic_own_irqs(void);

static inline u32 gic_read32(u64 at)
{
	return *(volatile u32 *)at;
}

static inline void gic_write32(u64 at, u32 v)
{
	*(volatile u32 *)at = v;
}

/* The frames take aligned accesses, and none of two bytes. */
static inline bool gic_takes(const struct access *a)
{
	return !(a->addr & (a->size - 1)) && a->size != 2;
}

/* Where the registers of an interrupt are: this CPU has its own for the private ones. */
static inline u64 gic_base_of(u32 intid)
{
	return intid < 32 ? this_cpu()->irq_base : GICD_VIRT;
}

static inline volatile u8 *gic_priority_at(u32 intid)
{
	return (volatile u8 *)(gic_base_of(intid) + GICD_IPRIORITYR + intid);
}

#define LR_PENDING (1ull << 62)
#define LR_HW	   (1ull << 61)
#define LR_GROUP1  (1ull << 60)
#define LR_EOI	   (1ull << 41) /* of software interrupts: maintenance interrupt at their end */

static inline u64 gic_device_lr(u32 intid)
{
	return LR_PENDING | LR_GROUP1 | LR_HW | (u64)*gic_priority_at(intid) << 48 |
	       (u64)intid << 32 | intid;
}

u64 gic_perform(u64 at, const struct access *a);
void gicd_filtered(struct access *a, u32 reg, u32 first, u32 bits);
/* Writes the bits of the mask; others keep their values. */
void gicd_replace(struct access *a, u32 reg, u64 mask);
bool gicd_spi_access(struct access *a, u32 reg);
bool gic_private_access(struct access *a, u64 base, u32 reg);

u64 mpidr_affinity(u64 mpidr);
void hv_broken_config(const char *what);

#endif
