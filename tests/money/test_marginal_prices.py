"""Marginal prices: the cost of a pool with and without some bytes."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

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
