# SPDX-License-Identifier: GPL-2.0-only
"""Stock kernels talk: root with a Linux cell, and two Linux cells over a link that root has no part in.

Traffic goes over TCP with bytes that depend on their place (traffic.c), and by ping. All links have
vectors, so that each interrupt is a message; test_linux_cells.py and test_links.py have links with lines.
"""

import os
import re
import time

import pytest

import image
from machine import Machine
from test_linux_cells import BOOT, PROMPT, Console
from test_links import await_carrier, programs, statistics

ROUNDS = (int(os.environ.get("SYSTEM_ROUNDS", "5")) + 4) // 5
CELLS = """
cell "one" {
    cpus 1;
    memory ram 160M rwx dma loadable;
    console virtual;
    boot linux { kernel "Image"; initrd "guest.cpio"; cmdline "panic=1"; }
}

cell "two" {
    cpus 1;
    memory ram 160M rwx dma loadable;
    console virtual;
    boot linux { kernel "Image"; initrd "guest.cpio"; cmdline "panic=1"; }
}

link net "lan" { root; cell "one"; slot 0; vectors 2; }
link net "far" { cell "one"; cell "two"; slot 1; vectors 2; }
link shared "board" { root; cell "one"; cell "two"; output 4K; slot 2; vectors 3; }
"""
LAN, BOARD = "0001:00:00.0", "0001:00:02.0"
BYTES = 8000000
# not the shell's own child: busybox's takes the end of one for the end of its input
BACKGROUND = "(sh -c \"%s\" >/dev/null 2>&1 &)"
COMPLAINTS = r"WARNING|BUG|Oops|lockup|stall|Call trace|nobody cared|Spurious"


def plan(name):
    path = image.plan_of(name, "lan", CELLS)
    path.write_text(path.read_text().replace("pool cells size 32M", "pool cells size 352M"))
    return path


def files(kernel="arm64"):
    """Modules and programs, for root and for the Linux cells."""
    common = programs() | {"bin/lan": (image.HERE / "guest-lan", 0o755)}
    modules = {f"lib/modules/{path.name}": (path, 0o644)
               for path in (image.BUILD / "driver" / kernel).glob("*.ko")}
    modules["lib/modules/uio.ko"] = (image.KERNELS / kernel / "uio.ko", 0o644)
    return common | {f"guest/{name}": file for name, file in (common | modules).items()}


def lines_that_root_has_not(machine):
    """A root whose vpci_irq_base (docs/abi.md: at 356 + 80 of the file) is 980: no vector has a line."""
    machine.good("cp root.cell /tmp/other.cell && printf '\\324\\003' >/tmp/base && "
                 "dd if=/tmp/base of=/tmp/other.cell bs=1 seek=436 conv=notrunc", timeout=BOOT)
    machine.good("cellctl enable /tmp/other.cell", timeout=BOOT)
    machine.shows("dmesg", "SPI 984 is not root's: devices with vectors get no interrupts")
    assert not machine.good("ls /sys/class/net").count("eth")
    machine.good("cellctl disable", timeout=BOOT)


@pytest.fixture(params=list(image.MACHINES))
def machine(request):
    with Machine(request.param, plan=plan(request.param), files=files()) as running:
        yield running


def begin(machine):
    """All cells up, with modules: consoles of the two Linux cells, name of root's interface."""
    machine.good("lan && cellctl up /cells", timeout=BOOT)
    one, two = Console(machine, "one"), Console(machine, "two")
    for console in (one, two):
        console.await_text(PROMPT)
        console.run("lan")
    name = up(machine.good, LAN, "10.9.0.1")
    up(one.run, "0000:00:00.0", "10.9.0.2")
    up(one.run, "0000:00:01.0", "10.9.1.1")
    up(two.run, "0000:00:01.0", "10.9.1.2")
    await_carrier(machine, name, 1)
    return one, two, name


def up(run, device, address):
    return re.search(r"interface (\w+)", run(f"lan up {device} {address}"))[1]


def transfers(run, address):
    """Some frames of each kind from where `run` runs commands to the address. The kernels look at the
    carriers in their own time."""
    run(f"until ping -c 1 -W 1 {address}; do sleep 1; done")
    assert "5 packets received" in run(f"ping -c 5 -i 0.2 -W 5 -s 16000 {address}", timeout=120)
    assert f"sent {BYTES} in " in run(f"traffic send {address} 5001 {BYTES}", timeout=300)
    assert "20 rounds in " in run(f"traffic rounds {address} 5001 20", timeout=120)


def calm(run):
    """Nothing in the kernel's log that should not be there."""
    log = run("dmesg")
    assert "Linux version" in log and not re.search(COMPLAINTS, log), log


def test_linux_talks_to_linux(machine):
    one, two, name = begin(machine)
    transfers(machine.good, "10.9.0.2")
    transfers(one.run, "10.9.0.1")
    transfers(one.run, "10.9.1.2")      # root sees nothing of this
    transfers(two.run, "10.9.1.1")
    figures = statistics(machine, name)
    assert figures["tx_bytes"] > BYTES < figures["rx_bytes"]
    assert figures["rx_errors"] == figures["tx_errors"] == figures["tx_dropped"] == 0

    # three programs in user space count with each other
    uio = machine.good(f"ls /sys/bus/pci/devices/{BOARD}/uio").split()[-1]
    for console in (one, two):
        console.run(BACKGROUND % "cellvisor-link uio0 talk 100")
    assert "have counted to 100" in machine.good(f"cellvisor-link {uio} talk 100", timeout=120)
    interrupts_were_messages(machine, one, two)
    each_vector_reaches_user_space(machine, one, uio)

    the_cell_is_destroyed_in_the_middle(machine, name)
    root_writes_rubbish(machine, one, name)
    for run in (machine.good, one.run, two.run):
        calm(run)
    machine.good("cellctl down", timeout=BOOT)
    lines_that_root_has_not(machine)


def vectors(run, driver, device):
    """How often each message of a device came, of `run`'s machine: vector 0, 1, ..."""
    table = run(f"grep {driver} /proc/interrupts")
    rows = [row for row in table.splitlines() if driver in row and device in row]
    counts = [re.match(r" *\d+:((?: +\d+)+) +\S*MSI\S* ", row) for row in rows]
    assert rows and all(counts), table
    return [sum(int(n) for n in count[1].split()) for count in counts]


def interrupts_were_messages(machine, one, two):
    """State and data of the interfaces; what a program in user space is told is vector 0."""
    for run, device in ((machine.good, LAN), (one.run, "0000:00:00.0"), (one.run, "0000:00:01.0"),
                        (two.run, "0000:00:01.0")):
        state, data = vectors(run, "cellvisor-net", device)
        assert state > 0 and data > 10, (device, state, data)
    for run, device in ((machine.good, BOARD), (one.run, "0000:00:02.0"), (two.run, "0000:00:02.0")):
        first, *rest = vectors(run, "uio-cellvisor", device)
        assert first > 0 and rest == [0, 0], (device, first, rest)


def await_file(run, path, text):
    end = time.monotonic() + 120
    while text not in run(f"cat {path}"):
        assert time.monotonic() < end, (path, text)


def each_vector_reaches_user_space(machine, one, uio):
    """A program waits, on each side; the other side rings until it was heard."""
    ends = ((machine.good, uio, BOARD, 0), (one.run, "uio0", "0000:00:02.0", 1))
    for (run, name, device, peer), (call, caller, _, other) in (ends, ends[::-1]):
        run(BACKGROUND % f"cellvisor-link {name} receive {other} >/tmp/heard")
        for vector in (1, 2):
            end = time.monotonic() + 120
            while not vectors(run, "uio-cellvisor", device)[vector]:
                assert time.monotonic() < end, (device, vector)
                call(f"cellvisor-link {caller} ring {peer} {vector}")
        call(f"cellvisor-link {caller} send {peer} good-morning")
        await_file(run, "/tmp/heard", "good-morning")


def the_cell_is_destroyed_in_the_middle(machine, name):
    one = Console(machine, "one")
    for _ in range(ROUNDS):
        machine.good("traffic send 10.9.0.2 5001 1000000000 >/dev/null 2>&1 & sleep 2; "
                     "cellctl cell destroy one; code=$?; killall traffic; (exit $code)", timeout=BOOT)
        machine.good("traffic serve 5001 & true")
        await_carrier(machine, name, 0)
        machine.good("cellctl cell linux one.cell Image -i guest.cpio -c panic=1", timeout=BOOT)
        one.await_text(PROMPT)
        one.run("lan")
        up(one.run, "0000:00:00.0", "10.9.0.2")
        await_carrier(machine, name, 1)
        transfers(machine.good, "10.9.0.2")


def root_writes_rubbish(machine, one, name):
    """Over its whole section, while the cell sends. Then all is as before."""
    driver = "/sys/bus/pci/devices/0001:00:00.0/driver_override"
    drivers = "/sys/bus/pci/drivers"
    seconds = 2 * ROUNDS
    machine.good(f"echo {LAN} >{drivers}/cellvisor_net/unbind; echo uio_cellvisor >{driver}; "
                 f"echo {LAN} >{drivers}/uio_cellvisor/bind")
    uio = machine.good(f"ls /sys/bus/pci/devices/{LAN}/uio").split()[-1]
    one.run(BACKGROUND % f"traffic flood 10.9.0.1 9 {seconds} 3000")
    machine.good(f"cellvisor-link {uio} scribble {seconds}", timeout=120 + 10 * seconds)
    output = one.run("cat /sys/bus/pci/devices/0000:00:00.0/net/*/statistics/rx_errors")
    assert int(output.split()[-1]) > 0
    machine.good(f"echo {LAN} >{drivers}/uio_cellvisor/unbind; echo >{driver}; "
                 f"echo {LAN} >{drivers}/cellvisor_net/bind")
    name = up(machine.good, LAN, "10.9.0.1")
    await_carrier(machine, name, 1)
    transfers(machine.good, "10.9.0.2")
