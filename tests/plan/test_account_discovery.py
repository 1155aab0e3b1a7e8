"""What is known of an account, and what of it could not be read."""

from __future__ import annotations

from typing import Any

import pytest

from s3_monitor.model.errors import AwsError, IncompleteList, MissingCredentialsError
from s3_monitor.model.identity import AccountBucket, Identity
from s3_monitor.model.plan import Access
from s3_monitor.plan.account_discovery import (
    DiscoveredAccount,
    attempt_concurrently,
    discover_accounts,
    map_concurrently,
)
from tests.plan.canned_discovery import Account, Memory
from tests.problems import codes

ROLE = "arn:aws:iam::444455556666:role/reader"
DENIED = AwsError("denied", "ListBuckets", "no")
LOST = MissingCredentialsError("no AWS credentials found", "name a profile")
KNOWN = Identity("111122223333", "aws-cn")


def bucket(name: str, region: str | None = "us-east-1") -> AccountBucket:
    return AccountBucket(name, 1_600_000_000, region)


@pytest.mark.parametrize(
    ("access", "identity", "number", "place", "partition"),
    [
        (Access(), None, None, "default credentials", ""),
        (Access(profile="p", credentials="c"), None, None, "profile p", ""),
        (Access(credentials="c"), None, None, "credentials c", ""),
        (Access(role_arn=ROLE), None, "444455556666", "444455556666", ""),
        (Access(role_arn=ROLE), KNOWN, "111122223333", "111122223333", "aws-cn"),
        (Access(profile="p"), KNOWN, "111122223333", "111122223333", "aws-cn"),
    ],
)
def test_an_account_is_named_by_its_id_else_by_its_role_else_by_its_credentials(
    access: Access, identity: Identity | None, number: str | None, place: str, partition: str
) -> None:
    account = DiscoveredAccount(access, identity)
    assert (account.number, account.place, account.partition) == (number, place, partition)


@pytest.mark.parametrize(
    ("buckets", "failure", "listed"), [(None, None, False), ([], None, True), ([], DENIED, False), (None, LOST, False)]
)
def test_buckets_are_listed_if_the_list_is_there_and_complete(buckets: Any, failure: Any, listed: bool) -> None:
    assert DiscoveredAccount(Access(), KNOWN, buckets=buckets, failure=failure).listed is listed


def test_buckets_are_counted_by_region_with_directory_buckets_and_without_unknown_regions() -> None:
    account = DiscoveredAccount(
        Access(),
        KNOWN,
        buckets=[bucket("a"), bucket("b"), bucket("c", "eu-west-1"), bucket("d", None)],
        directories=[bucket("e--use1-az4--x-s3", "us-east-1")],
    )
    assert account.names() == ["a", "b", "c", "d", "e--use1-az4--x-s3"]
    assert account.by_region(()) == {"us-east-1": 3, "eu-west-1": 1}
    assert account.by_region(["b", "c", "d"]) == {"us-east-1": 1, "eu-west-1": 1}


@pytest.mark.parametrize(("count", "problems"), [(0, 0), (1, 1), (20, 20), (21, 1)])
def test_up_to_twenty_buckets_of_unknown_region_are_problems_of_their_own(count: int, problems: int) -> None:
    buckets = [bucket("placed"), *(bucket(f"b{number:02}", None) for number in range(count)), bucket("other", None)]
    found = list(DiscoveredAccount(Access(), KNOWN, buckets=buckets).problems(["b*", "placed"]))
    assert {problem.code for problem in found} <= {"bucket-region-unknown"}
    assert len(found) == problems
    assert sum(problem.count or 1 for problem in found) == count
    if count == 20:
        assert [problem.bucket for problem in found] == sorted(problem.bucket or "" for problem in found)


@pytest.mark.parametrize(
    ("account", "code", "place"),
    [
        (DiscoveredAccount(Access(), failure=LOST), "credentials-unusable", ""),
        (DiscoveredAccount(Access(role_arn=ROLE), failure=LOST), "account-inaccessible", "444455556666"),
        (DiscoveredAccount(Access(), KNOWN, failure=DENIED), "bucket-list-incomplete", "111122223333"),
        (DiscoveredAccount(Access(), KNOWN, buckets=[], failure=DENIED), "bucket-list-incomplete", "111122223333"),
    ],
)
def test_a_failure_is_one_gap(account: DiscoveredAccount, code: str, place: str) -> None:
    assert codes(list(account.problems(()))) == [(code, place)]


def test_each_access_has_its_account_and_a_failure_is_part_of_it() -> None:
    incomplete = IncompleteList("ListBuckets", 2, [bucket("a")])
    memory = Memory(
        {
            "whole": Account("1", {"a": "eu-west-1"}),
            "lost": Account("2", failures={"identity": LOST}),
            "denied": Account("3", failures={"buckets": DENIED}),
            "incomplete": Account("4", failures={"buckets": incomplete}),
        }
    )
    accesses = [Access(profile=name) for name in ("whole", "lost", "denied", "incomplete")]
    found = discover_accounts(accesses, memory)
    assert list(found) == accesses
    assert found == {
        accesses[0]: DiscoveredAccount(accesses[0], Identity("1", "aws"), "us-east-1", [bucket("a", "eu-west-1")]),
        accesses[1]: DiscoveredAccount(accesses[1], failure=LOST),
        accesses[2]: DiscoveredAccount(accesses[2], Identity("3", "aws"), "us-east-1", failure=DENIED),
        accesses[3]: DiscoveredAccount(accesses[3], Identity("4", "aws"), "us-east-1", [bucket("a")], incomplete),
    }


@pytest.mark.parametrize("count", [0, 1, 2, 50])
def test_results_are_in_the_order_of_the_arguments(count: int) -> None:
    assert list(map_concurrently(str, range(count)).items()) == [(number, str(number)) for number in range(count)]


@pytest.mark.parametrize("failure", [DENIED, LOST])
def test_a_failure_is_a_result_and_a_defect_is_raised(failure: Exception) -> None:
    def call(number: int) -> int:
        if number == 1:
            raise failure
        return number

    assert attempt_concurrently(call, [0, 1, 2]) == {0: 0, 1: failure, 2: 2}
    with pytest.raises(ZeroDivisionError):
        attempt_concurrently(lambda number: 1 // number, [0])
