# SPDX-License-Identifier: GPL-2.0-only
"""Guest device trees: dtc finds no fault, and they hold what the descriptor grants, no more and no
less."""

import subprocess
import sys

import pytest

import harness

sys.path.insert(0, str(harness.TOP / "tests/emit"))

import guests  # noqa: E402

# Real machines: tree, devices for the guest, and RAM where neither tree nor board tell it.
MACHINES = [
    ("arm64/xilinx/zynqmp-zcu102-rev1.0.dtb", "serial@ff010000 ethernet@ff0e0000 mmc@ff170000", ""),
    ("arm64/amd/amd-overdrive-rev-b1.dtb", "serial@e1010000 xgmac@e0700000 sata@e0300000", ""),
    ("arm64/hisilicon/hi6220-hikey.dtb", "serial@f7113000 dwmmc1", ""),
    ("arm64/nvidia/tegra210-p2371-2180.dtb", "serial@70006040 mmc@700b0000", ""),
    ("arm64/arm/juno-r1.dtb", "serial@7ff80000 ethernet@200000000", ""),
    ("arm64/broadcom/bcm2711-rpi-4-b.dtb", "serial@7e201600 ethernet@7d580000 mmc@7e340000",
     "0x2000_0000"),
    ("arm64/freescale/imx8mq-evk.dtb", "serial@30860000 ethernet@30be0000", ""),
    ("arm64/rockchip/rk3399-rock-pi-4b.dtb", "serial@ff1a0000 ethernet@fe300000", "0x2000_0000"),
    ("arm64/ti/k3-am654-base-board.dtb", "serial@2810000 mmc@4fa0000", ""),
    ("arm/sun7i-a20-bananapi.dtb", "serial@1c28c00 ethernet@1c50000", ""),
    ("arm/sun8i-h2-plus-orangepi-zero.dtb", "serial@1c28400 mmc@1c10000", ""),
    ("arm/tegra124-jetson-tk1.dtb", "serial@70006300 mmc@700b0400", ""),
    ("arm/vexpress-v2p-ca15-tc1.dtb", "serial@b0000 ethernet@202000000", ""),
    ("arm/imx7d-sdb.dtb", "serial@30860000 ethernet@30be0000", ""),
]
EXAMPLES = harness.sources(harness.TOP / "examples", "*/*.plan")


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


def test_holds_what_is_granted(built):
    assert guests.differences(built / "linux.dtb", built / "linux.cell") == []


def test_differences_are_seen(built, tmp_path):
    """The judge itself: a node that is not granted, and a grant without a node."""
    text = source(built / "linux.dtb")
    assert "watchdog@40000" in text
    for old, new in (("watchdog@40000 {", "watchdog@50000 {\n\t\t\t\t\tx;"),
                     ("0x4000000>", "0x5000000>"),
                     ("msi-num-spis = <0x02>", "msi-num-spis = <0x01>"),
                     ("msi-parent", "no-parent"), ("msi-controller", "controller"),
                     ("ranges = <0x00 0x00 0x00 0x10810000", "ranges = <0x00 0x00 0x00 0x10811000")):
        changed = tmp_path / "changed.dtb"
        edited = text.replace(old, new)
        if new.startswith("watchdog"):
            edited = edited.replace("reg = <0x00 0x40000 0x00 0x1000>", "reg = <0x00 0x50000 0x00 0x1000>")
        assert edited != text
        subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", changed], input=edited,
                       timeout=30, text=True, check=True)
        assert guests.differences(changed, built / "linux.cell") != []


def test_only_linux_cells_have_one(built):
    assert [p.name for p in sorted(built.glob("*.dtb"))] == ["linux.dtb"]


def plan_for(host, devices, ram):
    refs = ", ".join("&{%s}" % d for d in devices.split())
    stated = f"ram {ram} .. {ram} + 512M;" if ram else ""
    return f"""
        host "{host}";
        {stated}
        hypervisor {{ memory 4M; }}
        root "host";
        cell "linux" {{
            cpus 1;
            memory 64M rwx dma loadable;
            device {refs};
            boot linux;
        }}
        link net "lan" {{ root; cell "linux"; vectors 2; }}
    """


@pytest.mark.slow
@pytest.mark.parametrize("name,devices,ram", MACHINES, ids=[m[0] for m in MACHINES])
def test_machines(name, devices, ram, tree, tmp_path):
    (tmp_path / "x.plan").write_text(plan_for(tree(name), devices, ram))
    harness.cellc("build", "-o", "out", "x.plan", cwd=tmp_path)
    assert dtc_says(tmp_path / "out/linux.dtb") == ""
    assert guests.differences(tmp_path / "out/linux.dtb", tmp_path / "out/linux.cell") == []
    host, guest = (guests.caches(guests.flattree.load(path))
                   for path in (tree(name), tmp_path / "out/linux.dtb"))
    assert guest and all(levels == host[mpidr] for mpidr, levels in guest.items())


@pytest.mark.slow
@pytest.mark.parametrize("plan", EXAMPLES)
def test_examples(plan, tmp_path):
    """Every Linux cell of every example, against the real trees."""
    harness.cellc("build", "-I", harness.TREES, "-o", tmp_path, plan.name, cwd=plan.parent)
    for dtb in tmp_path.glob("*.dtb"):
        assert dtc_says(dtb) == ""
        assert guests.differences(dtb, dtb.with_suffix(".cell")) == []
