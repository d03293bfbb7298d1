# SPDX-License-Identifier: GPL-2.0-only
"""The catalogue is complete: every code of diag.def is explained and is fired by a test."""

import re

import pytest

import harness

DEF = (harness.TOP / "compiler/diag.def").read_text()
CODES = re.findall(r"^DIAG\(([EW]\d{4}),\s*(\w+),\s*\"([^\"]+)\"\)", DEF, re.M)
EXPLAIN = harness.TOP / "compiler/explain"


def fired():
    """Codes with an expectation mark in tests/diag, or asserted by a Python test."""
    codes = set()
    diag = harness.TOP / "tests/diag"
    for path in [*diag.glob("*.plan"), *diag.glob("*.hex")]:
        text = path.read_text(encoding="utf-8", errors="replace")
        codes |= {m.code for m in harness.marks(text, "//" if path.suffix == ".plan" else "##")}
    for path in harness.TOP.glob("tests/**/test_*.py"):
        codes |= set(re.findall(r"assert_fires\([^\n]*[\"']([EW]\d{4})[\"']", path.read_text()))
    return codes


def test_the_table_is_well_formed():
    assert len(CODES) == len(re.findall(r"^DIAG\(", DEF, re.M))
    for field in range(2):
        values = [c[field] for c in CODES]
        assert len(set(values)) == len(values), "a code or name stands twice"


def test_every_code_is_fired():
    missing = {c[0] for c in CODES} - fired()
    assert not missing, f"no test fires {' '.join(sorted(missing))}"


@pytest.mark.parametrize("code", [c[0] for c in CODES])
def test_every_code_is_explained(code):
    text = (EXPLAIN / f"{code}.md").read_text()
    assert re.match(r"# [^\n]+\n\n", text), "begins with a title"
    heads = re.findall(r"^## (.*)$", text, re.M)
    assert heads == ["What", "Why it matters", "Wrong", "Right"]
    for head, body in zip(heads, re.split(r"^## .*$", text, flags=re.M)[1:]):
        assert body.strip(), f"{head} is empty"
    wrong, right = (re.search(rf"^## {h}\n(.*?)(?=^## |\Z)", text, re.M | re.S)[1]
                    for h in ("Wrong", "Right"))
    assert re.search(r"^```(plan|text)\n.*?^```$", wrong, re.M | re.S)
    assert re.search(r"^```(plan|text)\n.*?^```$", right, re.M | re.S)
    assert text.count("\n```") % 2 == 0


def test_no_explanation_is_left_over():
    assert {p.stem for p in EXPLAIN.glob("*.md")} <= {c[0] for c in CODES}


def test_explain_prints_each(cellc):
    for code, name, _ in CODES:
        by_code = cellc("explain", code).stdout
        assert by_code == cellc("explain", name.replace("_", "-")).stdout
        assert by_code.startswith(f"{code} {name.replace('_', '-')}: ")
        assert "\nWhy it matters\n" in by_code and "```" not in by_code


def test_explain_lists_all(cellc):
    listed = cellc("explain").stdout
    for code, name, title in CODES:
        assert re.search(rf"^{code}\s+{name.replace('_', '-')}\s+{re.escape(title)}$", listed, re.M)


def test_explain_suggests(cellc):
    assert 'did you mean "syntax"?' in cellc("explain", "syntacs", expect=2).stderr
