"""Complete days, changes and events of a history."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.merge.merger import merge
from s3_monitor.model.plan import Plan
from s3_monitor.model.series import Window
from s3_monitor.money.price_book import bundled_prices
from s3_monitor.report.data import build_report_data
from s3_monitor.trends import Trends
from tests.merge.fixtures import AS_OF, GIB, REGION, Truth, digest, part, plan, unit

S, IA, GLACIER = "StandardStorage", "StandardIAStorage", "GlacierStorage"
DAYS = 31
WINDOW = Window(AS_OF.date() - timedelta(days=DAYS - 1), DAYS)
NEWEST = DAYS - 2  # yesterday
PRICES = bundled_prices()
PRICE = 0.023
MADE = int(AS_OF.timestamp()) - 29 * 86_400  # on the second day of the window


def asked(**choices: object) -> Plan:
    return msgspec.structs.replace(plan([unit()], **choices), window=WINDOW)  # type: ignore[arg-type]


def of(*truths: Truth) -> Trends | None:
    one = asked()
    return build_report_data(merge(one, digest(one), [part(one, "s0", truths)]), PRICES, AS_OF).trends


def known(*truths: Truth) -> Trends:
    found = of(*truths)
    assert found is not None
    return found


def month_changes(*truths: Truth) -> dict[str, tuple[float | None, float | None]]:
    one = asked()
    data = build_report_data(merge(one, digest(one), [part(one, "s0", truths)]), PRICES, AS_OF)
    return {one.name: (one.size_change_30d, one.cost_change_30d) for chunk in data.buckets() for one in chunk}


def flat(size: float = GIB, first: int = 0, last: int = NEWEST, but: Sequence[int] = ()) -> dict[int, float]:
    return {day: size for day in range(first, last + 1) if day not in but}


BIG = Truth("big", {S: flat(1000 * GIB)})
HUGE = Truth("huge", {S: flat(40_000 * GIB)})


def test_every_day_has_its_bytes_and_its_cost_at_the_prices_of_today() -> None:
    found = known(Truth("a", {S: {day: GIB * (day + 1) for day in range(NEWEST + 1)}}))
    assert found.total.sizes == [GIB * (day + 1) for day in range(NEWEST + 1)]
    assert found.total.costs == pytest.approx([PRICE * (day + 1) for day in range(NEWEST + 1)])
    changes = {days: found.change(found.total, before).size for days, before in found.compared.items()}
    assert changes == {1: GIB, 7: 7 * GIB, 29: 29 * GIB}
    assert found.days[0] == WINDOW.first
    assert found.days[found.newest] == AS_OF.date() - timedelta(days=1)


def test_each_day_fills_its_own_price_tiers() -> None:
    tier = 50 * 1024
    found = known(Truth("a", {S: {0: tier * GIB, 1: (tier + 1024) * GIB} | flat(GIB, 2)}))
    assert found.total.costs[:2] == pytest.approx([tier * 0.023, tier * 0.023 + 1024 * 0.022])


@pytest.mark.parametrize(
    ("truths", "gaps"),
    [
        # A day without a point between two days that have one is a gap of the sum.
        ([Truth("a", {S: flat(but=[4, 9])}), Truth("b", {S: flat()})], [4, 9]),
        # The last days of a bucket that may only be late are gaps, and so are the first days.
        ([Truth("a", {S: flat(last=NEWEST - 2)}), Truth("b", {S: flat()})], [NEWEST - 1, NEWEST]),
        ([Truth("a", {S: flat(first=2)}), Truth("b", {S: flat()})], [0, 1]),
        # A series that ended earlier or began later is not a gap, nor is a bucket created within the window.
        ([Truth("a", {S: flat(last=NEWEST - 4)}), Truth("b", {S: flat()})], []),
        ([Truth("a", {S: flat(first=9)}), Truth("b", {S: flat()})], []),
        ([Truth("a", {S: flat(first=2)}, created=MADE), Truth("b", {S: flat()})], []),
        # A deleted bucket is not late.
        ([Truth("a", {S: flat(last=NEWEST - 1)}, listed=False), Truth("b", {S: flat()})], []),
        # Up to 1% of the sum may be missing without a gap or a dip.
        ([Truth("a", {S: flat(but=[4])}), BIG], []),
        ([Truth("a", {S: flat(last=NEWEST - 1)}), BIG], []),
        # A day without a point of any bucket.
        ([Truth("a", {S: flat(but=[4])}), Truth("b", {S: flat(but=[4])})], [4]),
        # Bytes that moved to another type are neither late nor counted twice.
        ([Truth("a", {S: flat(last=NEWEST - 2), GLACIER: flat(first=NEWEST - 1)})], []),
        ([Truth("a", {S: flat(last=1), GLACIER: flat(first=2)})], []),
        # A type that ended while the others stayed as they are may be late.
        ([Truth("a", {S: flat(last=NEWEST - 1), IA: flat()})], [NEWEST]),
        ([Truth("a", {S: flat(but=[7]), IA: flat()})], [7]),
    ],
)
def test_incomplete_days_are_gaps_and_never_dips(truths: list[Truth], gaps: list[int]) -> None:
    found = known(*truths)
    assert [day for day, size in enumerate(found.total.sizes) if size is None] == gaps
    assert [day for day, cost in enumerate(found.total.costs) if cost is None] == gaps


def test_missing_values_of_a_complete_day_are_interpolated() -> None:
    small = {day: GIB + day for day in range(NEWEST + 1) if day not in (4, 5)}
    found = known(Truth("small", {S: small}), BIG)
    assert found.total.sizes == [1001 * GIB + day for day in range(NEWEST + 1)]
    record = found.buckets["111122223333", REGION, "small"].record
    assert [day for day, size in enumerate(found.daily(record)) if size is None] == [4, 5]


def test_the_newest_day_and_the_compared_days_are_complete_days() -> None:
    found = known(Truth("a", {S: flat(last=NEWEST - 1, but=[NEWEST - 2, NEWEST - 8])}), Truth("b", {S: flat()}))
    assert found.newest == NEWEST - 1
    assert found.compared == {2: NEWEST - 3, 6: NEWEST - 7, 28: 0}


@pytest.mark.parametrize("truths", [[], [Truth("empty")], [Truth("young", created=int(AS_OF.timestamp()))]])
def test_without_a_point_there_are_no_trends(truths: list[Truth]) -> None:
    assert of(*truths) is None


def test_a_type_without_a_price_has_bytes_and_no_cost() -> None:
    found = known(Truth("a", {"TomorrowsStorage": flat(), S: flat()}))
    assert found.total.sizes[0] == 2 * GIB
    assert found.total.costs[0] == pytest.approx(PRICE)
    assert found.by_storage_type["TomorrowsStorage"].costs[0] is None
    assert found.buckets["111122223333", REGION, "a"].cost is None


LIMITED = "ap-east-2"  # the price list has only the first 51,200 GB of its Standard storage


def of_limited_prices(sizes: dict[int, int]) -> Trends:
    plan_ = msgspec.structs.replace(plan([unit(region=LIMITED)]), window=WINDOW)
    truth = Truth("a", {S: sizes, "GlacierStorage": flat()}, region=LIMITED)
    found = build_report_data(merge(plan_, digest(plan_), [part(plan_, "s0", [truth])]), PRICES, AS_OF).trends
    assert found is not None
    return found


def test_bytes_that_lose_their_price_are_not_a_decrease_of_cost() -> None:
    found = of_limited_prices({day: (50_000 + 100 * day) * GIB for day in range(NEWEST + 1)})
    glacier = found.by_storage_type["GlacierStorage"].costs
    assert found.total.costs == glacier, "excluded on all days, as from the totals"
    assert found.total.unpriced[0] == 50_000 * GIB
    assert {found.change(found.total, before).cost for before in found.compared.values()} == {0.0}


def test_bytes_that_get_a_price_are_not_an_increase_of_cost() -> None:
    found = of_limited_prices({day: (53_000 - 100 * day) * GIB for day in range(NEWEST + 1)})
    unpriced = [day for day in range(NEWEST + 1) if 53_000 - 100 * day > 51_200]
    assert [day for day, cost in enumerate(found.total.costs) if cost is None] == unpriced
    assert None not in found.total.sizes
    assert found.total.unpriced == [0] * (NEWEST + 1)
    changes = [found.change(found.total, before) for before in found.compared.values()]
    assert [change.cost is None for change in changes] == [False, False, True]


def test_every_group_has_its_own_trend() -> None:
    found = known(
        Truth("a", {S: flat(but=[3]), IA: flat(2 * GIB)}), Truth("b", {S: flat(3 * GIB)}),
    )  # fmt: skip
    assert found.by_storage_type[IA].sizes == [2 * GIB] * (NEWEST + 1)
    assert found.by_storage_type[S].sizes[3] is None
    assert found.by_region[REGION].sizes == found.total.sizes
    assert list(found.by_account) == ["111122223333"]


# Buckets


def names(of: Sequence[object]) -> list[tuple[str, int | None]]:
    return [(one.record.name, one.day) for one in of]  # type: ignore[attr-defined]


def test_buckets_are_created_emptied_and_deleted() -> None:
    made = int(AS_OF.timestamp()) - 5 * 86_400
    found = known(
        Truth("new", {S: flat(first=NEWEST - 3)}, created=made),
        Truth("young", created=int(AS_OF.timestamp())),
        Truth("emptied", {S: flat(last=10)}),
        Truth("zero", {S: flat(last=12) | dict.fromkeys(range(13, NEWEST + 1), 0)}),
        Truth("deleted", {S: flat(last=20)}, listed=False),
        Truth("late", {S: flat(last=NEWEST - 2)}),
        BIG,
    )
    assert names(found.created) == [("young", DAYS - 1), ("new", DAYS - 6)]
    assert names(found.emptied) == [("zero", NEWEST), ("emptied", 10)]
    assert names(found.deleted) == [("deleted", 20)]
    assert found.deleted[0].last_size == GIB


def test_movers_are_those_whose_cost_changed_most() -> None:
    found = known(
        Truth("up", {S: {0: GIB} | flat(90 * GIB, 1)}),
        Truth("more", {S: {0: GIB} | flat(900 * GIB, 1)}),
        Truth("down", {S: {0: 100 * GIB} | flat(GIB, 1)}),
        Truth("gone", {S: flat(200 * GIB, last=9)}, listed=False),
        Truth("still", {S: flat()}),
    )
    movers = [one.mover for one in found.movers["30d"]]
    assert [mover.name for mover in movers] == ["more", "gone", "down", "up"]
    assert movers[0].cost == pytest.approx(899 * PRICE)
    assert movers[1].size == -200 * GIB


def test_a_late_bucket_is_compared_up_to_its_own_newest_day() -> None:
    truth = Truth("late", {S: {day: GIB * (100 + day) for day in range(NEWEST)}})
    found = known(truth, HUGE)
    late = found.buckets["111122223333", REGION, "late"]
    assert late.size is None
    assert month_changes(truth, HUGE)["late"] == (28 * GIB, pytest.approx(28 * PRICE))
    assert found.daily(late.record)[-2:] == [GIB * (99 + NEWEST), None]


def test_a_change_skips_missing_days() -> None:
    points = {day: GIB * (100 + day) for day in range(NEWEST + 1) if day not in (0, 5)}
    assert month_changes(Truth("a", {S: points}), BIG)["a"] == (28 * GIB, pytest.approx(28 * PRICE))


def test_a_new_bucket_grew_from_nothing() -> None:
    changes = month_changes(Truth("new", {S: flat(first=NEWEST - 3)}, created=MADE), BIG)
    assert changes["new"] == (GIB, pytest.approx(PRICE))


@pytest.mark.parametrize("weekday", range(7))
def test_a_weekly_cleanup_is_not_a_mover_and_a_step_on_any_day_is(weekday: int) -> None:
    found = known(
        Truth("cleaned", {S: {day: GIB * 1000 * (1 + (day + weekday) % 7) for day in range(NEWEST + 1)}}),
        Truth("step", {S: flat(last=weekday) | flat(2 * GIB, weekday + 1)}),
        Truth("late-step", {S: flat(3 * GIB) | flat(GIB, NEWEST - weekday)}),
        Truth("grows", {S: {day: GIB * (100 * (day % 7) + 50 * day) for day in range(NEWEST + 1)}}),
    )
    assert [one.record.name for one in found.movers["30d"]] == ["grows", "late-step", "step"]


def test_buckets_without_a_price_rank_by_bytes_after_those_with_one() -> None:
    growing = {day: GIB * (day + 1) for day in range(NEWEST + 1)}
    found = known(
        Truth("unpriced", {"TomorrowsStorage": {day: 9 * size for day, size in growing.items()}}),
        Truth("more", {"TomorrowsStorage": {day: 99 * size for day, size in growing.items()}}),
        Truth("priced", {S: growing}),
    )
    assert [one.record.name for one in found.movers["30d"]] == ["priced", "more", "unpriced"]


def test_bytes_that_moved_between_classes_are_counted_once() -> None:
    found = known(
        Truth("moved", {S: flat(8 * GIB, last=9), GLACIER: flat(6 * GIB, 10), IA: flat(GIB, 10)}),
        Truth("grown", {S: {0: GIB} | flat(9 * GIB, 1), IA: flat()}),
    )
    assert [(one.source, one.target, one.size // GIB, one.buckets) for one in found.transitions] == [
        ("STANDARD", "GLACIER", 6, 1),
        ("STANDARD", "STANDARD_IA", 1, 1),
    ]


def test_the_change_of_an_incomplete_bucket_is_unknown() -> None:
    one = asked()
    incomplete = merge(one, digest(one), [part(one, "s0", [Truth("a", {S: flat()})], unanswered=[("a", IA)])])
    ((bucket,),) = build_report_data(incomplete, PRICES, AS_OF).buckets()
    assert bucket.size_change_30d is None


# Forecasts and totals


def test_the_forecast_is_of_the_next_calendar_month() -> None:
    found = known(Truth("a", {S: {day: 1000 * GIB * (day + 1) for day in range(NEWEST + 1)}}))
    month = found.next_month
    assert month is not None
    assert month.month.isoformat() == "2026-12-01"
    # Yesterday is day 29 of the series; 1 to 31 December are 10 to 40 days after it, 25 in the mean.
    assert month.cost == pytest.approx(1000 * PRICE * (NEWEST + 1 + 25))
    assert month.low == pytest.approx(month.high), "nothing strayed from the line"


POINTS = st.dictionaries(st.integers(0, NEWEST), st.integers(0, 2**50), max_size=12)


@given(st.lists(st.dictionaries(st.sampled_from([S, IA, GLACIER]), POINTS, max_size=3), max_size=6), st.randoms())
def test_trends_do_not_depend_on_the_order_and_groups_sum_to_the_total(
    sizes: list[Mapping[str, Mapping[int, float]]], random_: random.Random
) -> None:
    truths = [Truth(f"b{index}", one) for index, one in enumerate(sizes)]
    one, other = of(*truths), of(*random_.sample(truths, len(truths)))
    if one is None or other is None:
        assert one is other is None
        return
    assert one == msgspec.structs.replace(other, histories=one.histories)
    for index, size in enumerate(one.total.sizes):
        parts = [course.sizes[index] for course in one.by_storage_type.values()]
        if size is not None and None not in parts:
            assert size == sum(part for part in parts if part is not None)
        points = [
            truth.sizes.get(type_, {}).get(one.span.first + index) for truth in truths for type_ in (S, IA, GLACIER)
        ]
        if size is not None:
            assert size >= sum(point or 0 for point in points), "never less than is known"


def test_the_cost_of_the_newest_day_is_that_of_the_report() -> None:
    one = asked()
    truths = [Truth(f"b{index}", {S: flat(10**13 * index + index), IA: flat(10**12)}) for index in range(1, 9)]
    facts = merge(one, digest(one), [part(one, "s0", truths)])
    report = build_report_data(facts, PRICES, AS_OF)
    found, summary = report.trends, report.summary
    assert found is not None
    assert found.total.costs[found.newest] == summary.totals.cost
    assert found.total.sizes[found.newest] == summary.totals.size
    for region, group in summary.by_region.items():
        assert found.by_region[region].costs[found.newest] == group.cost


def test_averages_with_a_fraction_are_rounded_and_missing_days_stay_missing() -> None:
    found = known(Truth("a", {S: {0: 5.4, 1: 5.6, 3: 7.5} | flat(9, 4)}), BIG)
    assert found.daily(found.buckets["111122223333", REGION, "a"].record)[:5] == [5, 6, None, 8, 9]


@pytest.mark.parametrize("day", [0, 1])
def test_the_span_may_be_a_single_day(day: int) -> None:
    found = known(Truth("a", {S: {day: GIB}}))
    assert (found.span, found.newest, found.total.sizes) == ((day, day), 0, [GIB])


def test_a_period_may_start_without_bytes() -> None:
    found = known(Truth("a", {S: flat(0, last=26) | flat(GIB, 27)}))
    change = found.changes["7d"]
    assert change is not None
    assert (change.size_before, change.cost_before, change.size) == (0.0, 0.0, GIB)


def test_an_unchanged_bucket_does_not_swing() -> None:
    for truth in (Truth("a", {S: flat()}), Truth("a", {S: {NEWEST: GIB}}), Truth("a", {S: flat(0)})):
        (trend,) = known(truth).buckets.values()
        assert not trend.is_swing
