# SPDX-License-Identifier: GPL-2.0-only
"""Devices of a real PCI host in a cell: what it can do with them, and what nobody can."""

import json
import re
import time

import pytest

import image
from devices import DeviceMachine, Facts

NIC, UART, OTHER = (f"/sys/bus/pci/devices/0000:00:0{slot}.0" for slot in (1, 2, 3))
# Linux gives the largest BARs addresses first, from 0x1000_0000 and from I/O port 0x1000 on
DEVICES = Facts("ttyS0", 37, UART, page=None, extra=(
    "-device", "e1000e,addr=1,romfile=", "-device", "pci-serial,chardev=uart,addr=2",
    "-device", "pci-testdev,addr=3"))
CELL = """
cell "dev" {
    cpu 3;
    passive;
    memory ram 1M guest 0 rwx loadable;
    console virtual;
    mmio bars at 0x1000_0000 size 256K;
    mmio ports at 0x3eff_1000 size 4K;
    irq spi 4, 5;       // INTA of slots 1 and 2
    pci device 00:01.0 bars 0xfffe_0000 0xfffe_0000 0xffff_ffe0 0xffff_c000 {
        capability 1 at 0xc8 len 8 writable;
        capability 5 at 0xd0 len 16 writable;
        capability 17 at 0xa0 len 12 writable;
    }
    pci device 00:02.0 bars 0xffff_fff8;
}

cell "peer" {
    cpu 2;
    memory ram 1M guest 0 rwx loadable;
    console virtual;
}

link net "lan" { root; cell "peer"; slot 16; VECTORS }
link shared "more" { root; cell "peer"; output 4K; slot 17; }
"""
LAN, MORE = (f"/sys/bus/pci/devices/0000:00:{slot}.0" for slot in (10, 11))


@pytest.fixture(params=["qemu-arm64-gicv3", "qemu-arm64-gicv2"], scope="module")
def machine(request):  # one for all: the tests build on each other
    """A machine with three devices on its PCI bus, Linux's driver on the UART."""
    # root of the GICv2 machine has a frame that takes messages
    vectors = "vectors 2;" if "gicv2" in request.param else ""
    plan = image.plan_of(request.param, "pci", CELL.replace("VECTORS", vectors))
    with DeviceMachine(request.param, plan=plan,
                       facts=DEVICES) as running:
        running.resources = resources(running)
        running.plan = json.loads((running.folder / "out/plan.json").read_text())
        running.good("cellctl enable root.cell")
        yield running


def config(machine, device):
    """All of a function's configuration space, as Linux reads it."""
    return machine.good(f"hexdump -C {device}/config")


def nothing(machine, device):
    """All ones are read there."""
    return re.match(r"00000000( +ff){16} .*\n\*\n0000\d+00\n$", config(machine, device))


def report(machine):
    """What the inmate said since its cell was started last, once it is done."""
    end = time.monotonic() + 120
    while True:
        said = machine.good("cellctl console").rpartition("started cell")[2]
        if re.search("^pci-device: done, .*\n", said, re.M):
            return said
        if time.monotonic() > end:
            machine.fail("the inmate does not come to an end")
        machine.good("sleep 1")


def resources(machine):
    """What Linux has of I/O memory and which functions it knows."""
    return machine.good("cat /proc/iomem; ls /sys/bus/pci/devices").strip()


def test_links_are_on_the_same_bus(machine):
    before = machine.resources
    machine.good("test -e /sys/module/cellvisor_net || insmod /lib/modules/cellvisor-net.ko")
    for device in (LAN, MORE):
        machine.shows(f"cat {device}/vendor", "0x110a")
    lan = machine.good(f"ls {LAN}/net").split()[0]
    machine.good(f"ip addr add 10.9.0.1/24 dev {lan} && ip link set {lan} up")
    window = machine.plan["platform"]["pci"]["window_start"]
    machine.good("cellctl cell create peer.cell")
    machine.load("peer", "net", f"link=128 pci-window={window}")
    machine.good("until ping -c 1 -W 5 10.9.0.2; do sleep 1; done", timeout=180)
    line = 32 + machine.plan["cells"][0]["vpci_irq_base"]["value"]
    assert machine.rows(line) > 0 or "gicv2" in machine.kind.name
    if "gicv2" in machine.kind.name:
        machine.shows("cat /proc/interrupts", r"MSI \d+ Edge +cellvisor-net-data.0000:00:10.0")
    machine.good("cellctl cell destroy peer && cellctl disable")
    assert resources(machine) == before
    machine.good("cellctl enable root.cell")


def test_linux_works_with_its_devices(machine):
    machine.linux_talks()
    assert "86 80 d3 10" in config(machine, NIC)


def test_a_cell_works_with_its_device(machine):
    other = config(machine, OTHER)
    machine.good("cellctl cell create dev.cell")
    assert not machine.has_driver(UART)
    assert nothing(machine, NIC) and nothing(machine, UART)
    machine.load("dev", "pci-device", "bdf=8 bar=0x10000000 irq=36 neighbour=0x18")
    said = report(machine)
    for line in ("id 0x10d38086, command 0x400", "sees 2 functions",
                 "BAR 0x10000000 of 0x20000, as written 0x20000000, address 0x12005452",
                 "0 words changed", "MSI off, MSI-X off", "slept in D3, is in D0",
                 "neighbour 0xffffffff", "0 interrupts while disabled", "8 interrupts, 0 others",
                 "done, command 0x6"):
        assert f"pci-device: {line}\n" in said
    assert config(machine, OTHER) == other      # nothing came of what the cell wrote there


def test_linux_reaches_nothing_of_it(machine):
    for device in (NIC, UART):      # the headers, their interrupts and bus mastering in them
        machine.good(f"dd if=/dev/zero of={device}/config bs=4 count=16 conv=notrunc 2>/dev/null")
        machine.good(f"tr '\\0' '\\377' </dev/zero | dd of={device}/config bs=4 count=2 conv=notrunc "
                     "2>/dev/null")
    machine.good("echo 1 >/sys/bus/pci/rescan")
    assert nothing(machine, NIC) and nothing(machine, UART)
    assert "36 1b 05 00" in config(machine, OTHER)


def test_its_next_run_finds_it_silent(machine):
    machine.good("cellctl cell start dev")
    said = report(machine)
    assert "id 0x10d38086, command 0x402\n" in said     # decodes; no master, no interrupt
    assert "8 interrupts, 0 others\n" in said


def test_linux_has_them_back(machine):
    machine.good("cellctl cell destroy dev")
    assert machine.has_driver(UART)
    machine.linux_talks()
    found = config(machine, NIC)
    assert "86 80 d3 10 00 00" in found         # no master, and its BARs where they were
    assert "00000010  00 00 00 10 00 00 02 10  01 11 00 00 00 00 04 10" in found
    assert re.search("01 [de]0 22 00 00 00 00 00", found)       # awake


def test_a_cell_has_the_uart_and_linux_again(machine):
    for _ in range(2):
        machine.good("cellctl cell create dev.cell && cellctl cell destroy dev")
        machine.linux_talks()
    machine.good("cellctl disable")
    machine.linux_talks()
