"""Pages of ListMetrics and GetMetricData become series; what is missing or invalid is known by name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from s3_monitor.collect.series_points import SeriesPoints
from s3_monitor.model.responses import ALL_TYPES, BUCKET_SIZE, OBJECT_COUNT, MetricDataResult, SeriesName
from s3_monitor.model.series import Series, Window, pack
from tests.collect.fixtures import TODAY

WINDOW = Window(TODAY - timedelta(days=4), 5)
START = datetime.combine(WINDOW.first, datetime.min.time(), UTC).timestamp()
SIZE = SeriesName(BUCKET_SIZE, "b", "StandardStorage")
COUNT = SeriesName(OBJECT_COUNT, "b", ALL_TYPES)
BOTH = pytest.mark.parametrize("name", [SIZE, COUNT], ids=["size", "count"])


def result(points: dict[int, float], status: str = "Complete") -> MetricDataResult:
    """Return the points of {day of the window: value}, newest first. Integers are never negative."""
    days = sorted(points, reverse=True)
    kind = float if min(points.values(), default=0) < 0 else int
    values = [kind(points[day]) for day in days]
    return MetricDataResult(0, [START + day * 86_400 for day in days], values, status, "")


class Received(SeriesPoints):
    """The points of one or more series, and the problems reported."""

    def __init__(self, *names: SeriesName) -> None:
        self.problems: list[tuple[str, SeriesName]] = []
        super().__init__(WINDOW, lambda code, name: self.problems.append((code, name)))
        assert all(self.add_series(name) for name in names)

    def series(self, name: SeriesName) -> Series | None:
        return self.sizes[name.bucket][name.storage_type] if name.metric == BUCKET_SIZE else self.counts[name.bucket]


@BOTH
def test_a_series_that_is_listed_twice_is_new_once(name: SeriesName) -> None:
    received = Received(name)
    received.add_result(name, result({1: 5}))
    assert not received.add_series(name)
    assert received.series(name) == Series(1, 5)


@BOTH
def test_a_series_is_open_until_its_last_page(name: SeriesName) -> None:
    received = Received(name)
    assert received.is_open(name)
    assert received.add_result(name, result({4: 9}, "PartialData")) is None
    assert received.is_open(name)
    assert received.add_result(name, result({3: 8})) == pack({4: 9, 3: 8})
    assert not received.is_open(name)
    assert list(received.close()) == list(received.missing()) == []


@BOTH
def test_a_later_page_adds_to_a_complete_series_and_opens_it_again_if_it_is_partial(name: SeriesName) -> None:
    received = Received(name)
    received.add_result(name, result({4: 9}))
    received.add_result(name, result({3: 8}, "PartialData"))
    assert received.is_open(name)
    assert received.add_result(name, result({})) == pack({4: 9, 3: 8})


@BOTH
def test_a_series_without_its_last_page_is_kept_as_incomplete(name: SeriesName) -> None:
    received = Received(name)
    received.add_result(name, result({4: 9}, "PartialData"))
    assert list(received.close()) == [(name, Series(4, 9))]
    assert received.incomplete == {name}
    assert list(received.missing()) == [name]


@BOTH
@pytest.mark.parametrize("status", ["Forbidden", "InternalError"])
def test_the_points_of_a_failed_result_are_ignored(name: SeriesName, status: str) -> None:
    received = Received(name)
    assert received.add_result(name, result({4: -1, 3: 7}, status)) is None
    assert received.series(name) is None
    assert received.report_invalid() == set()
    assert list(received.missing()) == [name]


@BOTH
def test_the_larger_of_two_values_of_a_day_is_kept_and_reported(name: SeriesName) -> None:
    received = Received(name)
    received.add_result(name, result({4: 9}, "PartialData"))
    assert received.add_result(name, result({4: 7})) == Series(4, 9)
    assert received.problems == [("datapoints-conflict", name)]


@BOTH
@pytest.mark.parametrize("day", [0, 4])
def test_a_valid_value_of_the_same_day_replaces_an_invalid_one(name: SeriesName, day: int) -> None:
    received = Received(name)
    received.add_result(name, result({day: -1}, "PartialData"))
    received.add_result(name, result({day: 7}))
    assert (received.report_invalid(), received.problems) == (set(), [])
    assert received.series(name) == Series(day, 7)


def test_invalid_values_are_reported_by_what_they_make_unknown() -> None:
    """An earlier day is missing; a newest day makes the series incomplete, or unknown if it has no other point."""
    points: list[dict[int, float]] = [{4: 9, 3: -1}, {4: -1, 3: 9}, {1: -1, 0: 9}, {4: -1, 3: -1}, {4: 9}]
    names = [SeriesName(BUCKET_SIZE, f"b{place}", "StandardStorage") for place in range(len(points))]
    received = Received(*names)
    for name, of_name in zip(names, points, strict=True):
        received.add_result(name, result(of_name))
    assert received.report_invalid() == set(names[1:4])
    assert received.problems == [
        ("datapoint-invalid", names[0]),
        *(("newest-size-invalid", name) for name in names[1:4]),
    ]
    assert received.incomplete == set(names[1:3])
    assert [received.series(name) for name in names] == [Series(4, 9), Series(3, 9), Series(0, 9), None, Series(4, 9)]
    assert sorted(received.missing()) == names[1:4]


def test_an_invalid_object_count_has_a_problem_of_its_own() -> None:
    received = Received(COUNT)
    received.add_result(COUNT, result({4: -1, 3: 9}))
    assert received.report_invalid() == {COUNT}
    assert received.problems == [("newest-object-count-invalid", COUNT)]


@BOTH
def test_a_complete_result_adds_to_an_earlier_complete_one(name: SeriesName) -> None:
    received = Received(name)
    received.add_result(name, result({4: 9}))
    assert received.add_result(name, result({3: 8})) == pack({4: 9, 3: 8})


def test_a_replaced_invalid_value_does_not_hide_those_of_other_series() -> None:
    first, second = SIZE, SeriesName(BUCKET_SIZE, "c", "StandardStorage")
    received = Received(first, second)
    received.add_result(first, result({4: -1}, "PartialData"))
    received.add_result(first, result({4: 7}))
    received.add_result(first, result({4: -1}))
    received.add_result(second, result({4: -1, 3: 5}))
    assert received.report_invalid() == {second}
    assert received.problems == [("newest-size-invalid", second)]
