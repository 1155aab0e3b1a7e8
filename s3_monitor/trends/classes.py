"""Bytes and cost per day by storage class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from s3_monitor.merge.merged_data import ResolvedBucket
from s3_monitor.money.list_pricing import Exact, Rates, line_cost, to_dollars
from s3_monitor.money.storage_types import storage_types
from s3_monitor.trends.daily_totals import DailyTotals
from s3_monitor.trends.history import BucketHistory

UNKNOWN_CLASS = "UNKNOWN"


def class_of(storage_type: str) -> str:
    """Return the storage class of a storage type."""
    type_ = storage_types().get(storage_type)
    return UNKNOWN_CLASS if type_ is None else type_.storage_class


def bucket_classes(record: ResolvedBucket, history: BucketHistory, rates: Sequence[Rates]) -> Mapping[str, DailyTotals]:
    """Return storage class → bytes and cost of a bucket per day, without the cost of types that have no known price.

    A day on which a part of the bucket is missing is unknown in all classes. ``rates``: those of each day.
    """
    place = (record.account, record.region)
    classes = {class_of(name): DailyTotals([], []) for name in sorted(history.rows)}
    for day, total in enumerate(history.daily()):
        sizes = dict.fromkeys(classes, 0)
        amounts: dict[str, Exact] = dict.fromkeys(classes, 0)
        for name, size in history.on(day).items():
            sizes[class_of(name)] += size
            amounts[class_of(name)] += line_cost(rates[day][place][name], size) or 0
        for class_, daily in classes.items():
            daily.sizes.append(None if total is None else sizes[class_])
            daily.costs.append(None if total is None else to_dollars(amounts[class_]))
    return classes
