"""The changes of a period by cause, its movers, and the forecast of the next month."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import pytest

from s3_monitor.merge.merger import merge
from s3_monitor.model.series import Window
from s3_monitor.report.data import build_report_data
from s3_monitor.trends.forecasting import forecast
from tests.merge.fixtures import AS_OF, GIB, Truth, digest, part, plan, unit
from tests.trends.test_trends import BIG, DAYS, GLACIER, NEWEST, PRICE, PRICES, WINDOW, S, flat, known


def test_a_change_has_the_bytes_the_cost_and_the_buckets_of_each_cause() -> None:
    found = known(
        Truth("one", {S: flat(GIB) | {NEWEST: 3 * GIB}}),
        Truth("two", {S: flat(GIB) | {NEWEST: 2 * GIB}}),
        Truth("less", {S: flat(9 * GIB) | {NEWEST: 4 * GIB}}),
        Truth("new", {S: {NEWEST: 7 * GIB}}, created=int(AS_OF.timestamp()) - 86_400),
        Truth("same", {S: flat()}),
        Truth("moved", {S: flat(GIB, last=NEWEST - 1), GLACIER: flat(GIB, NEWEST)}),
    )
    change = found.changes["1d"]
    assert change is not None
    assert {cause: (each.buckets, each.size / GIB, each.cost) for cause, each in change.causes.items()} == {
        "created": (1, 7, pytest.approx(7 * PRICE)),
        "grew": (2, 3, pytest.approx(3 * PRICE)),
        "moved": (1, 0, pytest.approx(0.0036 - PRICE)),
        "shrank": (1, -5, pytest.approx(-5 * PRICE)),
    }
    assert list(change.causes) == ["created", "grew", "moved", "shrank"]
    assert (change.first, change.last) == (WINDOW.day(NEWEST - 1), WINDOW.day(NEWEST))
    assert (change.size, change.cost) == (5 * GIB, pytest.approx(5 * PRICE + 0.0036 - PRICE))
    assert (change.size_before, change.cost_before) == (13 * GIB, pytest.approx(13 * PRICE))
    assert found.changes["90d"] is None


@pytest.mark.parametrize(
    ("sizes", "cost", "cost_before"),
    [
        ({S: flat(GIB) | {NEWEST: 3 * GIB}}, 2 * PRICE, PRICE),
        ({S: flat(GIB) | {NEWEST: 3 * GIB}, "NewStorage": flat(5)}, 2 * PRICE, None),
        ({S: flat(GIB), "NewStorage": flat(5) | {NEWEST: 6}}, None, None),
        ({S: flat(GIB) | {NEWEST: 3 * GIB}, "NewStorage": flat(0)}, 2 * PRICE, PRICE),
        ({S: flat(GIB), "NewStorage": flat(0) | {NEWEST: 6}}, None, PRICE),
        ({S: flat(GIB) | {NEWEST: GIB}, GLACIER: {NEWEST: GIB}}, 0.0036, PRICE),
    ],
)
def test_a_mover_has_a_cost_if_what_changed_has_a_price(
    sizes: dict[str, dict[int, float]], cost: float | None, cost_before: float | None
) -> None:
    (change,) = known(Truth("a", sizes), BIG).movers["1d"]
    mover = change.mover
    assert mover.cost == (None if cost is None else pytest.approx(cost))
    assert mover.cost_before == (None if cost_before is None else pytest.approx(cost_before))
    assert mover.size_before == sum(days.get(NEWEST - 1, 0) for days in sizes.values())


@pytest.mark.parametrize(("ago", "cause"), [(1, "created"), (2, "grew")])
def test_a_bucket_is_created_after_the_first_day_of_a_period(ago: int, cause: str) -> None:
    """The newest day is yesterday."""
    made = int(AS_OF.timestamp()) - ago * 86_400
    found = known(Truth("a", {S: {NEWEST - 1: 0, NEWEST: GIB}}, created=made), BIG)
    assert [change.mover.cause for change in found.movers["1d"]] == [cause]


def test_a_bucket_has_the_cost_of_its_newest_day_unless_a_price_is_unknown() -> None:
    truths = (
        Truth("a", {S: flat(2 * GIB), GLACIER: flat(GIB)}),
        Truth("unpriced", {S: flat(GIB), "NewStorage": flat(5)}),
        Truth("nothing unpriced", {S: flat(GIB), "NewStorage": flat(0)}),
        Truth("late", {S: flat(last=NEWEST - 1)}),
    )
    buckets = known(*truths, BIG).buckets
    costs = {key[2]: trend.cost for key, trend in buckets.items()}
    assert costs == {
        "a": pytest.approx(2 * PRICE + 0.0036),
        "unpriced": None,
        "nothing unpriced": pytest.approx(PRICE),
        "late": None,
        "big": pytest.approx(1000 * PRICE),
    }


def test_classes_add_up_to_the_total() -> None:
    found = known(Truth("a", {S: flat(2 * GIB, but=[4]), GLACIER: flat(GIB), "GlacierObjectOverhead": flat(5)}))
    assert list(found.by_class) == ["GLACIER", "STANDARD"]
    assert found.by_class["GLACIER"].sizes == [None if day == 4 else GIB + 5 for day in range(NEWEST + 1)]
    assert found.by_class["STANDARD"].sizes == [None if day == 4 else 2 * GIB for day in range(NEWEST + 1)]


@pytest.mark.parametrize(
    ("today", "month", "first", "last"),
    [
        (date(2026, 11, 22), date(2026, 12, 1), 10, 40),
        (date(2026, 12, 31), date(2027, 1, 1), 2, 32),
        (date(2027, 1, 1), date(2027, 2, 1), 32, 59),
        (date(2027, 1, 31), date(2027, 2, 1), 2, 29),
        (date(2028, 1, 31), date(2028, 2, 1), 2, 30),
    ],
)
def test_the_next_calendar_month_is_forecast_with_the_jump_of_the_history(
    today: date, month: date, first: int, last: int
) -> None:
    window = Window(today - timedelta(days=DAYS - 1), DAYS)
    one = msgspec.structs.replace(
        plan([unit()]), window=window, as_of=AS_OF.replace(year=today.year, month=today.month, day=today.day)
    )
    sizes = {day: float((900 + day % 3 - 300 * (day >= 20)) * GIB) for day in range(NEWEST + 1)}
    truth = Truth("a", {S: sizes}, created=0)
    found = build_report_data(merge(one, digest(one), [part(one, "s0", [truth])]), PRICES, one.as_of).trends
    assert found is not None and found.next_month is not None
    expected = forecast(found.total.costs, first, last)
    assert expected is not None and expected.jump is not None and found.next_month.jump is not None
    assert (found.next_month.month, found.next_month.cost) == (month, expected.middle)
    assert found.next_month.jump.day == window.day(20)
    assert found.next_month.jump.cost == pytest.approx(-300 * PRICE, rel=0.01)


def test_the_100_largest_changes_of_a_period_are_kept_in_order() -> None:
    truths = [
        Truth(f"b{number:04}", {"StandardStorage": flat(GIB) | {NEWEST: (number + 2) * GIB}}) for number in range(850)
    ]
    movers = known(*truths).movers["1d"]
    assert [change.record.name for change in movers] == [f"b{number:04}" for number in range(849, 749, -1)]
