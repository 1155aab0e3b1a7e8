"""CloudWatch: which daily storage series of S3 exist, and their points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from s3_monitor.aws.api_calls import Clients, Count, api_call, checked_token, instrumented_client
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
from s3_monitor.aws.rate_limiter import RegionLimits
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
    """The same series, listed with its dimensions the other way round, and asked for that way: to AWS the order does
    not matter, but some of its imitations find nothing in another order than their own."""

    __slots__ = ()


def list_series(
    clients: Clients,
    region: str,
    metric: str,
    *,
    storage_type: str | None = None,
    bucket: str | None = None,
    count: Count,
    pace: RegionLimits,
) -> Iterator[list[SeriesName]]:
    """The series of one metric in pages of at most 500. AwsFailure.

    Narrowed by storage type or bucket on AWS's side. AWS: RecentlyActive knows only the last three hours, in which
    a daily metric has no point, so it is never asked for.
    """
    narrowed = {"BucketName": bucket, "StorageType": storage_type}
    question: dict[str, Any] = {"Namespace": _NAMESPACE, "MetricName": metric}
    dimensions = [{"Name": name, "Value": value} for name, value in narrowed.items() if value is not None]
    if dimensions:
        question["Dimensions"] = dimensions
    client = instrumented_client(clients, "cloudwatch", region)
    with pace.listing(metric):
        while True:
            pace.list_metrics(metric)
            with api_call("ListMetrics", count, pace.throttled):
                listed = read(client.list_metrics(**question), Listed)
                more = checked_token("ListMetrics", question, "NextToken", listed.next_token)
            yield list(_names(listed.metrics, metric))
            if not more:
                return


def storage_types(clients: Clients, region: str, count: Count, pace: RegionLimits) -> set[str]:
    """The storage types of which a bucket of this region has bytes. AwsFailure."""
    return {
        name.storage_type for page in list_series(clients, region, BUCKET_SIZE, count=count, pace=pace) for name in page
    }


def points(
    clients: Clients,
    region: str,
    series: Sequence[SeriesName],
    start: datetime,
    end: datetime,
    *,
    count: Count,
    pace: RegionLimits,
) -> Iterator[MetricDataPage]:
    """The daily points of at most 500 series from ``start`` up to, not including, ``end``; both are midnights UTC.

    Newest first. More than 100,800 points come in several pages. AwsFailure.
    """
    # AWS: BucketSizeBytes and NumberOfObjects know one statistic, Average. A unit that does not fit empties an
    # answer, so none is named.
    question: dict[str, Any] = {
        "MetricDataQueries": [_query(index, name) for index, name in enumerate(series)],
        "StartTime": start,
        "EndTime": end,
        "ScanBy": "TimestampDescending",
    }
    client = instrumented_client(clients, "cloudwatch", region)
    while True:
        pace.get_metric_data(len(series) * (end - start).days)
        with api_call("GetMetricData", count, pace.throttled):
            answered = read(client.get_metric_data(**question), Answered)
            page = MetricDataPage(_answers(answered.metric_data_results, len(series)), _texts(answered.messages))
            more = checked_token("GetMetricData", question, "NextToken", answered.next_token)
        yield page
        if not more:
            return


def _names(metrics: list[Metric], metric: str) -> Iterator[SeriesName]:
    for described in metrics:
        if len(described.dimensions) != 2:
            continue
        bucket, storage_type = described.dimensions
        make: type[SeriesName] = SeriesName
        if bucket.name == "StorageType":
            bucket, storage_type, make = storage_type, bucket, _TypeFirst
        # AWS: bytes come by storage type only, counts for all of them only.
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


def _answers(results: Sequence[Result], asked_for: int) -> list[MetricDataResult]:
    found = []
    sent: Times = []
    times: list[float] = []
    places = {f"m{place}": place for place in range(asked_for)}
    for result in results:
        place = places.get(result.id)
        if place is None:  # it was not requested
            continue
        if result.timestamps != sent:  # nearly all series of an answer have the same days
            sent, times = result.timestamps, seconds(result.timestamps)
        if len(times) != len(result.values):
            what = f"{len(times)} timestamps and {len(result.values)} values"
            found.append(MetricDataResult(place, [], [], "InternalError", what))
            continue
        message = "; ".join(_texts(result.messages)) if result.messages else ""
        found.append(MetricDataResult(place, times, result.values, result.status_code, message))
    return found


def _texts(messages: list[Message]) -> list[str]:
    return [": ".join(filter(None, (message.code, message.value))) for message in messages]
