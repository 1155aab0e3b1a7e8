"""If a request fails, all other data is collected, and the missing data is named."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from s3_monitor.model.plan import ListingRule
from s3_monitor.simulator import Account, Fault, ObjectList, Simulator
from s3_monitor.simulator.accounts import make_account
from tests.collect.fixtures import ACCOUNT, AUTO, TODAY, buckets, collected, facts, read_timeout, unit
from tests.collect.test_shard import OLD, assert_true, made
from tests.problems import codes

HERE, THERE = unit("us-east-1"), unit("eu-west-1")


@pytest.fixture(scope="module")
def account() -> Account:
    held = ObjectList(5, OLD)
    return make_account(
        ACCOUNT,
        [made(f"here-{n:03d}", 3, objects=held) for n in range(200)] + [made("there", 2, "eu-west-1", objects=held)],
    )


@pytest.fixture
def simulator(account: Account) -> Iterator[Simulator]:
    with Simulator(account, today=TODAY) as running:
        yield running


HERE_ONLY = {"region": "us-east-1", "service": "monitoring"}


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault("deny", **HERE_ONLY, operation="ListMetrics"), "not authorized to perform: cloudwatch:ListMetrics"),
        (Fault("throttle", **HERE_ONLY, operation="ListMetrics"), "Rate exceeded (Throttling)"),
        (Fault("error", **HERE_ONLY, operation="ListMetrics"), "(InternalServiceError)"),
        (Fault("error", **HERE_ONLY, operation="ListMetrics", status=503), "(InternalServiceError)"),
        (Fault("disabled", **HERE_ONLY, operation="ListMetrics"), "(InvalidClientTokenId)"),
        (Fault("reset", **HERE_ONLY, operation="ListMetrics"), "Could not reach CloudWatch: "),
        (Fault("cut", **HERE_ONLY, operation="ListMetrics"), "Could not reach CloudWatch: "),
        (Fault("hang", **HERE_ONLY, operation="ListMetrics"), "Could not reach CloudWatch: "),
        (Fault("malformed", **HERE_ONLY, operation="ListMetrics"), "could not read the response"),
    ],
    ids=lambda value: f"{value.action} {value.status}" if isinstance(value, Fault) else None,
)
def test_a_region_whose_series_cannot_be_listed_is_one_gap_and_the_others_are_complete(
    simulator: Simulator, account: Account, fault: Fault, said: str
) -> None:
    simulator.faults.add(fault)
    part = collected(simulator.url, HERE, THERE, read_timeout=read_timeout(fault.action))
    assert part.status == "partial"
    (problem,) = part.problems
    code = "cloudwatch-unreachable" if "reach" in said else "storage-metrics-unlisted"
    assert (problem.code, problem.place) == (code, f"{ACCOUNT}/us-east-1")
    assert "ListMetrics" in problem.message
    assert said in problem.message
    assert_true(part, [THERE], account)
    broken = facts(part, HERE)
    assert (broken.listed, broken.sizes, broken.counts) == (True, False, False)
    assert len(broken.buckets) == 200
    assert all(bucket.listed and not bucket.sizes and bucket.count is None for bucket in broken.buckets)


@pytest.mark.parametrize(
    "fault",
    [
        Fault("deny", **HERE_ONLY, operation="GetMetricData"),
        Fault("throttle", **HERE_ONLY, operation="GetMetricData"),
        Fault("error", **HERE_ONLY, operation="GetMetricData"),
        Fault("hang", **HERE_ONLY, operation="GetMetricData"),
        Fault("malformed", **HERE_ONLY, operation="GetMetricData"),
    ],
    ids=lambda fault: fault.action,
)
def test_unreadable_points_are_a_gap_of_sizes_and_one_of_counts_and_their_series_are_unanswered(
    simulator: Simulator, account: Account, fault: Fault
) -> None:
    simulator.faults.add(fault)
    part = collected(simulator.url, HERE, THERE, read_timeout=read_timeout(fault.action))
    assert part.status == "partial"
    unreachable = ["cloudwatch-unreachable"]
    expected = unreachable if fault.action == "hang" else ["object-count-unreadable", "size-unreadable"]
    assert codes(part.problems) == [(code, f"{ACCOUNT}/us-east-1") for code in expected]
    assert all("GetMetricData" in problem.message for problem in part.problems)
    assert_true(part, [THERE], account)
    broken = facts(part, HERE)
    assert (broken.listed, broken.sizes, broken.counts) == (True, True, True)
    assert len(broken.unanswered) == 800
    assert ("here-000", "") in broken.unanswered
    assert ("here-000", "StandardStorage") in broken.unanswered


def test_a_failed_batch_loses_only_its_own_series(simulator: Simulator) -> None:
    simulator.faults.add(Fault("error", operation="GetMetricData", first=1))
    part = collected(simulator.url, HERE)
    assert part.status == "partial"
    lost = set(facts(part, HERE).unanswered)
    assert len(lost) in (300, 500)
    assert {problem.code for problem in part.problems} <= {"object-count-unreadable", "size-unreadable"}
    assert sum(problem.count or 0 for problem in part.problems) == len(lost)
    for bucket in facts(part, HERE).buckets:
        kept = {part.types[index] for index, _ in bucket.sizes}
        missing = {type_ for name, type_ in lost if name == bucket.name and type_}
        assert len(kept | missing) == 3
        assert not kept & missing
        assert (bucket.count is None) == ((bucket.name, "") in lost)


def test_a_list_of_series_that_fails_on_a_later_page_keeps_the_earlier_ones(simulator: Simulator) -> None:
    sizes_only = unit(rest=False)  # 600 byte series: two pages
    simulator.faults.add(Fault("error", operation="ListMetrics", after=1))
    part = collected(simulator.url, sizes_only)
    broken = facts(part, sizes_only)
    assert not broken.sizes
    assert sum(len(bucket.sizes) for bucket in broken.buckets) == 500
    (problem,) = part.problems
    assert problem.code == "storage-types-unlisted"


@pytest.mark.parametrize("action", ["throttle", "error", "reset", "cut", "malformed"])
def test_a_request_that_fails_once_is_retried(simulator: Simulator, account: Account, action: str) -> None:
    for operation in ("ListMetrics", "GetMetricData", "ListBuckets"):
        simulator.faults.add(Fault(action, operation=operation, first=1))  # type: ignore[arg-type]
    part = collected(simulator.url, HERE, attempts=4)
    assert part.status == "complete"
    assert_true(part, [HERE], account)
    assert part.calls.total == simulator.counters.total().calls


def test_an_account_that_denies_listbuckets_still_has_its_series(simulator: Simulator) -> None:
    simulator.faults.add(Fault("deny", operation="ListBuckets"))
    part = collected(simulator.url, HERE, listing=AUTO)
    assert part.status == "partial"
    (problem,) = part.problems
    assert (problem.code, problem.place) == ("bucket-list-incomplete", f"{ACCOUNT}/us-east-1")
    assert problem.advice == "allow s3:ListAllMyBuckets to the role or user"
    broken = facts(part, HERE)
    assert not broken.listed
    assert len(broken.buckets) == 200
    assert all(len(bucket.sizes) == 3 and not bucket.listed for bucket in broken.buckets)


def test_credentials_that_expire_lose_only_the_requests_still_open(simulator: Simulator) -> None:
    simulator.faults.add(Fault("expire", operation="GetMetricData"))
    part = collected(simulator.url, HERE)
    assert part.status == "partial"
    assert any("ExpiredToken" in problem.message for problem in part.problems)
    assert len(facts(part, HERE).unanswered) >= 500
    assert not any(bucket.sizes or bucket.count for bucket in facts(part, HERE).buckets)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault("expire"), "expired"),
        (Fault("deny"), "not authorized"),
        (Fault("reset"), "GetCallerIdentity"),
        (Fault("hang"), "GetCallerIdentity"),
    ],
    ids=lambda value: value.action if isinstance(value, Fault) else None,
)
def test_an_account_without_any_response_is_a_failed_part(simulator: Simulator, fault: Fault, said: str) -> None:
    simulator.faults.add(fault)
    part = collected(simulator.url, HERE, THERE, read_timeout=read_timeout(fault.action))
    assert part.status == "failed"
    (problem,) = part.problems
    assert (problem.code, problem.place) == ("account-inaccessible", ACCOUNT)
    assert said in problem.message
    assert [len(answer.buckets) for answer in part.units] == [0, 0]
    assert not any(answer.listed or answer.sizes or answer.counts for answer in part.units)


def test_credentials_of_another_account_than_planned_send_no_further_requests(simulator: Simulator) -> None:
    elsewhere = unit(account="999999999999")
    part = collected(simulator.url, elsewhere)
    assert part.status == "failed"
    (problem,) = part.problems
    assert (problem.code, problem.place) == ("wrong-account", "999999999999")
    assert f"got account {ACCOUNT} (aws)" in problem.message
    assert simulator.counters.by_operation() == {"sts:GetCallerIdentity": 1}


# listings


def test_a_denied_listing_is_a_gap_and_the_other_buckets_are_listed(simulator: Simulator) -> None:
    simulator.faults.add(Fault("deny", operation="ListObjectsV2", bucket="here-007"))
    part = collected(simulator.url, HERE, listing=AUTO)
    (problem,) = part.problems
    assert (problem.code, problem.place) == ("last-modified-unreadable", f"{ACCOUNT}/us-east-1/here-007")
    assert problem.advice == "allow s3:ListBucket to the role or user"
    assert {name for name, bucket in buckets(part, HERE).items() if bucket.listing is None} == {"here-007"}


def test_an_account_that_denies_every_listing_is_one_gap(simulator: Simulator) -> None:
    simulator.faults.add(Fault("deny", operation="ListObjectsV2"))
    part = collected(simulator.url, HERE, listing=AUTO)
    (problem,) = part.problems
    assert (problem.code, problem.place) == ("last-modified-unreadable", f"{ACCOUNT}/us-east-1")
    assert "of 200 buckets (here-000, here-001, here-002, …): ListObjectsV2" in problem.message


def test_an_unreachable_s3_endpoint_is_not_tried_for_each_bucket(simulator: Simulator) -> None:
    simulator.faults.add(Fault("hang", operation="ListObjectsV2", region="us-east-1"))
    part = collected(simulator.url, HERE, THERE, listing=AUTO, read_timeout=read_timeout("hang"))
    (problem,) = part.problems
    assert (problem.code, problem.place) == ("last-modified-unreadable", f"{ACCOUNT}/us-east-1")
    assert "200 or more buckets" in problem.message
    assert buckets(part, THERE)["there"].listing is not None
    assert simulator.counters.total("ListObjectsV2", region="us-east-1").calls <= 32


def test_if_the_object_counts_are_denied_not_every_bucket_is_listed(simulator: Simulator) -> None:
    simulator.faults.add(Fault("deny", operation="ListMetrics"))
    part = collected(simulator.url, HERE, listing=AUTO)
    assert simulator.counters.total("ListObjectsV2").calls == 0
    assert part.status == "partial"


def test_with_mode_all_listings_do_not_wait_for_counts(simulator: Simulator) -> None:
    simulator.faults.add(Fault("deny", operation="ListMetrics"))
    part = collected(simulator.url, HERE, listing=ListingRule("all"))
    assert all(bucket.listing is not None for bucket in facts(part, HERE).buckets)


# interruption


@pytest.mark.parametrize(
    "operation", ["GetCallerIdentity", "ListBuckets", "ListMetrics", "GetMetricData", "ListObjectsV2"]
)
def test_an_interruption_returns_the_data_received_so_far(
    simulator: Simulator, account: Account, operation: str
) -> None:
    stop = threading.Event()
    simulator.faults.add(Fault("hang", operation=operation, region="us-east-1"))

    def stop_when_it_hangs() -> None:
        while not simulator.counters.total(operation).calls:
            stop.wait(0.01)
        stop.set()

    threading.Thread(target=stop_when_it_hangs, daemon=True).start()
    part = collected(simulator.url, HERE, listing=AUTO, stop=stop)
    assert [problem.code for problem in part.problems] == ["shard-interrupted"]
    assert part.status != "complete"
    answer = facts(part, HERE)
    if operation == "GetCallerIdentity":
        assert part.status == "failed"
    if operation == "ListObjectsV2":  # a bucket and its count were received before
        assert part.status == "partial"
        assert any(bucket.count is not None for bucket in answer.buckets)
    assert not answer.sizes or operation not in ("GetCallerIdentity", "ListMetrics")


def test_no_request_is_sent_after_an_interruption(account: Account) -> None:
    stop = threading.Event()
    stop.set()
    with Simulator(account, today=TODAY) as simulator:
        part = collected(simulator.url, HERE, THERE, stop=stop)
        assert simulator.counters.total("ListMetrics").calls == 0
    assert part.status == "failed"
