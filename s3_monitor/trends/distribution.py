"""The distribution of a future value: a mixture of several possible outcomes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

import msgspec

_STEPS = 60  # bisections
_PRECISION = 1e-9
_REACH = 12.0  # scales around the locations in which quantiles are searched
_MOST_EXPONENT = 50.0
_NORMAL = NormalDist()


class Outcome(msgspec.Struct, frozen=True):
    """A Student distribution of the value, or of its logarithm."""

    weight: float
    location: float
    scale: float
    freedom: float
    """Degrees of freedom."""
    compound: bool = False
    """The distribution is that of the logarithm."""

    def below(self, value: float) -> float:
        """Return the probability of less than ``value``."""
        if self.compound:
            if value <= 0:
                return 0.0
            value = math.log(value)
        return _student((value - self.location) / self.scale, self.freedom)

    def at(self, scales: float) -> float:
        """Return the value a number of scales above the location."""
        value = self.location + scales * self.scale
        return math.exp(min(value, _MOST_EXPONENT)) if self.compound else value


def _student(value: float, freedom: float) -> float:
    """Return the cumulative distribution function of Student's distribution (Wallace's approximation)."""
    normal = (8 * freedom + 1) / (8 * freedom + 3) * math.sqrt(freedom * math.log1p(value * value / freedom))
    return _NORMAL.cdf(math.copysign(normal, value))


def weighted(outcomes: Sequence[Outcome], weight: float) -> list[Outcome]:
    """Return the outcomes with their weights multiplied."""
    return [msgspec.structs.replace(one, weight=one.weight * weight) for one in outcomes] if weight > 0 else []


def quantile(outcomes: Sequence[Outcome], probability: float) -> float:
    """Return the value that the mixture falls below with this probability. The weights sum up to 1."""
    low = min(one.at(-_REACH) for one in outcomes)
    high = max(one.at(_REACH) for one in outcomes)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if high - low < _PRECISION * abs(middle):
            break
        if math.fsum(one.weight * one.below(middle) for one in outcomes) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2
