"""Allocation to storage types, keys of charges, and single costs."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from s3_monitor.money.list_pricing import line_cost, upper_bounds
from s3_monitor.money.other_prices import bucket_fee
from s3_monitor.money.price_book import Tier, bundled_prices
from s3_monitor.money.price_changes import format_tiers
from s3_monitor.money.storage_types import allocate_to_types
from s3_monitor.money.usage_types import key, requests_of

ACCOUNT, REGION = "111122223333", "us-east-1"
FA, IA = "IntelligentTieringFAStorage", "IntelligentTieringIAStorage"
TB = 2**40


@pytest.mark.parametrize(
    ("sizes", "lines", "allocated"),
    [
        ({"STANDARD": 5}, {}, {"StandardStorage": 5}),
        ({"SNOW": 5}, {}, {"SNOW": 5}),
        ({"INTELLIGENT_TIERING": 5}, {}, {FA: 5}),
        ({"INTELLIGENT_TIERING": 5}, {"StandardStorage": 9.0}, {FA: 5}),
        ({"INTELLIGENT_TIERING": 5}, {IA: 9.0}, {IA: 5}),
        ({"INTELLIGENT_TIERING": 5}, {FA: 3.0, IA: 2.0}, {FA: 3, IA: 2}),
        ({"INTELLIGENT_TIERING": 10}, {FA: 2.0, IA: 1.0}, {FA: 7, IA: 3}),
        ({"INTELLIGENT_TIERING": 11}, {FA: 2.0, IA: 1.0}, {FA: 7, IA: 4}),
        ({"INTELLIGENT_TIERING": 5, "INTELLIGENT_TIERING:INFREQUENT": 7}, {FA: 1.0}, {FA: 5, IA: 7}),
        ({}, {FA: 1.0}, {}),
    ],
)
def test_bytes_of_a_class_are_allocated_by_the_storage_types_of_the_bucket(
    sizes: dict[str, int], lines: dict[str, float], allocated: dict[str, int]
) -> None:
    found = allocate_to_types(sizes, lines)
    assert (found, list(found)) == (allocated, sorted(allocated))


@pytest.mark.parametrize(
    ("rate", "size", "cost"),
    [(None, 0, 0), (None, 0.0, 0), (None, 1, None), (3, 5, 15), (3, 0.1, 3 * Fraction(0.1)), (0, 5, 0)],
)
def test_a_line_costs_its_rate_exactly(rate: int | None, size: float, cost: Fraction | int | None) -> None:
    assert line_cost(rate, size) == cost


def test_pools_with_known_prices_do_not_hide_those_above_the_last_known_tier() -> None:
    sizes = {"StandardStorage": TB, "NewStorage": 5, "ReducedRedundancyStorage": 2 * TB, "GlacierStorage": TB}
    found = upper_bounds(
        {(ACCOUNT, REGION): sizes, ("2", REGION): {"StandardStorage": 1}}, {ACCOUNT: "a", "2": "b"}, bundled_prices()
    )
    assert found == {(ACCOUNT, REGION): frozenset({"ReducedRedundancyStorage"})}


def test_the_charges_of_a_class_have_its_code() -> None:
    standard, infrequent = requests_of("STANDARD"), requests_of("STANDARD_IA")
    assert (standard.put, standard.get, standard.transition) == (("Requests-Tier1",), ("Requests-Tier2",), ())
    put = "Requests-SIA-Tier1"
    assert infrequent.put == (put, f"{put}:PutObject", f"{put}:PostObject", f"{put}:CopyObject")
    assert infrequent.get == ("Requests-SIA-Tier2",)
    likeliest, other = infrequent.transition
    assert likeliest.partition(":")[0] == other != likeliest
    assert infrequent.retrieval
    assert (key("A"), key("A", "B")) == ("A", "A:B")


@pytest.mark.parametrize(
    ("tiers", "text"),
    [
        ([(None, "0.021")], "0.021"),
        ([("51200", "0.023"), (None, "0.021")], "0.023 to 51200, then 0.021"),
        ([("51200", "0.023"), ("512000", "0.022"), (None, "0.021")], "0.023 to 51200, 0.022 to 512000, then 0.021"),
        ([("51200", "0.023")], "0.023 to 51200"),
        ([], ""),
    ],
)
def test_tiers_are_shown_with_their_limits(tiers: list[tuple[str | None, str]], text: str) -> None:
    found = [Tier(None if upto is None else Decimal(upto), Decimal(price)) for upto, price in tiers]
    assert format_tiers(found) == text


def test_the_fee_of_a_bucket_is_that_above_the_free_ones() -> None:
    fee = bucket_fee(bundled_prices())
    assert fee is not None and float(fee) == 0.02
