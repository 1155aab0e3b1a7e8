"""The cost of requests and the upper bound of egress, computed by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from msgspec.structs import replace

from s3_monitor.model.request_metrics import RequestMetrics, RequestTotals, merge_request_metrics
from s3_monitor.money.price_book import Charge, PriceBook, Source, Tier, bundled_prices
from s3_monitor.money.request_costs import PricedRequests, price_requests, sum_requests

REGION = "us-east-1"
GB, TB = 2**30, 2**40


def flat(kind: str, unit: str, price: str) -> Charge:
    return Charge(kind, unit, "s", (Tier(None, Decimal(price)),))  # type: ignore[arg-type]


EGRESS = Charge(
    "egress", "GB", "s",
    (Tier(Decimal(10_240), Decimal("0.09")), Tier(Decimal(51_200), Decimal("0.085")), Tier(None, Decimal("0.07"))),
)  # fmt: skip
PRICES = PriceBook(
    source="test",
    published=date(2026, 1, 1),
    sources={"s": Source("s", "2026")},
    regions={},
    charges={
        REGION: {
            "Requests-Tier1": flat("requests", "Requests", "0.000005"),
            "Requests-Tier2": flat("requests", "Requests", "0.0000004"),
            "Requests-SIA-Tier1": flat("requests", "Requests", "0.00001"),
            "Requests-SIA-Tier2": flat("requests", "Requests", "0.000001"),
            "DataTransfer-Out-Bytes": EGRESS,
        }
    },
)
SUMS: dict[str, int | float] = {
    "GetRequests": 1_000_000, "HeadRequests": 500_000, "SelectRequests": 0, "PutRequests": 200_000,
    "PostRequests": 50_000, "ListRequests": 50_000, "DeleteRequests": 9_000_000, "BytesUploaded": 7 * GB,
}  # fmt: skip


@pytest.mark.parametrize(
    ("days", "types", "cost"),
    [
        (30, ("StandardStorage",), 0.3 * 5 + 1.5 * 0.4),  # deletes are free
        (15, ("StandardStorage",), 2 * (0.3 * 5 + 1.5 * 0.4)),  # a month at this pace
        (30, ("StandardIAStorage", "StandardIASizeOverhead"), 0.3 * 10 + 1.5 * 1),
        (30, ("StandardIAStorage", "StandardStorage"), 0.3 * 5 + 1.5 * 0.4),  # of several classes: as Standard
        (30, (), 0.3 * 5 + 1.5 * 0.4),
        (30, ("TomorrowsStorage",), 0.3 * 5 + 1.5 * 0.4),
    ],
)
def test_requests_are_priced_for_a_month_at_their_rate(days: int, types: tuple[str, ...], cost: float) -> None:
    assert price_requests(RequestMetrics(days, SUMS), REGION, types, PRICES).record.cost == pytest.approx(
        cost, abs=1e-12
    )


@pytest.mark.parametrize(
    ("sent", "days", "usd"),
    [
        (0, 30, 0),
        (100 * GB, 30, 9.0),
        (10 * TB, 30, 921.6),
        (10 * TB + GB, 30, 921.685),
        (50 * TB, 30, 921.6 + 40_960 * 0.085),
        (100 * TB, 30, 921.6 + 40_960 * 0.085 + 51_200 * 0.07),
        (5 * TB, 15, 921.6),
    ],
)
def test_egress_fills_the_tiers_from_the_first_on(sent: int, days: int, usd: float) -> None:
    found = price_requests(RequestMetrics(days, {"BytesDownloaded": sent}), REGION, (), PRICES).record
    assert found.egress_at_most == pytest.approx(usd, abs=1e-12)
    assert (found.bytes_downloaded, found.cost) == (float(sent), 0.0)


def test_requests_without_a_price_cost_null_and_zero_requests_cost_0() -> None:
    unpriced = "cn-north-1"
    found = price_requests(RequestMetrics(30, {**SUMS, "BytesDownloaded": GB}), unpriced, (), bundled_prices()).record
    assert (found.cost, found.egress_at_most) == (None, None)
    found = price_requests(RequestMetrics(30, {"DeleteRequests": 7}), unpriced, (), bundled_prices()).record
    assert (found.cost, found.egress_at_most) == (0.0, 0.0)
    assert found.counts["DeleteRequests"] == 7.0


@pytest.mark.parametrize("missing", ["Requests-Tier1", "Requests-Tier2"])
def test_requests_with_a_price_for_only_some_of_them_cost_null(missing: str) -> None:
    charges = {name: charge for name, charge in PRICES.charges[REGION].items() if name != missing}
    price_book = replace(PRICES, charges={REGION: charges})
    assert price_requests(RequestMetrics(30, SUMS), REGION, (), price_book).cost is None


def of(cost: str | None, egress: str | None) -> PricedRequests:
    cost_, egress_ = (None if text is None else Fraction(text) for text in (cost, egress))
    return PricedRequests(RequestMetrics(30, {}), cost_, egress_)


@pytest.mark.parametrize(
    ("buckets", "expected"),
    [
        ([], RequestTotals(0, 0, None, 0, None, 0)),
        ([None], RequestTotals(0, 1, None, 0, None, 0)),
        ([of("0.1", "9"), None, of("0.2", "1")], RequestTotals(2, 1, 0.3, 0, 10.0, 0)),
        ([of("0.1", "9"), of(None, "1")], RequestTotals(2, 0, 0.1, 1, 10.0, 0)),
        ([of("0.1", "9"), of("0.2", None)], RequestTotals(2, 0, 0.3, 0, None, 1)),
        ([of(None, None), of("0", "0")], RequestTotals(2, 0, 0.0, 1, None, 1)),
        ([of(None, None)], RequestTotals(1, 0, None, 1, None, 1)),
        ([of("0.0000000000004", "0")] * 2, RequestTotals(2, 0, 1e-12, 0, 0.0, 0)),  # from unrounded amounts
    ],
)
def test_request_totals_count_the_excluded_buckets(
    buckets: list[PricedRequests | None], expected: RequestTotals
) -> None:
    assert sum_requests(buckets) == expected


def test_the_larger_of_two_results_counts_in_any_order() -> None:
    one, two, three = (
        RequestMetrics(3, {"GetRequests": 5}),
        RequestMetrics(3, {"GetRequests": 7}),
        RequestMetrics(4, {}),
    )
    for order in ((one, two, three), (three, one, two), (two, three, one)):
        found = None
        for traffic in order:
            found = merge_request_metrics(found, traffic)
        assert found == three
    assert merge_request_metrics(one, one) == one


def test_egress_above_the_first_band_is_bounded_by_its_price() -> None:
    """The bundled list has the first 10,240 GB only; prices decrease from tier to tier, so the bound is true."""
    sums = {**SUMS, "BytesDownloaded": 202_000 * GB}
    assert price_requests(RequestMetrics(30, sums), REGION, ("StandardStorage",), bundled_prices()).egress == 18_180


@pytest.mark.parametrize("unit", ["TB", "1000 Requests", ""])
def test_a_price_in_an_unexpected_unit_prices_nothing(unit: str) -> None:
    charges = {name: replace(charge, unit=unit) for name, charge in PRICES.charges[REGION].items()}
    price_book = replace(PRICES, charges={REGION: charges})
    found = price_requests(
        RequestMetrics(30, {**SUMS, "BytesDownloaded": GB}), REGION, ("StandardStorage",), price_book
    )
    assert (found.cost, found.egress) == (None, None)


@pytest.mark.parametrize("name", ["PutRequests", "PostRequests", "ListRequests"])
def test_a_metric_that_aws_did_not_send_counts_0(name: str) -> None:
    found = price_requests(RequestMetrics(30, {name: 1_000_000}), REGION, (), PRICES)
    assert (found.cost, found.egress) == (Fraction(5), 0)
    assert {key: count for key, count in found.record.counts.items() if count} == {name: 1e6}
    assert (found.record.bytes_downloaded, found.record.bytes_uploaded) == (0.0, 0.0)


@pytest.mark.parametrize("name", ["GetRequests", "HeadRequests", "SelectRequests"])
def test_reading_requests_are_priced_as_get(name: str) -> None:
    assert price_requests(RequestMetrics(30, {name: 1_000_000}), REGION, (), PRICES).cost == Fraction("0.4")


def test_amounts_keep_twelve_decimals() -> None:
    prices = {
        "Requests-Tier1": flat("requests", "Requests", "0.0001234567891"),
        "DataTransfer-Out-Bytes": flat("egress", "GB", "0.0000000000015"),
    }
    price_book = replace(PRICES, charges={REGION: prices})
    found = price_requests(RequestMetrics(30, {"PutRequests": 1, "BytesDownloaded": GB}), REGION, (), price_book).record
    assert (found.cost, found.egress_at_most) == (0.000123456789, 2e-12)


def test_a_charge_that_ends_below_the_amount_prices_none_of_it() -> None:
    ends = Charge("egress", "GB", "s", (Tier(Decimal(10), Decimal(1)),))
    price_book = replace(PRICES, charges={REGION: {"DataTransfer-Out-Bytes": ends}})
    exact = price_requests(RequestMetrics(30, {"BytesDownloaded": 10 * GB}), REGION, (), price_book)
    beyond = price_requests(RequestMetrics(30, {"BytesDownloaded": 10 * GB + 1}), REGION, (), price_book)
    assert (exact.egress, beyond.egress) == (10, None)
