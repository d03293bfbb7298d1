# SPDX-License-Identifier: GPL-2.0-only
"""docs/diagnostics.md is what scripts/diagnostics makes now."""

import re
import subprocess

import harness


def test_the_page_is_current():
    made = subprocess.run([harness.TOP / "scripts/diagnostics"], capture_output=True, text=True,
                          check=True, timeout=60).stdout
    harness.golden(harness.TOP / "docs/diagnostics.md", made)


def test_its_finding_is_what_cellc_prints():
    """The finding that the introduction dissects."""
    shown = re.search(r"^```text\n(demo\.plan.*?)^```$",
                      (harness.TOP / "docs/diagnostics.in").read_text(), re.M | re.S)[1]
    sample = (harness.TOP / "tests/diag/memory-overlap.plan").read_text()
    printed = harness.cellc("check", "memory-overlap.plan", cwd=harness.TOP / "tests/diag",
                            expect=harness.FINDINGS).stdout
    marks_off = re.sub(r" //~.*", "", printed).replace("memory-overlap.plan", "demo.plan")
    assert "cell \"a\"" in sample
    assert marks_off.startswith(shown)
