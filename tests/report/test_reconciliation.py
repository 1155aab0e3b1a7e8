"""The difference between the totals and the newest complete day of the trends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.merge.merger import merge
from s3_monitor.model.part import Listing
from s3_monitor.report.data import build_report_data
from s3_monitor.report.reconciliation import Part, Reconciliation, reconcile
from tests.merge.fixtures import AS_OF, GIB, Truth, digest, part
from tests.trends.test_trends import NEWEST, PRICE, PRICES, S, asked, flat

BIG = Truth("big", {S: flat(1000 * GIB)})
NOTHING = Part(0, pytest.approx(0.0, abs=1e-6), pytest.approx(0.0, abs=1))


def of(*truths: Truth) -> tuple[Reconciliation, float, float]:
    """Return the parts of the difference, the total cost, and the cost of the newest day."""
    plan = asked()
    facts = merge(plan, digest(plan), [part(plan, "s0", truths)])
    report = build_report_data(facts, PRICES, AS_OF)
    summary, found = report.summary, report.trends
    assert found is not None
    apart = reconcile(summary.totals, found)
    newest = found.total.costs[found.newest]
    assert apart is not None and newest is not None and summary.totals.cost is not None
    return apart, summary.totals.cost, newest


def test_complete_figures_have_no_difference() -> None:
    apart, headline, newest = of(BIG)
    assert apart == Reconciliation(NOTHING, NOTHING, NOTHING, is_newest=True, size=1000 * GIB)
    assert (apart.parts, headline) == ([], pytest.approx(newest))


def test_a_bucket_emptied_days_before_is_in_neither_sum() -> None:
    apart, headline, newest = of(BIG, Truth("was", {S: flat(100 * GIB, last=NEWEST - 9)}))
    assert (apart.parts, headline) == ([], pytest.approx(newest))


def test_a_bucket_emptied_since_is_in_the_sum_of_the_day() -> None:
    vacant = Listing(None, 0, vacant=True)
    apart, headline, newest = of(BIG, Truth("was", {S: flat(100 * GIB)}, flat(9), listing=vacant))
    assert apart.emptied == Part(1, pytest.approx(100 * PRICE), 100 * GIB)
    assert newest - headline == pytest.approx(100 * PRICE)
    assert [text for text, _ in apart.parts] == ["1 bucket emptied since"]


def test_a_bucket_deleted_since_is_in_the_sum_of_the_day() -> None:
    apart, headline, newest = of(BIG, Truth("gone", {S: flat(100 * GIB)}, listed=False))
    assert apart.deleted == Part(1, pytest.approx(100 * PRICE), 100 * GIB)
    assert newest - headline == pytest.approx(100 * PRICE)
    assert [text for text, _ in apart.parts] == ["1 bucket deleted since"]


def test_bytes_without_a_price_are_part_of_the_difference() -> None:
    vacant = Listing(None, 0, vacant=True)
    unpriced = {"TomorrowsStorage": flat(100 * GIB)}
    apart, headline, newest = of(BIG, Truth("was", unpriced, flat(9), listing=vacant))
    assert apart.parts == [("1 bucket emptied since", Part(1, 0.0, 100 * GIB))]
    assert headline == pytest.approx(newest)


def test_a_late_storage_type_is_estimated_from_the_day_before() -> None:
    late = Truth("late", {S: flat(GIB), "StandardIAStorage": flat(8 * GIB, last=NEWEST - 1)})
    apart, *_ = of(BIG, late)
    assert apart.late == Part(0, pytest.approx(8 * 0.0125), 8 * GIB)


def test_if_the_newest_day_is_incomplete_the_difference_includes_later_changes() -> None:
    grows = {day: GIB * (day + 1) for day in range(NEWEST + 1)}
    late = Truth("late", {S: flat(100 * GIB, last=NEWEST - 1)})
    apart, *_ = of(Truth("grows", {S: grows}), late)
    ((text, change),) = apart.parts
    assert text == "late figures and changes since"
    assert (change.cost, change.size) == (pytest.approx(-PRICE), -GIB)


ENDS = st.lists(st.tuples(st.integers(0, NEWEST), st.booleans(), st.integers(1, 8)), max_size=6)


@given(ENDS)
def test_the_parts_add_up_to_the_difference(ends: list[tuple[int, bool, int]]) -> None:
    some = [Truth(f"b{i}", {S: flat(n * GIB, last=last)}, listed=held) for i, (last, held, n) in enumerate(ends)]
    apart, headline, newest = of(BIG, *some)
    assert headline + apart.emptied.cost + apart.deleted.cost + apart.late.cost == pytest.approx(newest)
    shown = sum(part.cost for _, part in apart.parts)
    assert headline + shown == pytest.approx(newest, abs=0.02)
