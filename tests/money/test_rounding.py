"""Rounding to parts that add up to the total."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.money.rounding import apportion, round_to_units

AMOUNTS = st.lists(st.one_of(st.integers(-(10**9), 10**9), st.fractions(-1000, 1000)), min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("amounts", "units"),
    [
        ([34, 33, 33], [1, 0, 0]),  # one unit in all
        ([150, 150], [2, 1]),  # a tie: the first
        ([149, 151], [1, 2]),
        ([0, 99, 1], [0, 1, 0]),
        ([-34, 34], [0, 0]),
        ([-150, 50], [-1, 0]),
        ([100, 200], [1, 2]),
    ],
)
def test_each_amount_is_rounded_down_and_the_largest_remainders_get_a_unit(
    amounts: list[int], units: list[int]
) -> None:
    assert apportion(amounts, 100) == units


@given(AMOUNTS, st.integers(1, 1000))
def test_parts_add_up_to_the_rounded_sum_and_are_less_than_a_unit_off(amounts: list[int | Fraction], unit: int) -> None:
    shares = apportion(amounts, unit)
    assert sum(shares) == round_to_units(sum(amounts), unit)
    for amount, share in zip(amounts, shares, strict=True):
        assert abs(share * unit - amount) < unit
        assert share == 0 or amount != 0


@given(AMOUNTS, st.integers(1, 1000), st.integers(-3, 3))
def test_any_total_is_reached(amounts: list[int | Fraction], unit: int, more: int) -> None:
    total = round_to_units(sum(amounts), unit) + more
    assert sum(apportion(amounts, unit, total)) == total


@pytest.mark.parametrize(
    ("amount", "units"), [(149, 1), (150, 2), (250, 2), (251, 3), (-150, -2), (-50, 0), (Fraction(501, 2), 3)]
)
def test_halves_are_rounded_to_the_even_unit(amount: int | Fraction, units: int) -> None:
    assert round_to_units(amount, 100) == units


def test_without_amounts_there_is_nothing_to_round() -> None:
    assert apportion([], 100) == []
    assert apportion([], 100, 3) == []
