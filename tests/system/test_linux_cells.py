# SPDX-License-Identifier: GPL-2.0-only
"""Stock kernels in cells beside root, on one CPU and on two, and what they see of their machine."""

import re
import socket
import time

import pexpect
import pytest

import image
from machine import Machine

PLANS = {"qemu-arm64-gicv3": "linux-gicv3", "qemu-arm64-gicv2": "linux-gicv2",
         "zcu102": "linux-zcu102"}
BOOT = 120                       # seconds, on a slow emulator
PROMPT = "guest# "
# Kernel messages of level warning and above that no tree causes, those of a slow emulator included.
HARMLESS = re.compile(r"KASLR disabled|HYP mode not available|TPM-bypass|DMI not present|"
                      r"hrtimer: interrupt took|clocksource:|rcu|watchdog|workqueue:")


MARKED = 'echo begin"="; %s; echo end"="it'


def between(output):
    return output.split("begin=\n", 1)[1].split("end=it")[0]


class Console:
    """A Linux cell's console through cellctl."""

    def __init__(self, machine, name):
        self.machine, self.name = machine, name

    def await_text(self, text, timeout=BOOT):
        return self.machine.good(f"cellctl console {self.name} -u '{text}' -t {timeout}",
                                 timeout=timeout + 60)

    def run(self, command, timeout=120):
        """A command of the cell's shell: what it printed."""
        output = self.machine.good(
            f"cellctl console {self.name} -n -s '{MARKED % command}' -u 'end=it' -t {timeout}",
            timeout=timeout + 60)
        return between(output)


class Wire(Console):
    """The same over a UART of the board."""

    def __init__(self, machine, path):
        super().__init__(machine, "one")
        self.seen = ""
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(str(path))
        self.socket.settimeout(1)

    def await_text(self, text, timeout=BOOT):
        end = time.monotonic() + timeout
        while text not in self.seen:
            try:
                self.seen += self.socket.recv(4096).decode(errors="replace").replace("\r", "")
            except TimeoutError:
                if time.monotonic() > end:
                    self.machine.run("cellctl cell list; cellctl cell stats -n 1 one")
                    self.machine.fail(f"no '{text}' in {timeout} s, but: {self.seen[-3000:]}")
        seen, self.seen = self.seen.split(text, 1)
        return seen + text

    def run(self, command, timeout=120):
        self.socket.sendall((MARKED % command + "\n").encode())
        return between(self.await_text("end=it", timeout))


@pytest.fixture(params=list(PLANS))
def machine(request, tmp_path):
    """A machine under the hypervisor, with the images that its Linux cells boot."""
    wire = tmp_path / "uart1"
    extra = ("-serial", f"unix:{wire},server,nowait") if request.param == "zcu102" else ()
    net = image.BUILD / "driver/arm64/cellvisor-net.ko"
    with Machine(request.param, plan=image.HERE / f"{PLANS[request.param]}.plan", extra=extra,
                 files={"guest/lib/cellvisor-net.ko": (net, 0o644)}) as started:
        # before the cell starts: nobody keeps what it prints for one who comes later
        started.wire = Wire(started, wire) if extra else None
        yield started


def pool_used(machine):
    return int(re.search(r"used (\d+)", machine.good(
        "echo used $(cat /sys/devices/jailhouse/mem_pool_used)"))[1])


def states(machine):
    rows = re.findall(r"^\d+ +(\w+) +(.+?)  ", machine.good("cellctl cell list"), re.M)
    return dict(rows)


def warnings(console):
    log = console.run("dmesg -r")
    return [line for line in re.findall(r"^<[0-4]>.*$", log, re.M) if not HARMLESS.search(line)]


def test_two_linuxes_beside_root(machine):
    """All that up does; then each by itself."""
    machine.good("cellctl enable root.cell")
    used = pool_used(machine)
    machine.good("cellctl disable")
    machine.good("cellctl up /cells", timeout=BOOT)
    one = machine.wire or Console(machine, "one")
    two = Console(machine, "two")
    assert "guest: 1 CPU(s), cell one on" in one.await_text(PROMPT)
    assert "guest: 2 CPU(s), cell two on" in two.await_text(PROMPT)
    assert states(machine) == {"root": "running", "one": "running", "two": "running"}

    for console in (one, two):
        assert warnings(console) == []
        assert console.run("cat /proc/cmdline").strip() == "panic=1"
    assert re.search(r"Brought up 1 node, 2 CPUs", two.run("dmesg"))

    # CPUs go and come; interrupts and time go on on both
    output = two.run("cd /sys/devices/system/cpu; echo 0 >cpu1/online; cat online; "
                     "echo 1 >cpu1/online; cat online; sleep 1; cat /proc/interrupts")
    assert re.search(r"^0$.*^0-1$", output, re.M | re.S), output
    counts = re.search(r"^ *\d+: +(\d+) +(\d+) .*arch_timer", output, re.M)
    assert counts and int(counts[1]) > 10 and int(counts[2]) > 10

    # they talk to each other, past root
    for number, console in enumerate((one, two), 1):
        console.run(f"insmod /lib/cellvisor-net.ko; ip addr add 10.0.0.{number}/24 dev eth0; "
                    "ip link set eth0 up")
    for console, peer in ((one, 2), (two, 1)):
        console.run(f"until ping -c 1 -W 1 10.0.0.{peer}; do sleep 1; done")
        assert " 0% packet loss" in console.run(f"ping -w 60 -c 3 10.0.0.{peer}")

    # a cell ends itself, boots anew, and ends by a panic; the other one does not notice
    machine.good("cellctl console two -n -s 'poweroff -f' -u 'Power down' -t 60", timeout=120)
    await_state(machine, "two", "shut down")
    machine.good("cellctl cell linux two.cell Image -i guest.cpio -c 'panic=1 quiet again'",
                 timeout=BOOT)
    two.await_text("quiet again")
    assert states(machine)["two"] == "running"
    machine.good("cellctl console two -n -s 'echo c >/proc/sysrq-trigger' -u 'Rebooting in 1' "
                 "-t 60", timeout=120)
    await_state(machine, "two", "shut down")
    assert 'cell "two" asked for a reset' in machine.good("cellctl console")
    assert "still here" in one.run("echo still here")
    machine.good("cellctl cell destroy one && cellctl cell destroy two")
    assert pool_used(machine) == used
    machine.good("cellctl disable")


def await_state(machine, cell, state):
    end = time.monotonic() + 60
    while states(machine)[cell] != state:
        assert time.monotonic() < end, (cell, states(machine))


@pytest.mark.slow
@pytest.mark.system
def test_a_terminal_on_a_cell():
    """Key by key: control characters are the cell's, Ctrl-] is not."""
    kind, folder = image.prepare("qemu-arm64-gicv3", image.HERE / "linux-gicv3.plan")
    command = image.command(kind, folder, "-chardev", "stdio,id=tty,signal=off", "-serial",
                            "chardev:tty")
    child = pexpect.spawn(command[0], command[1:], timeout=60, encoding="utf-8",
                          codec_errors="replace")
    try:
        child.expect("cells # ")
        child.sendline("cellctl enable root.cell && cellctl cell linux one.cell Image "
                       "-i guest.cpio -c quiet && cellctl console one")
        child.expect(r"\d % loaded")
        child.expect("Ctrl-] leaves")
        child.expect(PROMPT)
        child.send("expr 20 + 3\r")
        child.expect(r"\b23\r")
        child.send("sleep 10000\r")
        time.sleep(3)
        child.send("\x03")
        child.expect(PROMPT)
        child.send("expr 40 + 5\r")
        child.expect(r"\b45\r")
        child.send("\x1d")
        child.expect("cells # ")
        child.sendline("expr 60 + 7; cellctl cell list")
        child.expect(r"\b67\r[^#]*one +running")

        # one that prints without end, one that reads nothing: the key that leaves is heard
        child.sendline("stty -a >/tmp/before; cellctl console one")
        child.expect("Ctrl-] leaves")
        child.send("while :; do echo flood; done\r")
        child.expect(r"\nflood\r+\nflood\r")
        child.send("\x1d")
        child.expect("cells # ")
        child.sendline("cellctl cell shutdown one; cellctl console one >/dev/null")
        child.expect("Ctrl-] leaves")
        for _ in range(20):
            child.send("nobody reads this; " * 5)
        child.expect("\a")
        child.send("\x1d")
        child.expect("cells # ")
        # a signal leaves the terminal as it was
        child.sendline("(until stty -a </dev/ttyAMA0 | grep -q -- -icanon; do sleep 1; done; "
                       "kill $(pidof cellctl)) & cellctl console one >/dev/null")
        child.expect("Ctrl-] leaves")
        child.expect("Terminated")
        child.expect("cells # ")
        child.sendline("stty -a | cmp - /tmp/before && expr 80 + 9")
        child.expect(r"\b89\r")
    finally:
        child.close(force=True)
