# SPDX-License-Identifier: GPL-2.0-only
# cellctl: build/cellctl for this machine, build/arm64/cellctl (static) for the target. Included by
# hypervisor/rules.mk.

TOOL_SRC := $(sort $(wildcard runtime/tool/*.c))
TOOL_HDR := $(wildcard runtime/tool/*.h runtime/abi/*.h)
TOOL_CFLAGS := -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -ffile-prefix-map=$(CURDIR)=.

tool: $(BUILD)/cellctl $(BUILD)/arm64/cellctl

$(BUILD)/cellctl: $(TOOL_SRC) $(TOOL_HDR) runtime/tool/rules.mk
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(TOOL_CFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $(TOOL_SRC)

$(BUILD)/%/cellctl: $(TOOL_SRC) $(TOOL_HDR) runtime/tool/rules.mk
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CROSS_$*)gcc $(TOOL_CFLAGS) -Os -s -static -o $@ $(TOOL_SRC)

.PHONY: install-tool
install: install-tool
install-tool: $(BUILD)/cellctl
	$(INSTALL) -d $(call to,sbin) $(call share,man/man8) $(call share,bash-completion/completions) \
		$(call share,zsh/site-functions)
	$(INSTALL) -m 755 $(BUILD)/cellctl $(call to,sbin)
	$(INSTALL) -m 644 docs/man/cellctl.8 docs/man/cellvisor-link.8 $(call share,man/man8)
	$(INSTALL) -m 644 scripts/completion/cellctl.bash \
		$(call share,bash-completion/completions/cellctl)
	$(INSTALL) -m 644 scripts/completion/_cellctl $(call share,zsh/site-functions)
