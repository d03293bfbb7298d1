# SPDX-License-Identifier: GPL-2.0-only
"""The headers of runtime/abi: sizes and offsets by the published numbers, in every language and
environment that includes them; each header stands on its own."""

import re
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ABI = HERE.parents[1] / "runtime" / "abi"
WARN = ["-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-I", str(ABI)]
KERNEL = ["-ffreestanding", "-nostdinc", "-D__KERNEL__", "-I", str(HERE / "kernel")]
DIALECTS = {
    "c11": ["gcc", "-std=c11", "-x", "c"],
    "c11-clang": ["clang", "-std=c11", "-x", "c"],
    "c++": ["g++", "-std=c++17", "-x", "c++"],
    "freestanding": ["gcc", "-std=c11", "-ffreestanding", "-nostdlib", "-x", "c"],
    "32-bit": ["clang", "--target=armv7-none-eabi", "-std=c11", *KERNEL, "-x", "c"],
    "kernel": ["gcc", "-std=gnu11", *KERNEL, "-x", "c"],
}
HEADERS = sorted(path.name for path in ABI.glob("*.h"))


def compile_text(dialect, text):
    return subprocess.run([*DIALECTS[dialect], *WARN, "-"], input=text, text=True, timeout=60,
                          capture_output=True)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_layout(dialect):
    got = compile_text(dialect, (HERE / "layout.c").read_text())
    assert got.returncode == 0, got.stderr


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("header", HEADERS)
def test_header_stands_alone(header, dialect):
    got = compile_text(dialect, '#include "%s"\n#include "%s"\nextern int nothing;\n' %
                       (header, header))
    assert got.returncode == 0, got.stderr


def test_layout_test_can_fail():
    wrong = (HERE / "layout.c").read_text().replace("AT(cv_cell_desc, id, 40, 4)",
                                                    "AT(cv_cell_desc, id, 44, 4)")
    got = compile_text("c11", wrong)
    assert got.returncode != 0 and "static assertion failed" in got.stderr


def members(text):
    """(struct, member) of every member a header declares, members of unnamed unions included."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    for name, body in re.findall(r"struct (cv\w*) \{(.*?)\n\} __attribute__", text, flags=re.S):
        for line in body.splitlines():
            found = re.match(r"\t+(?:struct )?\w+ \*?(\w+)(?:\[\w*\])?;", line)
            if found:
                yield name, found.group(1)


@pytest.mark.parametrize("header", HEADERS)
def test_every_member_is_asserted(header):
    """A member added to a header needs a line in layout.c."""
    layout = (HERE / "layout.c").read_text()
    missing = []
    for struct, member in members((ABI / header).read_text()):
        direct = re.search(r"(AT|offsetof)\((struct )?%s, (\w+\.)*%s\b" % (struct, member), layout)
        # parts that are members of a union are asserted where they stand
        inner = re.search(r"AT\(cv\w+, (x86|arm|amd|pvu)\.%s," % member, layout)
        whole = member in ("x86", "arm", "reserved")
        if not (direct or inner or whole):
            missing.append("%s.%s" % (struct, member))
    assert not missing
