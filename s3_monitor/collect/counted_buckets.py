"""Pairs each bucket to list with its object count. They are received in any order."""

from __future__ import annotations

from collections.abc import Callable

from s3_monitor.model.series import Series


class CountedBuckets:
    """Calls ``on_pair`` once for each bucket; with ``None`` if its count has no point in the window."""

    def __init__(self, on_pair: Callable[[str, float | None], None]) -> None:
        self._on_pair = on_pair
        self._buckets: set[str] = set()  # they wait for their count
        self._counts: dict[str, float | None] = {}  # they wait for their bucket
        self._is_complete = False

    def __len__(self) -> int:
        """Return the number of buckets that wait for their count."""
        return len(self._buckets)

    def add_bucket(self, bucket: str) -> None:
        """Add a bucket to list."""
        if bucket in self._counts or self._is_complete:
            self._on_pair(bucket, self._counts.pop(bucket, None))
        else:
            self._buckets.add(bucket)

    def add_count(self, bucket: str, series: Series) -> None:
        """Add the object count of a bucket."""
        count = newest_value(series)
        if bucket in self._buckets:
            self._buckets.discard(bucket)
            self._on_pair(bucket, count)
        else:
            self._counts[bucket] = count

    def complete(self) -> None:
        """Pair the remaining buckets: no more counts will be received."""
        self._is_complete = True
        buckets, self._buckets = sorted(self._buckets), set()
        for bucket in buckets:
            self._on_pair(bucket, None)

    def clear(self) -> None:
        """Forget the buckets that wait."""
        self._buckets.clear()


def newest_value(series: Series) -> float | None:
    """Return the newest value of a series; ``None`` if it has no point."""
    return series.value if series.day >= 0 else None
