"""CloudWatch: which daily storage series of S3 exist, and their points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from s3_monitor.aws.asking import Clients, Count, asked, watched_client
from s3_monitor.aws.pace import RegionPace
from s3_monitor.aws.wire import seconds
from s3_monitor.model.answers import ALL_TYPES, COUNTS, SIZES, PointsPage, SeriesAnswer, SeriesName

_NAMESPACE = "AWS/S3"
_DAY = 86_400
_DIMENSIONS = {"BucketName", "StorageType"}


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
    pace: RegionPace,
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
    client = watched_client(clients, "cloudwatch", region)
    while True:
        pace.list_metrics()
        with asked("ListMetrics", count, pace.throttled):
            answer = client.list_metrics(**question)
            page = list(_names(answer["Metrics"], metric))
            token = answer.get("NextToken")
        yield page
        if not token:
            return
        question["NextToken"] = token


def storage_types(clients: Clients, region: str, count: Count, pace: RegionPace) -> set[str]:
    """The storage types of which a bucket of this region has bytes. AwsFailure."""
    return {name.storage_type for page in list_series(clients, region, SIZES, count=count, pace=pace) for name in page}


def points(
    clients: Clients,
    region: str,
    series: Sequence[SeriesName],
    start: datetime,
    end: datetime,
    *,
    count: Count,
    pace: RegionPace,
) -> Iterator[PointsPage]:
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
    client = watched_client(clients, "cloudwatch", region)
    while True:
        pace.get_metric_data(len(series) * (end - start).days)
        with asked("GetMetricData", count, pace.throttled):
            answer = client.get_metric_data(**question)
            page = PointsPage(
                [_answer(result, len(series)) for result in answer["MetricDataResults"]],
                [_text(message) for message in answer.get("Messages") or ()],
            )
            token = answer.get("NextToken")
        yield page
        if not token:
            return
        question["NextToken"] = token


def _names(metrics: list[dict[str, Any]], metric: str) -> Iterator[SeriesName]:
    for described in metrics:
        dimensions = {dimension["Name"]: dimension["Value"] for dimension in described["Dimensions"]}
        if dimensions.keys() == _DIMENSIONS and len(described["Dimensions"]) == 2:
            storage_type = dimensions["StorageType"]
            # AWS: bytes come by storage type only, counts for all of them only.
            if (storage_type == ALL_TYPES) == (metric == COUNTS):
                make = SeriesName if described["Dimensions"][0]["Name"] == "BucketName" else _TypeFirst
                yield make(metric, dimensions["BucketName"], storage_type)


def _query(index: int, name: SeriesName) -> dict[str, Any]:
    dimensions = [{"Name": "BucketName", "Value": name.bucket}, {"Name": "StorageType", "Value": name.storage_type}]
    if isinstance(name, _TypeFirst):
        dimensions.reverse()
    metric = {"Namespace": _NAMESPACE, "MetricName": name.metric, "Dimensions": dimensions}
    return {"Id": f"m{index}", "MetricStat": {"Metric": metric, "Period": _DAY, "Stat": "Average"}}


def _answer(result: dict[str, Any], asked_for: int) -> SeriesAnswer:
    index = int(result["Id"].removeprefix("m"))
    if not 0 <= index < asked_for:
        raise ValueError(f"a result for {result['Id']}, which was not asked for")
    times = _seconds(result.get("Timestamps") or ())
    # The JSON protocol writes what is not a number as a string.
    values = list(map(float, result.get("Values") or ()))
    if len(times) != len(values):
        raise ValueError(f"{len(times)} times and {len(values)} values for {result['Id']}")
    message = "; ".join(_text(message) for message in result.get("Messages") or ())
    return SeriesAnswer(index, times, values, result.get("StatusCode", "Complete"), message)


def _seconds(times: Sequence[Any]) -> list[float]:
    """Numbers at once: a night's answers hold millions."""
    try:
        return list(map(float, times))
    except (TypeError, ValueError):
        return [seconds(time) for time in times]


def _text(message: dict[str, str]) -> str:
    return ": ".join(part for part in (message.get("Code"), message.get("Value")) if part)
