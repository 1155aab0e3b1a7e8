"""The models of a series without jumps and patterns."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from itertools import accumulate
from statistics import fmean, pvariance

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.trends.distribution import quantile
from s3_monitor.trends.models import Horizon, effective_freedom, log_evidence, outcomes

HORIZON = Horizon(10, 40)


def found(values: Sequence[float], missing: Sequence[int] = ()) -> list[float]:
    """Return the 10%, 50% and 90% quantiles."""
    known = {day: value for day, value in enumerate(values) if day not in missing}
    mixture = outcomes(known, HORIZON, 0, compound=False)
    return [quantile(mixture, probability) for probability in (0.1, 0.5, 0.9)]


@pytest.mark.parametrize("days", [14, 30, 90])
@pytest.mark.parametrize("slope", [0.0, 0.3, -0.005])
@pytest.mark.parametrize("missing", [(), (1, 2, 7, 12)])
def test_a_straight_line_is_continued_exactly(days: int, slope: float, missing: Sequence[int]) -> None:
    line = [1 + slope * day for day in range(days)]
    assert found(line, missing) == pytest.approx([1 + slope * (days - 1 + 25)] * 3, abs=1e-6)


def test_growth_that_levels_off_goes_on_doing_so() -> None:
    low, middle, high = found([1 - math.exp(-day / 12) for day in range(60)])
    assert 0.99 < low <= middle <= high < 1.02


def test_the_last_value_is_the_level_of_a_random_walk_and_the_mean_that_of_noise() -> None:
    rng = random.Random(1)
    noise = [1 + rng.gauss(0, 0.01) for _ in range(60)]
    assert found(noise)[1] == pytest.approx(fmean(noise), abs=0.004)
    walks = [list(accumulate((rng.gauss(0, 0.01) for _ in range(29)), initial=1.0)) for _ in range(100)]
    assert fmean(abs(found(walk)[1] - walk[-1]) for walk in walks) < 0.03


def test_the_range_of_a_random_walk_is_far_wider_than_that_of_noise() -> None:
    rng = random.Random(2)
    noise = [rng.gauss(0, 0.01) for _ in range(60)]
    widths = [high - low for low, _, high in (found([1 + value for value in noise]), found(list(accumulate(noise))))]
    assert widths[1] > 5 * widths[0]


def test_changes_in_one_direction_are_growth() -> None:
    rng = random.Random(3)
    writes = list(accumulate((0.01 * rng.paretovariate(1.5) * (rng.random() < 0.3) for _ in range(29)), initial=1.0))
    assert found(writes)[1] > writes[-1] + 0.1


@pytest.mark.parametrize("horizon", [Horizon(1, 1), Horizon(3, 33), Horizon(31, 61)])
def test_the_variance_of_a_walk_agrees_with_simulated_walks(horizon: Horizon) -> None:
    rng = random.Random(4)
    means = []
    for _ in range(4000):
        path = list(accumulate(rng.gauss(0, 1) for _ in range(horizon.last)))
        means.append(fmean(path[horizon.first - 1 :]))
    assert pvariance(means) == pytest.approx(horizon.walk_variance(), rel=0.08)


def test_a_few_large_steps_have_few_degrees_of_freedom() -> None:
    rng = random.Random(5)
    assert 40 < effective_freedom([rng.gauss(0, 1) for _ in range(100)]) < 200
    assert effective_freedom([float(day % 10 == 0) for day in range(30)]) < 10
    assert effective_freedom([1.0] * 30) == math.inf


def test_the_evidence_is_larger_for_what_fits_better() -> None:
    rng = random.Random(6)
    line = [1 + 0.01 * day for day in range(30)]
    noise = [rng.gauss(0, 0.001) for _ in line]
    near, far = (
        log_evidence({day: value + times * noise[day] for day, value in enumerate(line)}, 0) for times in (1, 10)
    )
    assert near > far + 30


@given(st.lists(st.floats(0, 1), min_size=7, max_size=90), st.integers(1, 40), st.booleans())
def test_weights_add_up_and_scales_are_positive(values: list[float], first: int, compound: bool) -> None:
    mixture = outcomes(dict(enumerate(values)), Horizon(first, first + 30), 6, compound=compound)
    assert math.fsum(one.weight for one in mixture) == pytest.approx(1)
    assert all(math.isfinite(one.location) and 0 < one.scale < math.inf and one.freedom > 1 for one in mixture)
