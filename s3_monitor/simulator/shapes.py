"""How a series came to its newest value: curves over the days before it.

A shape maps a number of days before the newest point to a factor of the newest value, so that shape(0) is 1
and the newest value of a series is what its builder wrote down.
"""

import math
from collections.abc import Callable

Shape = Callable[[int], float]


def flat(_days_before: int) -> float:
    """The same every day."""
    return 1.0


def linear(share_a_day: float) -> Shape:
    """Grows by a fixed share of the newest value each day; negative: shrinks."""
    return lambda days: max(0.0, 1.0 - share_a_day * days)


def compound(rate_a_day: float) -> Shape:
    """Grows by a rate of itself each day; negative: decays."""
    factor = 1.0 + rate_a_day
    return lambda days: factor**-days


def steps(every: int, jump: float) -> Shape:
    """Stays, and jumps by a share of the newest value every so many days: monthly loads, migrations."""
    return lambda days: max(0.0, 1.0 - jump * (days // every))


def sawtooth(period: int, depth: float) -> Shape:
    """Fills up over a period, then an expiry rule empties it by `depth`."""
    return lambda days: 1.0 - depth * (days % period) / period


def seasonal(period: int, depth: float) -> Shape:
    """Swings down by `depth` and back up once a period."""
    return lambda days: 1.0 - depth * (1.0 - math.cos(2.0 * math.pi * days / period)) / 2.0


def noisy(shape: Shape, amplitude: float, seed: int) -> Shape:
    """A shape with a little unrest that is the same at every asking."""
    return lambda days: shape(days) * (1.0 - amplitude * ((days * 2654435761 * (seed | 1)) % 1009) / 1009.0)
