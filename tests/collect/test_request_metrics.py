"""Request metrics are read only of buckets with an unfiltered configuration."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from s3_monitor.collect.shard import collect_shard
from s3_monitor.merge.merger import merge
from s3_monitor.model.part import Part
from s3_monitor.model.plan import Plan
from s3_monitor.model.request_metrics import METRICS, RequestMetrics
from s3_monitor.report.data import buckets_and_summary
from s3_monitor.simulator import Bucket, Fault, Series, Settings, Simulator
from s3_monitor.simulator.accounts import make_account
from tests.collect.fixtures import ACCOUNT, NOW, TODAY, UNPACED, Clients, facts, plan_of, unit
from tests.collect.test_shard import OLD, YESTERDAY
from tests.money.test_request_costs import PRICES

HERE = unit()


def counting(name: str, first: int, last: int = YESTERDAY + 1, **filters: str) -> Bucket:
    """Return a bucket with counts of every day in a range; today's count is of an incomplete day."""
    metrics = {"GetRequests": Series(first, last, 1000), "BytesDownloaded": Series(first, last, 2**30)}
    sizes = {"StandardStorage": Series(YESTERDAY - 20, YESTERDAY, 5)}
    return Bucket(name, "us-east-1", OLD, sizes, requests=metrics, settings=Settings(metrics=filters))


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    buckets = [
        counting("whole", YESTERDAY - 9, EntireBucket=""),
        counting("young", YESTERDAY, Whole="", part="x/"),
        counting("paused", YESTERDAY - 9, YESTERDAY - 5, EntireBucket=""),
        counting("part", YESTERDAY - 9, logs="logs/"),
        counting("plain", YESTERDAY - 9),
        counting("unused", YESTERDAY + 1, EntireBucket=""),
    ]
    with Simulator(make_account(ACCOUNT, buckets), today=TODAY) as running:
        yield running


def asking(days: int = 20, **rules: bool) -> Plan:
    return msgspec.structs.replace(plan_of([HERE], days=days), requests=True, **rules)


def run(simulator: Simulator, plan: Plan | None = None) -> Part:
    from threading import Event

    from s3_monitor.aws.account import AwsAccount
    from s3_monitor.aws.rate_limiter import RateLimits

    plan, clients, paces = plan or asking(), Clients(simulator.url), RateLimits(UNPACED)
    return collect_shard(
        plan, "digest", plan.shards[0], lambda access: AwsAccount(clients, paces),
        now=lambda: NOW, stop=Event(), log=lambda line: None,
    )  # fmt: skip


def test_counts_are_summed_over_complete_days(simulator: Simulator) -> None:
    part = run(simulator)
    assert part.problems == []
    assert dict(facts(part, HERE).traffic) == {
        "whole": RequestMetrics(10, {"GetRequests": 10_000, "BytesDownloaded": 10 * 2**30}),
        "young": RequestMetrics(1, {"GetRequests": 1000, "BytesDownloaded": 2**30}),
        "paused": RequestMetrics(10, {"GetRequests": 5000, "BytesDownloaded": 5 * 2**30}),
    }


def test_only_the_metrics_of_unfiltered_configurations_are_requested_and_billed(simulator: Simulator) -> None:
    part = run(simulator)
    asked = simulator.counters.by_operation()
    assert asked["s3:ListBucketMetricsConfigurations"] == 6
    assert "s3:GetBucketTagging" not in asked
    assert "s3tables:ListTableBuckets" not in asked
    assert part.calls.metrics == simulator.counters.total("GetMetricData").metrics == 4 * len(METRICS) + 6
    assert facts(part, HERE).details == []


def test_without_the_option_no_request_metrics_are_requested(simulator: Simulator) -> None:
    part = run(simulator, plan_of([HERE]))
    assert "s3:ListBucketMetricsConfigurations" not in simulator.counters.by_operation()
    assert facts(part, HERE).traffic == []


def test_details_and_requests_read_each_configuration_once(simulator: Simulator) -> None:
    part = run(simulator, asking(details=True))
    assert simulator.counters.by_operation()["s3:ListBucketMetricsConfigurations"] == 6
    assert len(facts(part, HERE).details) == 6
    assert len(facts(part, HERE).traffic) == 3


def test_a_denied_configuration_is_a_gap_of_its_bucket(simulator: Simulator) -> None:
    simulator.faults.add(Fault("deny", operation="ListBucketMetricsConfigurations", bucket="whole"))
    part = run(simulator)
    (problem,) = part.problems
    assert (problem.code, problem.place) == ("metrics-unreadable", f"{ACCOUNT}/us-east-1/whole")
    assert problem.advice == "allow s3:GetMetricsConfiguration to the role or user"
    assert sorted(dict(facts(part, HERE).traffic)) == ["paused", "young"]


def test_unreadable_request_metrics_are_gaps_and_everything_else_is_reported(simulator: Simulator) -> None:
    simulator.faults.add(Fault("error", operation="GetMetricData", after=1))
    part = run(simulator)
    assert [problem.code for problem in part.problems].count("requests-unreadable") >= 3


def test_the_report_prices_requests_separately_from_the_cost(simulator: Simulator) -> None:
    plan, part = asking(), run(simulator)
    found, summary = buckets_and_summary(merge(plan, "digest", [part, part]), PRICES, NOW)
    by_name = {one.name: one for one in found}
    whole = by_name["whole"].requests
    assert whole and (whole.days, whole.counts["GetRequests"]) == (10, 10_000.0)
    assert (whole.cost, whole.egress_at_most) == (0.012, 2.7)  # 30,000 GETs; 30 GB
    assert by_name["plain"].requests is None
    assert summary.requests and (summary.requests.buckets, summary.requests.unknown_buckets) == (3, 3)
    assert summary.requests.cost == pytest.approx(0.012 + 0.012 + 0.006)
    assert summary.totals.cost is None  # this price book has no storage prices, so the cost without requests is 0
    notes = [problem.message for problem in summary.problems if problem.code == "requests-not-measured"]
    assert notes == ["Requests of 3 buckets unknown"]
    assert b"requests" not in msgspec.json.encode(
        buckets_and_summary(merge(plan_of([HERE], days=20), "digest", [part]), PRICES, NOW)[0]
    )
