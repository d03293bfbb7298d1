# SPDX-License-Identifier: GPL-2.0-only
"""What ./setup demo shows: three systems on one machine, network and link between them."""

import pytest

import demo


@pytest.fixture
def machine():
    with demo.prepared() as started:
        yield started


def test_each_step_of_the_demo(machine):
    demo.show(machine)
    log = machine.good("dmesg")
    assert "WARNING" not in log and "BUG" not in log and "Call trace" not in log
