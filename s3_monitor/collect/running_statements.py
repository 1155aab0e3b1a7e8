"""The running Athena statements: an interrupted process waits until they are stopped, so that they scan no more."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class RunningStatements:
    """Counts the running statements. Any thread may use it."""

    def __init__(self) -> None:
        self._running = 0
        self._changed = threading.Condition()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count a statement until it has ended or was stopped."""
        with self._changed:
            self._running += 1
        try:
            yield
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify_all()

    def wait(self, seconds: float) -> bool:
        """Wait until none is running. Return False if one still is after ``seconds``."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._running, seconds)
