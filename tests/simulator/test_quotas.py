"""Quotas as token buckets: a second's worth at once, then the rate."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from s3_monitor.simulator import AWS_QUOTAS, Simulator
from s3_monitor.simulator.accounts import make_account
from s3_monitor.simulator.quotas import Quotas
from tests.simulator.clients import TODAY, client, metric, query, window


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@given(rate=st.integers(1, 100), steps=st.lists(st.floats(0, 0.5), max_size=200))
def test_in_any_time_no_more_is_let_through_than_a_second_ahead(rate: int, steps: list[float]) -> None:
    clock = Clock()
    quotas = Quotas({"ListMetrics": rate}, clock)
    passed = 0
    for step in steps:
        clock.seconds += step
        passed += quotas.take("1", "us-east-1", "ListMetrics")
        assert passed <= rate * (clock.seconds + 1) + 1e-6


def test_a_client_that_keeps_the_rate_is_never_refused() -> None:
    clock = Clock()
    quotas = Quotas({"ListMetrics": 25}, clock)
    for _ in range(200):
        assert quotas.take("1", "us-east-1", "ListMetrics")
        clock.seconds += 1 / 25


def test_accounts_and_regions_have_quotas_of_their_own_and_the_unnamed_is_free() -> None:
    quotas = Quotas({"ListMetrics": 1}, lambda: 0.0)
    places = [("1", "us-east-1"), ("1", "eu-west-1"), ("2", "us-east-1")]
    assert [quotas.take(*place, "ListMetrics") for place in places * 2] == [True] * 3 + [False] * 3
    assert all(quotas.take("1", "us-east-1", "ListBuckets") for _ in range(1000))


def test_a_rate_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="ListMetrics"):
        Quotas({"ListMetrics": 0})


def test_a_client_over_its_quota_is_throttled_and_counted() -> None:
    with Simulator(make_account("111122223333", []), today=TODAY, quotas={"ListMetrics": 3}) as simulator:
        cloudwatch = client(simulator, "cloudwatch")
        simulator.quotas = Quotas({"ListMetrics": 3}, lambda: 0.0)
        codes = [code_of(cloudwatch.list_metrics) for _ in range(5)]
        assert codes == ["", "", "", "Throttling", "Throttling"]
        assert simulator.counters.total("ListMetrics").throttled == 2
        assert simulator.counters.total("ListMetrics").calls == 5


def test_requested_datapoints_count_towards_the_quota_if_they_exist_or_not() -> None:
    with Simulator(make_account("111122223333", []), today=TODAY) as simulator:
        simulator.quotas = Quotas(AWS_QUOTAS, lambda: 0.0)
        cloudwatch = client(simulator, "cloudwatch")
        queries = [query(n, metric(f"bucket-{n}", "StandardStorage")) for n in range(500)]
        asked = {"MetricDataQueries": queries, **window(263)}  # 264 days: 132,000 points
        codes = [code_of(cloudwatch.get_metric_data, **asked) for _ in range(4)]
        assert codes == ["", "", "", "Throttling"], "396,000 a second"


def code_of(call: Any, **parameters: Any) -> str:
    try:
        call(**parameters)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""
