# SPDX-License-Identifier: GPL-2.0-only
"""Documentation is true: every plan in it compiles, every keyword of the language is described."""

import re

import pytest

import harness

PAGES = [p for p in [*sorted((harness.TOP / "docs").glob("*.md")), harness.TOP / "README.md"]
         if p.exists()]


def samples():
    """Each ```plan sample of each page, with its line; those that read a tree are slow."""
    for page in PAGES:
        text = page.read_text()
        for m in re.finditer(r"^```plan\n(.*?)^```$", text, re.M | re.S):
            line = text.count("\n", 0, m.start()) + 2
            marks = [pytest.mark.slow] if re.search(r"^\s*host ", m[1], re.M) else []
            yield pytest.param(m[1], id=f"{page.name}:{line}", marks=marks)


def tree_folders(plan):
    """-I options for the folders of the kernel packages that hold the tree the plan names."""
    options = ["-I", str(harness.TREES)]
    for name in re.findall(r'^\s*host "([^"]+)"', plan, re.M):
        found = sorted(harness.TREES.rglob(name))
        assert found, f"no tree {name} in the kernel packages: run make trees"
        options += ["-I", str(found[0].parent)]
    return options


@pytest.mark.parametrize("plan", samples())
def test_sample_compiles(cellc, plan, tmp_path):
    (tmp_path / "sample.plan").write_text(plan)
    options = tree_folders(plan)
    out = cellc("check", *options, "sample.plan", cwd=tmp_path, expect=None)
    assert out.returncode == 0, out.stdout
    cellc("build", "-o", "out", *options, "sample.plan", cwd=tmp_path)


@pytest.mark.parametrize("plan", samples())
def test_sample_is_laid_out(cellc, plan):
    """Samples show the canonical layout."""
    assert cellc("fmt", "-", input=plan).stdout == plan


def keywords():
    table = (harness.TOP / "grammar/keywords.def").read_text()
    return re.findall(r'^KEYWORD\(\w+, "([^"]+)"\)', table, re.M)


@pytest.mark.parametrize("keyword", keywords())
def test_every_keyword_is_described(keyword):
    text = (harness.TOP / "docs/language.md").read_text()
    prose = re.sub(r"^```plan\n.*?^```$", "", text, flags=re.M | re.S)
    quoted = " ".join(re.findall(r"`([^`]+)`", prose))
    assert re.search(rf"(?<![\w-]){re.escape(keyword)}(?![\w-])", quoted)


def test_every_keyword_is_in_a_sample():
    used = set()
    for sample in samples():
        text = re.sub(r'//.*|"[^"]*"', "", sample.values[0])
        used |= set(re.findall(r"[A-Za-z_][\w-]*", text))
    left = set(keywords()) - used
    assert left == {"overlay", "include"}, "these name files that no sample brings along"
