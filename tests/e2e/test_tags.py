"""`s3-monitor tags check`: buckets without the tag, and commands that are safe for any tag."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import pytest

from s3_monitor.simulator import Billing, Bucket, Fault, Simulator
from s3_monitor.simulator.accounts import Account, make_account
from s3_monitor.simulator.settings import Settings
from tests.e2e.conftest import Done, Program

HOSTILE = '\'; rm -rf / #\n$(id) `id` "x" \\ ü'
FULL = {f"key{number}": "x" for number in range(50)}


def bucket(name: str, tags: Mapping[str, str] | None = None, region: str = "us-east-1", **fields: object) -> Bucket:
    return Bucket(name, region, datetime(2024, 1, 1, tzinfo=UTC), settings=Settings(tags=dict(tags or {})), **fields)  # type: ignore[arg-type]


def account(*buckets: Bucket, key: str = "AKIASIMULATED00000001", id_: str = "111122223333") -> Account:
    return make_account(id_, buckets, access_key=key)


GOOD = bucket("good", {"bucket_name": "good", "team": "a"})


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    found = (
        GOOD,
        bucket("bare", region="eu-west-1"),
        bucket("wrong", {"bucket_name": HOSTILE, "team": HOSTILE}),
        bucket("full", FULL),
    )
    with Simulator(account(*found), billing=Billing(tags={"bucket_name": "Inactive"})) as running:
        yield running


def commands(done: Done) -> list[list[str]]:
    """As a shell splits them. Every other line is a comment."""
    lines = done.out.splitlines()
    assert done.out.isascii() and all(line.startswith(("# ", "aws ")) for line in lines)
    return [shlex.split(line) for line in lines if not line.startswith("#")]


def test_what_is_wrong_is_named_and_the_commands_keep_all_other_tags(monitor: Program, simulator: Simulator) -> None:
    done = monitor("tags", "check", env=simulator.env())
    assert done.status == 4, done.err
    bare, wrong, activate = commands(done)
    assert bare[:7] == ["aws", "s3api", "put-bucket-tagging", "--bucket", "bare", "--region", "eu-west-1"]
    assert json.loads(bare[8]) == {"TagSet": [{"Key": "bucket_name", "Value": "bare"}]}
    assert json.loads(wrong[8]) == {
        "TagSet": [{"Key": "bucket_name", "Value": "wrong"}, {"Key": "team", "Value": HOSTILE}]
    }
    assert activate[:3] == ["aws", "ce", "update-cost-allocation-tags-status"]
    assert json.loads(activate[4]) == [{"TagKey": "bucket_name", "Status": "Active"}]
    assert '# "bucket_name" is not active for cost allocation' in done.out
    assert "# full: has no such tag, and already 50 others, the maximum" in done.out
    asked = simulator.counters.by_operation()
    assert asked["s3:GetBucketTagging"] == 4 and asked["ce:ListCostAllocationTags"] == 1
    assert not any("Put" in operation or "Update" in operation for operation in asked)


@pytest.mark.parametrize(
    ("own", "of_aws", "has_room"),
    [(46, 4, True), (49, 1, True), (49, 10, True), (50, 0, False), (50, 4, False), (0, 50, True)],
)
def test_tags_of_aws_do_not_count_and_are_kept(monitor: Program, own: int, of_aws: int, has_room: bool) -> None:
    tags = {f"key{number}": "x" for number in range(own)} | {f"aws:tag{number}": "x" for number in range(of_aws)}
    with Simulator(account(bucket("tagged", tags)), billing=Billing(tags={"bucket_name": "Active"})) as running:
        done = monitor("tags", "check", env=running.env())
    found = commands(done)
    assert (done.status, "the maximum" in done.out, len(found)) == (4, not has_room, int(has_room))
    if has_room:
        (command,) = found
        written = {tag["Key"]: tag["Value"] for tag in json.loads(command[8])["TagSet"]}
        assert written == {**tags, "bucket_name": "tagged"}


def test_a_tag_that_only_aws_can_set_is_rejected(monitor: Program, simulator: Simulator) -> None:
    for tag in ("aws:createdBy", "AWS:x"):
        done = monitor("tags", "check", "--tag", tag, env=simulator.env())
        assert (done.status, "must not begin with aws:" in done.err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [(("-b", "b*"), ["bare"]), (("-r", "us-east-1"), ["wrong"]), (("--tag", "team"), ["bare", "wrong"])],
)
def test_the_check_accepts_a_selection_and_another_tag(
    monitor: Program, simulator: Simulator, arguments: tuple[str, ...], named: list[str]
) -> None:
    found = commands(monitor("tags", "check", *arguments, env=simulator.env()))
    assert [command[4] for command in found if command[1] == "s3api" and command[4] != "good"] == named


def test_where_all_is_right_nothing_is_to_be_run(monitor: Program) -> None:
    with Simulator(account(GOOD)) as running:
        done = monitor("tags", "check", env=running.env())
    assert (done.status, commands(done)) == (0, [])
    assert "cost allocation by the tag: active" in done.err


def test_an_unused_tag_and_an_inactive_tag_have_different_messages(monitor: Program) -> None:
    with Simulator(account(GOOD), billing=Billing(tags={})) as running:
        done = monitor("tags", "check", env=running.env())
    assert done.status == 4 and "is not on any bill yet" in done.out


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (Fault("deny", operation="GetBucketTagging", bucket="bare"), "allow s3:GetBucketTagging to the role or user"),
        (Fault("deny", service="ce"), "allow ce:ListCostAllocationTags to the role or user"),
    ],
)
def test_a_tag_that_could_not_be_read_is_a_gap_and_not_a_missing_tag(
    monitor: Program, simulator: Simulator, fault: Fault, says: str
) -> None:
    simulator.faults.add(fault)
    done = monitor("tags", "check", env=simulator.env())
    assert done.status == 3
    assert says in done.err
    assert ("bare" in done.out) == (fault.service == "ce")
    assert ("update-cost-allocation-tags-status" in done.out) == (fault.service != "ce")


def test_the_payer_can_have_other_credentials(monitor: Program) -> None:
    main, payer = account(GOOD), account(key="AKIASIMULATED00000002", id_="999900001111")
    with Simulator([main, payer], billing=Billing(payer=payer.id)) as running:
        environment = running.env(profiles={"billing": payer})
        assert monitor("tags", "check", env=environment).status == 3
        assert monitor("tags", "check", "--payer-profile", "billing", env=environment).status == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("-b", "nowhere"), "-b nowhere: no such bucket"),
        (("-r", "us-est-1"), "did you mean us-east-1"),
        (("--tag", ""), "1 to 128 printable characters"),
    ],
)
def test_wrong_usage_sends_no_request_to_buckets(
    monitor: Program, simulator: Simulator, arguments: tuple[str, ...], says: str
) -> None:
    done = monitor("tags", "check", *arguments, env=simulator.env())
    assert done.status == 2 and says in done.err and done.out == ""
    assert simulator.counters.total("GetBucketTagging").calls == 0
