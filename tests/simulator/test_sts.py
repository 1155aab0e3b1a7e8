"""STS: who one is, and roles with their external ids and ends."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from s3_monitor.simulator import Bucket, Role, Simulator
from s3_monitor.simulator.accounts import make_account
from tests.simulator.clients import MIDNIGHT, TODAY, client

HOME = make_account("111122223333", [Bucket("home", "us-east-1", MIDNIGHT)])
AWAY = make_account(
    "444455556666",
    [Bucket("away", "us-east-1", MIDNIGHT)],
    access_key="AKIASIMULATED00000002",
    roles=(Role("reader", external_id="shared-word"), Role("open", max_seconds=900)),
)


class Clock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 22, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def simulator(clock: Clock) -> Iterator[Simulator]:
    with Simulator([HOME, AWAY], today=TODAY, now=clock) as running:
        yield running


def assume(simulator: Simulator, role: str, **rest: Any) -> dict[str, Any]:
    sts = client(simulator, "sts")
    arn = role if role.startswith("arn:") else f"arn:aws:iam::{AWAY.id}:role/{role}"
    given: dict[str, Any] = sts.assume_role(RoleArn=arn, RoleSessionName="night-7", **rest)
    return given


def keys(given: dict[str, Any]) -> dict[str, str]:
    credentials = given["Credentials"]
    return {
        "aws_access_key_id": credentials["AccessKeyId"],
        "aws_secret_access_key": credentials["SecretAccessKey"],
        "aws_session_token": credentials["SessionToken"],
    }


def test_the_caller_of_an_access_key(simulator: Simulator) -> None:
    me = client(simulator, "sts", account=AWAY).get_caller_identity()
    assert (me["Account"], me["Arn"]) == (AWAY.id, f"arn:aws:iam::{AWAY.id}:user/monitor")


def test_a_role_opens_the_other_account_and_only_that(simulator: Simulator) -> None:
    given = assume(simulator, "reader", ExternalId="shared-word")
    assert given["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{AWAY.id}:assumed-role/reader/night-7"
    me = client(simulator, "sts", keys=keys(given)).get_caller_identity()
    assert (me["Account"], me["Arn"]) == (AWAY.id, given["AssumedRoleUser"]["Arn"])
    buckets = client(simulator, "s3", keys=keys(given)).list_buckets()["Buckets"]
    assert [bucket["Name"] for bucket in buckets] == ["away"]


@pytest.mark.parametrize(
    ("role", "rest", "code"),
    [
        ("reader", {}, "AccessDenied"),
        ("reader", {"ExternalId": "another-word"}, "AccessDenied"),
        ("nobody", {}, "AccessDenied"),
        ("arn:aws:iam::999999999999:role/reader", {}, "AccessDenied"),
        ("arn:aws:iam::444455556666:user/somebody", {}, "ValidationError"),
        ("open", {"DurationSeconds": 43_201}, "ValidationError"),
    ],
)
def test_a_role_that_is_not_given(simulator: Simulator, role: str, rest: dict[str, Any], code: str) -> None:
    with pytest.raises(ClientError) as caught:
        assume(simulator, role, **rest)
    assert caught.value.response["Error"]["Code"] == code


def test_a_session_ends(simulator: Simulator, clock: Clock) -> None:
    given = assume(simulator, "open", DurationSeconds=3600)
    assert given["Credentials"]["Expiration"] == clock.time + timedelta(seconds=900), "the role allows no more"
    cloudwatch = client(simulator, "cloudwatch", keys=keys(given))
    cloudwatch.list_metrics(Namespace="AWS/S3")
    clock.time += timedelta(seconds=900)
    for service, call in (("cloudwatch", "list_metrics"), ("s3", "list_buckets"), ("sts", "get_caller_identity")):
        with pytest.raises(ClientError) as caught:
            getattr(client(simulator, service, keys=keys(given)), call)()
        assert caught.value.response["Error"]["Code"] == "ExpiredToken"


@pytest.mark.parametrize(
    ("service", "call", "code"),
    [
        ("s3", "list_buckets", "InvalidAccessKeyId"),
        ("cloudwatch", "list_metrics", "InvalidClientTokenId"),
        ("sts", "get_caller_identity", "InvalidClientTokenId"),
        ("s3tables", "list_table_buckets", "UnrecognizedClientException"),
    ],
)
@pytest.mark.parametrize("wrong", [{"aws_access_key_id": "AKIANOBODY"}, {"aws_session_token": "forged"}])
def test_unknown_keys_are_rejected(
    simulator: Simulator, service: str, call: str, code: str, wrong: dict[str, str]
) -> None:
    given = {"aws_access_key_id": HOME.access_key, "aws_secret_access_key": "x", **wrong}
    with pytest.raises(ClientError) as caught:
        getattr(client(simulator, service, keys=given), call)()
    assert caught.value.response["Error"]["Code"] == code
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
