# SPDX-License-Identifier: GPL-2.0-only
"""The command line: options shared by commands, help, misuse."""

import re
import subprocess

import pytest

import harness

COMMANDS = re.findall(r'^COMMAND\("(\w+)"', (harness.TOP / "compiler/cmd/commands.def").read_text(),
                      re.M)


@pytest.fixture
def plan(tmp_path):
    path = tmp_path / "a.plan"
    path.write_text('cell "a" { memry 1M; }\n')
    return path


def test_help_lists_every_command(cellc):
    for option in ("-h", "--help"):
        text = cellc(option).stdout
        for command in COMMANDS:
            assert re.search(rf"^  {command}\s+\w", text, re.M)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(cellc, command):
    for option in ("-h", "--help"):
        result = cellc(command, option)
        assert result.stdout.startswith(f"usage: cellc {command} ") and result.stderr == ""


def test_version(cellc):
    assert re.fullmatch(r"cellc \d+\.\d+\.\d+\n", cellc("--version").stdout)


@pytest.mark.parametrize("args, words", [
    ([], "usage:"),
    (["chekc"], 'no command "chekc"; did you mean "check"?'),
    (["nonsense"], '"cellc -h" lists them'),
    (["check"], "no file given"),
    (["check", "--formatt", "json", "a.plan"], 'no option "--formatt"; did you mean "--format"?'),
    (["check", "--format", "jsn", "a.plan"], 'did you mean "json"?'),
    (["check", "a.plan", "--format"], "--format needs an argument"),
    (["check", "--max-findings=x", "a.plan"], "--max-findings takes a number"),
    (["check", "--color=blue", "a.plan"], "--color takes one of auto, always, never"),
    (["check", "-W", "no-unknown-ward", "a.plan"], 'no finding is called "unknown-ward"'),
    (["check", "-E", "sintax", "a.plan"], 'did you mean "syntax"?'),
    (["check", "-W", "no-syntax", "a.plan"], "can't be turned off"),
    (["check", "-q", "a.plan"], 'no option "-q"'),
    (["check", "--dump-after=plase", "a.plan"], 'did you mean "place"?'),
    (["build", "--abi=11", "a.plan"], "--abi takes one of 14, 13, 12"),
    (["build", "-MDx", "a.plan"], 'no option "-MDx"'),
    (["build", "--emit=nonsense", "a.plan"], 'no output is called "nonsense"'),
    (["build", "--emit=default,,", "a.plan"], 'no output is called ""'),
    (["build", "-o", "", "a.plan"], "-o takes a folder"),
    (["build", "-o", "-", "a.plan"], "-o takes a folder"),
    (["build"], "no plan given"),
    (["build", "a.plan", "b.plan"], 'unexpected "b.plan"'),
])
def test_misuse(cellc, plan, args, words):
    result = cellc(*args, cwd=plan.parent, expect=2)
    assert words in result.stderr and result.stdout == ""


def test_ways_to_write_an_option(cellc, plan):
    ways = [["--format", "gcc", "a.plan"], ["a.plan", "--format=gcc"],
            ["--format=gcc", "--", "a.plan"], ["-I", "x", "--format=gcc", "a.plan"],
            ["-Ix", "--format=gcc", "a.plan"]]
    outputs = {cellc("check", *way, cwd=plan.parent, expect=1).stdout for way in ways}
    assert len(outputs) == 1 and "E0201" in outputs.pop()


def test_a_file_may_look_like_an_option(cellc, tmp_path):
    (tmp_path / "-x.plan").write_text('cell "a" { memry 1M; }\n')
    out = cellc("check", "--format=gcc", "--", "-x.plan", cwd=tmp_path, expect=1).stdout
    assert out.startswith("-x.plan:1:")


def test_standard_input(cellc, plan):
    out = cellc("check", "--format=gcc", "-", input=plan.read_text(), expect=1).stdout
    assert out.startswith("<stdin>:1:12: error: ")


def test_exit_codes(cellc, plan):
    cellc("check", plan, expect=1)
    plan.write_text("architecture arm64;\n")
    cellc("check", plan, expect=0)
    cellc("check", plan.parent / "missing.plan", expect=1)
    cellc("check", plan.parent, expect=1)


def test_include_folder(cellc, tmp_path):
    (tmp_path / "x").mkdir()
    (tmp_path / "x/part.plan").write_text("memry 1M;\n")
    (tmp_path / "a.plan").write_text('include "part.plan";\n')
    without = cellc("check", "--format=gcc", "a.plan", cwd=tmp_path, expect=1).stdout
    assert "E0101" in without
    found = cellc("check", "--format=gcc", "-I", "x", "a.plan", cwd=tmp_path, expect=1).stdout
    assert found.startswith("x/part.plan:1:1: error: ") and "E0101" not in found


def test_dump_after_a_pass(cellc, tmp_path):
    (tmp_path / "a.plan").write_text('cell "rt" { cpus 1; }\n')
    out = cellc("check", "--dump-after=load", "a.plan", cwd=tmp_path).stdout
    assert "cell" in out and "cpus" in out


@pytest.mark.parametrize("args", [["-h"], ["explain"], ["map", "a.plan"], ["fmt", "a.plan"],
                                  ["check", "a.plan"], ["--version"]])
def test_a_full_disk_is_no_success(cellc, tmp_path, args):
    (tmp_path / "a.plan").write_text('architecture arm64;\ncell "a" explicit { cpu 70; }\n')
    with open("/dev/full", "w") as full:
        result = subprocess.run([harness.CELLC, *args], cwd=tmp_path, stdout=full, text=True,
                                stderr=subprocess.PIPE, timeout=30, check=False)
    assert result.returncode == harness.FINDINGS
    assert "can't write to standard output" in result.stderr


@pytest.mark.parametrize("data, words", [
    (b"JHCELL\0\0" + bytes(60), "cellc decompile a.plan makes a plan of it"),
    (b"\xd0\x0d\xfe\xed" + bytes(60), "cellc import a.plan makes a board and a plan of it"),
    (b"\x7fELF" + bytes(60), "this file is no text"),
])
def test_what_is_no_plan_is_called_by_its_name(cellc, tmp_path, data, words):
    (tmp_path / "a.plan").write_bytes(data)
    for command in ("build", "fmt"):
        result = cellc(command, "a.plan", cwd=tmp_path, expect=harness.FINDINGS)
        assert words in result.stderr and result.stdout == ""
    assert [p.name for p in tmp_path.iterdir()] == ["a.plan"]


def test_an_empty_file_is_called_empty(cellc, tmp_path):
    (tmp_path / "a.plan").touch()
    result = cellc("check", "a.plan", cwd=tmp_path, expect=harness.FINDINGS)
    assert "E0116]: the file is empty" in result.stdout


def test_nothing_is_drawn_of_what_can_not_be_read(cellc, tmp_path):
    (tmp_path / "a.plan").write_bytes(bytes(9))
    assert cellc("map", "a.plan", cwd=tmp_path, expect=harness.FINDINGS).stdout == ""
