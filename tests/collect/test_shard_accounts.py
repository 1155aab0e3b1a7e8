"""What a shard requests of each account, and its log: an account in memory, without HTTP."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
import pytest

from s3_monitor.collect.shard import collect_shard
from s3_monitor.model.call_counts import CallCounter
from s3_monitor.model.errors import AwsError
from s3_monitor.model.identity import AccountBucket, Identity, SpecialKind
from s3_monitor.model.part import Part
from s3_monitor.model.plan import Access, Plan, Shard
from s3_monitor.model.responses import BUCKET_SIZE, MetricDataPage, MetricDataResult, SeriesName
from tests.collect.fixtures import ACCOUNT, NOW, facts, plan_of, unit

YESTERDAY = int(NOW.timestamp()) // 86_400 * 86_400 - 86_400
ROLE = "arn:aws:iam::123456789012:role/reader"
US, EU = unit("us-east-1"), unit("eu-west-1")


class MemoryAccount:
    """``buckets``: region by name. Each has a standard storage series of 5 bytes and 3 objects."""

    def __init__(
        self,
        buckets: Mapping[str, str | None],
        identity: Identity | None = None,
        special: Mapping[SpecialKind, list[str] | AwsError] | None = None,
    ) -> None:
        self._buckets, self._identity = buckets, identity or Identity(ACCOUNT, "aws")
        self._special = special or {}
        self.calls = CallCounter()
        self.lists: list[tuple[str | None, list[str]]] = []
        self.shares: list[tuple[str, int]] = []
        self.owner = ""

    def metered(self, calls: CallCounter, list_budget: object = None) -> MemoryAccount:
        self.calls = calls
        return self

    def identity(self) -> Identity:
        return self._identity

    def of_linked_account(self, owner: str) -> MemoryAccount:
        self.owner = owner
        return self

    def share_limits(self, region: str, shards: int) -> None:
        self.shares.append((region, shards))

    def bucket_pages(self, region: str | None, matches: Callable[[str], bool]) -> Iterator[list[AccountBucket]]:
        found = [AccountBucket(name, 7, where) for name, where in self._buckets.items() if matches(name)]
        self.lists.append((region, [bucket.name for bucket in found]))
        yield found

    def series_pages(
        self, region: str, metric: str, storage_type: str | None = None, bucket: str | None = None
    ) -> Iterator[list[SeriesName]]:
        type_ = "StandardStorage" if metric == BUCKET_SIZE else "AllStorageTypes"
        yield [SeriesName(metric, name, type_) for name, where in self._buckets.items() if where == region]

    def point_pages(
        self, region: str, series: Sequence[SeriesName], start: datetime, end: datetime
    ) -> Iterator[MetricDataPage]:
        values = {BUCKET_SIZE: [5]}
        results = [
            MetricDataResult(place, [YESTERDAY], values.get(name.metric, [3]), "Complete", "")
            for place, name in enumerate(series)
        ]
        yield MetricDataPage(results, [])

    def special_bucket_pages(self, kind: SpecialKind, region: str) -> Iterator[list[AccountBucket]]:
        found = self._special.get(kind, [])
        if isinstance(found, AwsError):
            raise found
        yield [AccountBucket(name, None if "bad" in name else 7, region, bad_date="bad" in name) for name in found]

    def read_property(self, bucket: str, region: str, name: str) -> object:
        raise AwsError("denied", name, "no")


def collect(
    account: MemoryAccount | Exception,
    plan: Plan,
    *,
    log: list[str] | None = None,
    stop: bool = False,
    calls: CallCounter | None = None,
) -> Part:
    event, lines = threading.Event(), [] if log is None else log
    if stop:
        event.set()

    def connect(access: Access) -> Any:
        if isinstance(account, Exception):
            raise account
        return account

    return collect_shard(
        plan, "digest", plan.shards[0], connect, now=lambda: NOW, stop=event, log=lines.append, calls=calls
    )


@pytest.mark.parametrize(
    ("access", "text"),
    [
        (Access(role_arn=ROLE, profile="p"), f"a role ({ROLE})"),
        (Access(profile="p"), "a profile (p)"),
        (Access(), "credentials"),
    ],
)
@pytest.mark.parametrize("identity", [Identity("999999999999", "aws"), Identity(ACCOUNT, "aws-cn")])
def test_another_account_or_partition_is_a_gap_that_names_the_credentials(
    access: Access, text: str, identity: Identity
) -> None:
    plan = msgspec.structs.replace(plan_of([US]), accesses=(access,))
    account = MemoryAccount({"a": "us-east-1"}, identity)
    part = collect(account, plan)
    (problem,) = part.problems
    assert (problem.code, problem.account, part.status) == ("wrong-account", ACCOUNT, "failed")
    assert text in f"{problem.message} {problem.advice}"
    assert (account.lists, account.shares) == ([], [])
    (data,) = part.units
    assert (data.listed, data.sizes, data.counts, data.buckets) == (False, False, False, [])


def test_an_account_that_cannot_be_opened_is_a_gap() -> None:
    part = collect(AwsError("denied", "AssumeRole", "no", advice="allow it"), plan_of([US]))
    (problem,) = part.problems
    assert (problem.code, problem.advice, part.status) == ("account-inaccessible", "allow it", "failed")


@pytest.mark.parametrize(
    ("units", "region", "names"),
    [
        ([US], "us-east-1", ["a", "b"]),
        ([US, EU], None, ["a", "b"]),
        ([unit(buckets=("a",))], "us-east-1", ["a"]),
        ([unit(buckets=("a",)), unit("eu-west-1", buckets=("b",))], None, ["a", "b"]),
        ([unit(buckets=("a",)), EU], None, ["a", "b"]),
    ],
)
def test_buckets_are_listed_once_by_region_and_name_if_all_units_name_them(
    units: list[Any], region: str | None, names: list[str]
) -> None:
    account = MemoryAccount({"a": "us-east-1", "b": "eu-west-1"})
    collect(account, plan_of(units))
    assert account.lists == [(region, names)]


def test_limits_are_shared_with_the_other_shards_of_the_plan_in_the_region() -> None:
    account = MemoryAccount({"a": "us-east-1"})
    plan = plan_of([US, EU])
    others = (Shard("t", "", "", 30, (US,)), Shard("u", "", "", 30, (US, unit(id="x"))))
    collect(account, msgspec.structs.replace(plan, shards=(*plan.shards, *others)))
    assert sorted(account.shares) == [("eu-west-1", 1), ("us-east-1", 3)]


def test_a_bucket_of_unknown_region_is_a_note_and_in_no_region() -> None:
    part = collect(MemoryAccount({"a": "us-east-1", "lost": None}), plan_of([US]))
    assert [(problem.code, problem.bucket, problem.region) for problem in part.problems] == [
        ("bucket-region-unknown", "lost", None)
    ]
    assert [bucket.name for bucket in facts(part, US).buckets] == ["a"]


def test_the_buckets_of_a_linked_account_are_not_listed_and_its_identity_is_not_compared() -> None:
    account = MemoryAccount({"a": "us-east-1"}, Identity("999999999999", "aws"))
    linked = unit(linked=True)
    part = collect(account, plan_of([linked]))
    assert (account.lists, account.owner, part.problems) == ([], ACCOUNT, [])
    (bucket,) = facts(part, linked).buckets
    assert (bucket.name, bucket.listed, facts(part, linked).listed) == ("a", False, False)


@pytest.mark.parametrize(
    ("units", "scope", "extent"),
    [
        ([US], f"{ACCOUNT}/us-east-1", "1 bucket, 2 series"),
        ([US, unit(id="again")], f"{ACCOUNT}/us-east-1", "1 bucket, 2 series"),
        ([US, EU], "1 account, 2 regions", "3 buckets, 6 series"),
        ([US, unit("us-east-1", id="x", account="2", access=1)], "2 accounts, 1 region", "1 bucket, 2 series"),
    ],
)
def test_the_log_has_the_scope_the_expected_calls_and_the_result(units: list[Any], scope: str, extent: str) -> None:
    account = MemoryAccount({"a": "us-east-1", "b": "eu-west-1", "c": "eu-west-1"})
    lines: list[str] = []
    part = collect(account, plan_of(units), log=lines)
    assert lines[0] == f"s: started, {scope}"
    assert lines[-1].startswith(f"s: {extent}, 0 calls, ") and lines[-1].endswith(f", {part.status}")
    assert [line for line in lines if " about " in line] == lines[1:-1]
    assert len(lines) == 3


def test_the_expected_calls_are_known_to_the_caller_and_include_those_sent() -> None:
    calls = CallCounter()
    for _ in range(9):
        calls.count("ListBuckets")
    collect(MemoryAccount({"a": "us-east-1"}), plan_of([US]), calls=calls)
    assert calls.expected is not None
    assert calls.expected.requests["ListBuckets"] == 9
    assert calls.expected.requests["GetMetricData"] == 1


def test_an_interrupted_shard_has_a_gap_for_each_account_and_region() -> None:
    part = collect(MemoryAccount({}), plan_of([US, EU, unit(id="again")]), stop=True)
    found = [(problem.code, problem.region, problem.shard) for problem in part.problems]
    assert sorted(found) == [("shard-interrupted", "eu-west-1", "s"), ("shard-interrupted", "us-east-1", "s")]
    assert part.status == "failed"


# special buckets


def test_special_buckets_of_selected_names_are_kept_and_each_kind_has_its_own_errors() -> None:
    special: dict[SpecialKind, list[str] | AwsError] = {
        "directory": ["other--use1-az4--x-s3", "logs--use1-az4--x-s3", "logs-bad--use1-az4--x-s3"],
        "table": AwsError("unreachable", "ListTableBuckets", "no", advice="check the network"),
        "vector": ["other", "logs", "logs-bad"],
    }
    some = unit(buckets=("logs*",))
    part = collect(MemoryAccount({"logs": "us-east-1"}, special=special), plan_of([some], details=True))
    data = facts(part, some)
    assert [bucket.name for bucket in data.buckets] == [
        "logs", "logs--use1-az4--x-s3", "logs-bad--use1-az4--x-s3",
    ]  # fmt: skip
    assert [(bucket.kind, bucket.name, bucket.created) for bucket in data.others] == [
        ("vector", "logs", 7),
        ("vector", "logs-bad", None),
    ]
    found = {(problem.code, problem.bucket) for problem in part.problems if "unreadable" not in problem.code}
    assert found == {
        ("table-buckets-unlisted", None),
        ("creation-date-invalid", "logs-bad"),
        ("creation-date-invalid", "logs-bad--use1-az4--x-s3"),
    }


@pytest.mark.parametrize("kind", ["directory", "table", "vector"])
@pytest.mark.parametrize("error", ["missing", "denied"])
def test_a_list_of_special_buckets_that_fails_is_a_gap_of_the_region(kind: SpecialKind, error: Any) -> None:
    special: dict[SpecialKind, list[str] | AwsError] = {kind: AwsError(error, "List", "no")}
    part = collect(MemoryAccount({}, special=special), plan_of([US], details=True))
    (problem,) = part.problems
    assert (problem.code, problem.region, problem.bucket) == (f"{kind}-buckets-unlisted", "us-east-1", None)
