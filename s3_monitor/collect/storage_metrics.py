"""The storage metrics of a region: which series CloudWatch has, and their daily points."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import ClassVar

from s3_monitor.collect.collector import AccountRegion, Collector
from s3_monitor.collect.daily_bins import DailyBinner
from s3_monitor.collect.metric_queries import BATCH, ListMetricsQuery, includes, list_metrics_queries
from s3_monitor.collect.problem_log import ENDS_REGION, Cause
from s3_monitor.collect.worker_pool import ConcurrencyLimit
from s3_monitor.model.patterns import matcher
from s3_monitor.model.plan import Unit
from s3_monitor.model.responses import (
    ALL_TYPES,
    BUCKET_SIZE,
    OBJECT_COUNT,
    MetricDataPage,
    MetricDataResult,
    SeriesName,
)
from s3_monitor.model.series import Series, Window, pack

Batch = tuple[SeriesName, ...]

_MAX_RETRIES = 4  # of a series for which CloudWatch reports an internal error

# The problems of each metric: its series could not be listed, its points not be read, its newest point is invalid.
_UNLISTED = {BUCKET_SIZE: "storage-types-unlisted", OBJECT_COUNT: "object-counts-unlisted"}
_UNREADABLE = {BUCKET_SIZE: "size-unreadable", OBJECT_COUNT: "object-count-unreadable"}
_INVALID = {BUCKET_SIZE: "newest-size-invalid", OBJECT_COUNT: "newest-object-count-invalid"}


class StorageMetricsCollector(Collector[ListMetricsQuery | Batch]):
    """The storage metrics of one account and region.

    Series are listed in pages, and their points are requested in batches of 500 while the listing continues.
    """

    _ends_region: ClassVar[frozenset[str]] = frozenset(
        {"unreachable"}
    )  # other errors are reported by metric and series

    def __init__(
        self,
        region: AccountRegion,
        queries_limit: ConcurrencyLimit,
        points_limit: ConcurrencyLimit,
        units: Sequence[Unit],
        window: Window,
        *,
        on_object_count: Callable[[str, Series], None],
        on_counts_complete: Callable[[], None],
        on_complete: Callable[[], None],
    ) -> None:
        """``on_object_count`` is called with each object count and ``on_counts_complete`` after the last one.

        ``on_complete`` is called whenever no request to CloudWatch is open, failed ones included.
        """
        super().__init__(region, queries_limit)
        self.sizes: dict[str, dict[str, Series | None]] = {}
        """{bucket: {storage type: series}}; ``None``: no point was received (yet)."""
        self.counts: dict[str, Series | None] = {}
        """{bucket: series}."""
        self.incomplete: set[SeriesName] = set()
        """Series of which only some points were received."""
        self.listed_metrics = {BUCKET_SIZE, OBJECT_COUNT}
        """The metrics whose series were listed completely."""
        self._units = [(unit, matcher(unit.buckets)) for unit in units]
        self._queries = list_metrics_queries(units)
        self._open_queries = set(self._queries)
        self._failed_queries: dict[Cause, set[str]] = {}
        self._points_limit = points_limit
        self._open_batches = 0
        self._are_counts_complete = False
        self._window = window
        self._binner = DailyBinner(window)
        self._on_count, self._on_counts_complete, self._on_complete = on_object_count, on_counts_complete, on_complete
        self._pending: list[SeriesName] = []
        self._partial: dict[SeriesName, dict[int, float]] = {}
        self._invalid: dict[SeriesName, set[int]] = {}  # days whose value is not an amount
        self._reasons: dict[SeriesName, Cause] = {}
        self._internal_errors: Counter[SeriesName] = Counter()
        self._ended: Cause | None = None  # why no points are requested any more
        # By storage type ("" for the counts): whether a unit requests a bucket; ``True``: every bucket.
        self._matchers: dict[str, list[Callable[[str], bool]] | bool] = {}

    def start(self) -> None:
        """List the series."""
        if not self._queries:
            self._on_counts_complete()
        for query in self._queries:
            pages = partial(self._account.series_pages, self._region, query.metric, query.storage_type, query.bucket)
            self._request(query, pages, self._on_series)

    def _on_series(self, page: list[SeriesName]) -> None:
        for series in page:
            if not self._is_requested(series):
                continue
            bucket = series.bucket
            if series.metric == OBJECT_COUNT:
                if bucket in self.counts:
                    continue
                self.counts[bucket] = None
            else:
                types = self.sizes.setdefault(bucket, {})
                if series.storage_type in types:
                    continue
                types[series.storage_type] = None
            self._pending.append(series)
        self._request_points()

    def _is_requested(self, series: SeriesName) -> bool:
        matchers = self._matchers.get(series.storage_type)
        if matchers is None:
            matchers = self._matchers[series.storage_type] = self._matchers_of(series.storage_type)
        if isinstance(matchers, bool):
            return matchers
        return any(matches(series.bucket) for matches in matchers)

    def _matchers_of(self, storage_type: str) -> list[Callable[[str], bool]] | bool:
        of_counts = storage_type == ALL_TYPES
        units = [pair for pair in self._units if (pair[0].rest if of_counts else includes(pair[0], storage_type))]
        if any(not unit.buckets for unit, _ in units):
            return True
        return [matches for _, matches in units]

    def _request_points(self) -> None:
        """Request full batches while series are listed, and the rest at the end."""
        is_last = not self._open_queries
        while len(self._pending) >= BATCH or (is_last and self._pending):
            batch, self._pending = tuple(self._pending[:BATCH]), self._pending[BATCH:]
            if self._ended is not None:
                continue
            self._open_batches += 1
            window = self._window
            pages = partial(self._account.point_pages, self._region, batch, window.start, window.end)
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
        self._pending.clear()
        for limit in (self._limit, self._points_limit):
            limit.drop(self, running=True)
        self._report("cloudwatch-unreachable", detail=cause.text, advice=cause.advice)

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
            if name in self._partial or self._series(name) is None:
                self._reasons.setdefault(name, cause)

    def _check_complete(self) -> None:
        if not self._are_counts_complete and self.is_complete and OBJECT_COUNT in self.listed_metrics:
            self._are_counts_complete = True
            self._on_counts_complete()
        if self.is_complete:
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
        known = self._series(name)
        if known is None and result.status == "Complete" and name not in self._partial:
            series = self._binner.daily(result.times, result.values)
            if series is not None:
                self._keep(name, series)
                return
        points = self._partial.pop(name, None) or {}
        if known is not None:
            # A later page may name a series again, with more points or none: they add up.
            points = dict(known.points())
        invalid = self._invalid.pop(name, None) or set()
        has_conflict = self._binner.add_points(points, invalid, result.times, result.values)
        if invalid:
            self._invalid[name] = invalid
        if has_conflict:
            self._report_series("datapoints-conflict", name)
        if result.status == "Complete":
            self._keep(name, pack(points))
        elif result.status == "PartialData":
            self._partial[name] = points
        else:
            self._reasons[name] = _cause_of_status(result)
            self._invalid.pop(name, None)
            if result.status == "InternalError" and self._internal_errors[name] < _MAX_RETRIES:
                self._internal_errors[name] += 1
                self._pending.append(name)  # AWS: to be asked again

    def _keep(self, name: SeriesName, series: Series) -> None:
        self._set(name, series)
        if name.metric == OBJECT_COUNT:
            self._on_count(name.bucket, series)

    def _set(self, name: SeriesName, series: Series | None) -> None:
        if name.metric == BUCKET_SIZE:
            self.sizes[name.bucket][name.storage_type] = series
        else:
            self.counts[name.bucket] = series

    def _series(self, name: SeriesName) -> Series | None:
        return self.sizes[name.bucket][name.storage_type] if name.metric == BUCKET_SIZE else self.counts[name.bucket]

    def close(self) -> None:
        """When nothing more comes: keep what came in part, and say what did not come."""
        self.listed_metrics.difference_update(query.metric for query in self._open_queries)
        for name, points in self._partial.items():
            # Points that came before an answer broke off are true, if not all.
            self.incomplete.add(name)
            self._keep(name, pack(points))
        for cause, metrics in self._failed_queries.items():
            code = "storage-metrics-unlisted" if len(metrics) > 1 else _UNLISTED[next(iter(metrics))]
            self._report(code, detail=cause.text, advice=cause.advice)
        invalid = set(self._close_invalid())
        for name in self._missing():
            if name in invalid:
                continue
            why = self._reasons.get(name) or self._ended
            # A region that was given up has its own gap, and so has an interruption.
            if why is not None and why.kind != "unreachable":
                self._report_series(_UNREADABLE[name.metric], name, why)

    def _close_invalid(self) -> Iterator[SeriesName]:
        """Report days whose values are not amounts. Yield the series of which the newest figure is unknown."""
        for name, days in self._invalid.items():
            series = self._series(name)
            left = days.difference(day for day, _ in series.points()) if series else ()
            if series is None or not left:
                continue
            if series.day > max(left):
                self._report_series("datapoint-invalid", name)
                continue
            if series.day < 0:
                self._set(name, None)
            else:
                self.incomplete.add(name)
            self._report_series(_INVALID[name.metric], name)
            yield name

    def _report_series(self, code: str, name: SeriesName, cause: Cause | None = None) -> None:
        storage_type = name.storage_type if name.metric == BUCKET_SIZE else None
        self._problems.add_for_bucket(code, self.place, name.bucket, storage_type, cause=cause)

    def _missing(self) -> Iterator[SeriesName]:
        yield from self.incomplete
        for bucket, types in self.sizes.items():
            if None in types.values():
                yield from (SeriesName(BUCKET_SIZE, bucket, type_) for type_, series in types.items() if series is None)
        for bucket, count in self.counts.items():
            if count is None:
                yield SeriesName(OBJECT_COUNT, bucket, ALL_TYPES)


def _cause_of_status(result: MetricDataResult) -> Cause:
    text = f"GetMetricData says {result.status}" + (f": {result.message}" if result.message else "")
    advice = "allow cloudwatch:GetMetricData to the role or user" if result.status == "Forbidden" else ""
    return Cause(text, advice, "")
