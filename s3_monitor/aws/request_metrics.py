"""CloudWatch: the request metrics of a bucket, summed by day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from s3_monitor.aws.api_calls import AwsApi, checked_token
from s3_monitor.aws.metrics_json import Answered, Dimension, Metric, MetricStat, Query, Result, read, seconds
from s3_monitor.model.bounds import is_amount, point_times
from s3_monitor.model.errors import AwsError
from s3_monitor.model.request_metrics import METRICS, RequestMetrics

_DAY = 86_400
_IDS = {f"m{place}": metric for place, metric in enumerate(METRICS)}


class RequestMetricsApi(AwsApi):
    """The operation of CloudWatch that returns the request metrics of a bucket."""

    def read_request_metrics(
        self, bucket: str, filter_id: str, region: str, start: datetime, end: datetime
    ) -> RequestMetrics | None:
        """Return the sums of a metrics configuration without a filter between two midnights UTC.

        ``None`` if it has no point yet. AWS: billed per metric, see METRICS.
        """
        request: dict[str, Any] = {
            "MetricDataQueries": [_query(index, name, bucket, filter_id) for index, name in enumerate(METRICS)],
            "StartTime": start,
            "EndTime": end,
        }
        client, limits = self.client("cloudwatch", region), self.limits(region)
        points: dict[str, dict[int, float]] = {}
        open_ = dict(_IDS)
        while True:
            limits.get_metric_data(len(METRICS) * (end - start).days)
            with self.call("GetMetricData", limits.throttled):
                answered = read(client.get_metric_data(**request), Answered)
                for result in answered.metric_data_results:
                    if result.id in _IDS:
                        points.setdefault(_IDS[result.id], {}).update(_points(result, start, end))
                    if result.status_code == "Complete":
                        open_.pop(result.id, None)
                more = checked_token("GetMetricData", request, "NextToken", answered.next_token)
                if not more and open_:
                    raise ValueError(f"without all figures of {', '.join(sorted(open_.values()))}")
            if not more:
                break
        sums = _summed(points, int(end.timestamp()) // _DAY)
        self.calls.count_metrics(len(METRICS))
        return sums


def _query(place: int, metric: str, bucket: str, filter_id: str) -> Query:
    dimensions = (Dimension("BucketName", bucket), Dimension("FilterId", filter_id))
    return Query(f"m{place}", MetricStat(Metric("AWS/S3", metric, dimensions), _DAY, "Sum"))


def _points(result: Result, start: datetime, end: datetime) -> Iterator[tuple[int, float]]:
    """Return {day: sum} of the requested days. Raises AwsError for a failed result, which would count as 0."""
    status = result.status_code
    if status not in ("Complete", "PartialData"):
        raise AwsError("denied" if status == "Forbidden" else "broken", "GetMetricData", f"status {status}")
    earliest, latest = point_times(start, end)
    for time, amount in zip(seconds(result.timestamps), result.values, strict=True):
        if not is_amount(amount) or not earliest <= time <= latest:
            raise ValueError("a sum of request metrics must be a number from 0 to 2^62 and have a time")
        if start.timestamp() <= time < end.timestamp():
            yield int(time // _DAY), amount


def _summed(points: dict[str, dict[int, float]], end: int) -> RequestMetrics | None:
    days = [day for of_metric in points.values() for day in of_metric]
    if not days:
        return None
    sums = {name: sum(points[name].values(), 0.0) for name in METRICS if points.get(name)}
    if not all(map(is_amount, sums.values())):
        raise AwsError("broken", "GetMetricData", "a sum of request metrics must not exceed 2^62")
    return RequestMetrics(
        end - min(days), {name: int(value) if value.is_integer() else value for name, value in sums.items()}
    )
