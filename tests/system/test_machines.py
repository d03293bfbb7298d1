# SPDX-License-Identifier: GPL-2.0-only
"""Cells on emulated machines under a stock kernel: taken, run, given back, again and again."""

import os
import re

ROUNDS = int(os.environ.get("SYSTEM_ROUNDS", "5"))
LOAD = "for i in 0 1 2 3; do (while :; do :; done) & done"
ONLINE = "0-1,3"     # CPU 2 is with the cell
POOL = "cat /sys/devices/jailhouse/mem_pool_used"
CREATE = "cellctl cell create plain.cell && cellctl cell load plain hello.bin && cellctl cell start plain"
CHANGED = r"""
cat /proc/interrupts | grep arch_timer >/tmp/before
sleep 3
cat /proc/interrupts | grep arch_timer >/tmp/after
cat /tmp/before /tmp/after
"""


def timers_go_on(machine, cpus):
    """Linux's timer interrupt comes on each of its CPUs, all of them busy."""
    rows = re.findall(r"^\s*\w+:((?:\s+\d+)+)\s.*arch_timer", machine.good(CHANGED), re.M)
    assert len(rows) == 2, rows
    before, after = ([int(n) for n in row.split()] for row in rows)
    assert len(before) == len(after) == cpus
    assert all(b - a > 20 for a, b in zip(before, after)), (before, after)


def test_a_cell_from_enable_to_disable_and_once_more(machine):
    for _ in range(2):
        assert "running" in machine.good("cellctl enable root.cell")
        machine.good("cellctl cell create plain.cell")
        assert machine.good("cat /sys/devices/system/cpu/online").strip().endswith(ONLINE)
        assert re.search(r"plain +shut down", machine.good("cellctl cell list"))
        machine.good("cellctl cell load plain hello.bin")
        output = machine.good("cellctl cell start plain; sleep 2")
        assert "hello from the cell" in output
        assert re.search(r"plain +running +\d", machine.good("cellctl cell list"))
        output, code = machine.run("cellctl disable")
        assert code == 1 and "busy" in output
        machine.good("cellctl cell destroy plain")
        assert machine.good("cat /sys/devices/system/cpu/online").strip().endswith("0-3")
        machine.good("cellctl disable")


def test_rounds_of_enable_and_disable_under_load(machine):
    machine.good(LOAD)
    for _ in range(ROUNDS):
        machine.good("cellctl enable root.cell && cellctl disable", timeout=180)
    machine.good("cellctl enable root.cell", timeout=180)
    timers_go_on(machine, 4)
    machine.good("cellctl disable", timeout=180)
    timers_go_on(machine, 4)


def test_rounds_of_create_and_destroy_under_load(machine):
    machine.good(LOAD)
    machine.good("cellctl enable root.cell", timeout=180)
    used = int(machine.good(POOL).split()[-1])
    for _ in range(ROUNDS):
        output = machine.good(f"{CREATE} && sleep 1 && cellctl cell destroy plain", timeout=180)
        assert "hello from the cell" in output
    assert int(machine.good(POOL).split()[-1]) == used
    timers_go_on(machine, 4)
    machine.good("cellctl disable", timeout=180)
