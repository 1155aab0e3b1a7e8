"""The days before the first point do not matter."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from s3_monitor.merge.merger import merge
from s3_monitor.model.series import Window
from s3_monitor.report.data import build_report_data
from s3_monitor.trends import Trends
from tests.merge.fixtures import AS_OF, GIB, Truth, digest, part, plan, unit
from tests.trends.test_trends import DAYS, GLACIER, IA, NEWEST, PRICES, S, flat

NOW = int(AS_OF.timestamp())
TRUTHS = [
    Truth("a", {S: {day: (900 + day - 300 * (day >= 20)) * GIB for day in range(NEWEST + 1)}}),
    Truth("moving", {S: flat(8 * GIB, last=9), GLACIER: flat(6 * GIB, 10), IA: flat(GIB, 10)}),
    Truth("gaps", {S: flat(but=[4, 9]), IA: flat(GIB, 5)}),
    Truth("starts", {S: flat(2 * GIB, 2)}, created=NOW - 32 * 86_400),
    Truth("old", {S: flat(4 * GIB, 27)}, created=NOW - 28 * 86_400),
    Truth("new", {S: flat(3 * GIB, 12)}, created=NOW - 18 * 86_400),
    Truth("emptied", {S: flat(7 * GIB, last=10)}),
    Truth("deleted", {S: flat(2 * GIB, last=20)}, listed=False),
    Truth("late", {S: flat(last=NEWEST - 1)}),
    Truth("unpriced", {"TomorrowsStorage": flat(5)}),
]


def trends(earlier: int) -> Trends:
    """Return the trends of a window that begins some days earlier, without points on these days."""
    moved = [
        replace(
            one, sizes={name: {day + earlier: size for day, size in days.items()} for name, days in one.sizes.items()}
        )
        for one in TRUTHS
    ]
    window = Window(AS_OF.date() - timedelta(days=DAYS - 1 + earlier), DAYS + earlier)
    one = msgspec.structs.replace(plan([unit()]), window=window)
    found = build_report_data(merge(one, digest(one), [part(one, "s0", moved)]), PRICES, AS_OF).trends
    assert found is not None
    return found


def events(trends: Trends, name: str, earlier: int = 0) -> list[tuple[str, int]]:
    return [(trend.record.name, trend.day - earlier) for trend in getattr(trends, name)]


@pytest.mark.parametrize("earlier", [1, 40])
def test_trends_are_the_same_if_the_window_begins_before_the_first_point(earlier: int) -> None:
    one, other = trends(0), trends(earlier)
    assert (other.span.first, other.span.last) == (one.span.first + earlier, one.span.last + earlier)
    for name in ("newest", "compared", "days", "total", "by_account", "by_region", "by_storage_type", "by_class",
                 "transitions", "next_month", "changes"):  # fmt: skip
        assert getattr(other, name) == getattr(one, name), name
    for name in ("created", "emptied", "deleted"):
        assert events(one, name) == events(other, name, earlier) != []
    for key, trend in one.buckets.items():
        same = other.buckets[key]
        assert (same.size, same.cost, same.event, same.is_swing) == (
            trend.size,
            trend.cost,
            trend.event,
            trend.is_swing,
        )
        assert other.daily(same.record) == one.daily(trend.record)
        assert other.classes(same.record) == one.classes(trend.record)
    assert {name: [change.mover for change in changes] for name, changes in other.movers.items()} == {
        name: [change.mover for change in changes] for name, changes in one.movers.items()
    }
