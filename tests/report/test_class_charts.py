"""Which one-time changes are marked in the chart of the cost, and what the charts show."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import msgspec
import pytest

from s3_monitor.model.bucket import StorageLine
from s3_monitor.model.change import MonthForecast
from s3_monitor.report.charts import AreaChart, Mark
from s3_monitor.report.class_charts import class_charts, cost_events, total_charts
from s3_monitor.trends import Trends
from s3_monitor.trends.daily_totals import DailyTotals
from tests.report import builder
from tests.report.builder import bucket

TIB = 2**40
LAST = 29  # day of the figures


def trends(steps: Mapping[str, tuple[int, float]]) -> Trends:
    """Return trends of a bucket of 100 TiB, and of buckets that grow by some TiB from a day on."""
    points = {"base": {"StandardStorage": dict.fromkeys(range(LAST + 1), 100 * TIB)}}
    for name, (day, grown) in steps.items():
        points[name] = {
            "StandardStorage": {index: TIB + int(grown * TIB) * (index >= day) for index in range(LAST + 1)}
        }
    found = [
        bucket(
            name, storage={"StandardStorage": StorageLine(float(of["StandardStorage"][LAST]), None)}, total_size=None
        )
        for name, of in points.items()
    ]
    made = builder.history(found, holes=0, points=points)
    assert made is not None
    return made


def events(steps: Mapping[str, tuple[int, float]]) -> list[tuple[str, int]]:
    return [(event.mover.name, event.step.day) for event in cost_events(trends(steps))]


def test_the_three_largest_changes_are_marked_by_day_and_name() -> None:
    assert events({"a": (20, 4.0), "b": (10, 3.0), "c": (15, 2.0), "d": (5, 1.0)}) == [("b", 10), ("c", 15), ("a", 20)]
    assert events({"b": (20, 4.0), "a": (20, 3.0)}) == [("a", 20), ("b", 20)]


def test_changes_of_less_than_a_500th_of_the_cost_are_not_marked() -> None:
    assert events({"a": (20, 0.5)}) == [("a", 20)]
    assert events({"a": (20, 0.1)}) == []


def test_a_change_on_a_day_without_a_total_is_not_marked() -> None:
    made = trends({"a": (20, 4.0), "b": (10, 3.0)})
    costs = [None if day == 20 else cost for day, cost in enumerate(made.total.costs)]
    total = msgspec.structs.replace(made.total, costs=costs)
    assert [event.mover.name for event in cost_events(msgspec.structs.replace(made, total=total))] == ["b"]


@pytest.fixture(scope="module")
def steady() -> Trends:
    return trends({"a": (20, 4.0)})


@pytest.mark.parametrize(
    ("month", "last"),
    [
        (date(2026, 12, 1), date(2026, 12, 31)),
        (date(2027, 1, 1), date(2027, 1, 31)),
        (date(2027, 2, 1), date(2027, 2, 28)),
        (date(2028, 2, 1), date(2028, 2, 29)),
        (date(2027, 4, 1), date(2027, 4, 30)),
    ],
)
def test_the_forecast_covers_its_month(month: date, last: date, steady: Trends) -> None:
    forecast = MonthForecast(month, 20.0, 15.0, 30.0, None)
    charts = total_charts(msgspec.structs.replace(steady, next_month=forecast), "EUR", [])
    band = charts["cost"].band
    assert band is not None
    assert (band.first, band.last, band.low, band.middle, band.high) == (month, last, 15.0, 20.0, 30.0)
    assert (charts["size"].band, charts["size"].unit, charts["size"].marks) == (None, "size", ())
    assert (charts["cost"].currency, charts["cost"].unit) == ("EUR", "money")


def test_marks_are_numbered_in_the_chart_of_the_cost_alone(steady: Trends) -> None:
    found = list(cost_events(steady))
    charts = total_charts(msgspec.structs.replace(steady, next_month=None), "USD", found * 2)
    assert list(charts) == ["cost", "size"]
    assert charts["cost"].marks == (Mark(20, "1"), Mark(20, "2"))
    assert charts["cost"].band is None
    assert charts["size"].marks == ()


def of_classes(steady: Trends, classes: Mapping[str, DailyTotals]) -> dict[str, AreaChart]:
    return {chart.name: chart for chart in class_charts(steady, classes, "b-", "USD")}


def test_a_class_without_a_known_price_is_only_in_the_chart_of_bytes(steady: Trends) -> None:
    charts = of_classes(
        steady,
        {
            "STANDARD": DailyTotals([5, None, 7], [1.0, None, 2.0]),
            "GLACIER": DailyTotals([1, 2, 3], [None, None, None]),
        },
    )
    assert list(charts) == ["b-cost", "b-size"]
    assert [(layer.name, list(layer.values)) for layer in charts["b-cost"].layers] == [("Standard", [1.0, None, 2.0])]
    assert [list(layer.values) for layer in charts["b-size"].layers] == [[5, None, 7], [1, 2, 3]]
    assert charts["b-size"].layers[0].color < charts["b-size"].layers[1].color


def test_classes_without_a_color_are_one_layer_and_unknown_if_a_part_is(steady: Trends) -> None:
    charts = of_classes(
        steady,
        {"NEW": DailyTotals([5, None, 7], [1.0, 1.0, 2.0]), "NEWER": DailyTotals([1, 2, 3], [0.5, None, 0.5])},
    )
    assert [list(layer.values) for layer in charts["b-size"].layers] == [[6, None, 10]]
    assert [list(layer.values) for layer in charts["b-cost"].layers] == [[1.5, None, 2.5]]


def test_without_a_value_above_0_there_is_no_chart(steady: Trends) -> None:
    assert of_classes(steady, {}) == {}
    assert of_classes(steady, {"STANDARD": DailyTotals([0, 0], [0.0, None])}) == {}
    assert list(of_classes(steady, {"STANDARD": DailyTotals([0, 5], [None, None])})) == ["b-size"]
