"""What the collectors of an account and region pass to each other, without HTTP."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import msgspec
import pytest

from s3_monitor.collect.account_collector import AccountCollector
from s3_monitor.collect.shard_context import ShardContext
from s3_monitor.model.bucket_config import (
    DIRECTORY_BUCKET_PROPERTIES,
    BucketConfig,
    InventoryConfig,
    MetricsConfig,
)
from s3_monitor.model.errors import AwsError, ErrorKind
from s3_monitor.model.identity import AccountBucket, Identity
from s3_monitor.model.part import Listing, Part
from s3_monitor.model.plan import Access, ListingRule, ObjectsRule, Plan
from s3_monitor.model.request_metrics import RequestMetrics
from s3_monitor.model.responses import KeysPage, ListKeysRequest
from s3_monitor.model.series import Window
from tests.collect.fixtures import ACCOUNT, NOW, OFF, facts, plan_of, unit
from tests.collect.listed_account import NOON_SECONDS, page_of
from tests.collect.test_shard_accounts import MemoryAccount, collect

US, EU = unit("us-east-1"), unit("eu-west-1")
DIRECTORY = "logs--use1-az4--x-s3"
Property = Callable[[str, str], object]


class FullAccount(MemoryAccount):
    """``properties``: the value or error of each bucket and property; by default None. Each bucket has two keys."""

    def __init__(
        self, *buckets: str, properties: Property = lambda bucket, name: None, list_error: AwsError | None = None,
        special: Any = None, metrics: RequestMetrics | None = None, region: str = "us-east-1",
    ) -> None:  # fmt: skip
        super().__init__(dict.fromkeys(buckets, region), special=special)
        self._property, self._list_error, self._metrics = properties, list_error, metrics
        self.properties: list[tuple[str, str]] = []
        self.listed: list[str] = []
        self.periods: list[tuple[str, str, str, datetime, datetime]] = []

    def bucket_pages(self, region: str | None, matches: Callable[[str], bool]) -> Iterator[list[AccountBucket]]:
        for page in super().bucket_pages(region, matches):
            yield [msgspec.structs.replace(bucket, bad_date="bad" in bucket.name) for bucket in page]
        if self._list_error is not None:
            raise self._list_error

    def read_property(self, bucket: str, region: str, name: str) -> object:
        self.properties.append((bucket, name))
        value = self._property(bucket, name)
        if isinstance(value, Exception):
            raise value
        return value

    def read_request_metrics(
        self, bucket: str, filter_id: str, region: str, start: datetime, end: datetime
    ) -> RequestMetrics | None:
        self.periods.append((bucket, filter_id, region, start, end))
        return self._metrics

    def keys_page(self, bucket: str, region: str, request: ListKeysRequest) -> KeysPage:
        self.listed.append(bucket)
        return page_of(["a", "b"])

    def read_inventories(self, bucket: str, region: str) -> tuple[InventoryConfig, ...]:
        if "gone" in bucket:
            raise AwsError("missing", "ListBucketInventoryConfigurations", "no")
        if "denied" in bucket:
            raise AwsError("denied", "ListBucketInventoryConfigurations", "no")
        if "expired" in bucket:
            raise AwsError("expired", "ListBucketInventoryConfigurations", "no")
        return ()


def plan(*units: Any, listing: ListingRule = OFF, **fields: Any) -> Plan:
    return msgspec.structs.replace(plan_of(units or [US], listing=listing), **fields)


def codes(part: Part) -> list[tuple[str, str | None]]:
    return [(problem.code, problem.bucket) for problem in part.problems]


# accounts


@pytest.mark.parametrize("units", [[US], [US, EU]])
def test_an_incomplete_list_of_buckets_is_a_gap_and_the_buckets_received_are_kept(units: list[Any]) -> None:
    error = AwsError("denied", "ListBuckets", "no", advice="allow it")
    part = collect(FullAccount("a", list_error=error), plan(*units))
    (problem,) = part.problems
    region = "us-east-1" if len(units) == 1 else None
    assert (problem.code, problem.account, problem.region) == ("bucket-list-incomplete", ACCOUNT, region)
    data = facts(part, US)
    assert [(bucket.name, bucket.listed, bucket.created) for bucket in data.buckets] == [("a", True, 7)]
    assert (data.listed, part.status) == (False, "partial")


def test_a_complete_list_of_buckets_is_complete_in_every_region() -> None:
    part = collect(FullAccount("a"), plan(US, EU))
    assert (facts(part, US).listed, facts(part, EU).listed, part.problems) == (True, True, [])


def test_a_bucket_of_another_region_is_ignored() -> None:
    part = collect(FullAccount("a", region="eu-west-1"), plan(US))
    assert (facts(part, US).buckets, part.problems) == ([], [])


def collector_of(account: MemoryAccount | Exception, a_plan: Plan) -> tuple[AccountCollector, ShardContext, list[int]]:
    def connect(access: Access) -> Any:
        if isinstance(account, Exception):
            raise account
        return account

    context = ShardContext(
        a_plan, "d", a_plan.shards[0], connect, now=lambda: NOW, stop=threading.Event(), log=lambda line: None
    )
    progress: list[int] = []
    collector = AccountCollector(context, a_plan.accesses[0], a_plan.shards[0].units)
    context.on_progress = lambda: progress.append(len(progress))
    return collector, context, progress


@pytest.mark.parametrize("account", [AwsError("denied", "AssumeRole", "no"), MemoryAccount({}, Identity("9", "aws"))])
def test_an_account_that_fails_does_not_delay_the_number_of_calls(account: Any) -> None:
    collector, context, progress = collector_of(account, plan())
    assert collector.contents() is None
    collector.start()
    context.run()
    assert (progress, collector.contents()) == ([0], {})


def test_a_list_of_buckets_without_metrics_is_progress() -> None:
    nothing = unit(types=(), rest=False)
    collector, context, progress = collector_of(FullAccount("a"), plan(nothing))
    collector.start()
    context.run()
    contents = collector.contents()
    assert progress and contents is not None
    assert list(contents[0, "us-east-1"].buckets) == ["a"]


def test_the_contents_have_the_newest_counts() -> None:
    collector, context, _ = collector_of(FullAccount("a", "b"), plan())
    collector.start()
    context.run()
    contents = collector.contents()
    assert contents is not None
    (here,) = contents.values()
    assert (here.counts, set(here.ended)) == ({"a": 3, "b": 3}, set())
    assert {bucket: set(types) for bucket, types in here.types.items()} == {
        "a": {"StandardStorage"}, "b": {"StandardStorage"},
    }  # fmt: skip


@pytest.mark.parametrize(("days", "count"), [(0, None), (1, 3), (4, 3)])
def test_a_count_outside_the_window_is_not_a_count(days: int, count: int | None) -> None:
    """The points are of the day before the plan's time: with one day the window has only the present day."""
    collector, context, _ = collector_of(
        FullAccount("a"), plan(window=Window(plan_of([US], days=days).window.first, days + 1))
    )
    collector.start()
    context.run()
    contents = collector.contents()
    assert contents is not None
    (here,) = contents.values()
    assert here.counts == {"a": count}


# regions


def test_buckets_with_an_invalid_creation_date_are_noted() -> None:
    part = collect(FullAccount("a", "a-bad"), plan())
    assert codes(part) == [("creation-date-invalid", "a-bad")]


@pytest.mark.parametrize("rest", [False, True])
def test_only_units_for_the_rest_list_objects_and_read_properties(rest: bool) -> None:
    account = FullAccount("a", "x")
    some = unit(buckets=("a*",), rest=rest, types=("StandardStorage",))
    part = collect(account, plan(some, listing=ListingRule(), details=True, objects=ObjectsRule("auto")))
    assert sorted(account.listed) == ["a", "a"] * rest
    assert {bucket for bucket, _ in account.properties} == ({"a"} if rest else set())
    (bucket,) = facts(part, some).buckets
    assert bucket.listing == (Listing(NOON_SECONDS, 2) if rest else None)
    assert [name for name, _ in facts(part, some).objects] == ["a"] * rest
    assert part.problems == []


@pytest.mark.parametrize(
    ("mode", "listed", "statistics"), [("off", 1, 0), ("listing", 1, 1), ("auto", 2, 1), ("inventory", 1, 0)]
)
def test_each_mode_of_object_statistics_lists_a_bucket_as_often_as_it_needs(
    mode: Any, listed: int, statistics: int
) -> None:
    account = FullAccount("a")
    part = collect(account, plan(listing=ListingRule(), objects=ObjectsRule(mode)))
    assert account.listed == ["a"] * listed
    assert len(facts(part, US).objects) == statistics
    assert facts(part, US).buckets[0].listing == Listing(NOON_SECONDS, 2)
    assert codes(part) == [("inventory-report-unavailable", "a")] * (mode == "inventory")


@pytest.mark.parametrize(
    ("bucket", "expected"),
    [
        ("a", ("inventory-report-unavailable", "a")),
        ("gone", ("bucket-deleted", "gone")),
        ("denied", ("inventory-report-unreadable", "denied")),
        ("expired", ("inventory-report-unreadable", None)),
    ],
)
def test_a_bucket_without_a_readable_inventory_is_a_problem(bucket: str, expected: tuple[str, str | None]) -> None:
    part = collect(FullAccount(bucket), plan(objects=ObjectsRule("inventory")))
    assert codes(part) == [expected]
    assert facts(part, US).objects == []


def test_directory_buckets_have_no_inventory() -> None:
    part = collect(FullAccount(DIRECTORY), plan(objects=ObjectsRule("inventory")))
    assert part.problems == []


# properties


def test_a_directory_bucket_has_only_the_properties_of_directory_buckets() -> None:
    account = FullAccount("a", special={"directory": [DIRECTORY]})
    a_plan = plan(details=True)
    part = collect(account, a_plan)
    by_bucket = {bucket: [name for one, name in account.properties if one == bucket] for bucket in ("a", DIRECTORY)}
    assert by_bucket["a"] == list(a_plan.properties)
    assert set(by_bucket[DIRECTORY]) == set(a_plan.properties) & set(DIRECTORY_BUCKET_PROPERTIES)
    assert [name for name, _ in facts(part, US).details] == ["a", DIRECTORY]
    assert part.problems == []


def test_without_properties_none_is_read() -> None:
    account = FullAccount("a")
    part = collect(account, plan())
    assert (account.properties, facts(part, US).details) == ([], [])


def test_a_property_that_cannot_be_read_is_a_gap_and_the_others_are_kept() -> None:
    def properties(bucket: str, name: str) -> object:
        if name == "tags":
            return AwsError("denied", "GetBucketTagging", f"no access to arn:aws:s3:::{bucket}", advice="allow it")
        return None

    part = collect(FullAccount("a", "b", properties=properties), plan(details=True))
    assert codes(part) == [("tags-unreadable", "a"), ("tags-unreadable", "b")]
    assert {problem.advice for problem in part.problems} == {"allow it"}
    assert {":::…" in problem.message for problem in part.problems} == {True}
    assert [config.tags for _, config in facts(part, US).details] == [None, None]


@pytest.mark.parametrize(
    ("kind", "code", "expected"),
    [
        ("missing", "NoSuchBucket", ("bucket-deleted", "a")),
        ("expired", "ExpiredToken", ("configuration-unreadable", None)),
        ("unreachable", "", ("configuration-unreadable", None)),
    ],
)
def test_an_error_of_all_properties_is_one_problem(
    kind: ErrorKind, code: str, expected: tuple[str, str | None]
) -> None:
    account = FullAccount("a", properties=lambda bucket, name: AwsError(kind, "GetBucketTagging", "no", code=code))
    part = collect(account, plan(details=True))
    assert (codes(part), len(account.properties)) == ([expected], 1)
    assert facts(part, US).details == []


# request metrics

WHOLE, PART, OTHER = (
    MetricsConfig(id="whole", whole=True), MetricsConfig(id="logs", whole=False), MetricsConfig(id="zz", whole=True),
)  # fmt: skip
METRICS = RequestMetrics(1, {"AllRequests": 5})


@pytest.mark.parametrize(
    ("configs", "filter_id"),
    [(None, None), ((), None), ((PART,), None), ((WHOLE,), "whole"), ((PART, OTHER, WHOLE), "zz")],
)
@pytest.mark.parametrize("metrics", [None, METRICS])
def test_the_request_metrics_of_the_first_configuration_without_a_filter_are_read(
    configs: tuple[MetricsConfig, ...] | None, filter_id: str | None, metrics: RequestMetrics | None
) -> None:
    account = FullAccount("a", properties=lambda _, name: configs if name == "metrics" else None, metrics=metrics)
    a_plan = plan(details=True, requests=True)
    part = collect(account, a_plan)
    window = a_plan.window
    assert account.periods == ([("a", filter_id, "us-east-1", window.start, window.complete_end)] if filter_id else [])
    assert facts(part, US).traffic == ([("a", metrics)] if filter_id and metrics else [])


def test_without_requests_no_request_metrics_are_read() -> None:
    account = FullAccount("a", properties=lambda _, name: (WHOLE,) if name == "metrics" else None)
    part = collect(account, plan(details=True))
    assert (account.periods, facts(part, US).traffic) == ([], [])
    assert all(isinstance(config, BucketConfig) for _, config in facts(part, US).details)
