# SPDX-License-Identifier: GPL-2.0-only
"""A built system, held against its device tree by the independent oracle."""

import pathlib
import re
import subprocess
import sys

import harness

sys.path.insert(0, str(harness.TOP / "tests/oracle"))

import compare  # noqa: E402
import descriptor  # noqa: E402
import devicetree  # noqa: E402

UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


def number(text):
    digits, unit = re.fullmatch(r"([0-9a-fA-Fx_]+?)([KMGT]?)", text).groups()
    return int(digits.replace("_", ""), 0) * UNITS[unit]


def ranges(text, word):
    """Spans of the statements "WORD at A size S;" in a plan or board file."""
    found = re.findall(rf"^{word} at (\S+) size (\w+)", text, re.M)
    return [(number(a), number(a) + number(s)) for a, s in found]


def descriptors(folder):
    """(system, cells) of a build's output folder."""
    loaded = [descriptor.load(str(p)) for p in sorted(pathlib.Path(folder).glob("*.cell"))]
    systems = [d for d in loaded if d["kind"] == "system"]
    assert len(systems) == 1
    return systems[0], [d for d in loaded if d["kind"] == "cell"]


def dtb_of(path, tmp_path):
    """The tree as .dtb."""
    path = pathlib.Path(path)
    if path.suffix == ".dtb":
        return str(path)
    out = pathlib.Path(tmp_path) / (path.stem + ".dtb")
    subprocess.run(["dtc", "-q", "-O", "dtb", "-o", out, path], check=True, timeout=30)
    return str(out)


def violations(tree, folder, extra_ram=(), dynamic=True):
    """What is wrong with the build in `folder` by the tree alone."""
    system, cells = descriptors(folder)
    return compare.compare(devicetree.load(tree), system, cells, extra_ram, dynamic)
