"""Parameters of CloudWatch operations, and their validation."""

import re
from typing import Annotated

import msgspec

from s3_monitor.simulator.errors import AwsError
from s3_monitor.simulator.protocols import Moment, seconds_of

PAGE = 500  # AWS: metrics per ListMetrics page, queries per GetMetricData call
MAX_DATAPOINTS = 100_800  # AWS: per GetMetricData page
STATISTICS = {"SampleCount", "Average", "Sum", "Minimum", "Maximum"}
_ID = re.compile(r"[a-z][A-Za-z0-9_]{0,254}")
_EXTENDED = re.compile(r"(p|tm|tc|ts|wm|iqm|pr)[\d.()%:]*", re.IGNORECASE)


class DimensionFilter(msgspec.Struct, rename="pascal", gc=False):
    name: str
    value: str | None = None


class ListMetricsInput(msgspec.Struct, rename="pascal", gc=False):
    namespace: str | None = None
    metric_name: str | None = None
    dimensions: Annotated[list[DimensionFilter], msgspec.Meta(max_length=30)] = []
    next_token: str | None = None
    recently_active: str | None = None
    include_linked_accounts: bool = False
    owning_account: str | None = None


class Dimension(msgspec.Struct, rename="pascal", gc=False):
    name: str
    value: str


class Metric(msgspec.Struct, rename="pascal", gc=False):
    namespace: str | None = None
    metric_name: str | None = None
    dimensions: list[Dimension] = []


class MetricStat(msgspec.Struct, rename="pascal", gc=False):
    metric: Metric
    period: int
    stat: str
    unit: str | None = None


class MetricDataQuery(msgspec.Struct, rename="pascal", gc=False):
    id: str
    metric_stat: MetricStat | None = None
    expression: str | None = None
    label: str | None = None
    return_data: bool = True
    account_id: str | None = None


class GetMetricDataInput(msgspec.Struct, rename="pascal", gc=False):
    metric_data_queries: list[MetricDataQuery]
    start_time: Moment
    end_time: Moment
    next_token: str | None = None
    scan_by: str = "TimestampDescending"
    max_datapoints: Annotated[int, msgspec.Meta(ge=1, le=MAX_DATAPOINTS)] = MAX_DATAPOINTS


class GetMetricStatisticsInput(msgspec.Struct, rename="pascal", gc=False):
    namespace: str
    metric_name: str
    start_time: Moment
    end_time: Moment
    period: int
    dimensions: list[Dimension] = []
    statistics: list[str] = []
    unit: str | None = None


def window(start_time: Moment, end_time: Moment) -> tuple[int, int]:
    """Return start and end in epoch seconds."""
    start, end = int(seconds_of(start_time)), int(seconds_of(end_time))
    if start >= end:
        raise AwsError("ValidationError", "The parameter StartTime must be less than the parameter EndTime.")
    return start, end


def check_period(period: int) -> None:
    """Raise AwsError for an invalid period. AWS: 1, 5, 10, 20, 30 or a multiple of 60 seconds."""
    if period not in (1, 5, 10, 20, 30) and (period < 60 or period % 60):
        raise invalid(f"Period must be 1, 5, 10, 20, 30 or a multiple of 60, not {period}")


def check_queries(queries: list[MetricDataQuery], scan_by: str) -> None:
    """Raise AwsError if AWS would reject the queries."""
    if not 1 <= len(queries) <= PAGE:
        raise AwsError(
            "ValidationError",
            f"The collection MetricDataQueries must have between 1 and {PAGE} members, not {len(queries)}.",
        )
    if scan_by not in ("TimestampDescending", "TimestampAscending"):
        raise AwsError("ValidationError", f"ScanBy {scan_by!r} is neither TimestampDescending nor TimestampAscending")
    if len({query.id for query in queries}) != len(queries):
        raise AwsError("ValidationError", "The values for parameter id in MetricDataQueries are not unique.")
    for query in queries:
        if not _ID.fullmatch(query.id):
            raise AwsError(
                "ValidationError", f"The value {query.id!r} for parameter MetricDataQueries.id is not valid."
            )
        stat = query.metric_stat
        if (stat is None) == (query.expression is None):
            raise AwsError("ValidationError", f"{query.id}: give either MetricStat or Expression")
        if stat is not None:
            check_period(stat.period)
            if stat.stat not in STATISTICS and not _EXTENDED.fullmatch(stat.stat):
                raise AwsError("ValidationError", f"The value {stat.stat!r} for parameter Stat is not supported.")


def invalid(message: str) -> AwsError:
    """Return the error of most invalid values."""
    return AwsError("InvalidParameterValue", message)
