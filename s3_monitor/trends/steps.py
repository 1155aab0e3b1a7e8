"""The day on which most of a bucket's change happened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from s3_monitor.trends.daily_totals import DailyTotals

_LEAST_SHARE = 0.5  # of all daily changes together


class Step(NamedTuple):
    """A change between two days in a row that is larger than all others together."""

    day: int
    """Index of the second day in the span."""
    size: int
    """Bytes that moved, or the change in bytes."""
    cost: float
    """USD per month."""
    source: str | None
    """Storage class that bytes left; None: they did not move."""
    target: str | None


def largest_step(classes: Mapping[str, DailyTotals]) -> Step | None:
    """Return the step of a bucket; None if it changed gradually or not at all. ``classes``: storage class → totals."""
    days = max((len(daily.sizes) for daily in classes.values()), default=0)
    steps = [step for index in range(1, days) if (step := _step(classes, index)) is not None]
    if not steps:
        return None
    weights = [abs(step.cost) or abs(step.size) * 1e-12 for step in steps]  # bytes count where there is no price
    largest = max(weights)
    if not largest or largest < _LEAST_SHARE * sum(weights):
        return None
    return steps[weights.index(largest)]


def _step(classes: Mapping[str, DailyTotals], index: int) -> Step | None:
    """Return the change since the day before; None if one of the two days is missing."""
    changes: dict[str, int] = {}
    cost = 0.0
    for class_, daily in classes.items():
        now, before = daily.sizes[index], daily.sizes[index - 1]
        if now is None or before is None:
            return None
        changes[class_] = now - before
        cost += (daily.costs[index] or 0.0) - (daily.costs[index - 1] or 0.0)
    gained = sum(size for size in changes.values() if size > 0)
    lost = gained - sum(changes.values())
    moved = min(gained, lost)
    if not moved or 2 * moved < max(gained, lost):
        return Step(index, gained - lost, cost, None, None)
    return Step(index, moved, cost, min(changes, key=changes.__getitem__), max(changes, key=changes.__getitem__))
