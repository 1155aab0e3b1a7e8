"""What the parts of a shard add up to, and what is missing from them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from s3_monitor.merge.merger import merge
from s3_monitor.merge.part_union import MergedBucket, merge_buckets
from s3_monitor.model.call_counts import CallCounts
from s3_monitor.model.part import Listing
from s3_monitor.model.series import pack
from tests.merge import fixtures
from tests.merge.fixtures import ACCOUNT, GIB, LAST, Truth, part, plan, unit

S = "StandardStorage"
ONE, TWO = Truth("a", {S: {LAST: GIB}}), Truth("b", {S: {LAST: GIB}})


def test_a_bucket_in_several_units_and_parts_of_a_shard_counts_once() -> None:
    made = plan([unit("s", types=[S], rest=False), unit("rest", except_=[S])])
    parts = [part(made, "s0", [ONE, TWO]), part(made, "s0", [ONE], seconds=5)]
    assert [shard.buckets for shard in merge(made, fixtures.digest(made), parts).shards] == [2]
    single = plan([unit()])
    assert [shard.buckets for shard in merge(single, fixtures.digest(single), [part(single, "s0", [ONE])]).shards] == [
        1
    ]


def test_buckets_of_all_regions_are_sorted_by_name_account_and_region() -> None:
    places = [(account, region) for account in (ACCOUNT, "222233334444") for region in ("eu-west-1", "us-east-1")]
    made = plan(*[[unit(f"{account}-{region}", account=account, region=region)] for account, region in places])
    truths = [
        Truth(name, {S: {LAST: GIB}}, account=account, region=region, listed=listed)
        for account, region in places
        for name, listed in (("b", True), ("a", True), ("gone", False))
    ]
    merged = merge(made, fixtures.digest(made), [part(made, shard.name, truths) for shard in made.shards])
    assert [(one.name, one.account, one.region) for one in merged.buckets] == [
        (name, *place) for name in ("a", "b") for place in places
    ]
    assert [(one.name, one.account, one.region) for one in merged.deleted] == [("gone", *place) for place in places]


def test_calls_and_costs_are_those_of_the_plan_and_of_every_run() -> None:
    made = msgspec.structs.replace(plan([unit()]), calls=CallCounts({"ListMetrics": 1, "ListBuckets": 7}, 9))
    parts = [part(made, "s0", [ONE]), part(made, "s0", [ONE], seconds=5), part(made, "s0", [ONE])]
    found = merge(made, fixtures.digest(made), parts)
    assert (found.calls.requests, found.calls.metrics) == ({"ListMetrics": 5, "ListBuckets": 7}, 19)
    assert found.usd == made.calls.usd + 2 * Decimal("0.00007")


@pytest.mark.parametrize(
    ("status", "changes", "codes"),
    [
        ("complete", {}, []),
        ("partial", {}, ["part-incomplete"]),
        ("failed", {}, ["part-incomplete"]),
        ("complete", {"sizes": False}, ["part-incomplete"]),
    ],
)
def test_a_part_without_a_recorded_gap_that_is_incomplete_gets_one(
    status: str, changes: dict[str, object], codes: list[str]
) -> None:
    made = plan([unit("x"), unit("y", region="eu-west-1")])
    found = merge(made, fixtures.digest(made), [part(made, "s0", [ONE], status=status, **changes)])  # type: ignore[arg-type]
    gaps = [problem for problem in found.problems if problem.severity == "gap"]
    assert {problem.code for problem in gaps} == set(codes)
    assert {problem.region for problem in gaps} == ({"us-east-1", "eu-west-1"} if codes else set())


def test_an_incomplete_part_leaves_only_the_regions_of_its_incomplete_units_unknown() -> None:
    made = plan([unit("x"), unit("y", region="eu-west-1")])
    content = part(made, "s0", [ONE], status="partial")
    first, second = content.units
    content = msgspec.structs.replace(content, units=[first, msgspec.structs.replace(second, sizes=False)])
    found = merge(made, fixtures.digest(made), [content])
    gaps = [(problem.code, problem.region) for problem in found.problems if problem.severity == "gap"]
    assert gaps == [("part-incomplete", "eu-west-1")]


LEFT = MergedBucket(5, False, {S: pack({1: 5})}, None, Listing(3, 7, vacant=True))


def left(**fields: Any) -> MergedBucket:
    return msgspec.structs.replace(LEFT, **fields)


@pytest.mark.parametrize(
    ("right", "expected", "conflicts"),
    [
        (LEFT, LEFT, set()),
        (MergedBucket(None, True, {}, pack({1: 1}), None), left(listed=True, count=pack({1: 1})), set()),
        (MergedBucket(6, False, {}, None, None), left(created=6), {("creation-date-conflict", "")}),
        (left(listing=Listing(4, 6, vacant=False)), left(listing=Listing(4, 7)), set()),
        (
            left(listing=Listing(None, 9, vacant=True)),
            left(listing=Listing(3, 9, vacant=True)),
            set(),
        ),
        (left(sizes={S: pack({1: 6})}), left(sizes={S: pack({1: 6})}), {("size-conflict", S)}),
        (
            left(sizes={"A": pack({2: 6}), S: pack({2: 6})}),
            left(sizes={"A": pack({2: 6}), S: pack({1: 5, 2: 6})}),
            set(),
        ),
        (left(sizes={}, count=pack({1: 1})), left(count=pack({1: 1})), set()),
    ],
)
def test_two_results_of_a_bucket_are_united_field_by_field(
    right: MergedBucket, expected: MergedBucket, conflicts: set[tuple[str, str]]
) -> None:
    for one, other in ((LEFT, right), (right, LEFT)):
        found, differing = merge_buckets(one, other)
        assert found == expected
        assert list(found.sizes) == sorted(found.sizes)
        assert differing == conflicts
