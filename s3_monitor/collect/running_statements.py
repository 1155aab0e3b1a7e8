"""Athena's statements under way: counted for the bill, and stopped before an interrupted process ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class RunningStatements:
    """Any thread may use it."""

    def __init__(self) -> None:
        self._running = 0
        self._changed = threading.Condition()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Around a statement, until it has ended or was stopped."""
        with self._changed:
            self._running += 1
        try:
            yield
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify_all()

    def wait(self, seconds: float) -> bool:
        """Wait until none is running; return whether that is so."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._running, seconds)
