"""Mixtures of outcomes."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.trends.distribution import Outcome, quantile, weighted


@pytest.mark.parametrize(
    ("freedom", "probability", "expected"),
    [(3, 0.9, 1.638), (10, 0.9, 1.372), (10, 0.1, -1.372), (1e6, 0.975, 1.960), (5, 0.5, 0)],
)
def test_quantiles_agree_with_the_table_of_student_s_distribution(
    freedom: float, probability: float, expected: float
) -> None:
    assert quantile([Outcome(1, 0, 1, freedom)], probability) == pytest.approx(expected, abs=0.02)
    assert quantile([Outcome(1, 10, 2, freedom)], probability) == pytest.approx(10 + 2 * expected, abs=0.04)


def test_a_compound_outcome_is_never_negative() -> None:
    found = [quantile([Outcome(1, math.log(5), 0.5, 10, compound=True)], share) for share in (0.01, 0.5, 0.9)]
    assert found == pytest.approx([5 * math.exp(-0.5 * 2.76), 5, 5 * math.exp(0.5 * 1.372)], rel=0.02)


def test_an_outcome_of_little_weight_lies_outside_the_quantiles() -> None:
    often, rarely = Outcome(1, 10, 1e-6, 10), Outcome(1, 20, 1e-6, 10)
    assert quantile([*weighted([often], 0.95), *weighted([rarely], 0.05)], 0.9) == pytest.approx(10)
    assert quantile([*weighted([often], 0.8), *weighted([rarely], 0.2)], 0.9) == pytest.approx(20)
    assert weighted([often], 0) == []


@given(
    st.lists(st.tuples(st.floats(-1, 1), st.floats(1e-9, 1), st.floats(1.5, 100), st.booleans()), min_size=1),
    st.floats(0.05, 0.95),
)
def test_the_share_below_a_quantile_is_its_probability(
    shapes: list[tuple[float, float, float, bool]], probability: float
) -> None:
    outcomes = [Outcome(1 / len(shapes), *shape) for shape in shapes]
    value = quantile(outcomes, probability)
    slack = 1e-6 * max(1.0, abs(value))
    below, above = (sum(one.weight * one.below(value + off) for one in outcomes) for off in (-slack, slack))
    assert below - 1e-6 <= probability <= above + 1e-6
