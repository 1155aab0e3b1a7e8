"""The sections of summary.json about trends agree with each other."""

from __future__ import annotations

import pytest

from s3_monitor.merge.merger import merge
from s3_monitor.model.summary import Summary
from s3_monitor.money.price_book import bundled_prices
from s3_monitor.report.data import build_report_data
from tests.merge.fixtures import AS_OF, GIB, Truth, digest, part
from tests.trends.test_trends import GLACIER, NEWEST, asked, flat

S = "StandardStorage"


def summary_of(*truths: Truth, with_trends: bool = True) -> Summary:
    one = asked()
    facts = merge(one, digest(one), [part(one, "s0", truths)])
    return build_report_data(facts, bundled_prices(), AS_OF, with_trends=with_trends).summary


MOVED = Truth("moved", {S: flat(8 * GIB, last=NEWEST - 2), GLACIER: flat(8 * GIB, first=NEWEST - 1)})
GREW = Truth("grew", {S: {day: GIB * (day + 1) for day in range(NEWEST + 1)}})


def test_the_changes_of_groups_add_up_to_the_change_of_all_buckets() -> None:
    said = summary_of(MOVED, GREW)
    for period in ("1d", "7d", "30d"):
        total = said.changes[period]
        assert total is not None and total.cost is not None
        for groups in said.group_changes.values():
            parts = [group[period] for group in groups.values()]
            assert sum(part.size or 0 for part in parts) == total.size
            assert sum(part.cost or 0 for part in parts) == pytest.approx(total.cost, abs=1e-9)
        assert sum(mover.size for mover in said.movers[period]) == total.size
        assert sum(mover.cost or 0 for mover in said.movers[period]) == pytest.approx(total.cost, abs=1e-9)
    assert "90d" not in said.group_changes["region"]["us-east-1"]


def test_the_history_has_a_value_per_day_and_classes_add_up_to_the_total() -> None:
    said = summary_of(MOVED, GREW)
    history, change = said.history, said.changes["7d"]
    assert history is not None and change is not None
    classes = history.by_storage_class
    assert set(classes) == {"STANDARD", "GLACIER"}
    for day, size in enumerate(history.total.sizes):
        assert size == sum(sums.sizes[day] or 0 for sums in classes.values())
    days = (change.first - history.first).days
    assert history.total.sizes[days] == change.size_before
    assert history.total.costs[days] == change.cost_before
    assert [(move.source, move.target, move.size) for move in said.moved] == [("STANDARD", "GLACIER", 8 * GIB)]


def test_without_trends_the_sections_are_empty() -> None:
    said = summary_of(GREW, with_trends=False)
    assert (said.changes, said.movers, said.group_changes, said.moved) == ({}, {}, {}, [])
    assert (said.history, said.forecast) == (None, None)
    assert said.totals == summary_of(GREW).totals


def test_each_bucket_has_its_change_and_its_cause() -> None:
    one = asked()
    facts = merge(one, digest(one), [part(one, "s0", [MOVED, GREW, Truth("young", created=int(AS_OF.timestamp()))])])
    chunks = build_report_data(facts, bundled_prices(), AS_OF).buckets()
    found = {bucket.name: bucket for chunk in chunks for bucket in chunk}
    grew, moved, young = (found[name] for name in ("grew", "moved", "young"))
    assert (grew.size_change_30d, grew.cause_30d) == (NEWEST * GIB, "grew")
    assert grew.cost_change_30d == pytest.approx(NEWEST * 0.023)
    assert (moved.size_change_30d, moved.cause_30d) == (0.0, "moved")
    assert moved.cost_change_30d == pytest.approx(8 * (0.0036 - 0.023))
    assert (young.size_change_30d, young.cost_change_30d, young.cause_30d) == (None, None, None)


def test_a_type_that_a_bucket_held_in_the_past_only_has_a_price() -> None:
    one = asked()
    facts = merge(one, digest(one), [part(one, "s0", [MOVED])])
    ((moved,),) = build_report_data(facts, bundled_prices(), AS_OF).buckets()
    assert moved.cost_change_30d == pytest.approx(8 * (0.0036 - 0.023))
