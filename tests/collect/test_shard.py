"""The part of a shard of the simulated account equals the account."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, date, datetime

import msgspec
import pytest

from s3_monitor.model import part as parts
from s3_monitor.model.part import Part
from s3_monitor.model.plan import ListingRule, Unit
from s3_monitor.simulator import Account, Bucket, ObjectList, Series, Simulator, random_account, truth
from s3_monitor.simulator.accounts import make_account
from tests.collect.fixtures import ACCOUNT, AUTO, TODAY, buckets, collected, facts, sizes, unit

REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-2")
OLD = datetime(2020, 5, 4, 15, 13, 8, tzinfo=UTC)
YESTERDAY = TODAY.toordinal() - 1


def made(
    name: str, types: int = 1, region: str = "us-east-1", objects: ObjectList | None = None, today: date = TODAY
) -> Bucket:
    """Return a bucket of some types, measured every day of the month before `today`."""
    newest = today.toordinal() - 1
    series = {
        name: Series(newest - 30, newest, 1000 + index)
        for index, name in enumerate(("StandardStorage", "GlacierStorage", "DeepArchiveStorage")[:types])
    }
    count = objects.count if objects else 7
    return Bucket(
        name, region, OLD, series, Series(newest - 30, newest, count) if count else None, objects or ObjectList()
    )


@pytest.fixture(scope="module")
def account() -> Account:
    return random_account(7, buckets=300, regions=REGIONS, today=TODAY, awkward=0.5, objects=(1, 900))


@pytest.fixture(scope="module")
def simulator(account: Account) -> Iterator[Simulator]:
    with Simulator(account, today=TODAY) as running:
        yield running


@pytest.fixture
def asked(simulator: Simulator) -> Simulator:
    simulator.counters.reset()
    return simulator


def assert_true(part: Part, units: list[Unit], account: Account) -> None:
    """Check that the data of units of all types equals the account, bucket by bucket."""
    for one in units:
        answer = facts(part, one)
        assert (answer.listed, answer.sizes, answer.counts, answer.unanswered) == (True, True, True, [])
        found = {bucket.name: bucket for bucket in answer.buckets}
        for name, true in truth(account, TODAY).items():
            if true.region != one.region:
                assert name not in found
                continue
            if not true.listed and name not in found:  # deleted so long ago that CloudWatch does not list it either
                assert true.day is None
                continue
            bucket = found.pop(name)
            newest = {
                type_: points[true.day]
                for type_, points in sizes(part, bucket).items()
                if true.day is not None and true.day in points
            }
            assert newest == true.lines
            assert bucket.listed == (true.listed and true.kind == "general")
            assert bucket.created == (int(true.created.timestamp()) if bucket.listed else None)
        assert not found


def test_the_data_of_every_region_equals_the_account(asked: Simulator, account: Account) -> None:
    units = [unit(region) for region in REGIONS]
    part = collected(asked.url, *units)
    assert part.status == "complete"
    assert part.problems == []
    assert_true(part, units, account)
    assert part.calls.total == asked.counters.total().calls


def test_every_daily_point_of_the_window_is_kept(asked: Simulator, account: Account) -> None:
    everything = unit("us-east-1")
    part = collected(asked.url, everything, days=30)
    first, end = part.window.first.toordinal(), TODAY.toordinal() + 1
    for name, bucket in buckets(part, everything).items():
        true = account.buckets[name]
        assert {
            type_: {day.toordinal(): value for day, value in points.items()}
            for type_, points in sizes(part, bucket).items()
        } == {
            type_: {day: series.value(day) for day in series.days(first, end)}
            for type_, series in true.sizes.items()
            if (series.newest_day() or 0) >= TODAY.toordinal() - 14
        }


def test_points_beyond_one_page_are_read_page_by_page() -> None:
    long = [
        Bucket(f"long-{n:03d}", "us-east-1", OLD, {"StandardStorage": Series(YESTERDAY - 500, YESTERDAY, 5000)})
        for n in range(300)
    ]
    with Simulator(make_account(ACCOUNT, long), today=TODAY) as simulator:
        everything = unit()
        part = collected(simulator.url, everything, days=455)
        assert simulator.counters.total("GetMetricData").calls == 2
    assert part.status == "complete"
    assert {len(points) for b in buckets(part, everything).values() for points in sizes(part, b).values()} == {455}


@pytest.mark.parametrize(("buckets_", "types"), [(1, 1), (500, 1), (501, 1), (700, 3)])
def test_the_number_of_calls_is_the_minimum(buckets_: int, types: int) -> None:
    account = make_account(ACCOUNT, [made(f"b-{n:04d}", types) for n in range(buckets_)])
    with Simulator(account, today=TODAY) as simulator:
        part = collected(simulator.url, unit())
        series = buckets_ * (types + 1)
        assert simulator.counters.by_operation() == {
            "monitoring:GetMetricData": math.ceil(series / 500),
            "monitoring:ListMetrics": math.ceil(buckets_ * types / 500) + math.ceil(buckets_ / 500),
            "s3:ListBuckets": 1,
            "sts:GetCallerIdentity": 1,
        }
        assert simulator.counters.total().metrics == series == part.calls.metrics


def test_a_one_type_unit_requests_only_its_type_and_has_the_buckets_of_that_type() -> None:
    account = make_account(ACCOUNT, [made("one", 1), made("two", 2), made("three", 3)])
    glacier = unit(types=("GlacierStorage",), rest=False)
    with Simulator(account, today=TODAY) as simulator:
        part = collected(simulator.url, glacier)
        assert simulator.counters.total().metrics == 2
    assert list(buckets(part, glacier)) == ["three", "two"]
    assert part.types == ["GlacierStorage"]
    assert all(bucket.count is None and bucket.listed for bucket in buckets(part, glacier).values())
    assert not facts(part, glacier).counts


def test_a_rest_unit_has_every_bucket_and_the_types_that_no_other_unit_requests() -> None:
    account = make_account(ACCOUNT, [made("one", 1), made("two", 2), Bucket("none", "us-east-1", OLD)])
    rest = unit(except_=("StandardStorage",))
    with Simulator(account, today=TODAY) as simulator:
        part = collected(simulator.url, rest)
        assert simulator.counters.total().metrics == 3
    found = buckets(part, rest)
    assert {name: list(sizes(part, bucket)) for name, bucket in found.items()} == {
        "none": [],
        "one": [],
        "two": ["GlacierStorage"],
    }
    assert found["none"].count is None
    assert found["one"].count is not None


def test_units_of_one_region_share_their_requests() -> None:
    account = make_account(ACCOUNT, [made(f"b-{n:04d}", 3) for n in range(100)])
    units = [
        unit(types=("StandardStorage",), rest=False),
        unit(types=("GlacierStorage",), rest=False),
        unit(except_=("StandardStorage", "GlacierStorage")),
    ]
    with Simulator(account, today=TODAY) as simulator:
        part = collected(simulator.url, *units)
        assert simulator.counters.by_operation() == {
            "monitoring:GetMetricData": 1,
            "monitoring:ListMetrics": 2,
            "s3:ListBuckets": 1,
            "sts:GetCallerIdentity": 1,
        }
    for one, type_ in zip(units, ("StandardStorage", "GlacierStorage", "DeepArchiveStorage"), strict=True):
        assert {tuple(sizes(part, bucket)) for bucket in buckets(part, one).values()} == {(type_,)}


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (("logs-*",), ["logs-a", "logs-b"]),
        (("logs-a",), ["logs-a"]),
        (("data", "logs-?"), ["data", "logs-a", "logs-b"]),
        (("absent",), []),
        (("nothing-*",), []),
    ],
)
def test_patterns_filter_the_requests_and_the_results(patterns: tuple[str, ...], expected: list[str]) -> None:
    account = make_account(ACCOUNT, [made(name) for name in ("data", "logs-a", "logs-b", "other")])
    some = unit(buckets=patterns)
    with Simulator(account, today=TODAY) as simulator:
        part = collected(simulator.url, some)
        assert simulator.counters.total().metrics == 2 * len(expected)
    assert list(buckets(part, some)) == expected
    assert part.status == "complete"


def test_an_account_without_buckets_is_complete() -> None:
    with Simulator(make_account(ACCOUNT, []), today=TODAY) as simulator:
        part = collected(simulator.url, unit(), listing=AUTO)
    assert part.status == "complete"
    assert facts(part, unit()).buckets == []
    assert facts(part, unit()).listed


def test_the_same_account_gives_the_same_bytes_in_any_order_of_responses(asked: Simulator) -> None:
    units = [unit("us-east-1"), unit("eu-west-1", types=("StandardStorage",), rest=False)]
    one = collected(asked.url, *units, listing=AUTO)
    other = collected(asked.url, *reversed(units), listing=AUTO)
    assert one.problems == other.problems
    assert parts.encode(one) == parts.encode(other)


def test_a_part_equals_its_file(asked: Simulator) -> None:
    part = collected(asked.url, unit(), listing=AUTO)
    assert parts.decode(parts.encode(part), "part") == part
    assert [b.name for b in part.units[0].buckets] == sorted(b.name for b in part.units[0].buckets)
    assert part.types == sorted(set(part.types))


def test_the_log_states_the_start_the_expected_calls_and_the_result(asked: Simulator) -> None:
    lines: list[str] = []
    part = collected(asked.url, unit(weight=90), log=lines.append)
    start, before, after = lines
    assert start == f"s: started, {ACCOUNT}/us-east-1"
    assert before.startswith("s: about 5 calls, about 0.00")
    assert f"{part.calls.total} calls" in after
    assert after.endswith("complete")
    assert f"{len(buckets(part, unit()))} buckets" in after


def test_the_log_has_the_singular_for_one_bucket(asked: Simulator) -> None:
    lines: list[str] = []
    name = collected(asked.url, unit()).units[0].buckets[0].name
    collected(asked.url, unit(buckets=(name,)), log=lines.append)
    assert lines[-1].startswith("s: 1 bucket, ")


# last_modified


@pytest.mark.parametrize(
    ("rule", "listed"),
    [
        (ListingRule("off"), set()),
        (ListingRule("auto", 1000), {"few", "thousand", "uncounted"}),
        (ListingRule("auto", 10), {"few", "uncounted"}),
        (ListingRule("auto", 2500), {"few", "thousand", "many", "uncounted"}),
        (ListingRule("all"), {"few", "thousand", "many", "uncounted"}),
    ],
)
def test_the_rule_decides_which_buckets_are_listed_and_the_newest_key_is_found(
    rule: ListingRule, listed: set[str]
) -> None:
    held = {
        "few": ObjectList(3, OLD),
        "thousand": ObjectList(1000, OLD.replace(year=2021)),
        "many": ObjectList(2500, OLD.replace(year=2022)),
        "uncounted": ObjectList(0),
    }
    account = make_account(ACCOUNT, [made(name, objects=objects) for name, objects in held.items()])
    with Simulator(account, today=TODAY) as simulator:
        part = collected(simulator.url, unit(), listing=rule)
    found = {name: bucket.listing for name, bucket in buckets(part, unit()).items() if bucket.listing}
    assert set(found) == listed
    assert part.status == "complete"
    for name, listing in found.items():
        newest = held[name].last_modified
        assert listing.newest == (int(newest.timestamp()) if newest else None)
        assert listing.objects == held[name].count


def test_a_bucket_that_grew_beyond_the_limit_since_its_count_is_not_listed_further() -> None:
    grown = Bucket("grown", "us-east-1", OLD, {}, Series(YESTERDAY - 3, YESTERDAY, 900), ObjectList(5000, OLD))
    with Simulator(make_account(ACCOUNT, [grown]), today=TODAY) as simulator:
        part = collected(simulator.url, unit(), listing=AUTO)
        assert simulator.counters.total("ListObjectsV2").calls == 1
    assert buckets(part, unit())["grown"].listing is None
    assert part.problems == []


def test_directory_and_deleted_buckets_are_in_the_part_but_not_listed() -> None:
    directory = Bucket("data--use1-az4--x-s3", "us-east-1", OLD, made("x").sizes, made("x").count)
    deleted = Bucket("gone", "us-east-1", OLD, made("x").sizes, made("x").count, listed=False)
    with Simulator(make_account(ACCOUNT, [directory, deleted]), today=TODAY) as simulator:
        part = collected(simulator.url, unit(), listing=ListingRule("all"))
        assert simulator.counters.total("ListObjectsV2").calls == 0
    for bucket in buckets(part, unit()).values():
        assert (bucket.listed, bucket.created, bucket.listing) == (False, None, None)
        assert bucket.sizes
    assert part.status == "complete"


def test_a_shard_keeps_to_its_list_request_budget() -> None:
    account = make_account(ACCOUNT, [made(f"b-{n}", objects=ObjectList(5, OLD)) for n in range(10)])
    with Simulator(account, today=TODAY) as simulator:
        part = collected(simulator.url, unit(), listing=msgspec.structs.replace(AUTO, max_requests=4))
        assert simulator.counters.total("ListObjectsV2").calls == 4
    assert sum(bucket.listing is not None for bucket in buckets(part, unit()).values()) == 4
    assert [(problem.code, problem.place) for problem in part.problems] == [("listing-requests-exhausted", "shard s")]
    assert part.status == "complete"
