"""The assignment of points to days of the window."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.collect.daily_bins import DailyBinner
from s3_monitor.model.series import Window, pack

WINDOW = Window(date(2026, 11, 18), 5)
FIRST = datetime(2026, 11, 18, tzinfo=UTC).timestamp()
DAY = 86_400


@pytest.mark.parametrize(
    ("at", "values", "points", "twice", "invalid"),
    [
        ([], [], {}, False, set()),
        ([4, 3, 2, 1, 0], [5.0, 4.0, 3.0, 2.0, 1.0], {4: 5, 3: 4, 2: 3, 1: 2, 0: 1}, False, set()),
        ([0.5], [7.0], {0: 7}, False, set()),  # any time of the day belongs to that day
        ([-1, 5], [1.0, 2.0], {}, False, set()),  # outside the window
        ([1, 1], [3.0, 3.0], {1: 3}, False, set()),
        ([1, 1.25], [3.0, 4.0], {1: 4}, True, set()),
        ([1, 0], [math.nan, 4.0], {0: 4}, False, {1}),
        ([1, 0], [math.inf, 4.0], {0: 4}, False, {1}),
        ([1, 0], [-1.0, 4.0], {0: 4}, False, {1}),
        ([1, 0], [2.0**62, 2.0**63], {1: 2**62}, False, {0}),
        ([1, 0], [2.0**62, 2.0**62], {1: 2**62, 0: 2**62}, False, set()),
        ([math.nan, 0], [1.0, 4.0], {0: 4}, False, {4}),  # the day is unknown, and may be the newest
        ([1e300, -1e300, math.inf], [1.0, 4.0, 5.0], {}, False, {4}),
        ([-20_000, 0], [1.0, 4.0], {0: 4}, False, {4}),  # before CloudWatch's retention
        ([456, 455, -455], [1.0, 2.0, 3.0], {}, False, set()),  # on days that were not requested
        ([462, 0], [1.0, 4.0], {0: 4}, False, {4}),  # in the future, whenever the response was sent
    ],
)
def test_points_are_assigned_to_days(
    at: list[float], values: list[float], points: dict[int, float], twice: bool, invalid: set[int]
) -> None:
    found: dict[int, float] = {}
    bad: set[int] = set()
    assert DailyBinner(WINDOW).add_points(found, bad, [FIRST + day * DAY for day in at], values) == twice
    assert (found, bad) == (points, invalid)


some_points = st.lists(st.tuples(st.integers(-2, 7), st.floats() | st.sampled_from([0.0, 1.0, 2.0])), max_size=8)


@given(some_points, some_points)
def test_points_in_two_pages_equal_the_same_points_in_one(
    one: list[tuple[int, float]], two: list[tuple[int, float]]
) -> None:
    days = DailyBinner(WINDOW)
    whole: tuple[dict[int, float], set[int]] = ({}, set())
    pages: tuple[dict[int, float], set[int]] = ({}, set())
    twice = days.add_points(*whole, *_wire(one + two))
    first, second = days.add_points(*pages, *_wire(one)), days.add_points(*pages, *_wire(two))
    assert pages == whole
    assert twice == (first or second)


@given(some_points)
def test_every_point_of_the_window_is_an_amount_or_invalid(given: list[tuple[int, float]]) -> None:
    found: dict[int, float] = {}
    invalid: set[int] = set()
    DailyBinner(WINDOW).add_points(found, invalid, *_wire(given))
    usable = [(day, value) for day, value in given if 0 <= day < 5 and 0 <= value <= 2**62]
    assert found == {day: max(v for d, v in usable if d == day) for day, _ in usable}
    assert invalid == {day for day, value in given if 0 <= day < 5 and (day, value) not in usable}
    assert dict(pack(found).points()) == found


@given(
    st.integers(-1, 6),
    st.lists(st.integers(0, 2**53), max_size=7)
    | st.lists(st.integers(0, 2**53).map(float) | st.sampled_from([0.5, -1.0, math.nan, math.inf]), max_size=7),
    st.sampled_from([1, 1, 1, 2, -1]),
)
def test_the_fast_path_for_one_point_per_day_equals_adding_each_point(
    newest: int, values: list[float], step: int
) -> None:
    times = [FIRST + (newest - place * step) * DAY for place in range(len(values))]
    found: dict[int, float] = {}
    invalid: set[int] = set()
    DailyBinner(WINDOW).add_points(found, invalid, times, values)
    at_once = DailyBinner(WINDOW).daily(times, values)
    assert at_once is None or (at_once == pack(found) and not invalid)
    plain = (step == 1 or len(values) == 1) and newest < 5 and newest - len(values) >= -1
    assert (at_once is not None) == (plain and bool(values) and isinstance(values[0], int))


def _wire(points: list[tuple[int, float]]) -> tuple[list[float], list[float]]:
    return [FIRST + day * DAY for day, _ in points], [value for _, value in points]
