# SPDX-License-Identifier: GPL-2.0-only
"""The host pass: what `cellc tree` says of device trees.

Whole boards are held against tests/oracle/devicetree.py, which reads them independently; where the
two differ, the Devicetree Specification decides which of them to correct.
"""

import os
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
TOP = HERE.parents[1]
sys.path[:0] = [str(HERE), str(HERE.parent / "oracle")]

import devicetree  # noqa: E402
import differ  # noqa: E402
import dump  # noqa: E402
from harness import assert_fires  # noqa: E402

CELLC = os.environ.get("CELLC", str(TOP / "build" / "cellc-san"))


def run_tree(*paths, cellc=CELLC, env=None):
    """(exit code, standard output, standard error) of cellc tree."""
    run = subprocess.run([cellc, "tree", *map(str, paths)], capture_output=True, text=True,
                         errors="replace", timeout=60, env=env)
    return run.returncode, run.stdout, run.stderr


BOARD = """/dts-v1/;
/ { #address-cells = <1>; #size-cells = <1>; interrupt-parent = <&gic>;
    cpus { #address-cells = <1>; #size-cells = <0>;
        cpu@0 { device_type = "cpu"; compatible = "arm,cortex-a53"; reg = <0>; }; };
    memory@40000000 { device_type = "memory"; reg = <0x40000000 0x10000000>; };
    gic: interrupt-controller@8000000 { compatible = "arm,gic-400"; interrupt-controller;
        #interrupt-cells = <3>; reg = <0x8000000 0x1000 0x8010000 0x2000>; };
    soc { #address-cells = <1>; #size-cells = <1>; ranges = <0 0x9000000 0x100000>;
        uart: serial@1000 { reg = <0x1000 0x100>; interrupts = <0 5 4>; status = "disabled"; }; };
};
"""

BY_LABEL = """/dts-v1/; /plugin/;
&uart { status = "okay"; };
"""

BY_PATH = """/dts-v1/; /plugin/;
/ { fragment@0 { target-path = "/soc/serial@1000"; __overlay__ { status = "okay"; }; };
    fragment@1 { target-path = "/soc"; __overlay__ {
        new: timer@2000 { reg = <0x2000 0x100>; interrupts = <0 6 4>; }; }; }; };
"""


@pytest.fixture
def write(tmp_path):
    """write(name, text): a file; a source compiled to a .dtb without labels if name ends so."""
    def write_file(name, text):
        path = tmp_path / name
        if name.endswith(".dtb"):
            subprocess.run(["dtc", "-q", "-O", "dtb", "-o", path, "-"], input=text, text=True,
                           check=True, timeout=30)
        else:
            path.write_text(text)
        return path
    return write_file


# Sources and overlays


def test_source_goes_through_dtc(write):
    code, out, err = run_tree(write("board.dts", BOARD))
    assert (code, err) == (0, "")
    assert "arch arm64\n" in out
    assert "ram 0x40000000 0x10000000 memory@40000000\n" in out
    assert ("node /soc/serial@1000 device disabled mapped ref &uart\n"
            "  reg 0 0x9001000 0x100\n  irq spi 37 flags 4 index 0\n") in out


def test_same_input_same_bytes(write):
    path = write("board.dts", BOARD)
    assert run_tree(path) == run_tree(path)


def test_overlays_apply_in_order(write):
    code, out, err = run_tree(write("board.dts", BOARD), write("a.dts", BY_LABEL),
                              write("b.dts", BY_PATH))
    assert (code, err) == (0, "")
    assert "node /soc/serial@1000 device mapped ref &uart\n" in out
    assert "node /soc/timer@2000 device mapped ref &new\n  reg 0 0x9002000 0x100\n" in out


def test_overlay_by_path_needs_no_symbols(write):
    code, out, err = run_tree(write("board.dtb", BOARD), write("b.dts", BY_PATH))
    assert (code, err) == (0, "")
    assert "  irq spi 38 flags 4 index 0\n" in out


def test_overlay_by_label_without_symbols(write):
    code, out, err = run_tree(write("board.dtb", BOARD), write("a.dts", BY_LABEL))
    assert (code, out) == (1, "")
    assert_fires(err, "E1104")
    assert "has no __symbols__" in err


def test_overlay_of_unknown_label(write):
    code, out, err = run_tree(write("board.dts", BOARD),
                              write("a.dts", BY_LABEL.replace("uart", "usart")))
    assert (code, out) == (1, "")
    assert_fires(err, "E1104")
    assert "FDT_ERR_" in err


def test_dtc_messages_are_passed_on(write):
    code, out, err = run_tree(write("bad.dts", "/dts-v1/;\n/ { model = 1 };\n"))
    assert (code, out) == (1, "")
    assert_fires(err, "E1103")
    assert "bad.dts:2.1" in err and "syntax error" in err


def test_missing_dtc_is_said(write, tmp_path):
    (tmp_path / "empty").mkdir()
    env = {**os.environ, "PATH": str(tmp_path / "empty")}
    code, _, err = run_tree(write("board.dts", BOARD), env=env)
    assert code == 1
    assert "can't run dtc" in err and "device-tree-compiler" in err


def test_dtc_reads_path_with_dash_and_blank(write):
    write("- a;b.dts", BOARD)
    code, _, err = run_tree(write("- a;b.dts", BOARD))
    assert (code, err) == (0, "")


def test_no_child_outlives_an_endless_dtc(write, tmp_path):
    """A dtc that closes its pipes only when killed is not waited for longer than the output lasts."""
    tool = tmp_path / "bin"
    tool.mkdir()
    (tool / "dtc").write_text("#!/bin/sh\nexec yes\n")
    (tool / "dtc").chmod(0o755)
    env = {**os.environ, "PATH": "%s:/bin:/usr/bin" % tool}
    start = time.monotonic()
    code, _, err = run_tree(write("board.dts", BOARD), env=env)
    assert code == 1 and "E1103" in err
    assert time.monotonic() - start < 20


@pytest.mark.slow
def test_dtc_that_hangs_is_ended(write, tmp_path):
    tool = tmp_path / "bin"
    tool.mkdir()
    (tool / "dtc").write_text("#!/bin/sh\nexec sleep 100\n")
    (tool / "dtc").chmod(0o755)
    code, _, err = run_tree(write("board.dts", BOARD),
                            env={**os.environ, "PATH": "%s:/bin:/usr/bin" % tool})
    assert code == 1 and "dtc takes longer than 30 s" in err
    assert_fires(err, "E1103")


# Bytes that are no tree


def test_damaged_overlay_neither_crashes_nor_hangs(write, tmp_path):
    base, overlay = write("board.dts", BOARD), tmp_path / "a.dtb"
    subprocess.run(["dtc", "-q", "-@", "-O", "dtb", "-o", overlay, write("a.dts", BY_PATH)],
                   check=True, timeout=30)
    good = overlay.read_bytes()
    for at in range(0, len(good), 5):
        overlay.write_bytes(good[:at] + bytes([good[at] ^ 0xFF]) + good[at + 1 :])
        code, out, _ = run_tree(base, overlay)
        assert code in (0, 1) and (code == 0) == bool(out), at


def blob(text):
    return subprocess.run(["dtc", "-q", "-O", "dtb", "-"], input=text.encode(), check=True,
                          stdout=subprocess.PIPE, timeout=30).stdout


BAD = {
    "empty": (b"", "does not begin"),
    "text": (b"hello, this is no tree at all, it is a line of text\n" * 4, "does not begin"),
    "short header": (blob(BOARD)[:30], "does not begin"),
    "cut short": (blob(BOARD)[:-1], "cut short"),
    "version 3": (blob(BOARD)[:20] + struct.pack(">II", 3, 1) + blob(BOARD)[28:], "older"),
    "token": (blob(BOARD).replace(b"\0\0\0\3", b"\0\0\0\7", 1), "FDT_ERR_BADSTRUCTURE"),
}


@pytest.mark.parametrize("name", BAD)
def test_no_device_tree(tmp_path, name):
    data, why = BAD[name]
    path = tmp_path / "bad.dtb"
    path.write_bytes(data)
    code, out, err = run_tree(path)
    assert (code, out) == (1, "")
    assert_fires(err, "E1101")
    assert why in err


def test_unreadable_file(tmp_path):
    for path in (tmp_path, tmp_path / "none.dtb"):
        code, out, err = run_tree(path)
        assert (code, out) == (1, "")
        assert_fires(err, "E0101")


def nested(depth):
    return "/dts-v1/; / { " + "a { " * depth + "}; " * depth + "};"


def flat(nodes):
    """A tree of so many empty nodes below the root, put together by hand."""
    begin, end = struct.pack(">I4s", 1, b"a"), struct.pack(">I", 2)
    body = struct.pack(">II", 1, 0) + (begin + end) * nodes + end + struct.pack(">I", 9)
    return struct.pack(">10I", 0xD00DFEED, 56 + len(body), 56, 56 + len(body), 40, 17, 16, 0, 0,
                       len(body)) + bytes(16) + body


def test_limits(write, tmp_path):
    assert run_tree(write("deep.dtb", nested(64)))[0] == 0
    deeper = write("deeper.dtb", nested(65))
    long_path = write("long.dtb", "/dts-v1/; / { %s { }; };" % ("a" * 1100))
    large = tmp_path / "large.dtb"
    large.write_bytes(blob("/dts-v1/; / { };") + bytes(5 << 20))
    many = tmp_path / "many.dtb"
    many.write_bytes(flat(66000))
    for path in (deeper, long_path, large, many):
        code, out, err = run_tree(path)
        assert (code, out) == (1, ""), path
        assert_fires(err, "E1102")


def test_malformed_property_is_a_warning(write):
    text = BOARD.replace("reg = <0x1000 0x100>", "reg = <0x1000 0x100 0x2000>")
    code, out, err = run_tree(write("board.dtb", text))
    assert code == 0
    assert_fires(err, "W1107")
    assert "/soc/serial@1000: reg: " in err
    assert 'property "reg" has 3 cells, not a multiple of the 2 of an entry' in err
    assert "  reg 0 0x9001000 0x100\n" in out


# References


def test_one_node(write):
    path = write("board.dts", BOARD)
    for ref in ("&uart", "uart", "&{/soc/serial@1000}", "serial@1000", "&serial"):
        code, out, err = run_tree("--node", ref, path)
        assert (code, err) == (0, "")
        assert out.startswith("node /soc/serial@1000 device disabled mapped ref &uart\n")


def test_unknown_node(write):
    code, out, err = run_tree("-n", "&{serial@1001}", write("board.dtb", BOARD))
    assert (code, out) == (1, "")
    assert_fires(err, "E1105")
    assert 'did you mean "serial@1000"?' in err


def test_ambiguous_node(write):
    text = BOARD.replace("uart: serial@1000", "serial@2000 { }; uart: serial@1000")
    code, out, err = run_tree("-n", "serial", write("board.dtb", text))
    assert (code, out) == (1, "")
    assert_fires(err, "E1106")
    assert "/soc/serial@1000" in err and "/soc/serial@2000" in err


def test_usage():
    assert run_tree()[0] == 2
    code, out, _ = run_tree("-h")
    assert code == 0 and out.startswith("usage: cellc tree")


# Whole boards


def trees():
    top = TOP / "build" / "trees"
    return sorted(p for arch in ("arm64", "arm") for p in (top / arch).rglob("*.dtb"))


# 32-bit kernels run these from the same trees as 64-bit ones: the plan says which it is.
BOTH = ("bcm2711-", "bcm2837-")


@pytest.mark.slow
def test_corpus_agrees_with_the_oracle():
    """All trees of the kernel packages: registers, interrupts, GIC, RAM, CPUs, PCI, roles."""
    paths, wrong = trees(), []
    assert len(paths) > 1400, "run ./setup trees"
    for path in paths:
        code, out, err = run_tree(path, cellc=str(TOP / "build" / "cellc"))
        assert (code, err) == (0, ""), path
        mine = dump.parse(out)
        wrong += ["%s: %s: %s, oracle %s" % (path.name, *d)
                  for d in differ.differences(mine, devicetree.load(path))]
        arch = path.relative_to(TOP / "build" / "trees").parts[0]
        if mine["arch"] != arch and not path.name.startswith(BOTH):
            wrong.append("%s: is %s" % (path.name, mine["arch"]))
    assert wrong == []


@pytest.mark.slow
def test_zcu102_by_hand():
    """A few facts of a board, read in its source by a person."""
    path = TOP / "build" / "trees" / "arm64" / "xilinx" / "zynqmp-zcu102-rev1.0.dtb"
    mine = dump.parse(run_tree(path)[1])
    assert [c["mpidr"] for c in mine["cpus"]] == [0, 1, 2, 3]
    assert mine["ram"] == [[0, 0x80000000], [0x800000000, 0x80000000]]
    assert mine["psci"] == ["smc", "/psci"]
    assert mine["timer"] == ["29", "30", "27", "26", "/timer"]
    assert mine["gic"]["alias"] and mine["gic"]["maintenance"] == 25
    uart = mine["nodes"]["/axi/serial@ff010000"]
    assert uart["reg"] == [[0xff010000, 0x1000]]
    assert [(i["type"], i["intid"]) for i in uart["irq"]] == [("spi", 54)]
    gem3 = mine["nodes"]["/axi/ethernet@ff0e0000"]
    assert gem3["ref"] == "&ethernet0" and "master" in gem3["flags"]
    assert gem3["stream"] == [(0x877, 0, "/axi/iommu@fd800000")]
    assert mine["nodes"]["/axi/iommu@fd800000"]["role"] == "iommu"
