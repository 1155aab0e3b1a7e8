"""One invalid value from AWS invalidates only that value: it is unknown and named, and all other data is kept."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from s3_monitor.merge.merger import merge
from s3_monitor.model import part as parts
from s3_monitor.model import plan as plans
from s3_monitor.model.part import Part
from s3_monitor.model.plan import ListingRule
from s3_monitor.money.price_book import bundled_prices
from s3_monitor.report.data import buckets_and_summary
from tests.collect.canned_responses import bucket_list, metric_list, object_list, server
from tests.collect.fixtures import ACCOUNT, NOW, OFF, buckets, collected, facts, plan_of, sizes, unit
from tests.problems import codes

DAY = 86_400
NOVEMBER_21 = 1_795_219_200  # midnight UTC
ALL = unit()
CREATED = "2020-05-04T15:13:08.000Z"
CREATED_SECONDS = 1_588_605_188
ODD_NUMBERS = [
    "NaN", "-1", "-0.5", "1e308", "-1e308", "1e999", f"{2**62 + 2**11}", f"{2**63}", "9" * 400, '"NaN"', '"Infinity"',
    "null", '"many"', "[]", "{}",
]  # fmt: skip
ODD_TIMES = ["NaN", "1e308", "-1e999", "null", '"yesterday"', '"0001-01-01T00:00:00Z"', '"9999-12-31T00:00:00Z"', "{}"]
ODD_DATES = [
    "1969-12-31T23:59:59Z", "1600-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.000Z",
    "2100-01-01T00:00:00Z", "yesterday", "", "-1", "1e308", "NaN", "2020-13-40T00:00:00Z", "9" * 5000,
]  # fmt: skip


def result(query: dict[str, Any], points: list[tuple[str, str]]) -> str:
    """Return a result of GetMetricData from (time, value) pairs in JSON notation."""
    times, values = (",".join(column) for column in (zip(*points, strict=True) if points else ((), ())))
    return f'{{"Id":"{query["Id"]}","Timestamps":[{times}],"Values":[{values}],"StatusCode":"Complete"}}'


def good(*days: int) -> list[tuple[str, str]]:
    """Return points of 5.0, by days before 21 November."""
    return [(str(NOVEMBER_21 - DAY * ago), "5.0") for ago in days]


def part_of(series: dict[tuple[str, str], list[tuple[str, str]]], dates: dict[str, str] | None = None) -> Part:
    """Collect buckets with these points, by bucket and storage type, and these creation dates."""
    names = sorted({bucket for bucket, _ in series} | set(dates or {}))

    def script(operation: str, question: dict[str, Any]) -> tuple[int, Any]:
        if operation == "ListBuckets":
            listed = bucket_list(*[(name, "us-east-1") for name in names])
            for name, date in (dates or {}).items():
                listed = listed.replace(
                    f"<Name>{name}</Name><CreationDate>{CREATED}", f"<Name>{name}</Name><CreationDate>{date}"
                )
            return 200, listed
        if operation == "ListMetrics":
            metric = question["MetricName"]
            counts = metric == "NumberOfObjects"
            return 200, metric_list(metric, *[key for key in series if (key[1] == "AllStorageTypes") == counts])
        results = []
        for query in question["MetricDataQueries"]:
            named = {one["Name"]: one["Value"] for one in query["MetricStat"]["Metric"]["Dimensions"]}
            results.append(result(query, series[named["BucketName"], named["StorageType"]]))
        return 200, f'{{"MetricDataResults":[{",".join(results)}]}}'

    with server(script) as url:
        return collected(url, ALL)


def points_of(part: Part, bucket: str, type_: str) -> dict[int, float] | None:
    """Return {day of November: bytes}."""
    found = sizes(part, buckets(part, ALL)[bucket]).get(type_)
    return None if found is None else {day.day: value for day, value in found.items()}


def reported(part: Part) -> dict[str, Any]:
    """Return the records of buckets.json of this part alone, by name."""
    plan = plan_of([ALL])
    digest = plans.digest(plans.encode(plan))
    read = parts.decode(parts.encode(part), "s.json")
    merged = merge(plan, digest, [msgspec.structs.replace(read, plan=digest)])
    found, _ = buckets_and_summary(merged, bundled_prices(), NOW)
    return {bucket.name: bucket for bucket in found}


@pytest.mark.parametrize("value", ODD_NUMBERS)
def test_an_invalid_value_of_an_earlier_day_is_a_missing_day_with_a_note(value: str) -> None:
    points = [*good(0), (str(NOVEMBER_21 - DAY), value), *good(2)]
    part = part_of({("b", "StandardStorage"): points, ("b", "GlacierStorage"): good(0)})
    assert points_of(part, "b", "StandardStorage") == {21: 5, 19: 5}
    assert points_of(part, "b", "GlacierStorage") == {21: 5}
    assert codes(part.problems) == [("datapoint-invalid", f"{ACCOUNT}/us-east-1/b/StandardStorage")]
    assert reported(part)["b"].total_size == 10


@pytest.mark.parametrize("value", ODD_NUMBERS)
def test_an_invalid_newest_value_makes_the_total_unknown_and_keeps_the_history(value: str) -> None:
    points = [(str(NOVEMBER_21), value), *good(1, 2)]
    part = part_of(
        {("b", "StandardStorage"): points, ("b", "GlacierStorage"): good(0), ("c", "StandardStorage"): good(0)}
    )
    assert points_of(part, "b", "StandardStorage") == {20: 5, 19: 5}
    assert facts(part, ALL).unanswered == [("b", "StandardStorage")]
    assert [one.severity for one in part.problems] == ["gap"]
    found = reported(part)
    assert found["b"].total_size is None
    assert found["c"].total_size == 5


@pytest.mark.parametrize("value", ODD_NUMBERS)
def test_a_type_without_a_valid_value_is_unknown_and_so_is_the_total(value: str) -> None:
    points = [(str(NOVEMBER_21), value), (str(NOVEMBER_21 - DAY), value)]
    part = part_of(
        {("b", "StandardStorage"): points, ("b", "GlacierStorage"): good(0), ("b", "AllStorageTypes"): points}
    )
    assert points_of(part, "b", "StandardStorage") is None
    assert buckets(part, ALL)["b"].count is None
    assert facts(part, ALL).unanswered == [("b", ""), ("b", "StandardStorage")]
    assert [one.severity for one in part.problems] == ["gap", "gap"]
    bucket = reported(part)["b"]
    assert (bucket.total_size, bucket.total_cost, bucket.num_objects) == (None, None, None)
    assert bucket.storage["GlacierStorage"].size == 5


@pytest.mark.parametrize("time", ODD_TIMES)
def test_a_value_with_an_invalid_time_may_be_the_newest(time: str) -> None:
    part = part_of({("b", "StandardStorage"): [(time, "7.0"), *good(1)], ("c", "StandardStorage"): good(0)})
    assert points_of(part, "b", "StandardStorage") == {20: 5}
    assert facts(part, ALL).unanswered == [("b", "StandardStorage")]
    assert reported(part)["c"].total_size == 5


@pytest.mark.parametrize("date", ODD_DATES)
def test_an_invalid_creation_date_is_unknown_and_everything_else_is_kept(date: str) -> None:
    part = part_of({("b", "StandardStorage"): good(0), ("c", "StandardStorage"): good(0)}, {"b": date, "c": CREATED})
    found = buckets(part, ALL)
    assert (found["b"].created, found["c"].created) == (None, CREATED_SECONDS)
    assert facts(part, ALL).listed
    (problem,) = part.problems
    assert (problem.code, problem.place) == ("creation-date-invalid", f"{ACCOUNT}/us-east-1/b")
    bucket = reported(part)["b"]
    assert (bucket.creation_date, bucket.total_size) == (None, 5)


@pytest.mark.parametrize("date", ODD_DATES)
@pytest.mark.parametrize("other", [(), ("2020-01-01T00:00:00.000Z",)])
def test_an_invalid_last_modified_date_is_unknown(date: str, other: tuple[str, ...]) -> None:
    def script(operation: str, question: dict[str, Any]) -> tuple[int, Any]:
        if operation == "ListBuckets":
            return 200, bucket_list(("b", "us-east-1"), ("c", "us-east-1"))
        if operation == "ListMetrics":
            return 200, metric_list(question["MetricName"])
        return 200, object_list(date, *other) if question["bucket"] == "b" else object_list("2021-01-01T00:00:00.000Z")

    with server(script) as url:
        part = collected(url, ALL, listing=ListingRule("all"))
    found = buckets(part, ALL)
    assert found["b"].listing is None
    assert found["c"].listing is not None and found["c"].listing.newest == 1_609_459_200
    assert codes(part.problems) == [("last-modified-unreadable", f"{ACCOUNT}/us-east-1/b")]


def test_different_numbers_of_times_and_values_invalidate_one_series() -> None:
    def script(operation: str, question: dict[str, Any]) -> tuple[int, Any]:
        if operation == "ListBuckets":
            return 200, bucket_list(("b", "us-east-1"))
        if operation == "ListMetrics":
            types = ("StandardStorage", "GlacierStorage") if question["MetricName"] == "BucketSizeBytes" else ()
            return 200, metric_list(question["MetricName"], *[("b", type_) for type_ in types])
        results = [
            {"Id": query["Id"], "Timestamps": [NOVEMBER_21], "Values": [5.0]} for query in question["MetricDataQueries"]
        ]
        if len(results) > 1:
            results[0]["Values"] = [5.0, 6.0]
        else:
            results[0]["Timestamps"] = []
        return 200, {"MetricDataResults": results}

    with server(script) as url:
        part = collected(url, ALL, listing=OFF)
    assert len(facts(part, ALL).unanswered) == 1
    assert "timestamps and" in part.problems[0].message


json_numbers = (
    st.floats(allow_nan=False, allow_infinity=False).map(repr)
    | st.integers(-(2**70), 2**70).map(str)
    | st.integers(0, 2**53).map(lambda whole: f"{whole}.0")
    | st.sampled_from(ODD_NUMBERS)
)
json_times = st.integers(-2, 6).map(lambda ago: str(NOVEMBER_21 - DAY * ago)) | st.sampled_from(ODD_TIMES)
some_points = st.lists(st.tuples(json_times, json_numbers), max_size=6)


@given(st.lists(some_points, min_size=1, max_size=40), st.lists(st.sampled_from(ODD_DATES), max_size=5))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_part_can_be_read_and_reported_with_any_response_of_cloudwatch(
    series: list[list[tuple[str, str]]], dates: list[str]
) -> None:
    types = ("StandardStorage", "GlacierStorage", "AllStorageTypes")
    asked = {(f"b{place // 3:02}", types[place % 3]): points for place, points in enumerate(series)}
    part = part_of({**asked, ("good", "StandardStorage"): good(0)}, {f"b{n:02}": date for n, date in enumerate(dates)})
    found = reported(part)
    assert found["good"].total_size == 5
    for bucket in found.values():
        for amount in (bucket.total_size, bucket.num_objects):
            assert amount is None or 0 <= amount < math.inf
