# SPDX-License-Identifier: GPL-2.0-only
"""Many ask the driver at once, some are killed while they do, and CPUs of Linux go down and up all
the time: what has to work does, and at the end everything is as it was. SYSTEM_ROUNDS says how often."""

import os
import re

import pytest

import image
from machine import Machine

ROUNDS = int(os.environ.get("SYSTEM_ROUNDS", "5"))
BAD_NEWS = re.compile(r"lockup|stall|hung task|WARNING|BUG|Oops|does not come|do not come|"
                      r"does not go|stays? (online|with)", re.I)
WANTED = {"enable", "disable", "list", "stats", "console", "kill", "hotplug0", "hotplug1"} | {
    f"{what}-{cell}" for what in ("create", "load", "start", "shutdown", "destroy")
    for cell in ("plain", "rt")}
# each of the three CPUs that can go, on its own; every request has to be granted all the same
HOTPLUG = ("rm -f /tmp/stop; for c in 1 2 3; do (cd /sys/devices/system/cpu/cpu$c; "
           "while [ ! -e /tmp/stop ]; do echo 0 >online; echo 1 >online; done) 2>/dev/null & done")
STUB = 0xbadca11        # what the kernel's own hyp stub answers (HVC_STUB_ERR of its asm/virt.h)
READ = (f"rm -f /tmp/stop; for n in 1 2 3 4; do (cd /sys/devices/jailhouse/cells; while [ ! -e /tmp/stop ]; "
        "do cat 0/statistics/vmexits_total 0/statistics/*/vmexits_total; done 2>/dev/null | "
        f"awk '$1 == {STUB} {{ stub++ }} {{ all++ }} END {{ print all + 0, stub + 0 }}' >/tmp/read$n) & done")
ROUND = ("cellctl enable root.cell && cellctl cell create plain.cell && "
         "cellctl cell destroy plain && cellctl disable")


@pytest.fixture(params=["qemu-arm64-gicv3", "zcu102"], scope="module")
def machine(request):  # one for all
    with Machine(request.param, files={"bin/at-once": (image.HERE / "at-once", 0o755)}) as running:
        yield running


def as_it_was(machine):
    """All CPUs are Linux's, nothing is left, a cell comes up as ever, the kernel has not complained."""
    # one that a cell got while it was down stayed so
    machine.run("for c in 1 2 3; do echo 1 >/sys/devices/system/cpu/cpu$c/online; done")
    machine.shows("cat /sys/devices/system/cpu/online", r"^0-3\s*$")
    machine.shows("ls /sys/devices/jailhouse/cells | wc -l", r"^0\s*$")
    output = machine.good("cellctl enable root.cell && cellctl cell create plain.cell && "
                          "cellctl cell load plain hello.bin && cellctl cell start plain", 180)
    machine.await_text("hello from the cell", 120, seen=output)
    machine.shows("cellctl cell list", r"^1 +plain +running ")
    machine.good("cellctl down", 180)
    machine.shows("cat /sys/devices/system/cpu/online", r"^0-3\s*$")
    assert not BAD_NEWS.search(machine.good("dmesg -c"))


def test_cpus_that_come_and_go(machine):
    """The window between a look at a CPU and what follows from it is closed to hotplug."""
    machine.good(HOTPLUG)
    for _ in range(ROUNDS * 2):
        machine.good(ROUND, 180)
    machine.good("touch /tmp/stop; wait", 180)
    as_it_was(machine)


def test_figures_are_none_of_the_stubs(machine):
    """Who reads while the CPUs leave the hypervisor one by one gets its figure, or none."""
    machine.good(READ)
    for _ in range(ROUNDS * 2):
        machine.good("cellctl enable root.cell && cellctl disable", 180)
    lines = re.findall(r"^(\d+) (\d+)$", machine.good("touch /tmp/stop; wait; cat /tmp/read?", 60), re.M)
    assert len(lines) == 4 and all(int(figures) and stub == "0" for figures, stub in lines), lines
    as_it_was(machine)


def test_everything_at_once(machine):
    output = machine.good(f"at-once {ROUNDS} >/tmp/out 2>/dev/null; cat /tmp/out", 600)
    granted = {name: int(n) for name, n in re.findall(r"^= (\S+) (\d+)", output, re.M)}
    assert set(granted) == WANTED, output
    machine.run("cellctl down", 180)        # whatever the last one left
    as_it_was(machine)
