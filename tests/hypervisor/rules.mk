# SPDX-License-Identifier: GPL-2.0-only
# The hypervisor's core on the host, under sanitizers. Included by the Makefile.
#
#: make check-core       the hypervisor's core, on a fake machine

CORE_SRC := $(filter-out %/lib.c %/print.c %/window.c,$(wildcard hypervisor/core/*.c)) \
	tests/hypervisor/fake_arch.c runtime/uart/format.c
CORE_CFLAGS := -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -Ihypervisor/include \
	-Iruntime/uart -Itests/hypervisor $(SANITIZE) -Wno-address-of-packed-member
CORE_DEP := $(CORE_SRC) $(wildcard hypervisor/include/*.h runtime/abi/*.h tests/hypervisor/*.h) \
	hypervisor/arch/arm64/geometry.h
CORE_TESTS := $(patsubst tests/hypervisor/%.c,$(BUILD)/unit/core/%,$(wildcard tests/hypervisor/test_*.c))

$(BUILD)/unit/core/%: tests/hypervisor/%.c $(CORE_DEP)
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(CORE_CFLAGS) -o $@ $< $(CORE_SRC) -lcmocka

.PHONY: check-core
check-core: $(CORE_TESTS)
	$(Q)set -e; for t in $(CORE_TESTS); do timeout 120 $$t; done
check-unit: check-core

$(BUILD)/fuzz/fuzz_config $(BUILD)/fuzz/fuzz_shmem $(BUILD)/fuzz/fuzz_function: $(BUILD)/fuzz/%: tests/fuzz/%.c $(CORE_DEP)
	@mkdir -p $(@D)
	$(say) CLANG $<
	$(Q)$(CLANG) $(CORE_CFLAGS) -fsanitize=fuzzer -o $@ $< $(CORE_SRC)
