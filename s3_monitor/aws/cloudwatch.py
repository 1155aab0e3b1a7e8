"""CloudWatch: the daily storage metrics of S3, and the request metrics of a bucket."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Any, Self, TypeVar

from s3_monitor.aws.api_calls import AwsApi
from s3_monitor.aws.metrics_json import Message, Metric, MetricsPage, ResultsPage, Times, seconds
from s3_monitor.model.bounds import ACCOUNT, is_amount, point_times
from s3_monitor.model.call_counts import CallCounts
from s3_monitor.model.errors import AwsError
from s3_monitor.model.request_metrics import METRICS, RequestMetrics
from s3_monitor.model.responses import (
    ALL_TYPES,
    BUCKET_SIZE,
    OBJECT_COUNT,
    MetricDataPage,
    MetricDataResult,
    SeriesName,
)

T = TypeVar("T")
_NAMESPACE = "AWS/S3"
_DAY = 86_400


class _TypeFirst(SeriesName):
    """A series listed with its storage type first. AWS ignores the order of dimensions, some AWS emulators do not."""

    __slots__ = ()


class CloudWatchApi(AwsApi):
    """The operations of CloudWatch that return metrics of S3."""

    _owner: str | None = None  # a linked account whose metrics are read; None: those of the account itself

    def of_linked_account(self, owner: str) -> Self:
        """Return the same account, which reads the metrics of an account that is linked to it."""
        account = copy(self)
        account._owner = owner
        return account

    def linked_accounts(self, region: str) -> set[str]:
        """Return the other accounts whose S3 metrics this monitoring account can read in a region."""
        request = {"Namespace": _NAMESPACE, "MetricName": BUCKET_SIZE, "IncludeLinkedAccounts": True}
        owners = set(chain.from_iterable(self._list_metrics(region, request, lambda page: page.owning_accounts or ())))
        return set(filter(ACCOUNT.fullmatch, owners)) - {self._account_id}

    def series_pages(
        self, region: str, metric: str, storage_type: str | None = None, bucket: str | None = None
    ) -> Iterator[list[SeriesName]]:
        """Yield the series of a metric in pages of at most 500, filtered by storage type or bucket if given.

        AWS: RecentlyActive covers only the last three hours, in which a daily metric has no point: it is not used.
        """
        request: dict[str, Any] = {"Namespace": _NAMESPACE, "MetricName": metric}
        filters = [("BucketName", bucket), ("StorageType", storage_type)]
        if dimensions := _dimensions(*((name, value) for name, value in filters if value is not None)):
            request["Dimensions"] = dimensions
        if self._owner is not None:
            request |= {"IncludeLinkedAccounts": True, "OwningAccount": self._owner}
        return self._list_metrics(region, request, lambda page: list(_names(page.metrics, metric)))

    def _list_metrics(self, region: str, request: dict[str, Any], read: Callable[[MetricsPage], T]) -> Iterator[T]:
        client = self.client("cloudwatch", region)
        call = partial(self.call, "ListMetrics", self.limits(region).list_metrics)
        return self.pages(client, "ListMetrics", request, lambda response: read(response["Page"]), call=call)

    def list_storage_types(self, region: str) -> set[str]:
        """Return the storage types for which a bucket of the region has a series."""
        return {series.storage_type for page in self.series_pages(region, BUCKET_SIZE) for series in page}

    def point_pages(
        self, region: str, series: Sequence[SeriesName], start: datetime, end: datetime
    ) -> Iterator[MetricDataPage]:
        """Yield the daily points of at most 500 series from ``start`` to before ``end``, both midnights UTC.

        Newest first. AWS: at most 100,800 points in a page.
        """
        queries: list[dict[str, Any]] = []
        for name in series:
            dimensions = [("BucketName", name.bucket), ("StorageType", name.storage_type)]
            if isinstance(name, _TypeFirst):
                dimensions.reverse()
            # AWS: BucketSizeBytes and NumberOfObjects have one statistic, Average.
            queries.append(_query(len(queries), name.metric, "Average", *dimensions))
        return self._metric_data(region, queries, start, end)

    def read_request_metrics(
        self, bucket: str, filter_id: str, region: str, start: datetime, end: datetime
    ) -> RequestMetrics | None:
        """Return the sums of a metrics configuration without a filter between two midnights UTC.

        ``None`` if it has no point yet. AWS: billed per metric, see METRICS.
        """
        dimensions = ("BucketName", bucket), ("FilterId", filter_id)
        queries = [_query(place, metric, "Sum", *dimensions) for place, metric in enumerate(METRICS)]
        points: dict[str, dict[int, float]] = {}
        missing = set(METRICS)
        for page in self._metric_data(region, queries, start, end):
            for result in page.answers:
                metric = METRICS[result.place]
                points.setdefault(metric, {}).update(_sums(result, start, end))
                if result.status == "Complete":
                    missing.discard(metric)
        if missing:
            raise _unreadable(f"without all figures of {', '.join(sorted(missing))}")
        return _summed(points, int(end.timestamp()) // _DAY)

    def _metric_data(
        self, region: str, queries: list[dict[str, Any]], start: datetime, end: datetime
    ) -> Iterator[MetricDataPage]:
        """Yield the results of queries of daily points."""
        if self._owner is not None:
            queries = [{**query, "AccountId": self._owner} for query in queries]
        # A wrong unit makes a response empty, so the queries have none.
        request = {
            "MetricDataQueries": queries,
            "StartTime": start,
            "EndTime": end,
            "ScanBy": "TimestampDescending",
        }
        client, datapoints = self.client("cloudwatch", region), len(queries) * (end - start).days
        call = partial(self.call, "GetMetricData", self.limits(region).get_metric_data, datapoints)

        def read(response: dict[str, Any]) -> MetricDataPage:
            page: ResultsPage = response["Page"]
            return MetricDataPage(_results(page, len(queries)), _texts(page.messages or ()))

        yield from self.pages(client, "GetMetricData", request, read, call=call)
        self.calls.add(CallCounts(metrics=len(queries)))


def _dimensions(*dimensions: tuple[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in dimensions]


def _query(place: int, metric: str, statistic: str, *dimensions: tuple[str, str]) -> dict[str, Any]:
    described = {"Namespace": _NAMESPACE, "MetricName": metric, "Dimensions": _dimensions(*dimensions)}
    return {"Id": f"m{place}", "MetricStat": {"Metric": described, "Period": _DAY, "Stat": statistic}}


def _names(metrics: list[Metric], metric: str) -> Iterator[SeriesName]:
    for described in metrics:
        if len(described.dimensions) != 2:
            continue
        bucket, storage_type = described.dimensions
        make: type[SeriesName] = SeriesName
        if bucket.name == "StorageType":
            bucket, storage_type, make = storage_type, bucket, _TypeFirst
        # AWS: byte metrics exist by storage type only, object counts for all types only.
        if (
            bucket.name == "BucketName"
            and storage_type.name == "StorageType"
            and (storage_type.value == ALL_TYPES) == (metric == OBJECT_COUNT)
        ):
            yield make(metric, bucket.value, storage_type.value)


def _results(page: ResultsPage, queries: int) -> list[MetricDataResult]:
    converted = []
    sent: Times = []
    times: list[float] = []
    places = {f"m{place}": place for place in range(queries)}
    for result in page.metric_data_results:
        place = places.get(result.id)
        if place is None:  # not requested
            continue
        if result.timestamps != sent:  # most series of a page have the same days
            sent, times = result.timestamps, seconds(result.timestamps)
        if len(times) != len(result.values):
            what = f"{len(times)} timestamps and {len(result.values)} values"
            converted.append(MetricDataResult(place, [], [], "InternalError", what))
            continue
        message = "; ".join(_texts(result.messages)) if result.messages else ""
        converted.append(MetricDataResult(place, times, result.values, result.status_code, message))
    return converted


def _texts(messages: Sequence[Message]) -> list[str]:
    return [": ".join(filter(None, (message.code, message.value))) for message in messages]


def _sums(result: MetricDataResult, start: datetime, end: datetime) -> Iterator[tuple[int, float]]:
    """Yield (day, sum) of the requested days. Raises AwsError for a failed result, which would count as 0."""
    if result.status not in ("Complete", "PartialData"):
        raise AwsError(
            "denied" if result.status == "Forbidden" else "broken", "GetMetricData", f"status {result.status}"
        )
    earliest, latest = point_times(start, end)
    for time, amount in zip(result.times, result.values, strict=True):
        if not is_amount(amount) or not earliest <= time <= latest:
            raise _unreadable("a sum of request metrics must be a number from 0 to 2^62 and have a time")
        if start.timestamp() <= time < end.timestamp():
            yield int(time // _DAY), amount


def _summed(points: dict[str, dict[int, float]], end: int) -> RequestMetrics | None:
    days = [day for of_metric in points.values() for day in of_metric]
    if not days:
        return None
    sums = {name: sum(points[name].values(), 0.0) for name in METRICS if points.get(name)}
    if not all(map(is_amount, sums.values())):
        raise _unreadable("a sum of request metrics must not exceed 2^62")
    return RequestMetrics(
        end - min(days), {name: int(value) if value.is_integer() else value for name, value in sums.items()}
    )


def _unreadable(what: str) -> AwsError:
    return AwsError("broken", "GetMetricData", f"could not read the response: {what}", advice="try again later")
