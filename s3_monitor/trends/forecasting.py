"""The forecast of a daily series: its mean over future days, with an 80% range."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean

import msgspec

from s3_monitor.trends.distribution import Outcome, quantile, weighted
from s3_monitor.trends.jumps import Jump, fill_missing, with_jumps, without_jumps
from s3_monitor.trends.models import Horizon, effective_freedom, log_evidence, outcomes
from s3_monitor.trends.pattern import Pattern, find_pattern
from s3_monitor.trends.pieces import straight_days

LEAST_DAYS = 14
LEAST_VALUES = 7
FIT_DAYS = 90  # older days have no influence
_TAIL = 0.1  # probability of a value below the range, and of one above it
# The forecast is the last value if it lies between these quantiles, and the nearer of the two otherwise.
_LOW_MIDDLE, _HIGH_MIDDLE = 0.3, 0.7
_LEAST_LEFT = 0.05  # of the level: a decrease to less than this is continued by percent, which never reaches 0
_COMPOUND_ODDS = 0.7  # the log evidence that growth needs to be taken for compound growth
_COMPOUND_WEIGHT = 0.4  # share of the evidence that counts
_PER_CHANGE = 0.5  # less if a few changes make up most of the history: share per degree of freedom
_CERTAIN = 1e-3
# The probability that a jump is not a one-time event: where it is smaller than the growth of the history or the history
# is short, and otherwise per day of history.
_REPEATS, _REPEATS_PER_DAY = 0.6, 5.5
_CYCLE_DAYS = 45  # a drop that growth makes up for within this time may be a cleanup that repeats
_WEEK = 7
_CYCLE_WEIGHT, _CYCLE_SCALE = 0.6, 0.03  # probability that it repeats; deviation of the mean as a share of the drop
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
    """The jump may be a cleanup that repeats, or the history is too short to decide; the range includes that."""


class _Series(msgspec.Struct, frozen=True):
    """The values of a series without its pattern, on a linear or a logarithmic scale."""

    known: dict[int, float]
    filled: list[float]
    pattern: Pattern
    compound: bool

    def outcomes(self, horizon: Horizon) -> list[Outcome]:
        """Return the outcomes of the newest straight piece, with the pattern."""
        end = len(self.filled) - 1
        pattern = [self.pattern.on(end + day) for day in horizon.days]
        offset = math.log(fmean(map(math.exp, pattern))) if self.compound else fmean(pattern)
        found = outcomes(
            self._piece(straight_days(self.filled)), horizon, self.pattern.parameters, compound=self.compound
        )
        return [msgspec.structs.replace(one, location=one.location + offset) for one in found]

    def log_evidence(self, days: int) -> float:
        """Return the logarithm of the probability of the values of the last days, except for a constant."""
        piece = self._piece(days)
        logs = (value + self.pattern.on(day) for day, value in piece.items())
        density = math.fsum(logs) if self.compound else 0.0  # of the logarithms, for the same values
        return log_evidence(piece, self.pattern.parameters) - density

    def _piece(self, days: int) -> dict[int, float]:
        """Return the values of the last days, or all if these are too few."""
        first = len(self.filled) - days
        piece = {day: value for day, value in self.known.items() if day >= first}
        return piece if len(piece) >= LEAST_VALUES else self.known


def forecast(values: Sequence[float | None], first: int, last: int) -> Forecast | None:
    """Forecast the mean over the days ``first`` to ``last`` after the last of ``values``.

    ``values``: one per day, oldest first, not negative; None: missing. Return None with fewer than LEAST_DAYS days
    since the first one that is not 0, or fewer than LEAST_VALUES values.
    """
    known = [day for day, value in enumerate(values) if value is not None]
    if not known:
        return None
    end = known[-1] + 1
    start = next((day for day in range(max(0, end - FIT_DAYS), end) if values[day]), end - 1)
    series = fill_missing(values[start:end])
    if not any(series) and len(known) >= LEAST_DAYS:
        return Forecast(0.0, 0.0, 0.0)
    days = [day - start for day in known if day >= start]
    if len(series) < LEAST_DAYS or len(days) < LEAST_VALUES:
        return None
    scale = max(series)
    late = len(values) - end
    found = _forecast([value / scale for value in series], days, Horizon(first + late, last + late))
    jump = found.jump and Jump(found.jump.day + start, found.jump.size * scale)
    return Forecast(found.low * scale, found.middle * scale, found.high * scale, jump, found.may_repeat)


def _forecast(series: list[float], days: Sequence[int], horizon: Horizon) -> Forecast:
    cleaned, jumps = without_jumps(series)
    found = _outcomes(cleaned, days, horizon)
    repeats = _repeat_probability(cleaned, jumps)
    if repeats:
        jumping = _series(with_jumps(cleaned, jumps), days, compound=False).outcomes(horizon)
        found = [*weighted(found, 1 - repeats), *weighted(jumping, repeats)]
    cycle = _cycle(series, cleaned, jumps)
    if cycle:
        found = [*weighted(found, 1 - _CYCLE_WEIGHT), *weighted([cycle], _CYCLE_WEIGHT)]
    low, lower, upper, high = (
        max(0.0, quantile(found, probability)) for probability in (_TAIL, _LOW_MIDDLE, _HIGH_MIDDLE, 1 - _TAIL)
    )
    middle = min(max(cleaned[-1], lower), upper)
    jump = _dominant(series, jumps)
    may_repeat = cycle is not None or (jump is not None and len(series) < _SHORT_DAYS)
    return Forecast(min(low, middle), middle, max(high, middle), jump, may_repeat)


def _repeat_probability(cleaned: Sequence[float], jumps: Sequence[Jump]) -> float:
    if not jumps:
        return 0.0
    largest = max(abs(jump.size) for jump in jumps)
    if len(cleaned) < _SHORT_DAYS or largest < abs(cleaned[-1] - cleaned[0]):
        return _REPEATS
    return _REPEATS_PER_DAY / len(cleaned)


def _series(values: Sequence[float], days: Sequence[int], *, compound: bool) -> _Series:
    known = {day: math.log(values[day]) if compound else values[day] for day in days}
    pattern = find_pattern(known)
    known = {day: value - pattern.on(day) for day, value in known.items()}
    return _Series(known, fill_missing([known.get(day) for day in range(len(values))]), pattern, compound)


def _outcomes(values: Sequence[float], days: Sequence[int], horizon: Horizon) -> list[Outcome]:
    """Return the outcomes of growth by the same amount per day and by the same percentage per day."""
    linear = _series(values, days, compound=False)
    if min(values) <= 0:
        return linear.outcomes(horizon)
    compound = _series(values, days, compound=True)
    share = _compound_share(linear, compound)
    found = [
        *weighted(linear.outcomes(horizon) if share < 1 else [], 1 - share),
        *weighted(compound.outcomes(horizon) if share > 0 else [], share),
    ]
    return found if quantile(found, 0.5) >= _LEAST_LEFT * values[-1] else compound.outcomes(horizon)


def _compound_share(linear: _Series, compound: _Series) -> float:
    """Return the probability that growth is compound: 0 to 1, 0.5 if both scales explain the history equally well."""
    days = min(straight_days(linear.filled), straight_days(compound.filled))
    changes = [later - earlier for earlier, later in pairwise(linear.filled)]
    weight = min(_COMPOUND_WEIGHT, _PER_CHANGE * effective_freedom(changes) / len(changes))
    evidence = weight * (compound.log_evidence(days) - linear.log_evidence(days))
    if linear.filled[-1] > linear.filled[0]:
        evidence -= _COMPOUND_ODDS
    share = 1 / (1 + math.exp(-max(-50.0, min(50.0, evidence))))
    return 0.0 if share < _CERTAIN else 1.0 if share > 1 - _CERTAIN else share


def _dominant(series: Sequence[float], jumps: Sequence[Jump]) -> Jump | None:
    recent = [jump for jump in jumps if jump.day >= len(series) - _RECENT_DAYS]
    if not recent:
        return None
    largest = max(recent, key=lambda jump: abs(jump.size))
    start = max(0, len(series) - 1 - _RECENT_DAYS)
    other = abs(series[-1] - series[start] - largest.size)
    level = max(series[start:])
    return largest if abs(largest.size) > max(other, _LEAST_JUMP * level) else None


def _cycle(series: Sequence[float], cleaned: Sequence[float], jumps: Sequence[Jump]) -> Outcome | None:
    """Return the mean of a cleanup that repeats, if a single drop may be one.

    The growth makes up for the drop within _CYCLE_DAYS, and no more days than that were without a drop.
    """
    if len(jumps) != 1:
        return None
    (drop,) = jumps
    slope = (cleaned[-1] - cleaned[0]) / (len(cleaned) - 1)
    if slope <= 0:
        return None
    days = -drop.size / slope
    if not _WEEK < days <= _CYCLE_DAYS or drop.day > 1.1 * days or len(series) - drop.day > 1.1 * days:
        return None
    return Outcome(1.0, series[drop.day] - drop.size / 2, -drop.size * _CYCLE_SCALE, 10.0)
