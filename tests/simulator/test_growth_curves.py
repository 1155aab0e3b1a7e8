"""Curves: 1 at the newest day, never below 0, and the same for single days and ranges."""

import pytest

from s3_monitor.simulator import Series
from s3_monitor.simulator.growth_curves import GrowthCurve, compound, flat, linear, noisy, sawtooth, seasonal, steps

SHAPES = {
    "flat": flat,
    "growing": linear(0.01),
    "shrinking": linear(-0.01),
    "compound": compound(0.01),
    "steps": steps(30, 0.1),
    "sawtooth": sawtooth(7, 0.5),
    "seasonal": seasonal(7, 0.2),
    "noisy": noisy(linear(0.002), 0.1, 3),
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_a_shape_is_one_at_the_newest_day_and_never_negative(shape: GrowthCurve) -> None:
    assert shape(0) == 1.0
    factors = shape.factors(0, 400)
    assert min(factors) >= 0.0
    assert factors[7:9] == [shape(7), shape(8)] == shape.factors(7, 9)


@pytest.mark.parametrize(
    ("shape", "week"),
    [
        (linear(0.1), [400, 500, 600, 700, 800, 900, 1000]),
        (linear(-0.1), [1600, 1500, 1400, 1300, 1200, 1100, 1000]),
        (steps(3, 0.5), [0, 500, 500, 500, 1000, 1000, 1000]),
        (sawtooth(4, 0.4), [800, 900, 1000, 700, 800, 900, 1000]),
    ],
)
def test_a_week_of_a_series(shape: GrowthCurve, week: list[float]) -> None:
    series = Series(1, 7, 1000, shape)
    days = series.days(-5, 20)
    assert list(days) == [1, 2, 3, 4, 5, 6, 7]
    assert series.values(days) == pytest.approx(week, abs=1)
    assert [series.value(day) for day in days] == series.values(days)


def test_a_series_has_no_point_outside_and_in_holes() -> None:
    series = Series(1, 7, 1000, holes=frozenset({5, 7}))
    assert [series.value(day) for day in (0, 5, 6, 8)] == [None, None, 1000.0, None]
    assert (series.days(4, 9), series.newest_day()) == ((4, 6), 6)
    assert series.values(series.days(4, 9)) == [1000.0, 1000.0]


def test_values_are_integral_units() -> None:
    series = Series(1, 50, 32_768 * 7, linear(0.003), unit=32_768)
    assert {value % 32_768 for value in series.values(series.days(1, 51))} == {0}
