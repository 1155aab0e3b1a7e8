"""What all tests share: how properties are checked, and how many processes run the tests."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# Without a stopwatch, on machines of any speed. `pytest --hypothesis-profile=thorough` looks for longer.
settings.register_profile("quick", deadline=None, max_examples=40)
settings.register_profile("thorough", deadline=None, max_examples=1000)
settings.load_profile("quick")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: some tests wait for answers that do not come."""
    return (os.cpu_count() or 1) + 1
