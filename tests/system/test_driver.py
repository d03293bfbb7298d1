# SPDX-License-Identifier: GPL-2.0-only
"""The driver on a running machine: what it refuses, with which error, and that no trace is left."""

import errno
import re

import pytest

import image
from machine import Machine

IDS = {
    "start-unknown": "ENOENT", "start-root": "EINVAL", "start-negative": "EINVAL",
    "start-name": "ENOENT", "start-endless-name": "EINVAL", "destroy-unknown": "ENOENT",
    "destroy-root": "EINVAL", "start-no-address": "EFAULT", "destroy-no-address": "EFAULT",
    "unknown-request": "ENOTTY", "console-unknown": "ENOENT", "console-root": "EINVAL",
    "console-no-address": "EFAULT",
}
# before enable, no cell is known
DISABLED = {name: "EINVAL" if error == "ENOENT" else error for name, error in IDS.items()} | {
    "enable-no-address": "EFAULT", "enable-short": "EINVAL", "enable-signature": "EINVAL",
    "enable-architecture": "EINVAL", "enable-revision": "EINVAL", "enable-endless-name": "EINVAL",
    "enable-no-cpu-set": "EINVAL", "enable-endless-regions": "E2BIG",
    "enable-endless-streams": "E2BIG", "enable-one-region-more": "EFAULT",
    "enable-memory-of-linux": "EBUSY", "enable-odd-memory": "EINVAL",
    "enable-memory-wraps": "EINVAL", "enable-no-memory": "EINVAL", "enable-small-memory": "ENOMEM",
    "disable": "EINVAL", "create": "EINVAL", "start": "EINVAL", "destroy": "EINVAL",
}
ENABLED = IDS | {
    "enable-twice": "EBUSY", "create-no-address": "EFAULT", "create-empty": "EINVAL",
    "create-short": "EINVAL", "create-huge": "E2BIG", "create-behind-the-end": "EFAULT",
    "create-signature": "EINVAL", "create-architecture": "EINVAL", "create-revision": "EINVAL",
    "create-endless-name": "EINVAL", "create-empty-name": "EINVAL", "create-name-of-root": "EEXIST",
    "create-odd-cpu-set": "EINVAL", "create-no-cpu": "EINVAL", "create-absent-cpu": "EBUSY",
    "create-endless-cpu-set": "EINVAL", "create-endless-regions": "EINVAL",
    "create-endless-chips": "EINVAL", "create-endless-streams": "EINVAL",
    "create-one-region-more": "EINVAL", "create-memory-of-linux": "EBUSY",
    "create-memory-wraps": "EINVAL", "create-memory-of-hypervisor": "EINVAL",
}
CELL = IDS | {
    "create-twice": "EEXIST", "disable-with-cells": "EBUSY", "load-unknown": "ENOENT",
    "load-root": "EINVAL", "load-endless-list": "E2BIG", "load-list-behind-the-end": "EFAULT",
    "load-nothing": "EINVAL", "load-huge": "EINVAL", "load-wraps": "EINVAL",
    "load-outside": "EINVAL", "load-over-the-end": "EINVAL", "load-no-source": "EFAULT",
    "load-kernel-source": "EFAULT", "write-unbound": "EINVAL", "read-nowhere": "EFAULT",
    "bind": "granted", "bind-twice": "EBUSY", "read-nothing": "EAGAIN", "write-nowhere": "EFAULT",
    "write-no-reader": "ENOTSUP",
}
STATE = ("cat /sys/devices/jailhouse/enabled /sys/devices/jailhouse/mem_pool_used "
         "/sys/devices/system/cpu/online; cellctl cell list")


@pytest.fixture(scope="module")
def machine():  # one for all: the tests build on each other
    """QEMU's machine with the program that asks for too much on it."""
    program = image.program("requests")
    with Machine("qemu-arm64-gicv3", files={"bin/requests": (program, 0o755)},
                 parameters="suspend.pm_test_delay=1") as running:
        yield running


def refusals(machine, state):
    """Name -> error of all requests in that state; the state is the same before and after."""
    before = machine.good(STATE)
    output = machine.good(f"requests {state} root.cell plain.cell >/tmp/out; dmesg -c >/tmp/log; "
                          "cat /tmp/out", timeout=240)
    after = machine.good(STATE)
    assert lines_of(before) == lines_of(after)
    return {name: errno.errorcode.get(int(number), "granted")
            for name, number in re.findall(r"^= (\S+) (\d+)$", output, re.M)}


def lines_of(text):
    """What the commands of STATE printed, without what else came on the console."""
    return re.findall(r"^(?:\d[\d,-]*|\d+ .*)$", text, re.M)


def test_before_enable(machine):
    assert refusals(machine, "disabled") == DISABLED
    log = machine.good("cat /tmp/log")
    assert "is in use by Linux: keep Linux off it" in log
    assert "WARNING" not in log and "BUG" not in log


def test_enabled(machine):
    machine.good("cellctl enable root.cell")
    assert refusals(machine, "enabled") == ENABLED
    log = machine.good("cat /tmp/log")
    assert "memory of the cell at 0x42000000 is in use by Linux" in log
    assert "WARNING" not in log and "BUG" not in log
    assert machine.run("rmmod cellvisor")[1] != 0
    for state in ("freeze", "mem", "disk"):
        assert machine.run(f"dmesg -c >/tmp/log; echo {state} >/sys/power/state")[1] != 0
        assert "no suspend while the hypervisor is enabled" in machine.good("dmesg")


def test_with_a_cell(machine):
    # stopped for loading: a load that finds its source missing only then changes no more
    machine.good("cellctl cell create plain.cell && cellctl cell shutdown plain")
    assert refusals(machine, "cell") == CELL
    log = machine.good("cat /tmp/log")
    assert "WARNING" not in log and "BUG" not in log
    # a CPU that the cell has does not come online
    output, _ = machine.run("for c in 0 1 2 3; do echo 1 >/sys/devices/system/cpu/cpu$c/online; "
                            "done; cat /sys/devices/system/cpu/online")
    assert re.search(r"^0(-2|-1,3|,2-3)$", output, re.M)


def test_the_cell_still_works(machine):
    machine.good("cellctl cell load plain hello.bin && cellctl cell start plain")
    machine.shows("cellctl cell list", r"^1 +plain +running ")
    assert int(machine.good("cat /sys/devices/jailhouse/cells/1/statistics/vmexits_total")
               .strip().splitlines()[-1]) > 0
    machine.good("cellctl down")
    assert re.search(r"^0-3$", machine.good("cat /sys/devices/system/cpu/online"), re.M)
    # not while somebody has it open
    assert machine.run("exec 3<>/dev/jailhouse; rmmod cellvisor")[1] != 0
    machine.good("exec 3>&-; rmmod cellvisor && insmod /lib/modules/cellvisor.ko")
    # Linux sleeps as ever, wakes by itself, and hands the machine over again
    machine.good("echo devices >/sys/power/pm_test; echo mem >/sys/power/state", 180)
    machine.good("cellctl enable root.cell && cellctl disable", 180)
