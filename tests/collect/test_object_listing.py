"""Object statistics of a shard over real HTTP: versions, uploads, budgets, failures."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest

from s3_monitor.aws.account import AwsAccount
from s3_monitor.aws.rate_limiter import RateLimits
from s3_monitor.collect.shard import collect_shard
from s3_monitor.model.object_stats import Amount, ObjectStats
from s3_monitor.model.part import Listing, Part
from s3_monitor.model.plan import KeyPattern, ListingRule, ObjectsRule
from s3_monitor.simulator import Bucket, Fault, ObjectList, Simulator
from s3_monitor.simulator.accounts import Series, make_account
from s3_monitor.simulator.versions import StoredVersion, Upload, VersionedObjects
from tests.collect import fixtures
from tests.collect.canned_responses import bucket_list, metric_list, s3_error, server

OLD = datetime(2020, 5, 4, 15, 13, 8, tzinfo=UTC)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = date(2026, 11, 21).toordinal()
VERSIONED = VersionedObjects.of(
    [
        StoredVersion("a/x", 10, OLD),
        StoredVersion("a/x", 20, NOON),
        StoredVersion("a/ü +&%", 5, NOON, "GLACIER"),
        StoredVersion("b", 7, OLD),
        StoredVersion("b", None, NOON),
    ],
    [Upload("a/big", (100, 50, 1), NOON), Upload("c", (), NOON)],
)
MANY = ObjectList(12_345, NOON, folders=("data/", "logs/"), storage_classes=("STANDARD", "STANDARD_IA"))


def bucket(name: str, objects: Any, **fields: Any) -> Bucket:
    count = Series(DAY - 30, DAY, len(objects)) if len(objects) else None
    return Bucket(name, "us-east-1", OLD, objects=objects, count=count, **fields)


def part_of(
    *buckets: Bucket,
    rule: ObjectsRule | None = None,
    requests: int | None = None,
    faults: tuple[Fault, ...] = (),
    attempts: int = 1,
) -> tuple[Part, dict[str, int]]:
    """Return the part, and its number of requests by operation."""
    with Simulator(make_account(fixtures.ACCOUNT, buckets), today=fixtures.TODAY, faults=faults) as simulator:
        plan = fixtures.plan_of([fixtures.unit()], listing=ListingRule("auto", 1000, requests))
        plan = msgspec.structs.replace(plan, objects=rule or ObjectsRule("listing", versions=True))
        clients, paces = fixtures.Clients(simulator.url, attempts), RateLimits(fixtures.UNPACED)
        part = collect_shard(
            plan,
            "digest",
            plan.shards[0],
            lambda access: AwsAccount(clients, paces),
            now=lambda: fixtures.NOW,
            stop=threading.Event(),
            log=lambda line: None,
        )
        return part, part.calls.requests


def objects(part: Part) -> dict[str, ObjectStats]:
    return dict(part.units[0].objects)


def test_versions_delete_markers_and_uploads_are_counted_separately() -> None:
    part, asked = part_of(bucket("old", VERSIONED))
    found = objects(part)["old"]
    assert (found.current, found.noncurrent, found.delete_markers) == (Amount(2, 25), Amount(2, 17), 1)
    assert found.classes == {"GLACIER": Amount(1, 5), "STANDARD": Amount(1, 20)}
    assert found.noncurrent_classes == {"STANDARD": Amount(2, 17)}
    assert found.multipart == Amount(2, 151)
    assert [(one.prefix, sum(amount.size for amount in one.classes.values())) for one in found.prefixes] == [("a/", 25)]
    assert (found.newest, found.oldest) == (int(NOON.timestamp()), int(NOON.timestamp()))
    assert found.complete
    assert part.problems == []
    assert (asked["ListObjectVersions"], asked["ListMultipartUploads"], asked["ListParts"]) == (1, 1, 2)


def test_one_listing_also_has_the_last_modified_date() -> None:
    part, asked = part_of(bucket("many", MANY), rule=ObjectsRule("listing"))
    found = objects(part)["many"]
    assert found.current.objects == 12_345
    assert found.current.size == sum(one.size for one in MANY)
    assert found.noncurrent is None
    assert part.units[0].buckets[0].listing == Listing(int(NOON.timestamp()), 12_345)
    assert asked["ListObjectsV2"] <= 1.2 * 13 + 1


def test_without_object_statistics_nothing_is_listed_or_reported() -> None:
    part, asked = part_of(bucket("many", MANY), rule=ObjectsRule())
    assert "ListObjectsV2" not in asked
    assert b"objects" not in msgspec.json.encode(part.units[0])


@pytest.mark.parametrize("most", [1, 999, 1000, 1001, 5500])
def test_no_more_objects_are_listed_than_the_limit(most: int) -> None:
    part, _ = part_of(bucket("many", MANY), rule=ObjectsRule("listing", max_objects=most))
    found = objects(part)["many"]
    assert (found.complete, found.current.objects) == (False, most)
    assert [problem.code for problem in part.problems] == ["listing-truncated"]
    assert part.units[0].buckets[0].listing is None


@pytest.mark.parametrize("count", [1, 1000, 2000, 4000, 12_345])
def test_a_limit_of_exactly_as_many_objects_is_sufficient(count: int) -> None:
    many = replace(MANY, count=count)
    part, _ = part_of(bucket("many", many), rule=ObjectsRule("listing", max_objects=count))
    found = objects(part)["many"]
    assert (found.complete, found.current.objects, part.problems) == (True, count, [])


@pytest.mark.parametrize("most", [0, 1, 7])
@pytest.mark.parametrize("versions", [False, True])
def test_no_more_requests_than_the_budget_are_sent_retries_included(most: int, versions: bool) -> None:
    faults = (Fault("error", service="s3", operation="List*", every=3, bucket="many*"),)
    buckets = [bucket(f"many-{number}", MANY) for number in range(4)]
    part, asked = part_of(
        *buckets, rule=ObjectsRule("listing", versions=versions), requests=most, faults=faults, attempts=4
    )
    listings = {name: count for name, count in asked.items() if name.startswith("List") and "Metrics" not in name}
    assert sum(listings.values()) - listings["ListBuckets"] == most
    assert {problem.severity for problem in part.problems} <= {"note", "gap"}
    assert not any(found.complete for found in objects(part).values())


def test_a_bucket_whose_listing_is_denied_is_a_gap_and_the_others_are_complete() -> None:
    part, _ = part_of(
        bucket("closed", MANY, denied=frozenset({"ListObjectVersions"})),
        bucket("half", VERSIONED, denied=frozenset({"ListMultipartUploads"})),
        bucket("open", VERSIONED),
    )
    found = objects(part)
    assert found["open"].multipart == Amount(2, 151)
    assert (found["half"].complete, found["half"].multipart, found["half"].current) == (True, None, Amount(2, 25))
    assert [(problem.code, problem.bucket) for problem in part.problems] == [
        ("objects-unreadable", "closed"),
        ("uploads-unreadable", "half"),
    ]
    assert "s3:ListBucketVersions" in (part.problems[0].advice or "")
    assert "s3:ListBucketMultipartUploads" in (part.problems[1].advice or "")


def test_a_bucket_without_any_listed_page_is_unknown_and_not_0() -> None:
    part, _ = part_of(
        bucket("closed", MANY, denied=frozenset({"ListObjectVersions"})),
        bucket("half", VERSIONED, denied=frozenset({"ListMultipartUploads"})),
    )
    assert list(objects(part)) == ["half"]
    part, _ = part_of(bucket("first", VERSIONED), bucket("second", MANY), requests=1)
    assert len(objects(part)) == 1
    assert ("objects-not-listed", "Could not list the objects: a shard may send 1 list requests") in {
        (problem.code, problem.message) for problem in part.problems
    }


@pytest.mark.parametrize("code", ["NoSuchBucket", ""])
def test_an_unreadable_list_of_uploads_is_unknown_and_not_empty(code: str) -> None:
    """A bucket may be deleted after its keys were listed. Another 404, such as a proxy's, does not show this."""
    missing = (404, s3_error(code) if code else "")
    listings = [(200, "<ListVersionsResult><IsTruncated>false</IsTruncated></ListVersionsResult>"), missing]

    def script(operation: str, question: dict[str, Any]) -> tuple[int, Any]:
        if operation == "ListBuckets":
            return 200, bucket_list(("b", "us-east-1"))
        if operation == "ListMetrics":
            return 200, metric_list(question["MetricName"])
        return listings.pop(0)

    with server(script) as url:
        part = fixtures.collected(url, fixtures.unit(), objects=ObjectsRule("listing", versions=True))
    assert all(one.multipart is None for one in objects(part).values())
    assert [one.severity for one in part.problems] == ["note" if code else "gap"]


def test_keys_out_of_order_are_a_gap() -> None:
    """Ranges and prefixes rely on the order: keys would count twice or not at all."""
    keys = "".join(
        f"<Contents><Key>{key}</Key><LastModified>2026-11-20T12:00:00.000Z</LastModified><Size>1</Size></Contents>"
        for key in ("b", "c", "a")
    )

    def script(operation: str, question: dict[str, Any]) -> tuple[int, Any]:
        if operation == "ListBuckets":
            return 200, bucket_list(("b", "us-east-1"))
        if operation == "ListMetrics":
            return 200, metric_list(question["MetricName"])
        return 200, f"<ListBucketResult><IsTruncated>false</IsTruncated>{keys}</ListBucketResult>"

    with server(script) as url:
        part = fixtures.collected(url, fixtures.unit(), objects=ObjectsRule("listing"))
    assert objects(part) == {}
    assert ("objects-unreadable", "Could not list all objects: ListObjectsV2: the keys are not in order") in {
        (problem.code, problem.message) for problem in part.problems
    }


@pytest.mark.parametrize(
    ("classes", "reason"),
    [
        (["STANDARD", "standard"], "a storage class must be a name in upper-case letters, got 'standard'"),
        (["A" * 65], "a storage class must be a name in upper-case letters, got "),
        ([f"CLASS_{n}" for n in range(65)], "a bucket must have at most 64 storage classes, got 65"),
    ],
)
@pytest.mark.parametrize("split", [False, True], ids=["in one page", "in two pages"])
def test_storage_classes_of_a_listing_are_bounded(classes: list[str], reason: str, split: bool) -> None:
    entries = [
        f"<Contents><Key>{number:03d}</Key><LastModified>2026-11-20T12:00:00.000Z</LastModified><Size>1</Size>"
        f"<StorageClass>{name}</StorageClass></Contents>"
        for number, name in enumerate(classes)
    ]
    middle = len(entries) // 2 if split else len(entries)
    more = "<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>"
    last = "<IsTruncated>false</IsTruncated>"
    first = more if split else last

    def script(operation: str, question: dict[str, Any]) -> tuple[int, Any]:
        if operation == "ListBuckets":
            return 200, bucket_list(("b", "us-east-1"))
        if operation == "ListMetrics":
            return 200, metric_list(question["MetricName"])
        second = "continuation-token" in question
        sent = "".join(entries[middle:] if second else entries[:middle])
        return 200, f"<ListBucketResult>{last if second else first}{sent}</ListBucketResult>"

    with server(script) as url:
        part = fixtures.collected(url, fixtures.unit(), objects=ObjectsRule("listing"))
    assert len(part.problems) == 1
    assert part.problems[0].code == "objects-unreadable"
    assert reason in part.problems[0].message


def test_only_matching_keys_count() -> None:
    rule = ObjectsRule("listing", keys=(KeyPattern("many", "logs/*1.bin"),))
    part, asked = part_of(bucket("many", MANY), rule=rule)
    wanted = [one for one in MANY if one.key.startswith("logs/") and one.key.endswith("1.bin")]
    found = objects(part)["many"]
    assert found.current == Amount(len(wanted), sum(one.size for one in wanted))
    assert found.keys == "logs/*1.bin"
    assert part.units[0].buckets[0].listing is None
    assert asked["ListObjectsV2"] <= 8


def test_ages_refer_to_the_time_of_the_plan() -> None:
    part, _ = part_of(bucket("two", ObjectList(1, fixtures.NOW - timedelta(days=40))), rule=ObjectsRule("listing"))
    found = objects(part)["two"]
    assert [amount.objects for amount in found.ages] == [0, 0, 0, 1, 0, 0, 0, 0]
    assert found.at == int(fixtures.NOW.timestamp())


def test_a_directory_bucket_is_listed_in_sequence_without_versions() -> None:
    part, asked = part_of(bucket("fast--use1-az4--x-s3", MANY), rule=ObjectsRule("listing", versions=True))
    found = objects(part)["fast--use1-az4--x-s3"]
    assert (found.current.objects, found.noncurrent, found.multipart, found.prefixes) == (12_345, None, None, ())
    assert asked["ListObjectsV2"] == 14  # 13 pages, and CreateSession
    assert part.problems == []


def test_last_modified_listings_keep_to_the_budget() -> None:
    faults = (Fault("error", service="s3", operation="ListObjectsV2", every=2),)
    buckets = [bucket(f"b-{number}", ObjectList(3, NOON)) for number in range(8)]
    part, asked = part_of(*buckets, rule=ObjectsRule(), requests=5, faults=faults, attempts=4)
    assert asked["ListObjectsV2"] == 5
    assert [problem.severity for problem in part.problems] == ["note"]


def test_auto_lists_buckets_without_inventory_within_the_limit() -> None:
    part, _ = part_of(bucket("few", VERSIONED), bucket("many", MANY), rule=ObjectsRule("auto", max_objects=100))
    assert {name: found.source for name, found in objects(part).items()} == {"few": "listing"}
    (problem,) = part.problems
    assert (problem.code, problem.bucket) == ("inventory-report-unavailable", "many")
    assert "more than 100 objects" in problem.message
    assert "the bucket has no inventory" in problem.message
