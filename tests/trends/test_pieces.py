"""The newest straight piece of a series."""

from __future__ import annotations

import math
import random
from itertools import accumulate

import pytest

from s3_monitor.trends.pieces import straight_days


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
