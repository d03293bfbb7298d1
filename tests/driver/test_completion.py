# SPDX-License-Identifier: GPL-2.0-only
"""Completion in bash and zsh: sourced in the real shells."""

import re
import shlex
import subprocess

import pexpect
import pytest

import harness

FOLDER = harness.TOP / "scripts/completion"


def complete(*words, cwd):
    """What bash offers for the last word, as a set."""
    script = (f"source {shlex.quote(str(FOLDER / 'cellc.bash'))} || exit 9\n"
              f"COMP_WORDS=({' '.join(map(shlex.quote, words))})\n"
              "COMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n"
              "_cellc_complete\n"
              "printf '%s\\n' \"${COMPREPLY[@]}\"\n")
    result = subprocess.run(["bash", "--norc", "-c", script], cwd=cwd, capture_output=True, text=True,
                            timeout=60, env=harness.environment())
    assert result.returncode == 0 and result.stderr == ""
    return set(result.stdout.split("\n")) - {""}


@pytest.fixture
def bash(tmp_path):
    for name in ("a.plan", "b.cell", "c.txt"):
        (tmp_path / name).write_text("")
    (tmp_path / "folder").mkdir()
    return lambda *words: complete(harness.CELLC, *words, cwd=tmp_path)


def test_commands(bash):
    table = (harness.TOP / "compiler/cmd/commands.def").read_text()
    assert bash("") == set(re.findall(r'^COMMAND\("(\w+)"', table, re.M))
    assert bash("ch") == {"check"}


def test_options_are_those_of_the_command(bash):
    assert bash("check", "--f") == {"--format="}
    assert "-MD" in bash("build", "-") and "-MD" not in bash("check", "-")
    assert {"-h", "--help"} <= bash("explain", "-")


def test_values(bash):
    assert bash("check", "--format", "=", "s") == {"sarif"}
    assert bash("check", "--format", "=") == {"text", "json", "sarif", "gcc"}
    assert bash("build", "--abi", "1") == {"14", "13", "12"}
    assert "error" in bash("check", "-W", "")
    assert all(v.startswith("no-") for v in bash("check", "-W", "no-"))
    assert bash("build", "--emit", "rep") == {"report"}
    assert bash("build", "--emit", "report,rep") == {"report,report"}
    assert bash("check", "-E", "al") >= {"all"}


def test_passes_are_those_of_the_program(bash):
    wrong = harness.cellc("check", "--dump-after=x", "y", expect=2).stderr
    passes = set(re.search(r"one of (.*), not", wrong)[1].split(", "))
    assert bash("check", "--dump-after", "=") == passes


def test_files_and_folders(bash):
    assert bash("check", "") == {"a.plan", "b.cell", "folder"}
    assert bash("build", "-o", "") == {"folder"}


def test_findings(bash):
    assert bash("explain", "E010") >= {"E0101", "E0102"}
    assert bash("explain", "unreadable") == {"unreadable-file"}


ZSH = {
    "cellc": [("cellc exp", "cellc explain "),
              ("cellc check --form", "cellc check --format="),
              ("cellc check --format=sa", "cellc check --format=sarif "),
              ("cellc check on", "cellc check one.plan "),
              ("cellc build --emit=rep", "cellc build --emit=report"),
              ("cellc explain unread", "cellc explain unreadable-file ")],
    "cellctl": [("cellctl ena", "cellctl enable "),
                ("cellctl ce", "cellctl cell "),
                ("cellctl cell cr", "cellctl cell create "),
                ("cellctl enable tw", "cellctl enable two.cell "),
                ("cellctl cell create tw", "cellctl cell create two.cell "),
                ("cellctl console --fo", "cellctl console --follow "),
                ("cellctl cell stats --co", "cellctl cell stats --count "),
                ("cellctl cell load rt --add", "cellctl cell load rt --address "),
                ("cellctl cell load rt on", "cellctl cell load rt one.plan "),
                ("cellctl up bi", "cellctl up bin/")],
}


@pytest.mark.parametrize("program", ZSH)
def test_zsh(tmp_path, program):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / program).symlink_to(harness.BUILD / program)
    for name in ("one.plan", "two.cell"):
        (tmp_path / name).write_text("")
    env = harness.environment(PATH=f"{tmp_path}/bin:/usr/bin:/bin", ZDOTDIR=str(tmp_path),
                              TERM="vt100", HOME=str(tmp_path))
    shell = pexpect.spawn("zsh", ["-f", "-i"], cwd=str(tmp_path), env=env, timeout=20,
                          encoding="utf-8", dimensions=(50, 200))
    try:
        shell.sendline(f"PS1='READY> '; fpath=({FOLDER} $fpath); "
                       "show() { print -r -- \"line<$BUFFER>\"; BUFFER=; zle redisplay; }; "
                       "zle -N show; bindkey ^T show; "
                       "autoload -Uz compinit && compinit -D; echo set-up-'done'")
        shell.expect("set-up-done")
        for typed, wanted in ZSH[program]:
            shell.send(typed + "\t\x14")
            shell.expect("line<(.*?)>")
            assert shell.match[1].rstrip(" ,") == wanted.rstrip()
    finally:
        shell.close(force=True)
