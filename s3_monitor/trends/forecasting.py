"""The forecast of a daily series: its mean over future days, with an 80% range."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean

import msgspec

from s3_monitor.trends.fit import LEAST_DAYS, fit_trend, fitted, skewness
from s3_monitor.trends.jumps import Jump, fill_missing, without_jumps

FIT_DAYS = 90  # older days have no influence
_WEEK = 7
_QUANTILE = 1.38  # 80% of a normal distribution lie within 1.28 standard deviations
# Of the changes of a random walk: skewness beyond this widens the range in the direction of the large changes.
_SKEWED, _PER_SKEWNESS = 1.0, 1.2
_LEAST_LEFT = 0.05  # of the level: a decrease to less than this is continued by percent, which never reaches 0
_COMPOUND_ODDS = 1.5  # the evidence that growth needs to be taken for compound growth
_MOST_GROWTH = 3.0  # compound growth is not continued beyond e^3 = 20 times the level
# The back-test on the series' own history scales the range. This is what counts without a back-test: the weight in
# independent forecasts, and the squared error of a series that is noise around a line, and of a random walk.
_PRIOR_WEIGHT = 2.0
_PRIOR_NOISE, _PRIOR_WALK = 0.5, 1.0
_BACK_TEST_DAYS = 30
_WORST_ERROR = 9.0  # a squared error beyond it counts as this
_CYCLE_DAYS = 45  # a drop that growth makes up for within so many days may be a cleanup that repeats
_SHORT_DAYS = 21  # a jump in a shorter history may as well be the first of many
_RECENT_DAYS = 30
_LEAST_JUMP = 0.05  # of the level: a smaller jump is not reported


class Forecast(msgspec.Struct, frozen=True):
    """The mean over the forecast days. The actual value is expected between ``low`` and ``high`` in 80% of cases."""

    low: float
    middle: float
    high: float
    jump: Jump | None = None
    """The largest one-time jump of the last 30 days, if it exceeds all other change of these days. It is not part of
    the trend. Its day is an index in the history."""
    may_repeat: bool = False
    """The jump may be a cleanup that repeats, or the history is too short to tell; the range includes that."""


def forecast(values: Sequence[float | None], first: int, last: int) -> Forecast | None:
    """Forecast the mean over the days ``first`` to ``last`` after the last of ``values``.

    ``values``: one per day, oldest first, not negative; None: missing. Return None with fewer than LEAST_DAYS days
    since the first one that is not 0.
    """
    known = [day for day, value in enumerate(values) if value is not None]
    if not known:
        return None
    end = known[-1] + 1
    start = next((day for day in range(max(0, end - FIT_DAYS), end) if values[day]), end - 1)
    series = fill_missing(values[start:end])
    late = len(values) - end
    if not any(series) and len(known) >= LEAST_DAYS:
        return Forecast(0.0, 0.0, 0.0)
    if len(series) < LEAST_DAYS:
        return None
    scale = max(series)
    found = _forecast([value / scale for value in series], first + late, last + late)
    jump = found.jump and Jump(found.jump.day + start, found.jump.size * scale)
    return Forecast(found.low * scale, found.middle * scale, found.high * scale, jump, found.may_repeat)


def _forecast(series: list[float], first: int, last: int) -> Forecast:
    cleaned, jumps = without_jumps(series)
    share = _compound_share(cleaned)
    middle, deviation = _mixed(cleaned, share, first, last)
    if middle < _LEAST_LEFT * cleaned[-1] and min(cleaned) > 0:
        share = 1.0
        middle, deviation = _mixed(cleaned, share, first, last)
    deviation *= _QUANTILE * max(1.0, _SHORT_DAYS / len(cleaned)) * _back_test(cleaned, share)
    if len(series) < _SHORT_DAYS:
        deviation = math.hypot(deviation, math.fsum(abs(jump.size) for jump in jumps))
    skewed = fit_trend(cleaned).walk_share * skewness(cleaned)
    below, above = deviation * _widening(-skewed), deviation * _widening(skewed)
    if share > 0.5 and middle > 0:
        low = middle / math.exp(min(below / middle, _MOST_GROWTH))
        high = middle * math.exp(min(above / middle, _MOST_GROWTH))
    else:
        low, high = max(0.0, middle - below), middle + above
    jump = _dominant(series, jumps)
    cycle = _cycle(series, cleaned, jumps)
    if cycle is None:
        return Forecast(low, middle, high, jump, may_repeat=jump is not None and len(series) < _SHORT_DAYS)
    bottom, top = cycle
    return Forecast(
        low=min(low, bottom + 0.1 * (top - bottom)),
        middle=(bottom + top) / 2,
        high=max(high, top - 0.1 * (top - bottom)),
        jump=jump,
        may_repeat=True,
    )


def _widening(skewed: float) -> float:
    return 1 + _PER_SKEWNESS * max(0.0, skewed - _SKEWED)


def _mixed(series: Sequence[float], share: float, first: int, last: int) -> tuple[float, float]:
    """Return the mean over the days and its standard deviation, ``share`` of it from the logarithms."""
    found: list[tuple[float, float, float]] = []
    if share < 1:
        trend = fit_trend(series)
        path = [max(0.0, value) for value in trend.path(first, last)]
        found.append((1 - share, fmean(path), trend.deviation(first, last)))
    if share > 0:
        trend = fit_trend([math.log(value) for value in series])
        path = [math.exp(min(value, trend.level + _MOST_GROWTH)) for value in trend.path(first, last)]
        middle = fmean(path)
        found.append((share, middle, min(trend.deviation(first, last), _MOST_GROWTH) * middle))
    middle = math.fsum(weight * mean for weight, mean, _ in found)
    variance = math.fsum(weight * (deviation**2 + (mean - middle) ** 2) for weight, mean, deviation in found)
    return middle, math.sqrt(variance)


def _compound_share(series: Sequence[float]) -> float:
    """Return how much better a line through the logarithms fits than one through the values: 0 to 1, 0.5 if equal."""
    if min(series) <= 0:
        return 0.0
    linear = _squared(series, fitted(series))
    compound = _squared(series, [math.exp(value) for value in fitted([math.log(value) for value in series])])
    tiny = 1e-18 * len(series)
    evidence = math.log((linear + tiny) / (compound + tiny)) * len(series) / 5
    if series[-1] > series[0]:
        evidence -= _COMPOUND_ODDS
    share = 1 / (1 + math.exp(-max(-50.0, min(50.0, evidence))))
    return 0.0 if share < 1e-3 else 1.0 if share > 1 - 1e-3 else share


def _squared(series: Sequence[float], curve: Sequence[float]) -> float:
    return math.fsum((value - point) ** 2 for value, point in zip(series, curve, strict=True))


def _back_test(series: Sequence[float], share: float) -> float:
    """Return by how much the errors of earlier forecasts differ from the computed deviations.

    Forecasts a week from each of the last days, up to a third of the history ahead, and compares it with what happened.
    """
    days = len(series)
    ahead = max(_WEEK, min(_BACK_TEST_DAYS, days // 3))
    errors = []
    for end in range(max(LEAST_DAYS, days - 2 * _BACK_TEST_DAYS), days - ahead + 1):
        middle, deviation = _mixed(series[:end], share, ahead - _WEEK + 1, ahead)
        error = abs(fmean(series[end + ahead - _WEEK : end + ahead]) - middle)
        if error > 1e-9 * middle:
            errors.append(min(_WORST_ERROR, (error / deviation) ** 2) if deviation > 0 else _WORST_ERROR)
        else:
            errors.append(0.0)
    if not errors:
        return 1.0
    weight = len(errors) / ahead + 1
    prior = _PRIOR_NOISE + (_PRIOR_WALK - _PRIOR_NOISE) * fit_trend(series).walk_share
    return math.sqrt((_PRIOR_WEIGHT * prior + weight * fmean(errors)) / (_PRIOR_WEIGHT + weight))


def _dominant(series: Sequence[float], jumps: Sequence[Jump]) -> Jump | None:
    recent = [jump for jump in jumps if jump.day >= len(series) - _RECENT_DAYS]
    if not recent:
        return None
    largest = max(recent, key=lambda jump: abs(jump.size))
    start = max(0, len(series) - 1 - _RECENT_DAYS)
    other = abs(series[-1] - series[start] - largest.size)
    level = max(series[start:])
    return largest if abs(largest.size) > max(other, _LEAST_JUMP * level) else None


def _cycle(series: Sequence[float], cleaned: Sequence[float], jumps: Sequence[Jump]) -> tuple[float, float] | None:
    """Return the bottom and top of a cleanup that repeats, if a single drop may be one.

    The growth makes up for the drop within _CYCLE_DAYS, and no more days than that were without a drop.
    """
    if len(jumps) != 1 or jumps[0].size >= 0:
        return None
    (drop,) = jumps
    slope = fit_trend(cleaned).slope
    if slope <= 0:
        return None
    days = -drop.size / slope
    if not _WEEK < days <= _CYCLE_DAYS or drop.day > 1.1 * days or len(series) - drop.day > 1.1 * days:
        return None
    return series[drop.day], series[drop.day] - drop.size
