"""Settings of all tests: Hypothesis profiles and the number of test processes."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# No deadline, because machines differ in speed. `pytest --hypothesis-profile=thorough` runs more examples.
settings.register_profile("quick", deadline=None, max_examples=40)
settings.register_profile("thorough", deadline=None, max_examples=1000)
settings.load_profile("quick")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return the number of processors plus one: some tests wait for timeouts."""
    return (os.cpu_count() or 1) + 1
