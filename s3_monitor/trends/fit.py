"""The trend of a daily series without jumps: its level, its growth per day, and how much both vary."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate, pairwise
from statistics import fmean

import msgspec

LEAST_DAYS = 14
_WEEK = 7
_MIDDLE = 3  # days from the middle of a week to its end
# Two straight lines replace one if they leave less than this share of its squared residuals.
_BREAK = 0.1
_GAP = 8.0  # squared gap between the lines, by day, as a share of the residuals: above it, a step and not a bend
_PIECE = 10  # days that a straight piece has at least
# The growth counts if it is distinctly larger than its own uncertainty: squared ratio.
_SIGNIFICANT = 8.0
_MONOTONIC = 3  # changes in one direction, and none in the other, are a trend
_REGULAR = 2.8  # if they are as good as so many equal changes
# Variance per day of the changes over some weeks, compared with that of daily changes: 1 for a random walk, one
# divided by the number of days for independent noise. Between the two, it is a mixture.
_NOISE_MARGIN, _WALK_MARGIN = 1.4, 0.2
_SMOOTH_RATIO = 1.8  # above it, changes follow each other, and those over weeks say more
_DRIFT = 0.02  # share of the variance over weeks that adds up in 30 days although the series looks like noise
# Variance of the weekly means of the changes over 7 days, compared with that of the changes: a seventh for noise, two
# thirds for a random walk, whatever the pattern within the week.
_HIDDEN_NOISE, _HIDDEN_MARGIN = 0.18, 0.2
_FEW_WEEKS = 3.0  # such a walk is known from a few weeks only
_RARITY = 0.7  # added to the deviation of a walk of equal steps if a single step made all of it
_LEVEL_WALK = 0.2  # share of a random walk from which on the last value is the level
_LAG_SHARE = 30  # the changes are over one week per so many days of history
_MODEL_DAYS = 11  # days of weekly means that the fit itself takes up
_PATTERN = 0.11  # share of the pattern within a week that a monthly mean retains


class Trend(msgspec.Struct, frozen=True):
    """``level`` on the last day and ``slope`` per day, with the variances of what they do not explain."""

    level: float
    slope: float
    walk: float
    """Of the daily steps that add up."""
    walk_share: float
    """How much the series is a random walk (1) instead of noise around a line (0)."""
    noise: float
    """Of the mean of a week."""
    pattern: float
    """Of a day around the line."""
    days: int
    """The slope's base."""
    trust: float
    """Share of the observed slope that counts, 0 to 1."""
    doubt: float
    """Growth per day that could as well be chance."""
    damping: float
    """Share of the growth that is left after a day: below 1 if growth slowed down in the history."""

    def path(self, first: int, last: int) -> list[float]:
        return [self.level + self.slope * self._effective(day) for day in range(first, last + 1)]

    def _effective(self, day: float) -> float:
        """Return the number of days of undamped growth that the growth until ``day`` equals."""
        return day if self.damping == 1 else (1 - self.damping**day) / (1 - self.damping)

    def deviation(self, first: int, last: int) -> float:
        """Return the standard deviation of the mean over these days after the last one."""
        ahead = (first + last) / 2
        reach = self.trust * (ahead + _MIDDLE) / self.days
        noise = self.noise * ((1 + reach) ** 2 + reach**2) + _PATTERN**2 * self.pattern
        steps = max(first - 1, 0) + (last - first + 1) / 3
        slowing = (self.slope * (ahead - self._effective(ahead)) / 2) ** 2
        chance = (self.doubt * ahead) ** 2
        return math.sqrt(slowing + chance + noise + self.walk * (steps + self.trust * ahead**2 / self.days))


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


def fit_trend(values: Sequence[float]) -> Trend:
    """Fit the newest straight piece of the series. ``values``: at least LEAST_DAYS, one per day.

    The slope is that between the means of the first and the last week, so that patterns within a week do not bend it.
    It is reduced where it could as well be chance. The level is the mean of the last week for a series that varies
    around a line, and the last value for one whose steps add up (a random walk).
    """
    days = straight_days(values)
    damping = _damping(values, len(values) - days)
    values = values[-days:]
    line = _Line(values)
    changes = [later - earlier for earlier, later in pairwise(values)]
    walk, walk_share = _walk(values, changes)
    weeks = [fmean(values[day - _WEEK : day]) for day in range(_WEEK, days + 1)]
    base = days - _WEEK
    slope = (weeks[-1] - weeks[0]) / base
    pattern = line.residuals(0, days) / (days - 2)
    free = max(3.0, len(weeks) - _MODEL_DAYS) * max(1.0, len(weeks) - 2) / len(weeks)
    noise = (1 - walk_share) * min(_Line(weeks).residuals(0, len(weeks)) / free, pattern)
    ratio = math.inf if _is_monotonic(changes) else _ratio(slope * slope, walk / base + 2 * noise / base**2)
    trust = max(0.0, 1 - (_SIGNIFICANT / ratio) ** 2) if ratio > _SIGNIFICANT else 0.0
    end = weeks[-1] + _MIDDLE * trust * slope
    last = min(1.0, walk_share / _LEVEL_WALK)
    return Trend(
        level=last * values[-1] + (1 - last) * end,
        slope=trust * slope,
        walk=walk,
        walk_share=walk_share,
        noise=noise,
        pattern=(1 - walk_share) * pattern,
        days=base,
        trust=trust,
        doubt=(1 - trust) * min(1.0, ratio / _SIGNIFICANT) * slope,
        damping=damping,
    )


def fitted(values: Sequence[float]) -> list[float]:
    """Return the straight line through all values, or the two lines, one value per day."""
    before = len(values) - straight_days(values)
    return [*_line_through(values[:before]), *_line_through(values[before:])]


def _line_through(values: Sequence[float]) -> list[float]:
    if not values:
        return []
    slope = _Line(values).slope(0, len(values))
    middle, center = (len(values) - 1) / 2, fmean(values)
    return [center + slope * (day - middle) for day in range(len(values))]


def straight_days(values: Sequence[float]) -> int:
    """Return the length of the newest piece that is straight, if two straight pieces fit far better than one."""
    days = len(values)
    line = _Line(values)
    whole = line.residuals(0, days)
    largest = max(map(abs, values))
    if days < 2 * _PIECE or whole <= 1e-12 * days * largest**2:
        return days
    left = {stop: line.residuals(0, stop) + line.residuals(stop, days) for stop in range(_PIECE, days - _PIECE + 1)}
    best = min(left, key=lambda stop: (left[stop], stop))
    gap = line.value(best, days, best - 0.5) - line.value(0, best, best - 0.5)
    bends = left[best] < _BREAK * whole and gap**2 * days < _GAP * whole
    return days - best if bends else days


def _walk(values: Sequence[float], changes: Sequence[float]) -> tuple[float, float]:
    """Return the variance of the steps that add up, and the share of the series that is such a random walk."""
    lag = _WEEK * (len(values) // _LAG_SHARE) if len(values) >= _LAG_SHARE else _WEEK if len(values) >= 20 else 4
    daily = _variance(changes, 1)
    lagged = [later - earlier for earlier, later in zip(values, values[lag:], strict=False)]
    weekly = 0.8 * _variance(lagged, lag) / lag
    ratio = weekly / daily if daily > 0 else 0.0
    noise = _NOISE_MARGIN / lag
    share = min(1.0, max(0.0, (ratio - noise) / _WALK_MARGIN))
    walk = (weekly if ratio > _SMOOTH_RATIO else daily) * _rarity(changes) ** 2
    drift = (_DRIFT * len(values) / _LAG_SHARE + _FEW_WEEKS * _hidden_walk(values)) * weekly
    return share * walk + (1 - share) * drift, share


def skewness(values: Sequence[float]) -> float:
    """Return the skewness of the changes, positive if the largest are increases. Days without change do not count."""
    least = 1e-9 * max(map(abs, values))
    changes = [later - earlier for earlier, later in pairwise(values) if abs(later - earlier) > least] or [0.0]
    center = fmean(changes)
    variance = fmean((change - center) ** 2 for change in changes)
    return fmean((change - center) ** 3 for change in changes) / variance**1.5 if variance > 0 else 0.0


def _hidden_walk(values: Sequence[float]) -> float:
    """Return how much the means of weeks are a random walk, which a pattern within the week may hide: 0 to 1."""
    changes = [later - earlier for earlier, later in zip(values, values[_WEEK:], strict=False)]
    means = [fmean(changes[day : day + _WEEK]) for day in range(len(changes) - _WEEK + 1)]
    daily = _variance(changes, 0)
    if len(means) < _WEEK or daily <= 0:
        return 0.0
    return min(1.0, max(0.0, (_variance(means, 0) / daily - _HIDDEN_NOISE) / _HIDDEN_MARGIN))


def _variance(values: Sequence[float], lost: int) -> float:
    mean = fmean(values)
    return math.fsum((value - mean) ** 2 for value in values) / max(1, len(values) - lost)


def _ratio(square: float, variance: float) -> float:
    return square / variance if variance > 0 else math.inf


def _is_monotonic(changes: Sequence[float]) -> bool:
    """Return whether the series changes in one direction only: its steps add up, and it does not vary around a line."""
    up, down = sum(change > 0 for change in changes), sum(change < 0 for change in changes)
    if min(up, down) > 0 or up + down < _MONOTONIC:
        return False
    return math.fsum(changes) ** 2 >= _REGULAR * math.fsum(change * change for change in changes)


def _rarity(changes: Sequence[float]) -> float:
    """Return by how much the deviation of a few large steps is less certain than that of many: 1 for equal steps."""
    center = fmean(changes)
    squares = [(change - center) ** 2 for change in changes]
    quartic = math.fsum(square * square for square in squares)
    effective = math.fsum(squares) ** 2 / quartic if quartic > 0 else math.inf
    return 1 + _RARITY / effective


def _damping(values: Sequence[float], before: int) -> float:
    """Return the damping with which the growth slowed down after the day ``before``, or 1 if it did not."""
    if not before:
        return 1.0
    line = _Line(values)
    earlier, later = line.slope(0, before), line.slope(before, len(values))
    if not 0 < later * earlier < earlier * earlier:
        return 1.0
    return math.pow(later / earlier, 2 / len(values))
