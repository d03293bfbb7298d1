# SPDX-License-Identifier: GPL-2.0-only
"""The outputs of tests/emit/board.plan, built once."""

import pathlib

import pytest

import harness

HERE = pathlib.Path(__file__).parent


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """The folder with everything that `build --emit all` writes for board.plan."""
    out = tmp_path_factory.mktemp("board")
    harness.cellc("build", "--emit", "all", "-o", out, "board.plan", cwd=HERE)
    return out
