"""How many groups, buckets, problems and names are shown, and what follows where there are more."""

from __future__ import annotations

import math
from datetime import date

import msgspec
import pytest

from s3_monitor.model.change import Mover, PeriodChange
from s3_monitor.model.object_stats import AGE_EDGES, LENS_EDGES, RECENT_DAYS, SIZE_EDGES
from s3_monitor.model.policy_result import PolicyResult
from s3_monitor.model.summary import Group
from s3_monitor.report.bucket_rows import BucketRowCache
from s3_monitor.report.groups import GROUP_PAGES, group_pages, group_rows
from s3_monitor.report.policy_text import count_policies, violated_names
from s3_monitor.report.problem_groups import group_problems, split_message
from s3_monitor.report.status import status_of
from s3_monitor.report.totals import Missing, Totals, totals_of_records
from s3_monitor.report.trend_view import Period
from tests.policies.fixtures import ACCOUNT, REGION, bucket
from tests.problems import gap, note
from tests.report import builder


def group(cost: float | None, size: float | None = 1.0) -> Group:
    return Group(1, size, 1.0, cost)


def test_the_first_200_groups_have_a_page_each() -> None:
    groups = {f"r{number:03}": group(1000.0 - number) for number in range(205)}
    rows = group_rows("region", groups, 2000.0)
    assert [row.page is not None for row in rows] == [True] * 200 + [False] * 5
    assert GROUP_PAGES == 200
    assert [row.page is not None for row in group_rows("region", groups, None, 2)] == [True] * 2 + [False] * 203


def test_groups_are_sorted_by_cost_size_and_name_with_shares_and_bars() -> None:
    groups = {
        "c": group(1.0),
        "b": group(1.0),
        "a": group(None, 9.0),
        "e": group(4.0),
        "d": group(1.0, 5.0),
        "f": group(0),
    }
    rows = group_rows("region", groups, 8.0)
    assert [(row.key, row.share, row.bar) for row in rows] == [
        ("e", 0.5, 100.0), ("d", 0.125, 25.0), ("b", 0.125, 25.0), ("c", 0.125, 25.0), ("a", None, 0), ("f", 0.0, 0.0),
    ]  # fmt: skip
    assert [(row.share, row.bar) for row in group_rows("region", {"a": group(0.0)}, 0.0)] == [(None, 0)]
    assert group_rows("region", {}, 1.0) == []


def test_the_page_of_a_group_has_its_100_most_expensive_buckets_and_lines() -> None:
    buckets = [bucket(f"b{number:03}", 500.0 - number, 10.0 + number) for number in range(105)]
    buckets += [bucket("elsewhere", 600.0, region="us-east-1")]
    buckets.sort(key=lambda one: -(one.total_cost or 0))
    records = [builder._totals_record(one) for one in buckets]
    by_place = totals_of_records(records)
    rates = {place: {"StandardStorage": 10**76} for place in by_place}
    totals = Totals(by_place, rates, {}, Missing())
    summary = builder.summary(buckets)
    rows = BucketRowCache(buckets, summary, None, 3)
    groups = {
        "region": group_rows("region", totals.by_region(), 9.0, pages=1),
        "storage-type": group_rows("storage-type", totals.by_storage_type(), 9.0),
    }
    problems = [
        gap(f"{ACCOUNT}/{REGION}", "denied"),
        gap(f"{ACCOUNT}/us-east-1", "gone"),
        note("", "odd"),
    ]
    pages = {(page.row.dimension, page.row.key): page for page in group_pages(groups, totals, buckets, rows, problems)}  # type: ignore[arg-type]
    assert list(pages) == [("region", REGION), ("storage-type", "StandardStorage")]
    region, type_ = pages.values()
    assert [row.bucket.name for row in region.rows] == [f"b{number:03}" for number in range(100)]
    assert region.lines == [] and list(region.parts) == ["storage-type"]
    assert [group.first.message for group in region.gaps] == ["denied"] and region.hides_totals
    assert type_.rows == [] and type_.gaps == [] and not type_.hides_totals
    assert [line.row.bucket.name for line in type_.lines] == ["elsewhere", *[f"b{number:03}" for number in range(99)]]
    assert type_.lines[0].bar == 100.0
    assert [row.page is not None for row in (rows[one] for one in buckets)][:5] == [True] * 3 + [False] * 2


def test_of_a_kind_of_problem_4_places_are_shown() -> None:
    problems = [gap(f"1/r/b{number}", "denied", "ask") for number in range(6)]
    problems += [gap("1/r/x", "denied", "wait"), note("1/r/b0", "denied", "ask"), gap("2", "denied", "other")]
    groups = group_problems(problems)
    assert [(one.first.severity, one.first.advice, one.count, len(one.places), one.varies) for one in groups] == [
        ("gap", "other", 1, 1, False),
        ("gap", "ask", 6, 4, False),
        ("note", "ask", 1, 1, False),
        ("gap", "wait", 1, 1, False),
    ]
    one, other = gap("1/r/a", "denied"), msgspec.structs.replace(gap("1/r/b", "denied"), message="no")
    assert [found.varies for found in group_problems([one, other])] == [True]
    assert split_message(one) == ("denied", "")


@pytest.mark.parametrize(
    ("statuses", "text", "names"),
    [
        ([], "", []),
        (["pass"], "1 passed", []),
        (["fail", "pass", "unknown", "warn", "fail"], "2 violated, 1 with warnings, 1 unknown, 1 passed", ["p0", "p4"]),
        (["fail"] * 3, "3 violated", ["p0", "p1", "p2"]),
        (["fail"] * 4, "4 violated", ["p0", "p1", "p2", "…"]),
    ],
)
def test_policies_are_counted_and_3_violated_ones_are_named(statuses: list[str], text: str, names: list[str]) -> None:
    results = [
        PolicyResult(f"p{index}", "rule", "x", "fail", status, "", 0, 0, 0, 0, [])  # type: ignore[arg-type]
        for index, status in enumerate(statuses)
    ]
    assert (count_policies(results), violated_names(results)) == (text, names)


def test_15_increases_and_15_decreases_of_a_period_are_shown() -> None:
    def mover(name: str, size: float, cost: float | None) -> Mover:
        return Mover(name, "1", "r", "grew", size, cost, 0.0, None)

    movers = [mover(f"up{number}", -1.0, 50.0 - number) for number in range(17)]
    movers += [mover(f"down{number}", 1.0, -20.0) for number in range(17)]
    movers += [mover("same", 5.0, 0.0), mover("unpriced", 5.0, None), mover("less", -5.0, None)]
    change = PeriodChange(date(2026, 1, 1), date(2026, 1, 8), 1.0, 3.0, 1.0, 12.0, {})
    period = Period(7, change, movers)
    assert [one.name for one in period.increases] == [f"up{number}" for number in range(15)]
    assert [one.name for one in period.decreases] == [f"down{number}" for number in range(15)]
    assert [one.name for one in Period(7, change, movers[-3:]).increases] == ["unpriced"]
    assert [one.name for one in Period(7, change, movers[-3:]).decreases] == ["less"]
    assert period.share == 0.25
    for fields in ({"cost": None}, {"cost_before": None}, {"cost_before": 0.0}):
        assert Period(7, msgspec.structs.replace(change, **fields), []).share is None


@pytest.mark.parametrize(
    ("places", "text"),
    [
        (["1/a"], "Cost incomplete: a"),
        (["1/b", "1/a"], "Cost incomplete: a, b"),
        (["1/c", "1/b", "1/a"], "Cost incomplete: a, b and 1 more"),
        (["1/a", "2/a", "3"], "Cost incomplete: 3, a"),
        (["shard x"], "Cost incomplete: x"),
        ([""], "Cost incomplete"),
    ],
)
def test_the_status_names_2_places_with_missing_costs(places: list[str], text: str) -> None:
    summary = builder.summary([bucket()], [gap(place, "denied") for place in places])
    assert status_of(summary, []).text == text


def test_the_status_counts_the_buckets_that_gaps_concern() -> None:
    buckets = [
        bucket("a", 1.0), bucket("b", 3.0), bucket("c", None, region="x"), bucket("d", 4.0, account="2", region="x"),
    ]  # fmt: skip
    summary = builder.summary(buckets)

    def concerned(*places: str) -> tuple[int, float | None]:
        found = status_of(msgspec.structs.replace(summary, problems=[gap(place, "x") for place in places]), buckets)
        return found.buckets, None if found.share is None else found.share * (summary.totals.cost or math.nan)

    assert concerned(f"{ACCOUNT}/{REGION}/a") == (1, 1.0)
    assert concerned(f"{ACCOUNT}/{REGION}") == (2, 4.0)
    assert concerned(ACCOUNT) == (3, 4.0)
    assert concerned("2/x", f"{ACCOUNT}/{REGION}/b") == (2, 7.0)
    assert concerned("9") == (0, 0.0)


def test_the_bins_of_sizes_and_ages_are_those_of_the_documentation() -> None:
    kib, mib, gib = 2**10, 2**20, 2**30
    assert (1, 128 * kib, mib, 16 * mib, 128 * mib, gib, 16 * gib) == SIZE_EDGES
    assert AGE_EDGES == (1, 7, 30, 90, 180, 365, 730)
    assert LENS_EDGES[:3] == (1, 128 * kib, 256 * kib) and (len(LENS_EDGES), LENS_EDGES[-1]) == (17, 4 * gib)
    assert RECENT_DAYS == 4
