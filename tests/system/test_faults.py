# SPDX-License-Identifier: GPL-2.0-only
"""Faults of the hypervisor's own. They are made by changing an instruction of it, on a machine that
runs the same image as any other."""

import struct

import pytest

import image
import poke
from machine import Machine

pytestmark = [pytest.mark.slow, pytest.mark.system]
UNDEFINED = bytes(4)                            # udf #0
FOR_EVER = bytes.fromhex("00000014")            # b .


@pytest.fixture(params=list(image.MACHINES))
def poked(request, tmp_path):
    """A machine under the hypervisor, and what changes the first instruction of a function in it."""
    path = tmp_path / "stub"
    with Machine(request.param, extra=poke.options(path)) as machine:
        enable(machine)
        memory = int(machine.shows("cat /proc/iomem", r"(\w+)-\w+ : cellvisor hypervisor")[1], 16)
        yield machine, lambda symbol, word: poke.swap(path, memory + poke.address(symbol), word)


def enable(machine):
    machine.good("cellctl enable root.cell")


def start(machine, cell):
    """A cell that prints, by the calls of the hypervisor's that the test spoils."""
    machine.good(f"cellctl cell create {cell}.cell && cellctl cell load {cell} timer-latency.bin "
                 "-s 'every=50' -a 0x1000")
    machine.send(f"cellctl cell start {cell}")
    machine.await_text(r"timer-latency: \d+ interrupts", 120)


def online(machine):
    return machine.shows("cat /sys/devices/system/cpu/online", r"^([-\d,]+)\s*$")[1]


def test_fault_in_the_hypervisor(poked):
    """A CPU of a cell dies in the hypervisor. That cell fails and can only be destroyed; its CPU is off
    until the hypervisor is disabled; Linux and a second cell don't mind, and the next life is whole."""
    machine, change = poked
    start(machine, "rt")
    cpu = machine.shows("cat /sys/devices/jailhouse/cells/1/cpus_assigned_list", r"^(\d)\s*$")[1]
    was = change("cell_console_putc", UNDEFINED)
    machine.await_text(rf"CPU {cpu}: own exception, esr 0x\w+ pc 0x\w+ far 0x\w+: dead", 120)
    assert change("cell_console_putc", was) == UNDEFINED
    machine.shows("cellctl cell list", rf"^1 +rt +failed .*{cpu}")
    machine.shows("cat /sys/devices/jailhouse/cells/1/cpus_failed_list", rf"^{cpu}\s*$")
    output, code = machine.run("cellctl cell start rt")
    assert code == 1 and "it can only be destroyed" in output
    start(machine, "plain")
    assert machine.run("cellctl disable")[1] == 1
    machine.good("cellctl cell destroy rt")
    assert f"CPU {cpu} failed in the hypervisor and is off" in machine.good("dmesg -c")
    assert machine.run(f"echo 1 >/sys/devices/system/cpu/cpu{cpu}/online")[1]
    assert machine.run("cellctl cell create rt.cell")[1] == 1
    assert "is not Linux's to give" in machine.good("dmesg -c")
    machine.good("cellctl cell destroy plain && cellctl disable")
    assert online(machine) == "0-3"
    enable(machine)
    start(machine, "rt")
    machine.good("cellctl down")
    assert online(machine) == "0-3"


@pytest.mark.parametrize("poked", ["qemu-arm64-gicv3"], indirect=True)
def test_cpu_that_does_not_stop(poked):
    """A CPU of a cell hangs in the hypervisor: root's requests end with an error, in time, and what the
    cell has stays its own, until that CPU stops after all. The machine can be switched off meanwhile."""
    machine, change = poked
    start(machine, "plain")
    was = change("cell_console_putc", FOR_EVER)
    exits = "cat /sys/devices/jailhouse/cells/1/statistics/vmexits_total"
    machine.good(f"until n=$({exits}); sleep 1; [ $n = $({exits}) ]; do :; done", 120)     # it hangs
    output, code = machine.run("cellctl cell destroy plain", 120)
    assert code == 1 and "a CPU of it does not stop" in output
    assert 'does not leave cell "plain"' in output
    machine.shows("cellctl cell list", r"^1 +plain +running ")
    assert machine.run("cellctl disable")[1] == 1
    change("cell_console_putc", was)
    machine.good("cellctl cell destroy plain && cellctl disable")
    assert online(machine) == "0-3"
    enable(machine)
    start(machine, "rt")
    change("cell_console_putc", FOR_EVER)
    machine.send("echo o >/proc/sysrq-trigger")
    machine.await_end(120)


# Of the system descriptor: docs/abi.md
CONSOLE, CONSOLE_SIZE, CONSOLE_TYPE, GICD, GICC, GICH, GICV, GICR = 44, 52, 56, 316, 324, 332, 340, 348
NOTHING = 0x70_0000_0000                        # no machine has anything there
LIKE_8250 = struct.pack("<HH", 2, 3)            # a word for each register


def forge(machine, at, data):
    """wrong.cell: root's descriptor with some bytes changed."""
    octal = "".join(f"\\{byte:03o}" for byte in data)
    machine.good(f"cp root.cell wrong.cell && printf '{octal}' | "
                 f"dd of=wrong.cell bs=1 seek={at} conv=notrunc 2>/dev/null")


def refused(machine, at, value, reason):
    """Enable with a wrong number in root's descriptor: Linux is told why, and goes on."""
    forge(machine, at, struct.pack("<I" if at == CONSOLE_SIZE else "<Q", value))
    output, code = machine.run("cellctl enable wrong.cell")
    assert code == 1 and "'cellctl" not in output
    assert reason in machine.good("dmesg -c")
    machine.shows("cat /sys/devices/jailhouse/enabled", r"^0\s*$")


def test_devices_that_are_not_there(machine):
    """Descriptors with wrong addresses of what the hypervisor drives itself are refused before anything
    changes, whether nothing is there or something else; a console of another type is only silent."""
    v3 = machine.kind.name == "qemu-arm64-gicv3"
    uart = int(machine.shows("cat /proc/iomem", r"(\w+)-\w+ : .*(?:pl011|xuartps)")[1], 16)
    wrong = [(GICD, NOTHING, "no distributor at"), (GICD, uart, "no distributor at"),
             (CONSOLE_SIZE, 0, "no console at")]
    if machine.kind.name != "zcu102":           # where the emulator answers everywhere
        wrong.append((CONSOLE, NOTHING, "no console at"))
    wrong += [(GICR, NOTHING, "no redistributor at"), (GICR, uart, "no redistributor at")] if v3 else [
        (GICC, NOTHING, "no CPU interface at"), (GICH, NOTHING, "no virtual interface control at"),
        (GICV, NOTHING, "no virtual CPU interface at"), (GICH, uart, "no virtual interface control at")]
    for at, value, reason in wrong:
        refused(machine, at, value, reason)
    forge(machine, CONSOLE_TYPE, LIKE_8250)
    machine.good("cellctl enable wrong.cell && cellctl disable")
    enable(machine)
    start(machine, "rt")
    machine.good("cellctl down")
