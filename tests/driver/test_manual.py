# SPDX-License-Identifier: GPL-2.0-only
"""The manual pages: well formed, and current with the help and the language."""

import re
import subprocess

import pytest

import harness

MAN = harness.TOP / "docs/man"
COMMANDS = re.findall(r'^COMMAND\("(\w+)"', (harness.TOP / "compiler/cmd/commands.def").read_text(),
                      re.M)
PAGE = re.sub(r"\\&", "", (MAN / "cellc.1").read_text().replace("\\-", "-"))


@pytest.mark.parametrize("page", ["cellc.1", "cellc-plan.5", "cellctl.8",
                                  "cellvisor-link.8"])
def test_pages_format_without_warnings(page):
    result = subprocess.run(["groff", "-ww", "-man", "-Tutf8", "-P-c", "-b", MAN / page],
                            capture_output=True, text=True, timeout=60)
    assert result.returncode == 0 and result.stderr == ""
    text = re.sub(".\x08", "", result.stdout)
    assert "NAME" in text and "SEE ALSO" in text


def in_help(command):
    """Options in the help of a command, each spelling, without arguments."""
    found = set()
    for line in harness.cellc(command, "-h").stdout.splitlines():
        if line.startswith("  -"):
            left = re.split(r"  +", line.strip())[0]
            found |= {re.split(r"[= ]", word)[0] for word in left.split(", ")}
    return found


def in_page():
    """Options in the page's OPTIONS section: what follows .TP."""
    options = PAGE[PAGE.index(".SH OPTIONS"):PAGE.index(".SH EXIT STATUS")]
    return {re.split(r"[= ]", word)[0]
            for line in re.findall(r"^\.TP\n\.[A-Z]+ (.*)$", options, re.M)
            for word in re.findall(r"-{1,2}[A-Za-z][A-Za-z-]*", line)}


def test_options_of_the_page_are_those_of_the_help():
    helps = set().union(*(in_help(c) for c in COMMANDS))
    assert in_page() - {"--version"} == helps


def test_every_command_is_in_the_page():
    commands = PAGE[PAGE.index(".SH COMMANDS"):PAGE.index(".SH OPTIONS")]
    assert re.findall(r"^\.TP\n\.B (\w+)$", commands, re.M) == COMMANDS


def test_every_statement_is_in_the_page():
    text = (MAN / "cellc-plan.5").read_text().replace("\\-", "-")
    table = (harness.TOP / "grammar/keywords.def").read_text()
    names = dict(re.findall(r'KEYWORD\((\w+), "([^"]+)"\)', table))
    statements = {names[k] for k in re.findall(r"^STATEMENT\((\w+),", table, re.M)}
    described = set(re.findall(r"^\.TP\n\\fB([\w-]+)\\fR", text, re.M))
    assert described == statements
