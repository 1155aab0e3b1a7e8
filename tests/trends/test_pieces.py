"""The newest straight piece of a series."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from itertools import accumulate, pairwise
from statistics import fmean

import pytest

from s3_monitor.trends.pieces import straight_days
from tests.trends.test_reference import HISTORIES, noise, walk


@pytest.mark.parametrize("after", [10, 15, 30, 50])
@pytest.mark.parametrize("noise", [0, 0.3])
def test_only_the_newest_straight_piece_counts(after: int, noise: float) -> None:
    rng = random.Random(1)
    bent = [100.0 + 2 * day for day in range(60 - after)] + [218.0 - 2 * after] * after
    assert abs(straight_days([value + rng.gauss(0, noise) for value in bent]) - after) <= 2


@pytest.mark.parametrize(
    "values",
    [
        [5.0] * 30,
        [100.0 + 3 * day for day in range(30)],
        [100.0 - 50 * (day >= 15) for day in range(30)],  # a step is not a bend
        [1000 * (1 - math.exp(-day / 30)) for day in range(60)],  # nor is a curve
        [1.0, 5.0, 2.0] * 6,  # too short for two pieces
    ],
)
def test_without_a_bend_all_days_count(values: list[float]) -> None:
    assert straight_days(values) == len(values)


def test_a_random_walk_has_no_straight_pieces() -> None:
    rng = random.Random(1)
    walks = [list(accumulate((rng.gauss(0, 1) for _ in range(29)), initial=100.0)) for _ in range(100)]
    assert sum(straight_days(walk) == 30 for walk in walks) >= 98


def line_through(values: Sequence[float]) -> tuple[float, float, float]:
    """Return the mean, the slope and the squared residuals of the line of least squares."""
    days = [day - (len(values) - 1) / 2 for day in range(len(values))]
    mean = fmean(values)
    slope = sum(day * value for day, value in zip(days, values, strict=True)) / sum(day**2 for day in days)
    return mean, slope, sum((value - mean - slope * day) ** 2 for day, value in zip(days, values, strict=True))


def straight_days_directly(values: Sequence[float]) -> int:
    """Return the length of the newest straight piece, computed for each pair of pieces."""
    count, total = len(values), line_through(values)[2]
    if count < 20 or total <= 1e-12 * count * max(map(abs, values)) ** 2:
        return count
    pairs = {stop: (line_through(values[:stop]), line_through(values[stop:])) for stop in range(10, count - 9)}
    best = min(pairs, key=lambda stop: (pairs[stop][0][2] + pairs[stop][1][2], stop))
    (left_mean, left_slope, left), (right_mean, right_slope, right) = pairs[best]
    gap = right_mean - right_slope * (count - best) / 2 - (left_mean + left_slope * best / 2)
    changes = [later - earlier for earlier, later in pairwise(values)]
    squares = sum((change - fmean(changes)) ** 2 for change in changes)
    is_bend = left + right < 0.1 * total and gap**2 * count < 8 * total and left + right < 0.7 * squares
    return count - best if is_bend else count


BENDS = [
    [
        100.0 + slope * min(day, at) + later * max(0, day - at) + step * (day >= at) + scale * value
        for day, value in enumerate(noise(days, seed))
    ]
    for days in (19, 20, 21, 35, 60)
    for at in (9, 10, 11, 17, days - 10)
    for seed, (slope, later, step, scale) in enumerate(
        [(2, 0, 0, 1), (2, -1, 4, 4), (0, 3, -9, 9), (1, 1, 20, 3), (5, -5, 0, 0.01), (0, 0, 0, 0.01)], 1
    )
]


def test_straight_pieces_agree_with_a_direct_computation() -> None:
    histories = [[value for value in values if value is not None] for values in HISTORIES.values()]
    for values in [*BENDS, *histories, *[walk(days, days) for days in range(18, 60)]]:
        assert straight_days(values) == straight_days_directly(values)
    assert {straight_days(values) < len(values) for values in BENDS} == {True, False}
