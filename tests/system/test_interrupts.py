# SPDX-License-Identifier: GPL-2.0-only
"""Interrupts of cells: each one comes, once, in its cell and nowhere else, whatever the line is like."""

import struct

import pytest

import image
from devices import DeviceMachine

LOAD = "for i in 0 1 2; do (while :; do :; done) & done"
REGIONS, REGION, LOADABLE = 140, 32, 0x40
RTC, RTC_LINE = 0x9010000, 34
RTC_DEVICE = "/sys/bus/amba/devices/9010000.pl031"
VIRTIO, VIRTIO_LINE = 0xa000000, 48


@pytest.fixture(params=list(image.MACHINES), scope="module")
def machine(request):  # one for all: the tests build on each other
    """A machine with cells that have devices, Linux's CPUs not busy yet."""
    with DeviceMachine(request.param) as running:
        running.good("cellctl enable root.cell")
        yield running


@pytest.fixture
def virt(machine):
    if machine.kind.name == "zcu102":
        pytest.skip("Linux has no driver for a timer or clock of this machine")
    return machine


def linux_alarm(machine):
    """Linux has the clock wake it: how many interrupts that took."""
    before = machine.rows(RTC_LINE)
    machine.good(f"for file in {RTC_DEVICE}/rtc/*/wakealarm; do echo 0 >$file; echo +2 >$file; done; "
                 f"until ! grep -q . {RTC_DEVICE}/rtc/*/wakealarm; do sleep 1; done", timeout=120)
    return machine.rows(RTC_LINE) - before


def ram_of(machine, cell):
    """Physical address of the cell's RAM, by its descriptor."""
    data = (machine.folder / "out" / f"{cell}.cell").read_bytes()
    for at in range(REGIONS, len(data), REGION):
        phys, _, _, flags = struct.unpack_from("<4Q", data, at)
        if flags & LOADABLE:
            return phys
    raise AssertionError("no RAM")


def test_a_level_comes_as_long_as_it_is_there(virt):
    assert linux_alarm(virt) == 1
    before = virt.rows(RTC_LINE)
    virt.good("cellctl cell create dev.cell")
    virt.load("dev", "rtc-alarm", f"addr={RTC:#x} irq={RTC_LINE} count=3")
    virt.uart.await_text("rtc-alarm: 3 alarms, 6 interrupts, 0 spurious\n")
    assert virt.rows(RTC_LINE) == before


def test_linux_gets_a_spoilt_line_as_it_was(virt):
    virt.uart.await_text("rtc-alarm: asserted\n")
    virt.good("cellctl cell destroy dev")
    assert linux_alarm(virt) == 1
    assert linux_alarm(virt) == 1


def test_an_edge_comes_once(virt):
    virt.good("cellctl cell create left.cell")
    virt.mark()
    virt.load("left", "virtio-edge",
              f"addr={VIRTIO:#x} irq={VIRTIO_LINE} ram={ram_of(virt, 'left'):#x} count=1000")
    text = virt.since_mark("virtio-edge: .*\n")
    assert "device 4, 1000 requests, 1000 interrupts, 0 spurious" in text
    assert ", bytes 0x0\n" not in text
    assert virt.rows(VIRTIO_LINE) == 0
    virt.good("cellctl cell destroy left")


def count_timers(machine, arguments, count):
    """The cell "left" counts timer interrupts: each came, once."""
    machine.good("cellctl cell create left.cell", timeout=180)
    machine.load("left", "timer-count", f"count={count} {arguments}")
    text = machine.good("cellctl console left --until ' foreign' --timeout 600", timeout=630)
    assert f"done: {count} interrupts, {count} periods, 0 spurious, 0 early, 0 foreign" in text
    machine.good("cellctl cell destroy left", timeout=180)


def test_each_timer_interrupt_comes_under_load(machine):
    """A cell that sleeps until its timer expires. test_rounds.py counts a million without sleep."""
    machine.good(LOAD)
    count_timers(machine, "period=10000", 10000)


def test_a_timer_that_stays_asserted_comes_again_under_load(machine):
    count_timers(machine, "period=100 held", 1000)
    machine.good("cellctl disable", timeout=180)
