"""The series of an account and region: lists, batches, and failed batches."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from s3_monitor.collect.collector import AccountRegion
from s3_monitor.collect.metric_queries import BATCH
from s3_monitor.collect.problem_log import ProblemLog
from s3_monitor.collect.storage_metrics import StorageMetricsCollector
from s3_monitor.collect.worker_pool import ConcurrencyLimit, WorkerPool
from s3_monitor.model.errors import AwsError, ErrorKind
from s3_monitor.model.responses import (
    ALL_TYPES,
    BUCKET_SIZE,
    OBJECT_COUNT,
    MetricDataPage,
    MetricDataResult,
    SeriesName,
)
from s3_monitor.model.series import Window
from tests.collect.fixtures import TODAY, unit

WINDOW = Window(TODAY - timedelta(days=4), 5)
NOON = datetime(2026, 11, 21, tzinfo=UTC).timestamp()
NEWEST = WINDOW.offset(datetime.fromtimestamp(NOON, UTC).date())
WHERE = "123456789012/us-east-1"
PER_PAGE = 500
Points = Callable[[int, Sequence[SeriesName]], Iterator[MetricDataPage]]


def named(count: int) -> list[SeriesName]:
    return [SeriesName(BUCKET_SIZE, f"b{number:04d}", "StandardStorage") for number in range(count)]


def points_of(batch: Sequence[SeriesName]) -> MetricDataPage:
    return MetricDataPage([MetricDataResult(place, [NOON], [5], "Complete", "") for place in range(len(batch))], [])


def failure(kind: ErrorKind) -> AwsError:
    return AwsError(kind, "GetMetricData", "no", advice="do this")


def context(pool: WorkerPool, lane: int, on_progress: Callable[[], None]) -> Any:
    limits = {"metric_lists": ConcurrencyLimit(pool, 2), "metric_data": ConcurrencyLimit(pool, lane)}
    return SimpleNamespace(**limits, plan=SimpleNamespace(window=WINDOW), on_progress=on_progress)


class Run:
    """One region, collected to its end.

    ``points``: the pages of the batch with a number from 0 on. ``unlisted``: the metrics whose lists fail.
    """

    def __init__(
        self, series: Sequence[SeriesName], points: Points, lane: int = 1, unlisted: tuple[str, ...] = (),
        kind: ErrorKind = "denied", **fields: Any,
    ) -> None:  # fmt: skip
        self.losses = ProblemLog()
        self.counted: list[str] = []
        self.settled = self.completed = 0
        self.batches: list[Sequence[SeriesName]] = []

        def pages(_: str, metric: str, *__: object) -> Iterator[list[SeriesName]]:
            found = [one for one in series if one.metric == metric]
            yield from (found[start : start + PER_PAGE] for start in range(0, len(found), PER_PAGE))
            if metric in unlisted:
                raise AwsError(kind, "ListMetrics", "no")

        def answer(_: str, batch: Sequence[SeriesName], *__: object) -> Iterator[MetricDataPage]:
            self.batches.append(batch)
            yield from points(len(self.batches) - 1, batch)

        account: Any = SimpleNamespace(series_pages=pages, point_pages=answer)
        pool = WorkerPool()
        self.region = StorageMetricsCollector(
            AccountRegion(account, "123456789012", "us-east-1", self.losses),
            context(pool, lane, self._complete), [unit(**fields)],
            on_object_count=lambda bucket, _: self.counted.append(bucket), on_counts_complete=self._settle,
        )  # fmt: skip
        self.region.start()
        pool.run(threading.Event())
        self.is_complete = self.region.is_complete
        self.region.close()

    def _settle(self) -> None:
        self.settled += 1

    def _complete(self) -> None:
        self.completed += 1

    @property
    def received(self) -> int:
        return sum(series is not None for types in self.region.series.sizes.values() for series in types.values())

    @property
    def problems(self) -> list[tuple[str, str, int | None]]:
        return [(problem.code, problem.place, problem.count) for problem in self.losses.problems()]


@pytest.mark.parametrize("kind", ["denied", "expired", "invalid-credentials"])
def test_after_a_denied_batch_the_waiting_ones_are_not_requested_and_the_region_ends(kind: ErrorKind) -> None:
    def deny(number: int, batch: Sequence[SeriesName]) -> Iterator[MetricDataPage]:
        raise failure(kind)
        yield

    run = Run(named(4 * BATCH), deny)
    assert len(run.batches) == 1
    assert (run.is_complete, run.settled, run.received) == (True, 1, 0)
    assert run.completed == 1
    assert run.problems == [("size-unreadable", WHERE, 4 * BATCH)]
    assert run.region.listed_metrics == {BUCKET_SIZE, OBJECT_COUNT}


def test_a_running_batch_is_kept_when_another_is_denied() -> None:
    is_denied = threading.Event()

    def second_is_denied(number: int, batch: Sequence[SeriesName]) -> Iterator[MetricDataPage]:
        if number == 1:
            is_denied.set()
            raise failure("denied")
        assert is_denied.wait(30)
        yield MetricDataPage([], ["read after the other batch was denied"])
        yield points_of(batch)

    run = Run(named(4 * BATCH), second_is_denied, lane=2)
    assert len(run.batches) == 2
    assert (run.is_complete, run.settled, run.received) == (True, 1, BATCH)
    assert ("size-unreadable", WHERE, 3 * BATCH) in run.problems


def test_one_failed_batch_loses_only_its_series() -> None:
    def first_fails(number: int, batch: Sequence[SeriesName]) -> Iterator[MetricDataPage]:
        if number == 0:
            raise failure("broken")
        yield points_of(batch)

    run = Run(named(3 * BATCH + 1), first_fails)
    assert [len(batch) for batch in run.batches] == [BATCH, BATCH, BATCH, 1]
    assert (run.is_complete, run.settled, run.received) == (True, 1, 2 * BATCH + 1)


def test_an_unreachable_region_ends_at_once() -> None:
    def unreachable(number: int, batch: Sequence[SeriesName]) -> Iterator[MetricDataPage]:
        raise failure("unreachable")
        yield

    run = Run(named(3 * BATCH), unreachable)
    assert (len(run.batches), run.is_complete, run.received) == (1, True, 0)
    assert run.problems == [("cloudwatch-unreachable", WHERE, None)]


def test_a_series_that_is_listed_twice_is_requested_once() -> None:
    counts = [SeriesName(OBJECT_COUNT, f"b{number}", ALL_TYPES) for number in range(3)]
    run = Run([*named(2), *named(2), *counts, *counts], lambda _, batch: iter([points_of(batch)]))
    assert sorted(name for batch in run.batches for name in batch) == sorted([*named(2), *counts])
    assert run.counted == ["b0", "b1", "b2"]
    assert (run.settled, run.problems) == (1, [])


def test_series_that_no_unit_requests_are_ignored() -> None:
    other = [SeriesName(BUCKET_SIZE, "b0000", "GlacierStorage"), SeriesName(BUCKET_SIZE, "x", "StandardStorage")]
    run = Run(
        [*named(1), *other], lambda _, batch: iter([points_of(batch)]), types=("StandardStorage",), buckets=("b*",)
    )
    assert run.batches == [tuple(named(1))]


def test_the_counts_of_a_region_without_requests_are_complete_at_once() -> None:
    run = Run(named(1), lambda _, batch: iter([points_of(batch)]), types=(), rest=False)
    assert (run.batches, run.settled, run.is_complete, run.problems) == ([], 1, True, [])


@pytest.mark.parametrize("statuses", [["PartialData"], ["PartialData", "PartialData"]])
def test_points_of_a_series_that_is_never_complete_are_kept_with_a_gap(statuses: list[str]) -> None:
    def parts(_: int, batch: Sequence[SeriesName]) -> Iterator[MetricDataPage]:
        for ago, status in enumerate(statuses):
            yield MetricDataPage([MetricDataResult(0, [NOON - 86_400 * ago], [5 - ago], status, "")], [])

    run = Run(named(1), parts)
    series = run.region.series.sizes["b0000"]["StandardStorage"]
    assert series is not None
    assert dict(series.points()) == {NEWEST - ago: 5 - ago for ago in range(len(statuses))}
    assert run.region.series.incomplete == set(named(1))
    (problem,) = run.losses.problems()
    assert (problem.code, problem.place) == ("size-unreadable", f"{WHERE}/b0000/StandardStorage")
    assert "GetMetricData left them out" in problem.message


@pytest.mark.parametrize(("errors", "requests"), [(0, 1), (1, 2), (4, 5), (5, 5)])
def test_a_series_with_an_internal_error_is_requested_four_more_times(errors: int, requests: int) -> None:
    def internal(number: int, batch: Sequence[SeriesName]) -> Iterator[MetricDataPage]:
        yield (
            MetricDataPage([MetricDataResult(0, [], [], "InternalError", "x")], [])
            if number < errors
            else points_of(batch)
        )

    run = Run(named(1), internal)
    assert len(run.batches) == requests
    assert run.received == (0 if errors > 4 else 1)
    assert run.is_complete and run.settled == 1


@pytest.mark.parametrize("kind", ["denied", "missing", "expired", "broken"])
@pytest.mark.parametrize(
    ("metrics", "code"),
    [
        ((BUCKET_SIZE,), "storage-types-unlisted"),
        ((OBJECT_COUNT,), "object-counts-unlisted"),
        ((BUCKET_SIZE, OBJECT_COUNT), "storage-metrics-unlisted"),
    ],
)
def test_lists_that_fail_with_the_same_error_are_one_gap_and_their_pages_are_kept(
    kind: ErrorKind, metrics: tuple[str, ...], code: str
) -> None:
    run = Run(named(3), lambda _, batch: iter([points_of(batch)]), unlisted=metrics, kind=kind)
    assert run.problems == [(code, WHERE, None)]
    assert run.region.listed_metrics == {BUCKET_SIZE, OBJECT_COUNT} - set(metrics)
    assert (run.received, run.is_complete, run.settled) == (3, True, int(OBJECT_COUNT not in metrics))


def test_a_list_that_is_still_open_at_the_end_is_not_complete() -> None:
    stop = threading.Event()

    def pages(_: str, metric: str, *__: object) -> Iterator[list[SeriesName]]:
        if metric == BUCKET_SIZE:
            yield named(3)
            stop.set()
            threading.Event().wait()

    pool, log = WorkerPool(), ProblemLog()
    account: Any = SimpleNamespace(series_pages=pages, point_pages=lambda *_: iter([]))
    collector = StorageMetricsCollector(
        AccountRegion(account, "123456789012", "us-east-1", log),
        context(pool, 1, lambda: None), [unit()], on_object_count=lambda *_: None, on_counts_complete=lambda: None,
    )  # fmt: skip
    collector.start()
    pool.run(stop)
    metrics = collector.close()
    assert BUCKET_SIZE not in metrics.listed_metrics
    assert log.problems() == [], "the interruption has a gap of its own"


def test_a_partial_object_count_is_passed_on_at_the_end() -> None:
    count = SeriesName(OBJECT_COUNT, "b", ALL_TYPES)
    page = MetricDataPage([MetricDataResult(0, [NOON], [5], "PartialData", "")], [])
    run = Run([count], lambda _, batch: iter([page]))
    assert run.counted == ["b"]
    assert run.problems == [("object-count-unreadable", f"{WHERE}/b", None)]


def test_points_are_requested_while_series_are_listed() -> None:
    is_requested = threading.Event()

    def pages(_: str, metric: str, *__: object) -> Iterator[list[SeriesName]]:
        if metric == BUCKET_SIZE:
            yield named(BATCH)
            assert is_requested.wait(30)

    def answer(_: str, batch: Sequence[SeriesName], *__: object) -> Iterator[MetricDataPage]:
        is_requested.set()
        yield points_of(batch)

    pool, log = WorkerPool(), ProblemLog()
    account: Any = SimpleNamespace(series_pages=pages, point_pages=answer)
    collector = StorageMetricsCollector(
        AccountRegion(account, "123456789012", "us-east-1", log),
        context(pool, 1, lambda: None), [unit()], on_object_count=lambda *_: None, on_counts_complete=lambda: None,
    )  # fmt: skip
    collector.start()
    pool.run(threading.Event())
    assert (collector.close().listed_metrics, log.problems()) == ({BUCKET_SIZE, OBJECT_COUNT}, [])


def test_an_unreachable_list_ends_the_region_without_waiting_for_the_others() -> None:
    def pages(_: str, metric: str, *__: object) -> Iterator[list[SeriesName]]:
        if metric == OBJECT_COUNT:
            threading.Event().wait()
        yield named(3)
        raise AwsError("unreachable", "ListMetrics", "no")

    pool, log, settled = WorkerPool(), ProblemLog(), list[str]()
    account: Any = SimpleNamespace(series_pages=pages, point_pages=lambda *_: iter([]))
    collector = StorageMetricsCollector(
        AccountRegion(account, "123456789012", "us-east-1", log),
        context(pool, 1, lambda: None), [unit()],
        on_object_count=lambda *_: None, on_counts_complete=lambda: settled.append(""),
    )  # fmt: skip
    collector.start()
    pool.run(threading.Event())
    assert collector.is_complete and settled == []
    assert collector.close().listed_metrics == set()
    assert [(problem.code, problem.place) for problem in log.problems()] == [("cloudwatch-unreachable", WHERE)]


def test_the_series_of_a_failed_batch_are_one_gap_with_its_cause() -> None:
    def first_fails(number: int, batch: Sequence[SeriesName]) -> Iterator[MetricDataPage]:
        if number == 0:
            raise failure("broken")
        yield points_of(batch)

    run = Run(named(BATCH + 1), first_fails)
    assert run.problems == [("size-unreadable", WHERE, BATCH)]
    assert "GetMetricData: no" in run.losses.problems()[0].message


@pytest.mark.parametrize(
    ("status", "message", "text", "advice"),
    [
        ("Forbidden", "", "GetMetricData: status Forbidden", "allow cloudwatch:GetMetricData to the role or user"),
        ("InternalError", "x y", "GetMetricData: status InternalError: x y", None),
    ],
)
def test_a_series_with_an_error_has_its_status_and_message(
    status: str, message: str, text: str, advice: str | None
) -> None:
    page = MetricDataPage([MetricDataResult(0, [], [], status, message)], ["m"])
    run = Run(named(1), lambda _, batch: iter([page]))
    by_code = {problem.code: problem for problem in run.losses.problems()}
    assert by_code.keys() == {"size-unreadable", "cloudwatch-message"}
    assert by_code["size-unreadable"].message.endswith(text)
    assert (by_code["size-unreadable"].advice or None) == advice
    assert "m" in by_code["cloudwatch-message"].message.split()
