# SPDX-License-Identifier: GPL-2.0-only
"""Machines with devices to hand over, and the far end of the UART among them.

The UART is the second one of the ZCU102; QEMU's "virt" has one that Linux may lose only on its PCI bus.
"""

import os
import re
import socket
import struct
import tempfile
import time

import image
from machine import Machine


class Facts:
    """What differs: the UART's device file, INTID and device; registers of cell "left", cell "right"
    and root in one page; a device of which each of them has a part; a PCI function."""

    def __init__(self, tty, intid, device, page, extra, shared=None, pci=None):
        self.tty, self.intid, self.device = tty, intid, device
        self.page, self.extra = page, extra
        self.shared, self.pci = shared, pci


VIRT = Facts("ttyS0", 36, "/sys/bus/pci/devices/0000:00:01.0",
             # the status registers of virtio transports, with three kinds of devices
             page=(0xa000070, 0xa000270, 0xa000470),
             extra=("-device", "pci-serial,chardev=uart,addr=1",
                    "-device", "pci-serial,addr=2",
                    "-device", "virtio-rng-device,bus=virtio-mmio-bus.0",
                    "-device", "virtio-serial-device,bus=virtio-mmio-bus.1",
                    "-device", "virtio-balloon-device,bus=virtio-mmio-bus.2"),
             shared="/sys/bus/amba/devices/9030000.pl061",
             pci="/sys/bus/pci/devices/0000:00:02.0")
FACTS = {
    "qemu-arm64-gicv3": VIRT,
    "qemu-arm64-gicv2": VIRT,
    "zcu102": Facts("ttyPS1", 54, "/sys/bus/platform/devices/ff010000.serial",
                    # the interval registers of a triple timer counter
                    page=(0xff110024, 0xff110028, 0xff11002c), extra=("-serial", "chardev:uart")),
}


class Uart:
    """The far end of a UART: a socket of the emulator."""

    def __init__(self, path, machine):
        self.machine, self.text = machine, ""
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.socket.settimeout(1)

    def send(self, text):
        """A line at a time: receivers have small queues."""
        for line in text.splitlines(keepends=True):
            self.socket.sendall(line.encode())

    def await_text(self, pattern, timeout=60):
        """The match of the pattern in what comes; what stands before its end is used up."""
        end = time.monotonic() + timeout
        while not (found := re.search(pattern, self.text)):
            if time.monotonic() > end:
                self.machine.fail(f"no '{pattern}' from the UART, but {self.text!r}")
            try:
                self.text += self.socket.recv(4096).decode(errors="replace").replace("\r", "")
            except TimeoutError:
                pass
        self.text = self.text[found.end():]
        return found


class DeviceMachine(Machine):
    """A machine with the plan devices-NAME.plan, or another; facts and uart tell of its devices."""

    def __init__(self, name, plan=None, facts=None, **more):
        self.facts = facts or FACTS[name]
        # sockets have short names
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "uart")
            chardev = ("-chardev", f"socket,id=uart,path={path},server=on,wait=off")
            super().__init__(name, plan=plan or image.HERE / f"devices-{name}.plan",
                             extra=(*chardev, *self.facts.extra), **more)
            self.uart = Uart(path, self)
        self.marked = 0

    @property
    def hypervisor_memory(self):
        """Where it starts, by the system descriptor."""
        return struct.unpack_from("<Q", (self.folder / "out/root.cell").read_bytes(), 12)[0]

    def mark(self):
        """since_mark() looks at what comes from now on."""
        self.marked = len(self.console)

    def since_mark(self, pattern, timeout=60):
        """What the console showed since mark(), once it holds a match of the pattern."""
        self.await_since(self.marked, pattern, timeout)
        return self.console[self.marked:]

    def put(self, name, data):
        """Write a small file on the machine."""
        self.good(f">{name}")
        for at in range(0, len(data), 256):
            text = "".join(f"\\{byte:03o}" for byte in data[at:at + 256])
            self.good(f"printf '{text}' >>{name}")

    def rows(self, intid):
        """Linux's counts of an interrupt line, all CPUs together; 0 if nobody ever had it."""
        text = self.good("cat /proc/interrupts")
        found = re.search(rf"^\s*\w+:((?:\s+\d+)+)\s+GICv\d\s+{intid}\s", text, re.M)
        return sum(int(n) for n in found[1].split()) if found else 0

    def linux_talks(self):
        """Linux writes and reads on the UART, by interrupts that it counts while the UART is open."""
        tty = f"/dev/{self.facts.tty}"
        self.good(f"stty -F {tty} raw -echo; exec 9<>{tty}; echo from linux >&9")
        self.uart.await_text("from linux\n")
        before = self.rows(self.facts.intid)
        self.good("rm -f /tmp/heard; (head -n 1 <&9 >/tmp/line; mv /tmp/line /tmp/heard) & sleep 1")
        self.uart.send("to linux\n")
        self.good("until test -e /tmp/heard; do sleep 1; done")
        assert self.good("cat /tmp/heard").endswith("to linux\n")
        assert self.rows(self.facts.intid) > before
        self.good("exec 9<&-")

    def has_driver(self, device):
        return self.run(f"test -e {device}/driver")[1] == 0

    def load(self, cell, inmate, arguments=""):
        """Load and start an inmate."""
        self.good(f"cellctl cell load {cell} {inmate}.bin"
                  + (f' -s "{arguments}" -a 0x1000' if arguments else "")
                  + f" && cellctl cell start {cell}")
