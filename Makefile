# SPDX-License-Identifier: GPL-2.0-only
# cellc: "make" builds build/cellc, "make check" runs all tests, "make help" tells the rest.
#
#: make                  build build/cellc
#: make check            all tests, with the device trees of the stock kernels
#: make check-quick      the tests that run in seconds and need no device trees
#: make bless            rewrite golden files from what is printed now; look at the diff
#: make fuzz             the fuzzers, FUZZ_SECONDS= each (60)
#: make bench            measure against dtc, gcc and objcopy, and over growing plans; count exits
#: make trees            fetch the device trees of Debian's stock kernels
#: make syntax           editor files from the table of the language
#: make install          below PREFIX=/usr/local, with DESTDIR= in front
#: make clean            remove what make built
#:
#: V=1 shows commands; CC=, CFLAGS=, BUILD= as usual.

.DEFAULT_GOAL := all
MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:

VERSION := 0.1.0
BUILD   ?= build
CC      ?= gcc
CLANG   ?= clang
CFLAGS  ?= -O2 -g
# static: a third of a small compilation would be the dynamic linker's
LDFLAGS ?= -static
PYTHON  ?= /usr/bin/python3
PREFIX  ?= /usr/local
ALL_CFLAGS := -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror \
	-Icompiler -Igrammar -I$(BUILD)/gen -MMD -MP \
	-DCELLC_VERSION='"$(VERSION)"' -DBOARD_DIR='"$(PREFIX)/share/cellc/boards"'
SANITIZE := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
LDLIBS  := -lfdt

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-7s %s\n'
endif

# --- the compiler: every .c below compiler/, and the two generated files ---
SRC  := $(sort $(shell find compiler -name '*.c'))
GENC := $(if $(wildcard grammar/plan.y),$(BUILD)/gen/plan.tab.c $(BUILD)/gen/plan.lex.c)
GEN  := $(GENC) $(BUILD)/gen/diag_names.inc $(BUILD)/gen/explain.inc
.SECONDARY: $(GENC)
objs  = $(patsubst %.c,$(1)/%.o,$(SRC)) $(patsubst $(BUILD)/gen/%.c,$(1)/gen/%.o,$(GENC))
OBJ  := $(call objs,$(BUILD)/obj)
SAN  := $(call objs,$(BUILD)/san)

.PHONY: all
all: $(BUILD)/cellc

$(BUILD)/cellc: $(OBJ)
	$(say) LD $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# the same with address and undefined-behaviour sanitizers: what the tests run
$(BUILD)/cellc-san: $(SAN)
	$(say) LD $@
	$(Q)$(CC) $(SANITIZE) -o $@ $^ $(LDLIBS)

$(BUILD)/obj/%.o: %.c | $(GEN)
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(ALL_CFLAGS) $(CFLAGS) -c -o $@ $<

$(BUILD)/san/%.o: %.c | $(GEN)
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(ALL_CFLAGS) $(SANITIZE) -c -o $@ $<

$(BUILD)/obj/gen/%.o: $(BUILD)/gen/%.c
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(ALL_CFLAGS) $(CFLAGS) -c -o $@ $<

$(BUILD)/san/gen/%.o: $(BUILD)/gen/%.c
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(ALL_CFLAGS) $(SANITIZE) -c -o $@ $<

$(BUILD)/gen/%.tab.c: grammar/%.y
	@mkdir -p $(@D)
	$(say) BISON $<
	$(Q)bison -Wall -Werror --header=$(@:.c=.h) -o $@ $<

$(BUILD)/gen/%.lex.c: grammar/%.l $(BUILD)/gen/%.tab.c
	@mkdir -p $(@D)
	$(say) FLEX $<
	$(Q)flex -o $@ $<

# editor files, generated from the table of the language and committed
.PHONY: syntax
syntax:
	$(Q)grammar/editor/generate grammar/editor

# names as people write them, from diag.def
$(BUILD)/gen/diag_names.inc: compiler/diag.def
	@mkdir -p $(@D)
	$(Q)sed -n 's/^DIAG([EW][0-9]*, *\([a-z0-9_]*\),.*/"\1",/p' $< | tr _ - >$@

# compiler/explain/*.md as C strings; the folder itself tells of files that came or went
EXPLAIN := $(sort $(wildcard compiler/explain/*.md))
$(BUILD)/gen/explain.inc: $(EXPLAIN) compiler/explain
	@mkdir -p $(@D)
	$(say) EMBED $@
	$(Q)for f in $(EXPLAIN); do \
		printf '{"%s",\n' $$(basename $$f .md); \
		sed 's/[\\"?]/\\&/g; s/.*/"&\\n"/' $$f; \
		echo '},'; \
	done >$@

# --- generated documentation; a test tells when it is not current ---
.PHONY: docs
docs:
	$(say) GEN docs/diagnostics.md
	$(Q)scripts/diagnostics > docs/diagnostics.md.tmp && mv docs/diagnostics.md.tmp docs/diagnostics.md

# --- device trees of the stock kernel packages ---
.PHONY: trees
trees: $(BUILD)/trees/.stamp
$(BUILD)/trees/.stamp:
	$(Q)scripts/trees

# --- tests ---
# unit tests: each tests/unit/NAME.c is a cmocka program linked with the whole compiler but main
UNIT := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(sort $(wildcard tests/unit/*.c)))
$(BUILD)/unit/%: tests/unit/%.c $(filter-out $(BUILD)/san/compiler/main.o,$(SAN))
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(ALL_CFLAGS) -MF $(BUILD)/unit/$*.d $(SANITIZE) -o $@ $(filter %.c %.o,$^) $(LDLIBS) -lcmocka

PYTEST := $(PYTHON) -m pytest -q -p no:cacheprovider
.PHONY: check check-quick check-unit bless
check-unit: $(UNIT)
	$(Q)set -e; for t in $(UNIT); do timeout 120 $$t; done

# what runs in seconds and needs no downloads
check-quick: $(BUILD)/cellc $(BUILD)/cellc-san $(BUILD)/cellctl check-unit
	$(Q)timeout 600 $(PYTEST) -m 'not slow' tests

check: $(BUILD)/cellc $(BUILD)/cellc-san $(BUILD)/cellctl check-unit trees target driver-arm64-6.12 driver-arm64-6.12-16k
	$(Q)timeout 3600 $(PYTEST) tests

# rewrites the golden files from what the programs print now: look at the diff before committing
bless: $(BUILD)/cellc $(BUILD)/cellc-san
	$(Q)CELLC_BLESS=1 $(PYTEST) -m 'not slow' tests

# --- fuzzers: each tests/fuzz/fuzz_NAME.c, linked with the whole compiler but main, built by clang;
# seeds in tests/fuzz/corpus/NAME, what a run finds new in build/fuzz/corpus/NAME ---
FUZZ_SECONDS ?= 60
FUZZERS := $(patsubst tests/fuzz/fuzz_%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
FUZZ_FLAGS := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
FUZZ_OBJ := $(filter-out $(BUILD)/fuzz/compiler/main.o,$(call objs,$(BUILD)/fuzz))

$(BUILD)/fuzz/%.o: %.c | $(GEN)
	@mkdir -p $(@D)
	$(say) CLANG $@
	$(Q)$(CLANG) $(ALL_CFLAGS) $(FUZZ_FLAGS) -DFUZZ_TREE='"$(BUILD)/fuzz/plan.dtb"' \
		-fsanitize=fuzzer-no-link -c -o $@ $<

$(BUILD)/fuzz/gen/%.o: $(BUILD)/gen/%.c
	@mkdir -p $(@D)
	$(say) CLANG $@
	$(Q)$(CLANG) $(ALL_CFLAGS) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link -c -o $@ $<

$(BUILD)/fuzz/fuzz_%: $(BUILD)/fuzz/tests/fuzz/fuzz_%.o $(FUZZ_OBJ)
	$(say) LD $@
	$(Q)$(CLANG) $(FUZZ_FLAGS) -fsanitize=fuzzer -o $@ $^ $(LDLIBS)

$(BUILD)/fuzz/plan.dict: grammar/keywords.def grammar/editor/generate
	@mkdir -p $(@D)
	$(Q)grammar/editor/generate --dict $@

# seeds that are written as sources: trees
$(BUILD)/fuzz/seeds/tree/%.dtb: tests/fuzz/corpus/tree/%.dts
	@mkdir -p $(@D)
	$(say) DTC $@
	$(Q)dtc -q -@ -O dtb -o $@ $<
$(BUILD)/fuzz/fuzz_tree: | $(patsubst tests/fuzz/corpus/tree/%.dts,$(BUILD)/fuzz/seeds/tree/%.dtb,\
	$(wildcard tests/fuzz/corpus/tree/*.dts))

.SECONDARY: $(FUZZ_OBJ) $(FUZZERS:%=$(BUILD)/fuzz/tests/fuzz/fuzz_%.o)

# the machine of fuzz_plan.c
$(BUILD)/fuzz/plan.dtb: tests/fuzz/plan.dts
	@mkdir -p $(@D)
	$(say) DTC $<
	$(Q)dtc -@ -q -I dts -O dtb -o $@ $<

# a finding ends the run and stays in build/fuzz/ as crash-*, timeout-* or oom-*
.PHONY: fuzz fuzzers $(addprefix fuzz-,$(FUZZERS))
fuzzers: $(FUZZERS:%=$(BUILD)/fuzz/fuzz_%) $(BUILD)/fuzz/plan.dict $(BUILD)/fuzz/plan.dtb
fuzz: fuzzers
	$(Q)set -e; for f in $(FUZZERS); do $(MAKE) --no-print-directory fuzz-$$f; done

$(addprefix fuzz-,$(FUZZERS)): fuzz-%: $(BUILD)/fuzz/fuzz_% $(BUILD)/fuzz/plan.dict \
		$(BUILD)/fuzz/plan.dtb
	@mkdir -p $(BUILD)/fuzz/corpus/$*
	$(say) FUZZ "$* for $(FUZZ_SECONDS) s"
	$(Q)$< -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=2048 -max_len=8192 \
		-verbosity=0 -print_final_stats=1 -artifact_prefix=$(BUILD)/fuzz/ \
		$(if $(filter plan,$*),-dict=$(BUILD)/fuzz/plan.dict) \
		$(BUILD)/fuzz/corpus/$* $(wildcard tests/fuzz/corpus/$* $(BUILD)/fuzz/seeds/$*)

# --- what it costs ---
$(BUILD)/bench/measure: tests/bench/measure.c
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) -std=gnu11 -Wall -Wextra -Werror -O2 -o $@ $<

.PHONY: bench
bench: $(BUILD)/cellc $(BUILD)/bench/measure trees bench-programs
	$(Q)BUILD=$(BUILD) $(PYTHON) tests/bench/bench.py; compiler=$$?; \
		BUILD=$(BUILD) $(PYTHON) tests/bench/boot.py && \
		BUILD=$(BUILD) $(PYTHON) tests/bench/links.py && \
		BUILD=$(BUILD) $(PYTHON) tests/bench/exits.py && exit $$compiler

include hypervisor/rules.mk
include tests/hypervisor/rules.mk
include tests/net/rules.mk

# --- installation: everything below PREFIX, found again wherever that is moved to ---
INSTALL ?= install
to = $(DESTDIR)$(PREFIX)/$(1)
share = $(call to,share/$(1))
.PHONY: install
install: $(BUILD)/cellc
	$(INSTALL) -d $(call to,bin) $(call to,include/cellvisor) $(call share,cellc/boards) \
		$(call share,man/man1) $(call share,man/man5) \
		$(call share,bash-completion/completions) $(call share,zsh/site-functions) \
		$(call share,vim/vimfiles/syntax) $(call share,vim/vimfiles/ftdetect) \
		$(call share,cellc/vscode/syntaxes)
	$(INSTALL) -m 755 $(BUILD)/cellc $(call to,bin)
	$(INSTALL) -m 644 runtime/abi/*.h $(call to,include/cellvisor)
	$(INSTALL) -m 644 boards/*.board boards/*.inc $(call share,cellc/boards)
	$(INSTALL) -m 644 docs/man/cellc.1 $(call share,man/man1)
	$(INSTALL) -m 644 docs/man/cellc-plan.5 $(call share,man/man5)
	$(INSTALL) -m 644 scripts/completion/cellc.bash \
		$(call share,bash-completion/completions/cellc)
	$(INSTALL) -m 644 scripts/completion/_cellc $(call share,zsh/site-functions)
	$(INSTALL) -m 644 grammar/editor/vim/syntax/cellc.vim $(call share,vim/vimfiles/syntax)
	$(INSTALL) -m 644 grammar/editor/vim/ftdetect/cellc.vim $(call share,vim/vimfiles/ftdetect)
	$(INSTALL) -m 644 grammar/editor/vscode/*.json $(call share,cellc/vscode)
	$(INSTALL) -m 644 grammar/editor/vscode/syntaxes/*.json $(call share,cellc/vscode/syntaxes)

.PHONY: help
help:
	@sed -n 's/^#: //p' $(MAKEFILE_LIST)

.PHONY: clean
clean:
	rm -rf $(BUILD)/obj $(BUILD)/san $(BUILD)/fuzz $(BUILD)/gen $(BUILD)/unit $(BUILD)/cellc $(BUILD)/cellc-san

-include $(OBJ:.o=.d) $(SAN:.o=.d) $(FUZZ_OBJ:.o=.d) $(FUZZERS:%=$(BUILD)/fuzz/tests/fuzz/fuzz_%.d) $(wildcard $(BUILD)/unit/*.d)
