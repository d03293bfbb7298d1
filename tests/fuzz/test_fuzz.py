# SPDX-License-Identifier: GPL-2.0-only
"""Each fuzzer runs a minute without a finding. FUZZ_SECONDS says how long."""

import os
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
FUZZERS = sorted(p.stem.removeprefix("fuzz_") for p in (TOP / "tests/fuzz").glob("fuzz_*.c"))
SECONDS = int(os.environ.get("FUZZ_SECONDS", "60"))


def test_every_fuzzer_has_seeds():
    assert "plan" in FUZZERS
    for name in FUZZERS:
        assert any((TOP / "tests/fuzz/corpus" / name).iterdir()), name


@pytest.mark.slow
@pytest.mark.parametrize("name", FUZZERS)
def test_fuzzer_finds_nothing(name):
    run = subprocess.run(["make", "-s", f"fuzz-{name}", f"FUZZ_SECONDS={SECONDS}"], cwd=TOP,
                         capture_output=True, text=True, errors="replace",
                         timeout=600 + SECONDS * 2)
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-4000:]
    assert "stat::number_of_executed_units" in run.stderr
