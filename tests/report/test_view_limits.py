"""What the view selects: owners, shares, charts and lines of buckets, and the limits of long lists."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest

from s3_monitor.model.bucket import Bucket, StorageLine
from s3_monitor.model.problem import Problem
from s3_monitor.model.summary import Group
from s3_monitor.report import view
from s3_monitor.report.groups import Labels
from s3_monitor.report.view import BUCKET_CHARTS, View
from tests.problems import gap, note
from tests.report import builder
from tests.report.builder import bucket, summary, unknown


def show(found: Sequence[Bucket], *problems: Problem) -> View:
    return builder.show(found, summary([*found], problems))


@pytest.mark.parametrize(
    ("dimensions", "owner"),
    [
        ([], None),
        (["encryption"], None),
        (["tag:app", "encryption"], "tag:app"),
        (["tag:app", "tag:Team", "tag:owner", "encryption"], "tag:Team"),
        (["tag:app", "tag:CostOwner"], "tag:CostOwner"),
    ],
)
def test_the_tag_of_owners_is_named_like_them_else_the_first_tag(dimensions: list[str], owner: str | None) -> None:
    labels = [Labels(dimension, "x", [], []) for dimension in dimensions]
    found = msgspec.structs.replace(show([bucket()]), labels=labels).owners
    assert (None if found is None else found.dimension) == owner


def test_the_ten_most_expensive_buckets_have_a_share_if_all_their_costs_are_known() -> None:
    found = [bucket(f"b{number:02}", total_cost=1.0) for number in range(20)]
    said = summary(found, totals=Group(20, 1.0, 1.0, 40.0))
    assert builder.show(found, said).top_ten_share == pytest.approx(0.25)
    assert builder.show(found[:5], said).top_ten_share == pytest.approx(0.125)
    assert builder.show([*found[:5], unknown("u", "young")], said).top_ten_share is None


def test_notes_and_gaps_are_grouped_apart() -> None:
    places = [f"111122223333/us-east-1/{name}" for name in "ab"]
    shown = show([bucket("a")], gap("", "denied"), *[note(place, "odd") for place in places])
    assert [(group.first.message, group.count) for group in shown.gaps] == [("denied", 1)]
    assert [(group.first.message, group.count) for group in shown.notes] == [("odd", 2)]


def test_a_bucket_whose_listing_has_a_gap_has_no_last_modified_date() -> None:
    place = "111122223333/us-east-1"
    shown = show(
        [bucket("a"), bucket("b"), bucket("c")],
        msgspec.structs.replace(gap(f"{place}/a", "denied"), affects=("last_modified",)),
        msgspec.structs.replace(note(f"{place}/b", "odd"), affects=("last_modified",)),
        msgspec.structs.replace(gap(f"{place}/c", "denied"), affects=("size",)),
    )
    assert {page.row.bucket.name: page.listing_failed for page in shown.bucket_pages} == {
        "a": True, "b": False, "c": False,
    }  # fmt: skip


def test_there_are_many_accounts_from_two_on_and_dates_if_any_is_known() -> None:
    one = show([bucket("a", last_modified=None)])
    assert (one.many_accounts, one.has_last_modified, one.has_charts) == (False, False, False)
    two = show([bucket("a", last_modified=None), bucket("b", account="444455556666")])
    assert (two.many_accounts, two.has_last_modified) == (True, True)
    assert (show([]).many_accounts, show([]).has_last_modified, show([]).top_ten_share) == (False, False, 0)


def test_the_lines_of_a_bucket_are_sorted_by_cost_size_and_name() -> None:
    storage = {
        "StandardStorage": StorageLine(5.0, 1.0), "GlacierStorage": StorageLine(9.0, 1.0),
        "StandardIAStorage": StorageLine(5.0, 1.0), "DeepArchiveStorage": StorageLine(1.0, 4.0),
        "TomorrowsStorage": StorageLine(99.0, None),
    }  # fmt: skip
    (page,) = show([bucket("a", storage=storage, total_cost=None, known_cost=7.0)]).bucket_pages
    assert [(line.storage_type, line.bar) for line in page.lines] == [
        ("DeepArchiveStorage", 100.0), ("GlacierStorage", 25.0), ("StandardIAStorage", 25.0),
        ("StandardStorage", 25.0), ("TomorrowsStorage", 0),
    ]  # fmt: skip
    (empty,) = show([unknown("a", "young")]).bucket_pages
    assert (empty.lines, empty.rank, empty.daily, empty.charts) == ([], 1, [], [])


def test_the_first_50_buckets_have_charts_and_further_ones_a_day_if_their_bytes_moved() -> None:
    assert BUCKET_CHARTS == 50
    found = [bucket(f"b{number:02}", total_cost=1000.0 - number) for number in range(53)]
    found[51] = msgspec.structs.replace(found[51], cause_30d="moved")
    found[52] = msgspec.structs.replace(found[52], cause_30d="grew")
    step = {"StandardStorage": {day: (1 + (day >= 20)) * 2**30 for day in range(30)}}
    trends = builder.history(found, holes=0, points=dict.fromkeys((one.name for one in found), step))
    shown = view.build_view(found, summary(found), builder.totals(found), trends)
    assert [page.row.bucket.name for page in shown.bucket_pages if page.charts] == [f"b{n:02}" for n in range(50)]
    assert [page.rank for page in shown.bucket_pages if page.step is not None] == [*range(1, 51), 52]
    assert {chart.name for chart in shown.bucket_pages[0].charts} == {
        f"{shown.bucket_pages[0].row.page}-{end}" for end in ("cost", "size")
    }
    assert shown.bucket_pages[0].daily == [2**30] * 20 + [2**31] * 10
    assert shown.bucket_pages[0].large.startswith("M") and shown.bucket_pages[0].row.spark.startswith("M")
    assert "growth" in shown.sorted_rows and shown.reconciliation is not None


def test_a_storage_type_that_a_bucket_no_longer_holds_is_a_line_with_its_change() -> None:
    found = [bucket("a", size_change_30d=-(2.0**30), cost_change_30d=-1.0)]
    points = {
        "GlacierStorage": dict.fromkeys(range(20), 2**30),
        "StandardStorage": dict.fromkeys(range(30), 40 * 2**30),
    }
    trends = builder.history(found, holes=0, points={"a": points})
    (page,) = view.build_view(found, summary(found), builder.totals(found), trends).bucket_pages
    assert [(line.storage_type, line.line.size, line.share) for line in page.lines] == [
        ("StandardStorage", 40.0 * 2**30, 1.0), ("GlacierStorage", 0.0, None),
    ]  # fmt: skip
    gone = page.lines[1].change
    assert gone == (-(2.0**30), -1.0)
    without = show(found).bucket_pages[0]
    assert [(line.storage_type, line.change) for line in without.lines] == [("StandardStorage", None)]


def test_the_data_age_is_unknown_without_figures() -> None:
    days = show([unknown("a", "young")]).days
    assert (days.newest, days.oldest, days.behind) == (None, None, 0)
    assert show([bucket("a"), bucket("b")]).days.behind == 0


@pytest.mark.parametrize(("notes", "limit"), [(20_000, 20_000), (20_001, 5_000)])
def test_lists_of_large_reports_are_shorter(notes: int, limit: int) -> None:
    shown = show([bucket()], *[note(f"111122223333/us-east-1/b{number}", "odd") for number in range(notes)])
    assert shown.list_limit == limit
