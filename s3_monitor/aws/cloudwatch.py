"""CloudWatch: the daily storage metrics of S3, their series and points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from s3_monitor.aws.api_calls import AwsApi, checked_token
from s3_monitor.aws.metrics_json import (
    Answered,
    Dimension,
    Listed,
    Message,
    Metric,
    MetricStat,
    Query,
    Result,
    Times,
    read,
    seconds,
)
from s3_monitor.model.responses import (
    ALL_TYPES,
    BUCKET_SIZE,
    OBJECT_COUNT,
    MetricDataPage,
    MetricDataResult,
    SeriesName,
)

_NAMESPACE = "AWS/S3"
_DAY = 86_400


class _TypeFirst(SeriesName):
    """A series listed with its storage type first. AWS ignores the order of dimensions, some AWS emulators do not."""

    __slots__ = ()


class CloudWatchApi(AwsApi):
    """The operations of CloudWatch that return the daily storage metrics of S3."""

    def series_pages(
        self, region: str, metric: str, storage_type: str | None = None, bucket: str | None = None
    ) -> Iterator[list[SeriesName]]:
        """Yield the series of a metric in pages of at most 500, filtered by storage type or bucket if given.

        AWS: RecentlyActive covers only the last three hours, in which a daily metric has no point: it is not used.
        """
        filters = {"BucketName": bucket, "StorageType": storage_type}
        request: dict[str, Any] = {"Namespace": _NAMESPACE, "MetricName": metric}
        dimensions = [{"Name": name, "Value": value} for name, value in filters.items() if value is not None]
        if dimensions:
            request["Dimensions"] = dimensions
        client, limits = self.client("cloudwatch", region), self.limits(region)
        with limits.listing(metric):
            while True:
                limits.list_metrics(metric)
                with self.call("ListMetrics", limits.throttled):
                    listed = read(client.list_metrics(**request), Listed)
                    more = checked_token("ListMetrics", request, "NextToken", listed.next_token)
                yield list(_names(listed.metrics, metric))
                if not more:
                    return

    def list_storage_types(self, region: str) -> set[str]:
        """Return the storage types for which a bucket of the region has a series."""
        return {series.storage_type for page in self.series_pages(region, BUCKET_SIZE) for series in page}

    def point_pages(
        self, region: str, series: Sequence[SeriesName], start: datetime, end: datetime
    ) -> Iterator[MetricDataPage]:
        """Yield the daily points of at most 500 series from ``start`` to before ``end``, both midnights UTC.

        Newest first. AWS: at most 100,800 points in a page.
        """
        # AWS: BucketSizeBytes and NumberOfObjects have one statistic, Average. A wrong unit makes a response empty, so
        # the request has none.
        request: dict[str, Any] = {
            "MetricDataQueries": [_query(index, name) for index, name in enumerate(series)],
            "StartTime": start,
            "EndTime": end,
            "ScanBy": "TimestampDescending",
        }
        client, limits = self.client("cloudwatch", region), self.limits(region)
        while True:
            limits.get_metric_data(len(series) * (end - start).days)
            with self.call("GetMetricData", limits.throttled):
                answered = read(client.get_metric_data(**request), Answered)
                page = MetricDataPage(_results(answered.metric_data_results, len(series)), _texts(answered.messages))
                more = checked_token("GetMetricData", request, "NextToken", answered.next_token)
            yield page
            if not more:
                break
        self.calls.count_metrics(len(series))


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


def _query(place: int, name: SeriesName) -> Query:
    bucket, storage_type = Dimension("BucketName", name.bucket), Dimension("StorageType", name.storage_type)
    dimensions = (storage_type, bucket) if isinstance(name, _TypeFirst) else (bucket, storage_type)
    return Query(f"m{place}", MetricStat(Metric(_NAMESPACE, name.metric, dimensions), _DAY, "Average"))


def _results(results: Sequence[Result], series: int) -> list[MetricDataResult]:
    converted = []
    sent: Times = []
    times: list[float] = []
    places = {f"m{place}": place for place in range(series)}
    for result in results:
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


def _texts(messages: list[Message]) -> list[str]:
    return [": ".join(filter(None, (message.code, message.value))) for message in messages]
