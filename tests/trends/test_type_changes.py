"""The 30-day changes of storage types add up to that of their bucket."""

from __future__ import annotations

import pytest

from s3_monitor.merge.merger import merge
from s3_monitor.report.data import build_report_data
from s3_monitor.trends.month_change import type_changes
from tests.merge.fixtures import AS_OF, GIB, Truth, digest, part
from tests.trends.test_trends import GLACIER, IA, NEWEST, PRICES, WINDOW, S, asked, flat

NEW = "TomorrowsStorage"


@pytest.mark.parametrize(
    ("sizes", "unknown"),
    [
        ({S: flat(GIB)}, set()),
        ({S: {day: GIB * (day + 1) for day in range(NEWEST + 1)}, IA: flat(7 * GIB)}, set()),
        ({S: flat(9 * GIB, last=20), GLACIER: flat(9 * GIB, first=21)}, set()),
        ({S: flat(9 * GIB), NEW: {day: GIB + day for day in range(NEWEST + 1)}}, {NEW}),
        ({S: flat(GIB, last=20), IA: flat(GIB, last=20), GLACIER: flat(9 * GIB, first=21)}, {S, IA}),
    ],
)
def test_the_changes_of_types_add_up_to_that_of_the_bucket(
    sizes: dict[str, dict[int, float]], unknown: set[str]
) -> None:
    plan = asked()
    data = build_report_data(merge(plan, digest(plan), [part(plan, "s0", [Truth("a", sizes)])]), PRICES, AS_OF)
    ((bucket,),) = data.buckets()
    assert data.trends is not None
    (trend,) = data.trends.buckets.values()
    changes = type_changes(bucket, trend.record, WINDOW)
    assert changes.keys() == sizes.keys()
    assert sum(change.size for change in changes.values()) == bucket.size_change_30d
    assert {name for name, change in changes.items() if change.cost is None} == unknown
    if not unknown:
        assert sum(change.cost or 0.0 for change in changes.values()) == pytest.approx(bucket.cost_change_30d)


def test_a_short_history_has_no_changes() -> None:
    plan = asked()
    facts = merge(plan, digest(plan), [part(plan, "s0", [Truth("a", {S: flat(GIB, first=20)})])])
    data = build_report_data(facts, PRICES, AS_OF)
    ((bucket,),) = data.buckets()
    assert type_changes(bucket, facts.buckets[0], WINDOW) == {}


@pytest.mark.parametrize(
    "sizes",
    [
        {S: flat(GIB, last=20)},  # emptied: no figures of the newest day
        {S: flat(GIB), GLACIER: flat(GIB, last=NEWEST - 1)},  # a type is late: the change is unknown
    ],
)
def test_without_figures_of_every_type_there_are_no_changes(sizes: dict[str, dict[int, float]]) -> None:
    plan = asked()
    facts = merge(plan, digest(plan), [part(plan, "s0", [Truth("a", sizes)])])
    ((bucket,),) = build_report_data(facts, PRICES, AS_OF).buckets()
    assert type_changes(bucket, facts.buckets[0], WINDOW) == {}
