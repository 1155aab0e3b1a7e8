"""How fast something grows, and where that leads: a robust slope, and the drift method's forecast."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

import msgspec

FIT_DAYS = 30  # a fit looks at the newest days only, however long the history
LEAST_POINTS = 7
LEAST_FORECAST_POINTS = 14
QUANTILE = 1.2816  # of the normal distribution: 80 of 100 lie between -QUANTILE and QUANTILE


class Forecast(msgspec.Struct, frozen=True):
    """The mean of what is foreseen for some days; with 80 % between ``low`` and ``high``, if things go on as they
    did."""

    low: float
    middle: float
    high: float


def slope(values: Sequence[float | None], most: int = FIT_DAYS + 1) -> float | None:
    """Growth a day: the median of the slopes between every two of the newest days (Theil and Sen).

    Up to 29 % of the points may be anything without a say in it. ``values``: one a day; null: a gap. ``most``: look
    at some so many days, at equal distances. Null where fewer than LEAST_POINTS have a value.
    """
    newest = values[-FIT_DAYS - 1 :]
    step = max(1, round((len(newest) - 1) / (most - 1)))
    newest = newest[::-step][::-1]
    if None not in newest:
        return None if len(newest) < LEAST_POINTS else _median_slope(newest) / step  # type: ignore[arg-type]
    points = [(day, value) for day, value in enumerate(newest) if value is not None]
    if len(points) < LEAST_POINTS:
        return None
    slopes = [
        (value - before) / (day - earlier)
        for index, (day, value) in enumerate(points)
        for earlier, before in points[:index]
    ]
    return median(slopes) / step


def _median_slope(values: Sequence[float]) -> float:
    """Of a value each day. Lists and C's loops: there may be hundreds of thousands of buckets."""
    if min(values) == max(values):
        return 0.0
    slopes: list[float] = []
    for lag in range(1, len(values)):
        slopes += [(later - earlier) / lag for earlier, later in zip(values, values[lag:], strict=False)]
    slopes.sort()
    middle = len(slopes) // 2
    return slopes[middle] if len(slopes) % 2 else (slopes[middle - 1] + slopes[middle]) / 2


def forecast(values: Sequence[float | None], first: int, last: int) -> Forecast | None:
    """The mean over the days ``first`` to ``last`` (as many days after the last of ``values``).

    From the newest value on along the robust slope. Its uncertainty is that of a random walk with drift: after h
    days the deviation is s·√(h·(1 + h/n)), s that of the n daily steps around the slope (Hyndman and
    Athanasopoulos, Forecasting: Principles and Practice, the drift method). Null where there are too few values.
    """
    newest = values[-FIT_DAYS - 1 :]
    points = [(day, value) for day, value in enumerate(newest) if value is not None]
    growth = slope(values)
    if growth is None or len(points) < LEAST_FORECAST_POINTS:
        return None
    (start, _), (end, level) = points[0], points[-1]
    steps = [
        (value - before - growth * (day - earlier)) / math.sqrt(day - earlier)
        for (earlier, before), (day, value) in pairwise(points)
    ]
    deviation = math.sqrt(math.fsum(step * step for step in steps) / (len(steps) - 1))
    ahead = (first + last) / 2 + len(newest) - 1 - end
    middle = level + growth * ahead
    spread = QUANTILE * deviation * math.sqrt(ahead * (1 + ahead / (end - start)))
    return Forecast(max(0.0, middle - spread), max(0.0, middle), max(0.0, middle + spread))
