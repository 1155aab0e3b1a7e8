"""The 30-day change of a bucket by storage type. The parts add up to the changes in buckets.json."""

from __future__ import annotations

from typing import NamedTuple

from s3_monitor.merge.merged_data import ResolvedBucket
from s3_monitor.model.bucket import Bucket
from s3_monitor.model.series import Window
from s3_monitor.trends.month_change import month_before


class TypeChange(NamedTuple):
    """The change of a storage type."""

    size: float
    """Bytes."""
    cost: float | None
    """USD per month; None: unknown."""


def type_changes(bucket: Bucket, record: ResolvedBucket, window: Window) -> dict[str, TypeChange]:
    """Return storage type → its change, also of types that the bucket no longer holds; empty if unknown."""
    before = month_before(record, record.day, window)
    if before is None or bucket.size_change_30d is None:
        return {}
    changes = {}
    for name, line in bucket.storage.items():
        size = line.size - before.get(name, 0)
        rate = None if line.cost is None or not line.size else line.cost / line.size
        changes[name] = TypeChange(size, 0.0 if not size else None if rate is None else size * rate)
    left = {name: size for name, size in before.items() if size and name not in bucket.storage}
    return changes | {name: TypeChange(-size, None) for name, size in left.items()} | _last(bucket, changes, left)


def _last(bucket: Bucket, changes: dict[str, TypeChange], left: dict[str, float]) -> dict[str, TypeChange]:
    """Return the cost of a single type that the bucket no longer holds: the remainder of the bucket's change."""
    costs = [change.cost for change in changes.values() if change.cost is not None]
    if len(left) != 1 or len(costs) < len(changes) or bucket.cost_change_30d is None:
        return {}
    return {name: TypeChange(-size, bucket.cost_change_30d - sum(costs)) for name, size in left.items()}
