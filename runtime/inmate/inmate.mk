# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Builds inmates out of tree. In a Makefile:
#
#	INMATES := hello
#	include PREFIX/share/cellvisor/inmate/inmate.mk
#
# makes hello.bin of hello.c, to be loaded with "cellctl cell load NAME hello.bin -a 0".
# More objects of one: hello-objs := a.o b.o. Not at address 0: INMATE_BASE=0x70000000. INMATE_FP := 1,
# before the include: with floating point, in interrupt handlers as well.

INMATE_DIR := $(dir $(lastword $(MAKEFILE_LIST)))
CROSS_COMPILE ?= aarch64-linux-gnu-
INMATE_BASE ?= 0
INMATE_CFLAGS := -std=gnu11 -O2 -g -Wall -Wextra -ffreestanding -fno-pic -fno-pie -fno-common \
	-fno-stack-protector -fno-asynchronous-unwind-tables -fno-delete-null-pointer-checks \
	-march=armv8-a $(if $(INMATE_FP),-DINMATE_FP,-mgeneral-regs-only) -mstrict-align -mno-outline-atomics \
	-I$(INMATE_DIR)runtime/inmate -I$(INMATE_DIR)runtime/uart -MMD -MP
INMATE_SRC := $(wildcard $(INMATE_DIR)runtime/inmate/*.c $(INMATE_DIR)runtime/inmate/arm64/*.[cS] \
	$(INMATE_DIR)runtime/uart/*.c $(INMATE_DIR)runtime/net/ring.c)
INMATE_OBJ := $(patsubst $(INMATE_DIR)%,.inmate/%.o,$(INMATE_SRC))

.PHONY: inmates inmates-clean
inmates: $(INMATES:%=%.bin)
.inmate/%.o: $(INMATE_DIR)%
	@mkdir -p $(@D)
	$(CROSS_COMPILE)gcc $(INMATE_CFLAGS) $(CFLAGS) -c -o $@ $<
%.o: %.c
	$(CROSS_COMPILE)gcc $(INMATE_CFLAGS) $(CFLAGS) -c -o $@ $<
.SECONDEXPANSION:
%.elf: $$(or $$($$*-objs),$$*.o) $(INMATE_OBJ)
	$(CROSS_COMPILE)ld --defsym=INMATE_BASE=$(INMATE_BASE) -T $(INMATE_DIR)runtime/inmate/arm64/inmate.lds \
		--no-warn-rwx-segments -z noexecstack -o $@ $^
%.bin: %.elf
	$(CROSS_COMPILE)objcopy -O binary $< $@
.SECONDARY:
INMATE_OWN := $(foreach i,$(INMATES),$(or $($(i)-objs),$(i).o))
inmates-clean:
	rm -rf .inmate $(INMATES:%=%.bin) $(INMATES:%=%.elf) $(INMATE_OWN) $(INMATE_OWN:.o=.d)
-include $(INMATE_OBJ:.o=.d) $(INMATE_OWN:.o=.d)
