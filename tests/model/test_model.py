# SPDX-License-Identifier: GPL-2.0-only
"""Models: what the resolve and place passes make of each NAME.plan here.

Lines `//= TEXT` of a plan were derived by hand from the plan, the tree and the rules; each must
stand in the dump after placement, in this order. NAME.place is the whole dump, NAME.resolve that
of the pass before, where the file is kept.
"""

import pathlib
import re

import pytest

import harness

HERE = pathlib.Path(__file__).parent
PLANS = harness.sources(HERE, "*.plan")


def dump(plan, after):
    return harness.cellc("check", f"--dump-after={after}", plan.name, cwd=plan.parent).stdout


@pytest.mark.parametrize("plan", PLANS)
def test_what_was_derived_by_hand(plan):
    lines = iter(dump(plan, "place").splitlines())
    wanted = re.findall(r"^//= (.*)$", plan.read_text(), re.M)
    assert wanted, "no expectation stands in the plan"
    for text in wanted:
        assert any(text in line for line in lines), f"not in the dump, or not in order: {text}"


@pytest.mark.parametrize("plan", PLANS)
def test_the_whole_dump(plan):
    harness.golden(plan.with_suffix(".place"), dump(plan, "place"))


def test_what_resolve_leaves_open():
    plan = HERE / "example.plan"
    text = dump(plan, "resolve")
    harness.golden(plan.with_suffix(".resolve"), text)
    assert "ram hypervisor open" in text and "pci virtual open" in text


@pytest.mark.parametrize("plan", PLANS)
def test_same_input_same_model(plan):
    assert dump(plan, "place") == dump(plan, "place")


@pytest.mark.parametrize("plan", PLANS)
def test_no_finding_but_warnings(plan):
    unsound = "wrong on\n// purpose" in plan.read_text()
    harness.cellc("check", plan.name, cwd=plan.parent,
                  expect=harness.FINDINGS if unsound else harness.CLEAN)
