"""Daily sums: which days are complete, and which bytes fill the price tiers and count as unpriced."""

from __future__ import annotations

import pytest

from s3_monitor.money.list_pricing import Rate, billing_families, rates_for
from s3_monitor.money.price_book import bundled_prices
from s3_monitor.trends.daily_totals import DailyTotals, DailyTotalsBuilder, StorageTotals
from s3_monitor.trends.history import BucketHistory, ImputedDays, Row, Span
from tests.merge.fixtures import plan, unit

STANDARD, REGION = "StandardStorage", ("111122223333", "us-east-1")
DOLLAR = 10**76  # per byte


def history(values: list[int | None], imputed: ImputedDays | None = None) -> BucketHistory:
    return BucketHistory(Span(0, len(values) - 1), {STANDARD: Row(0, values, None in values)}, imputed or {})


def storage(values: list[int | None], imputed: ImputedDays | None = None) -> StorageTotals:
    totals = StorageTotals(Span(0, len(values) - 1))
    totals.add(REGION, history(values, imputed))
    return totals


def total(totals: StorageTotals, rates: list[Rate]) -> DailyTotals:
    by_day = [{REGION: {STANDARD: rate}} for rate in rates]
    return DailyTotalsBuilder(totals, by_day, Span(0, len(rates) - 1)).total()


@pytest.mark.parametrize(("known", "imputed", "is_complete"), [(99, 1, True), (98, 1, False), (9801, 99, True)])
def test_a_day_is_complete_if_at_most_a_hundredth_is_imputed(known: int, imputed: int, is_complete: bool) -> None:
    totals = storage([None], {STANDARD: {0: imputed}})
    totals.add(REGION, history([known]))
    found = total(totals, [DOLLAR])
    expected = known + imputed if is_complete else None
    assert (found.sizes, found.costs) == ([expected], [expected])


def test_imputed_bytes_fill_the_price_tiers() -> None:
    one, book, size = plan([unit()]), bundled_prices(), 600 * 2**40
    totals = storage([None], {STANDARD: {0: size}})
    families = billing_families(one)
    assert totals.rates(one, book) == [rates_for({REGION: {STANDARD: size}}, families, book)]


@pytest.mark.parametrize(
    ("values", "rates", "costs", "unpriced"),
    [
        ([5, 7], [DOLLAR, DOLLAR], [5, 7], [0, 0]),
        ([5, 7], [DOLLAR, None], [None, None], [5, 7]),  # no price on the newest day: excluded on all days
        ([5, 0], [None, DOLLAR], [None, None], [5, 0]),  # the newest day with bytes counts
        ([5, 7], [None, DOLLAR], [None, 7], [0, 0]),  # a price on the newest day only: the other days are not complete
        ([5, 0, 0], [DOLLAR, None, None], [5, 0, 0], [0, 0, 0]),
        ([0, 0], [DOLLAR, None], [None, None], [0, 0]),
    ],
)
def test_bytes_are_unpriced_on_all_days_if_they_have_no_price_on_their_newest_day(
    values: list[int | None], rates: list[Rate], costs: list[float | None], unpriced: list[int]
) -> None:
    found = total(storage(values), rates)
    assert (found.costs, found.unpriced) == (costs, unpriced)
