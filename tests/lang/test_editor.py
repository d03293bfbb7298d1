# SPDX-License-Identifier: GPL-2.0-only
"""The editor files: current, loaded by vim without a word, compiled as JSON and patterns."""

import json
import re
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
EDITOR = TOP / "grammar" / "editor"

PLAN = """\
cell "rt" { // rt
    memory ram 4K guest 0x1000 rwx;
    device &uart1;
    console virtual;
    virtual-console permitted;
    pci device 00:01.0;
}
"""


def test_generated_files_are_current(tmp_path):
    subprocess.run([EDITOR / "generate", tmp_path], check=True, timeout=60)
    made = sorted(p.relative_to(tmp_path) for p in tmp_path.rglob("*") if p.is_file())
    assert len(made) == 5
    for name in made:
        assert (EDITOR / name).read_text() == (tmp_path / name).read_text(), \
            f"grammar/editor/{name} is not current: run make syntax"


@pytest.fixture
def highlighted(tmp_path):
    """Group that vim gives to a word of PLAN: called with line (from 1) and the word."""
    plan = tmp_path / "x.plan"
    plan.write_text(PLAN)

    def group(line, word):
        column = PLAN.splitlines()[line - 1].index(word) + 1
        out = tmp_path / "group"
        out.unlink(missing_ok=True)
        echo = f"synIDattr(synID({line},{column},1),'name').' '.&filetype.' '.v:errmsg"
        run = subprocess.run(
            ["vim", "-Nesi", "NONE", "-u", "NONE", "--not-a-term",
             "--cmd", f"set rtp^={EDITOR / 'vim'}", "--cmd", "filetype on",
             "-c", "syntax on", "-c", f"edit {plan}",
             "-c", f"call writefile([{echo}],'{out}')", "-c", "qa!"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30,
            env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "TERM": "dumb"})
        assert run.stdout.strip() == "" and run.stderr.strip() == "", run.stdout + run.stderr
        return out.read_text().rstrip("\n").rstrip()

    return group


@pytest.mark.parametrize("line, word, group", [
    (1, "cell", "cellcStatement"),
    (1, "rt", "cellcString"),
    (1, "// rt", "cellcComment"),
    (2, "memory", "cellcStatement"),
    (2, "4K", "cellcNumber"),
    (2, "guest", "cellcClause"),
    (2, "0x1000", "cellcNumber"),
    (2, "rwx", "cellcClause"),
    (3, "&uart1", "cellcReference"),
    (5, "virtual-console", "cellcStatement"),
    (5, "permitted", "cellcChoice"),
    (6, "00:01.0", "cellcPci"),
])
def test_vim_highlights(highlighted, line, word, group):
    assert highlighted(line, word) == f"{group} cellc"


def test_vscode_files_are_json_that_fits():
    package = json.loads((EDITOR / "vscode/package.json").read_text())
    contributes = package["contributes"]
    for entry in contributes["languages"]:
        json.loads((EDITOR / "vscode" / entry["configuration"]).read_text())
    for entry in contributes["grammars"]:
        grammar = json.loads((EDITOR / "vscode" / entry["path"]).read_text())
        assert grammar["scopeName"] == entry["scopeName"]


def scope_of(grammar, text):
    """Name of the pattern that matches at the start of the text first, as an editor applies them."""
    for pattern in grammar["patterns"]:
        if re.compile(pattern.get("match") or pattern["begin"]).match(text):
            return pattern["name"].split(".")[0]
    return None


def test_textmate_patterns():
    grammar = json.loads((EDITOR / "vscode/syntaxes/cellc.tmLanguage.json").read_text())
    for text, scope in [("memory ram", "keyword"), ("no-dma &a", "keyword"), ("rwx dma", "storage"),
                        ("permitted;", "constant"), ("0x7000_0000", "constant"),
                        ("00:1f.0", "constant"), ("&{/soc}", "variable"), ("// x", "comment"),
                        ('"x"', "string"), ("carveout", None), ("memory-x", None)]:
        assert scope_of(grammar, text) == scope, text
