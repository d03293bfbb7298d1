# SPDX-License-Identifier: GPL-2.0-only
"""More CPUs than a word has bits, some with redistributors in a second region."""

import re

import pytest

import image
from machine import Machine

pytestmark = [pytest.mark.slow, pytest.mark.system]
CPUS = 126
LINUX = (0, 1, 2, 3, 70, 122, 123, 125)         # the second region begins with 123
CELLS = """
hypervisor { root-console; }
pool cells size 32M;
root "root";
cell "near" { cpu &{cpu@3}; memory ram 1M guest 0 rwx loadable; console virtual; }
cell "far" { cpu &{cpu@125}; memory ram 1M guest 0 rwx loadable; console virtual; }
cell "pair" { cpu &{cpu@122} &{cpu@123}; memory ram 1M guest 0 rwx loadable; console virtual; }
link shared "wire" { cell "near"; cell "far"; output 4K; protocol 0x4001; slot 0; }
"""


@pytest.fixture
def machine(tmp_path):
    """Linux has a few of the CPUs, under their own numbers, and four of them online: the emulator can't
    run all of them at once in any time."""
    kind = image.virt("many", cpus=CPUS)
    for n in set(range(CPUS)) - set(LINUX):
        image.run("fdtput", "-d", kind.tree, f"/cpus/cpu@{n}", "enable-method")
    plan = tmp_path / "many.plan"
    plan.write_text(f'include "{image.TOP}/boards/qemu-arm64-gicv3.board";\nhost "{kind.tree}";\n{CELLS}')
    with Machine(kind, plan=plan, parameters="maxcpus=4", timeout=600) as started:
        yield started


def cpus(machine, what):
    return machine.shows(f"cat /sys/devices/{what}", r"^([-\d,]+)\s*$")[1]


def start(machine, cell, program, line):
    machine.good(f"cellctl cell create {cell}.cell && cellctl cell load {cell} {program}.bin "
                 f"-s '{line}' -a 0x1000")
    machine.send(f"cellctl cell start {cell}")


def test_far_cpus(machine):
    """Without the second region in the descriptor its CPUs can't come in, and none stays in. With it
    CPUs that Linux has offline come in as well. Cells get them, their timers, their SGIs and SPIs; Linux
    starts one below the hypervisor, and gets all back."""
    assert cpus(machine, "system/cpu/present") == "0-3,70,122-123,125"
    machine.good("cp root.cell wrong.cell && dd if=/dev/zero of=wrong.cell bs=1 seek=88 count=224 "
                 "conv=notrunc 2>/dev/null")        # the units: docs/abi.md
    output, code = machine.run("cellctl enable wrong.cell", 120)
    assert code == 1 and "CPU 123: no redistributor of the descriptor's is its own" in output
    assert cpus(machine, "jailhouse/enabled") == "0"
    assert cpus(machine, "system/cpu/online") == "0-3"
    machine.good("dmesg -c >/dev/null")
    machine.good("cellctl enable root.cell", 120)
    assert cpus(machine, "system/cpu/online") == "0-3"
    assert cpus(machine, "jailhouse/cells/0/cpus_assigned_list") == "0-3,70,122-123,125"
    start(machine, "pair", "smp", "")
    machine.await_text("smp: started 1 more", 120)
    machine.await_text("smp: all answered, done", 120)
    start(machine, "near", "shmem", "limit=100")
    machine.await_text(r"link 0: id 0 of 2", 120)
    start(machine, "far", "shmem", "limit=100")
    machine.await_text(r"link 0: peer 1 says 100", 120)
    machine.await_text(r"link 0: peer 0 says 101", 120)
    machine.good("echo 1 >/sys/devices/system/cpu/cpu70/online")
    assert cpus(machine, "system/cpu/online") == "0-2,70"
    before = machine.interrupts("Rescheduling")[-1]
    machine.good("for i in 1 2 3 4 5 6 7 8; do taskset 0x400000000000000000 sleep 0.1; done")
    assert machine.interrupts("Rescheduling")[-1] > before
    machine.shows("cellctl cell list", r"^3 +far +running +125 ")
    machine.good("cellctl cell destroy far")
    start(machine, "far", "timer-latency", "count=50 every=25")
    machine.await_text("timer-latency: done", 120)
    machine.good("cellctl down", 120)
    assert cpus(machine, "system/cpu/online") == "0-3,70"
    assert not re.search("WARNING|BUG|stall|lockup", machine.good("dmesg -c"))
