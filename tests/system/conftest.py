# SPDX-License-Identifier: GPL-2.0-only
"""The emulated machines as fixtures. These tests need `make target`; `make check-system` runs them."""

import pytest

import image
from machine import Machine


def pytest_collection_modifyitems(items):
    """Everything here boots machines."""
    for item in items:
        if "tests/system" in item.path.as_posix() and "machine" in item.fixturenames:
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.system)


@pytest.fixture(params=list(image.MACHINES))
def machine(request):
    """A machine at its shell, not yet under the hypervisor; a fresh one for each test."""
    with Machine(request.param) as started:
        yield started
