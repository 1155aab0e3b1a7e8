"""The trends of the pages: charts, gaps, shares and the period of the overview."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from s3_monitor.report.trend_view import PERIODS, GroupChange, History, build_history
from s3_monitor.trends import Trends
from s3_monitor.trends.daily_totals import DailyTotals
from tests.report import builder
from tests.report.builder import bucket


@pytest.fixture(scope="module")
def trends() -> Trends:
    found = builder.history([bucket("a"), bucket("b")], holes=0)
    assert found is not None
    return found


def shown(trends: Trends, **changes: Any) -> History:
    found = build_history(msgspec.structs.replace(trends, **changes))
    assert found is not None
    return found


def total(trends: Trends, *unknown: int) -> DailyTotals:
    """Return the totals with some days unknown."""
    sizes = [None if day in unknown else size for day, size in enumerate(trends.total.sizes)]
    return msgspec.structs.replace(trends.total, sizes=sizes)


@pytest.mark.parametrize(("complete", "charts"), [(6, False), (7, True), (8, True)])
def test_charts_need_seven_complete_days(trends: Trends, complete: int, charts: bool) -> None:
    unknown = range(trends.newest + 1 - complete)
    assert shown(trends, total=total(trends, *unknown)).has_charts is charts


def test_without_two_days_to_compare_there_is_no_history(trends: Trends) -> None:
    assert build_history(None) is None
    assert build_history(msgspec.structs.replace(trends, before={})) is None


def test_the_gaps_are_the_incomplete_days_up_to_the_newest_complete_day(trends: Trends) -> None:
    assert shown(trends).gaps == []
    days = trends.days
    assert shown(trends, total=total(trends, 0, 3), newest=5).gaps == [days[0], days[3]]
    assert shown(trends, total=total(trends, 5, 6), newest=5).gaps == [days[5]]
    assert shown(trends, newest=5).newest == days[5]


@pytest.mark.parametrize(("periods", "recent"), [((7, 30, 1), 7), ((30, 1), 30), ((90, 1), 90), ((1,), 1), ((), None)])
def test_the_overview_has_the_week_else_the_first_period_of_the_page(
    trends: Trends, periods: tuple[int, ...], recent: int | None
) -> None:
    change = trends.changes["7d"]
    found = shown(
        trends,
        changes={f"{days}d": change if days in periods else None for days in PERIODS},
        movers={f"{days}d": [] for days in PERIODS},
    )
    assert list(found.periods) == [days for days in PERIODS if days in periods]
    assert (None if found.recent is None else found.recent.days) == recent


@pytest.mark.parametrize(
    ("cost", "before", "share"),
    [(1.0, 4.0, 0.25), (-4.0, 4.0, -1.0), (1.0, 0.0, None), (None, 4.0, None), (1.0, None, None)],
)
def test_the_share_of_a_change_is_unknown_without_a_cost_before(
    trends: Trends, cost: float | None, before: float | None, share: float | None
) -> None:
    change = trends.changes["7d"]
    assert change is not None
    found = shown(
        trends, changes=trends.changes | {"7d": msgspec.structs.replace(change, cost=cost, cost_before=before)}
    )
    assert found.periods[7].share == share


def test_a_row_has_the_change_since_each_day_and_bytes_where_no_cost_is_known(trends: Trends) -> None:
    days = len(trends.days)
    sizes: list[int | None] = [100 + day for day in range(days)]
    costs: list[float | None] = [1.0 + day for day in range(days)]
    newest = trends.newest
    row = shown(trends, by_account={"1": DailyTotals(sizes, costs)}).groups["account"]["1"]
    assert row.changes == [
        GroupChange(length, trends.days[before], length, length, pytest.approx(length / (1.0 + before)))
        for length, before in ((newest - before, before) for before in trends.before.values() if newest - before <= 30)
    ]
    assert (row.priced, row.values) == (True, costs)
    row = shown(trends, by_region={"r": DailyTotals(sizes, [None] * days)}).groups["region"]["r"]
    assert (row.priced, row.values, {change.cost for change in row.changes}) == (False, sizes, {None})
    assert row.spark.startswith("M") and row.large.startswith("M") and row.spark != row.large
    free = shown(trends, by_region={"r": DailyTotals(sizes, [0.0] * days)}).groups["region"]["r"]
    assert {(change.cost, change.share) for change in free.changes} == {(0.0, None)}
