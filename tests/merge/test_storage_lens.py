"""The data of Storage Lens is united with that of other shards, in any split and order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations

import msgspec
import pytest
from msgspec import UNSET

from s3_monitor.merge.merged_data import MergedData
from s3_monitor.merge.merger import merge
from s3_monitor.model.bucket_config import BucketConfig, Encryption, Replication
from s3_monitor.model.errors import InvalidFileError
from s3_monitor.model.exports import LensScope, StorageLensExport
from s3_monitor.model.object_stats import Amount, BucketSettings, ObjectStats
from s3_monitor.model.part import Part
from s3_monitor.model.plan import ListingRule, ObjectsRule, Plan, Shard
from s3_monitor.model.request_metrics import RequestCosts, RequestMetrics, RequestTotals
from s3_monitor.model.storage_lens import LensBucket, LensCoverage, LensData, LensQuery
from s3_monitor.money.price_book import bundled_prices
from s3_monitor.report.data import buckets_and_summary
from tests.merge import fixtures
from tests.merge.fixtures import ACCOUNT, LAST, REGION, Truth
from tests.merge.test_sharding import report

S, G = "StandardStorage", "GlacierStorage"
FULL = dict.fromkeys(range(LAST + 1), 1000.0)
BUCKETS = [Truth("a", {S: FULL}, FULL), Truth("b", {S: FULL, G: FULL}, FULL)]
LENS = Shard("storage-lens", "any", "", 30, (), lens=LensQuery(0, StorageLensExport("exports", "daily")))


def stats(at: int = LAST, objects: int = 5) -> ObjectStats:
    seconds = int(fixtures.WINDOW.start.timestamp()) + at * 86_400
    some = Amount(objects, 10 * objects)
    return ObjectStats(
        "storage-lens", seconds, True, some, {"STANDARD": some} if objects else {}, None, None,
        noncurrent=Amount(), delete_markers=0, multipart=Amount(), prefixes=None,
    )  # fmt: skip


def plan_of(*shards: object) -> Plan:
    plan = fixtures.plan(*shards, listing=ListingRule(mode="off"))  # type: ignore[arg-type]
    return msgspec.structs.replace(plan, shards=(*plan.shards, LENS), objects=ObjectsRule(mode="storage-lens"))


def lens_part(
    plan: Plan,
    *buckets: LensBucket,
    complete: bool = True,
    coverage: Sequence[LensCoverage] = (),
    shard: str = "storage-lens",
) -> Part:
    part = fixtures.part(plan, shard, [], status="complete" if complete else "failed")
    return msgspec.structs.replace(part, lens=LensData(complete, sorted(buckets), sorted(coverage)))


def merged(plan: Plan, *parts: Part) -> MergedData:
    return merge(plan, fixtures.digest(plan), parts)


def codes(data: MergedData) -> list[str]:
    return [problem.code for problem in data.problems]


A = LensBucket(ACCOUNT, REGION, "a", stats())
B = LensBucket(ACCOUNT, REGION, "b", stats())
ELSEWHERE = LensBucket(ACCOUNT, "eu-west-1", "c", stats())
ONE = plan_of([fixtures.unit()])
DAY = RequestMetrics(1, {"GetRequests": 7}, "storage-lens")
MONTH = RequestMetrics(30, {"GetRequests": 5})
SETTINGS = BucketSettings(True, True, False, "ObjectWriter", False, False, 2, 1)
WITH_DAY = LensBucket(ACCOUNT, REGION, "a", msgspec.structs.replace(stats(), settings=SETTINGS), DAY)
BARE = Truth("bare", {}, {LAST: 0.0})
AT = stats().at
ALL = LensCoverage(ACCOUNT, AT, "s3://exports/x", LensScope())


def test_the_statistics_reach_the_buckets_of_the_plan() -> None:
    data = merged(ONE, fixtures.part(ONE, "s0", BUCKETS), lens_part(ONE, A, B, ELSEWHERE))
    assert [(bucket.name, bucket.object_stats) for bucket in data.buckets] == [("a", stats()), ("b", stats())]
    assert codes(data) == []


def test_any_split_and_order_gives_the_same_bytes() -> None:
    buckets = [*BUCKETS, BARE]
    by_type = [fixtures.unit("t", types=(S,), rest=False)], [fixtures.unit("r", except_=(S,))]
    split = plan_of(*by_type)
    parts = [fixtures.part(split, f"s{number}", buckets, seconds=number) for number in range(2)]
    lens = lens_part(split, B, coverage=[ALL])
    single = report(ONE, [fixtures.part(ONE, "s0", buckets), lens_part(ONE, B, coverage=[ALL])])
    assert report(split, [lens, *parts]) == report(split, [*parts, lens, lens, *parts]) == single


def test_the_shards_of_several_exports_may_overlap_in_any_order() -> None:
    """An account and its organization may export the same buckets, with different metrics and scopes."""
    lens = [msgspec.structs.replace(LENS, name=f"storage-lens-{number}") for number in (1, 2)]
    plan = msgspec.structs.replace(ONE, shards=(ONE.shards[0], *lens))
    some = LensCoverage(ACCOUNT, AT, "s3://exports/y", LensScope(buckets=("b",)))
    one = lens_part(plan, WITH_DAY, coverage=[some], shard="storage-lens-1")
    other = lens_part(plan, msgspec.structs.replace(A, requests=MONTH), B, coverage=[ALL], shard="storage-lens-2")
    parts = [one, other, fixtures.part(plan, "s0", [*BUCKETS, BARE])]
    reports = {report(plan, [*order, *order[:1]]) for order in permutations(parts)}
    assert len(reports) == 1
    assert [bucket.object_stats for bucket in merged(plan, *parts).buckets] == [
        WITH_DAY.stats, stats(), ALL.no_objects(),
    ]  # fmt: skip


def test_a_bucket_that_the_export_lacks_is_a_note_and_its_objects_are_unknown() -> None:
    data = merged(ONE, fixtures.part(ONE, "s0", BUCKETS), lens_part(ONE, A))
    assert [bucket.object_stats for bucket in data.buckets] == [stats(), None]
    (problem,) = data.problems
    assert (problem.code, problem.severity, problem.bucket) == ("storage-lens-bucket-missing", "note", "b")


def test_a_missing_or_incomplete_part_is_a_gap_without_notes_about_buckets() -> None:
    collected = fixtures.part(ONE, "s0", BUCKETS)
    assert codes(merged(ONE, collected)) == ["storage-lens-missing"]
    assert codes(merged(ONE, collected, lens_part(ONE, A, complete=False))) == ["storage-lens-incomplete"]
    assert codes(merged(ONE, collected, InvalidFileError("storage-lens.json", "damaged"))) == [
        "part-invalid",
        "storage-lens-invalid",
    ]


def invalid(**changes: object) -> LensBucket:
    return LensBucket(ACCOUNT, REGION, "a", msgspec.structs.replace(stats(), **changes))


@pytest.mark.parametrize(
    "buckets",
    [[B, A], [A, A], [invalid(all_sizes=(1, 2))], [invalid(sizes=(Amount(),) * 8)]],
    ids=["order", "twice", "ranges", "sizes"],
)
def test_invalid_data_is_rejected(buckets: list[LensBucket]) -> None:
    part = msgspec.structs.replace(lens_part(ONE), lens=LensData(True, buckets))
    assert "part-invalid" in codes(merged(ONE, fixtures.part(ONE, "s0", BUCKETS), part))


def test_data_that_a_shard_does_not_request_is_rejected() -> None:
    part = msgspec.structs.replace(fixtures.part(ONE, "s0", BUCKETS), lens=LensData(True, [A]))
    assert "part-invalid" in codes(merged(ONE, part, lens_part(ONE, A, B)))


def test_figures_of_storage_lens_do_not_make_a_bucket_empty() -> None:
    nothing = LensBucket(ACCOUNT, REGION, "a", stats(LAST - 1, objects=0))
    data = merged(ONE, fixtures.part(ONE, "s0", BUCKETS), lens_part(ONE, nothing, B))
    assert [bucket.state for bucket in data.buckets] == ["measured", "measured"]


# A bucket without a row has no objects if a configuration covers it.


def unlisted(bucket: Truth, *coverage: LensCoverage) -> MergedData:
    """Merge a bucket and one with a row in the export."""
    return merged(ONE, fixtures.part(ONE, "s0", [bucket, BUCKETS[1]]), lens_part(ONE, B, coverage=coverage))


@pytest.mark.parametrize(
    ("coverage", "is_known"),
    [
        ([ALL], True),
        ([], False),
        ([msgspec.structs.replace(ALL, account="999999999999")], False),
        ([msgspec.structs.replace(ALL, at=0)], False),
        ([msgspec.structs.replace(ALL, scope=LensScope(regions=("eu-west-1",)))], False),
        ([msgspec.structs.replace(ALL, scope=LensScope(regions=(REGION,), buckets=("bare",)))], True),
        ([msgspec.structs.replace(ALL, scope=LensScope(buckets=("b",)))], False),
        ([msgspec.structs.replace(ALL, scope=LensScope(excluded_regions=(REGION,)))], False),
        ([msgspec.structs.replace(ALL, scope=LensScope(excluded_buckets=("bare",)))], False),
        ([msgspec.structs.replace(ALL, scope=LensScope(excluded_buckets=("bare",))), ALL], True),
    ],
    ids=["all", "unknown", "other-account", "created-later", "other-region", "included", "not-included",
         "excluded-region", "excluded", "by-another"],
)  # fmt: skip
def test_a_bucket_without_a_row_has_no_objects_only_within_the_scope(
    coverage: list[LensCoverage], is_known: bool
) -> None:
    data = unlisted(BARE, *coverage)
    (bare,) = [bucket for bucket in data.buckets if bucket.name == "bare"]
    assert bare.object_stats == (ALL.no_objects() if is_known else None)


def test_cloudwatch_contradicts_absence() -> None:
    data = unlisted(BUCKETS[0], ALL)
    assert ([bucket.object_stats for bucket in data.buckets], codes(data)) == (
        [None, stats()], ["storage-lens-bucket-missing"],
    )  # fmt: skip


# Settings and requests.


@pytest.mark.parametrize(
    ("config", "settings"),
    [
        (BucketConfig(), SETTINGS),
        (BucketConfig(versioning=None, encryption=None, lifecycle=None, replication=None), SETTINGS),
        (
            BucketConfig(versioning="suspended", lifecycle="none"),
            msgspec.structs.replace(SETTINGS, versioning=None, lifecycle_rules=None),
        ),
        (
            BucketConfig(encryption=Encryption("AES256"), replication=Replication(3)),
            msgspec.structs.replace(SETTINGS, kms=None, replication_rules=None),
        ),
    ],
    ids=["not-requested", "unreadable", "versioning-and-lifecycle", "encryption-and-replication"],
)
def test_settings_that_were_read_from_the_bucket_replace_those_of_storage_lens(
    config: BucketConfig, settings: BucketSettings
) -> None:
    plan = msgspec.structs.replace(ONE, details=True)
    data = merged(plan, fixtures.part(plan, "s0", [replace(BUCKETS[0], details=config)]), lens_part(plan, WITH_DAY))
    (bucket,) = data.buckets
    assert bucket.object_stats is not None
    assert (bucket.details, bucket.object_stats.settings) == (config, settings)


def test_request_metrics_of_cloudwatch_replace_the_day_of_storage_lens() -> None:
    plan = msgspec.structs.replace(ONE, requests=True)
    buckets = [replace(BUCKETS[0], traffic=MONTH), BUCKETS[1]]
    lens = lens_part(plan, WITH_DAY, msgspec.structs.replace(B, requests=DAY))
    for parts in (lens, fixtures.part(plan, "s0", buckets)), (fixtures.part(plan, "s0", buckets), lens):
        data = merged(plan, *parts)
        assert ([bucket.request_metrics for bucket in data.buckets], codes(data)) == ([MONTH, DAY], [])


def test_requests_of_storage_lens_need_no_request_for_them() -> None:
    data = merged(ONE, fixtures.part(ONE, "s0", BUCKETS), lens_part(ONE, WITH_DAY, B))
    assert [bucket.request_metrics for bucket in data.buckets] == [DAY, UNSET]
    found, summary = buckets_and_summary(data, bundled_prices(), fixtures.AS_OF)
    first, second = found
    assert isinstance(first.requests, RequestCosts)
    assert (first.requests.source, first.requests.days, first.requests.counts["GetRequests"]) == ("storage-lens", 1, 7)
    assert second.requests is None
    assert isinstance(summary.requests, RequestTotals)
    assert (summary.requests.buckets, summary.requests.unknown_buckets) == (1, 1)


def test_storage_lens_has_no_dates_so_the_note_about_the_listing_limit_remains() -> None:
    plan = msgspec.structs.replace(ONE, listing=ListingRule(max_objects=10))
    data = merged(plan, fixtures.part(plan, "s0", BUCKETS), lens_part(plan, A, B))
    assert codes(data) == ["listing-limit-exceeded"]
    assert [bucket.modified for bucket in data.buckets] == [None, None]
