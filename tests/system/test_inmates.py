# SPDX-License-Identifier: GPL-2.0-only
"""What the inmate library promises, and 32-bit cells, in cells of two CPUs. One machine of a kind serves
all tests."""

import os
import re
import subprocess

import pytest

import image
from machine import Machine

NARROW = 'cell "narrow" { cpus 2; passive; aarch32; memory ram 1M guest 0 rwx loadable; console virtual; }'
PAIR = 'cell "pair" { cpus 2; memory ram 1M guest 0 rwx loadable; console virtual; }'
ARM = "arm-linux-gnueabihf-"


@pytest.fixture(scope="module")
def outside(tmp_path_factory):
    """An inmate with floating point, built as its author would: from an installed library, by a
    Makefile of three lines."""
    folder = tmp_path_factory.mktemp("outside")
    env = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    subprocess.run(["make", "-s", "install-inmate", f"DESTDIR={folder}/root", "PREFIX=/usr"],
                   cwd=image.TOP, env=env, check=True, timeout=120)
    (folder / "Makefile").write_text(
        f"INMATES := fp\nINMATE_FP := 1\ninclude {folder}/root/usr/share/cellvisor/inmate/inmate.mk\n")
    (folder / "fp.c").write_text((image.HERE / "fp.c").read_text())
    subprocess.run(["make", "-s", "CFLAGS=-Werror"], cwd=folder, env=env, check=True, timeout=120)
    return folder / "fp.bin"


@pytest.fixture(scope="module")
def narrow(tmp_path_factory):
    """The 32-bit inmate."""
    folder = tmp_path_factory.mktemp("narrow")
    image.run(ARM + "as", "-o", folder / "narrow.o", image.HERE / "narrow.S")
    image.run(ARM + "ld", "-Ttext=0", "-o", folder / "narrow.elf", folder / "narrow.o")
    image.run(ARM + "objcopy", "-O", "binary", "-j", ".text", folder / "narrow.elf",
              folder / "narrow.bin")
    return folder / "narrow.bin"


@pytest.fixture(scope="module", params=list(image.MACHINES))
def machine(request, outside, narrow, tmp_path_factory):
    """Enabled. The cells want the same CPUs, so each has a plan of its own."""
    pair = tmp_path_factory.mktemp("pair")
    image.run(image.BUILD / "cellc", "build", "-q", "-I", image.TREES, "-o", pair,
              image.plan_of(request.param, "pair", PAIR))
    files = {"cells/fp.bin": (outside, 0o644), "cells/narrow.bin": (narrow, 0o644),
             "cells/pair.cell": (pair / "pair.cell", 0o644)}
    with Machine(request.param, plan=image.plan_of(request.param, "narrow", NARROW),
                 files=files) as running:
        running.good("cellctl enable root.cell")
        yield running
        running.good("cellctl disable")
        log = running.good("dmesg")
        assert not re.search(r"WARNING:|BUG:|stall|lockup|Call trace", log), log


@pytest.fixture
def pair(machine):
    machine.good("cellctl cell create pair.cell")
    yield machine
    machine.good("cellctl cell destroy pair", timeout=120)


def start(machine, cell, inmate, line=""):
    machine.good(f"cellctl cell load {cell} {inmate}.bin -s '{line}' -a 0x1000")
    machine.send(f"cellctl cell start {cell}")


def state(machine, cell):
    return re.search(rf"^\d+ +{cell} +(\S+(?: \S+)*)", machine.good("cellctl cell list"), re.M)[1]


def test_cpus_of_a_cell(pair):
    for _ in range(2):          # the second time it finds the CPU as the first time
        start(pair, "pair", "smp")
        pair.await_text("smp: started 1 more", 120)
        pair.await_text("smp: all answered, done", 120)
        assert state(pair, "pair").startswith("running")


def test_caches_on_and_off(pair):
    start(pair, "pair", "mmu")
    for how in ("on", "off", "off", "on", "on"):
        assert pair.await_text(f"mmu: {how}, sum (right|wrong)", 120)[1] == "right"
    pair.await_text(r"mmu: 131072 bytes in \d+ ticks", 120)


def test_floating_point_in_handlers(pair):
    start(pair, "pair", "fp")
    found = pair.await_text(r"fp: some rounds, 100 interrupts or more, (\d+) wrong", 240)
    assert found[1] == "0"


def test_exits_leave_registers_alone(pair):
    """Trapped accesses through each register; calls and interrupts, which change x0 or nothing."""
    start(pair, "pair", "every-register")
    found = pair.await_text(r"every-register: (\w+), (\d+) wrong", 120)
    assert found.groups() == ("done", "0"), pair.console[-3000:]


def test_command_line(pair):
    start(pair, "pair", "uart", "lines=2  more = words")
    pair.await_text('command line "lines=2  more = words"', 120)
    pair.await_text("uart: line 2\r*\n.*uart: done", 120)


def test_a_32_bit_cell(machine):
    machine.good("cellctl cell create narrow.cell")
    for line in ("", "x"):
        start(machine, "narrow", "narrow", line)
        for text in ("starts with cpsr 000001d3",       # SVC mode, all masked: DDI 0406 B1.9.1
                     "PSCI 00010001", "CPU_ON 00000000", "other CPU, context deadbeef",
                     "other CPU, interrupt 00000003", "timer interrupts 0000000a"):
            machine.await_text(f"narrow: {text}", 120)
    machine.await_text('cell "narrow", CPU \\d: read at 0x60000000')
    assert state(machine, "narrow").startswith("failed")
    machine.good("cellctl cell destroy narrow")
