# SPDX-License-Identifier: GPL-2.0-only
"""Other kernels, cores, memory layouts and CPU counts than those of tests/system/test_machines.py."""

import re

import pytest

from machine import Machine

pytestmark = [pytest.mark.slow, pytest.mark.system]


def a_life(machine):
    """Enable, a cell that works, disable, with Linux whole afterwards."""
    online = machine.good("cat /sys/devices/system/cpu/online").split()[-1]
    assert "running" in machine.good("cellctl enable root.cell")
    machine.good("cellctl cell create rt.cell && cellctl cell load rt timer-latency.bin "
                 "-s 'count=500 every=250' -a 0x1000")
    machine.child.sendline("cellctl cell start rt")
    machine.await_text(r"timer-latency: 500 interrupts, ticks min \d+")
    machine.await_text("timer-latency: done")
    assert re.search(r"^1 +rt +shut down ", machine.good("cellctl cell list"), re.M)
    machine.good("cellctl cell destroy rt && cellctl disable")
    assert machine.good("cat /sys/devices/system/cpu/online").split()[-1] == online
    assert not re.findall(r".*(?:WARNING:|BUG:|Oops|stall).*", machine.good("dmesg -c"))


def test_kernel_of_the_next_release():
    """Debian 13's kernel, by a module built for it from the same sources."""
    with Machine("qemu-arm64-gicv3", kernel="arm64-6.12") as machine:
        assert re.search(r"^6\.12\.", machine.good("uname -r"), re.M)
        for _ in range(2):
            a_life(machine)
