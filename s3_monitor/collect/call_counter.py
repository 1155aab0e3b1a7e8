"""Calls counted by many threads."""

from __future__ import annotations

import threading

import msgspec

from s3_monitor.model.call_counts import CallCounts


class CallCounter:
    """``expected``: the calls that the shard makes in total, once that is known."""

    def __init__(self) -> None:
        self.expected: CallCounts | None = None
        self._calls = CallCounts()
        self._lock = threading.Lock()

    def count(self, operation: str) -> None:
        """A request was sent."""
        with self._lock:
            self._calls.count(operation)

    def metrics(self, asked: int) -> None:
        """So many series were answered by GetMetricData, which is what it is billed by."""
        with self._lock:
            self._calls.metrics += asked

    def scanned(self, megabytes: int) -> None:
        """So much was read by Athena."""
        with self._lock:
            self._calls.scanned(megabytes)

    def calls(self) -> CallCounts:
        """So far."""
        with self._lock:
            return msgspec.structs.replace(self._calls, requests=dict(sorted(self._calls.requests.items())))
