# SPDX-License-Identifier: GPL-2.0-only
# The queues of the virtual Ethernet on the host, under sanitizers. Included by the Makefile.
#
#: make check-net        the queues of the virtual Ethernet, between honest peers and with an attacker

NET_CFLAGS := -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Werror -Iruntime/net $(SANITIZE)
NET_DEP := runtime/net/ring.c $(wildcard runtime/net/ring.h runtime/net/port.h runtime/abi/*.h)

$(BUILD)/unit/test_ring: tests/net/test_ring.c $(NET_DEP)
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(NET_CFLAGS) -o $@ $< runtime/net/ring.c -lcmocka

.PHONY: check-net
check-net: $(BUILD)/unit/test_ring
	$(Q)timeout 120 $<
check-unit: check-net

$(BUILD)/fuzz/fuzz_ring: tests/fuzz/fuzz_ring.c $(NET_DEP)
	@mkdir -p $(@D)
	$(say) CLANG $<
	$(Q)$(CLANG) $(NET_CFLAGS) -fsanitize=fuzzer -o $@ $< runtime/net/ring.c
