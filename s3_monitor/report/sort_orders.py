"""The sort orders of the list of buckets."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from s3_monitor.model.bucket import Bucket


class Order(NamedTuple):
    """A sort order of buckets."""

    name: str
    title: str
    ascending: bool
    key: Callable[[Bucket], float | str | None]
    """Returns the value to sort by; None is last in any order."""


ORDERS = (
    Order("cost", "most expensive first", False, lambda bucket: bucket.least_cost),
    Order("size", "largest first", False, lambda bucket: bucket.least_size),
    Order("objects", "most objects first", False, lambda bucket: bucket.num_objects),
    Order("name", "by name", True, lambda bucket: bucket.name),
    Order("created", "oldest first", True, lambda bucket: bucket.creation_date),
    Order("modified", "longest unchanged first", True, lambda bucket: bucket.last_modified),
)


# In reports with charts of trends.
BY_CHANGE = Order("growth", "largest 30-day increase first", False, lambda bucket: bucket.cost_change_30d)


def sort_buckets(by_name: Iterable[Bucket], order: Order) -> list[Bucket]:
    """Sort buckets that are sorted by name: equal values keep that order, unknown values are last."""
    known: list[Bucket] = []
    unknown: list[Bucket] = []
    for bucket in by_name:
        (unknown if order.key(bucket) is None else known).append(bucket)
    # The sort is stable, also in reverse.
    known.sort(key=order.key, reverse=not order.ascending)  # type: ignore[arg-type]
    return known + unknown
