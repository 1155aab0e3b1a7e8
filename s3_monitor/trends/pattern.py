"""A pattern that repeats after a fixed number of days, for example a weekly cleanup."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import accumulate
from statistics import fmean

import msgspec

_LEAST_CHANGES = 13
_WEEK = 7
_UNUSUAL = 30.0  # twice the log evidence that a pattern of any other period than a week needs in addition
_TINY = 1e-9


class Pattern(msgspec.Struct, frozen=True):
    """Offsets from the level, one per day of the period, with a mean of 0."""

    offsets: list[float]

    def on(self, day: int) -> float:
        """Return the offset of a day."""
        return self.offsets[day % len(self.offsets)]

    @property
    def parameters(self) -> int:
        """The number of free parameters."""
        return len(self.offsets) - 1


NO_PATTERN = Pattern([0.0])


def find_pattern(values: Mapping[int, float]) -> Pattern:
    """Return the pattern that explains the daily changes best, or NO_PATTERN if none does.

    The changes of the same day in each period are compared with all changes. The Bayesian information criterion
    decides whether a period explains enough for its number of parameters. ``values``: by day.
    """
    changes = {day: value - values[day - 1] for day, value in values.items() if day - 1 in values}
    count = len(changes)
    if count < _LEAST_CHANGES:
        return NO_PATTERN
    center = fmean(changes.values())
    total = math.fsum((change - center) ** 2 for change in changes.values())
    best, pattern = 0.0, NO_PATTERN
    for period in range(2, (count + 1) // 2 + 1):
        repeated = _repeated(changes, period)
        excess = [(math.fsum(same) - center * len(same)) ** 2 / len(same) for same in repeated if same]
        unexplained = max(1 - math.fsum(excess) / total, _TINY) if total > 0 else 1.0
        criterion = count * math.log(unexplained) + (period - 1) * math.log(count) + (period != _WEEK) * _UNUSUAL
        if criterion < best:
            best, pattern = criterion, _pattern([fmean(same or [center]) for same in repeated])
    return pattern


def _repeated(changes: Mapping[int, float], period: int) -> list[list[float]]:
    """Return the changes of each day of the period, or none for a day that occurred only once."""
    by_day: list[list[float]] = [[] for _ in range(period)]
    for day, change in changes.items():
        by_day[day % period].append(change)
    return [same if len(same) > 1 else [] for same in by_day]


def _pattern(changes: list[float]) -> Pattern:
    growth = fmean(changes)
    offsets = list(accumulate(change - growth for change in changes))
    center = fmean(offsets)
    return Pattern([offset - center for offset in offsets])
