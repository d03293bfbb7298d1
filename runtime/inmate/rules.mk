# SPDX-License-Identifier: GPL-2.0-only
# The bare-metal library, its demos, the examples' programs and what the tests run in cells:
# build/inmates/arm64/NAME.bin.
# Included by hypervisor/rules.mk.

INMATE := $(BUILD)/inmates/arm64
INMATE_CFLAGS := -std=gnu11 -O2 -g -Wall -Wextra -Werror -ffreestanding -fno-pic -fno-pie -fno-common \
	-fno-stack-protector -fno-asynchronous-unwind-tables -fno-delete-null-pointer-checks \
	-ffile-prefix-map=$(CURDIR)=. -march=armv8-a -mgeneral-regs-only -mstrict-align \
	-mno-outline-atomics -Iruntime/inmate -Iruntime/uart -MMD -MP
INMATE_SRC := $(sort $(wildcard runtime/inmate/*.c runtime/inmate/arm64/*.[cS] runtime/uart/*.c) \
	runtime/net/ring.c)
INMATE_OBJ := $(INMATE_SRC:%=$(INMATE)/%.o)
INMATE_DEMOS := $(sort $(patsubst runtime/inmate/demos/%.c,%,$(wildcard runtime/inmate/demos/*.c)))
INMATE_TESTS := $(sort $(patsubst tests/system/inmates/%.c,%,$(wildcard tests/system/inmates/*.c)))
INMATE_EXAMPLES := $(sort $(notdir $(basename $(wildcard examples/qemu-arm64-linux/*.c))))
INMATE_ALL := $(INMATE_DEMOS) $(INMATE_TESTS) $(INMATE_EXAMPLES)

inmates: $(INMATE_ALL:%=$(INMATE)/%.bin)

$(INMATE)/%.o: % runtime/inmate/rules.mk
	@mkdir -p $(@D)
	$(say) INMCC $<
	$(Q)$(CROSS_arm64)gcc $(INMATE_CFLAGS) -c -o $@ $<

INMATE_LINK = $(CROSS_arm64)ld -T runtime/inmate/arm64/inmate.lds --no-warn-rwx-segments \
	-z noexecstack -o $@ $(filter %.o,$^)
INMATE_NEEDS := $(INMATE_OBJ) runtime/inmate/arm64/inmate.lds

$(INMATE)/%.elf: $(INMATE)/runtime/inmate/demos/%.c.o $(INMATE_NEEDS)
	$(say) LD $@
	$(Q)$(INMATE_LINK)

$(INMATE)/%.elf: $(INMATE)/tests/system/inmates/%.c.o $(INMATE_NEEDS)
	$(say) LD $@
	$(Q)$(INMATE_LINK)

$(INMATE)/%.elf: $(INMATE)/examples/qemu-arm64-linux/%.c.o $(INMATE_NEEDS)
	$(say) LD $@
	$(Q)$(INMATE_LINK)

$(INMATE)/%.bin: $(INMATE)/%.elf
	$(Q)$(CROSS_arm64)objcopy -O binary $< $@

.SECONDARY: $(INMATE_OBJ) $(INMATE_DEMOS:%=$(INMATE)/runtime/inmate/demos/%.c.o) \
	$(INMATE_TESTS:%=$(INMATE)/tests/system/inmates/%.c.o) \
	$(INMATE_EXAMPLES:%=$(INMATE)/examples/qemu-arm64-linux/%.c.o) $(INMATE_ALL:%=$(INMATE)/%.elf)

# sources, so that an inmate's own flags and compiler hold for all of it
INMATE_SHARE = $(DESTDIR)$(PREFIX)/share/cellvisor/inmate
.PHONY: install-inmate
install: install-inmate
install-inmate:
	$(INSTALL) -d $(INMATE_SHARE)/runtime/inmate/arm64 $(INMATE_SHARE)/runtime/uart \
		$(INMATE_SHARE)/runtime/abi $(INMATE_SHARE)/runtime/net
	$(INSTALL) -m 644 runtime/inmate/inmate.mk $(INMATE_SHARE)
	$(INSTALL) -m 644 runtime/inmate/*.[ch] $(INMATE_SHARE)/runtime/inmate
	$(INSTALL) -m 644 runtime/inmate/arm64/* $(INMATE_SHARE)/runtime/inmate/arm64
	$(INSTALL) -m 644 runtime/uart/* $(INMATE_SHARE)/runtime/uart
	$(INSTALL) -m 644 runtime/abi/*.h $(INMATE_SHARE)/runtime/abi
	$(INSTALL) -m 644 runtime/net/ring.[ch] runtime/net/port.h $(INMATE_SHARE)/runtime/net

-include $(wildcard $(INMATE_OBJ:.o=.d) $(INMATE)/runtime/inmate/demos/*.d \
	$(INMATE)/tests/system/inmates/*.d $(INMATE)/examples/*/*.d)
