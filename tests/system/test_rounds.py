# SPDX-License-Identifier: GPL-2.0-only
"""Again and again, with every CPU of Linux busy: no tick and no token of Linux gets lost, nor any of a
million timer interrupts in a cell meanwhile, and the hypervisor's memory is what it was. SYSTEM_ROUNDS
says how often."""

import os
import re

import pytest

import image
from machine import Machine

ROUNDS = int(os.environ.get("SYSTEM_ROUNDS", "50"))
INTERRUPTS = 20_000 * ROUNDS
LOAD = "for i in 0 1 2 3; do (while :; do :; done) & done"
POOL = "cat /sys/devices/jailhouse/mem_pool_used"
CELLS = "".join(f"""
cell "{name}" {{
    cpus 1;
    passive;
    memory ram 1M guest 0 rwx loadable;
    console virtual;
}}
""" for name in ("timer", "plain"))
# their compare values are mostly in the past: as fast as the machine can
COUNT = f"""cellctl cell create timer.cell &&
cellctl cell load timer timer-count.bin -s "count={INTERRUPTS} period=100" -a 0x1000 &&
cellctl cell start timer"""
TICKS = "ticks 10 >/tmp/ticks & echo $! >/tmp/ticks.pid"
LAST_TICKS = ("kill $(cat /tmp/ticks.pid); until grep -q end /tmp/ticks; do sleep 1; done; "
              "cat /tmp/ticks")
# what a kernel says that misses interrupts, or sees some that nobody wanted
BAD_NEWS = re.compile(r"nobody cared|lockup|stall|hung task|WARNING|BUG|Oops|unexpected IRQ", re.I)


@pytest.fixture(params=list(image.MACHINES), scope="module")
def machine(request):  # one for all
    """A machine whose CPUs are all busy, not under the hypervisor."""
    files = {"bin/ticks": (image.program("ticks"), 0o755), "bin/rounds": (image.HERE / "rounds", 0o755)}
    plan = image.plan_of(request.param, "rounds", CELLS)
    with Machine(request.param, plan=plan, files=files) as running:
        running.good(LOAD)
        yield running


def timers_go_on(machine, cpus):
    """Linux's timer interrupt comes on each of its CPUs."""
    before = machine.interrupts()
    for _ in range(30):
        machine.good("sleep 1")
        after = machine.interrupts()
        assert len(before) == len(after) == cpus
        if all(b - a > 20 for a, b in zip(before, after)):
            return
    assert False, (before, after)


def nothing_is_lost(machine):
    """The timers of all CPUs have expired as often as their periods went by, the token went round."""
    output = machine.good(LAST_TICKS, timeout=180)
    rows = re.findall(r"CPU \d: (\d+) expirations of (\d+)\.\.(\d+), (\d+) reads, .* (\d+) laps", output)
    assert len(rows) == 4, output
    for row in rows:
        expirations, least, most, reads, laps = map(int, row)
        assert least <= expirations <= most and reads > 10 and laps > 10, output
    laps = [int(row[4]) for row in rows]
    assert max(laps) - min(laps) <= 1, output
    assert not BAD_NEWS.search(machine.good("dmesg"))


def every_interrupt_came(machine):
    """All that the cell "timer" asked for, each once."""
    text = machine.good("cellctl console timer --until ' foreign' --timeout 1800", timeout=1830)
    assert (f"timer-count: done: {INTERRUPTS} interrupts, {INTERRUPTS} periods, "
            "0 spurious, 0 early, 0 foreign") in text


def test_rounds_of_enable_and_disable_under_load(machine):
    machine.good(TICKS)
    machine.good(f"rounds hypervisor {ROUNDS}", timeout=60 * ROUNDS)
    timers_go_on(machine, 4)
    machine.good("cellctl enable root.cell", timeout=180)
    timers_go_on(machine, 4)
    machine.good("cellctl disable", timeout=180)
    nothing_is_lost(machine)


def test_rounds_of_create_and_destroy_under_load(machine):
    machine.good("cellctl enable root.cell", timeout=180)
    used = machine.good(POOL).split()[-1]
    machine.good(TICKS)
    machine.good(COUNT, timeout=180)
    machine.good(f"rounds cell {ROUNDS}", timeout=60 * ROUNDS)
    every_interrupt_came(machine)
    machine.good("cellctl cell destroy timer", timeout=180)
    assert machine.good(POOL).split()[-1] == used
    timers_go_on(machine, 4)
    nothing_is_lost(machine)
    machine.good("cellctl disable", timeout=180)
