"""Trends in the report: charts, rows and cards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import msgspec

from s3_monitor.report import formats, glossary
from s3_monitor.report.charts import BYTES, COST, Line, LineChart
from s3_monitor.report.sparklines import LARGE, sparkline_path
from s3_monitor.report.totals import Dimension
from s3_monitor.trends import Trends
from s3_monitor.trends.buckets import BucketTrend, ClassTransition
from s3_monitor.trends.daily_totals import DailyTotals

LEAST_DAYS = 7  # complete days that a chart needs
MOVERS = 25  # increases, and decreases
LINES = 6  # in a chart


class PeriodChange(msgspec.Struct, frozen=True):
    """The change since a day; None: unknown."""

    days: int
    day: date
    size: int | None
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
    changes: list[PeriodChange]
    daily: DailyTotals
    priced: bool
    """Whether any day has a cost."""

    @property
    def values(self) -> Sequence[float | None]:
        """Return the values of the line: costs if there are any, otherwise bytes."""
        return self.daily.costs if self.priced else self.daily.sizes


class TransitionRow(msgspec.Struct, frozen=True):
    """Bytes that moved between storage classes, with the names of the classes."""

    source: str
    target: str
    transition: ClassTransition


class Mover(msgspec.Struct, frozen=True):
    """A bucket with a large 30-day change: ``size`` in bytes, ``cost`` in USD per month."""

    trend: BucketTrend
    spark: str
    size: int | None
    cost: float | None


class History(msgspec.Struct, frozen=True):
    """Trends, with the rows and charts of the pages."""

    trends: Trends
    has_charts: bool
    """Whether there are enough days for charts."""
    total: TrendRow
    groups: dict[Dimension, dict[str, TrendRow]]
    charts: dict[str, LineChart]
    transitions: list[TransitionRow]
    top_increases: list[Mover]
    top_decreases: list[Mover]

    @property
    def newest(self) -> date:
        """Return the newest complete day."""
        return self.trends.days[self.trends.newest]

    def day(self, offset: int) -> date:
        """Return the day with an offset in the window of the plan."""
        return self.trends.window.day(offset)

    @property
    def gaps(self) -> list[date]:
        """Return the incomplete days before the newest complete day."""
        sizes = self.trends.total.sizes[: self.trends.newest + 1]
        return [day for day, size in zip(self.trends.days, sizes, strict=False) if size is None]

    @property
    def late(self) -> list[date]:
        """Return the days after the newest complete day."""
        return self.trends.days[self.trends.newest + 1 :]


def build_history(trends: Trends | None, currency: str) -> History | None:
    """Return the trends for the pages; None if there are no two days to compare."""
    if trends is None or not trends.compared:
        return None
    groups: dict[Dimension, dict[str, TrendRow]] = {
        "account": _rows(trends, trends.by_account),
        "region": _rows(trends, trends.by_region),
        "storage-type": _rows(trends, trends.by_storage_type),
    }
    has_charts = sum(size is not None for size in trends.total.sizes) >= LEAST_DAYS
    return History(
        trends=trends,
        has_charts=has_charts,
        total=_row(trends.total, trends),
        groups=groups,
        charts=_charts(trends, currency) if has_charts else {},
        transitions=[
            TransitionRow(glossary.class_name(item.source), glossary.class_name(item.target), item)
            for item in trends.transitions
        ],
        top_increases=[_mover(trend, trends) for trend in trends.top_increases[:MOVERS]],
        top_decreases=[_mover(trend, trends) for trend in trends.top_decreases[:MOVERS]],
    )


def _mover(trend: BucketTrend, trends: Trends) -> Mover:
    return Mover(trend, sparkline_path(trends.daily(trend.record)), trend.size_change, trend.cost_change)


def _rows(trends: Trends, groups: Mapping[str, DailyTotals]) -> dict[str, TrendRow]:
    return {key: _row(daily, trends) for key, daily in groups.items()}


def _row(daily: DailyTotals, trends: Trends) -> TrendRow:
    changes = [
        PeriodChange(
            days=change.days,
            day=trends.days[trends.compared[change.days]],
            size=change.size,
            cost=change.cost,
            share=change.cost / change.before if change.cost is not None and change.before else None,
        )
        for change in daily.changes
    ]
    priced = any(cost is not None for cost in daily.costs)
    values: Sequence[float | None] = daily.costs if priced else daily.sizes
    return TrendRow(sparkline_path(values), sparkline_path(values, LARGE), changes, daily, priced)


def _charts(trends: Trends, currency: str) -> dict[str, LineChart]:
    """Return the charts by the stem of their files."""
    days = [formats.day(day) for day in trends.days]
    total = trends.total
    charts = [
        LineChart(
            name="trend-size",
            title="Bytes stored per day",
            alt=f"Line chart: bytes stored per day, {days[0]} to {days[-1]}. The numbers are in the table below.",
            days=days,
            lines=[Line("bytes", total.sizes, BYTES)],
            unit="size",
        )
    ]
    if any(cost is not None for cost in total.costs):
        title = "Monthly cost of each day's bytes"
        alt = f"Line chart: {title.lower()}, {days[0]} to {days[-1]}. The numbers are in the table below."
        charts.insert(
            0, LineChart("trend-cost", title, alt, days, [Line("cost", total.costs, COST)], "money", currency)
        )
    for noun, groups in (
        ("region", trends.by_region),
        ("account", trends.by_account),
        ("storage type", trends.by_storage_type),
    ):
        if chart := _group_chart(noun, groups, days, currency):
            charts.append(chart)
    return {chart.name: chart for chart in charts}


def _group_chart(noun: str, groups: Mapping[str, DailyTotals], days: list[str], currency: str) -> LineChart | None:
    by_cost = sorted(groups, key=lambda key: (-_last(groups[key].costs), key))
    shown = [key for key in by_cost if _last(groups[key].costs)][:LINES]
    if len(shown) < 2:
        return None
    names = formats.plural(len(shown), noun)
    return LineChart(
        name=f"trend-{noun.replace(' ', '-')}",
        title=f"Monthly cost per day by {noun}"
        + (f": the {names} with the highest cost" if len(groups) > LINES else ""),
        alt=f"Line chart: monthly cost of {names}, {days[0]} to {days[-1]}. The numbers are in the table below.",
        days=days,
        lines=[
            Line(glossary.storage_type(key).title if noun == "storage type" else key, groups[key].costs, color)
            for color, key in enumerate(shown)
        ],
        unit="money",
        currency=currency,
    )


def _last(values: Sequence[float | None]) -> float:
    """Return the newest known value, or 0."""
    return next((value for value in reversed(values) if value is not None), 0.0)
