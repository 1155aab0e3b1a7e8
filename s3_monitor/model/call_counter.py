"""Counters that any thread may use: the requests sent to AWS, and the list requests left."""

from __future__ import annotations

import threading

import msgspec

from s3_monitor.model.call_counts import CallCounts


class CallCounter:
    """Counts the calls of one shard, or of a part of its work."""

    def __init__(self, parent: CallCounter | None = None) -> None:
        """``parent`` counts every call, too."""
        self.expected: CallCounts | None = None
        """The calls that the shard will make in total; ``None`` until they are known."""
        self._parent = parent
        self._calls = CallCounts()
        self._lock = threading.Lock()

    def add(self, calls: CallCounts) -> None:
        """Add calls, here and to the parent."""
        with self._lock:
            self._calls.add(calls)
        if self._parent is not None:
            self._parent.add(calls)

    def count(self, operation: str) -> None:
        """Count a request that was sent, retries included."""
        self.add(CallCounts({operation: 1}))

    def calls(self) -> CallCounts:
        """Return a copy of the counts, sorted by operation."""
        with self._lock:
            return msgspec.structs.replace(self._calls, requests=dict(sorted(self._calls.requests.items())))


class RequestBudget:
    """The list requests that a shard may still send, retries included."""

    def __init__(self, requests: int | None) -> None:
        """``None``: any number."""
        self.limit = requests
        self.exhausted = False
        """Whether a request was refused."""
        self._left = requests
        self._lock = threading.Lock()

    def take(self) -> bool:
        """Take one request from the budget. Return whether it may be sent."""
        with self._lock:
            if self._left is None:
                return True
            if self._left == 0:
                self.exhausted = True
                return False
            self._left -= 1
            return True
