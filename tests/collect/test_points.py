"""From points to days of the window."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.collect.points import Days
from s3_monitor.model.series import Window, pack

WINDOW = Window(date(2026, 11, 18), 5)
FIRST = datetime(2026, 11, 18, tzinfo=UTC).timestamp()
DAY = 86_400


@pytest.mark.parametrize(
    ("at", "values", "points", "twice", "unusable"),
    [
        ([], [], {}, False, False),
        ([4, 3, 2, 1, 0], [5.0, 4.0, 3.0, 2.0, 1.0], {4: 5, 3: 4, 2: 3, 1: 2, 0: 1}, False, False),
        ([0.5], [7.0], {0: 7}, False, False),  # any time of the day is of that day
        ([-1, 5], [1.0, 2.0], {}, False, False),  # outside the window
        ([1, 1], [3.0, 3.0], {1: 3}, False, False),
        ([1, 1.25], [3.0, 4.0], {1: 4}, True, False),
        ([1, 0], [math.nan, 4.0], {0: 4}, False, True),
        ([1, 0], [math.inf, 4.0], {0: 4}, False, True),
        ([1, 0], [-1.0, 4.0], {0: 4}, False, True),
    ],
)
def test_points_become_days(
    at: list[float], values: list[float], points: dict[int, float], twice: bool, unusable: bool
) -> None:
    found: dict[int, float] = {}
    assert Days(WINDOW).put(found, [FIRST + day * DAY for day in at], values) == (twice, unusable)
    assert found == points


some_points = st.lists(st.tuples(st.integers(-2, 7), st.floats() | st.sampled_from([0.0, 1.0, 2.0])), max_size=8)


@given(some_points, some_points)
def test_pages_add_up_to_what_one_page_would_be(one: list[tuple[int, float]], two: list[tuple[int, float]]) -> None:
    whole: dict[int, float] = {}
    pages: dict[int, float] = {}
    days = Days(WINDOW)
    flags = days.put(whole, *_wire(one + two))
    first, second = days.put(pages, *_wire(one)), days.put(pages, *_wire(two))
    assert pages == whole
    assert flags == (first[0] or second[0], first[1] or second[1])


@given(some_points)
def test_every_point_kept_is_an_amount_of_a_day_of_the_window(given: list[tuple[int, float]]) -> None:
    found: dict[int, float] = {}
    Days(WINDOW).put(found, *_wire(given))
    usable = [(day, value) for day, value in given if 0 <= day < 5 and 0 <= value < math.inf]
    assert found == {day: max(v for d, v in usable if d == day) for day, _ in usable}


@given(
    st.integers(-1, 6),
    st.lists(st.integers(0, 2**53), max_size=7)
    | st.lists(st.integers(0, 2**53).map(float) | st.sampled_from([0.5, -1.0, math.nan, math.inf]), max_size=7),
    st.sampled_from([1, 1, 1, 2, -1]),
)
def test_a_point_a_day_at_once_is_what_each_by_itself_would_be(newest: int, values: list[float], step: int) -> None:
    times = [FIRST + (newest - place * step) * DAY for place in range(len(values))]
    found: dict[int, float] = {}
    _, unusable = Days(WINDOW).put(found, times, values)
    at_once = Days(WINDOW).daily(times, values)
    assert at_once is None or (at_once == pack(found) and not unusable)
    plain = (step == 1 or len(values) == 1) and newest < 5 and newest - len(values) >= -1
    assert (at_once is not None) == (plain and bool(values) and isinstance(values[0], int))


def _wire(points: list[tuple[int, float]]) -> tuple[list[float], list[float]]:
    return [FIRST + day * DAY for day, _ in points], [value for _, value in points]
