# SPDX-License-Identifier: GPL-2.0-only
"""Fixtures for all tests. The functions are in harness.py."""

import pytest

import harness


@pytest.fixture
def cellc():
    """cellc(ARG..., expect=0): run the compiler; see harness.cellc."""
    return harness.cellc


@pytest.fixture
def tree():
    """tree("arm64/xilinx/zynqmp-zcu102-rev1.0.dtb"): a device tree of the kernel packages. For
    tests marked slow: `make check` fetches the trees first."""
    def path(name):
        found = harness.TREES / name
        assert found.exists(), f"{found} is missing: run `make trees`"
        return found
    return path
