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
    return DailyTotalsBuilder(totals, by_day).total()


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


def two_types(known: tuple[int, int], imputed: tuple[int, int]) -> DailyTotals:
    """Return the total of a day. The second type costs nothing."""
    names = (STANDARD, "GlacierStorage")
    rows = {name: Row(0, [size], False) for name, size in zip(names, known, strict=True)}
    found = StorageTotals(Span(0, 0))
    missing = {name: {0: size} for name, size in zip(names, imputed, strict=True) if size}
    found.add(REGION, BucketHistory(Span(0, 0), rows, missing))
    return DailyTotalsBuilder(found, [{REGION: {STANDARD: DOLLAR, "GlacierStorage": 0}}]).total()


@pytest.mark.parametrize(
    ("known", "imputed", "size"),
    [
        ((99, 9900), (1, 0), 10_000),
        ((90, 9900), (10, 0), None),  # of the cost, a tenth is imputed
        ((9900, 99), (0, 1), 10_000),
        ((100, 100), (0, 10), None),  # of the bytes, a twentieth is imputed
    ],
)
def test_a_day_is_incomplete_if_much_of_its_bytes_or_of_its_cost_is_imputed(
    known: tuple[int, int], imputed: tuple[int, int], size: int | None
) -> None:
    assert two_types(known, imputed).sizes == [size]


def test_the_parts_add_up_to_the_total_on_its_complete_days() -> None:
    found = StorageTotals(Span(0, 2))
    rows = {STANDARD: Row(0, [5, 6, 7], False), "GlacierStorage": Row(1, [None, 9], True)}
    found.add(REGION, BucketHistory(Span(0, 2), rows, {"GlacierStorage": {1: 8}}))
    rates: dict[str, Rate] = {STANDARD: DOLLAR, "GlacierStorage": 2 * DOLLAR}
    builder = DailyTotalsBuilder(found, [{REGION: rates}] * 3)
    total_ = builder.total()
    parts = builder.by(lambda region, name: name.lower(), parts_of=total_)
    assert (total_.sizes, total_.costs) == ([5, None, 16], [5, None, 25])
    assert [(name, daily.sizes, daily.costs) for name, daily in parts.items()] == [
        ("glacierstorage", [0, None, 9], [0, None, 18]),
        ("standardstorage", [5, None, 7], [5, None, 7]),
    ]
    by_type = builder.by(lambda region, name: name)
    assert [(name, daily.sizes) for name, daily in by_type.items()] == [
        ("GlacierStorage", [0, None, 9]), (STANDARD, [5, 6, 7]),
    ]  # fmt: skip


@pytest.mark.parametrize(("first", "last", "effect"), [(0, 1, 5 + 1), (1, 0, -7), (0, 0, 0)])
def test_the_effect_of_prices_is_that_on_the_bytes_of_the_first_day(first: int, last: int, effect: int) -> None:
    totals = storage([5, 7], {STANDARD: {0: 1}})
    by_day: list[dict[tuple[str, str], dict[str, Rate]]] = [{REGION: {STANDARD: rate}} for rate in (2, 3)]
    assert DailyTotalsBuilder(totals, by_day).price_effect(first, last) == effect


@pytest.mark.parametrize(
    ("rates", "effect"), [((None, None), 0), ((2, None), 0), ((0, 3), 15), ((3, 0), -15), ((None, 3), 15)]
)
def test_prices_have_no_effect_on_bytes_without_a_price(rates: tuple[Rate, Rate], effect: int) -> None:
    """The price of the newest day decides."""
    builder = DailyTotalsBuilder(storage([5, 7]), [{REGION: {STANDARD: rate}} for rate in rates])
    assert builder.price_effect(0, 1) == effect
