# SPDX-License-Identifier: GPL-2.0-only
"""Linux ends, by itself or by a panic, while the hypervisor is enabled and cells run."""

import re

import pytest

import image
from machine import Machine

pytestmark = [pytest.mark.slow, pytest.mark.system]
CELLS = ("cellctl enable root.cell && cellctl cell create rt.cell && "
         "cellctl cell load rt timer-latency.bin -s 'every=2000' -a 0x1000 && cellctl cell start rt && "
         "cellctl cell create plain.cell && cellctl cell load plain hello.bin && "
         "cellctl cell start plain && cellctl cell list")
BACK = ("-action", "reboot=reset")      # the emulator's default here is to end
BASE = 0x50000000                       # where the next kernel goes: RAM that no cell has
INITRD_AT = 0x6000000                   # from there, as in kexec.c


def with_cells(machine):
    """Two cells run."""
    output = machine.good(CELLS, timeout=180)
    assert "hello from the cell" in output
    assert re.search(r"^1 +rt +running .*\n2 +plain +running ", output, re.M), output


@pytest.mark.parametrize("name", list(image.MACHINES))
def test_reboot_and_power_off(name):
    with Machine(name, extra=BACK) as machine:
        with_cells(machine)
        machine.send("reboot -f")
        machine.await_text("cellvisor: leaving")
        machine.await_text("@@ ready @@", 240)
        with_cells(machine)
        machine.send("poweroff -f")
        assert "leaving" in machine.await_end(120)


@pytest.fixture(scope="module")
def next_kernel(tmp_path_factory):
    """What a machine needs to start the same kernel again, and how."""
    folder = tmp_path_factory.mktemp("kexec")
    kind, prepared = image.prepare("qemu-arm64-gicv3")
    initrd = (prepared / "initrd.cpio").read_bytes()
    (folder / "initrd").write_bytes(initrd)
    tree = folder / "tree"
    tree.write_bytes((prepared / "machine.dtb").read_bytes())
    start = BASE + INITRD_AT
    for name, value in (("start", start), ("end", start + len(initrd))):
        image.run("fdtput", "-t", "x", tree, "/chosen", f"linux,initrd-{name}",
                  f"{value >> 32:x}", f"{value & 0xffffffff:x}")
    image.run("fdtput", "-t", "s", tree, "/chosen", "bootargs",
              f"console={kind.console} kvm-arm.mode=none panic=-1 quiet cv.test")
    files = {"bin/kexec": (image.program("kexec"), 0o755), "boot/Image": (prepared / "Image", 0o644),
             "boot/initrd": (folder / "initrd", 0o644), "boot/tree": (tree, 0o644)}
    return files, f"{BASE:#x} /boot/Image /boot/initrd /boot/tree"


def test_kexec(next_kernel):
    """The next kernel finds the machine as the first one did."""
    files, arguments = next_kernel
    with Machine("qemu-arm64-gicv3", files=files) as machine:
        with_cells(machine)
        machine.send(f"kexec {arguments}")
        machine.await_text("cellvisor: leaving")
        machine.await_text("@@ ready @@", 240)
        assert "started at EL2" in machine.good("dmesg")
        with_cells(machine)
        machine.good("cellctl down")
        assert re.search(r"^0-3$", machine.good("cat /sys/devices/system/cpu/online"), re.M)


def test_kernel_that_a_panic_starts(next_kernel):
    """It runs below the hypervisor, on root's CPUs, and the cells do not notice."""
    files, arguments = next_kernel
    with Machine("qemu-arm64-gicv3", files=files, parameters=f"crashkernel=192M@{BASE:#x}",
                 extra=BACK) as machine:
        with_cells(machine)
        machine.good(f"kexec -p {arguments}")
        machine.send("echo c >/proc/sysrq-trigger")
        machine.await_text("@@ ready @@", 240)
        assert re.search(r"^0-1$", machine.good("cat /sys/devices/system/cpu/online"), re.M)
        assert "started at EL1" in machine.good("dmesg")
        machine.await_text(r"timer-latency: \d+ interrupts", 120)
        output, code = machine.run("cellctl enable root.cell; cellctl cell list")
        assert "Internal error" not in output and "taking over" not in output
        assert "a hypervisor runs already" in machine.good("dmesg")
        machine.await_text(r"timer-latency: \d+ interrupts", 120)
        machine.send("echo c >/proc/sysrq-trigger")   # a reset, which ends the cells
        machine.await_text("Kernel panic")
        machine.await_text("@@ ready @@", 240)
        with_cells(machine)
