"""Charges that the cost does not include: estimates and upper bounds, unknown where the facts are missing."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.merge.merged_data import ResolvedBucket
from s3_monitor.model.request_metrics import RequestTotals
from s3_monitor.model.summary import Charge, Estimate
from s3_monitor.money.price_book import Charge as Price
from s3_monitor.money.price_book import PriceBook, Tier, bundled_prices
from s3_monitor.report.not_included import not_included
from s3_monitor.report.sums import estimate_text, not_included_text

ACCOUNT, KB = "111122223333", 1024
FA, DAA, OVERHEAD, STANDARD = (
    "IntelligentTieringFAStorage",
    "IntelligentTieringDAAStorage",
    "IntDAAObjectOverhead",
    "StandardStorage",
)
FEE = 0.0000025


def record(sizes: Mapping[str, float], objects: float | None = None, **changes: Any) -> ResolvedBucket:
    of_day = (tuple(sizes), tuple(sizes.values()))
    made = ResolvedBucket(
        ACCOUNT, "us-east-1", "b", None, "general-purpose", "measured", 5, *of_day, objects, None, {}, None
    )
    return msgspec.structs.replace(made, **changes)


def estimate(
    charge: Charge,
    *records: ResolvedBucket,
    requests: RequestTotals | None = None,
    price_book: PriceBook | None = None,
    complete: bool = True,
) -> Estimate:
    found = not_included(records, requests, price_book or bundled_prices(), complete=complete)
    return next(one for one in found if one.charge == charge)


@pytest.mark.parametrize(
    ("sizes", "objects", "monitored"),
    [
        ({FA: 128 * KB * 1000}, 400, 400),  # fewer objects than the bytes make
        ({FA: 128 * KB * 1000}, 5000, 1000),  # more: most are too small, or of another class
        ({FA: 128 * KB * 1000}, None, 1000),
        ({FA: 128 * KB * 1000 - 1}, 5000, 999),
        ({FA: 128 * KB, DAA: 128 * KB, OVERHEAD: 10**9, STANDARD: 10**9}, 5000, 2),
        ({FA: 128 * KB - 1}, 5000, 0),
        ({STANDARD: 10**12}, 5000, 0),
    ],
)
def test_monitoring_is_bounded_by_objects_and_by_bytes(
    sizes: Mapping[str, float], objects: float | None, monitored: int
) -> None:
    found = estimate("monitoring", record(sizes, objects))
    assert found.kind == "at-most"
    assert found.cost == pytest.approx(monitored * FEE, abs=1e-12)
    assert found.unknown_buckets == 0


@given(st.lists(st.integers(0, 10**7), max_size=40))
def test_the_monitoring_fee_of_any_objects_is_within_the_bound(objects: list[int]) -> None:
    monitored = sum(size >= 128 * KB for size in objects)
    found = estimate("monitoring", record({FA: sum(objects)}, len(objects)))
    assert found.cost is not None
    assert found.cost >= monitored * FEE - 1e-12


@pytest.mark.parametrize("state", ["incomplete", "young", "no-data"])
def test_buckets_of_unknown_size_are_counted_as_unknown(state: str) -> None:
    known, unknown = record({FA: 128 * KB}, 1), record({FA: 128 * KB}, 1, state=state)
    assert estimate("monitoring", unknown) == Estimate("monitoring", "at-most", None, 0, 1, True)
    assert estimate("monitoring", known, unknown) == Estimate("monitoring", "at-most", FEE, 1, 1, True)


def test_buckets_without_storage_classes_are_not_monitored() -> None:
    monitored = record({FA: 128 * KB * 1000})
    found = estimate("monitoring", record({}, state="unmeasured"), record({STANDARD: 1.0}), monitored, monitored)
    assert found == Estimate("monitoring", "at-most", pytest.approx(2000 * FEE), 2, 0, True)


def test_monitoring_is_unknown_without_a_price() -> None:
    without = msgspec.structs.replace(bundled_prices(), charges={})
    assert estimate("monitoring", record({FA: 128 * KB}, 1), price_book=without).cost is None
    assert estimate("monitoring", record({STANDARD: 128 * KB}, 1), price_book=without).cost == 0.0


def test_monitoring_is_unknown_in_regions_without_a_known_fee() -> None:
    here, elsewhere = record({FA: 128 * KB}, 1), record({FA: 128 * KB}, 1, region="eu-west-1")
    assert estimate("monitoring", elsewhere) == Estimate("monitoring", "at-most", None, 0, 1, True)
    assert estimate("monitoring", here, elsewhere) == Estimate("monitoring", "at-most", FEE, 1, 1, True)
    assert estimate("monitoring", record({STANDARD: 1}, 1, region="eu-west-1")).cost == 0.0


@pytest.mark.parametrize(("buckets", "usd"), [(0, 0.0), (2000, 0.0), (2001, 0.02), (2100, 2.0)])
def test_buckets_above_2000_of_an_account_are_charged(buckets: int, usd: float) -> None:
    found = estimate(
        "buckets", *[record({}) for _ in range(buckets)], record({}, kind="table"), record({}, account="x")
    )
    assert (found.kind, found.cost) == ("estimate", pytest.approx(usd))


def test_the_fee_of_the_price_list_counts_and_without_one_another_currency_is_unknown() -> None:
    many = [record({}) for _ in range(2001)]
    listed = Price("buckets", "Bucket-Mo", "s", (Tier(Decimal(2000), Decimal(0)), Tier(None, Decimal("0.05"))))
    dearer = msgspec.structs.replace(bundled_prices(), charges={"global": {"Global-Bucket-Hrs": listed}})
    assert estimate("buckets", *many, price_book=dearer).cost == pytest.approx(0.05)
    yuan = msgspec.structs.replace(bundled_prices(), currency="CNY")
    unknown = Estimate("buckets", "estimate", None, 0, len(many), True)
    assert estimate("buckets", *many, price_book=yuan) == unknown
    assert estimate("buckets", many[0], price_book=yuan).cost == 0.0


def test_requests_and_egress_are_those_of_request_metrics() -> None:
    totals = RequestTotals(2, 1, 0.3, 1, None, 2)
    records = [record({})] * 3
    assert estimate("requests", *records, requests=totals) == Estimate("requests", "estimate", 0.3, 1, 2, True)
    assert estimate("egress", *records, requests=totals) == Estimate("egress", "at-most", None, 0, 3, True)
    assert estimate("requests", *records) == Estimate("requests", "estimate", None, 0, 3, True)
    assert estimate("egress", *records) == Estimate("egress", "at-most", None, 0, 3, True)
    bounded = msgspec.structs.replace(totals, egress_at_most=9.0, egress_unpriced_buckets=0)
    assert estimate("egress", *records, requests=bounded) == Estimate("egress", "at-most", 9.0, 2, 1, True)


@pytest.mark.parametrize(
    ("one", "text"),
    [
        (Estimate("requests", "estimate", 0.3, 5, 0, True), "requests $0.30"),
        (Estimate("requests", "estimate", 0.3, 2, 3, True), "requests $0.30 (2 of 5 buckets)"),
        (Estimate("egress", "at-most", 9.0, 2, 0, True), "egress at most $9.00"),
        (Estimate("egress", "at-most", None, 0, 2, True), "egress unknown"),
        (Estimate("monitoring", "at-most", 0.001, 1, 0, True), "Intelligent-Tiering monitoring at most <$0.01"),
        (Estimate("buckets", "estimate", 2.0, 9, 0, False), "fee for buckets above 2,000 $2.00 (9 received buckets)"),
    ],
)
def test_an_estimate_states_how_many_buckets_it_covers(one: Estimate, text: str) -> None:
    assert estimate_text(one, "USD") == text


def test_estimates_of_0_are_not_shown() -> None:
    nothing = Estimate("buckets", "estimate", 0.0, 9, 0, True)
    assert not_included_text([nothing, Estimate("egress", "at-most", None, 0, 2, True)], "USD") == "egress unknown"
