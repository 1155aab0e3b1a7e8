"""How many calls a shard is expected to make."""

from __future__ import annotations

from typing import Any

import pytest

from s3_monitor.collect.expected_calls import RegionContents, expected_calls, list_requests
from s3_monitor.model.bucket_config import DIRECTORY_BUCKET_PROPERTIES, OPERATIONS
from s3_monitor.model.plan import ListingRule, ObjectsRule, Plan, Unit
from tests.collect.fixtures import OFF, plan_of, unit

US = (0, "us-east-1")


def contents(
    buckets: int, *, count: float | None = 10, types: tuple[str, ...] = ("StandardStorage",)
) -> RegionContents:
    names = [f"b{number}" for number in range(buckets)]
    return RegionContents(names, dict.fromkeys(names, types), dict.fromkeys(names, count))


def requests(plan: Plan, here: RegionContents, *units: Unit) -> dict[str, int]:
    return expected_calls(plan, units, {US: here}).requests


def test_metrics_are_listed_and_requested_by_five_hundred() -> None:
    everything = unit()
    calls = expected_calls(
        plan_of([everything]), [everything], {US: contents(10_000, types=("StandardStorage", "GlacierStorage"))}
    )
    assert calls.requests == {"GetCallerIdentity": 1, "ListBuckets": 1, "ListMetrics": 60, "GetMetricData": 60}
    assert calls.metrics == 30_000


def test_a_long_history_takes_several_pages() -> None:
    everything = unit()
    plan = plan_of([everything], days=455)
    assert requests(plan, contents(500), everything)["GetMetricData"] == 2 * 3


@pytest.mark.parametrize(
    ("rule", "count", "expected"),
    [
        (ListingRule("off"), 10, 0),
        (ListingRule("auto", 1000), None, 1),
        (ListingRule("auto", 1000), 1000, 1),
        (ListingRule("auto", 1000), 1001, 0),
        (ListingRule("auto", 5000), 4001, 5),
        (ListingRule("all"), 1_000_001, 1001),
        (ListingRule("all"), None, 1),
        (ListingRule("all", max_requests=7), 1_000_001, 7),
    ],
)
def test_a_listing_takes_a_request_per_thousand_objects(rule: ListingRule, count: float | None, expected: int) -> None:
    everything = unit()
    plan = plan_of([everything], listing=rule)
    assert list_requests(expected_calls(plan, [everything], {US: contents(1, count=count)})) == expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({}, {"ListObjectsV2": 3}),
        ({"versions": True}, {"ListObjectVersions": 3, "ListMultipartUploads": 1}),
        ({"max_objects": 2000}, {"ListObjectsV2": 3}),  # and one that shows whether there is more
    ],
)
def test_object_statistics_are_a_listing_of_their_own(rule: dict[str, Any], expected: dict[str, int]) -> None:
    everything = unit()
    plan = plan_of([everything], listing=ListingRule("auto"), objects=ObjectsRule("listing", **rule))
    found = requests(plan, contents(1, count=2500), everything)
    assert {
        name: number for name, number in found.items() if name.startswith(("ListObject", "ListMultipart"))
    } == expected


def test_only_units_for_the_rest_list_objects_and_read_configurations() -> None:
    standard = unit(types=("StandardStorage",), rest=False)
    found = requests(plan_of([standard], listing=ListingRule("all"), details=True), contents(3), standard)
    assert found.keys() == {"GetCallerIdentity", "ListBuckets", "ListMetrics", "GetMetricData"}


def test_patterns_reduce_the_requests() -> None:
    some = unit(buckets=("b1*",))
    calls = expected_calls(plan_of([some], listing=OFF), [some], {US: contents(20)})
    assert calls.metrics == 2 * 11, "b1 and b10 to b19"


@pytest.mark.parametrize(
    ("listing", "objects", "count", "expected"),
    [
        (ListingRule("auto"), ObjectsRule(), 10, 1),
        (ListingRule("auto"), ObjectsRule(), None, 1),
        (ListingRule("auto"), ObjectsRule(), 1001, 0),  # over the limit: not listed
        (ListingRule("all"), ObjectsRule(), 1001, 1),
        (OFF, ObjectsRule(), 10, 0),
        (OFF, ObjectsRule("listing"), 10, 1),
        (OFF, ObjectsRule("listing", versions=True), 10, 1),  # of the listing itself
    ],
)
def test_a_bucket_whose_count_ended_may_take_two_more_requests(
    listing: ListingRule, objects: ObjectsRule, count: float | None, expected: int
) -> None:
    everything = unit()
    plan = plan_of([everything], listing=listing, objects=objects)
    here = contents(1, count=count)
    sent = requests(plan, here._replace(ended=here.buckets), everything)
    assert (sent.get("ListObjectVersions", 0), sent.get("ListMultipartUploads", 0)) == (expected, expected)


def of_names(*names: str) -> RegionContents:
    return RegionContents(list(names), dict.fromkeys(names, ("StandardStorage",)), dict.fromkeys(names, 10.0))


def test_each_bucket_has_a_request_per_property_and_a_directory_bucket_only_for_its_own() -> None:
    everything = unit()
    plan = plan_of([everything], details=True)
    sent = requests(plan, of_names("a", "b", "c--use1-az4--x-s3"), everything)
    assert set(plan.properties) > set(DIRECTORY_BUCKET_PROPERTIES)
    for name in plan.properties:
        assert sent[OPERATIONS[name]] == (3 if name in DIRECTORY_BUCKET_PROPERTIES else 2), name
    assert [sent[name] for name in ("ListDirectoryBuckets", "ListTableBuckets", "ListVectorBuckets")] == [1, 1, 1]


@pytest.mark.parametrize("mode", ["inventory", "auto"])
def test_each_bucket_may_have_an_inventory_of_two_data_files(mode: Any) -> None:
    everything = unit()
    sent = requests(plan_of([everything], objects=ObjectsRule(mode)), of_names("a", "b"), everything)
    assert (sent["ListBucketInventoryConfigurations"], sent["GetObject"]) == (2, 8)
    assert sent["ListObjectsV2"] == (2 if mode == "inventory" else 4)


def test_the_limit_of_list_requests_never_makes_a_number_negative() -> None:
    everything = unit()
    rule = ListingRule("all", max_requests=0)
    plan = plan_of([everything], listing=rule, objects=ObjectsRule("listing", versions=True))
    sent = expected_calls(plan, [everything], {US: of_names("a", "b")})
    assert list_requests(sent) == 0
    assert min(sent.requests.values()) >= 0


def test_each_access_lists_its_own_buckets_in_pages_of_10_000() -> None:
    numbers = {("us-east-1", 0): 10_001, ("eu-west-1", 0): 10_000, ("us-east-1", 1): 10_000, ("us-east-1", 2): 1}
    units = [unit(region, access=access, id=f"{region}/{access}") for region, access in numbers]
    places = {(access, region): contents(number) for (region, access), number in numbers.items()}
    linked = unit(access=3, id="linked", linked=True)
    found = expected_calls(plan_of([*units, linked]), [*units, linked], places).requests
    assert (found["GetCallerIdentity"], found["ListBuckets"]) == (3, 3 + 1 + 1)


@pytest.mark.parametrize(
    ("fields", "types", "expected"),
    [
        ({}, 0, 1 + 1),
        ({}, 500, 1 + 1),
        ({}, 501, 2 + 1),
        ({"types": ("T0",), "rest": False}, 501, 1),
        ({"types": ("T0",)}, 501, 1 + 1),
        ({"types": (), "rest": True}, 501, 1),
        ({"buckets": ("b0",)}, 501, 2 + 1),
    ],
)
def test_each_list_of_metrics_takes_at_least_one_page(fields: dict[str, Any], types: int, expected: int) -> None:
    some = unit(**fields)
    here = RegionContents(["b0"], {"b0": [f"T{number}" for number in range(types)]}, {"b0": 1} if types else {})
    assert requests(plan_of([some]), here, some)["ListMetrics"] == expected


@pytest.mark.parametrize(("count", "expected"), [(None, 1), (0, 1), (1, 1), (1999, 2), (2000, 3), (2001, 3)])
def test_one_more_request_shows_whether_there_are_more_objects_than_the_limit(
    count: float | None, expected: int
) -> None:
    everything = unit()
    plan = plan_of([everything], listing=OFF, objects=ObjectsRule("listing", max_objects=2000))
    assert requests(plan, contents(1, count=count), everything)["ListObjectsV2"] == expected


@pytest.mark.parametrize(("mode", "expected"), [("listing", 2), ("off", 0)])
def test_directory_buckets_are_known_by_their_counts(mode: Any, expected: int) -> None:
    everything = unit()
    here = RegionContents(["a"], {}, {"a": 1, "fast--use1-az4--x-s3": 1, "other": 1})
    sent = requests(plan_of([everything], listing=OFF, objects=ObjectsRule(mode)), here, everything)
    assert sent.get("ListObjectsV2", 0) == expected


@pytest.mark.parametrize(("most", "expected"), [(None, 3), (4, 3), (3, 3), (2, 2), (1, 1), (0, 0)])
def test_no_more_list_requests_are_expected_than_allowed(most: int | None, expected: int) -> None:
    everything = unit()
    plan = plan_of([everything], listing=ListingRule("all", max_requests=most))
    assert list_requests(expected_calls(plan, [everything], {US: contents(3)})) == expected
