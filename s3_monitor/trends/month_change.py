"""The change of a bucket over 30 days, from its history, also by storage type. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from s3_monitor.merge.merged_data import ResolvedBucket
from s3_monitor.model.bucket import Bucket
from s3_monitor.model.change import Cause
from s3_monitor.model.series import Series, Window
from s3_monitor.money.list_pricing import Exact, Rate, Rates, line_cost, to_dollars
from s3_monitor.trends.causes import causes_of, main_cause
from s3_monitor.trends.history import has_late_series

# The day 30 days before, or the nearest day with figures, as in trends.change.day_before.
_DAYS = (30, 29, 31, 28, 32, 27, 33, 26, 34)

Sizes = Mapping[str, float]  # storage type → bytes


class MonthChange(NamedTuple):
    """The change of a bucket over 30 days. None: the history is shorter, or a storage type is late."""

    size: float | None
    """Bytes."""
    cost: float | None
    """USD per month at today's rates; None also without a price."""
    cause: Cause | None
    """None: unknown, or no change."""


UNKNOWN_CHANGE = MonthChange(None, None, None)


def month_change(record: ResolvedBucket, window: Window, rates: Rates) -> MonthChange:
    """Return the change of a bucket."""
    # Without figures, the newest day is the newest that CloudWatch can have.
    newest = window.days - 2 if record.state == "emptied" else record.day
    before = month_before(record, newest, window)
    if before is None or has_late_series(record):
        return UNKNOWN_CHANGE
    now, rates_of_types = record.lines, rates[record.account, record.region]
    changed = cost_change(now, before, rates_of_types)
    cost = None if changed is None else to_dollars(changed)
    size = float(sum(now.values()) - sum(before.values()))
    if now == before:
        return MonthChange(size, cost, None)
    created = newest is not None and _is_created_after(record, newest - _DAYS[0], window)
    causes = causes_of(_rounded(now), _rounded(before), rates_of_types, created=created, deleted=False)
    return MonthChange(size, cost, main_cause(causes) if causes else None)


def month_before(record: ResolvedBucket, newest: int | None, window: Window) -> Sizes | None:
    """Return the bytes of a bucket about 30 days before ``newest``: 0 if it was created since, None if unknown.

    ``newest``: offset of the day of its figures in the window.
    """
    if newest is None:
        return None
    if newest >= min(_DAYS):
        for days in _DAYS:
            if newest < days:
                continue
            if (before := _sizes_on(record.sizes, newest - days)) is not None:
                return before
        if record.state == "emptied" and all(series.day < newest - max(_DAYS) for series in record.sizes.values()):
            return {}
    return {} if _is_created_after(record, newest - _DAYS[0], window) else None


def _is_created_after(record: ResolvedBucket, day: int, window: Window) -> bool:
    return record.created is not None and window.offset_of_time(record.created) > day


def _rounded(sizes: Sizes) -> dict[str, int]:
    return {name: round(size) for name, size in sizes.items()}


def _sizes_on(sizes: Mapping[str, Series], day: int) -> Sizes | None:
    """Return the bytes of a day; None if it has no point, or if a series lacks a point within its span."""
    sizes_on_day: dict[str, float] = {}
    for name, series in sizes.items():
        value = series.value_before(series.day - day)
        if value is not None:
            sizes_on_day[name] = value
        elif 0 <= series.day - day < series.length:
            return None
    return sizes_on_day or None


def cost_change(now: Sizes, before: Sizes, rates: Mapping[str, Rate]) -> Exact | None:
    """Return the cost of ``now`` minus that of ``before`` at today's rates; None if a changed type has no rate."""
    changed: Exact = 0
    for name in now if now.keys() == before.keys() else {*now, *before}:
        amount = line_cost(rates.get(name), now.get(name, 0) - before.get(name, 0))
        if amount is None:
            return None
        changed += amount
    return changed


class TypeChange(NamedTuple):
    """The change of a storage type."""

    size: float
    """Bytes."""
    cost: float | None
    """USD per month; None: unknown."""


def type_changes(bucket: Bucket, record: ResolvedBucket, window: Window) -> dict[str, TypeChange]:
    """Return storage type → its change, also of types that the bucket no longer holds; empty if unknown.

    The parts add up to the changes in buckets.json.
    """
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
