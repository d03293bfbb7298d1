# SPDX-License-Identifier: GPL-2.0-only
"""Regions of redistributors behind the first, for which the header has no room, are withheld by records
of their own, and no cell gets them."""

import struct
import subprocess

import harness

TREE = harness.TOP / "boards/trees/qemu-arm64-gicv3.dts"
SECOND = 0x0b000000
PLAN = f"""
host "two.dtb";
hypervisor {{ memory 4M at 0x7fc0_0000; console none; }}
pool cells size 32M;
root "root";
cell "rt" {{ cpus 1; memory ram 1M guest 0 rwx loadable; }}
"""


def machine(folder):
    """QEMU's tree, its redistributors in two regions."""
    def run(*args):
        subprocess.run(list(map(str, args)), check=True, timeout=30, capture_output=True)

    run("dtc", "-q", "-O", "dtb", "-o", folder / "two.dtb", TREE)
    run("fdtput", "-t", "x", folder / "two.dtb", "/intc@8000000", "#redistributor-regions", "2")
    run("fdtput", "-t", "x", folder / "two.dtb", "/intc@8000000", "reg", *"0 8000000 0 10000 "
        "0 80a0000 0 40000 0 b000000 0 40000".split())


def units(path):
    """(type, base, size) of the system descriptor's units that are any."""
    data = path.read_bytes()
    found = [struct.unpack_from("<IQI", data, 88 + 28 * i) for i in range(8)]
    return [unit for unit in found if unit != (0, 0, 0)]


def test_a_second_region_is_a_record(tmp_path):
    machine(tmp_path)
    (tmp_path / "two.plan").write_text(PLAN)
    harness.cellc("build", "-q", "-o", "out", "two.plan", cwd=tmp_path)
    assert units(tmp_path / "out/root.cell") == [(0x100, SECOND, 0x40000)]
    # the same, read from the descriptor and compiled again
    text = harness.cellc("decompile", "out/root.cell", "out/rt.cell", cwd=tmp_path).stdout
    assert "iommu 256 at 0xb00_0000 size 256K slot 0;" in text
    (tmp_path / "again.plan").write_text(text)
    harness.cellc("build", "-q", "-o", "again", "again.plan", cwd=tmp_path)
    for name in "root.cell", "rt.cell":
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_nobody_gets_it(tmp_path):
    machine(tmp_path)
    (tmp_path / "two.plan").write_text(
        PLAN.replace("loadable; }", "loadable; mmio thief at 0xb02_0000 size 4K; }"))
    done = harness.cellc("check", "two.plan", cwd=tmp_path, expect=harness.FINDINGS)
    assert "E0306" in done.stdout and "redistributor frame 3 is stated here" in done.stdout
