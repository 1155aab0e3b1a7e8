"""Growth by a robust slope, and where it leads."""

from __future__ import annotations

import math
from itertools import combinations
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.trends.fit import FIT_DAYS, LEAST_POINTS, forecast, slope

LINE = [100.0 + 3 * day for day in range(FIT_DAYS + 1)]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (LINE, 3.0),
        ([5.0] * 20, 0.0),
        (LINE[:LEAST_POINTS], 3.0),
        (LINE[: LEAST_POINTS - 1], None),
        ([], None),
        ([None, *LINE[1:6], None, *LINE[7:]], 3.0),  # gaps are no zeros
        ([0.0] * 300 + LINE, 3.0),  # only the newest days count
        ([*LINE[:10], 1e9, *LINE[11:]], 3.0),  # a jump there and back
        ([value - 500 * (day >= 28) for day, value in enumerate(LINE)], 3.0),  # cleaned up lately
    ],
)
def test_growth_is_the_median_slope(values: list[float | None], expected: float | None) -> None:
    assert slope(values) == (expected if expected is None else pytest.approx(expected, abs=0.35))


@pytest.mark.parametrize("days", [8, 11, 12, 20, 31])
def test_a_thinned_fit_of_a_line_is_its_slope_a_day(days: int) -> None:
    assert slope(LINE[:days], 11) == pytest.approx(3.0)


@given(st.lists(st.integers(0, 2**60), min_size=LEAST_POINTS, max_size=FIT_DAYS + 1))
def test_it_is_the_median_over_every_two_days(values: list[int]) -> None:
    pairs = combinations(enumerate(values), 2)
    assert slope(values) == pytest.approx(median((later - earlier) / (j - i) for (i, earlier), (j, later) in pairs))


@given(st.lists(st.none() | st.floats(0, 1e12), min_size=10, max_size=40), st.integers(1, 40))
def test_a_forecast_lies_between_its_bounds_and_is_never_below_nothing(values: list[float | None], days: int) -> None:
    found = forecast(values, days, days + 30)
    if found is not None:
        assert 0 <= found.low <= found.middle <= found.high
        assert math.isfinite(found.high)


def test_a_forecast_goes_on_from_the_newest_value_and_widens_with_its_distance() -> None:
    restless = [100.0 + day + (5 if day % 2 else 0) for day in range(31)]
    near, far = forecast(restless, 1, 3), forecast(restless, 30, 32)
    assert near is not None
    assert far is not None
    assert near.middle == pytest.approx(restless[-1] + 2, abs=0.5)
    assert far.high - far.low > 2 * (near.high - near.low) > 0


def test_too_few_days_foretell_nothing() -> None:
    assert forecast(LINE[:13], 1, 30) is None
    assert forecast(LINE[:14], 1, 30) is not None
