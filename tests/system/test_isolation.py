# SPDX-License-Identifier: GPL-2.0-only
"""A cell that tries what it must not: nothing comes of it, or that cell alone is stopped.

One machine serves all attempts of a kind: cell "trial" runs runtime/inmate/demos/isolation.c, cell
"pace" counts timer interrupts beside it, and Linux goes on. Addresses are those of the plan.
"""

import json
import os
import re

import pytest

import image
from machine import Machine

# part of a device for each of the cells, which Linux has no driver for; root's console and its
# interrupt; an address where nothing answers, which the cell is given all the same
PLACES = {
    "qemu-arm64-gicv3": {"own": 0xa000220, "theirs": 0xa000200, "uart": 0x9000000, "irq": 1,
                         "void": 0x90c0010},
    "qemu-arm64-gicv2": {"own": 0xa000220, "theirs": 0xa000200, "uart": 0x9000000, "irq": 1,
                         "void": 0x90c0010},
    "zcu102": {"own": 0xffa60040, "theirs": 0xffa60000, "uart": 0xff000000, "irq": 21,
               "void": 0xf9100010},
}
ROUNDS = int(os.environ.get("SYSTEM_ROUNDS", "4"))
SPI = 120       # on all of them without a device
CELLS = """
cell "pace" {{
    cpu 3;
    memory ram 1M guest 0 rwx loadable;
    mmio theirs at 0x{theirs:x} size 16 width 4;
    irq spi 121;
    console virtual;
}}

cell "trial" {{
    cpu 2;
    passive;
    memory ram 1M guest 0 rwx loadable;
    memory constant 4K guest 0x20_0000 r;
    memory data 4K guest 0x30_0000 rw;
    mmio own at 0x{own:x} size 16 width 4;
    mmio void at 0x{void:x} size 16 width 4;
    irq spi 120;
    console virtual;
}}
"""
THREE = """
cell "three" {
    cpu 1, 2, 3;
    passive;
    memory ram 1M guest 0 rwx loadable;
    console virtual;
}
"""
OTHER = 3       # the CPU of the other cell

# name: (try, address, report). The address is a name of where() and something added.
STOPPED = {
    "read-root": ("read", "root", "read"),
    "write-root": ("write", "root", "write"),
    "read-hypervisor": ("read", "hypervisor", "read"),
    "write-hypervisor": ("write", "hypervisor", "write"),
    "read-hypervisor-pool": ("read", "hypervisor+0x200000", "read"),
    "read-cell": ("read", "pace", "read"),
    "write-cell": ("write", "pace", "write"),
    "read-device": ("read", "uart", "read"),
    "write-device": ("write", "uart", "write"),
    "read-neighbour": ("read", "theirs", "read"),
    "write-neighbour": ("write", "theirs", "write"),
    "read-between": ("read", "own-8", "read"),
    "write-behind": ("write", "own+16", "write"),
    "read-nothing": ("read", "nothing", "read"),
    "behind-redistributors": ("read", "behind-gic", "read"),
    "read-bus-error": ("read", "void", "read"),
    "write-bus-error": ("write", "void", "write"),
    "write-constant": ("write", "constant", "write"),
    "ldp": ("ldp", "uart", "data access"),
    "stp": ("stp", "uart", "data access"),
    "ldp-own": ("ldp", "own", "data access"),
    "stp-gic": ("stp", "gicd+0x100", "data access"),
    "preindex": ("preindex", "uart", "data access"),
    "preindex-own": ("preindex", "own", "data access"),
    "exclusive-own": ("exclusive", "own", "data access"),
    "exclusive-gic": ("exclusive", "gicd+0x100", "data access"),
    "unaligned-over-the-start": ("unaligned", "own-2", "read"),
    "unaligned-over-the-end": ("unaligned", "own+14", "read"),
    "unaligned-own": ("unaligned", "own+2", "read"),
    "unaligned-gic": ("unaligned", "gicd+0x101", "read"),
    "zero-root": ("zero", "root", "data access"),
    "tables-of-root": ("walk", "root", "(data access|instruction fetch)"),
    "tables-in-hypervisor": ("walk", "hypervisor", "(data access|instruction fetch)"),
    "jump-nowhere": ("jump", "nothing", "instruction fetch"),
    "jump-to-root": ("jump", "root", "instruction fetch"),
    "jump-to-data": ("jump", "data", "instruction fetch"),
    "jump-to-device": ("jump", "own", "instruction fetch"),
    "jump-to-gic": ("jump", "gicd", "instruction fetch"),
}

# name: (options, what the console says)
HARMLESS = {
    "own": ("try=own addr={own}", "read 0x"),
    "foreign-interrupt": ("try=irq arg={irq}", None),
    "interrupt-of-neighbour": ("try=irq arg=121", None),
    "interrupt-of-nobody": ("try=irq arg=150", None),
    "own-interrupt-to-others": (f"try=route spi={SPI} arg={OTHER}", None),
    "own-interrupt-to-root": (f"try=route spi={SPI} arg=0", None),
    "redistributor-of-neighbour": (f"try=gicr arg={OTHER}", None),
    "redistributor-of-root": ("try=gicr arg=0", None),
    "distributor": ("try=gicd", None),
    "sgi-to-neighbour": (f"try=sgi arg={OTHER}", "sent"),
    "sgi-to-root": ("try=sgi arg=0", "sent"),
    "smc": ("try=smc", None),
    "unknown-hypercall": ("try=hvc", None),
    "hypercall-of-root": (f"try=root-hvc arg={OTHER}", None),
    "psci": (f"try=psci arg={OTHER}", None),
    "psci-of-root": ("try=psci arg=0", None),
    "el2": ("try=el2", None),
    "hidden": ("try=hidden", None),
    "set-way": ("try=set-way", None),
}
V3_ONLY = {"redistributor-of-neighbour", "redistributor-of-root", "behind-redistributors"}

CELL = "/sys/devices/jailhouse/cells"
TRIAL, PACE = f"{CELL}/2", f"{CELL}/1"
ENDED = f"until ! grep -q running {TRIAL}/state; do usleep 10000; done"
AGAIN = ("cellctl cell load trial isolation.bin -s try=nothing -a 0x1000 && "
         f"cellctl cell start trial && {ENDED} && cat {TRIAL}/state")
ANEW = "cellctl cell destroy trial && cellctl cell create trial.cell"


@pytest.fixture(scope="module", params=list(image.MACHINES))
def machine(request):
    name = request.param
    program = image.BUILD / "system" / "registers.bin"
    program.parent.mkdir(parents=True, exist_ok=True)
    image.assemble(image.HERE / "registers.S", program)
    three = program.parent / f"three-{name}"
    image.run(image.BUILD / "cellc", "build", "-q", "-I", image.TREES, "-o", three,
              image.plan_of(name, "three", THREE))
    plan = image.plan_of(name, "isolation", CELLS.format(**PLACES[name]))
    files = {"cells/registers.bin": (program, 0o644),
             "cells/three.cell": (three / "three.cell", 0o644)}
    with Machine(name, plan=plan, files=files) as running:
        running.name = name
        running.where = where(name)
        running.good("cellctl enable root.cell && cellctl cell create pace.cell && "
                     "cellctl cell load pace timer-latency.bin "
                     "-s 'hz=200 every=1000000000' -a 0x1000 && cellctl cell start pace && "
                     "cellctl cell create trial.cell && dmesg -c >/dev/null")
        yield running
        running.good("cellctl down")


def where(name):
    """Name -> address, by the plan's output."""
    folder = image.BUILD / "system" / f"{name}-isolation-{name}" / "out"
    plan = json.loads((folder / "plan.json").read_text())
    cells = {cell["name"]: {region["name"]: region for region in cell["regions"]}
             for cell in plan["cells"]}
    gic = plan["platform"]["gic"]
    ram = plan["ram"][0]
    return PLACES[name] | {
        "root": ram["start"] + 0x8000000,
        "hypervisor": plan["platform"]["hypervisor"]["phys"]["value"],
        "pace": cells["pace"]["ram"]["phys"]["value"],
        "constant": cells["trial"]["constant"]["virt"]["value"],
        "data": cells["trial"]["data"]["virt"]["value"],
        "gicd": gic["gicd"],
        "behind-gic": gic["gicr"] + 4 * 0x20000,
        "nothing": 0x30_0000_0000,
    }


def address(machine, text):
    name, sign, more = re.match(r"([a-z-]*[a-z])(?:([+-])(\w+))?$", text).groups()
    return machine.where[name] + (int(sign + str(int(more, 0))) if more else 0)


def attempt(machine, options):
    """What the console shows of one attempt, and the cell's state in the end."""
    output = machine.good(f"cellctl cell load trial isolation.bin -s '{options}' -a 0x1000 && "
                          f"cellctl cell start trial && {ENDED}; cat {TRIAL}/state; cellctl cell list")
    return output, re.findall(r"^(running.*|shut down|failed|invalid)$", output, re.M)[-1]


def number(machine, file):
    return int(machine.good(f"cat {file}").strip().splitlines()[-1])


def others_go_on(machine):
    """The second cell counts its interrupts, and timers of Linux end on each of its CPUs."""
    counter = f"{PACE}/statistics/vmexits_virt_irq"
    log = machine.good("taskset 1 usleep 1000 && taskset 2 usleep 1000 && "
                       f"n=$(cat {counter}) && until [ $(cat {counter}) -gt $((n + 10)) ]; "
                       f"do usleep 10000; done && dmesg -c && grep -q ^running$ {PACE}/state")
    assert not re.search(r"WARNING|BUG|stall|lockup|Spurious|Unknown|Call trace|nobody cared", log), log


@pytest.mark.parametrize("name", STOPPED)
def test_the_cell_alone_is_stopped(machine, name):
    trial, place, report = STOPPED[name]
    if place == "void" and machine.name == "zcu102":
        pytest.skip("the emulator's board knows no bus errors")
    if name in V3_ONLY and "gicv3" not in machine.name:
        pytest.skip("there are no redistributors")
    at = address(machine, place)
    output, state = attempt(machine, f"try={trial} addr={at:#x}")
    assert state == "failed"
    assert f"isolation: try {trial} {at:#x}" in output and "still here" not in output
    assert re.search(rf'^cellvisor: cell "trial", CPU 2: {report} at {at:#x}, pc 0x[0-9a-f]+: '
                     "stopped$", output, re.M), output
    assert re.search(r"^2 +trial +failed +2 +2\s*$", output, re.M)
    others_go_on(machine)
    # the same cell runs again, and a new one can be made, which then has no failed CPU
    output = machine.good(f"{AGAIN} && {ANEW} && test -z \"$(cat {TRIAL}/cpus_failed_list)\"")
    assert "isolation: still here" in output and "shut down" in output


@pytest.mark.parametrize("name", HARMLESS)
def test_harmless_by_specification(machine, name):
    if name in V3_ONLY and "gicv3" not in machine.name:
        pytest.skip("there are no redistributors")
    options, answer = HARMLESS[name]
    kicks = f"{PACE}/statistics/vmexits_management"
    before = number(machine, kicks)
    output, state = attempt(machine, options.format(**machine.where))
    assert "isolation: still here" in output and state == "shut down"
    if answer is None:
        good, tried = re.search(r"^isolation: (\d+) of (\d+)$", output, re.M).groups()
        assert good == tried and int(tried) > 0, output
    else:
        assert f"isolation: {answer}" in output
    assert number(machine, kicks) == before         # nobody sent it anything
    others_go_on(machine)


@pytest.mark.parametrize("function", ["0x84000008", "0x84000009"])
def test_the_system_that_ends_is_the_cell(machine, function):
    """PSCI SYSTEM_OFF and SYSTEM_RESET."""
    output, state = attempt(machine, f"try=end arg={function}")
    assert "still here" not in output and state == "shut down"
    others_go_on(machine)


def test_a_communication_region_of_garbage(machine):
    machine.good("cellctl cell load trial isolation.bin -s try=garbage -a 0x1000")
    output = machine.good(f"cellctl cell start trial && {ENDED}; cat {TRIAL}/state")
    assert "isolation: garbage" in output and "failed" in output
    others_go_on(machine)
    machine.good(ANEW)
    assert "isolation: still here" in machine.good(AGAIN)


def test_registers_hold_nothing_of_the_former_guest(machine):
    """Of Linux, then of the cell itself, then of Linux again after a new start."""
    for step in ("true", "true", ANEW):
        machine.good(f"{step} && cellctl cell load trial registers.bin")
        machine.send("cellctl cell start trial")
        machine.await_text("registers: filled")
        assert re.findall("registers: (clean|NOT.*)", machine.console)[-1] == "clean"
    machine.good(ANEW)
    others_go_on(machine)


def test_no_cpu_of_a_failed_cell_starts_again(machine):
    """One CPU fails while another one starts the third; then none of them does anything."""
    machine.good("cellctl cell destroy trial && cellctl cell destroy pace && "
                 "cellctl cell create three.cell")
    counts = f"cat {CELL}/1/statistics/cpu*/vmexits_total"
    for us in range(5000, 5000 + 300 * ROUNDS, 300):
        output = machine.good(
            f"cellctl cell load three isolation.bin -s 'try=race addr=0x3000000000 us={us}' -a 0x1000 && "
            f"cellctl cell start three && {ENDED.replace(TRIAL, CELL + '/1')}; usleep 20000; "
            f"{counts} >/tmp/a; usleep 100000; {counts} >/tmp/b; cmp /tmp/a /tmp/b && "
            f"cat {CELL}/1/cpus_failed_list")
        assert 'cell "three", CPU 2: write at 0x3000000000' in output
        assert output.strip().splitlines()[-1] == "2"
    assert number(machine, f"{CELL}/1/statistics/cpu1/vmexits_hypercall") > 50      # it did start
    machine.good("cellctl cell destroy three && cellctl cell create pace.cell && "
                 "cellctl cell create trial.cell")
    assert machine.good("cat /sys/devices/system/cpu/online").strip().splitlines()[-1] == "0-1"
