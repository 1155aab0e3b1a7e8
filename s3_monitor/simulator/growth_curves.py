"""Growth curves: the earlier values of a series relative to the newest.

A shape maps a number of days before the newest point to a factor of the newest value, so that shape(0) is 1
and the newest value of a series is what its builder wrote down.
"""

import math
from collections.abc import Callable


class GrowthCurve:
    """A curve whose points are computed once for all its series."""

    def __init__(self, curve: Callable[[int], float]) -> None:
        self._curve = curve
        self._known: list[float] = []

    def __call__(self, days_before: int) -> float:
        return self.factors(days_before, days_before + 1)[0]

    def factors(self, start: int, stop: int) -> list[float]:
        """Return the factors of a range of days, counted backwards from the newest point."""
        if len(self._known) < stop:
            self._known += [max(0.0, self._curve(days)) for days in range(len(self._known), stop)]
        return self._known[start:stop]


def linear(share_a_day: float) -> GrowthCurve:
    """Grow by a fixed share of the newest value per day; negative: shrink."""
    return GrowthCurve(lambda days: 1.0 - share_a_day * days)


def compound(rate_a_day: float) -> GrowthCurve:
    """Grow by a rate per day; negative: decay."""
    factor = 1.0 + rate_a_day
    return GrowthCurve(lambda days: factor**-days)


def steps(every: int, jump: float) -> GrowthCurve:
    """Jump by a share of the newest value once per period: monthly loads, migrations."""
    return GrowthCurve(lambda days: 1.0 - jump * (days // every))


def jump(share: float) -> GrowthCurve:
    """Grow by a share of the newest value on the last day, and by little before: an import."""
    return GrowthCurve(lambda days: 1.0 if not days else 1.0 - share - 0.0004 * days)


def sawtooth(period: int, depth: float) -> GrowthCurve:
    """Grow over a period, then drop by ``depth``: an expiration rule."""
    return GrowthCurve(lambda days: 1.0 - depth * (days % period) / period)


def seasonal(period: int, depth: float) -> GrowthCurve:
    """Swing down by ``depth`` and back once per period."""
    return GrowthCurve(lambda days: 1.0 - depth * (1.0 - math.cos(2.0 * math.pi * days / period)) / 2.0)


def noisy(shape: GrowthCurve, amplitude: float, seed: int) -> GrowthCurve:
    """Add reproducible noise to a curve."""
    return GrowthCurve(
        lambda days: shape(days) * (1.0 - amplitude * ((days * 2654435761 * (seed | 1)) % 1009) / 1009.0)
    )


flat = linear(0.0)  # the same every day
