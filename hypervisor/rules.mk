# SPDX-License-Identifier: GPL-2.0-only
# Everything that runs on the target: hypervisor, driver, tools, inmates. Included by the Makefile.
#
#: make hypervisor       build/hypervisor/cellvisor-arm64.bin
#: make driver           the Linux modules (driver, network, UIO), for the stock kernel in build/kernel/arm64
#: make driver-NAME      the same for build/kernel/NAME: arm64-6.12, arm64-6.12-16k (scripts/kernels fetches them)
#: make tool             cellctl for the target
#: make inmates          the bare-metal demos
#: make kernels          fetch and unpack Debian's stock kernel, its headers, busybox
#: make target           all of these
#: make install-target   these below DESTDIR, where the target's root file system has them
#: make check-system     the tests on emulated machines; SYSTEM_ROUNDS=N: how often
#: make demo             examples/qemu-arm64-linux on an emulated machine, as a show
#: make shell-NAME       the shell of the machine NAME: qemu-arm64-gicv3, qemu-arm64-gicv2, zcu102
#
# Needs a cross compiler (CROSS_arm64=aarch64-linux-gnu-); building cellc does not.

CROSS_arm64 ?= aarch64-linux-gnu-
HV := $(BUILD)/hypervisor

# No path of this machine goes into the objects: the same sources give the same image anywhere.
HV_CFLAGS := -std=gnu11 -g -Wall -Wextra -Werror -ffreestanding -fno-pic -fno-pie -fno-common \
	-fno-stack-protector -fno-asynchronous-unwind-tables -ffunction-sections -fno-jump-tables \
	-ffile-prefix-map=$(CURDIR)=. -Ihypervisor/include -Iruntime/uart -MMD -MP
# x10 to x15 and x18 are the guest's while the hypervisor runs (arch/arm64/entry.S)
HV_CFLAGS_arm64 := -march=armv8-a -mgeneral-regs-only -mno-outline-atomics -mcmodel=tiny \
	$(patsubst %,-ffixed-x%,10 11 12 13 14 15 18) -fomit-frame-pointer \
	-falign-functions=4 -falign-jumps=4 -falign-loops=4 -Ihypervisor/arch/arm64
# Small, but for what an exit runs through; what runs with the MMU off can't access the unaligned.
HV_OPT := -Os -fno-move-loop-invariants -fno-shrink-wrap -fno-tree-vrp
HV_HOT := $(addprefix hypervisor/,core/calls.c core/mmio.c arch/arm64/traps.c arch/arm64/gicv3.c)
HV_EARLY := $(addprefix hypervisor/,core/lib.c core/paging.c arch/arm64/boot.c)
$(HV_HOT:%=$(HV)/arm64/%.o): HV_OPT := -O2
$(HV_EARLY:%=$(HV)/arm64/%.o): HV_OPT += -mstrict-align
HV_PARTS_arm64 := hypervisor/core hypervisor/arch/arm64 hypervisor/arch/arm-common \
	hypervisor/iommu runtime/uart
HV_SRC_arm64 := $(sort $(wildcard $(HV_PARTS_arm64:%=%/*.c) $(HV_PARTS_arm64:%=%/*.S)))
HV_OBJ_arm64 := $(HV_SRC_arm64:%=$(HV)/arm64/%.o)

.PHONY: hypervisor
hypervisor: $(HV)/cellvisor-arm64.bin

$(HV)/arm64/%.o: % hypervisor/rules.mk
	@mkdir -p $(@D)
	$(say) HVCC $<
	$(Q)$(CROSS_arm64)gcc $(HV_OPT) $(HV_CFLAGS) $(HV_CFLAGS_arm64) -c -o $@ $<

$(HV)/arm64/hypervisor.lds: hypervisor/hypervisor.lds hypervisor/include/layout.h
	@mkdir -p $(@D)
	$(Q)$(CROSS_arm64)gcc -E -P -x assembler-with-cpp -Ihypervisor/include -o $@ $<

$(HV)/cellvisor-arm64.elf: $(HV)/arm64/hypervisor.lds $(HV_OBJ_arm64)
	$(say) LD $@
	$(Q)$(CROSS_arm64)ld -T $< -o $@ $(HV_OBJ_arm64) --gc-sections --no-warn-rwx-segments \
		-z noexecstack

$(HV)/cellvisor-%.bin: $(HV)/cellvisor-%.elf
	$(say) OBJCOPY $@
	$(Q)$(CROSS_arm64)objcopy -O binary $< $@

# --- the stock kernels: this release's in build/kernel/arm64, newer ones in build/kernel/arm64-VERSION ---
.PHONY: kernels
kernels: $(BUILD)/kernel/arm64/.stamp
$(BUILD)/kernel/%/.stamp: scripts/kernels scripts/apt.sh
	$(Q)scripts/kernels $(patsubst arm64-%,%,$(filter-out arm64,$*))
	@touch $@
.PRECIOUS: $(BUILD)/kernel/%/.stamp $(BUILD)/driver/%/cellvisor.ko

# --- modules: the kernel's build writes beside the sources, so it gets copies of them. Without BTF,
# which would take the kernel's vmlinux. All of them come with cellvisor.ko ---
DRIVER_PARTS := driver net uio
DRIVER_SRC := runtime/Kbuild $(wildcard $(foreach part,abi $(DRIVER_PARTS),runtime/$(part)/*.c \
	runtime/$(part)/*.h runtime/$(part)/Kbuild))
.PHONY: driver
driver: $(BUILD)/driver/arm64/cellvisor.ko
driver-%: $(BUILD)/driver/%/cellvisor.ko
	@:
$(BUILD)/driver/%/cellvisor.ko: $(DRIVER_SRC) $(BUILD)/kernel/%/.stamp
	@rm -rf $(@D)
	@mkdir -p $(@D)/runtime
	@cp -r runtime/Kbuild runtime/abi $(DRIVER_PARTS:%=runtime/%) $(@D)/runtime/
	$(say) KBUILD $(@D)
	$(Q)env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL $(MAKE) -s -C $(abspath $(BUILD)/kernel/$*)/build \
		M=$(abspath $(@D))/runtime ARCH=arm64 CROSS_COMPILE=$(CROSS_arm64) \
		CC=$(CROSS_arm64)gcc CONFIG_DEBUG_INFO_BTF_MODULES= modules
	$(Q)cp $(@D)/runtime/*/*.ko $(@D)/

# --- what other folders add: runtime/tool, runtime/inmate ---
.PHONY: tool inmates target check-system
tool:
inmates:
-include $(wildcard runtime/tool/rules.mk runtime/inmate/rules.mk runtime/uio/rules.mk tests/bench/rules.mk)

target: hypervisor driver tool inmates

# Modules go where the kernel that they were built for looks; run depmod there.
.PHONY: install-target
MODULES_DIR = $(DESTDIR)/lib/modules/$(shell cat $(BUILD)/kernel/arm64/release)/extra
install-target: target
	$(INSTALL) -d $(DESTDIR)/usr/sbin $(DESTDIR)/lib/firmware $(MODULES_DIR)
	$(INSTALL) -m 755 $(BUILD)/arm64/cellctl $(BUILD)/arm64/cellvisor-link $(DESTDIR)/usr/sbin
	$(INSTALL) -m 644 $(HV)/cellvisor-arm64.bin $(DESTDIR)/lib/firmware
	$(INSTALL) -m 644 $(BUILD)/driver/arm64/*.ko $(MODULES_DIR)

# --- emulated machines ---
.PHONY: demo
demo: $(BUILD)/cellc target trees
	$(Q)BUILD=$(BUILD) $(PYTHON) tests/system/demo.py

shell-%: $(BUILD)/cellc target trees
	$(Q)BUILD=$(BUILD) $(PYTHON) tests/system/shell.py $*

check-system: $(BUILD)/cellc target driver-arm64-6.12 driver-arm64-6.12-16k trees
	$(Q)BUILD=$(BUILD) timeout 2400 $(PYTEST) -m system tests/system

-include $(HV_OBJ_arm64:.o=.d)
