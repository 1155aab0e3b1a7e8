"""Patterns that repeat after a fixed number of days."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.trends.pattern import NO_PATTERN, Pattern, find_pattern


def by_day(values: Sequence[float]) -> dict[int, float]:
    return dict(enumerate(values))


@pytest.mark.parametrize("period", [5, 7, 10, 14])
@pytest.mark.parametrize("slope", [0, 2])
def test_a_cleanup_every_few_days_is_a_pattern(period: int, slope: float) -> None:
    pattern = find_pattern(by_day([100 + slope * day + 10.0 * (day % period) for day in range(35)]))
    assert pattern.parameters == period - 1
    assert sum(pattern.offsets) == pytest.approx(0, abs=1e-9)
    assert pattern.on(1) - pattern.on(0) == pytest.approx(10)
    assert pattern.on(-1) - pattern.on(0) == pytest.approx(10 * (period - 1))


@pytest.mark.parametrize("missing", [{3, 11}, set(range(12, 18))])
def test_a_pattern_is_found_with_missing_days(missing: set[int]) -> None:
    values = {day: 100 + 10.0 * (day % 7) for day in range(35) if day not in missing}
    assert find_pattern(values).offsets == pytest.approx([10.0 * day - 30 for day in range(7)])


@pytest.mark.parametrize(
    "values",
    [
        [5.0] * 30,
        [100.0 + 3 * day for day in range(30)],
        [100.0 - 40 * (day >= 15) for day in range(30)],  # what occurs once shows no pattern
        [100.0 + 10 * (day % 7) for day in range(12)],  # too short
    ],
)
def test_values_that_do_not_repeat_are_not_a_pattern(values: list[float]) -> None:
    assert find_pattern(by_day(values)) == NO_PATTERN


@pytest.mark.parametrize("adding_up", [False, True])
def test_chance_is_rarely_taken_for_a_pattern(adding_up: bool) -> None:
    found = []
    for seed in range(200):
        rng = random.Random(seed)
        noise = [rng.gauss(0, 1) for _ in range(30)]
        found.append(find_pattern(by_day(list(accumulate(noise)) if adding_up else noise)))
    assert sum(pattern != NO_PATTERN for pattern in found) <= 10


@given(st.lists(st.floats(0, 1), max_size=90))
def test_offsets_are_balanced(values: list[float]) -> None:
    pattern = find_pattern(by_day(values))
    assert isinstance(pattern, Pattern)
    assert sum(pattern.offsets) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(("days", "period"), [(15, 1), (16, 8), (17, 8)])
def test_a_pattern_of_8_days_needs_16_days(days: int, period: int) -> None:
    changes = [0, 5, -3, -4, 2, -1, 1, 0]
    values = list(accumulate((changes[day % 8] for day in range(1, days)), initial=100.0))
    assert len(find_pattern(by_day(values)).offsets) == period
