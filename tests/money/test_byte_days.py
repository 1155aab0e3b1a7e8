from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.model.series import EMPTY, pack
from s3_monitor.money.attribution import byte_days

POINTS = st.dictionaries(st.integers(0, 60), st.one_of(st.integers(0, 2**50), st.floats(0, 2**50)), max_size=60)


@pytest.mark.parametrize(
    ("points", "first", "end", "sum_"),
    [
        ({0: 1, 1: 2, 2: 4, 3: 8}, 1, 3, 6),
        ({0: 1, 1: 2, 2: 4, 3: 8}, 0, 10, 15),
        ({0: 1, 3: 8}, 0, 4, 9),  # days without a point add nothing
        ({0: 1, 1: 2}, 2, 4, 0),  # it ended before
        ({0: 1, 1: 2}, 1, 4, 2),  # it ended on the first day
        ({5: 1}, 0, 5, 0),  # it began after
        ({0: 0.5, 1: 2}, 0, 2, Fraction(5, 2)),
        ({}, 0, 9, 0),
    ],
)
def test_the_bytes_of_each_day_are_summed(
    points: dict[int, int | float], first: int, end: int, sum_: int | Fraction
) -> None:
    assert byte_days(pack(points), first, end) == sum_


def test_a_series_without_points_adds_nothing() -> None:
    assert byte_days(EMPTY, 0, 30) == 0


@given(POINTS, st.integers(0, 60), st.integers(0, 61))
def test_any_history_is_summed_exactly(points: dict[int, int | float], first: int, days: int) -> None:
    end = first + days
    expected = sum((Fraction(value) for day, value in points.items() if first <= day < end), Fraction(0))
    assert byte_days(pack(points), first, end) == expected
