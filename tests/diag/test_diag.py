# SPDX-License-Identifier: GPL-2.0-only
"""Diagnostics: each NAME.plan or NAME.hex here goes through `cellc check`.

Marks in the input (//~ CODE words; in .hex files ## instead of //) say which findings there must
be, no more and no less; NAME.err is the whole text. A line `//~ flags: ...` (or `##~ flags: ...`)
adds options. A plan names its .dts or other files as usual. A .hex file is written as NAME.cell.
"""

import pathlib
import re

import pytest

import harness

HERE = pathlib.Path(__file__).parent
CASES = harness.sources(HERE, "*.plan", "*.hex")


@pytest.mark.parametrize("case", CASES)
def test_diag(case, tmp_path):
    text = case.read_text(encoding="utf-8", errors="surrogateescape")
    comment = "//" if case.suffix == ".plan" else "##"
    flags = [f for m in re.finditer(re.escape(comment) + r"~ flags:(.*)", text)
             for f in m[1].split()]
    cwd, name = HERE, case.name
    if case.suffix == ".hex":
        cwd, name = tmp_path, case.stem + ".cell"
        (tmp_path / name).write_bytes(harness.unhex(text))
    short = harness.cellc("check", "--format=gcc", *flags, name, cwd=cwd, expect=None)
    found = harness.findings(short.stdout)
    full = harness.cellc("check", *flags, name, cwd=cwd, expect=None)
    assert full.stderr == "" and short.stderr == ""
    harness.assert_marks(harness.marks(text, comment), found, name)
    errors = any(f.severity == "error" for f in found)
    assert full.returncode == short.returncode == int(errors)
    harness.golden(case.with_suffix(".err"), full.stdout)


def test_no_golden_file_is_left_over():
    """Every .err belongs to an input."""
    stems = {p.stem for p in (c.values[0] for c in CASES)}
    assert {p.stem for p in HERE.glob("*.err")} <= stems
