"""CloudWatch: the request metrics of a bucket, summed by day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from s3_monitor.aws.asking import Clients, Count, asked, watched_client
from s3_monitor.aws.pace import RegionPace
from s3_monitor.aws.wire import seconds
from s3_monitor.model.failure import AwsFailure
from s3_monitor.model.traffic import METRICS, Traffic

_DAY = 86_400


def traffic(
    clients: Clients,
    bucket: str,
    filter_id: str,
    region: str,
    start: datetime,
    end: datetime,
    *,
    count: Count,
    pace: RegionPace,
) -> Traffic | None:
    """What a metrics configuration without a filter counted between two midnights UTC; null where that is nothing
    yet. AwsFailure. Billed by the metric: as many as METRICS."""
    question: dict[str, Any] = {
        "MetricDataQueries": [_query(index, name, bucket, filter_id) for index, name in enumerate(METRICS)],
        "StartTime": start,
        "EndTime": end,
    }
    client = watched_client(clients, "cloudwatch", region)
    points: dict[str, dict[int, float]] = {}
    while True:
        pace.get_metric_data(len(METRICS) * (end - start).days)
        with asked("GetMetricData", count, pace.throttled):
            answer = client.get_metric_data(**question)
            for result in answer["MetricDataResults"]:
                points.setdefault(METRICS[int(result["Id"].removeprefix("m"))], {}).update(_points(result))
            token = answer.get("NextToken")
        if not token:
            return _summed(points, int(end.timestamp()) // _DAY)
        question["NextToken"] = token


def _query(index: int, metric: str, bucket: str, filter_id: str) -> dict[str, Any]:
    dimensions = [{"Name": "BucketName", "Value": bucket}, {"Name": "FilterId", "Value": filter_id}]
    named = {"Namespace": "AWS/S3", "MetricName": metric, "Dimensions": dimensions}
    return {"Id": f"m{index}", "MetricStat": {"Metric": named, "Period": _DAY, "Stat": "Sum"}}


def _points(result: dict[str, Any]) -> Iterator[tuple[int, float]]:
    """(day, sum). A result that is refused would be taken for nothing."""
    status = result.get("StatusCode", "Complete")
    if status not in ("Complete", "PartialData"):
        raise AwsFailure("denied" if status == "Forbidden" else "broken", "GetMetricData", f"says {status}")
    for time, value in zip(result.get("Timestamps") or (), result.get("Values") or (), strict=True):
        amount = float(value)
        if not 0 <= amount < float("inf"):
            raise ValueError(f"{value} requests")
        moment = float(time) if isinstance(time, (int, float)) else seconds(time)
        yield int(moment // _DAY), amount


def _summed(points: dict[str, dict[int, float]], end: int) -> Traffic | None:
    days = [day for of_metric in points.values() for day in of_metric]
    if not days:
        return None
    sums = {name: sum(points[name].values(), 0.0) for name in METRICS if points.get(name)}
    return Traffic(end - min(days), {name: int(value) if value.is_integer() else value for name, value in sums.items()})
