# SPDX-License-Identifier: GPL-2.0-only
# cellvisor-link: links from user space, an example. Included by hypervisor/rules.mk.

tool: $(BUILD)/arm64/cellvisor-link

$(BUILD)/%/cellvisor-link: runtime/uio/cellvisor-link.c $(wildcard runtime/abi/*.h) runtime/uio/rules.mk
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CROSS_$*)gcc -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -ffile-prefix-map=$(CURDIR)=. \
		-Os -s -static -o $@ $<
