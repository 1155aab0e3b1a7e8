"""Marginal prices: the cost of a pool with and without some bytes."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.money.list_pricing import UNIT, to_dollars
from s3_monitor.money.marginal_prices import MarginalPrices, PlacePrices
from s3_monitor.money.price_book import bundled_prices, tiered_cost

ACCOUNT, REGION = "111122223333", "us-east-1"
GB = 2**30
BOOK = bundled_prices()
TIERS = BOOK.regions[REGION]["StandardStorage"].tiers


def prices(**sizes: int) -> PlacePrices:
    return MarginalPrices({(ACCOUNT, REGION): sizes}, {ACCOUNT: "aws"}, BOOK).of(ACCOUNT, REGION)


def pool_cost(size: int) -> Fraction:
    cost = tiered_cost(TIERS, Fraction(size) / GB)
    assert cost is not None
    return cost * UNIT


@given(st.integers(0, 900_000 * GB), st.integers(0, 900_000 * GB))
def test_removed_bytes_cost_the_difference_of_the_pool(size: int, removed: int) -> None:
    removed = min(size, removed)
    assert prices(StandardStorage=size).removed("StandardStorage", removed) == pool_cost(size) - pool_cost(
        size - removed
    )


@given(st.integers(0, 900_000 * GB), st.integers(0, 900_000 * GB))
def test_added_bytes_cost_the_difference_of_the_pool(size: int, added: int) -> None:
    assert prices(StandardStorage=size).added("StandardStorage", added) == pool_cost(size + added) - pool_cost(size)


def test_an_unused_pool_fills_its_tiers_from_the_first_byte() -> None:
    for size in (51_200 * GB, 51_201 * GB):
        assert prices().added("StandardStorage", size) == pool_cost(size)


def test_the_last_bytes_of_a_large_pool_cost_the_last_tier() -> None:
    saved = prices(StandardStorage=600_000 * GB).removed("StandardStorage", 100 * GB)
    assert saved is not None
    assert to_dollars(saved) == pytest.approx(100 * 0.021)


def test_all_storage_types_of_a_pool_fill_its_tiers() -> None:
    both = prices(StandardStorage=51_200 * GB, GlacierS3ObjectOverhead=10 * GB)
    saved = both.removed("StandardStorage", 20 * GB)
    assert saved is not None
    assert to_dollars(saved) == pytest.approx(10 * 0.022 + 10 * 0.023)


def test_more_bytes_than_the_pool_holds_cost_no_more_than_the_pool() -> None:
    assert prices(StandardStorage=GB).removed("StandardStorage", 5 * GB) == pool_cost(GB)


def test_a_storage_type_without_a_price_has_an_unknown_cost() -> None:
    assert prices(StandardStorage=GB).removed("HolographicStorage", 1) is None
    assert prices(StandardStorage=GB).added("HolographicStorage", 0) == 0


def test_uploads_into_an_archive_class_cost_the_last_tier_of_standard() -> None:
    saved = prices(GlacierStagingStorage=GB).removed("GlacierStagingStorage", GB)
    assert saved is not None
    assert to_dollars(saved) == pytest.approx(float(Decimal("0.021")))


@pytest.mark.parametrize("size", [0, 1, 51_199 * GB, 51_200 * GB, 51_200 * GB + 1, 512_000 * GB, 600_000 * GB])
@pytest.mark.parametrize("changed", [0, 1, GB, 100_000 * GB])
def test_the_limits_of_tiers_are_exact(size: int, changed: int) -> None:
    of_size = prices(StandardStorage=size)
    assert of_size.added("StandardStorage", changed) == pool_cost(size + changed) - pool_cost(size)
    removed = min(size, changed)
    assert of_size.removed("StandardStorage", removed) == pool_cost(size) - pool_cost(size - removed)
    half = Fraction(1, 2)
    if size:
        rate = of_size.removed("StandardStorage", 1)
        assert rate is not None
        assert of_size.removed("StandardStorage", half) == of_size.removed("StandardStorage", 0.5) == rate * half


def test_without_a_price_only_zero_bytes_have_a_cost() -> None:
    none = prices(StandardStorage=GB)
    for method in (none.removed, none.added):
        assert (method("HolographicStorage", 0), method("HolographicStorage", 1)) == (0, None)
        assert (method("HolographicStorage", 0.0), method("HolographicStorage", 0.5)) == (0, None)


def test_bytes_above_the_last_known_tier_have_no_marginal_price() -> None:
    limited = MarginalPrices({(ACCOUNT, "ap-east-2"): {"StandardStorage": 51_200 * GB}}, {ACCOUNT: "aws"}, BOOK)
    of_region = limited.of(ACCOUNT, "ap-east-2")
    assert of_region.added("StandardStorage", 1) is None
    assert of_region.added("StandardStorage", 0) == 0
    removed = of_region.removed("StandardStorage", GB)
    assert removed is not None and removed > 0
    assert of_region.removed("GlacierStagingStorage", 1) is None
    assert limited.of(ACCOUNT, "ap-east-2") is of_region


def test_requests_retrieval_and_transitions_have_the_prices_of_their_class() -> None:
    of_region = prices(StandardStorage=GB)
    known = {name: of_region.of_class(name) for name in ("STANDARD", "STANDARD_IA", "GLACIER", "INTELLIGENT_TIERING")}
    assert of_region.of_class("STANDARD") is known["STANDARD"]
    dollars = {
        name: [None if price is None else to_dollars(price * 1000) for price in found] for name, found in known.items()
    }
    assert dollars == {  # of 1,000 requests, transitions and GB
        "STANDARD": [0.005, 0.0004, None, None],
        "STANDARD_IA": [0.01, 0.001, 0.01, 10.0],
        "GLACIER": [0.03, 0.0004, 0.03, 10.0],
        "INTELLIGENT_TIERING": [0.005, 0.0004, 0.01, None],
    }
    assert of_region.kms_request is not None and to_dollars(of_region.kms_request * 10_000) == 0.03
    assert of_region.monitoring is not None and to_dollars(of_region.monitoring * 1000) == 0.0025
    assert of_region.unit_price() is None


def test_prices_in_another_currency_have_no_price_of_kms() -> None:
    book = msgspec.structs.replace(BOOK, currency="CNY")
    assert MarginalPrices({}, {ACCOUNT: "aws"}, book).of(ACCOUNT, REGION).kms_request is None
