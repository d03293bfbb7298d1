# SPDX-License-Identifier: GPL-2.0-only
"""Every board and its examples: they compile without a finding, against the real trees, and what
root gets is what the tree gives to enabled devices, by an independent reader of tree and bytes.

The trees of QEMU's machines are in boards/trees, those of the boards come from the kernel packages
(slow tests).
"""

import re

import pytest

import checked
import harness

BOARDS = sorted((harness.TOP / "boards").glob("*.board"))
PLANS = sorted((harness.TOP / "examples").glob("*/*.plan"))


def host_of(plan):
    """The tree's path, or None for a machine without one."""
    found = re.search(r'^host "([^"]+)"', plan.read_text(), re.M)
    if not found:
        return None
    beside = plan.parent / found[1]
    return beside if beside.exists() else harness.TREES / found[1]


def board_of(plan):
    """The board file that a plan includes, or that fits its tree."""
    text = plan.read_text()
    named = re.search(r'^include "([^"]+\.board)"', text, re.M)
    if named:
        return harness.TOP / "boards" / named[1]
    tree = re.search(r'^host "([^"]+)"', text, re.M)[1]
    return next(b for b in BOARDS if f'tree "{tree}"' in b.read_text())


def needs_package(plan):
    host = host_of(plan)
    return host is not None and harness.TREES in host.parents


def plans(wanted):
    return [pytest.param(p, id=str(p.relative_to(harness.TOP)), marks=[pytest.mark.slow]
                         if needs_package(p) else []) for p in PLANS if wanted(p)]


def build(cellc, plan, out):
    return cellc("build", "-I", harness.TREES, "-o", out, plan.relative_to(harness.TOP),
                 cwd=harness.TOP)


@pytest.mark.parametrize("plan", plans(lambda p: True))
def test_example_compiles_without_a_finding(plan, cellc, tmp_path):
    built = build(cellc, plan, tmp_path)
    assert (built.stdout, built.stderr) == ("", "")


def test_no_output_tells_where_cellc_lives(cellc, tmp_path):
    """Facts of a board are said to be from boards/..., wherever that folder is."""
    plan = harness.TOP / "examples/qemu-arm64-gicv3/qemu-arm64-gicv3.plan"
    cellc("build", "--emit", "all", "-o", tmp_path, plan.relative_to(harness.TOP), cwd=harness.TOP)
    outputs = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    assert b'"boards/qemu-arm64-gicv3.board"' in outputs["plan.json"]
    for name, data in outputs.items():
        assert str(harness.TOP).encode() not in data, name


@pytest.mark.parametrize("plan", plans(host_of))
def test_root_gets_what_the_tree_gives(plan, cellc, tmp_path):
    build(cellc, plan, tmp_path / "out")
    stated = board_of(plan).read_text()
    found = checked.violations(checked.dtb_of(host_of(plan), tmp_path), tmp_path / "out",
                               checked.ranges(stated, "ram"))
    assert found == []


@pytest.mark.parametrize("plan", plans(lambda p: True))
def test_nobody_gets_what_firmware_keeps(plan, cellc, tmp_path):
    build(cellc, plan, tmp_path)
    system, cells = checked.descriptors(tmp_path)
    for start, end in checked.ranges(board_of(plan).read_text(), "reserve"):
        for cell in [system["root"], *cells]:
            for region in cell["memory_regions"]:
                low, high = region["phys_start"], region["phys_start"] + region["size"]
                assert high <= start or end <= low, region
        memory = system["hypervisor_memory"]
        assert memory["phys_start"] >= end or memory["phys_start"] + memory["size"] <= start


def test_layout_is_canonical(cellc):
    files = [*PLANS, *(harness.TOP / "boards").glob("*.board"), *harness.TOP.glob("boards/*.inc")]
    cellc("fmt", "--check", *files)


@pytest.mark.parametrize("board", BOARDS, ids=lambda b: b.stem)
def test_each_board_has_an_example_of_everything(board):
    """Root, a bare-metal cell, a Linux cell and a link; in one plan or, on two CPUs, in two."""
    texts = [p.read_text() for p in PLANS if board_of(p) == board]
    assert texts, "no example"
    text = "\n".join(texts)
    assert re.search(r"^root ", text, re.M) and re.search(r"^link ", text, re.M)
    cells = re.findall(r'^cell "\w+" \{.*?^\}', text, re.M | re.S)
    assert any("boot linux" in c for c in cells) and any("boot linux" not in c for c in cells)


@pytest.mark.parametrize("plan", PLANS, ids=lambda p: p.stem)
def test_each_example_is_described(plan):
    readme = (plan.parent / "README.md").read_text()
    assert plan.name in readme and "cellc build" in readme


@pytest.mark.parametrize("board", BOARDS, ids=lambda b: b.stem)
def test_each_board_is_documented(board):
    assert f"boards/{board.name}" in (harness.TOP / "docs/boards.md").read_text()


@pytest.mark.slow
@pytest.mark.parametrize("plan", plans(needs_package))
def test_board_is_found_by_its_tree(plan, cellc, tmp_path):
    """The examples name no board file: the tree's compatible strings lead to it."""
    assert "include" not in plan.read_text()
    build(cellc, plan, tmp_path)
    deps = cellc("build", "-I", harness.TREES, "-o", tmp_path, "-MD", "-MF", tmp_path / "d",
                 plan.relative_to(harness.TOP), cwd=harness.TOP)
    assert deps.stdout == ""
    assert f"boards/{board_of(plan).name}" in (tmp_path / "d").read_text()
