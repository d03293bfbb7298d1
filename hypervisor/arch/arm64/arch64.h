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

/* HCR_EL2, D17.2.48 */
#define HCR_VM	BIT(0)
#define HCR_SWIO BIT(1)
#define HCR_FMO BIT(3)
#define HCR_IMO BIT(4)
#define HCR_AMO BIT(5)
#define HCR_FB	BIT(9)
#define HCR_BSU_IS BIT(10)
#define HCR_TSC BIT(19)
#define HCR_TAC BIT(21)
#define HCR_RW	BIT(31)
#define HCR_GUEST (HCR_VM | HCR_SWIO | HCR_FMO | HCR_IMO | HCR_AMO | HCR_TSC | HCR_TAC | HCR_FB | HCR_BSU_IS)

#define EC_WFX	  0x01
#define EC_HVC64  0x16
#define EC_SMC64  0x17
#define EC_SYSREG 0x18
#define EC_IABT	  0x20
#define EC_DABT	  0x24

/* PSCI, Arm DEN 0022 */
s64 psci_call(struct regs *regs);
/* Waits in EL2 until somebody starts this CPU, then sets the start state. */
void cpu_wait(struct regs *regs);
void cpu_start_state(struct regs *regs);

/* GIC */
struct gic_ops {
	int (*cell_init)(struct cell *cell);
	void (*cpu_init)(void);	  /* takes the live CPU interface over */
	void (*cpu_exit)(void);	  /* gives it back */
	void (*cpu_reset)(void);  /* before a cell starts on this CPU, or it waits */
	void (*cpu_waits)(bool waits);
	u32 (*ack)(void);	  /* INTID, >= 1020: none */
	void (*drop)(u32 intid);  /* priority drop */
	void (*deactivate)(u32 intid);
	bool (*inject)(u32 intid, bool hw); /* false: no list register */
	void (*underflow)(bool wanted); /* maintenance interrupt when list registers are free */
	void (*send)(const struct percpu *target, u32 sgi);
	void (*route)(u32 intid, const struct percpu *target);
};
extern const struct gic_ops gicv3_ops;
extern const struct gic_ops *gic;
void gic_irq(void);
void gic_inject(u32 intid, bool hw);
void gic_send_virtual(struct percpu *target, u32 sgi);
bool gicv3_sgi1r(u64 value);
#define SGI_EVENT 7 /* ours; the kernel of 6.1 and 6.12 uses 0 to 6 */

/* MMIO of the guest: an access that has no mapping */
struct access {
	u64 addr; /* guest-physical */
	u32 size;
	bool write;
	u64 value;
};
/* Returns false if nobody knows the address. */
bool gic_mmio(struct access *a);

u64 mpidr_affinity(u64 mpidr);
void hv_broken_config(const char *what);

#endif
