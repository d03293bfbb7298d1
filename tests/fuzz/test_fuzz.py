# SPDX-License-Identifier: GPL-2.0-only
"""Each fuzzer runs a while without a finding: conftest.py says how long, and runs them."""

from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
FUZZERS = sorted(p.stem.removeprefix("fuzz_") for p in (TOP / "tests/fuzz").glob("fuzz_*.c"))


def test_every_fuzzer_has_seeds():
    assert "plan" in FUZZERS
    for name in FUZZERS:
        assert any((TOP / "tests/fuzz/corpus" / name).iterdir()), name


@pytest.mark.slow
@pytest.mark.parametrize("name", FUZZERS)
def test_fuzzer_finds_nothing(fuzzers, name):
    run = fuzzers.result(name)
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-4000:]
    assert "stat::number_of_executed_units" in run.stderr
