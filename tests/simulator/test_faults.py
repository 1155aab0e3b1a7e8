"""Faults on purpose: which calls they pick, and that a client sees what it would see of AWS or of a bad network."""

from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ReadTimeoutError,
)

from s3_monitor.simulator import Bucket, Fault, ObjectList, Role, Simulator
from s3_monitor.simulator.accounts import make_account
from s3_monitor.simulator.faults import Faults
from tests.simulator.clients import MIDNIGHT, TODAY, client, metric, query, window

ACCOUNT = make_account(
    "111122223333",
    [Bucket(name, "us-east-1", MIDNIGHT, objects=ObjectList(5, MIDNIGHT)) for name in ("alpha", "beta")],
    roles=(Role("reader"),),
)


def serve(*rules: str) -> Simulator:
    return Simulator(ACCOUNT, today=TODAY, faults=[Fault.parse(rule) for rule in rules])


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("deny", Fault("deny")),
        ("slow:seconds=0.5", Fault("slow", seconds=0.5)),
        (
            "deny:region=eu-*,operation=GetMetricData,first=3",
            Fault("deny", region="eu-*", operation="GetMetricData", first=3),
        ),
        ("error:status=503,every=4,after=2", Fault("error", status=503, every=4, after=2)),
    ],
)
def test_a_rule_is_written_in_a_line(text: str, fault: Fault) -> None:
    assert Fault.parse(text) == fault


@pytest.mark.parametrize(
    "text", ["", "explode", "deny:region", "deny:colour=red", "deny:action=slow", "deny:first=0", "slow:seconds=x"]
)
def test_a_rule_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Fault.parse(text)


@pytest.mark.parametrize(
    ("rule", "failing"),
    [
        ("deny", [1, 2, 3, 4, 5, 6]),
        ("deny:first=2", [1, 2]),
        ("deny:after=4", [5, 6]),
        ("deny:every=3", [3, 6]),
        ("deny:every=2,first=5,after=2", [4]),
    ],
)
def test_which_of_the_matching_calls_fail(rule: str, failing: list[int]) -> None:
    faults = Faults([Fault.parse(rule)])
    picked = [faults.pick("1", "us-east-1", "s3", "ListBuckets", None) for _ in range(6)]
    assert [number for number, fault in enumerate(picked, 1) if fault] == failing


@pytest.mark.parametrize(
    ("rule", "hits"),
    [
        ("deny:account=1*", True),
        ("deny:account=2", False),
        ("deny:region=us-*,service=s3", True),
        ("deny:operation=List*V2,bucket=al*", True),
        ("deny:bucket=beta", False),
    ],
)
def test_a_rule_matches_by_patterns(rule: str, hits: bool) -> None:
    picked = Faults([Fault.parse(rule)]).pick("1", "us-east-1", "s3", "ListObjectsV2", "alpha")
    assert (picked is not None) is hits


def test_a_rule_for_a_bucket_leaves_calls_without_one_alone() -> None:
    assert Faults([Fault.parse("deny:bucket=*a*")]).pick("1", "us-east-1", "s3", "ListBuckets", None) is None


@pytest.mark.parametrize(
    ("rule", "service", "call", "code", "status"),
    [
        ("deny", "cloudwatch", "list_metrics", "AccessDenied", 403),
        ("deny", "s3", "list_buckets", "AccessDenied", 403),
        ("deny", "s3tables", "list_table_buckets", "AccessDeniedException", 403),
        ("throttle", "cloudwatch", "list_metrics", "Throttling", 400),
        ("throttle", "s3", "list_buckets", "SlowDown", 503),
        ("error", "cloudwatch", "list_metrics", "InternalServiceError", 500),
        ("error:status=503", "s3", "list_buckets", "InternalError", 503),
        ("expire", "cloudwatch", "list_metrics", "ExpiredToken", 403),
        ("expire", "s3", "list_buckets", "ExpiredToken", 400),
        ("disabled", "cloudwatch", "list_metrics", "InvalidClientTokenId", 403),
    ],
)
def test_a_refusal_in_the_services_own_words(rule: str, service: str, call: str, code: str, status: int) -> None:
    with serve(rule) as simulator:
        with pytest.raises(ClientError) as caught:
            getattr(client(simulator, service), call)()
        assert caught.value.response["Error"]["Code"] == code
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
        assert simulator.counters.total().errors == {code: 1}
        assert simulator.counters.total().throttled == (rule == "throttle")


@pytest.mark.parametrize(
    ("rule", "error"),
    [
        ("reset", ConnectionClosedError),
        ("cut", ConnectionClosedError),
        ("malformed", ClientError),
        ("hang", ReadTimeoutError),
    ],
)
def test_a_bad_network(rule: str, error: type[Exception]) -> None:
    with serve(f"{rule}:first=1") as simulator:
        s3 = client(simulator, "s3")
        quick = client(simulator, "s3", read_timeout=0.3) if rule == "hang" else s3
        with pytest.raises(error):
            quick.list_buckets()
        assert len(s3.list_buckets()["Buckets"]) == 2, "the next call is well"
        assert simulator.counters.total("ListBuckets").calls == 2
        assert simulator.counters.total("ListBuckets").failed == 1


def test_botocore_reads_a_truncated_response_of_cloudwatch_as_an_empty_one() -> None:
    """Without an error: a client must detect that data is missing."""
    with serve("malformed") as simulator:
        cloudwatch = client(simulator, "cloudwatch")
        assert "Metrics" not in cloudwatch.list_metrics()
        asked = {"MetricDataQueries": [query(0, metric("alpha", "StandardStorage"))], **window()}
        assert "MetricDataResults" not in cloudwatch.get_metric_data(**asked)


def test_one_bucket_fails_and_the_other_does_not() -> None:
    with serve("deny:operation=ListObjectsV2,bucket=alpha") as simulator:
        s3 = client(simulator, "s3")
        assert s3.list_objects_v2(Bucket="beta")["KeyCount"] == 5
        with pytest.raises(ClientError, match="AccessDenied"):
            s3.list_objects_v2(Bucket="alpha")


def test_a_key_that_expired_stays_so_and_a_new_session_works() -> None:
    with serve("expire:service=s3,after=1,first=2") as simulator:
        s3 = client(simulator, "s3")
        s3.list_buckets()
        for _ in range(3):
            with pytest.raises(ClientError, match="ExpiredToken"):
                s3.list_buckets()


def test_a_sessions_end_can_be_overcome_by_another_session() -> None:
    def session(simulator: Simulator) -> Any:
        given = client(simulator, "sts").assume_role(
            RoleArn=f"arn:aws:iam::{ACCOUNT.id}:role/reader", RoleSessionName="night"
        )["Credentials"]
        keys = {"aws_access_key_id": given["AccessKeyId"], "aws_secret_access_key": given["SecretAccessKey"]}
        return client(simulator, "s3", keys={**keys, "aws_session_token": given["SessionToken"]})

    with serve("expire:service=s3,first=1") as simulator:
        first = session(simulator)
        for _ in range(2):
            with pytest.raises(ClientError, match="ExpiredToken"):
                first.list_buckets()
        assert len(session(simulator).list_buckets()["Buckets"]) == 2
