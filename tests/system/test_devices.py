# SPDX-License-Identifier: GPL-2.0-only
"""Devices change hands: from Linux's drivers to cells, and back to where they work as before."""

import os
import re
import struct

import pytest

import image
from devices import DeviceMachine

ROUNDS = int(os.environ.get("SYSTEM_ROUNDS", "5"))
# of a cell descriptor: the size of its head and of a region, where it counts regions and functions
HEAD, REGION, NUM_REGIONS, NUM_PCI = 132, 32, 52, 68
ROOT, LOADABLE = 356, 0x40
SLOT_2 = struct.pack("<BBHH", 1, 0, 0, 2 << 3).ljust(56, b"\0")     # a PCI function as it stands there


@pytest.fixture(params=list(image.MACHINES), scope="module")
def machine(request):  # one for all: the tests build on each other
    """A machine with a UART to spare, Linux's driver on it."""
    with DeviceMachine(request.param) as running:
        yield running


linux_talks = DeviceMachine.linux_talks
has_driver = DeviceMachine.has_driver


def cell_file(machine, cell):
    return bytearray((machine.folder / "out" / f"{cell}.cell").read_bytes())


def test_a_uart_goes_from_linux_to_a_cell(machine):
    device = machine.facts.device
    linux_talks(machine)
    machine.good("cellctl enable root.cell")
    linux_talks(machine)
    assert has_driver(machine, device)
    machine.good("cellctl cell create dev.cell")
    assert not has_driver(machine, device)
    # nor does a driver get it back that is told to take it
    name, bus = os.path.basename(device), device.split("/")[4]
    machine.run(f"echo {name} >/sys/bus/{bus}/drivers_probe; "
                f"for file in /sys/bus/{bus}/drivers/*/bind; do echo {name} >$file; done")
    assert not has_driver(machine, device)


def test_its_interrupt_comes_in_the_cell_and_nowhere_else(machine):
    of_linux = machine.rows(machine.facts.intid)
    machine.load("dev", "uart-echo", f"irq={machine.facts.intid}")
    machine.uart.await_text("uart-echo: here, 0 interrupts\n")
    count = 0
    for word in ("one", "two", "three"):
        machine.uart.send(word + "\n")
        found = machine.uart.await_text(rf'got "{word}", (\d+) interrupts, (\d+) others\n')
        assert int(found[1]) > count and found[2] == "0"
        count = int(found[1])
    assert machine.rows(machine.facts.intid) == of_linux
    assert re.search("^Err: +0$", machine.good("cat /proc/interrupts"), re.M)


def test_a_cell_stopped_in_its_handler_starts_clean(machine):
    machine.uart.send("busy\n")
    machine.good("sleep 1; cellctl cell start dev")
    machine.uart.await_text(r"uart-echo: here, \d+ interrupts\n")
    machine.uart.send("again\n")
    machine.uart.await_text(r'got "again", [1-9]\d* interrupts, 0 others\n')


def test_linux_has_it_back_from_a_handler(machine):
    machine.uart.send("busy\n")
    machine.good("sleep 1; cellctl cell destroy dev")
    assert has_driver(machine, machine.facts.device)
    linux_talks(machine)


def test_rounds_of_hand_over(machine):
    for _ in range(ROUNDS):
        machine.good("cellctl cell create dev.cell", timeout=120)
        machine.load("dev", "uart-echo", f"irq={machine.facts.intid}")
        machine.uart.await_text(r"uart-echo: here, \d+ interrupts\n")
        machine.uart.send("round\n")
        machine.uart.await_text(r'got "round", [1-9]\d* interrupts, 0 others\n')
        machine.good("cellctl cell destroy dev", timeout=120)
        linux_talks(machine)


def test_a_refused_cell_leaves_it_with_linux(machine):
    data = cell_file(machine, "dev")
    regions = struct.unpack_from("<I", data, NUM_REGIONS)[0]
    for at in range(HEAD + 8, HEAD + 8 + regions * REGION, REGION):
        if data[at + 24] & LOADABLE:
            struct.pack_into("<Q", data, at, machine.hypervisor_memory)
    machine.put("refused.cell", data)
    output, code = machine.run("cellctl cell create refused.cell")
    assert code == 1 and "invalid" in output.lower()
    assert has_driver(machine, machine.facts.device)
    linux_talks(machine)


# --- several owners ---

def test_a_device_of_several_owners_stays_without_driver(machine):
    if not machine.facts.shared:
        pytest.skip("Linux has no driver for a device that is shared here")
    shared = machine.facts.shared
    machine.good("cellctl disable")
    assert has_driver(machine, shared)
    machine.good("cellctl enable root.cell && cellctl cell create left.cell")
    assert not has_driver(machine, shared)
    machine.good("cellctl cell create right.cell && cellctl cell destroy left")
    assert not has_driver(machine, shared)      # the cell "right" has a part as well
    machine.good("cellctl cell destroy right")
    assert not has_driver(machine, shared)      # root has the other half only
    machine.good("cellctl disable")
    assert has_driver(machine, shared)          # the machine is Linux's
    machine.good("cellctl enable root.cell")


def test_a_pci_function_goes_by_its_number(machine):
    if not machine.facts.pci:
        pytest.skip("no PCI bus")
    for cell, counted in (("root", ROOT + NUM_PCI), ("left", NUM_PCI)):
        data = cell_file(machine, cell)
        struct.pack_into("<I", data, counted, 1)
        machine.put(f"{cell}-function.cell", data + SLOT_2)
    machine.good("cellctl disable && cellctl enable root-function.cell")
    assert has_driver(machine, machine.facts.pci)
    before = machine.good(f"hexdump -C {machine.facts.pci}/config")
    machine.good("cellctl cell create left-function.cell")
    assert not has_driver(machine, machine.facts.pci)
    assert has_driver(machine, machine.facts.device)
    machine.good("cellctl cell destroy left")
    assert has_driver(machine, machine.facts.pci)
    assert machine.good(f"hexdump -C {machine.facts.pci}/config") == before


# --- parts of a page ---

def own_register(machine, cell, address, options):
    """Run mmio-widths in a cell that exists: its report."""
    machine.mark()
    machine.load(cell, "mmio-widths", f"addr={address:#x} {options}")
    return machine.since_mark(r"mmio-widths: done|: stopped")


def test_three_owners_of_one_page(machine):
    left, right, root = machine.facts.page
    cells = {"left": left, "right": right}
    machine.good("cellctl cell create left.cell && cellctl cell create right.cell")
    machine.good(f"devmem {root:#x} 32 5")
    for value, (cell, address) in enumerate(cells.items(), 1):
        report = own_register(machine, cell, address, f"widths=4 write=1 value={value}")
        assert "mmio-widths: written" in report and "done" in report
    for value, (cell, address) in enumerate(cells.items(), 1):
        report = own_register(machine, cell, address, "widths=4")
        assert f"4 bytes 0x{value:x}\n" in report
    assert re.search("^0x0*5$", machine.good(f"devmem {root:#x} 32"), re.M)
    machine.load("right", "timer-latency", "hz=10")     # goes on while the other one falls
    for address in cells.values():      # a bus error for the process, and Linux goes on
        assert machine.run(f"devmem {address:#x} 32")[1] != 0


@pytest.mark.parametrize("case", ["neighbour", "root", "narrow", "wide"])
def test_what_is_not_its_own_stops_the_cell(machine, case):
    left, right, root = machine.facts.page
    address, options = {
        "neighbour": (right, "widths=4"), "root": (root, "widths=4"),
        "narrow": (left, "widths=1"), "wide": (left & ~7, "widths=8"),
    }[case]
    report = own_register(machine, "left", address, options)
    assert re.search(rf'cell "left", CPU 2: (read|data access) at {address:#x}, pc 0x[0-9a-f]+: stopped', report)
    listing = machine.good("cellctl cell list")
    assert re.search(r"left +failed", listing) and re.search(r"right +running", listing)
    report = own_register(machine, "left", left, "widths=4")
    assert "4 bytes 0x1\n" in report


def test_root_has_its_part_when_the_cells_are_gone(machine):
    root = machine.facts.page[2]
    machine.good("cellctl cell destroy left && cellctl cell destroy right")
    assert re.search("^0x0*5$", machine.good(f"devmem {root:#x} 32"), re.M)
    machine.good("cellctl disable")
    linux_talks(machine)


# --- CPUs ---

def test_a_cpu_that_was_offline_goes_to_a_cell(machine):
    online = "cat /sys/devices/system/cpu/online"
    machine.good("echo 0 >/sys/devices/system/cpu/cpu3/online")
    machine.good("cellctl enable root.cell")
    assert re.search("^0-2$", machine.good(online), re.M)
    machine.good("cellctl cell create right.cell")
    report = own_register(machine, "right", machine.facts.page[1], "widths=4")
    assert "done" in report
    machine.good("cellctl cell destroy right")
    assert re.search("^0-2$", machine.good(online), re.M)
    machine.good("echo 1 >/sys/devices/system/cpu/cpu3/online")
    machine.good("cellctl disable")
    assert re.search("^0-3$", machine.good(online), re.M)


def test_rounds_of_linux_cpus_beside_a_cell(machine):
    machine.good("cellctl enable root.cell && cellctl cell create dev.cell")
    machine.load("dev", "uart-echo", f"irq={machine.facts.intid}")
    machine.uart.await_text(r"uart-echo: here, \d+ interrupts\n")
    for number in range(ROUNDS):
        machine.good("for state in 0 1; do for cpu in 3 2; do "
                     "echo $state >/sys/devices/system/cpu/cpu$cpu/online; done; done", timeout=120)
        machine.uart.send(f"round {number}\n")
        machine.uart.await_text(rf'got "round {number}", ')
    assert min(machine.interrupts()) > 0 and len(machine.interrupts()) == 3
    machine.good("cellctl cell destroy dev && cellctl disable")
    linux_talks(machine)
