"""The causes of a bucket's change, and of the change of all buckets."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.model.change import Cause
from s3_monitor.money.list_pricing import Rate
from s3_monitor.trends.causes import Effect, causes_of, main_cause
from tests.merge.fixtures import GIB, Truth
from tests.trends.test_trends import BIG, GLACIER, MADE, NEWEST, PRICE, S, flat, known

RATES: dict[str, Rate] = {"hot": 10, "cold": 1, "new": None}


@pytest.mark.parametrize(
    ("before", "now", "causes"),
    [
        ({"hot": 5}, {"hot": 5}, {}),
        ({"hot": 5}, {"hot": 7}, {"grew": Effect(2, 20)}),
        ({"hot": 7}, {"hot": 5}, {"shrank": Effect(-2, -20)}),
        ({"hot": 7}, {}, {"emptied": Effect(-7, -70)}),
        ({}, {"hot": 7}, {"grew": Effect(7, 70)}),
        ({"hot": 8}, {"cold": 8}, {"moved": Effect(0, -72)}),
        ({"hot": 8}, {"cold": 5}, {"moved": Effect(0, -45), "shrank": Effect(-3, -30)}),
        ({"hot": 8}, {"cold": 10}, {"moved": Effect(0, -72), "grew": Effect(2, 2)}),
        ({"hot": 8}, {"hot": 4, "cold": 4}, {"moved": Effect(0, -36)}),
        ({"hot": 1}, {"hot": 1, "new": 4}, {"grew": Effect(4, 0)}),  # no known price: no effect on the known cost
    ],
)
def test_each_cause_has_its_part_of_the_change(
    before: dict[str, int], now: dict[str, int], causes: dict[Cause, Effect]
) -> None:
    assert causes_of(now, before, RATES, created=False, deleted=False) == causes


@pytest.mark.parametrize(
    ("before", "now", "cause"),
    [({}, {"hot": 7}, "created"), ({"hot": 7}, {"hot": 0}, "deleted"), ({}, {"new": 7}, "created")],
)
def test_a_bucket_that_came_or_went_has_one_cause(before: dict[str, int], now: dict[str, int], cause: Cause) -> None:
    causes = causes_of(now, before, RATES, created=True, deleted=True)
    assert list(causes) == [cause]
    assert main_cause(causes) == cause


def test_the_main_cause_has_the_largest_effect_on_the_cost() -> None:
    assert main_cause(causes_of({"cold": 10}, {"hot": 8}, RATES, created=False, deleted=False)) == "moved"
    assert (
        main_cause(causes_of({"hot": 9, "cold": 1}, {"hot": 2, "cold": 2}, RATES, created=False, deleted=False))
        == "grew"
    )


SIZES = st.dictionaries(st.sampled_from(["hot", "cold", "warm", "new"]), st.integers(0, 2**60))


@given(SIZES, SIZES, st.booleans(), st.booleans(), st.integers(0, 10**70))
def test_the_causes_add_up_to_the_change_exactly(
    now: dict[str, int], before: dict[str, int], created: bool, deleted: bool, rate: int
) -> None:
    rates: dict[str, Rate] = {"hot": rate, "cold": 10**60 + 7, "warm": 3, "new": None}
    causes = causes_of(now, before, rates, created=created, deleted=deleted)
    size = sum(now.values()) - sum(before.values())
    cost = sum((rates[name] or 0) * (now.get(name, 0) - before.get(name, 0)) for name in rates)
    assert sum(causes.values(), Effect()) == Effect(size, cost)
    assert causes.get("moved", Effect()).size == 0
    assert all(
        effect.size * (1 if cause in ("grew", "created") else -1) > 0
        for cause, effect in causes.items()
        if cause != "moved"
    )


def test_the_changes_of_all_buckets_are_summed_by_cause() -> None:
    found = known(
        BIG,
        Truth("born", {S: flat(GIB, first=NEWEST - 3)}, created=MADE + (NEWEST - 4) * 86_400),
        Truth("gone", {S: flat(2 * GIB, last=NEWEST - 4)}, listed=False),
        Truth("left", {S: flat(3 * GIB, last=NEWEST - 5)}),
        Truth("grew", {S: flat(GIB, last=NEWEST - 1) | {NEWEST: 5 * GIB}}),
        Truth("moved", {S: flat(8 * GIB, last=NEWEST - 1), GLACIER: flat(8 * GIB, first=NEWEST)}),
    )
    change = found.changes["7d"]
    assert change is not None
    assert (change.last - change.first).days == 7
    figures: dict[str, tuple[Any, Any]] = {
        "created": (GIB, PRICE),
        "deleted": (-2 * GIB, -2 * PRICE),
        "emptied": (-3 * GIB, -3 * PRICE),
        "grew": (4 * GIB, 4 * PRICE),
        "moved": (0, 8 * (0.0036 - PRICE)),
    }
    assert {cause: (sum_.size, sum_.cost) for cause, sum_ in change.causes.items()} == {
        cause: (size, pytest.approx(cost)) for cause, (size, cost) in figures.items()
    }
    assert [(mover.record.name, main_cause(mover.causes)) for mover in found.movers["7d"]] == [
        ("moved", "moved"),
        ("grew", "grew"),
        ("left", "emptied"),
        ("gone", "deleted"),
        ("born", "created"),
    ]
    assert found.changes["90d"] is None


def test_bytes_that_fill_other_tiers_change_their_price() -> None:
    """The growth is priced at the newest rates, and what the bytes of the first day cost less is the price's effect."""
    tier = 50 * 1024 * GIB
    found = known(Truth("a", {S: dict.fromkeys(range(NEWEST), tier) | {NEWEST: 2 * tier}}))
    change = found.changes["1d"]
    assert change is not None and change.cost is not None
    assert change.cost == pytest.approx(50 * 1024 * 0.022)
    assert change.causes["grew"].cost == pytest.approx(50 * 1024 * 0.0225)
    assert change.causes["price"].cost == pytest.approx(-50 * 1024 * 0.0005)
    assert (change.causes["price"].buckets, change.causes["price"].size) == (0, 0)
