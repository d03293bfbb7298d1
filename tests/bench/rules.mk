# SPDX-License-Identifier: GPL-2.0-only
# What tests/bench/exits.py runs on the target. Included by hypervisor/rules.mk.
#
#: make bench-boot       of make bench: how long Linux takes to boot in a cell
#: make bench-exits      the hypervisor's part of make bench: what exits, enable and memory cost
#: make bench-links      the links' part: doorbells, messages and a stream between two Linuxes

BENCH := $(BUILD)/bench/arm64
BENCH_OBJ := $(INMATE)/tests/bench/exits.c.o $(INMATE)/tests/bench/bell.c.o

.PHONY: bench-exits bench-links bench-programs
bench-programs: $(BUILD)/cellc target $(BENCH)/exits.bin $(BENCH)/bell.bin $(BENCH)/enable $(BENCH)/ticks \
		$(BENCH)/traffic

$(BENCH)/%.bin: $(INMATE)/tests/bench/%.c.o $(INMATE_OBJ) runtime/inmate/arm64/inmate.lds
	@mkdir -p $(@D)
	$(say) LD $@
	$(Q)$(CROSS_arm64)ld -T runtime/inmate/arm64/inmate.lds --no-warn-rwx-segments -z noexecstack \
		-o $(@:.bin=.elf) $(filter %.o,$^)
	$(Q)$(CROSS_arm64)objcopy -O binary $(@:.bin=.elf) $@

$(BENCH)/enable: tests/bench/enable.c runtime/abi/driver.h
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CROSS_arm64)gcc -std=gnu11 -Wall -Wextra -Werror -Os -s -static -Iruntime/abi -o $@ $<

$(BENCH)/ticks: tests/bench/ticks.c
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CROSS_arm64)gcc -std=gnu11 -Wall -Wextra -Werror -Os -s -static -o $@ $<

.PHONY: bench-boot
bench-boot: trees bench-programs
	$(Q)BUILD=$(BUILD) $(PYTHON) tests/bench/boot.py

$(BENCH)/traffic: tests/system/traffic.c
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CROSS_arm64)gcc -std=gnu11 -Wall -Wextra -Werror -O2 -s -static -o $@ $<

bench-links: trees bench-programs
	$(Q)BUILD=$(BUILD) $(PYTHON) tests/bench/links.py

bench-exits: trees bench-programs
	$(Q)BUILD=$(BUILD) $(PYTHON) tests/bench/exits.py

-include $(BENCH_OBJ:.o=.d)
