# SPDX-License-Identifier: GPL-2.0-only
"""cellctl's command line: help, misuse, files that are not what they should be, no driver.

What it does on a machine is seen in tests/system."""

import os
import pathlib
import re
import subprocess

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
CELLCTL = TOP / os.environ.get("BUILD", "build") / "cellctl"
USAGE = re.compile(r"^  ([a-z]+(?: [a-z]+)?)  +\S", re.M)


def cellctl(*args):
    return subprocess.run([CELLCTL, *map(str, args)], capture_output=True, text=True, timeout=30)


def refused(code, pattern, *args):
    result = cellctl(*args)
    assert result.returncode == code and result.stdout == ""
    assert re.search(pattern, result.stderr), result.stderr
    return result


COMMANDS = USAGE.findall(cellctl("-h").stdout)


def test_help_lists_the_commands():
    assert {"enable", "disable", "console", "hardware", "up", "down"} <= set(COMMANDS)
    assert {f"cell {c}" for c in ("create", "load", "start", "shutdown", "destroy", "list",
                                  "stats")} <= set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_each_command_has_help(command, option):
    result = cellctl(*command.split(), option)
    assert result.returncode == 0 and result.stderr == ""
    assert result.stdout.startswith(f"usage: cellctl {command}")


def test_help_of_cell():
    assert cellctl("cell", "-h").returncode == 0
    refused(2, "cellctl cell load", "cell")
    refused(2, "cellctl cell load", "cell", "fly")


@pytest.mark.parametrize("args", [
    "", "fly", "enable", "enable a b", "disable now", "console -x", "console a b", "console -n", "console -s x", "console a -t 0", "console a -u", "hardware a b",
    "cell create", "cell create a b", "cell load", "cell load rt", "cell load --name",
    "cell load rt -s", "cell load rt -a 0", "cell load rt -s x -a", "cell load rt -s x -a 0y",
    "cell load rt -s x -a -1", "cell load rt -s x -q", "cell start", "cell start -x",
    "cell start a b", "cell shutdown a b", "cell destroy", "cell start --name",
    "cell linux", "cell linux a", "cell linux a b c", "cell linux a b -i", "cell linux a b -q",
    "cell list x", "cell stats", "cell stats -n", "cell stats -n 0 rt", "cell stats -n x rt",
    "cell stats a b", "up", "up a b", "down x", f"cell start {'n' * 32}",
])
def test_misuse(args):
    refused(2, r"^(cellctl|usage): ", *args.split())


@pytest.mark.parametrize("args", [
    "enable {}/none.cell", "cell create {}/none.cell", "cell load rt {}/none.bin", "up {}/none"])
def test_files_that_are_not_there(args, tmp_path):
    refused(1, "No such file|no descriptor", *args.format(tmp_path).split())


def test_files_that_are_something_else(tmp_path):
    for name, data in (("empty", b""), ("short", b"JHSYS\x02"), ("cell", b"JHCLL" + bytes(40)),
                       ("other", bytes(1000))):
        path = tmp_path / f"{name}.cell"
        path.write_bytes(data)
        refused(1, "not a system descriptor", "enable", path)
        refused(1, "not a cell descriptor", "cell", "create", path)
        assert cellctl("hardware", path).returncode == 1
    cut = tmp_path / "cut.cell"         # more memory regions than there are bytes
    cut.write_bytes(b"JHSYS" + b"\xff" * 600)
    result = cellctl("hardware", cut)
    assert result.returncode == 1 and "cut off" in result.stderr
    large = tmp_path / "large.cell"
    large.write_bytes(b"JHCLL" + bytes(0x10000))
    refused(1, "larger", "cell", "create", large)
    empty = tmp_path / "empty.bin"
    empty.write_bytes(b"")
    refused(1, "empty", "cell", "load", "rt", empty)


def test_up_needs_one_system(tmp_path):
    (tmp_path / "a.cell").write_bytes(b"JHCLL" + bytes(200))
    refused(1, "no system descriptor", "up", tmp_path)
    for name in ("s.cell", "t.cell"):
        (tmp_path / name).write_bytes(b"JHSYS" + bytes(600))
    refused(1, r"two system descriptors, \S*/s.cell and \S*/t.cell", "up", tmp_path)


@pytest.mark.parametrize("args", [
    "console", "console -f", "console rt", "console -f rt", "cell list", "cell start 1", "cell start rt", "cell start --name 1",
    "cell load rt -s text", "cell stats -n 1 rt", "cell stats rt -n 1"])
def test_without_the_driver_it_says_so(args):
    refused(1, "is the module cellvisor loaded", *args.split())


def test_hardware_says_what_to_do():
    result = cellctl("hardware")
    lines = result.stdout.splitlines()
    missing = [i for i, line in enumerate(lines) if line.startswith("MISSING ")]
    assert result.returncode == (1 if missing else 0)
    assert all(lines[i + 1].startswith("        ") for i in missing)
    assert not missing or lines[-1] == f"{len(missing)} missing"


def test_manual_and_completion_know_every_command():
    page = (TOP / "docs/man/cellctl.8").read_text().replace("\\-", "-")
    for command in COMMANDS:
        assert re.search(rf"^\.B {command}\b", page, re.M), command
    script = f"source {TOP}/scripts/completion/cellctl.bash; COMP_WORDS=({CELLCTL} %s); " \
             "COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _cellctl_complete; printf '%%s\\n' " \
             "\"${COMPREPLY[@]}\""

    def offers(words):
        done = subprocess.run(["bash", "--norc", "-c", script % words], capture_output=True,
                              text=True, timeout=30, cwd=TOP)
        assert done.stderr == ""
        return set(done.stdout.split())

    assert offers("''") == {c.split()[0] for c in COMMANDS}
    assert offers("cell ''") == {c.split()[1] for c in COMMANDS if " " in c}
    assert offers("cell st") == {"start", "stats"}
    assert offers("console -") >= {"-f", "--follow"}


def test_manual_formats_without_warnings():
    result = subprocess.run(["groff", "-ww", "-man", "-Tutf8", "-P-c", "-b",
                             TOP / "docs/man/cellctl.8"], capture_output=True, text=True, timeout=60)
    assert result.returncode == 0 and result.stderr == ""
