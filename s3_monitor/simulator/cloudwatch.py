"""CloudWatch's daily storage metrics of S3: ListMetrics, GetMetricData and GetMetricStatistics."""

import base64
import binascii
import zlib
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple

from s3_monitor.simulator.accounts import Account, Bucket, Series
from s3_monitor.simulator.cloudwatch_requests import (
    PAGE,
    STATISTICS,
    GetMetricDataInput,
    GetMetricStatisticsInput,
    ListMetricsInput,
    Metric,
    MetricDataQuery,
    check_period,
    check_queries,
    invalid,
    window,
)
from s3_monitor.simulator.errors import AwsError
from s3_monitor.simulator.http11 import Request, Response
from s3_monitor.simulator.protocols import Json, Times
from s3_monitor.simulator.service import Call, Refusal, World, query_refusal

DAY = 86_400  # seconds
EPOCH = 719_163  # the ordinal of 1970-01-01
NAMESPACE = "AWS/S3"
UNITS = {"BucketSizeBytes": "Bytes", "NumberOfObjects": "Count"}
ALL_TYPES = "AllStorageTypes"
MAX_STATISTICS_POINTS = 1_440  # AWS: of a GetMetricStatistics call
FORGOTTEN_AFTER = 14  # days. AWS: ListMetrics shows metrics with data in the past two weeks
# AWS: how long points are kept, by the shortest period
RETENTION = ((3_600, 455), (300, 63), (60, 15))  # seconds, days


class Span(NamedTuple):
    """Days as proleptic ordinals, the end excluded."""

    first: int
    end: int


class Known(NamedTuple):
    """A metric that ListMetrics returns."""

    name: str
    bucket: str
    storage_type: str


class CloudWatch:
    """CloudWatch with AWS JSON, the protocol that botocore prefers."""

    names = ("monitoring",)

    def __init__(self, world: World) -> None:
        self._world = world
        self._today = world.today.toordinal()
        self._protocol = Json("1.0", query_compatible=True)
        self._known: dict[tuple[str, str], list[Known]] = {}
        self._filtered: dict[tuple[str, str, str | None, str | None], list[Known]] = {}

    def operation(self, request: Request, name: str) -> str:
        return self._protocol.operation(request)

    def bucket(self, request: Request) -> str | None:
        return None

    def answer(self, call: Call) -> Response | None:
        protocol = self._protocol
        match call.operation:
            case "ListMetrics":
                result = self._list_metrics(call, protocol.decode(call.request, ListMetricsInput))
            case "GetMetricData":
                result = self._get_metric_data(call, protocol.decode(call.request, GetMetricDataInput))
            case "GetMetricStatistics":
                result = self._get_statistics(call, protocol.decode(call.request, GetMetricStatisticsInput))
            case _:
                return None
        return protocol.encode(call.operation, result)

    def refusal(self, why: Refusal, operation: str, arn: str) -> AwsError:
        return query_refusal("cloudwatch", why, operation, arn)

    def error(self, request: Request, error: AwsError) -> Response:
        return self._protocol.error(error)

    # ListMetrics

    def _list_metrics(self, call: Call, parameters: ListMetricsInput) -> dict[str, Any]:
        if parameters.recently_active not in (None, "PT3H"):
            raise invalid(f"RecentlyActive must be PT3H, not {parameters.recently_active!r}")
        if parameters.include_linked_accounts:
            owned = self._owned(call, parameters)
            metrics = [known for _, known in owned]
        else:
            owned, metrics = [], self._matching(call.account, call.region, parameters)
        filters = (parameters.namespace, parameters.metric_name, parameters.recently_active, parameters.owning_account)
        scope = repr((*filters, sorted(map(str, parameters.dimensions))))
        start = _offset(parameters.next_token, scope, "InvalidParameterValue")
        result: dict[str, Any] = {"Metrics": [_metric(known) for known in metrics[start : start + PAGE]]}
        if parameters.include_linked_accounts:
            result["OwningAccounts"] = [owner for owner, _ in owned[start : start + PAGE]]
        if start + PAGE < len(metrics):
            result["NextToken"] = _token(scope, start + PAGE)
        return result

    def _owned(self, call: Call, parameters: ListMetricsInput) -> list[tuple[str, Known]]:
        """Return the metrics of the account and of those that share theirs with it, interleaved, with their owners."""
        owners = [call.account, *(self._world.accounts[link] for link in call.account.links)]
        owned = [
            (owner.id, known)
            for owner in owners
            if parameters.owning_account in (None, owner.id)
            for known in self._matching(owner, call.region, parameters)
        ]
        return sorted(owned, key=lambda metric: zlib.crc32(repr(metric[1]).encode()))

    def _matching(self, account: Account, region: str, parameters: ListMetricsInput) -> list[Known]:
        wanted: dict[str, str | None] = {"BucketName": None, "StorageType": None}
        for dimension in parameters.dimensions:
            earlier = wanted.get(dimension.name, "")
            if earlier == "" or (earlier is not None and dimension.value not in (None, earlier)):
                return []  # an unknown dimension, or two values for one
            wanted[dimension.name] = dimension.value if dimension.value is not None else earlier
        if parameters.namespace not in (None, NAMESPACE) or parameters.recently_active:
            return []  # a daily point appears more than three hours later
        name, bucket, type_ = parameters.metric_name, wanted["BucketName"], wanted["StorageType"]
        if bucket is not None:
            owned = account.buckets.get(bucket)
            if owned is None or owned.region != region:
                return []
            return _select(self._of_bucket(owned), name, type_)
        key = (account.id, region, name, type_)
        if key not in self._filtered:
            self._filtered[key] = _select(self._all(account, region), name, type_)
        return self._filtered[key]

    def _all(self, account: Account, region: str) -> list[Known]:
        """Return every visible metric of a region, in an arbitrary order."""
        key = (account.id, region)
        if key not in self._known:
            buckets = sorted(account.by_region.get(region, []), key=lambda bucket: zlib.crc32(bucket.name.encode()))
            self._known[key] = [metric for bucket in buckets for metric in self._of_bucket(bucket)]
        return self._known[key]

    def _of_bucket(self, bucket: Bucket) -> list[Known]:
        known = [
            Known("BucketSizeBytes", bucket.name, type_)
            for type_, series in bucket.sizes.items()
            if self._is_known(series)
        ]
        if bucket.count is not None and self._is_known(bucket.count):
            known.append(Known("NumberOfObjects", bucket.name, ALL_TYPES))
        return known

    def _is_known(self, series: Series) -> bool:
        newest = series.newest_day()
        return newest is not None and newest >= self._today - FORGOTTEN_AFTER

    # GetMetricData

    def _get_metric_data(self, call: Call, parameters: GetMetricDataInput) -> dict[str, Any]:
        queries = parameters.metric_data_queries
        start, end = window(parameters.start_time, parameters.end_time)
        check_queries(queries, parameters.scan_by)
        self._take_datapoints(call, queries, start, end)
        call.stats.metrics += len(queries)
        descending = parameters.scan_by == "TimestampDescending"
        periods = {query.metric_stat.period for query in queries if query.metric_stat is not None}
        spans = {period: self._span(period, start, end) for period in periods}
        results = [self._result(call, query, spans, descending, alone=len(queries) == 1) for query in queries]
        points = sum(len(result["Values"]) for result in results)
        if points <= parameters.max_datapoints and parameters.next_token is None:
            call.stats.datapoints += points
            return {"MetricDataResults": results, "Messages": []}
        return _page(results, parameters, points, call)

    def _take_datapoints(self, call: Call, queries: list[MetricDataQuery], start: int, end: int) -> None:
        """Take the data points of the quota. AWS: by range and period, whether the points exist or not."""
        points = sum((end - start) / q.metric_stat.period for q in queries if q.metric_stat is not None)
        recent = start > self._world.now().timestamp() - 3 * 3600
        if not call.take("GetMetricData:recent-datapoints" if recent else "GetMetricData:datapoints", points):
            raise self.refusal("throttled", call.operation, call.caller.arn)

    def _result(
        self, call: Call, query: MetricDataQuery, spans: dict[int, Span], descending: bool, *, alone: bool
    ) -> dict[str, Any]:
        stat = query.metric_stat
        if stat is None:
            raise AwsError("ValidationError", "The simulated account evaluates no expressions")
        if query.account_id not in (None, call.account.id):
            if query.account_id not in call.account.links:
                raise AwsError("ValidationError", f"The account {query.account_id} is not linked")
            owner = self._world.accounts[query.account_id]
            call = replace(call, caller=replace(call.caller, account=owner))
        find = {"Average": self._series, "Sum": self._requests}.get(stat.stat)
        series = find(call, stat.metric, stat.unit) if find else None
        times, values = _points(series, stat.period, spans[stat.period], descending)
        label = query.label or _label(stat.metric, alone)
        return {"Id": query.id, "Label": label, "Timestamps": times, "Values": values, "StatusCode": "Complete"}

    def _series(self, call: Call, metric: Metric, unit: str | None) -> Series | None:
        """Return the series of a metric with all its dimensions, in any order."""
        name = metric.metric_name or ""
        if metric.namespace != NAMESPACE or len(metric.dimensions) != 2:
            return None
        first, second = metric.dimensions
        if first.name == "StorageType":
            first, second = second, first
        bucket = call.account.buckets.get(first.value)
        if (first.name, second.name) != ("BucketName", "StorageType") or bucket is None:
            return None
        if bucket.region != call.region or unit not in (None, UNITS.get(name)):
            return None
        type_ = second.value
        if name == "BucketSizeBytes":
            return bucket.sizes.get(type_)
        return bucket.count if name == "NumberOfObjects" and type_ == ALL_TYPES else None

    def _requests(self, call: Call, metric: Metric, unit: str | None) -> Series | None:
        """Return a daily request metric of a bucket. AWS: it exists if a metrics configuration includes it."""
        dimensions = {dimension.name: dimension.value for dimension in metric.dimensions}
        bucket = call.account.buckets.get(dimensions.get("BucketName", ""))
        if metric.namespace != NAMESPACE or bucket is None or dimensions.keys() != {"BucketName", "FilterId"}:
            return None
        counted = bucket.settings.metrics.get(dimensions["FilterId"]) == "" and bucket.region == call.region
        return bucket.requests.get(metric.metric_name or "") if counted and unit is None else None

    def _span(self, period: int, start: int, end: int) -> Span:
        """Return the days whose points, at 00:00 UTC, are in a window. AWS: the start is rounded down to the period."""
        start = max(start // period * period, self._oldest(period))
        return Span(-(-start // DAY) + EPOCH, -(-end // DAY) + EPOCH)

    def _oldest(self, period: int) -> int:
        """Return the time of the oldest point that is kept for a period, in epoch seconds."""
        for shortest, days in RETENTION:
            if period % shortest == 0:
                return (self._today - EPOCH - days) * DAY
        return (self._today - EPOCH) * DAY

    # GetMetricStatistics

    def _get_statistics(self, call: Call, parameters: GetMetricStatisticsInput) -> dict[str, Any]:
        start, end = window(parameters.start_time, parameters.end_time)
        check_period(parameters.period)
        if not parameters.statistics or not set(parameters.statistics) <= STATISTICS:
            raise AwsError("MissingParameter", "The request must contain the parameter Statistics")
        if (end - start) / parameters.period > MAX_STATISTICS_POINTS:
            raise AwsError(
                "InvalidParameterCombination",
                f"You have requested up to {(end - start) // parameters.period} datapoints, "
                f"which exceeds the limit of {MAX_STATISTICS_POINTS}.",
            )
        metric = Metric(parameters.namespace, parameters.metric_name, parameters.dimensions)
        series = self._series(call, metric, parameters.unit) if "Average" in parameters.statistics else None
        times, values = _points(series, parameters.period, self._span(parameters.period, start, end), descending=False)
        call.stats.metrics += 1
        call.stats.datapoints += len(values)
        unit = UNITS.get(parameters.metric_name, "None")
        points = [
            {"Timestamp": float(at), "Average": value, "Unit": unit}
            for at, value in zip(times.seconds, values, strict=True)
        ]
        points.sort(key=lambda point: zlib.crc32(repr(point).encode()))  # AWS: in arbitrary order
        return {"Label": parameters.metric_name, "Datapoints": points}


def _points(series: Series | None, period: int, span: Span, descending: bool) -> tuple[Times, list[float]]:
    """Return the points of a series, averaged over periods longer than a day."""
    if series is None:
        return _times((), descending), []
    days = series.days(*span)
    values = series.values(days)
    if period <= DAY:
        if descending:
            values.reverse()
        return _times(days, descending), values
    bins: dict[int, list[float]] = {}
    for day, value in zip(days, values, strict=True):
        bins.setdefault((day - EPOCH) * DAY // period * period, []).append(value)
    pairs = sorted(((at, sum(in_) / len(in_)) for at, in_ in bins.items()), reverse=descending)
    return Times(tuple(at for at, _ in pairs)), [value for _, value in pairs]


@lru_cache(maxsize=4096)
def _times(days: range | tuple[int, ...], descending: bool) -> Times:
    return Times(tuple((day - EPOCH) * DAY for day in (reversed(days) if descending else days)))


def _select(metrics: Sequence[Known], name: str | None, type_: str | None) -> list[Known]:
    return [m for m in metrics if name in (None, m.name) and type_ in (None, m.storage_type)]


def _metric(known: Known) -> dict[str, Any]:
    return {
        "Namespace": NAMESPACE,
        "MetricName": known.name,
        "Dimensions": [
            {"Name": "StorageType", "Value": known.storage_type},
            {"Name": "BucketName", "Value": known.bucket},
        ],
    }


def _label(metric: Metric, alone: bool) -> str:
    if alone:
        return metric.metric_name or ""
    return " ".join([*(dimension.value for dimension in metric.dimensions), metric.metric_name or ""])


def _page(results: list[dict[str, Any]], parameters: GetMetricDataInput, points: int, call: Call) -> dict[str, Any]:
    """Return one page of the points, series after series; a series that continues is PartialData."""
    scope = repr((parameters.metric_data_queries, parameters.start_time, parameters.end_time, parameters.scan_by))
    skip = _offset(parameters.next_token, scope, "InvalidNextToken")
    stop = skip + parameters.max_datapoints
    start, page = 0, []
    for result in results:
        values, times = result["Values"], result["Timestamps"].seconds
        size = len(values)
        low, high = max(0, skip - start), min(size, stop - start)
        if low < high or (size == 0 and skip <= start and (start < stop or points <= stop)):
            status = "Complete" if high == size else "PartialData"
            cut = {"Timestamps": Times(times[low:high]), "Values": values[low:high], "StatusCode": status}
            page.append({**result, **cut})
            call.stats.datapoints += high - low
        start += size
    answer: dict[str, Any] = {"MetricDataResults": page, "Messages": []}
    if stop < points:
        answer["NextToken"] = _token(scope, stop)
    return answer


def _token(scope: str, offset: int) -> str:
    return base64.urlsafe_b64encode(f"{zlib.crc32(scope.encode()):08x}:{offset}".encode()).decode()


def _offset(token: str | None, scope: str, code: str) -> int:
    """Return the offset of a token. Raises AwsError if it is of another request."""
    if token is None:
        return 0
    try:
        text = base64.b64decode(token.encode(), b"-_", validate=True).decode()
    except (binascii.Error, UnicodeError) as error:
        raise AwsError(code, "The next token is not valid") from error
    digest, _, offset = text.partition(":")
    if digest != f"{zlib.crc32(scope.encode()):08x}" or not offset.isdigit():
        raise AwsError(code, "The next token is of another request")
    return int(offset)
