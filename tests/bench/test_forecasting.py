"""The methods that the forecast is compared with, and how forecasts are scored."""

from __future__ import annotations

import pytest

from bench.forecasting import Score, damped_trend, last_value, scores, theil_sen
from bench.further_histories import FURTHER_KINDS
from bench.histories import FUTURE_DAYS, KINDS, sample

LINE: list[float | None] = [100.0 + 2 * day for day in range(40)]
ALL_KINDS = (*KINDS, *FURTHER_KINDS)
BY_NAME = {kind.name: kind for kind in ALL_KINDS}


def test_there_are_many_kinds_each_with_its_own_name() -> None:
    assert len(BY_NAME) == len(ALL_KINDS) >= 60
    assert sum(kind.steady for kind in KINDS) >= 30


@pytest.mark.parametrize("kind", ALL_KINDS, ids=[kind.name for kind in ALL_KINDS])
def test_a_sample_is_the_same_each_time_and_never_negative(kind: object) -> None:
    for days in (15, 60):
        one = sample(kind, 3, days)  # type: ignore[arg-type]
        assert one == sample(kind, 3, days)  # type: ignore[arg-type]
        assert (len(one.history), len(one.future)) == (days, FUTURE_DAYS)
        assert min(value for value in [*one.history, *one.future] if value is not None) >= 0


def test_the_other_methods_continue_their_own_kinds_of_history() -> None:
    assert last_value(LINE, 10, 20).middle == 178
    assert theil_sen([*LINE[:20], None, *LINE[21:]], 10, 20).middle == pytest.approx(178 + 2 * 15)
    assert theil_sen(LINE, 10, 20).high == pytest.approx(178 + 2 * 15)
    assert 178 < damped_trend(LINE, 10, 20).middle < 178 + 2 * 15
    assert damped_trend([5.0] * 20, 10, 20).high == pytest.approx(5)


def test_a_score_is_the_coverage_and_the_median_error_in_percent() -> None:
    found = scores(BY_NAME["linear growth"], 30, 6)
    assert found["this"] == Score(100, pytest.approx(0, abs=1e-6))
    assert found["last value"].coverage < 50
    assert found["last value"].error > 1
    assert scores(BY_NAME["created within the history"], 15, 6) == {}
