"""Settings of all tests: Hypothesis profiles, signals and the number of test processes."""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import settings

# No deadline, because machines differ in speed. `pytest --hypothesis-profile=thorough` runs more examples.
settings.register_profile("quick", deadline=None, max_examples=40)
settings.register_profile("thorough", deadline=None, max_examples=1000)
settings.load_profile("quick")

# Programs inherit ignored signals. Under nohup and in background jobs of a shell, they would ignore those of the tests.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return the number of processors plus one: some tests wait for timeouts."""
    return (os.cpu_count() or 1) + 1
