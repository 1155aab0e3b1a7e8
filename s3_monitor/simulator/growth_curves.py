"""How a series came to its newest value: curves over the days before it.

A shape maps a number of days before the newest point to a factor of the newest value, so that shape(0) is 1
and the newest value of a series is what its builder wrote down.
"""

import math
from collections.abc import Callable


class Shape:
    """A curve whose points are computed once, however many series share it."""

    def __init__(self, curve: Callable[[int], float]) -> None:
        self._curve = curve
        self._known: list[float] = []

    def __call__(self, days_before: int) -> float:
        return self.factors(days_before, days_before + 1)[0]

    def factors(self, start: int, stop: int) -> list[float]:
        """The factors of the days from start to before stop, counted backwards from the newest point."""
        if len(self._known) < stop:
            self._known += [max(0.0, self._curve(days)) for days in range(len(self._known), stop)]
        return self._known[start:stop]


def linear(share_a_day: float) -> Shape:
    """Grows by a fixed share of the newest value each day; negative: shrinks."""
    return Shape(lambda days: 1.0 - share_a_day * days)


def compound(rate_a_day: float) -> Shape:
    """Grows by a rate of itself each day; negative: decays."""
    factor = 1.0 + rate_a_day
    return Shape(lambda days: factor**-days)


def steps(every: int, jump: float) -> Shape:
    """Stays, and jumps by a share of the newest value every so many days: monthly loads, migrations."""
    return Shape(lambda days: 1.0 - jump * (days // every))


def sawtooth(period: int, depth: float) -> Shape:
    """Fills up over a period, then an expiry rule empties it by `depth`."""
    return Shape(lambda days: 1.0 - depth * (days % period) / period)


def seasonal(period: int, depth: float) -> Shape:
    """Swings down by `depth` and back up once a period."""
    return Shape(lambda days: 1.0 - depth * (1.0 - math.cos(2.0 * math.pi * days / period)) / 2.0)


def noisy(shape: Shape, amplitude: float, seed: int) -> Shape:
    """A shape with a little unrest that is the same at every asking."""
    return Shape(lambda days: shape(days) * (1.0 - amplitude * ((days * 2654435761 * (seed | 1)) % 1009) / 1009.0))


flat = linear(0.0)  # the same every day
