"""The storage metrics of a region: which series CloudWatch has, and their daily points."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar

from s3_monitor.collect.collector import AccountRegion, Collector
from s3_monitor.collect.metric_queries import BATCH, ListMetricsQuery, SeriesFilter, list_metrics_queries
from s3_monitor.collect.problem_log import ENDS_REGION, Cause
from s3_monitor.collect.series_points import SeriesPoints
from s3_monitor.collect.shard_context import ShardContext
from s3_monitor.collect.unit_data import StorageMetrics
from s3_monitor.model.plan import Unit
from s3_monitor.model.responses import BUCKET_SIZE, OBJECT_COUNT, MetricDataPage, MetricDataResult, SeriesName
from s3_monitor.model.series import Series

Batch = tuple[SeriesName, ...]

_MAX_RETRIES = 4  # of a series for which CloudWatch reports an internal error
_UNLISTED = {BUCKET_SIZE: "storage-types-unlisted", OBJECT_COUNT: "object-counts-unlisted"}
_UNREADABLE = {BUCKET_SIZE: "size-unreadable", OBJECT_COUNT: "object-count-unreadable"}


class StorageMetricsCollector(Collector[ListMetricsQuery | Batch]):
    """The storage metrics of one account and region.

    Series are listed in pages, and their points are requested in batches of 500 while the listing continues.
    """

    # Other errors are reported by metric and series.
    _ends_region: ClassVar[frozenset[str]] = frozenset({"unreachable"})

    def __init__(
        self,
        region: AccountRegion,
        context: ShardContext,
        units: Sequence[Unit],
        on_object_count: Callable[[str, Series], None],
        on_counts_complete: Callable[[], None],
    ) -> None:
        """``on_object_count`` is called with each object count and ``on_counts_complete`` after the last one."""
        super().__init__(region, context.metric_lists)
        window = context.plan.window
        self.series = SeriesPoints(window, self._report_series)
        self.listed_metrics = {BUCKET_SIZE, OBJECT_COUNT}
        """The metrics whose series were listed completely."""
        self._filter = SeriesFilter(units)
        self._queries = list_metrics_queries(units)
        self._open_queries = set(self._queries)
        self._failed_queries: dict[Cause, set[str]] = {}
        self._points_limit = context.metric_data
        self._period = window.start, window.end
        self._pending: list[SeriesName] = []
        self._open_batches = 0
        self._reasons: dict[SeriesName, Cause] = {}  # why points were not received
        self._internal_errors: Counter[SeriesName] = Counter()
        self._ended: Cause | None = None  # why no points are requested any more
        self._on_object_count, self._on_counts_complete = on_object_count, on_counts_complete
        self._on_complete = context.on_progress  # whenever no request is open, failed ones included

    def start(self) -> None:
        """List the series."""
        if not self._queries:
            self._on_counts_complete()
        for query in self._queries:
            pages = partial(self._account.series_pages, self._region, query.metric, query.storage_type, query.bucket)
            self._request(query, pages, self._on_series)

    def _on_series(self, page: list[SeriesName]) -> None:
        self._pending += [name for name in page if self._filter.matches(name) and self.series.add_series(name)]
        self._request_points()

    def _request_points(self) -> None:
        """Request full batches while series are listed, and the rest at the end."""
        is_last = not self._open_queries
        while len(self._pending) >= BATCH or (is_last and self._pending):
            batch, self._pending = tuple(self._pending[:BATCH]), self._pending[BATCH:]
            if self._ended is not None:
                continue
            self._open_batches += 1
            pages = partial(self._account.point_pages, self._region, batch, *self._period)
            self._request(batch, pages, partial(self._on_points, batch), self._points_limit)

    def _on_done(self, subject: ListMetricsQuery | Batch, error: Exception | None) -> None:
        if isinstance(subject, ListMetricsQuery):
            self._open_queries.discard(subject)
            if error is not None:
                self.listed_metrics.discard(subject.metric)
        else:
            self._open_batches -= 1
            if error is None:
                self._set_reason(subject, Cause("GetMetricData left them out", "run this shard again", ""))
        super()._on_done(subject, error)
        self._request_points()
        self._check_complete()

    def _stop(self, cause: Cause) -> None:
        """Send no further request to the region, and do not wait for those that are running."""
        self._ended = cause
        self.listed_metrics.difference_update(query.metric for query in self._open_queries)
        self._open_queries.clear()
        self._open_batches = 0
        for limit in (self._limit, self._points_limit):
            limit.drop(self, running=True)
        self._report("cloudwatch-unreachable", cause=cause)

    def _on_missing(self, subject: ListMetricsQuery | Batch, cause: Cause) -> None:
        self._on_failure(subject, cause)

    def _on_failure(self, subject: ListMetricsQuery | Batch, cause: Cause) -> None:
        if isinstance(subject, ListMetricsQuery):
            self._failed_queries.setdefault(cause, set()).add(subject.metric)
            return
        if cause.kind == "denied" or cause.kind in ENDS_REGION:  # the waiting batches would fail, too
            self._ended = cause
            self._open_batches -= len(self._points_limit.drop(self, running=False))
        self._set_reason(subject, cause)

    def _set_reason(self, batch: Batch, cause: Cause) -> None:
        for name in batch:
            if self.series.is_open(name):
                self._reasons.setdefault(name, cause)

    def _check_complete(self) -> None:
        if not self.is_complete:
            return
        if OBJECT_COUNT in self.listed_metrics:
            self._on_counts_complete()
        self._on_complete()

    @property
    def is_complete(self) -> bool:
        """Whether no request to CloudWatch is open."""
        return not self._open_queries and not self._open_batches

    def _on_points(self, batch: Batch, page: MetricDataPage) -> None:
        for message in page.messages:
            self._report("cloudwatch-message", detail=message)
        for result in page.answers:
            self._add(batch[result.place], result)

    def _add(self, name: SeriesName, result: MetricDataResult) -> None:
        series = self.series.add_result(name, result)
        if series is not None:
            self._on_complete_series(name, series)
        elif result.status != "PartialData":
            self._reasons[name] = _cause_of_status(result)
            if result.status == "InternalError" and self._internal_errors[name] < _MAX_RETRIES:
                self._internal_errors[name] += 1
                self._pending.append(name)  # AWS: retry the request

    def _on_complete_series(self, name: SeriesName, series: Series) -> None:
        if name.metric == OBJECT_COUNT:
            self._on_object_count(name.bucket, series)

    def close(self) -> StorageMetrics:
        """End collecting: return the series received, and report those that are missing."""
        self.listed_metrics.difference_update(query.metric for query in self._open_queries)
        for name, series in self.series.close():
            self._on_complete_series(name, series)
        for cause, metrics in self._failed_queries.items():
            code = "storage-metrics-unlisted" if len(metrics) > 1 else _UNLISTED[next(iter(metrics))]
            self._report(code, cause=cause)
        invalid = self.series.report_invalid()
        for name in self.series.missing():
            reason = self._reasons.get(name) or self._ended
            # An unreachable region and an interruption have a gap of their own.
            if name not in invalid and reason is not None and reason.kind != "unreachable":
                self._report_series(_UNREADABLE[name.metric], name, reason)
        return StorageMetrics(self.series.sizes, self.series.counts, self.series.incomplete, self.listed_metrics)

    def _report_series(self, code: str, name: SeriesName, cause: Cause | None = None) -> None:
        storage_type = name.storage_type if name.metric == BUCKET_SIZE else None
        self._problems.add_for_bucket(code, self.place, name.bucket, storage_type, cause=cause)


def _cause_of_status(result: MetricDataResult) -> Cause:
    text = f"GetMetricData: status {result.status}" + (f": {result.message}" if result.message else "")
    advice = "allow cloudwatch:GetMetricData to the role or user" if result.status == "Forbidden" else ""
    return Cause(text, advice, "")
