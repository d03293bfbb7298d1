# SPDX-License-Identifier: GPL-2.0-only
"""Fixtures of the oracle's own tests: small trees through dtc."""

import subprocess

import pytest

import devicetree


@pytest.fixture
def dtb(tmp_path):
    """dtb(TEXT, NAME): compile the body of a tree, give the path of the .dtb."""

    def compile_tree(text, name="tree"):
        source, out = tmp_path / (name + ".dts"), tmp_path / (name + ".dtb")
        source.write_text("/dts-v1/;\n" + text)
        subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", out, source],
                       check=True, timeout=30)
        return out

    return compile_tree


@pytest.fixture
def machine(dtb):
    """machine(TEXT): what the oracle reads out of the tree."""
    return lambda text: devicetree.load(dtb(text))
