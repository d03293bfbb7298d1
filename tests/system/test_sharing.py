# SPDX-License-Identifier: GPL-2.0-only
"""Cells that are asked: they agree, deny, stay silent, die meanwhile, or forbid that others come and go.

One machine serves all tests of a kind. The inmate is runtime/inmate/demos/comm.c.
"""

import re

import pytest

import image
from machine import Machine

CELLS = """
cell "asked" {
    cpus 1;
    timeout 0;
    memory ram 1M guest 0 rwx loadable;
    console virtual;
}

cell "timed" {
    cpus 1;
    timeout 20000;
    memory ram 1M guest 0 rwx loadable;
    console virtual;
}

cell "passive" {
    cpus 1;
    passive;
    memory ram 1M guest 0 rwx loadable;
    console virtual;
}
"""
ONLINE = "cat /sys/devices/system/cpu/online"
POOL = "cat /sys/devices/jailhouse/mem_pool_used"


@pytest.fixture(scope="module", params=list(image.MACHINES))
def machine(request):
    with Machine(request.param, plan=image.plan_of(request.param, "sharing", CELLS)) as running:
        running.good("cellctl enable root.cell")
        running.empty = state_of(running)
        yield running
        # the last thing to be seen: a cell that never answers does not keep the machine up
        running.good("cellctl cell create asked.cell")
        begin(running, "asked", "answer=silent")
        running.send("poweroff -f")
        running.await_end(90)


@pytest.fixture(autouse=True)
def nothing_left(machine):
    """Each test leaves the machine as it was, and Linux has nothing to complain of."""
    machine.good("dmesg -c >/dev/null")
    yield
    log = machine.good("dmesg -c")
    assert not re.search(r"WARNING|BUG|stall|lockup|Spurious|Call trace", log), log
    left = state_of(machine)
    if left != machine.empty:       # not to be the next test's trouble
        machine.run("cellctl down; cellctl enable root.cell")
    assert left == machine.empty


def state_of(machine):
    """CPUs of Linux, pages in use, cells."""
    return (last(machine, ONLINE), last(machine, POOL),
            re.findall(r"^(\d+) +(\S+)", machine.good("cellctl cell list"), re.M))


def last(machine, command):
    return machine.good(command).strip().splitlines()[-1]


def begin(machine, cell, options, *, awaited="comm: revision 2, state"):
    """(Re)start the inmate in the cell; returns when it says that it is there."""
    machine.good(f"cellctl cell load {cell} comm.bin -s '{options}' -a 0x1000")
    machine.send(f"cellctl cell start {cell}")
    machine.await_text(awaited)


def create(machine, cell, options="", **how):
    machine.good(f"cellctl cell create {cell}.cell")
    begin(machine, cell, options, **how)


def state(machine, cell):
    """As `cellctl cell list` shows it."""
    row = re.search(rf"^\d+ +{cell} +(.*?) {{2,}}", machine.good("cellctl cell list"), re.M)
    return row and row[1]


def refused(machine, command, why):
    output, code = machine.run(command)
    assert code == 1 and why in output, output


def destroy(machine, cell):
    output = machine.good(f"cellctl cell destroy {cell}")
    assert state(machine, cell) is None
    return output


def test_a_cell_approves(machine):
    create(machine, "asked", "answer=approve")
    assert state(machine, "asked") == "running"
    assert "comm: message 1" in destroy(machine, "asked")


@pytest.mark.parametrize("answer", ["deny", "unknown"])
def test_a_cell_denies_and_goes_on(machine, answer):
    create(machine, "asked", f"answer={answer} count=3")
    refused(machine, "cellctl cell destroy asked", "does not agree")
    refused(machine, "cellctl cell shutdown asked", "does not agree")
    refused(machine, "cellctl cell start asked", "")
    assert state(machine, "asked") == "running"
    assert "comm: message 1" in destroy(machine, "asked")       # the fourth time it approves


def test_a_locked_cell_forbids_that_others_come_and_go(machine):
    create(machine, "passive", "answer=silent")
    create(machine, "asked", "locked")
    assert state(machine, "asked") == "running/locked"
    before = state_of(machine)
    refused(machine, "cellctl cell create timed.cell", "a cell is locked")
    refused(machine, "cellctl cell destroy passive", "another is locked")
    refused(machine, "cellctl disable", "a cell is locked")
    assert state_of(machine) == before
    assert state(machine, "passive") == "running"
    # what concerns itself alone is between root and the cell
    machine.good("cellctl cell shutdown asked")
    assert state(machine, "asked") == "shut down"
    destroy(machine, "passive")
    destroy(machine, "asked")


def test_cells_are_told_that_others_came_and_went(machine):
    create(machine, "asked")
    for command in ("create passive.cell", "destroy passive"):
        seen = machine.good(f"cellctl cell {command}")
        machine.await_text("comm: message 2", seen=seen)    # root does not wait for it to be read
    destroy(machine, "asked")


def test_silence_is_consent_when_the_time_is_up(machine):
    create(machine, "timed", "answer=silent")
    assert "comm: message 1" in destroy(machine, "timed")


def test_a_passive_cell_is_not_asked(machine):
    create(machine, "passive", "answer=deny")
    assert "comm: message" not in destroy(machine, "passive")


def test_without_time_out_root_waits_until_it_loses_patience(machine):
    create(machine, "asked", "answer=late")
    seen = machine.good("cellctl cell destroy asked 2>/dev/console & echo $! >/tmp/pid")
    machine.await_text("comm: message 1", seen=seen)
    machine.await_text("asked.*: no answer yet", seen=seen)     # who waits at a terminal is told
    # that CPU does other work meanwhile, and hypercalls that do not wait are answered
    machine.good("cpu=$(cut -d' ' -f39 /proc/$(cat /tmp/pid)/stat); "
                 "taskset $((1 << cpu)) sh -c 'for i in 1 2 3 4 5; do echo $i; done'")
    assert state(machine, "asked") == "running"
    # another caller does not wait for the first one without end either
    output, code = machine.run("timeout -s INT 1 cellctl cell start asked")
    assert code, output
    machine.send("kill $(cat /tmp/pid)")
    machine.await_text("comm: taken back")
    assert machine.run("wait $(cat /tmp/pid)")[1] == 143
    assert state(machine, "asked") == "running"
    destroy(machine, "asked")           # and is asked anew


def test_a_cell_dies_while_root_waits(machine):
    create(machine, "asked", "answer=die addr=0x7fff0000")
    output = destroy(machine, "asked")
    assert 'cell "asked"' in output and "write at 0x7fff0000, pc 0x" in output


def test_a_cell_quits_while_root_waits(machine):
    create(machine, "asked", "answer=quit")
    destroy(machine, "asked")


@pytest.mark.parametrize("claimed, shown", [(2, "shut down"), (3, "failed"), (77, "failed")])
def test_a_cell_that_says_it_has_ended_is_not_asked(machine, claimed, shown):
    create(machine, "asked", f"answer=deny state={claimed}")
    assert state(machine, "asked") == shown
    assert "comm: message" not in destroy(machine, "asked")
