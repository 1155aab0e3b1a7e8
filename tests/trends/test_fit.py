"""The trend of a series without jumps."""

from __future__ import annotations

import math
import random
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.trends.fit import LEAST_DAYS, fit_trend, fitted, straight_days

LINE = [100.0 + 3 * day for day in range(30)]


@pytest.mark.parametrize("days", [LEAST_DAYS, 19, 20, 29, 30, 60, 90])
@pytest.mark.parametrize("slope", [0.0, 3.0, -0.5])
def test_a_straight_line_is_continued_exactly(days: int, slope: float) -> None:
    trend = fit_trend([1000 + slope * day for day in range(days)])
    assert trend.level == pytest.approx(1000 + slope * (days - 1))
    assert trend.slope == pytest.approx(slope)
    assert trend.deviation(10, 40) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("start", range(7))
def test_a_pattern_within_the_week_is_not_growth(start: int) -> None:
    sawtooth = [100.0 + 10 * ((day + start) % 7) for day in range(30)]
    trend = fit_trend(sawtooth)
    assert trend.slope == 0
    assert trend.level == pytest.approx(130)


def test_growth_on_weekdays_counts_by_the_week() -> None:
    growing = list(accumulate((10.0 * (day % 7 < 5) for day in range(36)), initial=1000.0))
    assert fit_trend(growing).slope == pytest.approx(50 / 7)


def test_growth_that_may_be_chance_is_not_continued() -> None:
    rng = random.Random(1)
    walks = [list(accumulate((rng.gauss(0, 1) for _ in range(29)), initial=100.0)) for _ in range(100)]
    trends = [fit_trend(walk) for walk in walks]
    assert sum(trend.slope == 0 for trend in trends) >= 85
    assert sum(trend.level == walk[-1] for trend, walk in zip(trends, walks, strict=True)) >= 70


def test_the_level_of_noise_is_the_mean_of_the_last_week() -> None:
    rng = random.Random(1)
    noise = [100 + rng.gauss(0, 1) for _ in range(60)]
    trend = fit_trend(noise)
    assert trend.slope == 0
    assert trend.level == pytest.approx(sum(noise[-7:]) / 7, abs=0.2)


@pytest.mark.parametrize("after", [10, 15, 30, 50])
def test_only_the_newest_straight_piece_counts(after: int) -> None:
    bent = [100.0 + 2 * day for day in range(60 - after)] + [218.0 - 2 * after] * after
    assert straight_days(bent) in (after, after + 1)
    assert fit_trend(bent).slope == pytest.approx(0, abs=1e-9)
    assert fitted(bent) == pytest.approx(bent)


def test_growth_that_slows_down_goes_on_slowing_down() -> None:
    saturating = [1000 * (1 - math.exp(-day / 30)) for day in range(60)]
    path = fit_trend(saturating).path(1, 60)
    assert path == sorted(path)
    assert path[-1] < 1100
    assert path[1] - path[0] > 2 * (path[-1] - path[-2])


@given(st.lists(st.floats(0, 1), min_size=LEAST_DAYS, max_size=90), st.integers(1, 40))
def test_a_deviation_is_finite_and_not_negative(values: list[float], first: int) -> None:
    trend = fit_trend(values)
    assert math.isfinite(trend.level)
    assert 0 <= trend.deviation(first, first + 30) < math.inf
    assert 0 <= trend.trust <= 1
    assert 0 < trend.damping <= 1


@pytest.mark.parametrize("pattern", [0.0, 30.0])
def test_a_pattern_within_the_week_does_not_hide_steps_that_add_up(pattern: float) -> None:
    rng = random.Random(3)
    walks = [list(accumulate((rng.gauss(0, 1) for _ in range(59)), initial=100.0)) for _ in range(40)]
    noises = [[100 + rng.gauss(0, 1) for _ in range(60)] for _ in range(40)]
    walk, noise = (
        sum(
            fit_trend([value + pattern * (day % 7 == 0) for day, value in enumerate(values)]).deviation(16, 46)
            for values in many
        )
        / 40
        for many in (walks, noises)
    )
    assert walk > 3  # the mean of these days deviates by about 5
    assert noise < walk / 2
