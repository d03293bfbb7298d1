# SPDX-License-Identifier: GPL-2.0-only
"""The samples of compiler/explain: each wrong one fires its code and nothing else, each right one
nothing at all. Samples about the text of a plan (01xx, 02xx) are only about that: what else such a
cell lacks does not matter.

Samples of ```text are about binaries and trees; other tests fire those codes.
"""

import re

import pytest

import harness

# what a wrong sample reports beside its own code, because one fault is also another
BESIDE = {
    "E0602": {"E0605", "E0606"},
    "E0604": {"E0613"},
    "E0618": {"E0328", "E0313"},
}
# found when bytes are made, so `check` does not see it
BY_BUILD = {"E1009"}


def samples():
    for path in sorted((harness.TOP / "compiler/explain").glob("*.md")):
        for head in ("Wrong", "Right"):
            part = re.search(rf"^## {head}\n(.*?)(?=^## |\Z)", path.read_text(), re.M | re.S)[1]
            for i, plan in enumerate(re.findall(r"^```plan\n(.*?)^```$", part, re.M | re.S)):
                yield pytest.param(path.stem, head, plan, id=f"{path.stem}-{head.lower()}{i or ''}")


@pytest.mark.parametrize("code, head, plan", samples())
def test_sample(code, head, plan, tmp_path):
    (tmp_path / "sample.plan").write_text(plan)
    for tree in (harness.TOP / "tests/diag").glob("*.dts"):
        (tmp_path / tree.name).write_text(tree.read_text())
    command = ("build", "-o", "out") if code in BY_BUILD else ("check",)
    run = harness.cellc(*command, "--format=gcc", "sample.plan", cwd=tmp_path, expect=None)
    output = run.stdout + run.stderr
    codes = {f.code for f in harness.findings(output)}
    if code[1:3] in ("01", "02"):
        codes &= {code}
    if head == "Right":
        assert not codes, output
    else:
        assert code in codes, output or "no finding"
        assert codes <= {code} | BESIDE.get(code, set()), output
