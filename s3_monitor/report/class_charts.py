"""The charts of a report: cost and bytes over its days, stacked by storage class, with one-time changes of buckets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import islice
from typing import Literal, NamedTuple

from s3_monitor.model.change import Mover
from s3_monitor.report import glossary
from s3_monitor.report.charts import AreaChart, Band, Layer, Mark, Size
from s3_monitor.trends import Trends
from s3_monitor.trends.daily_totals import DailyTotals
from s3_monitor.trends.steps import Step, largest_step

Unit = Literal["money", "size"]
WIDE: Size = (1264, 270)
NARROW: Size = (358, 230)
SMALL: Size = (480, 220)
MOST_EVENTS = 3  # in the chart
_LEAST_SHARE = 0.002  # of the cost of all buckets
_CONSIDERED = 10  # buckets with the largest changes
_TITLES: dict[Unit, str] = {"money": "Monthly cost", "size": "Bytes stored"}


class Event(NamedTuple):
    """A change of a bucket on one day."""

    mover: Mover
    step: Step


def cost_events(trends: Trends) -> Iterator[Event]:
    """Yield the largest one-time changes of the last 30 days, in the order of their days."""
    newest = trends.total.costs[trends.newest] or 0.0
    events = (
        Event(change.mover, step)
        for change in trends.movers["30d"][:_CONSIDERED]
        if (step := largest_step(trends.classes(change.record))) is not None
        and abs(step.cost) > _LEAST_SHARE * newest
        and trends.total.costs[step.day] is not None
    )
    yield from sorted(islice(events, MOST_EVENTS), key=lambda event: (event.step.day, event.mover.name))


def total_charts(trends: Trends, currency: str, events: Sequence[Event]) -> dict[str, AreaChart]:
    """Return the charts of all buckets by the stem of their files: cost, size. ``events``: numbered in the first."""
    forecast = trends.next_month
    band = None
    if forecast is not None:
        last = (forecast.month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        band = Band(forecast.month, last, forecast.low, forecast.cost, forecast.high)
    marks = tuple(Mark(event.step.day, str(number)) for number, event in enumerate(events, 1))
    charts = class_charts(trends, trends.by_class, "", currency, band, marks)
    return {chart.name: chart for chart in charts}


def class_charts(
    trends: Trends,
    classes: Mapping[str, DailyTotals],
    prefix: str,
    currency: str,
    band: Band | None = None,
    marks: tuple[Mark, ...] = (),
) -> list[AreaChart]:
    """Return the charts of cost and bytes. ``prefix``: of their names. ``band``, ``marks``: in that of the cost."""
    charts = [
        _chart(f"{prefix}cost", "money", trends, classes, currency, band, marks),
        _chart(f"{prefix}size", "size", trends, classes, currency),
    ]
    return [chart for chart in charts if chart is not None]


def _chart(
    name: str,
    unit: Unit,
    trends: Trends,
    classes: Mapping[str, DailyTotals],
    currency: str,
    band: Band | None = None,
    marks: tuple[Mark, ...] = (),
) -> AreaChart | None:
    """Return a chart; None if no day has a value above 0."""
    layers = _layers(unit, classes)
    if not layers:
        return None
    first, last = trends.days[0].isoformat(), trends.days[-1].isoformat()
    names = ", ".join(layer.name for layer in layers)
    return AreaChart(
        name=name,
        title=f"{_TITLES[unit]} by storage class",
        alt=f"Area chart: {_TITLES[unit].lower()} per day, {first} to {last}: {names}. The data is in the table below.",
        days=trends.days,
        layers=layers,
        unit=unit,
        currency=currency,
        band=band,
        marks=marks,
    )


def _layers(unit: Unit, classes: Mapping[str, DailyTotals]) -> list[Layer]:
    """Return the layers from the bottom up, in the order of the colors. Classes without a color are one layer."""
    columns: dict[int, list[float | None]] = {}
    for code, daily in classes.items():
        values: list[float | None] = [*(daily.costs if unit == "money" else daily.sizes)]
        if values.count(None) == len(values):  # without a known price
            continue
        color = glossary.class_color(code)
        columns[color] = list(map(_add, columns[color], values)) if color in columns else values
    return [Layer(glossary.CLASSES[color], color, values) for color, values in sorted(columns.items()) if any(values)]


def _add(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one + other
