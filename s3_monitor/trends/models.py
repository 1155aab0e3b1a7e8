"""Models of a daily series without jumps and patterns, weighted by how well each explains it.

The series is noise around a level or a random walk. It does not grow, it grows along a straight line, or along a curve
that levels off. Each combination gives an outcome for the mean over future days.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from statistics import fmean

import msgspec

from s3_monitor.trends.distribution import Outcome

_NOISE, _WALK = 0.375, 0.625  # prior probabilities
_GROWTH = 0.25  # prior probability of growth of any kind
_LINE = 0.9  # of it along a line
_BENDS = ((2.0, 0.04), (5.0, 0.06))  # of it along a curve whose slope falls by e^2 or e^5 over the history
_GROWTH_DAYS = 3.0  # factor of the number of days in the penalty for growth, as in the Bayesian information criterion
_FLOOR = 1e-10  # standard deviation of a day that every series has, as a share of its largest value
_LEAST_FREEDOM, _LEAST_WALK_FREEDOM = 3.0, 1.5
_ONE_DIRECTION = 4  # changes in one direction, and none in the other, that are growth rather than chance
_FEW_STEPS = 3.0  # the future steps of a random walk are larger than n past ones by this number divided by n
_LEAST_WEIGHT = 1e-3
_MOST_GROWTH = 3.0  # compound growth is not continued beyond e^3 = 20 times the last value
_MOST_SCALE = 1.5  # of a logarithm
_MOST_EXPONENT = 50.0

Curve = Callable[[float], float]


class Horizon(msgspec.Struct, frozen=True):
    """The future days that the mean is taken over, counted from the last day of the series."""

    first: int
    last: int

    @property
    def days(self) -> range:
        """The days from the first to the last."""
        return range(self.first, self.last + 1)

    def mean(self, curve: Curve) -> float:
        """Return the mean of a curve over the days."""
        return fmean(map(curve, self.days))

    def walk_variance(self) -> float:
        """Return the variance of the mean of a random walk whose steps from day 0 on have a variance of 1."""
        count = len(self.days)
        return self.first - 1 + (count + 1) * (2 * count + 1) / (6 * count)


class _Model(msgspec.Struct, frozen=True):
    """A linear model, transformed so that its residuals are independent and have equal variances."""

    deviations: list[float]
    transform: Callable[[Curve], list[float]]
    """Transform a growth curve like the values."""
    level: float
    origin: Callable[[Curve], float]
    """Return the value of a curve at the level."""
    variance: float
    """Variance of the mean over the horizon without growth, in variances of a residual."""
    evidence: float
    """Logarithm of the prior probability and of the factors of the likelihood that do not depend on the residuals."""
    most_freedom: float
    inflation: float


def outcomes(values: Mapping[int, float], horizon: Horizon, parameters: int, *, compound: bool) -> list[Outcome]:
    """Return the outcomes for the mean over the horizon. Their weights sum up to 1.

    ``values``: by day, in order; the horizon counts from the last one. ``parameters``: number of parameters that were
    estimated and removed from the values before. ``compound``: the values are logarithms.
    """
    found = _weighed(values, horizon, parameters, compound)
    top = max(evidence for evidence, _ in found)
    likely = [(weight, one) for evidence, one in found if (weight := math.exp(evidence - top)) > _LEAST_WEIGHT]
    total = math.fsum(weight for weight, _ in likely)
    last = list(values.values())[-1]
    limit, widest = (last + _MOST_GROWTH, _MOST_SCALE) if compound else (math.inf, math.inf)
    return [
        Outcome(weight / total, min(one.location, limit), min(one.scale, widest), one.freedom, compound)
        for weight, one in likely
    ]


def log_evidence(values: Mapping[int, float], parameters: int) -> float:
    """Return the logarithm of the probability of the values under all models, except for a constant."""
    found = [evidence for evidence, _ in _weighed(values, Horizon(1, 1), parameters, compound=False)]
    top = max(found)
    return top + math.log(math.fsum(math.exp(evidence - top) for evidence in found))


def _weighed(
    values: Mapping[int, float], horizon: Horizon, parameters: int, compound: bool
) -> list[tuple[float, Outcome]]:
    end = max(values)
    days, series = [day - end for day in values], list(values.values())
    return [
        weighed
        for model in (_noise(days, series, horizon), _walk(days, series, horizon))
        for weighed in _outcomes(model, days, horizon, parameters, compound)
    ]


def _noise(days: Sequence[int], values: Sequence[float], horizon: Horizon) -> _Model:
    """Independent deviations from a level."""

    def centered(curve: Curve) -> list[float]:
        points = [curve(day) for day in days]
        center = fmean(points)
        return [point - center for point in points]

    level = fmean(values)
    return _Model(
        deviations=[value - level for value in values],
        transform=centered,
        level=level,
        origin=lambda curve: fmean(map(curve, days)),
        variance=1 / len(days) + 1 / len(horizon.days),
        evidence=math.log(_NOISE) - math.log(len(days)) / 2,
        most_freedom=math.inf,
        inflation=1.0,
    )


def _walk(days: Sequence[int], values: Sequence[float], horizon: Horizon) -> _Model:
    """Independent steps that add up, so that the last value is the level."""
    gaps = [later - earlier for earlier, later in pairwise(days)]

    def steps(points: Sequence[float]) -> list[float]:
        return [
            (later - earlier) / math.sqrt(gap) for (earlier, later), gap in zip(pairwise(points), gaps, strict=True)
        ]

    deviations = steps(values)
    return _Model(
        deviations=deviations,
        transform=lambda curve: steps([curve(day) for day in days]),
        level=values[-1],
        origin=lambda curve: curve(0),
        variance=horizon.walk_variance(),
        evidence=math.log(_WALK) - math.fsum(map(math.log, gaps)) / 2,
        most_freedom=effective_freedom(deviations),
        inflation=1 + _FEW_STEPS / len(days),
    )


def _outcomes(
    model: _Model, days: Sequence[int], horizon: Horizon, parameters: int, compound: bool
) -> Iterator[tuple[float, Outcome]]:
    """Yield the log evidence and the outcome for no growth and for each kind of growth."""
    count = len(days)
    square = math.fsum(deviation**2 for deviation in model.deviations)
    freedom = max(_LEAST_FREEDOM, count - 1 - parameters)

    def outcome(location: float, variance: float, residuals: float, freedom: float) -> Outcome:
        scale = model.inflation * math.sqrt(variance * residuals / freedom)
        return Outcome(1.0, location, scale, min(freedom, model.most_freedom))

    def evidence(prior: float, residuals: float) -> float:
        return model.evidence + math.log(prior) - freedom / 2 * math.log(residuals)

    floor = count * _FLOOR**2
    chance = 1 - _GROWTH, square + floor
    yield (
        evidence(*chance) - _one_direction(model.deviations) * math.log(2),
        outcome(model.level, model.variance, chance[1], freedom),
    )
    for prior, curve in _curves(-days[0]):
        column = model.transform(curve)
        norm = math.fsum(point**2 for point in column)
        slope = math.fsum(map(lambda point, deviation: point * deviation, column, model.deviations)) / norm
        residuals = max(0.0, square - slope**2 * norm) + floor
        future = horizon.mean(curve)
        ahead = future - model.origin(curve)
        location = model.level + slope * ahead
        if compound:
            location += math.log(horizon.mean(lambda day: _bounded_exp(slope * (curve(day) - future))))  # noqa: B023
        yield (
            evidence(_GROWTH * prior, residuals) - math.log(_GROWTH_DAYS * count) / 2,
            outcome(location, model.variance + ahead**2 / norm, residuals, freedom - 1),
        )


def _curves(span: int) -> Iterator[tuple[float, Curve]]:
    """Yield the kinds of growth, with their share of the prior probability of growth."""
    yield _LINE, lambda day: day
    for bend, prior in _BENDS:
        yield prior, lambda day, bend=bend: -math.exp(-bend * day / span)  # type: ignore[misc]


def _bounded_exp(value: float) -> float:
    return math.exp(max(-_MOST_EXPONENT, min(_MOST_EXPONENT, value)))


def effective_freedom(steps: Sequence[float]) -> float:
    """Return the degrees of freedom of the variance of the steps: fewer if a few large steps make up most of it."""
    center = fmean(steps)
    squares = [(step - center) ** 2 for step in steps]
    quartic = math.fsum(square**2 for square in squares)
    if quartic <= 0:
        return math.inf
    kurtosis = len(steps) * quartic / math.fsum(squares) ** 2
    return max(_LEAST_WALK_FREEDOM, 2 * len(steps) / max(0.1, kurtosis - 1) - 1)


def _one_direction(steps: Sequence[float]) -> int:
    """Return how many changes repeat the direction of the first one, if all of several changes do."""
    up, down = sum(step > _FLOOR for step in steps), sum(step < -_FLOOR for step in steps)
    return max(up, down) - 1 if min(up, down) == 0 and max(up, down) >= _ONE_DIRECTION else 0
