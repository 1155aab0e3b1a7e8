"""Pools, tiers and shares: costs computed by hand, and rules for any usage."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.money.list_pricing import (
    Rates,
    Usage,
    all_to_dollars,
    apportion_dollars,
    line_cost,
    rates_for,
    to_dollars,
)
from s3_monitor.money.price_book import PoolPrice, bundled_prices, tiered_cost
from s3_monitor.money.storage_types import storage_types

PRICES, TYPES = bundled_prices(), storage_types()
GIB, TIB = 2**30, 2**40
ONE, OTHER, APART = "111122223333", "444455556666", "777788889999"
FAMILIES = {ONE: "aws", OTHER: "aws", APART: "aws-us-gov"}
UNIT = 10**76


def rates(usage: Usage) -> Rates:
    return rates_for(usage, FAMILIES, PRICES)


def line(usage: Any, place: tuple[str, str], type_: str) -> float | None:
    """Return the cost in USD of all bytes of a storage type in an account and region."""
    amount = line_cost(rates(usage)[place][type_], usage[place][type_])
    return None if amount is None else to_dollars(amount)


def standard(region: str = "us-east-1") -> PoolPrice:
    pool = PRICES.pool(region, "StandardStorage")
    assert pool is not None
    return pool


@pytest.mark.parametrize(
    ("size", "usd", "more"),
    [
        (0, "0", 0),
        (GIB, "0.023", 0),
        (50 * TIB, "1177.6", 0),  # 51,200 x 0.023
        (50 * TIB - 1, "1177.6", Fraction("-0.023") / GIB),
        (50 * TIB + 1, "1177.6", Fraction("0.022") / GIB),
        (500 * TIB, "11315.2", 0),  # + 460,800 x 0.022
        (500 * TIB - 1, "11315.2", Fraction("-0.022") / GIB),
        (500 * TIB + 1, "11315.2", Fraction("0.021") / GIB),
        (1000 * TIB, "22067.2", 0),  # + 512,000 x 0.021
        (Fraction(GIB, 2), "0.0115", 0),
    ],
)
def test_a_pool_fills_its_tiers(size: int, usd: str, more: Fraction) -> None:
    known = tiered_cost(standard().tiers, Fraction(size) / GIB)
    assert known is not None
    assert Fraction(known) == Fraction(usd) + more


def test_two_buckets_share_the_discount_of_their_pool_by_size() -> None:
    usage = {(ONE, "us-east-1"): {"StandardStorage": 70 * TIB}}
    rate = rates(usage)[ONE, "us-east-1"]["StandardStorage"]
    assert rate is not None
    assert [to_dollars(rate * size * TIB) for size in (40, 30, 70)] == [930.377142857143, 697.782857142857, 1628.16]


def test_accounts_of_one_bill_share_a_pool_and_regions_do_not() -> None:
    usage = {
        (ONE, "us-east-1"): {"StandardStorage": 40 * TIB},
        (OTHER, "us-east-1"): {"StandardStorage": 30 * TIB},
        (ONE, "us-east-2"): {"StandardStorage": 30 * TIB},
    }
    assert line(usage, (ONE, "us-east-1"), "StandardStorage") == 930.377142857143
    assert line(usage, (OTHER, "us-east-1"), "StandardStorage") == 697.782857142857
    assert line(usage, (ONE, "us-east-2"), "StandardStorage") == 706.56  # 30,720 x 0.023


def test_metadata_of_archived_objects_fills_the_standard_pool() -> None:
    usage = {(ONE, "us-east-1"): {"StandardStorage": 40 * TIB, "GlacierS3ObjectOverhead": 30 * TIB}}
    assert line(usage, (ONE, "us-east-1"), "StandardStorage") == 930.377142857143
    assert line(usage, (ONE, "us-east-1"), "GlacierS3ObjectOverhead") == 697.782857142857


@pytest.mark.parametrize(
    ("region", "type_", "size", "usd"),
    [
        (
            "us-east-1",
            "IntelligentTieringFAStorage",
            60 * TIB,
            1402.88,
        ),  # a pool of its own: 51,200 x .023 + 10,240 x .022
        ("us-east-1", "GlacierObjectOverhead", 1000 * GIB, 3.6),
        ("us-east-1", "IntDAAObjectOverhead", 1000 * GIB, 0.99),
        ("us-east-1", "GlacierIRSizeOverhead", 1000 * GIB, 4.0),
        ("us-east-1", "StandardIAObjectOverhead", 1000 * GIB, 12.5),
        ("us-east-1", "GlacierStagingStorage", 1000 * GIB, 21.0),  # flat at the last Standard tier
        ("us-east-1", "DeepArchiveStagingStorage", 1000 * GIB, 21.0),
        ("us-east-1", "ExpressOneZoneStorage", 1000 * GIB, 110.0),
        ("eu-west-1", "ExpressOneZoneStorage", 1000 * GIB, None),
        ("us-east-1", "ReducedRedundancyStorage", 1000 * TIB, 24576.0),  # the first tier, flat
        ("us-east-1", "TomorrowsStorage", GIB, None),
        ("mx-central-1", "StandardStorage", 1000 * GIB, 24.15),
        ("cn-north-1", "StandardStorage", GIB, None),
        ("ap-east-2", "StandardStorage", 50 * TIB, 1152.0),  # 51,200 x 0.0225, the last known byte
        ("ap-east-2", "StandardStorage", 50 * TIB + 1, None),
        ("ap-east-2", "GlacierStagingStorage", GIB, None),  # its last Standard tier is not known
        ("us-east-1", "StandardStorage", 0, 0.0),
        ("us-east-1", "TomorrowsStorage", 0, 0.0),
        ("ap-east-2", "StandardStorage", 1, 2.1e-11),
    ],
)
def test_each_storage_type_has_the_price_of_its_pool(region: str, type_: str, size: int, usd: float | None) -> None:
    assert line({(ONE, region): {type_: size}}, (ONE, region), type_) == usd


def test_staging_bytes_do_not_fill_the_standard_tiers() -> None:
    usage = {(ONE, "us-east-1"): {"StandardStorage": 50 * TIB, "GlacierStagingStorage": 50 * TIB}}
    assert line(usage, (ONE, "us-east-1"), "StandardStorage") == 1177.6
    assert line(usage, (ONE, "us-east-1"), "GlacierStagingStorage") == 1075.2


def test_a_pool_beyond_its_last_known_tier_prices_none_of_its_lines() -> None:
    usage = {(ONE, "ap-east-2"): {"StandardStorage": 50 * TIB, "GlacierS3ObjectOverhead": 1, "GlacierStorage": GIB}}
    assert line(usage, (ONE, "ap-east-2"), "StandardStorage") is None
    assert line(usage, (ONE, "ap-east-2"), "GlacierS3ObjectOverhead") is None
    assert line(usage, (ONE, "ap-east-2"), "GlacierStorage") == 0.0045


@pytest.mark.parametrize(
    ("steps", "written"),
    [
        ("0.5", 0.0),
        ("1.5", 2e-12),
        ("2.5", 2e-12),
        ("2.5000000000000000000000000000000000000001", 3e-12),
        ("2.4999", 2e-12),
        ("-0.5", 0.0),
        ("-1.5", -2e-12),
    ],
)
def test_amounts_are_rounded_half_even_to_twelve_decimals(steps: str, written: float) -> None:
    assert to_dollars(int(Fraction(steps) * 10**64)) == written
    assert to_dollars(Fraction(steps) * 10**64) == written


@pytest.mark.parametrize(
    ("rate", "size", "cost"),
    [
        (None, 0, 0),
        (None, 0.0, 0),
        (None, 1, None),
        (None, 0.5, None),
        (3, 0, 0),
        (10**30 + 1, 2, 2 * 10**30 + 2),
        (10**30 + 1, 0.5, Fraction(10**30 + 1, 2)),
        (10**30 + 1, Fraction(1, 3), Fraction(10**30 + 1, 3)),
    ],
)
def test_the_cost_of_a_line_is_exact_and_that_of_zero_bytes_is_0(
    rate: int | None, size: float | Fraction, cost: int | Fraction | None
) -> None:
    assert line_cost(rate, size) == cost


def test_apportioned_amounts_add_up_to_the_converted_sum() -> None:
    thirds = [Fraction(UNIT, 3)] * 3
    assert apportion_dollars(thirds) == [0.333333333334, 0.333333333333, 0.333333333333]
    assert apportion_dollars([5 * UNIT, 7 * UNIT // 2]) == [5.0, 3.5]


_HALF_STEP = 10**64 // 2
_NEAR_TIES = st.builds(
    lambda halves, off: halves * _HALF_STEP + off,
    st.integers(-(2**70), 2**70).map(lambda number: 2 * number + 1),  # odd multiples: ties
    st.sampled_from([0, 1, -1, 2**62, -(2**62), 2**63, -(2**63), 2**64, 10**60, -(10**60)]),
)


@given(st.lists(_NEAR_TIES | st.integers(-(10**84), 10**84), min_size=1))
def test_the_fast_rounding_equals_the_decimal_one(amounts: list[int]) -> None:
    step = Decimal(1).scaleb(-12)
    with localcontext(prec=120):
        exact = [float(Decimal(amount).scaleb(-76).quantize(step, ROUND_HALF_EVEN)) for amount in amounts]
    assert all_to_dollars(amounts) == exact
    assert [to_dollars(amount) for amount in amounts] == exact
    assert all_to_dollars([*amounts, None]) == [*exact, None]


def test_one_byte_costs_more_than_0_and_amounts_add_up_to_their_total() -> None:
    usage = {(ONE, "us-east-1"): {"StandardStorage": 1}}
    assert line(usage, (ONE, "us-east-1"), "StandardStorage") == 2.1e-11


sizes = st.one_of(st.integers(0, 2**52), st.floats(0, 2.0**52).map(Fraction))
usages = st.dictionaries(
    st.tuples(st.sampled_from([ONE, OTHER]), st.sampled_from(["us-east-1", "eu-central-1"])),
    st.dictionaries(st.sampled_from([*sorted(TYPES), "TomorrowsStorage"]), st.lists(sizes, min_size=1, max_size=5)),
)


@given(usages)
def test_the_lines_of_a_pool_sum_to_the_pool(buckets: dict[tuple[str, str], dict[str, list[Any]]]) -> None:
    usage = {place: {type_: sum(lines) for type_, lines in types.items()} for place, types in buckets.items()}
    known = rates(usage)
    for region in ("us-east-1", "eu-central-1"):
        members = [
            (known[place][type_], size)
            for place, types in buckets.items()
            for type_, lines in types.items()
            for size in lines
            if place[1] == region and type_ in TYPES and TYPES[type_].pool == "StandardStorage"
        ]
        whole = tiered_cost(standard(region).tiers, Fraction(sum(size for _, size in members)) / GIB)
        assert whole is not None
        shares = sum(Fraction(line_cost(rate, size) or 0) for rate, size in members) / UNIT
        assert abs(shares - Fraction(whole)) < Fraction(1, 10**40)


@given(usages, st.randoms())
def test_rates_do_not_depend_on_the_order_of_usage(
    buckets: dict[tuple[str, str], dict[str, list[Any]]], random: Any
) -> None:
    usage = {place: {type_: sum(lines) for type_, lines in types.items()} for place, types in buckets.items()}
    shuffled = dict(random.sample(sorted(usage.items()), len(usage)))
    assert rates(shuffled) == rates(usage)
