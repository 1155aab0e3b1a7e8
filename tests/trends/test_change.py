"""The change over a number of days."""

from __future__ import annotations

from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.trends.change import day_before, difference, is_weekly_swing, newest_day
from tests.trends.test_reference import noise

LINE: list[int | None] = [100 * day for day in range(40)]


def change(values: list[int | None], days: int = 30) -> int | None:
    newest = newest_day(values)
    before = None if newest is None else day_before(values, newest, days)
    return None if newest is None or before is None else difference(values[newest], values[before])


def without(*days: int) -> list[int | None]:
    return [None if day in days else value for day, value in enumerate(LINE)]


@pytest.mark.parametrize(
    ("values", "days", "expected"),
    [
        (LINE, 30, 3000),
        (LINE, 7, 700),
        (LINE, 1, 100),
        (without(39), 30, 3000),  # the newest day with a value
        (without(9), 30, 2900),  # the nearer day; of two, the newer
        (without(9, 10), 30, 3100),
        (without(*range(6, 14)), 30, 3400),  # at most 4 days off
        (without(*range(5, 14)), 30, None),
        (LINE[:31], 30, 3000),
        (LINE[:27], 30, 2600),
        (LINE[:26], 30, None),  # the history is shorter
        (without(38), 1, 200),
        (without(37, 38), 1, None),
        ([None] * 40, 30, None),
        ([], 30, None),
        ([0] * 40, 30, 0),
    ],
)
def test_the_change_is_the_newest_value_minus_the_compared_value(
    values: list[int | None], days: int, expected: int | None
) -> None:
    assert change(values, days) == expected


@given(st.lists(st.none() | st.integers(0, 2**60), max_size=60), st.integers(1, 40))
def test_the_compared_days_are_about_the_requested_number_of_days_apart(values: list[int | None], days: int) -> None:
    found = change(values, days)
    if found is None:
        return
    newest = max(day for day, value in enumerate(values) if value is not None)
    before = day_before(values, newest, days)
    assert before is not None
    assert abs(newest - before - days) <= days // 10 + 1
    assert found == (values[newest] or 0) - (values[before] or 0)


@given(st.lists(st.none() | st.integers(0, 2**60), min_size=31, max_size=60))
def test_multiplying_the_history_multiplies_the_change(values: list[int | None]) -> None:
    found = change(values)
    larger = change([None if value is None else 1000 * value for value in values])
    assert larger == (None if found is None else 1000 * found)


def sawtooth(day: int) -> int:
    return 100 * (day % 7)


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ([sawtooth(day) for day in range(31)], True),
        ([sawtooth(day) + 10 * day for day in range(31)], False),  # growth from week to week
        ([1000 + (day % 4 == 2) for day in range(31)], True),
        ([1000 + (day > 0) for day in range(31)], False),  # a step on the second day
        ([1000 + (day > 29) for day in range(31)], False),  # a step on the last day
        ([10 * day for day in range(31)], False),
        ([None if day % 7 == 3 else sawtooth(day) for day in range(31)], True),
        ([0.25 if day % 7 == 0 else 0.0 for day in range(31)], True),
        ([0.25 if day % 7 == 2 else 0.0 for day in range(31)], True),
        ([1.0, *[None] * 29, 1.5], False),  # too little is known
        ([0] * 7 + [0, 60] * 8 + [0, 20, 20, 20, 20, 20, 0, 50], False),  # growth explains exactly half of the change
    ],
)
def test_a_change_within_the_normal_variation_of_a_week_is_a_swing(history: list[float | None], expected: bool) -> None:
    for older in ([], [7] * 5, [10**6] * 20):  # days before the compared ones do not count
        assert is_weekly_swing([*older, *history], len(older) + 30, len(older)) is expected


def is_swing_directly(values: list[float], newest: int, before: int) -> bool:
    """Return the same as ``is_weekly_swing`` for a history of at least five weeks without missing days."""
    weeks = [values[newest - 7 * back - 6 : newest - 7 * back + 1] for back in range(4)]
    first_week = values[before : before + 7]
    swing = abs(values[newest] - values[before])
    usual = median(max(week) - min(week) for week in weeks)
    growth_per_day = abs(median(weeks[0]) - median(first_week)) / (newest - before - 6)
    return swing <= usual and 2 * growth_per_day * (newest - before) < swing


def test_a_swing_agrees_with_a_direct_computation() -> None:
    found = []
    for seed in range(300):
        values = [100 * value + seed % 5 * day / 3 for day, value in enumerate(noise(36, seed))]
        found.append(is_weekly_swing(values, 35, 2))
        assert found[-1] == is_swing_directly(values, 35, 2)
    assert 30 < sum(found) < 270


def test_a_month_is_30_days() -> None:
    assert change([day**2 for day in range(41)]) == 40**2 - 10**2
