"""Request metrics: the sums of the requested days, or nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from s3_monitor.aws.cloudwatch import CloudWatchApi
from s3_monitor.aws.rate_limiter import RateLimits
from s3_monitor.model.errors import AwsError
from s3_monitor.model.request_metrics import METRICS, RequestMetrics
from tests.collect.canned_responses import server
from tests.collect.fixtures import UNPACED, Clients

START = datetime(2026, 11, 1, tzinfo=UTC)
END = START + timedelta(days=10)
LAST = int(END.timestamp()) - 86_400


def received(*points: tuple[Any, Any]) -> RequestMetrics | None:
    """Return the request metrics if the first metric has these points (time, value) and the others have none."""
    times, values = [time for time, _ in points], [value for _, value in points]
    others = [{"Id": f"m{place}"} for place in range(1, len(METRICS))]
    return answered({"MetricDataResults": [{"Id": "m0", "Timestamps": times, "Values": values}, *others]})


def answered(*pages: dict[str, Any]) -> RequestMetrics | None:
    left = list(pages)

    def script(operation: str, question: dict[str, Any]) -> tuple[int, Any]:
        return 200, left.pop(0) if len(left) > 1 else left[0]

    with server(script) as url:
        api = CloudWatchApi(Clients(url), RateLimits(UNPACED))
        return api.read_request_metrics("b", "all", "us-east-1", START, END)


def test_days_that_were_not_requested_do_not_count() -> None:
    assert received((LAST, 5.0), (LAST + 86_400, 7.0), (LAST - 20 * 86_400, 7.0)) == RequestMetrics(
        1, {"GetRequests": 5}
    )


@pytest.mark.parametrize("value", [-1.0, "NaN", 1e308, 2.0**63, None, "many"])
def test_an_invalid_amount_makes_the_requests_unknown(value: object) -> None:
    with pytest.raises(AwsError, match="must be a number"):
        received((LAST, 5.0), (LAST - 86_400, value))


@pytest.mark.parametrize(
    "time",
    [
        "yesterday",
        None,
        True,
        "9999-12-31T00:00:00Z",
        "2090-01-01T00:00:00Z",
        86_400,
        -1.0,
        1e300,
    ],
)
def test_a_value_without_a_time_makes_the_requests_unknown(time: object) -> None:
    with pytest.raises(AwsError, match="have a time"):
        received((LAST, 5.0), (time, 6.0))


def test_a_sum_that_is_too_large_makes_the_requests_unknown() -> None:
    with pytest.raises(AwsError, match="must not exceed"):
        received((LAST, 2.0**62), (LAST - 86_400, 2.0**62))


RESULTS = [{"Id": f"m{place}", "Timestamps": [LAST], "Values": [1.0]} for place in range(len(METRICS))]


@pytest.mark.parametrize(
    "results",
    [
        [],
        RESULTS[1:],
        [*RESULTS[:-1], {"Id": "m-1", "Timestamps": [LAST], "Values": [1.0]}],
        [*RESULTS[:-1], {**RESULTS[-1], "StatusCode": "PartialData"}],
        [*RESULTS[:-1], {**RESULTS[-1], "Values": None}],
    ],
)
def test_requests_are_unknown_unless_every_metric_was_received_completely(results: list[dict[str, Any]]) -> None:
    with pytest.raises(AwsError):
        answered({"MetricDataResults": results})


def test_a_metric_may_continue_on_the_next_page() -> None:
    partial = {**RESULTS[0], "StatusCode": "PartialData"}
    rest = {"Id": "m0", "Timestamps": [LAST - 86_400], "Values": [4.0]}
    found = answered({"MetricDataResults": [partial, *RESULTS[1:]], "NextToken": "more"}, {"MetricDataResults": [rest]})
    assert found == RequestMetrics(2, {METRICS[0]: 5, **dict.fromkeys(METRICS[1:], 1)})


def test_repeated_pages_end() -> None:
    with pytest.raises(AwsError, match="repeat"):
        answered({"MetricDataResults": RESULTS, "NextToken": "same"})
