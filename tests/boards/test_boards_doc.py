# SPDX-License-Identifier: GPL-2.0-only
"""docs/boards.md: the walk-through works as written."""

import re
import subprocess

import harness

DOC = harness.TOP / "docs/boards.md"


def test_walk_through(tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/cellc").symlink_to(harness.CELLC)
    subprocess.run(["dtc", "-q", "-O", "dtb", "-o", tmp_path / "host.dtb",
                    harness.TOP / "boards/trees/qemu-arm64-gicv3.dts"], check=True, timeout=30)
    commands = re.findall(r"^```sh\n(.*?)^```$", DOC.read_text(), re.M | re.S)
    assert len(commands) == 3
    env = harness.environment(PATH=f"{tmp_path}/bin:/usr/bin:/bin")
    for text in commands:
        run = subprocess.run(["sh", "-e", "-c", text], cwd=tmp_path, env=env, capture_output=True,
                             text=True, timeout=60)
        assert run.returncode == 0, text + run.stdout + run.stderr
    assert len(list((tmp_path / "out").glob("*.cell"))) == 2


def test_table_names_every_tree_and_example():
    text = DOC.read_text()
    for board in (harness.TOP / "boards").glob("*.board"):
        row = next(line for line in text.splitlines() if f"`boards/{board.name}`" in line)
        tree = re.search(r'tree "([^"]+)"', board.read_text())
        assert (tree[1] if tree else "none") in row
        assert (harness.TOP / re.search(r"`(examples/[^`]+)`", row)[1]).is_dir()


def test_refusals_are_those_of_import():
    codes = set(re.findall(r"E11\d\d", (harness.TOP / "compiler/import/lacks.c").read_text()))
    assert codes == set(re.findall(r"^\| (E11\d\d) ", DOC.read_text(), re.M))
