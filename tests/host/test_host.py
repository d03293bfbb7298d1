# SPDX-License-Identifier: GPL-2.0-only
"""The host pass: what `cellc tree` says of device trees."""

import os
import subprocess
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
CELLC = os.environ.get("CELLC", str(TOP / "build" / "cellc-san"))


def tree(path, *overlays):
    """(exit code, standard output, standard error) of cellc tree."""
    run = subprocess.run([CELLC, "tree", path, *overlays], capture_output=True, text=True,
                         timeout=60)
    return run.returncode, run.stdout, run.stderr


BOARD = """/dts-v1/;
/ { #address-cells = <1>; #size-cells = <1>; interrupt-parent = <&gic>;
    cpus { #address-cells = <1>; #size-cells = <0>;
        cpu@0 { device_type = "cpu"; compatible = "arm,cortex-a53"; reg = <0>; }; };
    memory@40000000 { device_type = "memory"; reg = <0x40000000 0x10000000>; };
    gic: interrupt-controller@8000000 { compatible = "arm,gic-400"; interrupt-controller;
        #interrupt-cells = <3>; reg = <0x8000000 0x1000 0x8010000 0x2000>; };
    soc { #address-cells = <1>; #size-cells = <1>; ranges = <0 0x9000000 0x100000>;
        uart: serial@1000 { reg = <0x1000 0x100>; interrupts = <0 5 4>; }; };
};
"""


def test_source_goes_through_dtc(tmp_path):
    path = tmp_path / "board.dts"
    path.write_text(BOARD)
    code, out, err = tree(path)
    assert (code, err) == (0, "")
    assert "arch arm64\n" in out
    assert "ram 0x40000000 0x10000000 memory@40000000\n" in out
    assert ("node /soc/serial@1000 device mapped ref &uart\n"
            "  reg 0 0x9001000 0x100\n  irq spi 37 flags 4 index 0\n") in out
