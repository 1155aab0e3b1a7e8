"""The newest straight piece of a daily series."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from statistics import fmean

# Two straight lines replace one if they leave less than this share of its squared residuals.
_BREAK = 0.1
_GAP = 8.0  # squared gap between the lines, by day, as a share of the residuals: above it, a step and not a bend
_PIECE = 10  # days that a straight piece has at least
_WANDERING = 0.7  # residuals as a share of the squared changes: noise around a line has 0.5, a random walk more


class _Line:
    """Least squares in constant time for any piece of a series."""

    def __init__(self, values: Sequence[float]) -> None:
        center = fmean(values)
        centered = [value - center for value in values]
        self._sums = [0.0, *accumulate(centered)]
        self._moments = [0.0, *accumulate(day * value for day, value in enumerate(centered))]
        self._squares = [0.0, *accumulate(value * value for value in centered)]

    def slope(self, start: int, stop: int) -> float:
        days = stop - start
        sum_ = self._sums[stop] - self._sums[start]
        moment = self._moments[stop] - self._moments[start] - (start + (days - 1) / 2) * sum_
        return moment * 12 / (days * (days * days - 1))

    def value(self, start: int, stop: int, day: float) -> float:
        """Return the value on ``day`` of the line through the days from ``start`` to ``stop``."""
        mean = (self._sums[stop] - self._sums[start]) / (stop - start)
        return mean + self.slope(start, stop) * (day - (start + stop - 1) / 2)

    def residuals(self, start: int, stop: int) -> float:
        """Return the sum of the squared residuals."""
        days = stop - start
        sum_ = self._sums[stop] - self._sums[start]
        total = self._squares[stop] - self._squares[start] - sum_ * sum_ / days
        return max(0.0, total - self.slope(start, stop) ** 2 * days * (days * days - 1) / 12)


def straight_days(values: Sequence[float]) -> int:
    """Return the length of the newest straight piece, or of all values if two pieces do not fit far better than one.

    A random walk looks like straight pieces too, but its distance from them is large compared with its daily changes.
    """
    days = len(values)
    line = _Line(values)
    total = line.residuals(0, days)
    largest = max(map(abs, values))
    if days < 2 * _PIECE or total <= 1e-12 * days * largest**2:
        return days
    left = {stop: line.residuals(0, stop) + line.residuals(stop, days) for stop in range(_PIECE, days - _PIECE + 1)}
    best = min(left, key=lambda stop: (left[stop], stop))
    gap = line.value(best, days, best - 0.5) - line.value(0, best, best - 0.5)
    bends = left[best] < _BREAK * total and gap**2 * days < _GAP * total
    return days - best if bends and left[best] < _WANDERING * _squared_changes(values) else days


def _squared_changes(values: Sequence[float]) -> float:
    changes = [later - earlier for earlier, later in pairwise(values)]
    center = fmean(changes)
    return sum((change - center) ** 2 for change in changes)
