"""Trends in the report: rows and cards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec

from s3_monitor.model.change import Mover, PeriodChange
from s3_monitor.report.sparklines import LARGE, sparkline_path
from s3_monitor.report.totals import Dimension
from s3_monitor.trends import Trends
from s3_monitor.trends.daily_totals import DailyTotals

LEAST_DAYS = 7  # complete days that a chart needs
MOVERS = 15  # increases, and decreases, per period
PERIODS = (7, 30, 90, 1)  # days, in the order of the page


class GroupChange(msgspec.Struct, frozen=True):
    """The change since a day; None: unknown."""

    days: int
    day: date
    size: float | None
    """Bytes."""
    cost: float | None
    """USD per month."""
    share: float | None
    """Share of the cost of that day."""


class TrendRow(msgspec.Struct, frozen=True):
    """The trend of a group."""

    spark: str
    """Path of its line in a table."""
    large: str
    """Path of its line on a page."""
    changes: list[GroupChange]
    daily: DailyTotals
    priced: bool
    """Whether any day has a cost."""
    values: Sequence[float | None]
    """The values of the line: costs if there are any, otherwise bytes."""


class Period(msgspec.Struct, frozen=True):
    """The change of all buckets over some days, and the buckets that changed most."""

    days: int
    change: PeriodChange
    movers: list[Mover]
    """The largest changes first."""

    @property
    def share(self) -> float | None:
        """Return the share of the change in the cost before it; None: unknown."""
        cost, before = self.change.cost, self.change.cost_before
        return cost / before if cost is not None and before else None

    @property
    def increases(self) -> list[Mover]:
        """Return the buckets whose cost, or size without a price, increased."""
        return [mover for mover in self.movers if _amount(mover) > 0][:MOVERS]

    @property
    def decreases(self) -> list[Mover]:
        """Return the buckets whose cost, or size without a price, decreased."""
        return [mover for mover in self.movers if _amount(mover) < 0][:MOVERS]


class History(msgspec.Struct, frozen=True):
    """Trends, with the rows and charts of the pages."""

    trends: Trends
    has_charts: bool
    """Whether there are enough days for charts."""
    total: TrendRow
    groups: dict[Dimension, dict[str, TrendRow]]
    periods: dict[int, Period]
    """Days → the changes over them, of the periods that the history covers."""

    @property
    def recent(self) -> Period | None:
        """Return the period for the overview."""
        return self.periods.get(7) or next(iter(self.periods.values()), None)

    @property
    def newest(self) -> date:
        """Return the newest complete day."""
        return self.trends.days[self.trends.newest]

    @property
    def gaps(self) -> list[date]:
        """Return the incomplete days before the newest complete day."""
        sizes = self.trends.total.sizes[: self.trends.newest + 1]
        return [day for day, size in zip(self.trends.days, sizes, strict=False) if size is None]


def build_history(trends: Trends | None) -> History | None:
    """Return the trends for the pages; None if there are no two days to compare."""
    if trends is None or not trends.compared:
        return None
    groups: dict[Dimension, dict[str, DailyTotals]] = {
        "account": trends.by_account,
        "region": trends.by_region,
        "storage-type": trends.by_storage_type,
    }
    has_charts = sum(size is not None for size in trends.total.sizes) >= LEAST_DAYS
    return History(
        trends=trends,
        has_charts=has_charts,
        total=_row(trends.total, trends),
        groups={name: {key: _row(daily, trends) for key, daily in of.items()} for name, of in groups.items()},
        periods={
            days: Period(days, change, [mover.mover for mover in trends.movers[f"{days}d"]])
            for days in PERIODS
            if (change := trends.changes[f"{days}d"]) is not None
        },
    )


def _amount(mover: Mover) -> float:
    return mover.size if mover.cost is None else mover.cost


def _row(daily: DailyTotals, trends: Trends) -> TrendRow:
    changes = []
    for days, before in trends.compared.items():
        change, cost_before = trends.change(daily, before), daily.costs[before]
        share = change.cost / cost_before if change.cost is not None and cost_before else None
        changes.append(GroupChange(days, trends.days[before], change.size, change.cost, share))
    priced = any(cost is not None for cost in daily.costs)
    values: Sequence[float | None] = daily.costs if priced else daily.sizes
    return TrendRow(sparkline_path(values), sparkline_path(values, LARGE), changes, daily, priced, values)
