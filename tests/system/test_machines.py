# SPDX-License-Identifier: GPL-2.0-only
"""Cells on emulated machines under a stock kernel: taken, run, given back, again and again."""

import re

ONLINE = "0-1,3"     # CPU 2 is with the cell


def test_a_cell_from_enable_to_disable_and_once_more(machine):
    for _ in range(2):
        assert "running" in machine.good("cellctl enable root.cell")
        machine.good("cellctl cell create plain.cell")
        assert machine.good("cat /sys/devices/system/cpu/online").strip().endswith(ONLINE)
        machine.shows("cellctl cell list", r"plain +shut down")
        machine.good("cellctl cell load plain hello.bin")
        output = machine.good("cellctl cell start plain; sleep 2")
        assert "hello from the cell" in output
        machine.shows("cellctl cell list", r"plain +running +\d")
        output, code = machine.run("cellctl disable")
        assert code == 1 and "busy" in output
        machine.good("cellctl cell destroy plain")
        assert machine.good("cat /sys/devices/system/cpu/online").strip().endswith("0-3")
        machine.good("cellctl disable")
