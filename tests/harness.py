# SPDX-License-Identifier: GPL-2.0-only
"""What all tests share: running cellc, golden files, expectation marks.

Everything runs $CELLC (default: build/cellc-san, the build with sanitizers) with the folder of its
input as the current one, so that no output holds a path of this machine.

Golden files: golden(FILE, TEXT) compares; with CELLC_BLESS=1 (make bless) it rewrites FILE.
"""

import difflib
import os
import pathlib
import re
import subprocess

TOP = pathlib.Path(__file__).resolve().parent.parent
BUILD = TOP / os.environ.get("BUILD", "build")
CELLC = os.environ.get("CELLC") or str(BUILD / "cellc-san")
TREES = BUILD / "trees"
BLESS = os.environ.get("CELLC_BLESS") == "1"

CLEAN, FINDINGS, MISUSE = 0, 1, 2


def environment(**extra):
    """The environment cellc runs in: the same for everybody."""
    env = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "CLICOLOR_FORCE")}
    env.update(LC_ALL="C.UTF-8", ASAN_OPTIONS="detect_leaks=0:abort_on_error=1", TERM="dumb")
    env.update(extra)
    return env


def cellc(*args, cwd=None, input=None, expect=CLEAN, timeout=60, env=None, text=True, program=None):
    """Run cellc; fails unless it exits with `expect` (None: 0, 1 or 2, never a crash).

    Gives subprocess.CompletedProcess. input is text, or bytes with text=False.
    """
    result = subprocess.run([program or CELLC, *map(str, args)], cwd=cwd, input=input,
                            capture_output=True, timeout=timeout, text=text,
                            errors="surrogateescape" if text else None,
                            env=environment(**(env or {})))
    good = (CLEAN, FINDINGS, MISUSE) if expect is None else (expect,)
    assert result.returncode in good, (
        f"cellc {' '.join(map(str, args))}: exit code {result.returncode}, wanted {good}\n"
        f"--- stdout\n{str(result.stdout)[-6000:]}\n--- stderr\n{str(result.stderr)[-6000:]}")
    return result


def golden(path, actual):
    """The text `actual` is what the file holds; CELLC_BLESS=1 rewrites the file instead."""
    path = pathlib.Path(path)
    if BLESS:
        if not actual:
            path.unlink(missing_ok=True)
        elif not path.exists() or path.read_bytes() != actual.encode("utf-8", "surrogateescape"):
            path.write_bytes(actual.encode("utf-8", "surrogateescape"))
        return
    wanted = path.read_bytes().decode("utf-8", "surrogateescape") if path.exists() else ""
    if wanted == actual:
        return
    diff = difflib.unified_diff(wanted.splitlines(), actual.splitlines(),
                                f"{path.name} (golden)", "now", lineterm="")
    raise AssertionError("\n".join(["differs from its golden file (look, then make bless):", *diff])
                         .encode("utf-8", "backslashreplace").decode())


def golden_files(folder, names, golden_folder):
    """Each of these files, just written into folder, is as in golden_folder. Binary files are
    compared as hex dumps, NAME.hex."""
    for name in names:
        data = (pathlib.Path(folder) / name).read_bytes()
        try:
            text = data.decode("utf-8")
            assert "\0" not in text
            golden(pathlib.Path(golden_folder) / name, text)
        except (UnicodeDecodeError, AssertionError) as problem:
            if "golden file" in str(problem):
                raise
            golden(pathlib.Path(golden_folder) / (name + ".hex"), hexdump(data))


def hexdump(data):
    """Offsets and bytes, sixteen a line: what golden files of binaries hold."""
    lines = []
    for i in range(0, len(data), 16):
        lines.append(f"{i:06x}  {data[i:i + 16].hex(' ')}\n")
    return "".join(lines)


def unhex(text):
    """Bytes of a .hex input: hex digits and blanks, '#' begins a comment, 'N * XX' repeats, an
    offset of six digits and two blanks (as hexdump writes) in front of a line is skipped."""
    out = bytearray()
    for line in text.splitlines():
        line = re.sub(r"^[0-9a-f]{6}  ", "", line.split("#")[0])
        for part in re.finditer(r"(\d+)\s*\*\s*([0-9a-fA-F]{2})|([0-9a-fA-F]+)", line):
            if part[1]:
                out += bytes.fromhex(part[2]) * int(part[1])
            else:
                out += bytes.fromhex(part[3])
    return bytes(out)


def sources(folder, *patterns):
    """The inputs below a folder, sorted, for pytest.mark.parametrize (with their names as ids)."""
    import pytest
    folder = pathlib.Path(folder)
    found = sorted({p for pattern in patterns for p in folder.glob(pattern)})
    return [pytest.param(p, id=str(p.relative_to(folder))) for p in found]


# --- findings ---

class Finding:
    """One line of --format gcc. place is "FILE:LINE:COL", or what stands for it."""

    def __init__(self, place, severity, text, code):
        self.place, self.severity, self.text, self.code = place, severity, text, code
        at = re.fullmatch(r"(.*):(\d+):(\d+)", place)
        self.file, self.line = (at[1], int(at[2])) if at else (None, None)

    def __repr__(self):
        return f"{self.place}: {self.severity}: {self.text} [{self.code}]"


def findings(text):
    """The findings in the output of --format gcc (notes are left out)."""
    found = []
    for line in text.splitlines():
        m = re.match(r"(.*?): (error|warning): (.*) \[([EW]\d{4})\]$", line)
        if m:
            found.append(Finding(*m.groups()))
        else:
            assert ": note: " in line, f"no finding: {line}"
    return found


def assert_fires(output, code):
    """A finding of this code is in what cellc printed (any format). Tests that fire a code outside
    tests/diag call this: the catalogue's test looks for it."""
    assert re.search(rf"\b{code}\b", output), f"{code} not in:\n{output}"


class Mark:
    """An expectation: //~ CODE words. line is None for findings elsewhere (//~? CODE words)."""

    def __init__(self, line, code, words):
        self.line, self.code, self.words = line, code, words

    def meets(self, finding, file):
        here = finding.line if finding.file == file else None
        return (self.code == finding.code and self.line == here and
                squeeze(self.words) in squeeze(finding.text))

    def __repr__(self):
        return f"//~ {self.code} {self.words} (line {self.line or 'elsewhere'})"


def squeeze(text):
    return " ".join(text.split())


def marks(text, comment="//"):
    """All marks of a text: //~ this line, //~^ the line above (//~^^ two above), //~? a finding
    that is not in this file (device tree, binary, another source)."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        for m in re.finditer(re.escape(comment) + r"~(\^*|\?) ?([EW]\d{4})\b(.*?)(?=" +
                             re.escape(comment) + "~|$)", line):
            at = None if m[1] == "?" else number - len(m[1])
            found.append(Mark(at, m[2], m[3]))
    return found


def assert_marks(expected, found, file):
    """Every mark has a finding, every finding a mark."""
    left = list(found)
    missing = []
    for mark in expected:
        hit = next((f for f in left if mark.meets(f, file)), None)
        if hit:
            left.remove(hit)
        else:
            missing.append(mark)
    if missing or left:
        raise AssertionError("\n".join(
            ["expected, not found:", *(f"  {m}" for m in missing),
             "found, not expected:", *(f"  {f}" for f in left)]))
