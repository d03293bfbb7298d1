# SPDX-License-Identifier: GPL-2.0-only
"""Guest device trees: dtc finds no fault."""

import subprocess

import harness


def dtc_says(dtb):
    """What dtc has to say about a tree, its default warnings on; empty if it finds no fault."""
    return subprocess.run(["dtc", "-I", "dtb", "-O", "dts", "-o", "/dev/null", dtb], timeout=30,
                          capture_output=True, text=True, check=True).stderr


def source(dtb):
    return subprocess.run(["dtc", "-q", "-s", "-I", "dtb", "-O", "dts", dtb], timeout=30,
                          capture_output=True, text=True, check=True).stdout


def test_golden(built, request):
    harness.golden(request.path.with_name("linux.dts"), source(built / "linux.dtb"))


def test_dtc_finds_no_fault(built):
    assert dtc_says(built / "linux.dtb") == ""


def test_only_linux_cells_have_one(built):
    assert [p.name for p in sorted(built.glob("*.dtb"))] == ["linux.dtb"]
