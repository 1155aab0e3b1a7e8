"""Trends in the report: charts, rows and cards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import msgspec

from s3_monitor.report import formats, glossary
from s3_monitor.report.charts import BYTES, COST, Line, LineChart
from s3_monitor.report.sparks import LARGE, spark
from s3_monitor.report.totals import Dimension
from s3_monitor.trends import ClassTransition, DailyTotals, Trends
from s3_monitor.trends.buckets import BucketTrend

LEAST_DAYS = 7  # whole days without which there is no picture
MOVERS = 25  # up, and down
LINES = 6  # of a chart; the others are in its table


class Since(msgspec.Struct, frozen=True):
    """What has come since ``day``. Shares are of what was then; null: not known."""

    days: int
    day: date
    size: int | None
    cost: float | None
    share: float | None


class CourseRow(msgspec.Struct, frozen=True):
    """The daily totals of a group in a table. ``values``: what is drawn, costs if ``priced``, otherwise bytes."""

    key: str
    spark: str
    large: str
    since: list[Since]
    course: DailyTotals
    priced: bool

    @property
    def values(self) -> Sequence[float | None]:
        return self.course.costs if self.priced else self.course.sizes


class TransitionRow(msgspec.Struct, frozen=True):
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
    """``trends`` with what is drawn of it. ``drawn``: there are enough days for pictures."""

    trends: Trends
    drawn: bool
    whole: CourseRow
    groups: dict[Dimension, dict[str, CourseRow]]
    charts: dict[str, LineChart]
    transitions: list[TransitionRow]
    top_increases: list[Mover]
    top_decreases: list[Mover]

    @property
    def newest(self) -> date:
        return self.trends.days[self.trends.newest]

    def day(self, offset: int) -> date:
        return self.trends.window.day(offset)

    @property
    def gaps(self) -> list[date]:
        """Days up to the newest of which the whole is not known."""
        sizes = self.trends.total.sizes[: self.trends.newest + 1]
        return [day for day, size in zip(self.trends.days, sizes, strict=False) if size is None]

    @property
    def late(self) -> list[date]:
        """Days after the newest whole one."""
        return self.trends.days[self.trends.newest + 1 :]


def history(trends: Trends | None, currency: str) -> History | None:
    """Null where nothing is known, or there is but one day."""
    if trends is None or not trends.compared:
        return None
    groups: dict[Dimension, dict[str, CourseRow]] = {
        "account": _rows(trends, trends.by_account),
        "region": _rows(trends, trends.by_region),
        "storage-type": _rows(trends, trends.by_storage_type),
    }
    drawn = sum(size is not None for size in trends.total.sizes) >= LEAST_DAYS
    return History(
        trends=trends,
        drawn=drawn,
        whole=_row("", trends.total, trends),
        groups=groups,
        charts=_charts(trends, currency) if drawn else {},
        transitions=[
            TransitionRow(glossary.class_name(one.source), glossary.class_name(one.target), one)
            for one in trends.transitions
        ],
        top_increases=[_mover(one, trends) for one in trends.top_increases[:MOVERS]],
        top_decreases=[_mover(one, trends) for one in trends.top_decreases[:MOVERS]],
    )


def _mover(one: BucketTrend, trends: Trends) -> Mover:
    return Mover(one, spark(trends.daily(one.record)), one.size_change, one.cost_change)


def _rows(trends: Trends, courses: Mapping[str, DailyTotals]) -> dict[str, CourseRow]:
    return {key: _row(key, course, trends) for key, course in courses.items()}


def _row(key: str, course: DailyTotals, trends: Trends) -> CourseRow:
    since = [
        Since(
            days=change.days,
            day=trends.days[trends.compared[change.days]],
            size=change.size,
            cost=change.cost,
            share=change.cost / change.before if change.cost is not None and change.before else None,
        )
        for change in course.changes
    ]
    priced = any(cost is not None for cost in course.costs)
    values: Sequence[float | None] = course.costs if priced else course.sizes
    return CourseRow(
        key=key,
        spark=spark(values),
        large=spark(values, LARGE),
        since=since,
        course=course,
        priced=priced,
    )


def _charts(trends: Trends, currency: str) -> dict[str, LineChart]:
    """By name, which is also the file's stem."""
    days = [formats.day(day) for day in trends.days]
    whole = trends.total
    found = [
        LineChart(
            name="trend-size",
            title="Bytes stored per day",
            alt=f"Line chart: bytes stored per day, {days[0]} to {days[-1]}. The numbers are in the table below.",
            days=days,
            lines=[Line("bytes", whole.sizes, BYTES)],
            unit="size",
        )
    ]
    if any(cost is not None for cost in whole.costs):
        title = "Monthly cost of each day's bytes"
        alt = f"Line chart: {title.lower()}, {days[0]} to {days[-1]}. The numbers are in the table below."
        found.insert(0, LineChart("trend-cost", title, alt, days, [Line("cost", whole.costs, COST)], "money", currency))
    for noun, courses in (
        ("region", trends.by_region),
        ("account", trends.by_account),
        ("storage type", trends.by_storage_type),
    ):
        if chart := _group_chart(noun, courses, days, currency):
            found.append(chart)
    return {chart.name: chart for chart in found}


def _group_chart(noun: str, courses: Mapping[str, DailyTotals], days: list[str], currency: str) -> LineChart | None:
    dearest = sorted(courses, key=lambda key: (-_last(courses[key].costs), key))
    shown = [key for key in dearest if _last(courses[key].costs)][:LINES]
    if len(shown) < 2:
        return None
    several = formats.plural(len(shown), noun)
    return LineChart(
        name=f"trend-{noun.replace(' ', '-')}",
        title=f"Monthly cost per day by {noun}"
        + (f": the {several} with the highest cost" if len(courses) > LINES else ""),
        alt=f"Line chart: monthly cost of {several}, {days[0]} to {days[-1]}. The numbers are in the table below.",
        days=days,
        lines=[Line(key, courses[key].costs, color) for color, key in enumerate(shown)],
        unit="money",
        currency=currency,
    )


def _last(values: Sequence[float | None]) -> float:
    """The newest that is known."""
    return next((value for value in reversed(values) if value is not None), 0.0)
